//! Which statements do the same on every node.

use std::collections::HashSet;
use std::sync::Mutex;

use hiqlite::{Client, Param};
use sqliter_cluster_wire::{Kind, Statement};

use crate::dates;

/// Functions whose value is another one on each node, or each time. hiqlite itself forbids some of them, by a panic in its writer; of
/// `CURRENT_TIMESTAMP` and its like it says nothing.
const VARY: &[&str] = &[
    "changes",
    "current_date",
    "current_time",
    "current_timestamp",
    "date",
    "datetime",
    "julianday",
    "last_insert_rowid",
    "load_extension",
    "random",
    "randomblob",
    "sqlite_offset",
    "strftime",
    "time",
    "timediff",
    "total_changes",
    "unixepoch",
];

/// Texts that were found to travel, for the schema as it was then. A few hundred are enough for a program.
static KNOWN: Mutex<Option<HashSet<String>>> = Mutex::new(None);
const MOST: usize = 1000;

/// Why the statement would not do the same on every node; `None` if it does. It is compiled for the tables of this node, and what it
/// calls is looked at, in itself, in checks, defaults, generated columns and triggers.
pub(crate) async fn refused(client: &Client, kind: Kind, statement: &Statement) -> Option<String> {
    let Statement { sql, arguments } = statement;
    let verbs: &[&str] = match kind {
        Kind::Rows => &["INSERT", "REPLACE", "UPDATE", "DELETE", "WITH"],
        Kind::Schema => &["CREATE", "ALTER", "DROP"],
    };
    let first = sql.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
    if !verbs.contains(&first.as_str()) {
        return Some(format!("it begins with {first}, and what can be sent begins with one of {}", verbs.join(", ")));
    }
    // A schema may name tables that only a statement before it creates.
    if kind == Kind::Schema {
        return None;
    }
    let is_known = |known: &Option<HashSet<String>>| known.as_ref().is_some_and(|known| known.contains(sql));
    if KNOWN.lock().is_ok_and(|known| is_known(&known)) {
        return None;
    }
    let mut program = match client.query_raw(format!("EXPLAIN {sql}"), vec![Param::Null; arguments.len()]).await {
        Ok(program) => program,
        Err(error) => return Some(error.to_string()),
    };
    let (mut asks_for_dates, mut asks_for_the_clock) = (false, false);
    for step in &mut program {
        let Ok(operation) = step.try_get::<String>("opcode") else { continue };
        let operand = step.try_get::<String>("p4").unwrap_or_default();
        if operation == "String8" {
            asks_for_the_clock |= dates::varies(operand.as_bytes());
        }
        if !operation.contains("Func") && !operation.contains("Agg") {
            continue;
        }
        if varies(&operand) {
            return Some(format!("it calls {operand}, itself or by its tables, which is not the same on every node"));
        }
        asks_for_dates |= operand.split('(').next().is_some_and(|name| dates::NAMES.contains(&name));
    }
    if asks_for_dates && asks_for_the_clock {
        return Some("it asks for the time of now, or of here, which is not the same on every node".to_owned());
    }
    if let Ok(mut known) = KNOWN.lock() {
        let known = known.get_or_insert_default();
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(sql.clone());
    }
    None
}

/// What is known of statements may be otherwise for another schema.
pub(crate) fn forget() {
    if let Ok(mut known) = KNOWN.lock() {
        *known = None;
    }
}

/// Whether a function varies, as `EXPLAIN` names it: `date(-1)` is SQLite's, with any number of arguments, `date(1)` is ours, which
/// takes no time of its own.
fn varies(function: &str) -> bool {
    let Some((name, arguments)) = function.split_once('(') else { return false };
    let is_ours = dates::NAMES.contains(&name) && !arguments.starts_with('-') && !arguments.starts_with('0');
    VARY.contains(&name) && !is_ours
}
