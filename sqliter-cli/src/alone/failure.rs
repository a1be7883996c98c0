//! Why a command has not done what it should.

use std::io;
use std::path::PathBuf;

use sqliter_cli::output;

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
    #[error(
        "{0} stores its text as {encoding}, and `backup` copies files with UTF-8 alone; this copies it: \
         sqliter query --write \"{0}\" \"VACUUM INTO '{1}'\"",
        file.display(), to.display()
    )]
    OtherEncoding { file: PathBuf, to: PathBuf, encoding: String },
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

impl From<Failure> for output::Failure {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Wrong(reason) => Self::Usage(reason),
            Failure::Schema(error) => Self::Database(error),
            Failure::Output(error) => Self::Output(error),
            Failure::Missing(_)
            | Failure::NoDatabase(_)
            | Failure::CannotOpen { .. }
            | Failure::Busy(_)
            | Failure::OtherEncoding { .. }
            | Failure::Statement(_)
            | Failure::CannotWrite { .. } => Self::Other(failure.to_string()),
        }
    }
}

/// The failures of the helpers that both programs have.
impl From<output::Failure> for Failure {
    fn from(failure: output::Failure) -> Self {
        match failure {
            output::Failure::Usage(reason) => Self::Wrong(reason),
            output::Failure::Database(error) => Self::Schema(error),
            output::Failure::Output(error) => Self::Output(error),
            output::Failure::Other(reason) => Self::Output(io::Error::other(reason)),
        }
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::Output(error.into())
    }
}
