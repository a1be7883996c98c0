//! `check`, `drift`, `schema` and `graph`: what the models say, and what differs from it.

use serde::Serialize;
use sqliter::schema::{Decisions, Difference, Need, Schema, SchemaDiff};
use sqliter::{Db, Error};

use super::{Program, database, graph};
use crate::output::{BAD, DIM, GOOD, Outcome, Result};

/// The table of sqlx in which it is written which migrations were applied.
const APPLIED: &str = "_sqlx_migrations";

/// A comparison, for programs.
#[derive(Default, Serialize)]
struct Report<'a> {
    /// Whether there is nothing to complain of.
    ok: bool,
    differences: &'a [Difference],
    /// What mends them, if nothing must be told before.
    sql: Option<Vec<String>>,
    needs: Vec<Need>,
    /// Tables that no model has. They are no differences.
    others: Vec<&'a str>,
    /// Why there is nothing to compare.
    error: Option<String>,
}

impl Program {
    pub(super) async fn check(&self) -> Result {
        let migrations = self.migrations().await?;
        let db = Db::memory().await?;
        // What only the models say is looked at first: their SQL may be wrong.
        let compared = match (self.schema)() {
            Err(error) => Err(error),
            Ok(_) => match db.migrate(migrations).await {
                Err(error) => Err(error),
                Ok(_) => (self.diff)(&migrated(&db).await?),
            },
        };
        match compared {
            Ok(diff) => {
                let outcome = self.report(
                    &diff,
                    "the migrations lead to the models",
                    "the migrations do not lead to the models:",
                )?;
                if outcome == Outcome::Found {
                    let hint = "`diff NAME` writes the migration, and asks for what must be told";
                    self.output.line(self.output.paint(DIM, hint))?;
                }
                Ok(outcome)
            }
            // What the check is for.
            Err(
                error @ (Error::SqlInModel { .. }
                | Error::Migration { .. }
                | Error::MigrationUnsound { .. }
                | Error::CannotMigrate { .. }),
            ) => {
                self.output.json(&Report { error: Some(error.to_string()), ..Report::default() })?;
                self.output.line(self.output.paint(BAD, error))?;
                Ok(Outcome::Found)
            }
            Err(error) => Err(error.into()),
        }
    }

    pub(super) async fn drift(&self, file: Option<String>) -> Result {
        let path = match &file {
            Some(file) => database::path(file)?,
            None => self.database()?,
        };
        let diff = (self.diff)(&database::schema(&path)?)?;
        let file = path.display();
        self.report(&diff, &format!("{file} is as the models say"), &format!("{file} is not as the models say:"))
    }

    pub(super) fn print_schema(&self) -> Result {
        let schema = (self.schema)()?;
        self.output.json(&schema)?;
        self.output.line(schema.to_string().trim_end())?;
        Ok(Outcome::Fine)
    }

    pub(super) fn print_graph(&self) -> Result {
        let mermaid = graph::mermaid(&(self.schema)()?);
        self.output.json(&serde_json::json!({ "mermaid": mermaid }))?;
        self.output.line(mermaid.trim_end())?;
        Ok(Outcome::Fine)
    }

    fn report(&self, diff: &SchemaDiff, good: &str, bad: &str) -> Result {
        let none = Decisions::new();
        let needs = diff.needs(&none)?;
        let sql = if needs.is_empty() { Some(diff.sql(&none)?) } else { None };
        let others = others(diff);
        self.output.json(&Report {
            ok: diff.is_empty(),
            differences: &diff.differences,
            sql,
            needs,
            others: others.clone(),
            error: None,
        })?;
        match diff.is_empty() {
            true => self.output.line(self.output.paint(GOOD, good))?,
            false => {
                self.output.line(self.output.paint(BAD, bad))?;
                self.output.line(diff.to_string().trim_end())?;
            }
        }
        if !others.is_empty() {
            let note = format!("no model has: {}", others.join(", "));
            self.output.line(self.output.paint(DIM, note))?;
        }
        Ok(if diff.is_empty() { Outcome::Fine } else { Outcome::Found })
    }
}

/// The tables that no model has.
pub(super) fn others(diff: &SchemaDiff) -> Vec<&str> {
    diff.others().into_iter().filter(|name| *name != APPLIED).collect()
}

/// The schema that migrations have made, without that table.
pub(super) async fn migrated(db: &Db) -> sqliter::Result<Schema> {
    let mut schema = db.schema().await?;
    schema.tables.retain(|table| table.name != APPLIED);
    Ok(schema)
}
