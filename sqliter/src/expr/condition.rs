//! Conditions and their combination.

use std::marker::PhantomData;
use std::ops::{BitAnd, BitOr, Not};

use super::PerRow;
use super::ast::Expr;

/// A condition on the rows of a query over the model `M`; with [`PerGroup`](super::PerGroup), on groups of them.
///
/// Combine conditions with `&`, `|` and `!`. `&` and `|` follow SQL; `!c` keeps exactly the rows that `c` does not
/// keep, those for which `c` is unknown included.
///
/// Any number of conditions can be joined by `&`, or by `|`, from either side. Conditions in conditions in conditions,
/// some hundred levels deep, are [`Error::TooDeep`](crate::Error::TooDeep) when the query is about to run.
#[derive(Debug)]
#[must_use = "a condition does nothing until a query takes it"]
pub struct Condition<M, L = PerRow> {
    expr: Expr,
    model: PhantomData<fn() -> (M, L)>,
}

impl<M, L> Clone for Condition<M, L> {
    fn clone(&self) -> Self {
        Self::new(self.expr.clone())
    }
}

impl<M, L> Condition<M, L> {
    pub(crate) const fn new(expr: Expr) -> Self {
        Self { expr, model: PhantomData }
    }

    pub(crate) fn into_expr(self) -> Expr {
        self.expr
    }
}

impl<M, L> BitAnd for Condition<M, L> {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self::new(self.expr.and(other.expr))
    }
}

impl<M, L> BitOr for Condition<M, L> {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self::new(self.expr.or(other.expr))
    }
}

impl<M, L> Not for Condition<M, L> {
    type Output = Self;

    fn not(self) -> Self {
        Self::new(Expr::Not(self.expr.into()))
    }
}
