//! Dropping tables.

use std::future::IntoFuture;

use super::ddl;
use super::junctions::{self, Definition};
use super::tables::{first_column, refusal};
use crate::engine::{Access, Connection, Pace, Statement};
use crate::error::{Context, Error, Operation, Result};
use crate::foreign_keys::{quoted, referrers_but};
use crate::model::{Model, TableInfo};
use crate::session::{Pending, Session};

impl Session {
    /// Drops the table of a model with its rows and indexes, if it exists, and the tables of pairs of its many-to-many
    /// relations: those that the library made, whichever side declares them, and those that the model declares. Any other
    /// table that has the form of such a table of pairs is in the way, as nobody knows what it is.
    ///
    /// Everything is done in one transaction. SQLite
    /// [deletes the rows first](https://www.sqlite.org/foreignkeys.html#fk_schemacommands): rows of other tables that
    /// refer to them follow their foreign key, and a restricting one makes the call fail. Rows of the table itself may
    /// refer to each other.
    ///
    /// # Errors
    ///
    /// [`Error::ForeignKeyViolation`] when rows are still referred to, [`Error::ForeignKeyMismatch`] when another table
    /// refers to columns that are no key, [`Error::NoSuchTable`] when a table does not exist that rows to be deleted refer
    /// to, or [`Error::TableDeletion`].
    pub fn drop_table<M: Model>(&self) -> DropTable<'_> {
        DropTable { session: self, table: M::TABLE }
    }
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
                    let dropped = connection.atomically(context, |connection| drop_alone(connection, table));
                    dropped.map_err(|error| explain(connection, error, &[table]))
                })
                .await
        })
    }
}

fn drop_alone(connection: &mut Connection, table: &'static TableInfo) -> Result<()> {
    let context = Context::new(Operation::DropTable, table.name);
    let names = all_names(connection, &[table])?;
    let in_the_way = junctions::look_alikes(connection, table)?;
    if let Some(other) = in_the_way.iter().find(|other| !is_among(&names, other)) {
        let message = format!(
            "{other} has the form of a table of pairs with it, but neither did this library make it nor does the model \
             declare it; drop {other} first if it is one, else give its columns other names"
        );
        return Err(refusal(connection, context, message));
    }
    drop_together(connection, &[table], &names)
}

/// Drops the tables of models that are created anew. Gives the tables of pairs that are to be created anew too.
pub(super) fn before_creation(connection: &mut Connection, tables: &[&'static TableInfo]) -> Result<Vec<Definition>> {
    let names = all_names(connection, tables)?;
    let pairs: Vec<String> = names
        .iter()
        .filter(|name| !tables.iter().any(|table| table.name.eq_ignore_ascii_case(name)))
        .cloned()
        .collect();
    let definitions = junctions::definitions(connection, &pairs)?;
    drop_together(connection, tables, &names)?;
    Ok(definitions)
}

/// The tables of pairs that go with the tables, then these.
fn all_names(connection: &mut Connection, tables: &[&'static TableInfo]) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for table in tables {
        for pairs in junctions::dropped_with(connection, table)? {
            if !is_among(&names, &pairs) {
                names.push(pairs);
            }
        }
    }
    names.extend(tables.iter().rev().map(|table| table.name.to_owned()));
    Ok(names)
}

fn is_among(names: &[String], name: &str) -> bool {
    names.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// Drops the tables as one: references among them do not matter, those of other tables do.
fn drop_together(connection: &mut Connection, tables: &[&'static TableInfo], names: &[String]) -> Result<()> {
    for table in tables {
        check_referring(connection, table.name, names)?;
    }
    let context = Context::new(Operation::DropTable, tables.first().map_or("", |table| table.name));
    connection.with_deferred_foreign_keys(context, |connection| {
        names
            .iter()
            .try_for_each(|name| connection.batch(&ddl::drop_table(name), Context::new(Operation::DropTable, name)))
    })
}

/// SQLite drops a table without a word where it cannot find out which rows of another one refer to it.
fn check_referring(connection: &mut Connection, table: &str, dropped: &[String]) -> Result<()> {
    const REFERRING: &str = "SELECT t.name, k.\"from\" FROM pragma_table_list AS t, pragma_foreign_key_list(t.name) AS k \
        WHERE t.schema = 'main' AND k.\"table\" = ? COLLATE NOCASE";
    let context = Context::new(Operation::DropTable, table);
    let statement = Statement { text: REFERRING.to_owned(), arguments: vec![junctions::text(table)] };
    for row in connection.texts(&statement, context)? {
        let [child, column] = row.as_slice() else { continue };
        if is_among(dropped, child) {
            continue;
        }
        // While it prepares this, SQLite looks for the key that this one column refers to.
        let (child, column) = (quoted(child), quoted(column));
        if let Err(report) = connection.accepts(&format!("UPDATE {child} SET {column} = {column} WHERE FALSE"))
            && let mismatch @ Error::ForeignKeyMismatch { .. } = connection.error(context, report)
        {
            return Err(mismatch);
        }
    }
    Ok(())
}

/// Adds which columns of other tables still refer to rows of the tables, once all is as it was before.
pub(super) fn explain(connection: &mut Connection, mut error: Error, tables: &[&'static TableInfo]) -> Error {
    if let Error::ForeignKeyViolation { operation: Operation::DropTable, table, columns, .. } = &mut error
        && let Ok(names) = all_names(connection, tables)
    {
        for dropped in tables {
            let found = referrers_but(connection, dropped, &names);
            if !found.is_empty() {
                dropped.name.clone_into(table);
                *columns = found;
                break;
            }
        }
    }
    error
}

/// Drops all views and tables in one transaction, whatever refers to what.
pub(crate) async fn reset(session: &Session) -> Result<()> {
    const CONTEXT: Context<'static> = Context::new(Operation::Execute, "reset");
    session
        .run(Access::Write, CONTEXT, Pace::Long, |connection| {
            connection.without_foreign_keys(CONTEXT, |connection| connection.atomically(CONTEXT, drop_everything))
        })
        .await
}

fn drop_everything(connection: &mut Connection) -> Result<()> {
    // Shadow tables go with their virtual table.
    const DROPS: &str = "SELECT CASE type WHEN 'view' THEN 'DROP VIEW ' ELSE 'DROP TABLE ' END \
        || '\"' || replace(name, '\"', '\"\"') || '\"' \
        FROM pragma_table_list \
        WHERE schema = 'main' AND type <> 'shadow' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
        ORDER BY type = 'view' DESC, type = 'virtual' DESC";
    let context = Context::new(Operation::Execute, DROPS);
    for drop in first_column(connection, DROPS, context)? {
        connection.batch(&drop, Context::new(Operation::Execute, &drop))?;
    }
    Ok(())
}
