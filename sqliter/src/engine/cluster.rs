//! What a database of a cluster asks of whoever brings its writes to the other machines.
//!
//! A transaction runs here with all its results. Instead of being committed it is rolled back, and what it has changed is proposed to
//! all machines, which do it in one order, this one among them.

use std::fmt::{self, Debug, Formatter};
use std::time::Duration;

use rusqlite::Connection as Sqlite;

use super::{Connection, block_on};

/// Brings what transactions have changed to all machines: [`DbOptions::cluster`](crate::DbOptions::cluster).
///
/// One serves one open database. Its methods are called on threads of the library, which may wait in them.
pub trait Replicator: Debug + Send + Sync + 'static {
    /// The database was opened, or is used again after it was closed. From now on, what the machines have agreed on is done on the
    /// connection.
    ///
    /// # Errors
    ///
    /// Why this machine cannot follow the others. The database does not open then.
    fn start(&self, connection: ApplyingConnection) -> Result<(), String>;

    /// The database is closed. When this returns, the connection of [`start`](Self::start) is dropped.
    fn stop(&self);

    /// A transaction that writes has begun on the connection, and is recorded from now on. The recording is dropped before the
    /// connection is.
    ///
    /// # Errors
    ///
    /// What SQLite says. The transaction ends then.
    fn record(&self, connection: &Sqlite) -> rusqlite::Result<Box<dyn Recording>>;

    /// Proposes what a [`Recording`] gave, and waits until it is done on the file of this machine.
    ///
    /// # Errors
    ///
    /// Why it is not.
    fn propose(&self, proposal: Vec<u8>, within: Option<Duration>) -> Result<(), NotDone>;
}

/// The recording of one transaction.
pub trait Recording: Send {
    /// What the transaction has changed, at its end, for [`Replicator::propose`]; `None` when that is nothing.
    ///
    /// # Errors
    ///
    /// What SQLite says. The transaction is rolled back then.
    fn proposal(&mut self, connection: &Sqlite, schema: Option<SchemaChange<'_>>) -> rusqlite::Result<Option<Vec<u8>>>;
}

/// What a transaction has run that changes the schema. It is done on every machine by its statements.
#[derive(Debug, Clone, Copy)]
pub struct SchemaChange<'a> {
    /// All statements that wrote, with their values, and the savepoints between them.
    pub statements: &'a [String],
    /// Whether foreign keys were enforced.
    pub foreign_keys: bool,
}

/// Why a proposal is not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotDone {
    /// Another machine wrote first. The transaction may run again.
    Conflict,
    /// It is done nowhere, and would not be if it were proposed again.
    Refused(String),
    /// It may be done or not.
    Unknown(String),
}

/// The connection on which is done what the machines have agreed on. It has the functions and collations of the library and of
/// the program, waits for no lock, and moves the log into the database file when it is told of commits.
pub struct ApplyingConnection(Option<Box<Connection>>);

impl Debug for ApplyingConnection {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("ApplyingConnection")
    }
}

impl ApplyingConnection {
    pub(super) fn new(connection: Connection) -> Self {
        connection.lift_limit();
        Self(Some(Box::new(connection)))
    }

    /// SQLite's connection.
    ///
    /// # Panics
    ///
    /// Never: the connection is there until this is dropped.
    pub fn sqlite(&self) -> &Sqlite {
        self.0.as_ref().expect("it is there until the drop").sqlite()
    }

    /// Something was committed: where the log is long, it is moved into the database file.
    pub fn has_committed(&self) {
        if let Some(connection) = self.0.as_ref().filter(|connection| connection.needs_checkpoint()) {
            connection.checkpoint();
        }
    }
}

impl Drop for ApplyingConnection {
    fn drop(&mut self) {
        if let Some(connection) = self.0.take() {
            // Nobody is there to be told.
            let _ = block_on(connection.close());
        }
    }
}
