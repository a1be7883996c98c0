//! Statements and their arguments, as plain data.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use crate::value::Value;

/// What a placeholder of a statement is bound to.
#[derive(Debug, Clone, PartialEq)]
pub enum Argument {
    /// A single value.
    Value(Value),
    /// A list of values of any length, as [`rarray`](https://docs.rs/rusqlite/latest/rusqlite/vtab/array/) takes it.
    List(Arc<[Value]>),
}

impl fmt::Display for Argument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(value) => value.fmt(f),
            Self::List(list) => {
                f.write_str("[")?;
                for (i, value) in list.iter().enumerate() {
                    if i > 0 {
                        f.write_str(", ")?;
                    }
                    value.fmt(f)?;
                }
                f.write_str("]")
            }
        }
    }
}

/// A statement as [`Select::to_sql`](crate::Select::to_sql) shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Sql {
    /// The text, with a `?` for every argument.
    pub text: String,
    /// The arguments, in their order.
    pub arguments: Vec<Argument>,
    /// The text by which it runs in place instead, if it lets go of values that may be long: with a condition that fails where one
    /// is.
    pub(crate) in_place: Option<String>,
}

/// The text, then the arguments as SQL literals: `SELECT … WHERE "pages" > ? -- 100`.
impl fmt::Display for Sql {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)?;
        for (i, argument) in self.arguments.iter().enumerate() {
            f.write_str(if i == 0 { " -- " } else { ", " })?;
            argument.fmt(f)?;
        }
        Ok(())
    }
}

/// A statement ready to run.
pub(crate) type Statement = Sql;

impl Sql {
    pub(crate) fn new(text: impl Into<String>, arguments: Vec<Argument>) -> Self {
        Self { text: text.into(), arguments, in_place: None }
    }

    /// Identifies the text, for the record of how long statements take.
    pub(crate) fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.text.hash(&mut hasher);
        hasher.finish()
    }
}
