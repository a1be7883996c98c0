//! Tables and columns that have another name now.

use std::collections::BTreeSet;

use super::difference::{Difference, Subject};
use super::plan::Work;
use super::{Decisions, Need, Schema};
use crate::error::Result;
use crate::table::quoted;

/// A table or a column that has another name now.
pub(super) struct Rename {
    pub(super) sql: String,
    pub(super) difference: Difference,
}

/// The renames that are told and that the schemas show: those of tables first.
pub(super) fn renames(is: &Schema, should_be: &Schema, told: &Decisions) -> Vec<Rename> {
    let tables = told.tables.iter().filter(|(_, new)| should_be.table(new).is_some());
    let tables = tables.map(|(old, new)| (old.as_str(), new.as_str()));
    let names = is.tables.iter().map(|table| &table.name).chain(is.views.iter().map(|view| &view.name));
    let tables = in_order(tables.collect(), names);
    let mut renames = Vec::new();
    for (old, new) in &tables {
        let (Some(table), Some(wanted)) = (is.table(old), should_be.table(new)) else { continue };
        let sql = format!("ALTER TABLE {} RENAME TO {}", quoted(&table.name), quoted(&wanted.name));
        renames.push(Rename { sql, difference: rename(&wanted.name, Subject::Name, &table.name, &wanted.name) });
    }
    for wanted in &should_be.tables {
        let old_name = tables.iter().find(|(_, new)| wanted.name.eq_ignore_ascii_case(new)).map(|(old, _)| *old);
        let Some(table) = is.table(old_name.unwrap_or(&wanted.name)) else { continue };
        let told = told.columns.iter().filter(|((table, _), _)| wanted.name.eq_ignore_ascii_case(table));
        let told = told.map(|((_, old), new)| (old.as_str(), new.as_str()));
        let told = told.filter(|(_, new)| wanted.column(new).is_some());
        for (old, new) in in_order(told.collect(), table.columns.iter().map(|column| &column.name)) {
            let (Some(column), Some(new)) = (table.column(old), wanted.column(new)) else { continue };
            let (from, to) = (&column.name, &new.name);
            let sql = format!("ALTER TABLE {} RENAME COLUMN {} TO {}", quoted(&wanted.name), quoted(from), quoted(to));
            renames.push(Rename { sql, difference: rename(&wanted.name, Subject::ColumnName(to.clone()), from, to) });
        }
    }
    renames
}

/// The renames whose old names are there, each after the one that frees its new name. Where that is taken, it has been done.
fn in_order<'d, 'n>(
    mut waiting: Vec<(&'d str, &'d str)>,
    names: impl Iterator<Item = &'n String>,
) -> Vec<(&'d str, &'d str)> {
    let mut names: BTreeSet<_> = names.map(|name| name.to_ascii_lowercase()).collect();
    let mut ordered = Vec::new();
    while let Some(at) = waiting
        .iter()
        .position(|(old, new)| names.contains(&old.to_ascii_lowercase()) && !names.contains(&new.to_ascii_lowercase()))
    {
        let (old, new) = waiting.remove(at);
        names.remove(&old.to_ascii_lowercase());
        names.insert(new.to_ascii_lowercase());
        ordered.push((old, new));
    }
    ordered
}

fn rename(table: &str, subject: Subject, is: &str, should_be: &str) -> Difference {
    Difference { table: table.to_owned(), subject, is: Some(is.to_owned()), should_be: Some(should_be.to_owned()) }
}

/// The schema after the renames: SQLite follows them into constraints, indexes, views and triggers.
pub(super) fn renamed(is: &Schema, renames: &[Rename]) -> Result<Schema> {
    let mut work = Work::new(is)?;
    work.rename(renames)?;
    work.schema()
}

/// Columns or tables that are told to have each other's names now. Nothing says whether that was done.
pub(super) fn circles(is: &Schema, should_be: &Schema, told: &Decisions) -> Vec<Need> {
    let there = |table: &str, column: &str| {
        let old = told.old_names(table).find(|old| is.table(old).is_some()).unwrap_or(table);
        is.table(old).and_then(|is| is.column(column)).is_some()
            && should_be.table(table).and_then(|wanted| wanted.column(column)).is_some()
    };
    let tables = told.tables.iter().map(|(old, new)| (old.as_str(), new.as_str()));
    let mut circles = circle(tables.filter(|(old, _)| is.table(old).is_some() && should_be.table(old).is_some()));
    for wanted in &should_be.tables {
        let columns = told.columns.iter().filter(|((table, _), _)| wanted.name.eq_ignore_ascii_case(table));
        let columns = columns.map(|((_, old), new)| (old.as_str(), new.as_str()));
        let names = circle(columns.filter(|(old, _)| there(&wanted.name, old)));
        circles.extend(names.into_iter().map(|name| format!("{}.{name}", wanted.name)));
    }
    if circles.is_empty() { Vec::new() } else { vec![Need::RenamedInCircle { names: circles }] }
}

/// The names among these from which renames lead back to themselves.
fn circle<'d>(renames: impl Iterator<Item = (&'d str, &'d str)>) -> Vec<String> {
    let renames: Vec<_> = renames.filter(|(old, new)| !old.eq_ignore_ascii_case(new)).collect();
    let next = |name: &str| renames.iter().find(|(old, _)| old.eq_ignore_ascii_case(name)).map(|(_, new)| *new);
    let returns = |start: &&str| {
        let mut name = next(start);
        for _ in &renames {
            match name {
                Some(name) if name.eq_ignore_ascii_case(start) => return true,
                other => name = other.and_then(next),
            }
        }
        false
    };
    renames.iter().map(|(old, _)| *old).filter(returns).map(str::to_owned).collect()
}
