//! The statement that a writer has written.

use std::ops::Range;

use super::SqlWriter;
use crate::error::Result;
use crate::sql::Statement;
use crate::table::{ColumnInfo, Seen, push_quoted};

/// What is known of a statement that has been written.
pub(crate) struct Facts {
    /// The tables that it is about.
    pub(crate) seen: Vec<Seen>,
    /// Whether it may call SQLite's function `format`.
    pub(crate) may_format: bool,
}

impl SqlWriter {
    pub(crate) fn finish(self) -> Result<Statement> {
        match self.error {
            Some(error) => Err(error),
            None => Ok(Statement::new(self.text, self.arguments)),
        }
    }

    /// A statement that lets go of these columns of rows that are there, whose values may be long; and what is known of it.
    pub(crate) fn finish_freeing(mut self, long: &[&'static ColumnInfo]) -> Result<(Statement, Facts)> {
        let facts = Facts { seen: std::mem::take(&mut self.seen), may_format: self.may_format };
        let chosen_by = self.chosen_by.take().filter(|_| !long.is_empty());
        let mut statement = self.finish()?;
        statement.in_place = chosen_by.and_then(|place| guarded(&statement.text, place, long));
        Ok((statement, facts))
    }
}

/// The text with one more condition: that the values of these columns are short.
fn guarded(text: &str, chosen_by: Range<usize>, long: &[&'static ColumnInfo]) -> Option<String> {
    let (before, condition, behind) =
        (text.get(..chosen_by.start)?, text.get(chosen_by.clone())?, text.get(chosen_by.end..)?);
    let mut guarded = String::with_capacity(text.len() + 64);
    guarded.push_str(before);
    guarded.push_str(" WHERE ");
    if let Some(condition) = condition.strip_prefix(" WHERE ") {
        guarded.push('(');
        guarded.push_str(condition);
        guarded.push_str(") AND ");
    }
    for (i, column) in long.iter().enumerate() {
        // SQLite tells the length without reading the value.
        guarded.push_str(if i == 0 { "are_short(octet_length(" } else { "), octet_length(" });
        push_quoted(&mut guarded, column.name);
    }
    guarded.push_str("))");
    guarded.push_str(behind);
    Some(guarded)
}
