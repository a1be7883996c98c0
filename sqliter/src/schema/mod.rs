//! The schema of a database as plain data: read from a file, compared, and changed.
//!
//! Nothing here knows a typed model. What the models say becomes SQL, and that SQL is read as a file's is, so that the two
//! cannot disagree in what they mean.

// A kind that is added later must be thought of everywhere.
#![warn(clippy::wildcard_enum_match_arm)]

mod broken;
mod compare;
mod create_text;
mod data;
mod decisions;
mod diff;
mod difference;
mod indexed;
mod needs;
mod plan;
mod print;
mod read;
mod rebuild;
mod renames;
mod scratch;
mod search;
mod serves;
mod sql_text;
mod tokens;
mod widening;
mod words;

pub use data::{
    Check, Column, ForeignKey, Generated, Index, OnConflict, Part, PrimaryKey, Schema, Table, TableKind, Term, Trigger,
    Unique, View,
};
pub use decisions::{Decisions, Need};
pub use diff::SchemaDiff;
pub use difference::{Difference, Subject};
pub(crate) use indexed::indexed_columns;
pub(crate) use read::read;
pub(crate) use scratch::made_by;
pub use search::SearchText;
pub(crate) use serves::hindrances;
pub use sql_text::SqlText;
pub(crate) use sql_text::same_sql;

pub use crate::table::quoted;
