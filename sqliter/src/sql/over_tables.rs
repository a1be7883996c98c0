//! Statements over the tables of models, which may turn out to be others than described.

use std::ops::Range;
use std::sync::Arc;

use super::change::{Delete, Insert, Update, UpsertSet};
use super::write::Facts;
use super::{SqlWriter, Statement};
use crate::error::Result;
use crate::table::{ColumnInfo, Fits, Seen, TableInfo, push_quoted};

/// A statement over tables that models describe.
pub(crate) trait OverTables {
    /// The statement for tables that are as described.
    fn plain(&self) -> &Statement;

    /// The tables that it is about.
    fn tables(&self) -> &[Seen];

    /// Whether SQL of the user in it may call SQLite's function `format`, which takes a thread: of a text that is too long for
    /// the thread of the program it gives `NULL`, and no error.
    fn may_format(&self) -> bool {
        false
    }

    /// What it lets go of the rows that are there.
    fn frees(&self) -> Frees<'_>;

    /// The statement for tables that are something else.
    ///
    /// # Errors
    ///
    /// When it cannot be meant.
    fn fitted(&self, fits: &Arc<Fits>) -> Result<Statement>;
}

/// What a statement lets go of the rows that are there. SQLite frees the pages of a long value in one step, and does not read it
/// before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Frees<'s> {
    /// No value that may be long: its tables have none.
    Nothing,
    /// No value that may be long, but it reads those of the rows that it writes.
    Reads,
    /// Values that may be long. This is the statement with a condition that fails in place where one is.
    Guarded(&'s str),
    /// Values that may be long.
    Unguarded,
}

/// A statement, or what writes one.
pub(crate) trait WriteSql {
    /// Writes it for the tables that the writer knows.
    fn write(&self, sql: &mut SqlWriter);

    /// The columns, of values of any length, that it replaces or deletes in rows that are there.
    fn lets_go(&self) -> Vec<&'static ColumnInfo>;
}

/// Those of the columns that are assigned whose values may be of any length.
fn long_of(assigned: impl Iterator<Item = &'static ColumnInfo>) -> Vec<&'static ColumnInfo> {
    assigned.filter(|column| column.is_of_any_length()).collect()
}

impl WriteSql for Insert {
    fn write(&self, sql: &mut SqlWriter) {
        sql.insert(self);
    }

    fn lets_go(&self) -> Vec<&'static ColumnInfo> {
        let changes = self.conflict.iter().flat_map(|conflict| &conflict.update);
        long_of(changes.map(UpsertSet::column))
    }
}

impl WriteSql for Update {
    fn write(&self, sql: &mut SqlWriter) {
        sql.update(self);
    }

    fn lets_go(&self) -> Vec<&'static ColumnInfo> {
        long_of(self.sets.iter().map(|set| set.column))
    }
}

impl WriteSql for Delete {
    fn write(&self, sql: &mut SqlWriter) {
        sql.delete(self);
    }

    fn lets_go(&self) -> Vec<&'static ColumnInfo> {
        match self.marks.is_empty() {
            true => self.rows.table.columns_of_any_length().collect(),
            false => long_of(self.marks.iter().map(|set| set.column)),
        }
    }
}

impl<W: Fn(&mut SqlWriter)> WriteSql for W {
    fn write(&self, sql: &mut SqlWriter) {
        self(sql);
    }

    /// It reads.
    fn lets_go(&self) -> Vec<&'static ColumnInfo> {
        Vec::new()
    }
}

/// A statement with its text for tables that are as described.
pub(crate) struct Written<W> {
    table: &'static TableInfo,
    plain: Statement,
    facts: Facts,
    /// Whether it lets go of values that may be long.
    lets_go: bool,
    guarded: Option<String>,
    statement: W,
}

impl<W: WriteSql> Written<W> {
    /// Writes the statement for tables that are as described.
    ///
    /// # Errors
    ///
    /// [`Error::Encode`](crate::Error::Encode) when a value has no form in SQLite.
    pub(crate) fn new(table: &'static TableInfo, statement: W) -> Result<Self> {
        let mut sql = SqlWriter::new(table);
        statement.write(&mut sql);
        let (plain, facts) = sql.finish_seen()?;
        let long = statement.lets_go();
        let chosen_by = facts.chosen_by.clone().filter(|_| !long.is_empty());
        let guarded = chosen_by.and_then(|place| guarded(&plain.text, place, &long));
        Ok(Self { table, plain, facts, lets_go: !long.is_empty(), guarded, statement })
    }

    /// What is written.
    pub(crate) const fn statement(&self) -> &W {
        &self.statement
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

impl<W: WriteSql> OverTables for Written<W> {
    fn plain(&self) -> &Statement {
        &self.plain
    }

    fn tables(&self) -> &[Seen] {
        &self.facts.seen
    }

    fn may_format(&self) -> bool {
        self.facts.may_format
    }

    fn frees(&self) -> Frees<'_> {
        match &self.guarded {
            Some(guarded) => Frees::Guarded(guarded),
            None if self.lets_go => Frees::Unguarded,
            None if self.table.columns_of_any_length().next().is_some() => Frees::Reads,
            None => Frees::Nothing,
        }
    }

    fn fitted(&self, fits: &Arc<Fits>) -> Result<Statement> {
        let mut sql = SqlWriter::new(self.table).fitting(Arc::clone(fits));
        self.statement.write(&mut sql);
        sql.finish()
    }
}
