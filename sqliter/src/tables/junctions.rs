//! The tables of pairs of many-to-many relations.

use super::create::{create_indexes, refusal};
use super::wanted;
use crate::engine::Connection;
use crate::error::{Context, Operation, Result};
use crate::sql::{self, Argument, Index, Statement};
use crate::table::{JunctionInfo, TableInfo, Through};
use crate::value::Value;

/// Stands in the text of every table of pairs that the library makes, which SQLite keeps: a table of another origin may
/// look the same.
const MARK: &str = "/* pairs, by sqliter */";

/// What creates the table of pairs of a many-to-many relation, with its indexes, unless it is the table of a model.
pub(super) fn definition(info: &JunctionInfo, exists_ok: bool) -> Option<(String, Vec<Index>)> {
    if matches!(info.through, Through::TableOf(_)) {
        return None;
    }
    let names = info.names();
    let mut sides = [(&*names.source, (info.owner)()), (&*names.target, (info.other)())];
    // As the columns are named after their tables, the order of the tables is the order of the columns.
    if sides[1].1.name < sides[0].1.name {
        sides.swap(0, 1);
    }
    // Pairs are unique, by an index that begins with the first column.
    let [_, (second, _)] = sides;
    let indexes = vec![wanted::on_column(&names.table, second)];
    Some((sql::create_pairs(&names.table, sides, MARK, exists_ok), indexes))
}

/// Creates the tables of pairs that the model declares.
pub(super) fn create(connection: &mut Connection, table: &TableInfo, exists_ok: bool) -> Result<()> {
    for junction in table.junctions {
        let names = junction.names();
        let context = Context::new(Operation::CreateTable, &names.table);
        if let Some(message) = mistake(junction) {
            return Err(refusal(connection, context, message));
        }
        let Some((sql, indexes)) = definition(junction, exists_ok) else { continue };
        connection.batch(&sql, context)?;
        if !holds_pairs(connection, junction)? {
            let message = format!(
                "the name is taken by a table that does not hold pairs of {} and {}; name another with `through = \"…\"`",
                (junction.owner)().name,
                (junction.other)().name,
            );
            return Err(refusal(connection, context, message));
        }
        create_indexes(connection, &names.table, &indexes, context)?;
    }
    Ok(())
}

/// What is wrong with the declaration of a relation.
fn mistake(junction: &JunctionInfo) -> Option<String> {
    let (owner, other) = ((junction.owner)(), (junction.other)());
    let names = junction.names();
    if let Through::TableOf(_) = junction.through {
        let missing = match (names.source.is_empty(), names.target.is_empty()) {
            (true, _) => owner,
            (_, true) => other,
            _ => return None,
        };
        let nature = if owner.name == other.name { "no two foreign keys" } else { "no foreign key" };
        return Some(format!(
            "the model of the pairs of {} and {} has {nature} to {}",
            owner.name, other.name, missing.name
        ));
    }
    let both = if owner.name == other.name { &[] } else { other.junctions };
    let same = owner.junctions.iter().chain(both).filter(|known| {
        !matches!(known.through, Through::TableOf(_)) && known.names().table.eq_ignore_ascii_case(&names.table)
    });
    (same.count() > 1).then(|| {
        format!(
            "two many-to-many relations between {} and {} would share it; give one a table of its own with \
             `through = \"…\"`, or declare it as the other side of the first",
            owner.name, other.name
        )
    })
}

/// Whether the table has a foreign key for each side in the column where the pairs have it.
fn holds_pairs(connection: &mut Connection, junction: &JunctionInfo) -> Result<bool> {
    const KEYS: &str = "SELECT COUNT(*) FROM pragma_foreign_key_list(?1) \
        WHERE \"from\" = ?2 COLLATE NOCASE AND \"table\" = ?3 COLLATE NOCASE \
        OR \"from\" = ?4 COLLATE NOCASE AND \"table\" = ?5 COLLATE NOCASE";
    let names = junction.names();
    let (owner, other) = ((junction.owner)().name, (junction.other)().name);
    let texts = [&names.table, &names.source, owner, &names.target, other];
    let statement = Statement::new(KEYS, texts.map(text).to_vec());
    Ok(connection.integer(&statement, Context::new(Operation::Execute, KEYS))? == 2)
}

/// The tables of pairs of a model: those that the library has made, whichever side declares them, and those that the model
/// declares, whoever has made them.
pub(super) fn of(connection: &mut Connection, table: &TableInfo) -> Result<Vec<String>> {
    const MADE: &str = "SELECT DISTINCT t.name FROM sqlite_schema AS t, pragma_foreign_key_list(t.name) AS k \
        WHERE t.type = 'table' AND instr(t.sql, ?2) > 0 AND k.\"table\" = ?1 COLLATE NOCASE";
    let statement = Statement::new(MADE, vec![text(table.name), text(MARK)]);
    let rows = connection.texts(&statement, Context::new(Operation::Execute, MADE))?;
    let mut names: Vec<String> = rows.into_iter().flatten().collect();
    for junction in table.junctions.iter().filter(|junction| !matches!(junction.through, Through::TableOf(_))) {
        let name = junction.names().table;
        if !names.iter().any(|known| known.eq_ignore_ascii_case(&name)) && holds_pairs(connection, junction)? {
            names.push(name.into_owned());
        }
    }
    Ok(names)
}

/// A table or an index with the statement that creates it.
pub(super) struct Definition {
    name: String,
    sql: String,
}

/// The tables of pairs of a model as they are in the file, each followed by its indexes.
pub(super) fn definitions_in(connection: &mut Connection, table: &TableInfo) -> Result<Vec<Definition>> {
    const DEFINITIONS: &str = "SELECT name, sql FROM sqlite_schema WHERE tbl_name = ? COLLATE NOCASE \
        AND type IN ('table', 'index') AND sql IS NOT NULL ORDER BY type = 'index'";
    let mut definitions = Vec::new();
    for junction in of(connection, table)? {
        let statement = Statement::new(DEFINITIONS, vec![text(&junction)]);
        for row in connection.texts(&statement, Context::new(Operation::Execute, DEFINITIONS))? {
            if let Ok([name, sql]) = <[String; 2]>::try_from(row) {
                definitions.push(Definition { name, sql });
            }
        }
    }
    Ok(definitions)
}

/// Creates what does not exist again.
pub(super) fn restore(connection: &mut Connection, definitions: Vec<Definition>) -> Result<()> {
    const EXISTS: &str = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = ? COLLATE NOCASE)";
    for Definition { name, sql } in definitions {
        let context = Context::new(Operation::CreateTable, &name);
        let statement = Statement::new(EXISTS, vec![text(&name)]);
        if connection.integer(&statement, context)? == 0 {
            connection.batch(&sql, context)?;
        }
    }
    Ok(())
}

fn text(text: &str) -> Argument {
    Argument::Value(Value::Text(text.to_owned()))
}
