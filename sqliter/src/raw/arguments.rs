//! A statement of the user in the making.

use super::IntoArgument;
use crate::error::{Error, Result};
use crate::sql::{Argument, Statement};

/// The text of a statement and what was bound so far.
#[derive(Debug, Clone)]
pub(super) struct Bound {
    text: String,
    arguments: Vec<Argument>,
    /// The first argument that cannot be stored: its number and why.
    unfit: Option<(usize, String)>,
}

impl Bound {
    pub(super) const fn new(text: String) -> Self {
        Self { text, arguments: Vec::new(), unfit: None }
    }

    pub(super) fn push<By>(&mut self, value: impl IntoArgument<By>) {
        let value = value.into_argument().unwrap_or_else(|error| {
            self.unfit.get_or_insert((self.arguments.len() + 1, error.0));
            crate::value::Value::Null
        });
        self.arguments.push(Argument::Value(value));
    }

    /// The statement, if all arguments can be stored.
    pub(super) fn finish(self) -> Result<Statement> {
        match self.unfit {
            Some((number, reason)) => {
                Err(Error::Encode { table: String::new(), column: format!("?{number}"), reason, row: None })
            }
            None => Ok(Statement::new(self.text, self.arguments)),
        }
    }
}
