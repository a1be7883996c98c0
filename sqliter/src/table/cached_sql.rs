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
    /// As [`Update`](Self::Update), if the row has no long value.
    UpdateUnlessLong,
    /// Deletes the row with a key for good.
    Delete,
    /// As [`Delete`](Self::Delete), if the row has no long value.
    DeleteUnlessLong,
    /// Whether the row with a key has a long value. The text is empty where no column may have one.
    IsLong,
}

/// The texts of such statements for one state of a table, each written when it is needed first.
#[derive(Debug, Default)]
pub struct CachedSql {
    select: OnceLock<String>,
    insert: OnceLock<String>,
    update: OnceLock<String>,
    update_returning: OnceLock<String>,
    update_unless_long: OnceLock<String>,
    delete: OnceLock<String>,
    delete_unless_long: OnceLock<String>,
    is_long: OnceLock<String>,
}

impl CachedSql {
    #[doc(hidden)]
    pub const fn new() -> Self {
        Self {
            select: OnceLock::new(),
            insert: OnceLock::new(),
            update: OnceLock::new(),
            update_returning: OnceLock::new(),
            update_unless_long: OnceLock::new(),
            delete: OnceLock::new(),
            delete_unless_long: OnceLock::new(),
            is_long: OnceLock::new(),
        }
    }

    /// The text of a statement.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub(crate) fn text(&self, statement: RowStatement, write: impl FnOnce() -> Result<String>) -> Result<&str> {
        let text = match statement {
            RowStatement::Select => &self.select,
            RowStatement::Insert => &self.insert,
            RowStatement::Update => &self.update,
            RowStatement::UpdateReturning => &self.update_returning,
            RowStatement::UpdateUnlessLong => &self.update_unless_long,
            RowStatement::Delete => &self.delete,
            RowStatement::DeleteUnlessLong => &self.delete_unless_long,
            RowStatement::IsLong => &self.is_long,
        };
        match text.get() {
            Some(text) => Ok(text),
            None => write().map(|written| text.get_or_init(|| written).as_str()),
        }
    }
}
