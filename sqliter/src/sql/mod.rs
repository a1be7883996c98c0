//! Statements: the tree that they are made of, and the text that is written for it.
//!
//! Nothing here runs a statement, and nothing knows the types of the user. All SQL of the library is written here, but
//! for fixed texts that ask SQLite about its schema.

// A kind that is added later must be thought of everywhere.
#![warn(clippy::wildcard_enum_match_arm)]

pub(crate) mod ast;
mod beside;
mod by_name;
mod change;
mod facts;
mod fragment;
mod functions;
mod json;
mod matching;
mod migrations;
mod nested;
mod over_tables;
mod query;
mod reach;
mod reached;
mod row_statement;
mod search;
mod selected;
mod statement;
mod subquery;
#[cfg(test)]
mod tests;
mod together;
mod window;
pub(crate) mod words;
mod write;

pub(crate) use beside::Beside;
pub(crate) use by_name::{
    any_among, drop_table, drop_temporary, drop_view, rules_of, schema_of, schema_version, select_column, select_none,
    set_application_id, tables_with_triggers,
};
#[cfg(feature = "testing")]
pub(crate) use by_name::{create_index, drop_index, explain};
pub(crate) use change::{Conflict, Delete, Insert, RowValues, Update, UpsertSet};
pub(crate) use matching::{Pattern, fold_case, regular_expression, small_regular_expression};
pub(crate) use migrations::{AppliedRow, create_applied, delete_applied, insert_applied, select_applied, set_done};
pub(crate) use over_tables::{Frees, OverTables, WriteSql, Written};
pub(crate) use query::{CacheUse, Deleted, Query};
pub(crate) use reached::{Reached, Start};
pub(crate) use statement::Statement;
pub use statement::{Argument, Sql};
pub(crate) use together::{Combination, Giving, United};
pub(crate) use write::{ChosenPairs, Index, Part, SqlWriter, Trial, create_pairs, create_table, trials};
pub(crate) use write::{
    MARK, PYTHON_COLUMN, add_python_column, rebuild_search, replaced_of, search_of_trigger, search_parts,
};
