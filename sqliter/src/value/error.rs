//! Why a value cannot be stored, or read.

use crate::error::Error;

/// Why a value cannot be stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct EncodeError(pub String);

impl EncodeError {
    /// With the reason in words.
    pub fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }

    /// The error with the place that the value was for.
    pub(crate) fn at(self, table: &str, column: &str) -> Error {
        Error::Encode { table: table.to_owned(), column: column.to_owned(), reason: self.0, row: None }
    }
}

/// A stored value does not fit the Rust type.
///
/// What was expected and what was found goes into [`Error::Decode`](crate::Error::Decode) by itself; a detail, such
/// as the message of a parser, may be added.
#[derive(Debug, Clone, PartialEq, Eq, Default, thiserror::Error)]
#[error("{}", .detail.as_deref().unwrap_or("the stored value does not fit"))]
pub struct DecodeError {
    pub(crate) detail: Option<String>,
}

impl DecodeError {
    /// The storage class, the form or the range is not the expected one.
    pub const fn unfit() -> Self {
        Self { detail: None }
    }

    /// The same with a detail, such as the message of a parser.
    pub fn because(detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()) }
    }

    /// The error with the place that the value was found at, and what it was.
    pub(crate) fn at(self, table: &str, column: &str, expected: &str, found: String) -> Error {
        Error::Decode {
            table: table.to_owned(),
            column: column.to_owned(),
            expected: expected.to_owned(),
            found: match self.detail {
                Some(detail) => format!("{found} ({detail})"),
                None => found,
            },
        }
    }
}
