//! What several queries give together.

use super::Query;
use super::ast::{Derived, DerivedColumn, Expr, Selected};

/// What a first query and others give together.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct United {
    pub(crate) first: Giving,
    /// They are taken one after the other with what those before have given.
    pub(crate) others: Vec<(Combination, Giving)>,
}

/// A query with what it selects.
#[derive(Debug, Clone)]
pub(crate) struct Giving {
    pub(crate) query: Query,
    pub(crate) columns: Vec<Selected>,
}

impl PartialEq for Giving {
    fn eq(&self, other: &Self) -> bool {
        let selected = |of: &Self| of.columns.iter().map(|column| column.expr.clone()).collect::<Vec<_>>();
        self.query == other.query && selected(self) == selected(other)
    }
}

/// How what a query gives is taken with what others have given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Combination {
    /// All rows of both.
    UnionAll,
    /// The rows of both, each once.
    Union,
    /// The rows that both have, each once.
    Intersect,
    /// The rows that the query does not give, each once.
    Except,
}

impl Combination {
    pub(crate) const fn as_sql(self) -> &'static str {
        match self {
            Self::UnionAll => " UNION ALL ",
            Self::Union => " UNION ",
            Self::Intersect => " INTERSECT ",
            Self::Except => " EXCEPT ",
        }
    }
}

impl United {
    /// The values that they give, as the query over all of them names them.
    pub(crate) fn values(&self) -> impl Iterator<Item = Expr> {
        self.first.columns.iter().enumerate().map(|(position, column)| {
            let first = column.expr.clone().into();
            Expr::Derived(Box::new(Derived { column: DerivedColumn::United { position, first } }))
        })
    }

    /// Whether rows are compared with each other.
    pub(crate) fn compares(&self) -> bool {
        self.others.iter().any(|(how, _)| *how != Combination::UnionAll)
    }
}
