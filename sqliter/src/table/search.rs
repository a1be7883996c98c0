//! The full-text search of a table, as plain data.

use super::{ColumnInfo, TableInfo};

/// A full-text search over columns of a table: an [FTS5](https://www.sqlite.org/fts5.html) table that has no texts of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SearchInfo {
    /// The name of the FTS5 table.
    pub table: &'static str,
    /// The name of the table of rows that the write under way may replace.
    pub replaced: &'static str,
    /// The positions of its columns among those of the table.
    pub columns: &'static [usize],
    /// How texts become words, in the words of FTS5.
    pub tokenize: Option<&'static str>,
    /// The lengths of the prefixes that are indexed.
    pub prefix: Option<&'static str>,
}

impl SearchInfo {
    /// Its columns.
    pub(crate) fn columns_of(self, table: &TableInfo) -> impl Iterator<Item = &'static ColumnInfo> + Clone + use<> {
        let columns = table.columns;
        self.columns.iter().filter_map(move |position| columns.get(*position))
    }
}
