//! Expressions inside expressions, none of them deeper than SQLite takes.

use std::collections::VecDeque;
use std::fmt;
use std::ops::Deref;

use super::ast::Expr;

/// How deep an expression may be, as SQLite counts it. Its own
/// [limit](https://www.sqlite.org/limits.html#max_expr_depth) is 1000, and counts the conditions of a subquery twice, in
/// which up to a hundred other ones may stand beside this one.
pub(crate) const MOST_DEEP: u16 = 380;

/// How many expressions stand side by side before they are written as a tree of halves.
pub(crate) const MOST_IN_A_ROW: usize = 100;

/// How deep an expression is, as SQLite counts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Depth {
    /// How many levels the expression itself has, its subqueries included.
    levels: u16,
    /// The levels of the subqueries inside each other: while SQLite reads one, it counts those around it once more.
    subqueries: u16,
}

impl Depth {
    pub(super) const LEAF: Self = Self { levels: 1, subqueries: 0 };

    /// That of the deepest of them.
    pub(super) fn of(parts: impl IntoIterator<Item = Self>) -> Self {
        parts.into_iter().fold(Self::default(), |deepest, part| Self {
            levels: deepest.levels.max(part.levels),
            subqueries: deepest.subqueries.max(part.subqueries),
        })
    }

    /// With this number of levels around it.
    pub(super) const fn below(self, levels: u16) -> Self {
        Self { levels: self.levels.saturating_add(levels), ..self }
    }

    /// In a subquery.
    pub(super) const fn in_subquery(self) -> Self {
        Self { levels: self.levels.saturating_add(2), subqueries: self.levels.saturating_add(self.subqueries) }
    }

    pub(super) const fn fits(self) -> bool {
        self.levels.saturating_add(self.subqueries) <= MOST_DEEP
    }
}

/// An expression inside another one. What is too deep gives way to [`Expr::TooDeep`], so that everything that goes down
/// an expression comes to its end: writing, cloning, comparing, dropping.
#[derive(Clone, PartialEq)]
pub struct Nested(Box<(Expr, Depth)>);

impl Nested {
    pub(crate) fn new(expr: Expr) -> Self {
        Self(Box::new(shallow(expr)))
    }

    pub(super) const fn depth(&self) -> Depth {
        self.0.1
    }

    pub(crate) fn into_inner(self) -> Expr {
        self.0.0
    }
}

/// The expression with its depth, or [`Expr::TooDeep`] for one that is too deep.
fn shallow(expr: Expr) -> (Expr, Depth) {
    let depth = expr.depth();
    if depth.fits() { (expr, depth) } else { (Expr::TooDeep, Depth::LEAF) }
}

impl From<Expr> for Nested {
    fn from(expr: Expr) -> Self {
        Self::new(expr)
    }
}

impl Deref for Nested {
    type Target = Expr;

    fn deref(&self) -> &Expr {
        &self.0.0
    }
}

impl fmt::Debug for Nested {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.0.fmt(f)
    }
}

/// Expressions side by side: the parts of AND and OR, the arguments of a function. Both ends grow without moving the
/// others.
#[derive(Clone, PartialEq, Default)]
pub struct Several {
    exprs: VecDeque<Expr>,
    /// That of the deepest.
    depth: Depth,
}

impl Several {
    pub(crate) fn push(&mut self, expr: Expr) {
        let (expr, depth) = shallow(expr);
        self.depth = Depth::of([self.depth, depth]);
        self.exprs.push_back(expr);
    }

    pub(crate) fn push_front(&mut self, expr: Expr) {
        let (expr, depth) = shallow(expr);
        self.depth = Depth::of([self.depth, depth]);
        self.exprs.push_front(expr);
    }

    /// With the others behind them. The fewer of both are moved.
    pub(crate) fn append(mut self, mut others: Self) -> Self {
        let depth = Depth::of([self.depth, others.depth]);
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
    pub(super) fn depth_of_chain(&self) -> Depth {
        let halvings = (self.len() / MOST_IN_A_ROW).checked_ilog2().map_or(0, |halvings| halvings + 2);
        let levels = self.len().clamp(1, MOST_IN_A_ROW) - 1 + halvings as usize;
        self.depth.below(u16::try_from(levels).unwrap_or(u16::MAX))
    }

    /// The depth of a function of them.
    pub(super) const fn depth_of_list(&self) -> Depth {
        self.depth.below(1)
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
