//! How SQLite goes about a query.

use std::collections::HashMap;
use std::fmt;

use super::run;
use crate::engine::{Access, Pace};
use crate::error::{Context, Error, Operation, Result};
use crate::session::Session;
use crate::sql::{Query, SqlWriter, ast::Selected};
use crate::value::Value;

/// SQLite's plan for a query, from [`Select::explain`](crate::Select::explain), as
/// [`EXPLAIN QUERY PLAN`](https://www.sqlite.org/eqp.html) reports it. It prints as an indented tree.
///
/// SQLite may choose another plan when tables and indexes change, after `ANALYZE`, and in another version. The words
/// are SQLite's and may change with its version, too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryPlan {
    steps: Vec<PlanStep>,
}

/// A step of a [`QueryPlan`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PlanStep {
    /// The number of the step.
    pub id: i64,
    /// The number of the step that this one is a part of, or 0.
    pub parent: i64,
    /// What is done, such as `SCAN books` or `SEARCH books USING INDEX idx_books_title (title=?)`.
    pub detail: String,
}

impl QueryPlan {
    /// The steps as SQLite gives them; each comes after the one that it is a part of.
    pub fn steps(&self) -> &[PlanStep] {
        &self.steps
    }

    /// Whether a step uses the index with this name, as in `assert!(plan.uses_index("idx_books_title"), "{plan}")`.
    pub fn uses_index(&self, name: &str) -> bool {
        let named = format!("INDEX {name}");
        self.steps.iter().any(|step| {
            let found = step.detail.split_once(&named);
            found.is_some_and(|(_, rest)| rest.is_empty() || rest.starts_with(" ("))
        })
    }
}

impl fmt::Display for QueryPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut depths = HashMap::new();
        for (i, step) in self.steps.iter().enumerate() {
            let depth = depths.get(&step.parent).map_or(0, |depth| depth + 1);
            depths.insert(step.id, depth);
            let line = if i == 0 { "" } else { "\n" };
            write!(f, "{line}{:width$}{}", "", step.detail, width = 2 * depth)?;
        }
        Ok(())
    }
}

/// The plan of a query.
pub(super) async fn plan(session: &Session, query: Query, columns: Vec<Selected>) -> Result<QueryPlan> {
    let table = query.table.name;
    let statement = run::selecting(query, columns, SqlWriter::explain)?;
    let context = Context::new(Operation::Fetch, table);
    let steps = session
        .run(Access::Read, context, Pace::Long, move |connection| {
            // The columns are id, parent, one that is not used, and detail.
            connection.query_over(&statement, context, |row| match row.values(4, |_| true).as_deref() {
                Some([Value::Integer(id), Value::Integer(parent), _, Value::Text(detail)]) => {
                    Ok(PlanStep { id: *id, parent: *parent, detail: detail.clone() })
                }
                other => Err(Error::Decode {
                    table: table.to_owned(),
                    column: "query plan".to_owned(),
                    expected: "two numbers and a text".to_owned(),
                    found: format!("{other:?}"),
                }),
            })
        })
        .await?;
    Ok(QueryPlan { steps })
}
