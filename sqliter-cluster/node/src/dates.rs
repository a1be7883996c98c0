//! SQLite's functions of dates, for times that are given.
//!
//! hiqlite replaces them on the connection that writes by functions that panic, as `now` is another time on each node. Tables with
//! columns of dates call them in their checks. Here they are once more, with a fixed number of arguments, by which SQLite prefers
//! them; they refuse whatever depends on the clock or on the place.

use std::cell::Cell;

use hiqlite::rusqlite::functions::{Context, FunctionFlags};
use hiqlite::rusqlite::types::{Value, ValueRef};
use hiqlite::rusqlite::{Connection, Error, Result, params_from_iter};

/// The functions that are given, with one to four arguments; of `strftime` the first is the form.
pub(crate) const NAMES: &[&str] = &["date", "datetime", "julianday", "strftime", "time", "unixepoch"];

thread_local! {
    /// Whether a connection is opened for the functions themselves.
    static IS_OURS: Cell<bool> = const { Cell::new(false) };
    /// Where SQLite's own functions are called.
    static PLAIN: Option<Connection> = {
        IS_OURS.set(true);
        let plain = Connection::open_in_memory().ok();
        IS_OURS.set(false);
        plain
    };
}

/// Whether the connection that is being opened is the one where SQLite's own functions are called.
pub(crate) fn are_for_themselves() -> bool {
    IS_OURS.get()
}

/// Gives the functions to a connection.
pub(crate) fn give(connection: &Connection) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    for name in NAMES {
        let least = if *name == "strftime" { 2 } else { 1 };
        for arguments in least..=4 {
            connection.create_scalar_function(*name, arguments, flags, move |context| call(name, context))?;
        }
    }
    Ok(())
}

/// What SQLite's own function gives.
fn call(name: &str, context: &Context<'_>) -> Result<Value> {
    let arguments: Vec<Value> =
        (0..context.len()).map(|index| context.get_raw(index).try_into()).collect::<Result<_, _>>()?;
    for index in 0..context.len() {
        if let ValueRef::Text(text) = context.get_raw(index)
            && varies(text)
        {
            let reason = format!(
                "{name} of {}: the clock and the place are not the same on every node",
                String::from_utf8_lossy(text)
            );
            return Err(Error::UserFunctionError(reason.into()));
        }
    }
    let places = vec!["?"; arguments.len()].join(", ");
    let sql = format!("SELECT {name}({places})");
    PLAIN.with(|plain| {
        let plain = plain.as_ref().ok_or_else(|| Error::UserFunctionError("no database in memory".into()))?;
        plain.prepare_cached(&sql)?.query_row(params_from_iter(arguments), |row| row.get(0))
    })
}

/// Whether an argument asks for the clock or the place.
pub(crate) fn varies(text: &[u8]) -> bool {
    let text = String::from_utf8_lossy(text).trim().to_ascii_lowercase();
    ["now", "localtime", "utc", "subsec", "subsecond"].contains(&text.as_str())
}
