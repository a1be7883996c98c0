//! What a write should do.

use super::answer::chosen;
use super::catalog::{OnDelete, TABLES, TableId};
use super::datum::Datum;
use super::eval::{Result, Scope};
use super::tree::{Deleted, Expr};
use super::world::{Row, World};
use super::write::{Change, Deletion, Pairs, Write};

/// Why a write is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Violation {
    Unique,
    ForeignKey,
    NotNull,
    /// A value that the column cannot hold.
    Range,
    NotFound,
    /// A version that the row does not have.
    Stale,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    Unit,
    /// How many rows, and whether that is certain.
    Count(u64, bool),
    Rows(Vec<Row>),
    /// The row as it is stored.
    Stored(Row),
    Found(Vec<Option<Row>>),
    /// The row of an upsert; `None` when it was ignored.
    Row(Option<Row>),
    /// The row, and whether it is new.
    Created(Row, bool),
}

#[derive(Debug, Clone)]
pub struct Prediction {
    /// The rows afterwards, unless the write is refused; new rows have keys of their own.
    pub after: World,
    pub outcome: Outcome,
    /// For one of these reasons the write is refused, if there is one.
    pub violations: Vec<Violation>,
    /// Whether it might be refused too when it need not be, as a statement checks row by row.
    pub may_fail: bool,
}

impl Prediction {
    fn of(after: World, outcome: Outcome) -> Self {
        let violations = broken(&after);
        Self { after, outcome, violations, may_fail: false }
    }
}

pub fn predict(world: &World, write: &Write) -> Result<Prediction> {
    let mut after = world.clone();
    Ok(match write {
        Write::Insert { table, rows, with_key } => {
            let (mut inserted, mut violations) = (Vec::new(), Vec::new());
            for row in rows {
                let mut row = row.clone();
                if !with_key && is_automatic(*table) {
                    row[0] = fresh_key(&after, *table);
                }
                if let (false, Some(soft)) = (with_key, table.table().soft) {
                    row[soft] = Datum::Null;
                }
                if let (false, Some(version)) = (with_key, table.table().version) {
                    row[version] = Datum::Int(1);
                }
                after.rows_mut(*table).push(row.clone());
                inserted.push(row);
                // Each row is a statement.
                violations.extend(broken(&after));
            }
            Prediction { after, outcome: Outcome::Rows(inserted), violations, may_fail: false }
        }
        Write::Save { table, rows } => {
            let mut violations = Vec::new();
            for row in rows {
                let is_live = |known: &Row| !table.table().is_deleted(known);
                match after.rows_mut(*table).iter_mut().find(|known| known[0] == row[0] && is_live(known)) {
                    Some(known) => {
                        let key = known[0].clone();
                        if table.table().version.is_some_and(|version| known[version] != row[version]) {
                            violations.push(Violation::Stale);
                        }
                        known.clone_from(row);
                        known[0] = key;
                        raise(*table, known);
                    }
                    None => violations.push(Violation::NotFound),
                }
                violations.extend(broken(&after));
            }
            Prediction { after, outcome: Outcome::Unit, violations, may_fail: false }
        }
        Write::Remove { table, key } => match world.find(*table, key) {
            Some(row) if table.table().soft.is_some() => {
                if table.table().is_deleted(row) {
                    let violations = vec![Violation::NotFound];
                    return Ok(Prediction { after, outcome: Outcome::Unit, violations, may_fail: false });
                }
                mark(&mut after, *table, &[row[0].clone()], &now());
                Prediction::of(after, Outcome::Unit)
            }
            Some(row) => delete(world, *table, &[row[0].clone()], Outcome::Unit),
            None => {
                Prediction { after, outcome: Outcome::Unit, violations: vec![Violation::NotFound], may_fail: false }
            }
        },
        Write::Undelete { table, key, how } => match (world.find(*table, key), how) {
            (None, _) => {
                Prediction { after, outcome: Outcome::Unit, violations: vec![Violation::NotFound], may_fail: false }
            }
            (Some(row), Deletion::TakenBack) => {
                let key = row[0].clone();
                mark(&mut after, *table, std::slice::from_ref(&key), &Datum::Null);
                let row = after.find(*table, &key).cloned().unwrap();
                Prediction::of(after, Outcome::Stored(row))
            }
            (Some(row), _) => delete(world, *table, &[row[0].clone()], Outcome::Unit),
        },
        Write::RemoveAll { table, keys } => {
            let (mut violations, mut gone) = (Vec::new(), Vec::new());
            for key in keys.iter() {
                if gone.contains(key) {
                    continue;
                }
                gone.push(key.clone());
                let one = predict(&after, &Write::Remove { table: *table, key: key.clone() })?;
                violations.extend(one.violations);
                after = one.after;
            }
            Prediction { after, outcome: Outcome::Unit, violations, may_fail: false }
        }
        Write::GetAll { table, keys } => {
            let live = |key| world.find(*table, key).filter(|row| !table.table().is_deleted(row)).cloned();
            let outcome = Outcome::Found(keys.iter().map(live).collect());
            Prediction { after, outcome, violations: Vec::new(), may_fail: false }
        }
        Write::Patch { table, key, patch, version } => {
            let stored = world.find(*table, key).filter(|row| !table.table().is_deleted(row));
            let Some(mut row) = stored.cloned() else {
                let violations = vec![Violation::NotFound];
                return Ok(Prediction { after, outcome: Outcome::Unit, violations, may_fail: false });
            };
            let is_stale =
                version.zip(table.table().version).is_some_and(|(expected, at)| row[at] != Datum::Int(expected));
            if is_stale {
                let violations = vec![Violation::Stale];
                return Ok(Prediction { after, outcome: Outcome::Unit, violations, may_fail: false });
            }
            for (column, value) in patch {
                row[*column] = value.clone();
            }
            if !patch.is_empty() {
                raise(*table, &mut row);
            }
            replace(&mut after, *table, row.clone());
            Prediction::of(after, Outcome::Stored(row))
        }
        Write::UpsertAll { table, rows, unique, changes } => {
            let (mut number, mut violations, mut may_fail) = (0, Vec::new(), false);
            for row in rows {
                let one = upsert(&after, *table, row, *unique, changes.as_ref())?;
                violations.extend(one.violations);
                may_fail |= one.may_fail;
                number += u64::from(one.outcome != Outcome::Row(None));
                after = one.after;
            }
            Prediction { after, outcome: Outcome::Count(number, true), violations, may_fail }
        }
        Write::Delete { chain, how } if chain.root.table().soft.is_some() && *how != Deletion::ForGood => {
            let restores = *how == Deletion::TakenBack;
            let mut chain = chain.clone();
            if restores {
                chain.deleted = Deleted::Only;
            }
            let keys: Vec<Datum> = chosen(world, &chain)?.into_iter().map(|row| row[0].clone()).collect();
            mark(&mut after, chain.root, &keys, &if restores { Datum::Null } else { now() });
            Prediction::of(after, Outcome::Count(keys.len() as u64, true))
        }
        Write::Delete { chain, .. } => {
            let keys: Vec<Datum> = chosen(world, chain)?.into_iter().map(|row| row[0].clone()).collect();
            // A row that goes with another before its turn is not counted.
            let certain = chain.root != TableId::Tag || keys.len() < 2;
            delete(world, chain.root, &keys, Outcome::Count(keys.len() as u64, certain))
        }
        Write::Update { chain, sets } => {
            let rows = chosen(world, chain)?;
            let mut changed = Vec::new();
            for row in &rows {
                let mut row = set(world, chain.root, row, sets)?;
                raise(chain.root, &mut row);
                changed.push(row);
            }
            let number = changed.len();
            for row in changed {
                replace(&mut after, chain.root, row);
            }
            let mut prediction = Prediction::of(after, Outcome::Count(number as u64, true));
            let unique = |column: usize| chain.root.table().unique.iter().any(|unique| unique.contains(&column));
            prediction.may_fail = number > 1 && sets.iter().any(|(column, _)| unique(*column));
            prediction
        }
        Write::Upsert { table, row, unique, changes, tells } => {
            let mut prediction = upsert(world, *table, row, *unique, changes.as_ref())?;
            if let (true, Outcome::Row(Some(row))) = (tells, &prediction.outcome) {
                let new = prediction.after.rows(*table).len() > world.rows(*table).len();
                prediction.outcome = Outcome::Created(row.clone(), new);
            }
            prediction
        }
        Write::GetOrCreate { table, row, unique } => {
            let columns = &table.table().unique[*unique];
            let new = with_new_key(world, *table, row);
            match world.same_row(*table, &new, columns) {
                Some(old) if table.table().is_deleted(old) => taken(after),
                Some(old) => {
                    let outcome = Outcome::Created(old.clone(), false);
                    Prediction { after, outcome, violations: Vec::new(), may_fail: false }
                }
                None => {
                    after.rows_mut(*table).push(new.clone());
                    Prediction::of(after, Outcome::Created(new, true))
                }
            }
        }
        Write::Pairs { pairs, key, change, others } => {
            if matches!(change, Change::Remove | Change::Set | Change::Clear) {
                let goes = |other: &Datum| match change {
                    Change::Clear => true,
                    Change::Remove => others.contains(other),
                    Change::Set => !others.contains(other),
                    Change::Add => false,
                };
                remove_pairs(&mut after, *pairs, key, goes);
            }
            if matches!(change, Change::Add | Change::Set) {
                others.iter().for_each(|other| add_pair(&mut after, *pairs, key, other));
            }
            Prediction::of(after, Outcome::Unit)
        }
    })
}

/// What the upsert of a row does.
fn upsert(
    world: &World,
    table: TableId,
    row: &Row,
    unique: usize,
    changes: Option<&super::write::Changes>,
) -> Result<Prediction> {
    let mut after = world.clone();
    Ok({
        let columns = &table.table().unique[unique];
        let new = with_new_key(world, table, row);
        match (world.same_row(table, &new, columns), changes) {
            (Some(old), _) if table.table().is_deleted(old) => taken(after),
            (None, _) => {
                after.rows_mut(table).push(new.clone());
                Prediction::of(after, Outcome::Row(Some(new)))
            }
            (Some(_), None) => {
                // Another constraint may be violated first.
                let may_fail = violates_others(world, table, &new, unique);
                Prediction { after, outcome: Outcome::Row(None), violations: Vec::new(), may_fail }
            }
            (Some(old), Some(changes)) => {
                let mut changed = set(world, table, old, &changes.sets)?;
                for &column in &changes.new {
                    changed[column] = new[column].clone();
                }
                if changes.is_empty() {
                    changed.clone_from(old);
                } else {
                    raise(table, &mut changed);
                }
                replace(&mut after, table, changed.clone());
                let mut prediction = Prediction::of(after, Outcome::Row(Some(changed)));
                prediction.may_fail = violates_others(world, table, &new, unique);
                prediction
            }
        }
    })
}

/// The next version of a row that was written.
fn raise(table: TableId, row: &mut Row) {
    if let Some(version) = table.table().version {
        row[version] = Datum::Int(super::store::number(&row[version]) + 1);
    }
}

/// A unique value that a deleted row has.
fn taken(after: World) -> Prediction {
    Prediction { after, outcome: Outcome::Unit, violations: vec![Violation::Unique], may_fail: true }
}

/// The time of a deletion.
fn now() -> Datum {
    Datum::Instant(i128::from(super::store::NOW) * super::datum::SECOND)
}

/// Sets the time of the deletion of rows.
fn mark(world: &mut World, table: TableId, keys: &[Datum], time: &Datum) {
    let soft = table.table().soft.expect("a table whose rows are deleted softly");
    // What was deleted before keeps its time.
    let changes = |row: &&mut Row| keys.contains(&row[0]) && (time.is_null() || row[soft].is_null());
    for row in world.rows_mut(table).iter_mut().filter(changes) {
        row[soft] = time.clone();
    }
}

pub const fn is_automatic(table: TableId) -> bool {
    !matches!(table, TableId::Country | TableId::Rate)
}

/// A key that no row has or had; the database chooses another one.
fn fresh_key(world: &World, table: TableId) -> Datum {
    let keys = world.rows(table).iter().map(|row| super::store::number(&row[0]));
    Datum::Int(keys.max().unwrap_or(0).max(1_000) + 1)
}

fn with_new_key(world: &World, table: TableId, row: &Row) -> Row {
    let mut row = row.clone();
    if is_automatic(table) {
        row[0] = fresh_key(world, table);
    }
    if let Some(soft) = table.table().soft {
        row[soft] = Datum::Null;
    }
    if let Some(version) = table.table().version {
        row[version] = Datum::Int(1);
    }
    row
}

fn violates_others(world: &World, table: TableId, row: &Row, unique: usize) -> bool {
    let mut with = world.clone();
    // NOT NULL and CHECK come before what is unique.
    let others = table.table().unique.iter().enumerate().filter(|(i, _)| *i != unique);
    let mut others = others.map(|(_, columns)| columns);
    with.rows_mut(table).clear();
    with.rows_mut(table).push(row.clone());
    others.any(|columns| world.same_row(table, row, columns).is_some())
        || broken(&with).iter().any(|violation| matches!(violation, Violation::NotNull | Violation::Range))
}

fn replace(world: &mut World, table: TableId, row: Row) {
    if let Some(known) = world.rows_mut(table).iter_mut().find(|known| known[0] == row[0]) {
        *known = row;
    }
}

/// A row with columns set to values that are computed from what was there before.
fn set(world: &World, table: TableId, row: &Row, sets: &[(usize, Expr)]) -> Result<Row> {
    let scope = Scope { world, table, rows: &[row], windows: &[], around: None };
    let mut changed = row.clone();
    for (column, value) in sets {
        changed[*column] = scope.value(value)?;
    }
    Ok(changed)
}

/// The constraints that rows violate.
pub fn broken(world: &World) -> Vec<Violation> {
    let mut violations = Vec::new();
    for table in TABLES {
        let description = table.table();
        let rows = world.rows(table);
        for row in rows {
            for (column, value) in description.columns.iter().zip(row) {
                if value.is_null() && !column.nullable {
                    violations.push(Violation::NotNull);
                }
                if !column.of.holds(value) {
                    violations.push(Violation::Range);
                }
            }
            for one in &description.ones {
                let key = &row[one.column];
                if !key.is_null() && world.find(one.target, key).is_none() {
                    violations.push(Violation::ForeignKey);
                }
            }
        }
        for unique in description.unique.iter().chain(std::iter::once(&vec![0])) {
            let live = description.live && unique != &[0];
            let counts = |row: &Row| !live || !description.is_deleted(row);
            let same = |a: &Row, b: &Row| {
                counts(a)
                    && counts(b)
                    && unique.iter().all(|&c| a[c].compare(&b[c]).is_some_and(std::cmp::Ordering::is_eq))
            };
            if rows.iter().enumerate().any(|(i, a)| rows[i + 1..].iter().any(|b| same(a, b))) {
                violations.push(Violation::Unique);
            }
        }
    }
    let missing = |table: TableId, key: &Datum| world.find(table, key).is_none();
    if world.tags.iter().any(|(book, tag)| missing(TableId::Book, book) || missing(TableId::Tag, tag))
        || world.friends.iter().any(|(a, b)| missing(TableId::Person, a) || missing(TableId::Person, b))
    {
        violations.push(Violation::ForeignKey);
    }
    violations
}

/// Deletes rows with what their foreign keys say.
fn delete(world: &World, table: TableId, keys: &[Datum], outcome: Outcome) -> Prediction {
    let mut after = world.clone();
    let mut going: Vec<(TableId, Datum)> = keys.iter().map(|key| (table, key.clone())).collect();
    let mut violations = Vec::new();
    let mut done = 0;
    while let Some((gone, key)) = going.get(done).cloned() {
        done += 1;
        for other in TABLES {
            for one in other.table().ones.iter().filter(|one| one.target == gone) {
                for row in after.rows_mut(other).iter_mut().filter(|row| row[one.column] == key) {
                    match one.on_delete {
                        OnDelete::Cascade => {
                            let next = (other, row[0].clone());
                            if !going.contains(&next) {
                                going.push(next);
                            }
                        }
                        OnDelete::SetNull => row[one.column] = Datum::Null,
                        OnDelete::Restrict => violations.push(Violation::ForeignKey),
                        // Seen at the end.
                        OnDelete::NoAction => {}
                    }
                }
            }
        }
    }
    for (table, key) in &going {
        after.rows_mut(*table).retain(|row| row[0] != *key);
        match table {
            TableId::Book => after.tags.retain(|(book, _)| book != key),
            TableId::Tag => after.tags.retain(|(_, tag)| tag != key),
            TableId::Person => after.friends.retain(|(a, b)| a != key && b != key),
            TableId::Country | TableId::Rate | TableId::Review => {}
        }
    }
    violations.extend(broken(&after));
    Prediction { after, outcome, violations, may_fail: false }
}

fn remove_pairs(world: &mut World, pairs: Pairs, key: &Datum, goes: impl Fn(&Datum) -> bool) {
    match pairs {
        Pairs::TagsOfBook => world.tags.retain(|(book, tag)| !(book == key && goes(tag))),
        Pairs::BooksOfTag => world.tags.retain(|(book, tag)| !(tag == key && goes(book))),
        Pairs::Friends => world.friends.retain(|(a, b)| !((a == key && goes(b)) || (b == key && goes(a)))),
        Pairs::ReviewersOfBook => {
            world.rows_mut(TableId::Review).retain(|review| !(review[1] == *key && goes(&review[2])));
        }
        Pairs::ReviewedByPerson => {
            world.rows_mut(TableId::Review).retain(|review| !(review[2] == *key && goes(&review[1])));
        }
    }
}

fn add_pair(world: &mut World, pairs: Pairs, key: &Datum, other: &Datum) {
    let pair = |a: &Datum, b: &Datum| (a.clone(), b.clone());
    match pairs {
        Pairs::TagsOfBook | Pairs::BooksOfTag => {
            let pair = if pairs == Pairs::TagsOfBook { pair(key, other) } else { pair(other, key) };
            if !world.tags.contains(&pair) {
                world.tags.push(pair);
            }
        }
        Pairs::Friends => {
            let pair = if key.sort(other).is_le() { pair(key, other) } else { pair(other, key) };
            if !world.friends.contains(&pair) {
                world.friends.push(pair);
            }
        }
        Pairs::ReviewersOfBook | Pairs::ReviewedByPerson => {
            let (book, person) = if pairs == Pairs::ReviewersOfBook { (key, other) } else { (other, key) };
            let known = world.rows(TableId::Review).iter().any(|review| review[1] == *book && review[2] == *person);
            if !known {
                let mut row = vec![Datum::Null; TableId::Review.table().columns.len()];
                row[0] = fresh_key(world, TableId::Review);
                row[1] = book.clone();
                row[2] = person.clone();
                world.rows_mut(TableId::Review).push(row);
            }
        }
    }
}
