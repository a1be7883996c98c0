//! What a program asks of all connections.

use std::sync::Arc;
use std::time::Duration;

/// How the connections of a database are opened.
#[derive(Debug, Clone)]
pub(crate) struct Wishes {
    pub(crate) file_use: FileUse,
    pub(crate) busy_timeout: Duration,
    /// What the user's program runs on each connection.
    pub(crate) on_connect: Arc<[String]>,
}

/// What a program does with a file, and what others do meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileUse {
    /// It reads and writes, and so may others.
    Shared,
    /// No other process has the file open.
    Exclusive,
    /// It reads, and others may write.
    ReadOnly,
    /// It reads, and nobody writes.
    Immutable,
}

impl FileUse {
    pub(crate) const fn reads_only(self) -> bool {
        match self {
            Self::Shared | Self::Exclusive => false,
            Self::ReadOnly | Self::Immutable => true,
        }
    }
}

#[cfg(test)]
impl Default for Wishes {
    fn default() -> Self {
        Self { file_use: FileUse::Shared, busy_timeout: Duration::from_secs(1), on_connect: Arc::from([]) }
    }
}
