//! Expressions inside expressions, none of them deeper than SQLite takes.

use std::collections::VecDeque;
use std::fmt;
use std::ops::Deref;

use super::ast::Expr;

/// How deep an expression may be, as SQLite counts it. Its own
/// [limit](https://www.sqlite.org/limits.html#max_expr_depth) is 1000; the rest is for what a statement puts around
/// its expressions.
pub(crate) const MOST_DEEP: usize = 700;

/// How many expressions stand side by side before they are written as a tree of halves.
pub(crate) const MOST_IN_A_ROW: usize = 100;

/// An expression inside another one. What is too deep gives way to [`Expr::TooDeep`], so that everything that goes down
/// an expression comes to its end: writing, cloning, comparing, dropping.
#[derive(Clone, PartialEq)]
pub struct Nested {
    expr: Box<Expr>,
    depth: usize,
}

impl Nested {
    pub(crate) fn new(expr: Expr) -> Self {
        let (expr, depth) = shallow(expr);
        Self { expr: Box::new(expr), depth }
    }

    pub(crate) const fn depth(&self) -> usize {
        self.depth
    }

    pub(crate) fn into_inner(self) -> Expr {
        *self.expr
    }
}

/// The expression with its depth, or what stands for one that is too deep.
fn shallow(expr: Expr) -> (Expr, usize) {
    match expr.depth() {
        depth if depth <= MOST_DEEP => (expr, depth),
        _ => (Expr::TooDeep, 1),
    }
}

impl From<Expr> for Nested {
    fn from(expr: Expr) -> Self {
        Self::new(expr)
    }
}

impl Deref for Nested {
    type Target = Expr;

    fn deref(&self) -> &Expr {
        &self.expr
    }
}

impl fmt::Debug for Nested {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.expr.fmt(f)
    }
}

/// Expressions side by side: the parts of AND and OR, the arguments of a function. Both ends grow without moving the
/// others.
#[derive(Clone, PartialEq, Default)]
pub struct Several {
    exprs: VecDeque<Expr>,
    /// That of the deepest.
    depth: usize,
}

impl Several {
    pub(crate) fn push(&mut self, expr: Expr) {
        let (expr, depth) = shallow(expr);
        self.depth = self.depth.max(depth);
        self.exprs.push_back(expr);
    }

    pub(crate) fn push_front(&mut self, expr: Expr) {
        let (expr, depth) = shallow(expr);
        self.depth = self.depth.max(depth);
        self.exprs.push_front(expr);
    }

    /// With the others behind them. The fewer of both are moved.
    pub(crate) fn append(mut self, mut others: Self) -> Self {
        let depth = self.depth.max(others.depth);
        if self.exprs.len() < others.exprs.len() {
            while let Some(expr) = self.exprs.pop_back() {
                others.exprs.push_front(expr);
            }
            self.exprs = others.exprs;
        } else {
            self.exprs.append(&mut others.exprs);
        }
        self.depth = depth;
        self
    }

    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &Expr> {
        self.exprs.iter()
    }

    pub(crate) fn len(&self) -> usize {
        self.exprs.len()
    }

    /// The depth of an operator between all of them, which SQLite takes as a tree that leans to the left.
    pub(crate) fn depth_of_chain(&self) -> usize {
        let halvings = (self.len() / MOST_IN_A_ROW).checked_ilog2().map_or(0, |halvings| halvings as usize + 2);
        self.depth + self.len().min(MOST_IN_A_ROW) + halvings
    }

    /// The depth of a function of them.
    pub(crate) const fn depth_of_list(&self) -> usize {
        self.depth + 1
    }
}

impl FromIterator<Expr> for Several {
    fn from_iter<I: IntoIterator<Item = Expr>>(exprs: I) -> Self {
        let mut parts = Self::default();
        exprs.into_iter().for_each(|expr| parts.push(expr));
        parts
    }
}

impl<const N: usize> From<[Expr; N]> for Several {
    fn from(exprs: [Expr; N]) -> Self {
        exprs.into_iter().collect()
    }
}

impl IntoIterator for Several {
    type Item = Expr;
    type IntoIter = std::collections::vec_deque::IntoIter<Expr>;

    fn into_iter(self) -> Self::IntoIter {
        self.exprs.into_iter()
    }
}

impl fmt::Debug for Several {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.exprs.fmt(f)
    }
}
