//! Recording what a transaction of sqliter changes.
//!
//! SQLite's session belongs to a connection, and sqliter keeps its connections to itself. So every connection of the process gets
//! functions that are called by SQL inside of the transaction.

use std::ffi::{c_char, c_int};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::auto_extension::{init_auto_extension, register_auto_extension};
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::{Connection, Error, Result, ffi};

use crate::changes::Session;

/// Begins to record.
pub(crate) const BEGIN: &str = "SELECT cluster_record()";
/// Gives what has changed since, and ends.
pub(crate) const CHANGES: &str = "SELECT cluster_changes()";

/// From now on, every connection that this process opens has the functions.
pub(crate) fn give_to_every_connection() -> Result<()> {
    // SAFETY: `on_open` opens and closes no database, and does not touch the list of extensions. SQLite takes a function once.
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
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DIRECTONLY;
    // The functions belong to the connection, and end with it. A session that is left over then is not freed.
    let recording = Arc::new(Mutex::new(None::<Session>));
    let taken = Arc::clone(&recording);
    connection.create_scalar_function("cluster_record", 0, flags, move |context: &Context<'_>| {
        let mut place = recording.lock().unwrap_or_else(PoisonError::into_inner);
        // SAFETY: both functions run on the connection that they were made for, which is open then. It stays with the caller. What
        // was left by a transaction that was dropped is ended, and replaced.
        unsafe {
            if let Some(left) = place.take() {
                left.end();
            }
            *place = Some(Session::begin(&*context.get_connection()?)?);
        }
        Ok(0)
    })?;
    connection.create_scalar_function("cluster_changes", 0, flags, move |context: &Context<'_>| {
        let session = taken.lock().unwrap_or_else(PoisonError::into_inner).take();
        let session = session.ok_or_else(|| Error::UserFunctionError("nothing is recorded".into()))?;
        // SAFETY: as above; the session was begun on this connection, and is not used after it has ended.
        let changes = unsafe {
            let changes = context.get_connection().and_then(|connection| session.changes(&connection));
            session.end();
            changes?
        };
        postcard::to_stdvec(&changes).map_err(|error| Error::UserFunctionError(Box::new(error)))
    })
}
