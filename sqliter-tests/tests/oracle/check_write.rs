//! Runs a write and compares what it did with what it should have done.

use sqliter::{Error, Result, Session};

use super::catalog::{TABLES, TableId};
use super::check::Failure;
use super::datum::Datum;
use super::predict::{Outcome, Prediction, is_automatic, predict};
use super::store;
use super::world::World;
use super::write::Write;
use super::write_typed::{reason, run};

/// In a transaction, or with `session` where the rows are written for good.
pub async fn check_write(session: &Session, world: &World, write: &Write) -> Option<Failure> {
    let prediction = predict(world, write).ok()?;
    let got = run(session, write).await;
    let after = match store::read(session).await {
        Ok(after) => after,
        Err(error) => {
            let got = format!("{got:?}, after which the rows cannot be read: {error}");
            return Some(Failure { got, expected: told(&prediction) });
        }
    };
    disagreement(write.table(), world, &prediction, &got, &after)
        .map(|got| Failure { got, expected: told(&prediction) })
}

fn told(prediction: &Prediction) -> String {
    if prediction.violations.is_empty() {
        format!("{:?}", prediction.outcome)
    } else {
        format!("an error for one of {:?}, and nothing changed", prediction.violations)
    }
}

pub fn disagreement(
    table: TableId,
    before: &World,
    prediction: &Prediction,
    got: &Result<Outcome>,
    after: &World,
) -> Option<String> {
    match got {
        Err(error) => {
            let is_expected = |reason| prediction.may_fail || prediction.violations.contains(&reason);
            if !reason(error).is_some_and(is_expected) {
                return Some(format!("the error: {}", described(error)));
            }
            (*after != before.clone().sorted())
                .then(|| format!("the error: {error}; and {}", difference(before, after)))
        }
        Ok(outcome) if !prediction.violations.is_empty() => Some(format!("{outcome:?}")),
        Ok(outcome) => {
            let expected = with_keys_of(prediction.after.clone(), before, after);
            if *after != expected {
                return Some(format!("{outcome:?}, and instead {}", difference(&expected, after)));
            }
            (!same_outcome(table, &prediction.outcome, outcome, after)).then(|| format!("{outcome:?}"))
        }
    }
}

fn described(error: &Error) -> String {
    format!("{error} ({error:?})")
}

/// New rows with the keys that the database chose, in their order.
fn with_keys_of(mut expected: World, before: &World, got: &World) -> World {
    for table in TABLES.into_iter().filter(|table| is_automatic(*table)) {
        let is_new = |key: &Datum| before.find(table, key).is_none();
        let keys: Vec<Datum> = got.rows(table).iter().map(|row| row[0].clone()).filter(is_new).collect();
        let mut new: Vec<_> = expected.rows_mut(table).iter_mut().filter(|row| is_new(&row[0])).collect();
        if keys.len() == new.len() {
            new.sort_by(|a, b| a[0].sort(&b[0]));
            for (row, key) in new.into_iter().zip(keys) {
                row[0] = key;
            }
        }
    }
    expected.sorted()
}

fn same_outcome(table: TableId, expected: &Outcome, got: &Outcome, after: &World) -> bool {
    // A row that is given back is the one that is stored.
    let is_stored = |row: &Vec<Datum>| after.rows(table).contains(row);
    match (expected, got) {
        (Outcome::Unit, Outcome::Unit) => true,
        (Outcome::Count(expected, certain), Outcome::Count(got, _)) => {
            expected == got || (!certain && got < expected && *got > 0)
        }
        (Outcome::Rows(expected), Outcome::Rows(got)) => {
            expected.len() == got.len()
                && expected.iter().zip(got).all(|(expected, got)| expected[1..] == got[1..] && is_stored(got))
        }
        (Outcome::Row(None), Outcome::Row(None)) => true,
        (Outcome::Stored(expected), Outcome::Stored(got)) => expected == got && is_stored(got),
        (Outcome::Found(expected), Outcome::Found(got)) => expected == got,
        (Outcome::Row(Some(expected)), Outcome::Row(Some(got))) => expected[1..] == got[1..] && is_stored(got),
        (Outcome::Created(expected, created), Outcome::Created(got, was_created)) => {
            created == was_created && expected[1..] == got[1..] && is_stored(got)
        }
        _ => false,
    }
}

/// The rows that differ.
fn difference(expected: &World, got: &World) -> String {
    let mut text = String::new();
    for table in TABLES {
        for row in got.rows(table).iter().filter(|row| !expected.rows(table).contains(row)) {
            text += &format!("there is {table:?} {row:?}; ");
        }
        for row in expected.rows(table).iter().filter(|row| !got.rows(table).contains(row)) {
            text += &format!("there is no {table:?} {row:?}; ");
        }
    }
    if expected.tags != got.tags {
        text += &format!("tags of books are {:?} and not {:?}; ", got.tags, expected.tags);
    }
    if expected.friends != got.friends {
        text += &format!("friends are {:?} and not {:?}; ", got.friends, expected.friends);
    }
    text
}
