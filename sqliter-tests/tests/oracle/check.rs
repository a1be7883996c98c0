//! Runs a chain and compares what it gives with what it should give.

use std::fmt;

use sqliter::{Record, Session};

use super::answer::{Answer, Nested, answer};
use super::catalog::TableId;
use super::chains;
use super::terminals::{Got, Side, Terminal};
use super::tree::{Aggregate, Chain, Expr, Function, Item, Load, Way};
use super::types::Type;
use super::windows::Over;
use super::world::World;

/// What an end of a chain gave, and what it should have given.
#[derive(Debug, Clone)]
pub struct Failure {
    pub got: String,
    pub expected: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "    got      {}\n    expected {}", self.got, self.expected)
    }
}

/// `None` when they agree, or when it is not defined what is right.
pub async fn check(session: &Session, world: &World, chain: &Chain, terminal: &Terminal) -> Option<Failure> {
    let answer = answer(world, chain).ok()?;
    compare(session, world, chain, &answer, terminal).await
}

pub async fn compare(
    session: &Session,
    world: &World,
    chain: &Chain,
    answer: &Answer,
    terminal: &Terminal,
) -> Option<Failure> {
    match (chains::run(session, chain, terminal).await, terminal) {
        (Ok(Got::Dicts(records)), _) => dictionaries(chain, answer, &records),
        (got, Terminal::Related(relation, _)) => {
            let beside = |row| with_related(world, chain, row, *relation);
            let rows = answer.rows.iter().map(beside).collect();
            judge(got, &Answer { rows, ordered: answer.ordered, all: Vec::new() }, terminal)
        }
        (got, _) => judge(got, answer, terminal),
    }
}

/// Whether an end gave what it should have given.
pub fn judge(got: sqliter::Result<Got>, answer: &Answer, terminal: &Terminal) -> Option<Failure> {
    let got = match got {
        Ok(got) => got,
        Err(error) => {
            let got = format!("the error: {error}");
            return Some(Failure { got, expected: format!("{:?}", answer.rows) });
        }
    };
    let fails = |expected: String| Some(Failure { got: format!("{got:?}"), expected });
    match &got {
        Got::Rows(rows) => {
            let (expected, ordered) = match terminal {
                Terminal::Pages(_) => (&answer.all, true),
                _ => (&answer.rows, answer.ordered),
            };
            if same_rows(expected, rows, ordered) { None } else { fails(format!("{expected:?}")) }
        }
        Got::Row(row) => {
            let any = matches!(terminal, Terminal::One | Terminal::Required) && !answer.ordered;
            let expected = match terminal {
                Terminal::Last => answer.rows.last(),
                _ => answer.rows.first(),
            };
            let agrees = match row {
                None => expected.is_none(),
                Some(row) if any => answer.rows.iter().any(|expected| agree(expected, row)),
                Some(row) => expected.is_some_and(|expected| agree(expected, row)),
            };
            if agrees { None } else { fails(format!("{expected:?}")) }
        }
        Got::Count(number) => {
            let expected = if matches!(terminal, Terminal::Pages(_)) { answer.all.len() } else { answer.rows.len() };
            if *number == expected as u64 { None } else { fails(expected.to_string()) }
        }
        Got::Exists(exists) if *exists != answer.rows.is_empty() => None,
        Got::Exists(_) => fails((!answer.rows.is_empty()).to_string()),
        Got::Dicts(_) | Got::Sql(_) | Got::Nothing => None,
    }
}

/// A row with what one of its relations leads to.
fn with_related(world: &World, chain: &Chain, row: &Nested, relation: Side) -> Nested {
    let Nested::Row(values) = row else { panic!("{row:?} is no row") };
    let table = chain.root.table();
    let related = match relation {
        Side::One(relation) => {
            world.one(chain.root, relation, values).map_or(Nested::Nothing, |row| Nested::Row(row.clone()))
        }
        Side::Many(relation) => {
            let mut rows = world.related(&table.manies[relation], values);
            rows.sort_by(|a, b| a[0].sort(&b[0]));
            Nested::List(rows.into_iter().cloned().map(Nested::Row).collect())
        }
    };
    Nested::Tuple(vec![row.clone(), related])
}

pub fn same_rows(expected: &[Nested], got: &[Nested], ordered: bool) -> bool {
    if expected.len() != got.len() {
        return false;
    }
    if ordered {
        return expected.iter().zip(got).all(|(expected, got)| agree(expected, got));
    }
    let mut left: Vec<_> = got.iter().collect();
    expected.iter().all(|expected| match left.iter().position(|got| agree(expected, got)) {
        Some(position) => {
            left.swap_remove(position);
            true
        }
        None => false,
    })
}

/// Whether a row of the database is that of the oracle.
pub fn agree(expected: &Nested, got: &Nested) -> bool {
    match (expected, got) {
        (Nested::Value(expected, of), Nested::Stored(got)) => of.decode(got).is_ok_and(|got| got == *expected),
        (Nested::Value(expected, _), Nested::Value(got, _)) => expected == got,
        (Nested::Row(expected), Nested::Row(got)) => expected == got,
        (Nested::Tuple(expected), Nested::Tuple(got)) | (Nested::List(expected), Nested::List(got)) => {
            expected.len() == got.len() && expected.iter().zip(got).all(|(expected, got)| agree(expected, got))
        }
        (Nested::Nothing, Nested::Nothing) => true,
        // What a dictionary or `exclude` has of a row.
        (Nested::Row(expected), Nested::Tuple(got)) => {
            expected.len() == got.len()
                && expected
                    .iter()
                    .zip(got)
                    .all(|(expected, got)| matches!(got, Nested::Stored(got) if stored_as(expected, got)))
        }
        _ => false,
    }
}

/// Whether a stored value is a datum, whose type its variant does not tell in full.
fn stored_as(expected: &super::datum::Datum, got: &sqliter::Value) -> bool {
    use super::datum::Datum;
    let of = match expected {
        Datum::Null => return *got == sqliter::Value::Null,
        Datum::Bool(_) => Type::Bool,
        Datum::Int(_) => Type::Int,
        Datum::Real(_) => Type::Real,
        // A document is as good as its text here.
        Datum::Text(text) => {
            return matches!(got, sqliter::Value::Text(got) if got == text || got.replace(',', ", ") == *text);
        }
        Datum::Blob(_) => Type::Blob,
        Datum::Decimal(_) => Type::Decimal,
        Datum::Uuid(_) => Type::Uuid,
        Datum::Day(_) => Type::ChronoDate,
        Datum::Clock(_) => Type::ChronoTime,
        Datum::Local(_) => Type::ChronoLocal,
        Datum::Instant(_) if matches!(got, sqliter::Value::Integer(_)) => Type::Seconds,
        Datum::Instant(_) => Type::ChronoUtc,
    };
    of.decode(got).is_ok_and(|got| got == *expected)
}

/// The names and values of dictionaries.
fn dictionaries(chain: &Chain, answer: &Answer, records: &[Record]) -> Option<Failure> {
    let names = names(chain)?;
    let all: Vec<String> = names.iter().map(|(name, _)| name.clone()).collect();
    for record in records {
        let got: Vec<_> = record.iter().map(|(name, _)| name.to_owned()).collect();
        if got != all {
            return Some(Failure { got: format!("the names {got:?}"), expected: format!("{all:?}") });
        }
    }
    let pick = |row: &Nested| {
        let flat = flatten(row);
        Nested::Tuple(names.iter().map(|(_, position)| flat[*position].clone()).collect())
    };
    let expected: Vec<_> = answer.rows.iter().map(pick).collect();
    let got: Vec<_> = records
        .iter()
        .map(|record| Nested::Tuple(record.iter().map(|(_, value)| Nested::Stored(value.clone())).collect()))
        .collect();
    let agrees = |expected: &Nested, got: &Nested| match (expected, got) {
        (Nested::Tuple(expected), Nested::Tuple(got)) => {
            expected.len() == got.len()
                && expected.iter().zip(got).all(|(expected, got)| match (expected, got) {
                    (Nested::Row(one), Nested::Stored(got)) => stored_as(&one[0], got),
                    (expected, got) => agree(expected, got),
                })
        }
        _ => false,
    };
    let mut left: Vec<_> = got.iter().collect();
    let same = expected.len() == got.len()
        && if answer.ordered {
            expected.iter().zip(&got).all(|(expected, got)| agrees(expected, got))
        } else {
            expected.iter().all(|expected| {
                let position = left.iter().position(|got| agrees(expected, got));
                position.map(|position| left.swap_remove(position)).is_some()
            })
        };
    if same { None } else { Some(Failure { got: format!("{got:?}"), expected: format!("{expected:?}") }) }
}

/// Each value of a row by itself; those of a table as rows of one value.
fn flatten(row: &Nested) -> Vec<Nested> {
    match row {
        Nested::Row(values) => values.iter().map(|value| Nested::Row(vec![value.clone()])).collect(),
        Nested::Tuple(parts) => parts.iter().flat_map(flatten).collect(),
        other => vec![other.clone()],
    }
}

/// The names of a dictionary with the positions of their values, or `None` where this test does not say them.
fn names(chain: &Chain) -> Option<Vec<(String, usize)>> {
    let own = |skipped: &[usize]| -> Vec<(String, Expr)> {
        let columns = chain.root.table().columns.iter().enumerate();
        let columns = columns.filter(|(i, _)| !skipped.contains(i));
        columns
            .map(|(i, column)| (column.field.to_owned(), Expr::Column { path: 0, column: i, of: column.of }))
            .collect()
    };
    let named = |items: &[Item]| -> Vec<(String, Expr)> {
        let over_windows = items.iter().any(|item| item.value.has_window());
        let name = |item: &Item| match (&item.alias, &item.value) {
            (Some(alias), _) => alias.clone(),
            // Beside one over a window, other values are computed.
            (None, Expr::Window(_)) => default_name(chain.root, &item.value),
            (None, _) if over_windows => "value".to_owned(),
            (None, value) => default_name(chain.root, value),
        };
        items.iter().map(|item| (name(item), item.value.clone())).collect()
    };
    let is_named = |items: &[&Item]| items.iter().any(|item| item.alias.is_some());
    let selected = match &chain.load {
        Load::Rows => own(&[]),
        Load::Exclude(excluded) => {
            own(&excluded.iter().filter(|(path, _)| *path == 0).map(|(_, column)| *column).collect::<Vec<_>>())
        }
        Load::Values(item) => [own(&[]), named(std::slice::from_ref(item))].concat(),
        Load::Fields(items) | Load::Distinct(items) => {
            let mut items = items.clone();
            if is_named(&items.iter().collect::<Vec<_>>()) {
                items.iter_mut().for_each(|item| item.alias = Some(item.alias.clone().unwrap_or("value".into())));
            }
            named(&items)
        }
        Load::Groups { keys, aggregates, .. } => [named(keys), named(aggregates)].concat(),
        Load::Shape(..) | Load::View(_) => return None,
    };
    // Of two with one name the second gets a number, unless both are the same.
    let mut names: Vec<(String, usize)> = Vec::new();
    for (position, (name, expr)) in selected.iter().enumerate() {
        let known = names.iter().find(|(known, _)| known == name);
        let name = match known {
            None => name.clone(),
            Some((_, known)) if selected[*known].1 == *expr => continue,
            Some(_) => {
                (2..).map(|i| format!("{name}_{i}")).find(|name| names.iter().all(|(known, _)| known != name)).unwrap()
            }
        };
        names.push((name, position));
    }
    Some(names)
}

fn default_name(table: TableId, expr: &Expr) -> String {
    let of_aggregate = |table: TableId, aggregate: &Aggregate| {
        let function = match aggregate.function {
            Function::Count => "count",
            Function::Sum => "sum",
            Function::Total => "total",
            Function::Average => "avg",
            Function::Minimum => "min",
            Function::Maximum => "max",
        };
        match &aggregate.value {
            Some(Expr::Column { path, column, .. }) => format!("{function}_{}", table.column(*path, *column).field),
            _ => function.to_owned(),
        }
    };
    match expr {
        Expr::Column { path, column, .. } => table.column(*path, *column).field.to_owned(),
        Expr::Aggregate(aggregate) => of_aggregate(table, aggregate),
        Expr::Window(window) => {
            let (function, value) = match &window.function {
                Over::Aggregate(aggregate) => return of_aggregate(table, aggregate),
                Over::RowNumber => ("row_number", None),
                Over::Rank => ("rank", None),
                Over::DenseRank => ("dense_rank", None),
                Over::PercentRank => ("percent_rank", None),
                Over::CumeDist => ("cume_dist", None),
                Over::Ntile(_) => ("ntile", None),
                Over::Shifted(value, _, behind, _) => (if *behind { "lead" } else { "lag" }, Some(value)),
                Over::First(value) => ("first_value", Some(value)),
                Over::Last(value) => ("last_value", Some(value)),
                Over::Nth(value, _) => ("nth_value", Some(value)),
            };
            match value {
                Some(Expr::Column { path, column, .. }) => format!("{function}_{}", table.column(*path, *column).field),
                _ => function.to_owned(),
            }
        }
        Expr::First { relation, value, .. } => default_name(Way::Relation(*relation).target(table, 0), value),
        Expr::Related { path, way, aggregate, .. } => of_aggregate(way.target(table, *path), aggregate),
        _ => "value".to_owned(),
    }
}
