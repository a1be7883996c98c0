//! What was being done.

use std::fmt;

/// What was being done when SQLite refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// Creating a table or its indexes.
    CreateTable,
    /// Dropping a table.
    DropTable,
    /// Inserting rows.
    Insert,
    /// Updating rows.
    Update,
    /// Deleting rows.
    Delete,
    /// Reading rows.
    Fetch,
    /// Migrating the database.
    Migrate,
    /// Opening the database, or one more connection to it.
    Open,
    /// Closing the database.
    Close,
    /// Anything else.
    Execute,
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CreateTable => "create table",
            Self::DropTable => "drop table",
            Self::Insert => "insert",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Fetch => "fetch",
            Self::Migrate => "migrate",
            Self::Open => "open",
            Self::Close => "close",
            Self::Execute => "execute",
        })
    }
}
