//! Texts that are the same for all rows of a table.

use std::sync::OnceLock;

use crate::error::Result;

/// A statement about one row, the same for all rows of a table but for the values that are bound to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RowStatement {
    /// Reads the row with a key.
    Select,
    /// Inserts a row.
    Insert,
    /// Writes all columns of the row with a key.
    Update,
    /// As [`Update`](Self::Update), and gives back the row.
    UpdateReturning,
    /// Deletes the row with a key for good.
    Delete,
}

/// The text of a statement, and how it runs in place.
#[derive(Debug)]
pub(crate) struct Texts {
    pub(crate) text: String,
    /// The text by which it runs in place instead, if it lets go of values that may be long: with a condition that fails where one
    /// is.
    pub(crate) in_place: Option<String>,
}

/// The texts of such statements for one state of a table, each written when it is needed first.
#[derive(Debug, Default)]
pub struct CachedSql {
    select: OnceLock<Texts>,
    insert: OnceLock<Texts>,
    update: OnceLock<Texts>,
    update_returning: OnceLock<Texts>,
    delete: OnceLock<Texts>,
}

impl CachedSql {
    #[doc(hidden)]
    pub const fn new() -> Self {
        Self {
            select: OnceLock::new(),
            insert: OnceLock::new(),
            update: OnceLock::new(),
            update_returning: OnceLock::new(),
            delete: OnceLock::new(),
        }
    }

    /// The texts of a statement.
    ///
    /// # Errors
    ///
    /// When they cannot be written.
    pub(crate) fn texts(&self, statement: RowStatement, write: impl FnOnce() -> Result<Texts>) -> Result<&Texts> {
        let kept = match statement {
            RowStatement::Select => &self.select,
            RowStatement::Insert => &self.insert,
            RowStatement::Update => &self.update,
            RowStatement::UpdateReturning => &self.update_returning,
            RowStatement::Delete => &self.delete,
        };
        match kept.get() {
            Some(kept) => Ok(kept),
            None => write().map(|written| kept.get_or_init(|| written)),
        }
    }
}
