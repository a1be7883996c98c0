//! Dropping tables.

use super::{junctions, search};

use crate::engine::{Access, Connection, Pace};
use crate::error::{Context, Error, Operation, Result, SqliteError, code};
use crate::foreign_keys::{primary_key, restricting};
use crate::session::Session;
use crate::sql::{self, Statement};
use crate::table::TableInfo;

/// Drops the tables and their tables of pairs, inside a transaction. Rows of these tables may refer to each other in any
/// way; those of other tables follow their foreign keys, or keep everything as it is.
pub(super) fn drop_tables(connection: &mut Connection, tables: &[&'static TableInfo]) -> Result<()> {
    let mut dropped = Vec::new();
    for table in tables {
        dropped.extend(junctions::of(connection, table)?);
    }
    // The triggers go with the tables.
    let mut searches = Vec::new();
    for table in tables.iter().filter(|table| table.view.is_none()) {
        searches.extend(search::tables_of(connection, table.name)?);
    }
    dropped.extend(tables.iter().rev().filter(|table| table.view.is_none()).map(|table| table.name.to_owned()));
    for view in tables.iter().rev().filter(|table| table.view.is_some()) {
        connection.batch(&sql::drop_view(view.name), Context::new(Operation::DropTable, view.name))?;
    }
    for table in tables.iter().filter(|table| table.view.is_none()) {
        let context = Context::new(Operation::DropTable, table.name);
        // None when there is no such table.
        let Some(key) = primary_key(connection, table.name)? else { continue };
        let rows = sql::select_column(&key, table.name, None);
        let columns = restricting(connection, table.name, &rows, &dropped)?;
        if !columns.is_empty() {
            let source = SqliteError { code: code::FOREIGN_KEY, message: "FOREIGN KEY constraint failed".to_owned() };
            let (operation, table) = (context.operation, table.name.to_owned());
            return Err(Error::ForeignKeyViolation { operation, table, columns, row: None, source });
        }
    }
    let context = Context::new(Operation::DropTable, tables.first().map_or("", |table| table.name));
    connection.deferring_foreign_keys(context, |connection| {
        dropped
            .iter()
            .chain(&searches)
            .try_for_each(|name| connection.batch(&sql::drop_table(name), Context::new(Operation::DropTable, name)))
    })
}

/// Drops all views and tables in one transaction, whatever refers to what.
pub(crate) async fn reset(session: &Session) -> Result<()> {
    const CONTEXT: Context<'static> = Context::new(Operation::Execute, "reset");
    session
        .run(Access::Write, CONTEXT, Pace::Long, |connection| connection.without_foreign_keys(CONTEXT, drop_everything))
        .await
}

fn drop_everything(connection: &mut Connection) -> Result<()> {
    // Shadow tables go with their virtual table.
    const ALL: &str = "SELECT type, name FROM pragma_table_list \
        WHERE schema = 'main' AND type <> 'shadow' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
        ORDER BY type = 'view' DESC, type = 'virtual' DESC";
    let all = Statement::new(ALL, Vec::new());
    for row in connection.texts(&all, Context::new(Operation::Execute, ALL))? {
        let [kind, name] = row.as_slice() else { continue };
        let drop = if kind == "view" { sql::drop_view(name) } else { sql::drop_table(name) };
        connection.batch(&drop, Context::new(Operation::Execute, &drop))?;
    }
    Ok(())
}
