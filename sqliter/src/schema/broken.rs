//! Views and triggers that SQLite cannot compile, as they name what is not there.

use std::collections::BTreeMap;

use super::scratch::run;
use super::tokens::tokens;
use super::{Trigger, read};
use crate::engine::Scratch;
use crate::error::Result;
use crate::table::quoted;
use crate::value::Value;

/// The views and triggers that do not work, with what SQLite says of each.
pub(super) fn broken(scratch: &mut Scratch) -> Result<BTreeMap<String, String>> {
    let schema = read::read(scratch)?;
    let mut broken = BTreeMap::new();
    for view in &schema.views {
        if let Err(error) = scratch.check(&format!("SELECT * FROM {}", quoted(&view.name))) {
            broken.insert(view.name.clone(), error.message);
        }
    }
    for trigger in &schema.triggers {
        // Alone, as SQLite does not say which trigger it complains of.
        run(scratch, "SAVEPOINT alone")?;
        for other in &schema.triggers {
            if other.name != trigger.name && other.table.eq_ignore_ascii_case(&trigger.table) {
                run(scratch, &format!("DROP TRIGGER {}", quoted(&other.name)))?;
            }
        }
        let statement = fired_by(scratch, trigger);
        let checked = statement.map_or(Ok(()), |sql| scratch.check(&sql));
        run(scratch, "ROLLBACK TO alone; RELEASE alone")?;
        if let Err(error) = checked {
            broken.insert(trigger.name.clone(), error.message);
        }
    }
    Ok(broken)
}

/// A statement that fires a trigger.
fn fired_by(scratch: &Scratch, trigger: &Trigger) -> Option<String> {
    const COLUMNS: &str = "SELECT name FROM pragma_table_info(?1)";
    let tokens = tokens(trigger.sql.as_str()).ok()?;
    let event = tokens.iter().skip(2).position(|token| token.is_one_of(&["DELETE", "INSERT", "UPDATE"]))? + 2;
    let table = quoted(&trigger.table);
    let column = || {
        let named = tokens.get(event + 1).filter(|of| of.is("OF")).and_then(|_| tokens.get(event + 2)?.name());
        let first = || {
            let rows = scratch.rows(1, COLUMNS, &[&trigger.table]).ok()?;
            rows.into_iter().flatten().find_map(Value::into_text)
        };
        named.or_else(first).map(|name| quoted(&name))
    };
    match tokens.get(event) {
        Some(token) if token.is("DELETE") => Some(format!("DELETE FROM {table}")),
        Some(token) if token.is("INSERT") => Some(format!("INSERT INTO {table} DEFAULT VALUES")),
        Some(_) => column().map(|column| format!("UPDATE {table} SET {column} = NULL")),
        None => None,
    }
}
