//! Statements: the tree that they are made of, and the text that is written for it.
//!
//! Nothing here runs a statement, and nothing knows the types of the user.

pub(crate) mod ast;
mod facts;
mod matching;
mod nested;
mod query;
mod statement;
mod write;

pub(crate) use matching::{fold_case, regular_expression};
pub(crate) use query::{CacheUse, Query};
pub(crate) use statement::Statement;
pub use statement::{Argument, Sql};
pub(crate) use write::{SqlWriter, WRITTEN};
