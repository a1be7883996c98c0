//! Queries that read a whole table where an index would serve, for tests of users.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use rusqlite::{Statement, StatementStatus};

use super::limits::undisturbed;
use super::{Connection, Scratch, locked};
use crate::error::SqliteError;
use crate::sql;
use crate::value::Value;

/// So many rows may be read in a scan.
const FEW: i32 = 10;

/// How many columns an index has that is tried.
const MOST_COLUMNS: usize = 3;

/// A query that has read a whole table.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FullScan {
    /// The statement.
    pub sql: String,
    /// How many rows it has passed over, one after another.
    pub rows: u64,
    /// How SQLite goes about it, a step a line.
    pub plan: String,
    /// The index that would serve, as a statement that creates it.
    pub index: String,
}

/// The scans of all connections of a database, if anybody asks for them.
#[derive(Debug, Default)]
pub(crate) struct Scans {
    is_on: AtomicBool,
    /// The statements that were looked at, with what was found.
    looked: Mutex<Vec<(String, Option<FullScan>)>>,
}

impl Scans {
    pub(crate) fn begin(&self) {
        locked(&self.looked).clear();
        self.is_on.store(true, Ordering::Relaxed);
    }

    pub(crate) fn end(&self) {
        self.is_on.store(false, Ordering::Relaxed);
    }

    pub(crate) fn found(&self) -> Vec<FullScan> {
        locked(&self.looked).iter().filter_map(|(_, found)| found.clone()).collect()
    }
}

impl Connection {
    /// A statement has run: if it has read a whole table, looks whether an index would serve.
    pub(super) fn has_scanned(&self, statement: &Statement<'_>, sql: &str) {
        // Of this run alone, whoever ran it before.
        let scanned = statement.reset_status(StatementStatus::FullscanStep);
        let indexed = statement.reset_status(StatementStatus::AutoIndex);
        let rows = scanned.max(indexed);
        if rows <= FEW || !self.scans.is_on.load(Ordering::Relaxed) {
            return;
        }
        if locked(&self.scans.looked).iter().any(|(text, _)| text == sql) {
            return;
        }
        // What SQLite does not tell is let be, as where the schema uses modules of another program.
        let found = undisturbed(|| self.serving(sql, u64::from(rows.unsigned_abs()))).unwrap_or(None);
        locked(&self.scans.looked).push((sql.to_owned(), found));
    }

    /// The index that would serve a statement, tried on an empty database of the same schema.
    fn serving(&self, sql: &str, rows: u64) -> Result<Option<FullScan>, SqliteError> {
        const SCHEMA: &str = "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
            ORDER BY type <> 'table', rowid";
        let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        let schema: Vec<(String, String, String)> = self.ask_all(SCHEMA, [], read)?;
        let scratch = Scratch::new(true)?;
        for (_, _, sql) in &schema {
            // A table of a module, or a view of one, is missing where the module is.
            let _ = scratch.run(sql);
        }
        let Some(before) = Plan::of(&scratch, sql) else { return Ok(None) };
        let mut best: Option<(Plan, String)> = None;
        for (_, table, _) in schema.iter().filter(|(kind, ..)| kind == "table") {
            let columns = scratch.rows(1, "SELECT name FROM pragma_table_info(?1)", &[table])?;
            let columns: Vec<String> = columns.into_iter().flatten().filter_map(Value::into_text).collect();
            let mut chosen: Vec<String> = Vec::new();
            while chosen.len() < MOST_COLUMNS {
                let mut better = None;
                for column in columns.iter().filter(|column| !chosen.contains(column)) {
                    let mut with = chosen.clone();
                    with.push(column.clone());
                    let index = sql::create_index(&index_name(table, &with), table, &with);
                    if scratch.run(&index).is_err() {
                        continue;
                    }
                    let plan = Plan::of(&scratch, sql);
                    scratch.run(&sql::drop_index(&index_name(table, &with)))?;
                    let Some(plan) = plan.filter(|plan| plan.scans < before.scans) else { continue };
                    if best.as_ref().is_none_or(|(best, _)| plan.is_better(best)) {
                        best = Some((plan, index));
                        better = Some(with);
                    }
                }
                match better {
                    Some(with) => chosen = with,
                    None => break,
                }
            }
        }
        Ok(best.map(|(_, index)| FullScan { sql: sql.to_owned(), rows, plan: before.text, index }))
    }
}

/// As the library names the indexes of models.
fn index_name(table: &str, columns: &[String]) -> String {
    format!("idx_{table}_{}", columns.join("_"))
}

/// How SQLite would go about a statement.
struct Plan {
    text: String,
    /// How often a whole table is read, to build an index for the occasion among others.
    scans: usize,
    /// How much is searched for: more for an equal value than for a range.
    searched: usize,
}

impl Plan {
    fn of(scratch: &Scratch, sql: &str) -> Option<Self> {
        let steps = scratch.plan(sql).ok()?;
        let is_scan = |step: &&String| {
            step.contains("AUTOMATIC")
                || step.starts_with("SCAN ") && !step.starts_with("SCAN (") && !step.contains(" VIRTUAL TABLE ")
        };
        let searched = |step: &String| step.matches("=?").count() * 2 + step.matches(['>', '<']).count();
        Some(Self {
            scans: steps.iter().filter(is_scan).count(),
            searched: steps.iter().map(searched).sum(),
            text: steps.join("\n"),
        })
    }

    fn is_better(&self, other: &Self) -> bool {
        self.scans < other.scans || self.scans == other.scans && self.searched > other.searched
    }
}
