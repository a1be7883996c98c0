//! What the models and the database say of the schema.

use super::{attributes, calls, wanted};
use crate::engine::{Access, Connection, Pace};
use crate::error::{Context, Error, Operation, Result};
use crate::model::Models;
use crate::schema::{self, Column, Decisions, Schema, SchemaDiff};
use crate::session::Session;
use crate::sql;
use crate::table::TableInfo;

impl Schema {
    /// The schema of models: what [`create_tables`](Session::create_tables) makes in an empty database.
    ///
    /// # Errors
    ///
    /// [`Error::SqlInModel`](crate::Error::SqlInModel) when SQL that stands in an attribute is wrong,
    /// [`Error::Encode`](crate::Error::Encode) when a default has no form in SQLite.
    pub fn of<T: Models>() -> Result<Self> {
        schema_of(&wanted::in_dependency_order(&T::tables()), |_| false)
    }

    /// Every difference between models and this schema, as [`schema_diff`](Session::schema_diff) gives it: for a schema that was
    /// read before, or elsewhere.
    ///
    /// # Errors
    ///
    /// As [`Schema::of`].
    pub fn diff_models<T: Models>(&self) -> Result<SchemaDiff> {
        let tables = wanted::in_dependency_order(&T::tables());
        let should_be = schema_of(&tables, |table| is_for_python(self, table))?;
        SchemaDiff::between(self.clone(), should_be, told_by(&tables))
    }
}

/// Whether the table of a model has the column of sqliter-py, as [`CreateTables::for_sqliter_py`](super::CreateTables::for_sqliter_py) adds it.
fn is_for_python(schema: &Schema, table: &TableInfo) -> bool {
    let is_that = |column: &Column| {
        let is_plain = !column.not_null && column.default.is_none() && column.generated.is_none();
        is_plain && column.name.eq_ignore_ascii_case(sql::PYTHON_COLUMN)
    };
    let has_it = |name: &str| schema.table(name).is_some_and(|table| table.columns.iter().any(is_that));
    has_it(table.name) || table.renamed_from.is_some_and(has_it)
}

/// The schema of tables, some of them with the column of sqliter-py.
pub(super) fn schema_of(tables: &[&'static TableInfo], for_python: impl Fn(&TableInfo) -> bool) -> Result<Schema> {
    let statements = calls::statements(tables, false, true, for_python)?;
    let schema = schema::made_by(&statements, false).map_err(|error| {
        let mistake = tables.iter().find_map(|table| attributes::mistake_of(table));
        mistake.unwrap_or(error)
    })?;
    attributes::check_views(tables, &statements)?;
    Ok(schema)
}

impl Session {
    /// The schema of the database: its tables, views and triggers, as they are now.
    ///
    /// # Errors
    ///
    /// [`Error::SqlExecution`](crate::Error::SqlExecution) when it cannot be read.
    pub async fn schema(&self) -> Result<Schema> {
        const CONTEXT: Context<'static> = Context::new(Operation::Execute, "the schema");
        let read = |connection: &mut Connection| schema::read(connection);
        self.run(Access::Read, CONTEXT, Pace::Long, move |connection| connection.snapshot(CONTEXT, read)).await
    }

    /// Every difference between the models and the schema of the database. Tables, views and triggers that the models say
    /// nothing of are none, and neither is the column of sqliter-py that [`for_sqliter_py`](crate::bounds::CreateTables::for_sqliter_py) adds. It
    /// prints as what is, what should be, and the SQL that mends it.
    ///
    /// # Errors
    ///
    /// As [`schema`](Self::schema) and [`Schema::of`].
    pub async fn schema_diff<T: Models>(&self) -> Result<SchemaDiff> {
        self.schema().await?.diff_models::<T>()
    }

    /// Makes sure that the schema of the database is that of the models.
    ///
    /// # Errors
    ///
    /// [`Error::SchemaDiffers`] with every difference; and as [`schema_diff`](Self::schema_diff).
    pub async fn require_schema<T: Models>(&self) -> Result<()> {
        let diff = self.schema_diff::<T>().await?;
        match diff.differences.first() {
            None => Ok(()),
            Some(first) => {
                let differences = diff.differences.iter().map(ToString::to_string).collect();
                Err(Error::SchemaDiffers { table: first.table.clone(), differences })
            }
        }
    }
}

/// The names that tables and columns had before, as their models tell.
fn told_by(tables: &[&'static TableInfo]) -> Decisions {
    let mut told = Decisions::new();
    for table in tables {
        if let Some(old) = table.renamed_from {
            told = told.rename_table(old, table.name);
        }
        for column in table.columns {
            if let Some(old) = column.renamed_from {
                told = told.rename_column(table.name, old, column.name);
            }
        }
        for junction in table.junctions {
            let (old, new) = (junction.names_before(), junction.names());
            told = told
                .rename_table(&old.table, &new.table)
                .rename_column(&new.table, &old.source, &new.source)
                .rename_column(&new.table, &old.target, &new.target);
        }
    }
    told
}
