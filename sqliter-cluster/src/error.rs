//! What can go wrong.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// The result of a call to the cluster.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a call to the cluster has failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The write itself, or a read of the local file.
    #[error(transparent)]
    Sqliter(#[from] sqliter::Error),

    /// A statement that would not do the same on every node, or whose arguments cannot be sent. Nothing was sent.
    #[error("this write cannot be sent to the cluster: {reason}\nin {sql}")]
    CannotTravel {
        /// The statement.
        sql: String,
        /// What in it.
        reason: String,
    },

    /// SQLite refuses the write, on every node. Nothing was written.
    #[error("the cluster refuses the write: {reason}")]
    Refused {
        /// What SQLite says.
        reason: String,
    },

    /// The write was sent, and it is not known whether it was or will be done: look for it before you do it again.
    #[error("it is not known whether the write is done; the cluster was asked for {within:?}, and last said: {reason}")]
    Unknown {
        /// For how long it was asked.
        within: Duration,
        /// What the last attempt has met.
        reason: String,
    },

    /// The local file has not come to what was asked for: the node beside the program is stopped, or behind.
    #[error("{} is behind: what was asked for was not there within {within:?}", file.display())]
    Behind {
        /// The file.
        file: PathBuf,
        /// For how long it was looked at.
        within: Duration,
    },

    /// Other programs came first each time.
    #[error("{tries} times within {within:?} another machine was first: the transaction was not done")]
    Conflict {
        /// How often it was tried.
        tries: u64,
        /// For how long.
        within: Duration,
    },

    /// This machine does not follow the others any more, as its own file could not be written.
    #[error("this machine has stopped following the cluster: {reason}")]
    Stopped {
        /// What SQLite says.
        reason: String,
    },

    /// SQLite, beside the library.
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),

    /// No node can be reached.
    #[error("no node answers at {}: is sqliter-node running?", socket.display())]
    NoNode {
        /// Where it was looked for.
        socket: PathBuf,
        /// What the system says.
        source: io::Error,
    },

    /// A node has answered what was not asked.
    #[error("the node has answered what was not asked: are both of one version?")]
    Answer,

    /// A node for a test or a demonstration could not be started.
    #[error("{what}: {source}")]
    Local {
        /// What was tried.
        what: String,
        /// What the system says.
        source: io::Error,
    },
}
