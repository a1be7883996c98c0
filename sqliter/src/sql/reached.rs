//! Rows that lead to each other by a foreign key of their table to itself.

use super::Query;
use super::ast::{ColumnRef, Expr};

/// Which rows are reached step by step, by a foreign key of the table to itself.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reached {
    /// The foreign key, which refers to the parent.
    pub(crate) parent: ColumnRef,
    pub(crate) from: Start,
    /// Which rows may be reached, and led on from.
    pub(crate) through: Query,
    /// How many steps at most.
    pub(crate) levels: Option<u64>,
}

/// Where the steps begin.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Start {
    /// At the row with this key, which is not one of those reached, down to the rows that refer to it.
    Below(Expr),
    /// At the row with this key, which is not one of those reached, up to the row that it refers to.
    Above(Expr),
    /// At the rows of this query, which are reached too, down. If two of them lead to each other, each row is reached once.
    At(Box<Query>),
}

impl Reached {
    /// Whether each row has one number of steps that lead to it.
    pub(crate) const fn has_depth(&self) -> bool {
        match self.from {
            Start::Below(_) | Start::Above(_) => true,
            Start::At(_) => false,
        }
    }

    pub(super) fn each_expr(&self, visit: &mut dyn FnMut(&Expr)) {
        if let Start::At(rows) = &self.from {
            rows.each_expr(visit);
        }
        self.through.each_expr(visit);
    }
}
