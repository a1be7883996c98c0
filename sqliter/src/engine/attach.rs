//! The one unsafe step: statements run in place on a connection that sqlx has opened.

use rusqlite::Connection;
use sqlx::sqlite::SqliteConnection;

/// Wraps the raw handle of a connection that sqlx owns.
///
/// Only [`super::Connection`] and the set-up of a new connection call this. They keep what the safety argument needs:
/// the wrapper is dropped before the sqlx connection, and the sqlx connection is not used as long as the wrapper is.
#[expect(unsafe_code, reason = "see the argument below")]
pub(super) async fn attach(owner: &mut SqliteConnection) -> Result<Connection, sqlx::Error> {
    let mut handle = owner.lock_handle().await?;
    let raw = handle.as_raw_handle().as_ptr();
    drop(handle);
    // SAFETY:
    // * The pointer is valid: it comes from a connection that is open, and that stays open as long as its owner lives.
    //   Both callers drop the wrapper first; dropping it finalises its statements and does not close the handle.
    // * sqlx and rusqlite are linked to the same libsqlite3 (the `links` key of libsqlite3-sys allows only one), so
    //   the type behind the pointer is the same.
    // * There is no concurrent use. The handle is opened without a mutex, so SQLite asks that one thread at a time
    //   uses it. rusqlite's connection is `Send` and not `Sync`, hence used by one thread at a time. The worker
    //   thread of sqlx touches the handle only to carry out a command; the owner sits beside the wrapper and is given
    //   none until the wrapper is gone. Taking the lock above has waited for the commands before, and its release
    //   makes what they wrote visible here; the drop of the owner reaches the worker through a channel, which orders
    //   everything done through the wrapper before it.
    // * Hooks: rusqlite would free hooks of its own only for handles that it owns, so none are set through the
    //   wrapper; the progress handler is set through sqlx. Functions, collations and modules are freed by SQLite
    //   itself when the handle is closed.
    unsafe { Connection::from_handle(raw) }.map_err(|error| sqlx::Error::Configuration(Box::new(error)))
}
