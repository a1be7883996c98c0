//! Why a command has not done what it should.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

/// Why a command has not done what it should, with what to do about it where that can be said.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("there is no file {}", .0.display())]
    Missing(PathBuf),
    #[error("{} is no SQLite database", .0.display())]
    NoDatabase(PathBuf),
    #[error("{} cannot be opened: {reason}", file.display())]
    CannotOpen { file: PathBuf, reason: String },
    #[error("{} is in use by another program, and was waited for in vain", .0.display())]
    Busy(PathBuf),
    #[error("{0}")]
    Wrong(String),
    #[error("SQLite refuses the statement: {0}")]
    Statement(String),
    #[error("{0}")]
    Schema(sqliter::Error),
    #[error("{}: {reason}", file.display())]
    CannotWrite { file: PathBuf, reason: String },
    #[error("cannot print: {0}")]
    Output(#[from] io::Error),
}

impl Failure {
    /// As the help of the program lists them.
    pub(super) fn code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Wrong(_) => 2,
            Self::Missing(_) | Self::NoDatabase(_) | Self::CannotOpen { .. } | Self::Busy(_) => 3,
            Self::Statement(_) | Self::Schema(_) => 4,
            Self::CannotWrite { .. } | Self::Output(_) => 5,
        })
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::Output(error.into())
    }
}
