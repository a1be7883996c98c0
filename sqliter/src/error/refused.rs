//! Which row of a call for many rows was refused.

use std::fmt;

use super::Error;

/// The row of a call for many rows, such as [`bulk_insert`](crate::Session::bulk_insert), that was refused. Nothing of the call
/// was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RefusedRow {
    /// Its place in what the call was given, counted from 0.
    pub index: usize,
    /// What tells the row apart: the values of its key and of its unique columns, each as the name of the column and an SQL
    /// literal. A key that SQLite chooses is not among them, nor is a value that has no form in SQLite.
    pub values: Vec<(String, String)>,
}

impl fmt::Display for RefusedRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the row at index {}", self.index)?;
        for (i, (column, value)) in self.values.iter().enumerate() {
            write!(f, "{}{column} = {value}", if i == 0 { ", where " } else { ", " })?;
        }
        Ok(())
    }
}

/// What an error says behind its reason.
pub(super) fn by_row(row: Option<&RefusedRow>) -> String {
    row.map(|row| format!(": {row}")).unwrap_or_default()
}

impl Error {
    /// The row that was refused, where the call was for many rows.
    ///
    /// ```
    /// # use sqliter::prelude::*;
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # struct Tag { pk: Key<Tag>, #[model(unique)] name: String }
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// # let db = Db::memory().await?;
    /// # db.create_table::<Tag>().await?;
    /// let tags = ["rust", "sql", "rust"].map(|name| Tag::builder().name(name));
    /// let error = db.bulk_insert(tags).await.unwrap_err();
    /// assert_eq!(error.to_string(), "insert violates uniqueness of tags (name): the row at index 2, where name = 'rust'");
    /// assert_eq!(error.refused_row().map(|row| row.index), Some(2));
    /// # Ok(())
    /// # }
    /// ```
    pub fn refused_row(&self) -> Option<&RefusedRow> {
        if let Self::UniqueViolation { row, .. }
        | Self::ForeignKeyViolation { row, .. }
        | Self::NotNullViolation { row, .. }
        | Self::CheckViolation { row, .. }
        | Self::Ignored { row, .. }
        | Self::Encode { row, .. } = self
        {
            row.as_deref()
        } else {
            None
        }
    }

    /// The same error, about a row of many.
    pub(crate) fn in_row(mut self, index: usize, values: impl FnOnce() -> Vec<(String, String)>) -> Self {
        if let Self::UniqueViolation { row, .. }
        | Self::ForeignKeyViolation { row, .. }
        | Self::NotNullViolation { row, .. }
        | Self::CheckViolation { row, .. }
        | Self::Ignored { row, .. }
        | Self::Encode { row, .. } = &mut self
        {
            *row = Some(Box::new(RefusedRow { index, values: values() }));
        }
        self
    }
}
