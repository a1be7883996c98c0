//! Every difference between two schemas, and the SQL that mends them.

use std::fmt;

use serde::Serialize;

use super::decisions::place;
use super::difference::Difference;
use super::plan::{self, Plan};
use super::renames::{renamed, renames};
use super::{Decisions, Need, Schema, compare};
use crate::error::{Error, Result};

/// Every difference between the schema of a database and the one that it should have.
///
/// It is empty exactly when a new database would be the same: the order of columns does not count, nor do tables, views and
/// triggers that the schema says nothing of. It prints as what is, what should be, and the SQL that mends it.
#[derive(Debug, Clone, Serialize)]
pub struct SchemaDiff {
    /// The differences.
    pub differences: Vec<Difference>,
    #[serde(skip)]
    is: Schema,
    #[serde(skip)]
    should_be: Schema,
    #[serde(skip)]
    told: Decisions,
}

impl Schema {
    /// Every difference between this schema and the one that should be.
    ///
    /// ```
    /// use sqliter::schema::{Decisions, Schema};
    ///
    /// let is = Schema::from_sql(["CREATE TABLE books (pk INTEGER PRIMARY KEY)"])?;
    /// let should_be = Schema::from_sql(["CREATE TABLE books (pk INTEGER PRIMARY KEY, title TEXT)"])?;
    /// let diff = is.diff(&should_be)?;
    /// assert_eq!(diff.differences[0].to_string(), r#"books.title: the column is missing: "title" TEXT"#);
    /// assert_eq!(diff.sql(&Decisions::new())?, [r#"ALTER TABLE "books" ADD COLUMN title TEXT"#]);
    /// # Ok::<(), sqliter::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::SqlExecution`] when SQLite refuses one of the statements of which the schemas consist.
    pub fn diff(&self, should_be: &Self) -> Result<SchemaDiff> {
        SchemaDiff::between(self.clone(), should_be.clone(), Decisions::new())
    }
}

impl SchemaDiff {
    /// With what the models tell of renamed tables and columns.
    pub(crate) fn between(is: Schema, should_be: Schema, told: Decisions) -> Result<Self> {
        let renames = renames(&is, &should_be, &told);
        let mut differences: Vec<_> = renames.iter().map(|rename| rename.difference.clone()).collect();
        let renamed = if renames.is_empty() { None } else { Some(renamed(&is, &renames)?) };
        differences.extend(compare::schemas(renamed.as_ref().unwrap_or(&is), &should_be, &told));
        Ok(Self { differences, is, should_be, told })
    }

    /// Whether there is no difference.
    pub fn is_empty(&self) -> bool {
        self.differences.is_empty()
    }

    /// The tables of the database that the other schema says nothing of, without those of full-text searches, which go with the
    /// table that is searched. They are kept, and are no differences;
    /// [`Decisions::drop`] says which of them go.
    pub fn others(&self) -> Vec<&str> {
        let known = |name: &str| {
            let renamed = self.told.tables.get(&name.to_ascii_lowercase()).map_or(name, String::as_str);
            self.should_be.table(renamed).is_some()
        };
        self.is
            .tables
            .iter()
            .map(|table| table.name.as_str())
            .filter(|name| !known(name) && !self.is.is_of_search(name))
            .collect()
    }

    /// What must be decided before the differences can be mended, apart from what these decisions say.
    ///
    /// # Errors
    ///
    /// As [`sql`](Self::sql).
    pub fn needs(&self, decisions: &Decisions) -> Result<Vec<Need>> {
        Ok(self.plan(decisions)?.needs)
    }

    /// The statements that make the schema what it should be, with all rows, row ids and the counters of `AUTOINCREMENT`, and
    /// with the other triggers, views and indexes that are there.
    ///
    /// They are tried on an empty database with this schema before they are given. Tables are altered where SQLite can do that;
    /// others are rebuilt [as SQLite recommends](https://www.sqlite.org/lang_altertable.html#otheralter). Then the statements
    /// must run in one transaction while foreign keys are off, and they refuse to run otherwise: with foreign keys on, the rows
    /// that refer to a table would go with it.
    ///
    /// # Errors
    ///
    /// [`Error::SchemaUndecided`] when something must be decided first: what would lose data, or may fail on rows that exist,
    /// is never done unasked. [`Error::SqlInValue`] when [a value](Decisions::value) is no expression over the row's columns;
    /// [`Error::SqlExecution`] when SQLite refuses something else.
    pub fn sql(&self, decisions: &Decisions) -> Result<Vec<String>> {
        let Plan { statements, needs } = self.plan(decisions)?;
        match needs.is_empty() {
            true => Ok(statements),
            false => Err(Error::SchemaUndecided { needs: needs.iter().map(Need::to_string).collect() }),
        }
    }

    fn plan(&self, decisions: &Decisions) -> Result<Plan> {
        let told = self.told.clone().with(decisions);
        let renames = renames(&self.is, &self.should_be, &told);
        plan::plan(&self.is, &self.should_be, &renames, &told)
    }
}

/// The differences one after another, each on a line of its own; then the SQL that mends them, or what must be decided
/// first.
impl fmt::Display for SchemaDiff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for difference in &self.differences {
            writeln!(f, "{difference}")?;
        }
        if self.is_empty() {
            return Ok(());
        }
        writeln!(f)?;
        match self.plan(&Decisions::new()) {
            Ok(plan) if plan.needs.is_empty() => {
                plan.statements.iter().try_for_each(|statement| writeln!(f, "{statement};"))
            }
            Ok(plan) => plan.needs.iter().try_for_each(|need| writeln!(f, "-- {need}")),
            Err(error) => writeln!(f, "-- {error}"),
        }
    }
}

impl Decisions {
    /// Whether a column goes.
    pub(super) fn drops_column(&self, table: &str, column: &str) -> bool {
        self.dropped_columns.contains(&place(table, column))
    }

    /// Whether a column stays that should not be there.
    pub(super) fn keeps_column(&self, table: &str, column: &str) -> bool {
        self.kept_columns.contains(&place(table, column))
    }

    pub(super) fn drops(&self, name: &str) -> bool {
        self.dropped.contains(&name.to_ascii_lowercase())
    }

    pub(super) fn keeps(&self, index: &str) -> bool {
        self.kept.contains(&index.to_ascii_lowercase())
    }

    pub(super) fn satisfies(&self, table: &str) -> bool {
        self.satisfied.contains(&table.to_ascii_lowercase())
    }
}
