//! The full-text searches of tables.

use crate::engine::Connection;
use crate::error::{Context, Error, Operation, Result};
use crate::schema::same_sql;
use crate::sql::{self, Argument, Statement};
use crate::table::TableInfo;
use crate::value::Value;

/// Creates what the search of a table lacks, and has it read the rows that are there.
pub(super) fn create(connection: &mut Connection, table: &TableInfo, exists_ok: bool) -> Result<()> {
    let Some(search) = table.search else { return Ok(()) };
    let context = Context::new(Operation::CreateTable, search.table);
    let mut lacked = false;
    for (part, plain) in sql::search_parts(table, exists_ok).iter().zip(sql::search_parts(table, false)) {
        match definition(connection, &part.name, context)? {
            Some(known) if exists_ok && !same_sql(&known, &plain.sql) => {
                let differences = vec![format!("{} is {known}, and should be {}", part.name, plain.sql)];
                return Err(Error::SchemaDiffers { table: table.name.to_owned(), differences });
            }
            Some(_) if exists_ok => {}
            Some(_) | None => {
                connection.batch(&part.sql, context)?;
                lacked = true;
            }
        }
    }
    if lacked { connection.batch(&sql::rebuild_search(search.table), context) } else { Ok(()) }
}

/// The statement that created something.
fn definition(connection: &mut Connection, name: &str, context: Context<'_>) -> Result<Option<String>> {
    const DEFINITION: &str = "SELECT coalesce(sql, '') FROM sqlite_schema WHERE name = ? COLLATE NOCASE";
    let found = connection.texts(&asked(DEFINITION, name), context)?;
    Ok(found.into_iter().flatten().next())
}

/// The tables of the searches that the library has made for a table, whatever its model says now.
pub(super) fn tables_of(connection: &mut Connection, table: &str) -> Result<Vec<String>> {
    const TRIGGERS: &str = "SELECT name FROM sqlite_schema \
        WHERE type = 'trigger' AND tbl_name = ? COLLATE NOCASE AND instr(sql, ?) > 0 ORDER BY rowid";
    let mut triggers = asked(TRIGGERS, table);
    triggers.arguments.push(Argument::Value(Value::Text(sql::MARK.to_owned())));
    let triggers = connection.texts(&triggers, Context::new(Operation::DropTable, table))?;
    let mut names = Vec::new();
    for name in triggers.iter().flatten().filter_map(|trigger| sql::search_of_trigger(trigger)) {
        for name in [name.to_owned(), sql::replaced_of(name)] {
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    Ok(names)
}

fn asked(text: &str, name: &str) -> Statement {
    Statement::new(text, vec![Argument::Value(Value::Text(name.to_owned()))])
}
