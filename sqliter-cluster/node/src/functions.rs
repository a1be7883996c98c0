//! Functions that every connection of this process has: hiqlite opens them, and asks nobody.

use std::ffi::{c_char, c_int};

use hiqlite::rusqlite::auto_extension::{init_auto_extension, register_auto_extension};
use hiqlite::rusqlite::{Connection, Result, ffi};

use crate::{checked, dates};

/// From now on, every connection has the functions.
pub(crate) fn give_to_every_connection() -> Result<()> {
    // SAFETY: `on_open` opens a database only for the functions of dates, once a thread, and does nothing for that one, so that there
    // is no recursion. It closes none, and does not touch the list of extensions.
    unsafe { register_auto_extension(on_open) }
}

unsafe extern "C" fn on_open(
    database: *mut ffi::sqlite3,
    message: *mut *mut c_char,
    _: *const ffi::sqlite3_api_routines,
) -> c_int {
    // SAFETY: SQLite calls this with the database that it opens, and a place for a message.
    unsafe { init_auto_extension(database, message, give) }
}

fn give(connection: Connection) -> Result<()> {
    if dates::are_for_themselves() {
        return Ok(());
    }
    dates::give(&connection)?;
    checked::give(&connection)
}
