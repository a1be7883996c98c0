//! What only the text of a `CREATE` statement says.
//!
//! SQLite has accepted the text, so its grammar is not checked again. What is read here is where each definition and each
//! constraint stands, as SQLite's own [grammar](https://www.sqlite.org/lang_createtable.html) has them.

mod constraints;
mod reader;

use std::ops::Range;

use super::{Check, ForeignKey, Generated, OnConflict, PrimaryKey, SqlText, Unique};
use reader::Reader;

/// The text of `CREATE TABLE`.
#[derive(Debug)]
pub(super) struct TableText {
    /// Where the name stands.
    pub(super) name: Range<usize>,
    pub(super) columns: Vec<ColumnText>,
    /// The constraints that belong to no column.
    pub(super) constraints: Vec<Constraint>,
}

/// The definition of a column.
#[derive(Debug)]
pub(super) struct ColumnText {
    pub(super) name: String,
    /// Where it stands, with its constraints.
    pub(super) range: Range<usize>,
    pub(super) constraints: Vec<Constraint>,
}

/// A constraint of a column or of a table.
#[derive(Debug)]
pub(super) struct Constraint {
    /// Where it stands, with its name.
    pub(super) range: Range<usize>,
    pub(super) kind: ConstraintKind,
}

#[derive(Debug)]
pub(super) enum ConstraintKind {
    PrimaryKey(PrimaryKey),
    /// Also `NULL`, which says nothing.
    Null(Option<OnConflict>),
    Unique(Unique),
    Check(Check),
    Default,
    Collate(String),
    ForeignKey(ForeignKey),
    /// Whether the foreign key before it is deferred, where something else stands between them.
    Deferred(bool),
    Generated(Generated),
}

/// What begins a constraint of a table.
const OF_TABLES: [&str; 5] = ["CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"];

/// Reads `CREATE TABLE name (…)`.
pub(super) fn table(sql: &str) -> Result<TableText, String> {
    let mut text = Reader::new(sql)?;
    text.pass(&["CREATE"])?;
    text.skip(&["TEMP", "TEMPORARY"]);
    text.pass(&["TABLE"])?;
    let name = text.object_name()?;
    text.pass(&["("])?;
    let mut columns = Vec::new();
    let mut constraints = Vec::new();
    loop {
        if text.at(&OF_TABLES) {
            constraints.extend(text.table_constraints()?);
        } else {
            columns.push(text.column()?);
        }
        if !text.skip(&[","]) {
            break;
        }
    }
    text.pass(&[")"])?;
    Ok(TableText { name, columns, constraints })
}

/// The terms and the condition of `CREATE INDEX name ON table (…) WHERE …`; a term is without its collating sequence and its
/// direction.
pub(super) fn index(sql: &str) -> Result<(Vec<SqlText>, Option<SqlText>), String> {
    let mut text = Reader::new(sql)?;
    text.pass(&["CREATE"])?;
    text.skip(&["UNIQUE"]);
    text.pass(&["INDEX"])?;
    text.object_name()?;
    text.pass(&["ON"])?;
    text.name()?;
    text.pass(&["("])?;
    let mut terms = Vec::new();
    loop {
        let range = text.until_comma();
        let mut term = text.tokens.get(range).unwrap_or_default();
        if let [rest @ .., last] = term
            && last.is_one_of(&["ASC", "DESC"])
            && !rest.is_empty()
        {
            term = rest;
        }
        while let [rest @ .., collate, _] = term
            && collate.is("COLLATE")
        {
            term = rest;
        }
        terms.push(text.text_of(term));
        if !text.skip(&[","]) {
            break;
        }
    }
    text.pass(&[")"])?;
    let condition = text.skip(&["WHERE"]).then(|| text.text_of(text.rest()));
    Ok((terms, condition))
}
