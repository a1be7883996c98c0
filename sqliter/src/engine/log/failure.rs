//! What a statement ended with, without the values that the error may quote.

use std::error::Error as StdError;
use std::fmt;

use crate::error::{Error, SqliteError, code};

/// What a statement can end with.
pub(in crate::engine) trait Failure {
    fn error(&self) -> &(dyn StdError + 'static);
}

impl Failure for SqliteError {
    fn error(&self) -> &(dyn StdError + 'static) {
        self
    }
}

impl Failure for Error {
    fn error(&self) -> &(dyn StdError + 'static) {
        self
    }
}

/// The code that SQLite has reported, if it has.
pub(super) fn code_of(failure: &dyn Failure) -> Option<i32> {
    let error = failure.error();
    let own = error.downcast_ref().or_else(|| error.downcast_ref::<Error>()?.sqlite());
    own.map(|report: &SqliteError| report.code)
}

impl<T> Failure for (Error, T) {
    fn error(&self) -> &(dyn StdError + 'static) {
        &self.0
    }
}

/// An error without the values that its text may have in it.
pub(super) struct Report<'a> {
    pub(super) error: &'a (dyn StdError + 'static),
    /// Whether arguments are left out too.
    pub(super) guarded: bool,
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { error, guarded } = *self;
        let own = error.downcast_ref::<SqliteError>();
        if let Some(report) = own.or_else(|| error.source().and_then(|source| source.downcast_ref())) {
            return match guarded && !is_of_fixed_words(report) {
                true => write!(f, "SQLite result code {}, whose message may quote arguments", report.code),
                false => report.fmt(f),
            };
        }
        match error.downcast_ref() {
            Some(Error::Decode { table, column, expected, .. }) => {
                write!(f, "{table}.{column} holds another value, expected {expected}")
            }
            Some(Error::Encode { table, column, .. }) if guarded => {
                write!(f, "{table}.{column} cannot hold the value")
            }
            _ => write!(f, "{error}"),
        }
    }
}

/// Whether a message has at most names from the schema in it. Functions, triggers and virtual tables write their own.
fn is_of_fixed_words(report: &SqliteError) -> bool {
    const BUSY_TO_CORRUPT: std::ops::RangeInclusive<i32> = code::BUSY..=code::CORRUPT;
    match report.primary_code() {
        code::CONSTRAINT if report.code == code::TRIGGER => report.message == "FOREIGN KEY constraint failed",
        code::CONSTRAINT => !matches!(report.code, code::FUNCTION | code::VIRTUAL_TABLE),
        primary => BUSY_TO_CORRUPT.contains(&primary) || matches!(primary, code::FULL | code::TOO_BIG | code::MISMATCH),
    }
}
