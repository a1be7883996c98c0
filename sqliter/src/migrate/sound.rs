//! Whether the database is sound: what migrations may not leave behind.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::Connection;
use crate::error::{Context, Operation, Result};
use crate::sql::{Argument, Statement};
use crate::value::{Value, ValueRef};

/// The rows that refer to none, by what they refer with.
#[derive(Debug, Default)]
pub(super) struct Broken {
    references: BTreeMap<Reference, Rows>,
    tables: BTreeSet<String>,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Reference {
    table: String,
    columns: String,
    target: String,
}

#[derive(Debug, Default)]
struct Rows {
    ids: BTreeSet<i64>,
    /// How many rows have no row id.
    without_id: usize,
    /// What SQLite says of a foreign key that cannot be looked at.
    refused: Option<String>,
}

impl Broken {
    /// Looks at all foreign keys.
    pub(super) fn read(connection: &mut Connection) -> Result<Self> {
        const TABLES: &str = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'";
        const CHECK: &str = "SELECT k.rowid, k.parent, \
            (SELECT group_concat(\"from\", ', ') FROM pragma_foreign_key_list(?1) WHERE id = k.fkid) \
            FROM pragma_foreign_key_check(?1) AS k";
        let mut broken = Self::default();
        broken.tables.extend(texts(connection, TABLES)?.iter().map(|name| name.to_ascii_lowercase()));
        for name in texts(
            connection,
            "SELECT DISTINCT t.name FROM pragma_table_list AS t, pragma_foreign_key_list(t.name) \
            WHERE t.schema = 'main' AND t.type = 'table'",
        )? {
            let statement = Statement::new(CHECK, vec![Argument::Value(Value::Text(name.clone()))]);
            let references = &mut broken.references;
            let read = connection.each(&statement, context(CHECK), &mut |row| {
                let reference =
                    Reference { table: name.clone(), columns: text(row.value(2)), target: text(row.value(1)) };
                let rows = references.entry(reference).or_default();
                match row.integer(0) {
                    Some(id) => drop(rows.ids.insert(id)),
                    None => rows.without_id += 1,
                }
                Ok(())
            });
            if let Err(error) = read {
                // A foreign key that refers to no unique columns: told as a problem, if it is a new one.
                let Some(report) = error.sqlite().filter(|report| report.primary_code() == 1) else {
                    return Err(error);
                };
                let reference = Reference { table: name.clone(), columns: String::new(), target: String::new() };
                references.entry(reference).or_default().refused = Some(report.message.clone());
            }
        }
        Ok(broken)
    }

    /// What is broken now and was not before, each in words. A table may have another name now.
    pub(super) fn since(&self, before: &Self) -> Vec<String> {
        let is_same = |now: &str, then: &str| {
            let (now, then) = (now.to_ascii_lowercase(), then.to_ascii_lowercase());
            now == then || !before.tables.contains(&now) && !self.tables.contains(&then)
        };
        let mut problems = Vec::new();
        let mut broken = false;
        for (now, rows) in &self.references {
            let old: Vec<&Rows> = before
                .references
                .iter()
                .filter(|(then, _)| is_same(&now.table, &then.table) && is_same(&now.target, &then.target))
                .map(|(_, rows)| rows)
                .collect();
            if let Some(refused) = rows.refused.as_ref().filter(|_| old.iter().all(|old| old.refused.is_none())) {
                problems.push(format!("the foreign keys of {} cannot be looked at: {refused}", now.table));
            }
            let mut new = rows.ids.iter().filter(|id| old.iter().all(|old| !old.ids.contains(id)));
            let first = new.next();
            let without_id = rows.without_id.saturating_sub(old.iter().map(|old| old.without_id).sum());
            let count = usize::from(first.is_some()) + new.count() + without_id;
            if count > 0 {
                broken = true;
                let Reference { table, columns, target } = now;
                let which = first.map(|id| format!(", the first with the row id {id}")).unwrap_or_default();
                let rows = if count == 1 { "1 row refers".to_owned() } else { format!("{count} rows refer") };
                problems.push(format!("by {table}.{columns}, {rows} to no row of {target}{which}"));
            }
        }
        if broken {
            problems.push(
                "foreign keys are not enforced while migrations run, so `ON DELETE` and `ON UPDATE` do nothing there: change \
                 the rows that refer in the migration too"
                    .to_owned(),
            );
        }
        problems
    }
}

/// What SQLite finds wrong with the file itself; nothing when it is sound.
pub(super) fn damage(connection: &mut Connection) -> Result<Vec<String>> {
    let found = texts(connection, "PRAGMA integrity_check(20)")?;
    Ok(if found == ["ok"] { Vec::new() } else { found })
}

fn texts(connection: &mut Connection, sql: &str) -> Result<Vec<String>> {
    let statement = Statement::new(sql, Vec::new());
    Ok(connection.texts(&statement, context(sql))?.into_iter().flatten().collect())
}

const fn context(sql: &str) -> Context<'_> {
    Context::new(Operation::Execute, sql)
}

fn text(value: Result<ValueRef<'_>, String>) -> String {
    match value {
        Ok(ValueRef::Text(text)) => text.to_owned(),
        _ => String::new(),
    }
}
