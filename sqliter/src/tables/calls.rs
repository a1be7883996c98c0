//! The calls that change the schema.

use std::future::IntoFuture;

use super::create::{create_indexes, first_column, refusal};
use super::drop::drop_tables;
use super::{attributes, described, junctions, search, wanted};
use crate::engine::{Access, Connection, Pace};
use crate::error::{Context, Error, Operation, Result};
use crate::model::{Model, Models};
use crate::schema;
use crate::session::{Pending, Session};
use crate::sql::{self, Index};
use crate::table::{FileKind, FileTable, Seen, TableInfo};

impl Session {
    /// Creates the table of a model with its indexes, or its view, unless it exists. An existing table must have the columns of the
    /// model, and its key; it may have more.
    ///
    /// Everything is done in one transaction.
    ///
    /// # Errors
    ///
    /// [`Error::SchemaDiffers`](crate::Error::SchemaDiffers) when what exists cannot serve the model: it is no table, lacks a
    /// column, has several rows for a key, has a column of another type or one that an insert would have to know, or an index
    /// of the same name that does something else; [`Error::SqlInModel`](crate::Error::SqlInModel) for a mistake in the SQL of an attribute;
    /// [`Error::TableCreation`](crate::Error::TableCreation); [`Error::UniqueViolation`](crate::Error::UniqueViolation) when rows of an existing table violate a new unique index.
    pub fn create_table<M: Model>(&self) -> CreateTables<'_> {
        CreateTables {
            session: self,
            tables: vec![M::TABLE],
            exists_ok: true,
            force: false,
            indexes_only: false,
            for_python: false,
        }
    }

    /// Creates the tables of several models in one transaction, those referred to before those that refer to them, and views
    /// after all tables.
    ///
    /// # Errors
    ///
    /// As [`create_table`](Self::create_table).
    pub fn create_tables<T: Models>(&self) -> CreateTables<'_> {
        let tables = wanted::in_dependency_order(&T::tables());
        CreateTables { session: self, tables, exists_ok: true, force: false, indexes_only: false, for_python: false }
    }

    /// Creates the indexes of a model that do not exist yet, for a table that does.
    ///
    /// # Errors
    ///
    /// As [`create_table`](Self::create_table).
    pub fn create_indexes<M: Model>(&self) -> CreateTables<'_> {
        CreateTables {
            session: self,
            tables: vec![M::TABLE],
            exists_ok: true,
            force: false,
            indexes_only: true,
            for_python: false,
        }
    }

    /// Drops the table of a model with its rows and indexes, if it exists, and the tables of pairs of its many-to-many
    /// relations: those that it declares itself, and those that this library has made for another model.
    ///
    /// SQLite [deletes the rows first](https://www.sqlite.org/foreignkeys.html#fk_schemacommands): rows of other tables
    /// that refer to them follow their foreign key, and a restricting one makes the call fail. What rows of the table
    /// itself refer to does not matter, as all of them go.
    ///
    /// # Errors
    ///
    /// [`Error::ForeignKeyViolation`](crate::Error::ForeignKeyViolation) when rows are still referred to, or [`Error::TableDeletion`](crate::Error::TableDeletion).
    pub fn drop_table<M: Model>(&self) -> DropTable<'_> {
        DropTable { session: self, table: M::TABLE }
    }

    /// The names of the tables in the database, in the order of their creation, without those of SQLite itself.
    ///
    /// # Errors
    ///
    /// [`Error::SqlExecution`](crate::Error::SqlExecution) when the schema cannot be read.
    pub async fn table_names(&self) -> Result<Vec<String>> {
        const NAMES: &str = "SELECT name FROM sqlite_schema \
            WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY rowid";
        let context = Context::new(Operation::Execute, NAMES);
        self.run(Access::Read, context, Pace::Long, move |connection| first_column(connection, NAMES, context)).await
    }
}

/// The creation of tables; runs when it is awaited.
#[derive(Debug)]
#[must_use = "nothing is created before this is awaited"]
pub struct CreateTables<'s> {
    session: &'s Session,
    tables: Vec<&'static TableInfo>,
    exists_ok: bool,
    force: bool,
    indexes_only: bool,
    for_python: bool,
}

/// The statements that create tables with their indexes and tables of pairs, or the indexes only.
pub(super) fn statements(
    tables: &[&'static TableInfo],
    indexes_only: bool,
    exists_ok: bool,
    for_python: impl Fn(&TableInfo) -> bool,
) -> Result<Vec<String>> {
    let mut statements = Vec::new();
    for table in tables {
        if !indexes_only {
            statements.push(sql::create_table(table, exists_ok, for_python(table))?);
        }
        statements.extend(wanted::indexes(table).iter().map(Index::to_sql));
        if let Some(search) = table.search.filter(|_| !indexes_only) {
            statements.extend(sql::search_parts(table, exists_ok).into_iter().map(|part| part.sql));
            statements.push(sql::rebuild_search(search.table));
        }
        for junction in table.junctions.iter().filter(|_| !indexes_only) {
            let Some((sql, indexes)) = junctions::definition(junction, exists_ok) else { continue };
            statements.push(sql);
            statements.extend(indexes.iter().map(Index::to_sql));
        }
    }
    Ok(statements)
}

impl CreateTables<'_> {
    /// With `false`, a table that exists is an error. The default is `true`.
    pub const fn exists_ok(mut self, exists_ok: bool) -> Self {
        self.exists_ok = exists_ok;
        self
    }

    /// The statements that create the tables and their indexes, for reviews and for other programs.
    ///
    /// # Errors
    ///
    /// [`Error::Encode`](crate::Error::Encode) when a default has no form in SQLite.
    pub fn to_sql(&self) -> Result<Vec<String>> {
        statements(&self.tables, self.indexes_only, self.exists_ok, |_| self.for_python)
    }

    /// Gives each table the column `db_context` that [sqliter-py](https://pypi.org/project/sqliter-py) needs, the Python library
    /// of the same name, to load rows together with those they refer to. It holds `NULL`, and no field of the model is needed for
    /// it. A table that is there without it gets it.
    ///
    /// Both libraries use the same names for tables, columns, indexes and tables of pairs, and store the same, where dates and times
    /// are fields of type [`Unix`](crate::Unix). So a file of either is read and written by the other. Where the column is there,
    /// [`schema_diff`](Session::schema_diff) takes it for granted, and migrations keep it.
    pub const fn for_sqliter_py(mut self) -> Self {
        self.for_python = true;
        self
    }

    /// Drops the tables first, with their rows, as [`drop_table`](Session::drop_table) does. Tables of pairs that are
    /// dropped with them are created again, empty.
    pub const fn force(mut self) -> Self {
        self.force = true;
        self
    }
}

impl<'s> IntoFuture for CreateTables<'s> {
    type Output = Result<()>;
    type IntoFuture = Pending<'s, ()>;

    fn into_future(self) -> Pending<'s, ()> {
        let Self { session, tables, exists_ok, force, indexes_only, for_python } = self;
        let context = Context::new(Operation::CreateTable, tables.first().map_or("", |table| table.name));
        Box::pin(async move {
            session
                .run(Access::Write, context, Pace::Long, move |connection| {
                    connection.atomically(context, |connection| {
                        let mut others = Vec::new();
                        if exists_ok || force || indexes_only {
                            check_existing(connection, &tables, indexes_only, force)?;
                        }
                        if force {
                            for table in &tables {
                                others.extend(junctions::definitions_in(connection, table)?);
                            }
                            drop_tables(connection, &tables)?;
                        }
                        for table in &tables {
                            let context = Context::new(Operation::CreateTable, table.name);
                            check_references(connection, table, context)?;
                            if !indexes_only {
                                let created =
                                    connection.batch(&sql::create_table(table, exists_ok, for_python)?, context);
                                created.map_err(|error| attributes::explained(connection, table, error))?;
                                if for_python && table.view.is_none() {
                                    add_python_column(connection, table, context)?;
                                }
                            }
                            let created = create_indexes(connection, table.name, &wanted::indexes(table), context);
                            created.map_err(|error| attributes::explained(connection, table, error))?;
                            if !indexes_only {
                                let created = search::create(connection, table, exists_ok);
                                created.map_err(|error| attributes::explained(connection, table, error))?;
                            }
                        }
                        // When all tables are there: a view may read any of them.
                        for table in tables.iter().filter(|_| !indexes_only) {
                            attributes::check_view(connection, table)?;
                        }
                        if !indexes_only {
                            for table in &tables {
                                junctions::create(connection, table, exists_ok)?;
                            }
                        }
                        junctions::restore(connection, others)
                    })
                })
                .await
        })
    }
}

/// Adds the column that sqliter-py needs, unless it is there.
fn add_python_column(connection: &mut Connection, table: &TableInfo, context: Context<'_>) -> Result<()> {
    let file = connection.file_table(table.name, context)?;
    let is_there = |file: &FileTable| file.columns.iter().any(|it| it.name.eq_ignore_ascii_case(sql::PYTHON_COLUMN));
    match file.is_none_or(|file| is_there(&file)) {
        true => Ok(()),
        false => connection.batch(&sql::add_python_column(table.name), context),
    }
}

/// A foreign key to a view would be an error of every insert.
fn check_references(connection: &Connection, table: &TableInfo, context: Context<'_>) -> Result<()> {
    let keys = table.columns.iter().filter(|_| table.view.is_none());
    let targets = keys.filter_map(|column| Some((column, (column.references?.table)())));
    match targets.into_iter().find(|(_, target)| target.view.is_some()) {
        None => Ok(()),
        Some((column, view)) => {
            let message =
                format!("{} refers to {}, which is a view: a foreign key refers to a table", column.name, view.name);
            Err(refusal(connection, context, message))
        }
    }
}

/// Whether what is there under the names serves the models, or can be dropped for them.
fn check_existing(
    connection: &mut Connection,
    tables: &[&'static TableInfo],
    indexes_only: bool,
    dropped: bool,
) -> Result<()> {
    let mut schemas = None;
    for table in tables {
        let context = Context::new(Operation::CreateTable, table.name);
        let Some(file) = connection.file_table(table.name, context)? else { continue };
        let mut differences = Seen::Table(table).fit(Some(&file)).differences;
        if indexes_only {
            differences.clear();
        }
        if !dropped && file.kind == FileKind::Table {
            let (is, should_be) = match &schemas {
                Some(schemas) => schemas,
                // What a model wants is looked at only where a table exists.
                None => schemas.insert((schema::read(connection)?, described::schema_of(tables, |_| false)?)),
            };
            differences.extend(schema::hindrances(is, should_be, table.name, indexes_only));
        }
        // What is dropped is dropped as what the model is.
        let is_droppable = (file.kind == FileKind::View) == table.view.is_some();
        let serves = differences.is_empty() || (dropped && is_droppable);
        if !serves {
            return Err(Error::SchemaDiffers { table: table.name.to_owned(), differences });
        }
    }
    Ok(())
}

/// The dropping of a table; runs when it is awaited.
#[derive(Debug)]
#[must_use = "nothing is dropped before this is awaited"]
pub struct DropTable<'s> {
    session: &'s Session,
    table: &'static TableInfo,
}

impl<'s> IntoFuture for DropTable<'s> {
    type Output = Result<()>;
    type IntoFuture = Pending<'s, ()>;

    fn into_future(self) -> Pending<'s, ()> {
        let Self { session, table } = self;
        let context = Context::new(Operation::DropTable, table.name);
        Box::pin(async move {
            session
                .run(Access::Write, context, Pace::Long, move |connection| {
                    connection.atomically(context, |connection| drop_tables(connection, &[table]))
                })
                .await
        })
    }
}
