//! What is computed from columns.

use std::borrow::Cow;
use std::marker::PhantomData;

use super::{Column, PerRow};
use crate::column::ColumnType;
use crate::model::Path;
use crate::sql::ast::Expr;

/// Types that a value has and does not hold.
pub(super) type Types<T> = PhantomData<fn() -> T>;

/// A value of type `T` that is computed from columns, in a query over the model `M`: for each row, or with
/// [`PerGroup`](super::PerGroup) for each group of rows.
///
/// It has the operators of columns, and arithmetic by `+`, `-`, `*`, `/` and `%`.
#[must_use = "a computed value does nothing until a query selects or compares it"]
pub struct Computed<M, T, L = PerRow> {
    expr: Expr,
    types: Types<(M, T, L)>,
}

impl<M, T, L> Clone for Computed<M, T, L> {
    fn clone(&self) -> Self {
        Self::new(self.expr.clone())
    }
}

impl<M, T, L> std::fmt::Debug for Computed<M, T, L> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Computed").field(&self.expr).finish()
    }
}

impl<M, T, L> Computed<M, T, L> {
    pub(crate) const fn new(expr: Expr) -> Self {
        Self { expr, types: PhantomData }
    }

    pub(crate) fn expr(self) -> Expr {
        self.expr
    }

    pub(crate) const fn as_expr(&self) -> &Expr {
        &self.expr
    }

    /// What an error about a value to compare with names.
    #[expect(clippy::unused_self, reason = "as that of columns")]
    pub(crate) const fn place(&self) -> &'static str {
        "a computed value"
    }

    /// Names the value in records and for `#[derive(Row)]`.
    pub fn alias(self, name: impl Into<Cow<'static, str>>) -> Aliased<Self> {
        Aliased { value: self, name: name.into() }
    }

    /// The same expression as one of another type, unchecked: for tests that make up queries at run time.
    #[doc(hidden)]
    pub fn retyped<U>(self) -> Computed<M, U, L> {
        Computed::new(self.expr)
    }
}

impl<P: Path, T: ColumnType> Column<P, T> {
    /// Names the value in records and for `#[derive(Row)]`; without this, its name is that of the column.
    pub fn alias(self, name: impl Into<Cow<'static, str>>) -> Aliased<Self> {
        Aliased { value: self, name: name.into() }
    }

    /// As [`Computed::retyped`].
    #[doc(hidden)]
    pub fn retyped<U>(self) -> Computed<P::Root, U> {
        Computed::new(self.expr())
    }
}

/// A value with a name for records and for `#[derive(Row)]`.
#[derive(Debug, Clone)]
#[must_use = "a value does nothing until a query selects it"]
pub struct Aliased<E> {
    pub(crate) value: E,
    pub(crate) name: Cow<'static, str>,
}
