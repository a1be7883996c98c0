//! The way back from a migration.

use sqliter::schema::{Decisions, Need, Schema, quoted};
use sqliter::sqlx::migrate::Migration;
use sqliter::{Db, Error};

use super::Program;
use super::compare::migrated;
use super::decide::Told;
use super::files::NewMigration;
use super::script::script;
use crate::output::Result;

/// The script that undoes a migration, or why there is none.
pub(super) type WayBack = std::result::Result<String, String>;

impl Program {
    /// Looks for the way back, and tries it on an empty database.
    pub(super) async fn way_back(
        &self,
        files: &[Migration],
        new: &NewMigration,
        before: &Schema,
        told: &Told<'_>,
    ) -> Result<WayBack> {
        let all = |new: &NewMigration| {
            let mut all = files.to_vec();
            all.extend(new.read());
            self.with_rust(all)
        };
        let db = Db::memory().await?;
        db.migrate(all(new)).await?;
        let after = migrated(&db).await?;
        let statements = match statements(before, &after, told)? {
            Ok(statements) => statements,
            Err(reason) => return Ok(Err(reason)),
        };
        let lost =
            told.dropped.iter().map(|name| format!("-- What {name} held is lost.\n", name = name.replace('\n', " ")));
        let down = lost.collect::<String>() + &script(&statements);

        let db = Db::memory().await?;
        let pair = all(&NewMigration { down: Some(down.clone()), ..new.clone() });
        db.migrate(pair.clone()).await?;
        if let Err(error) = db.undo_migrations(pair).await {
            return Ok(Err(error.to_string()));
        }
        let back = migrated(&db).await?;
        let is_same = [(&back, before), (before, &back)].into_iter().try_fold(true, |is_same, (one, other)| {
            let diff = one.diff(other)?;
            Ok::<_, Error>(is_same && diff.is_empty() && diff.others().is_empty())
        })?;
        Ok(if is_same { Ok(down) } else { Err("SQLite cannot make the schema what it was before".to_owned()) })
    }
}

fn statements(
    before: &Schema,
    after: &Schema,
    told: &Told<'_>,
) -> sqliter::Result<std::result::Result<Vec<String>, String>> {
    let diff = after.diff(before)?;
    let mut decisions = Decisions::new();
    for (old, new) in &told.tables {
        decisions = decisions.rename_table(new, old);
    }
    for (table, old, new) in &told.columns {
        decisions = decisions.rename_column(&told.old_table(table), new, old);
    }
    // What the migration made goes.
    for table in &after.tables {
        if before.table(&told.old_table(&table.name)).is_none() {
            decisions = decisions.drop(&table.name);
        }
    }
    for view in after.views.iter().filter(|view| before.view(&view.name).is_none()) {
        decisions = decisions.drop(&view.name);
    }
    let had_trigger = |name: &str| before.triggers.iter().any(|it| it.name.eq_ignore_ascii_case(name));
    for trigger in after.triggers.iter().filter(|trigger| !had_trigger(&trigger.name)) {
        decisions = decisions.drop(&trigger.name);
    }
    loop {
        let needs = diff.needs(&decisions)?;
        let Some(need) = needs.first().cloned() else { break };
        let next = match &need {
            Need::Column { table, column } => decisions.clone().drop_column(table, column),
            Need::Index { index, .. } => decisions.clone().drop(index),
            // Where rows do not fit, undoing fails, and changes nothing.
            Need::Rows { table, .. } => decisions.clone().rows_satisfy(table),
            Need::Value { table, column, .. } => {
                let renamed = told.columns.iter().find(|(it, old, _)| {
                    told.old_table(it).eq_ignore_ascii_case(table) && old.eq_ignore_ascii_case(column)
                });
                let now = renamed.map_or(column, |(_, _, new)| new);
                let is_there = after.table(&told.new_table(table)).is_some_and(|it| it.column(now).is_some());
                if !is_there {
                    return Ok(Err(format!("{table}.{column} takes no NULL, and its values are lost")));
                }
                decisions.clone().value(table, column, &quoted(column))
            }
            _ => return Ok(Err(need.to_string())),
        };
        if next == decisions {
            // It was told, and did not help.
            return Ok(Err(need.to_string()));
        }
        decisions = next;
    }
    Ok(Ok(diff.sql(&decisions)?))
}
