//! Writes as the statements that are sent.

use sqliter::Value;
use sqliter::bounds::{Argument, Sql, Work, Write};
use sqliter::prelude::*;
use sqliter_cluster_wire as wire;

use crate::error::{Error, Result};

/// Writes that are done together, in one transaction on every node.
#[derive(Debug, Default)]
pub struct Batch {
    statements: Vec<wire::Statement>,
}

impl Batch {
    /// Adds a write. It is done when all of the batch is, and gives nothing back.
    ///
    /// # Errors
    ///
    /// [`Error::CannotTravel`] for a list of values as an argument, which has no form that can be sent;
    /// [`Error::Sqliter`] when a value has no form in SQLite.
    pub fn add<'w, M: Model, W: Work<M>, T: 'w>(&mut self, write: Write<'w, M, W, T>) -> Result<()> {
        for statement in write.to_sql()? {
            self.statements.push(sent(statement)?);
        }
        Ok(())
    }

    /// Adds a statement of the program's own.
    pub fn sql(&mut self, sql: impl Into<String>, arguments: impl IntoIterator<Item = Value>) {
        let arguments = arguments.into_iter().map(value).collect();
        self.statements.push(wire::Statement { sql: sql.into(), arguments });
    }

    pub(crate) fn into_statements(self) -> Vec<wire::Statement> {
        self.statements
    }
}

fn sent(statement: Sql) -> Result<wire::Statement> {
    let Sql { text, arguments, .. } = statement;
    let mut values = Vec::with_capacity(arguments.len());
    for argument in arguments {
        match argument {
            Argument::Value(one) => values.push(value(one)),
            Argument::List(_) => {
                let reason = "a list of values is bound as a pointer, which means nothing on another machine: \
                    write the conditions one by one, `any(values.iter().map(|v| column.eq(v)))`, or a subquery";
                return Err(Error::CannotTravel { sql: text, reason: reason.to_owned() });
            }
        }
    }
    Ok(wire::Statement { sql: text, arguments: values })
}

fn value(value: Value) -> wire::Value {
    match value {
        Value::Null => wire::Value::Null,
        Value::Integer(number) => wire::Value::Integer(number),
        Value::Real(number) => wire::Value::Real(number),
        Value::Text(text) => wire::Value::Text(text),
        Value::Blob(bytes) => wire::Value::Blob(bytes),
    }
}
