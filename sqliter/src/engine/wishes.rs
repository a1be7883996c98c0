//! What a program asks of all connections.

use std::cmp::Ordering;
use std::sync::Arc;
use std::time::Duration;

use super::cluster::Replicator;
use crate::value::{Value, ValueRef};

/// How the connections of a database are opened.
#[derive(Debug, Clone)]
pub(crate) struct Wishes {
    pub(crate) file_use: FileUse,
    pub(crate) busy_timeout: Duration,
    /// What the user's program runs on each connection.
    pub(crate) on_connect: Arc<[String]>,
    pub(crate) synchronous: Synchronous,
    /// Other settings, by their names.
    pub(crate) pragmas: Vec<(&'static str, String)>,
    pub(crate) functions: Arc<[Function]>,
    pub(crate) collations: Arc<[OwnCollation]>,
    /// Who brings what is written to other machines.
    pub(crate) replicator: Option<Arc<dyn Replicator>>,
}

/// When a commit waits for the disk: [`PRAGMA synchronous`](https://www.sqlite.org/pragma.html#pragma_synchronous).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Synchronous {
    /// Never. When the power fails or the system crashes, the file may be damaged. For files that can be made anew.
    Off,
    /// When the write-ahead log is moved into the file. When the power fails or the system crashes, the last commits may be gone;
    /// the file is never damaged. A crash of the program loses nothing.
    #[default]
    Normal,
    /// At each commit, which then is on the disk.
    Full,
    /// As `Full`, and for files without a write-ahead log a little more.
    Extra,
}

/// An SQL function of the program's own.
#[derive(Clone)]
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) arguments: u8,
    pub(crate) call: Arc<Call>,
}

type Call = dyn Fn(&[ValueRef<'_>]) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> + Send + Sync;

impl std::fmt::Debug for Function {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.name, self.arguments)
    }
}

/// An order of texts of the program's own.
#[derive(Clone)]
pub(crate) struct OwnCollation {
    pub(crate) name: String,
    pub(crate) compare: Arc<Compare>,
}

type Compare = dyn Fn(&str, &str) -> Ordering + Send + Sync;

impl std::fmt::Debug for OwnCollation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name)
    }
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
        Self {
            file_use: FileUse::Shared,
            busy_timeout: Duration::from_secs(1),
            on_connect: Arc::from([]),
            synchronous: Synchronous::Normal,
            pragmas: Vec::new(),
            functions: Arc::from([]),
            collations: Arc::from([]),
            replicator: None,
        }
    }
}
