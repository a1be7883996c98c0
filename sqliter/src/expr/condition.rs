//! Conditions and their combination.

use std::borrow::Cow;
use std::marker::PhantomData;
use std::ops::{BitAnd, BitOr, Not};

use super::level::{ChoosesGroups, FiltersRows, Qualifies};
use super::{Aliased, Computed, Order, PerGroup, PerRow, PerWindow, SameLevel, SameQuery};
use crate::sql::ast::{Expr, Several};

/// A condition on the rows of a query over the model `M`; with [`PerGroup`](super::PerGroup), on groups of them.
///
/// Conditions of a list are joined by [`any`](crate::any) and [`all`](crate::all). Combine others with `&`, `|` and `!`, not with `&&` and `||`, which Rust has for `bool` alone:
/// `b.pages.gt(100) & !b.title.eq("Emma")`. `&` and `|` follow SQL; `!c` keeps exactly the rows that `c` does not keep,
/// those for which `c` is unknown included.
///
/// Any number of conditions can be joined by `&`, or by `|`, from either side. Conditions in conditions in conditions,
/// some hundred levels deep, are [`Error::TooDeep`](crate::Error::TooDeep) when the query is about to run.
///
/// A condition is a value too, a `bool` that is true where the condition is true, and false where it is false or unknown:
/// `.fields(|b| (b.title, b.pages.gt(100)))`, `.with_values(|a| a.tags.contains(key))`, `.order(|b| b.pages.gt(100).desc())`,
/// `b.is_long.set(b.pages.gt(100))`.
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

    /// Its truth as a value.
    pub(crate) fn expr(self) -> Expr {
        self.expr.truth()
    }

    /// Its truth as a computed value, with the operators of columns.
    pub fn as_value(self) -> Computed<M, bool, L> {
        Computed::new(self.expr())
    }

    /// Rows that do not meet the condition first, then those that do.
    pub fn asc(self) -> Order<M, L> {
        Order::new(self.expr(), false)
    }

    /// Rows that meet the condition first, then those that do not.
    pub fn desc(self) -> Order<M, L> {
        Order::new(self.expr(), true)
    }

    /// Names its truth in records and for `#[derive(Row)]`.
    pub fn alias(self, name: impl Into<Cow<'static, str>>) -> Aliased<Self> {
        Aliased { value: self, name: name.into() }
    }
}

/// A condition that holds where any of these does; where there are none, nowhere.
///
/// ```
/// use sqliter::prelude::*;
///
/// # #[derive(Debug, Clone, PartialEq, Model)]
/// # struct Book { pk: Key<Book>, title: String }
/// # #[tokio::main]
/// # async fn main() -> sqliter::Result<()> {
/// # let db = Db::memory().await?;
/// # db.create_table::<Book>().await?;
/// # db.bulk_insert(["Emma", "Persuasion"].map(|title| Book::builder().title(title))).await?;
/// let words = ["emma", "pride"];
/// let books = db.select::<Book>().filter(|b| any(words.iter().map(|word| b.title.icontains(*word))));
/// assert_eq!(books.count().await?, 1);
/// # Ok(())
/// # }
/// ```
pub fn any<M, L>(conditions: impl IntoIterator<Item = Condition<M, L>>) -> Condition<M, L> {
    let joined = conditions.into_iter().map(Condition::into_expr).reduce(Expr::or);
    Condition::new(joined.unwrap_or_else(|| Expr::Or(Several::default())))
}

/// A condition that holds where all of these do; where there are none, everywhere.
///
/// ```
/// use sqliter::prelude::*;
///
/// # #[derive(Debug, Clone, PartialEq, Model)]
/// # #[model(many_to_many(tags = Tag))]
/// # struct Book { pk: Key<Book>, title: String }
/// # #[derive(Debug, Clone, PartialEq, Model)]
/// # struct Tag { pk: Key<Tag>, name: String }
/// # #[tokio::main]
/// # async fn main() -> sqliter::Result<()> {
/// # let db = Db::memory().await?;
/// # db.create_tables::<(Book, Tag)>().await?;
/// let names = ["sql", "rust"];
/// let books = db.select::<Book>().filter(|b| all(names.map(|name| b.tags.any(|t| t.name.eq(name)))));
/// assert_eq!(books.count().await?, 0);
/// # Ok(())
/// # }
/// ```
pub fn all<M, L>(conditions: impl IntoIterator<Item = Condition<M, L>>) -> Condition<M, L> {
    let joined = conditions.into_iter().map(Condition::into_expr).reduce(Expr::and);
    Condition::new(joined.unwrap_or_else(|| Expr::And(Several::default())))
}

macro_rules! joins {
    ($($trait:ident::$method:ident => $joined:ident;)*) => {$(
        impl<M, L, N, K> $trait<Condition<N, K>> for Condition<M, L>
        where
            M: SameQuery<N>,
            K: SameLevel<L>,
        {
            type Output = Self;

            fn $method(self, other: Condition<N, K>) -> Self {
                Self::new(self.expr.$joined(other.expr))
            }
        }
    )*};
}

joins! {
    BitAnd::bitand => and;
    BitOr::bitor => or;
}

impl<M, L> Not for Condition<M, L> {
    type Output = Self;

    fn not(self) -> Self {
        Self::new(Expr::Not(self.expr.into()))
    }
}

/// What `filter` takes: a condition on the rows of a query over the model `M`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a condition on the rows of `{M}`",
    label = "expected a condition",
    note = "columns are compared by methods, not by Rust's operators: `b.pages.eq(5)`, `b.pages.gt(5)`, `b.done.eq(true)`",
    note = "conditions are joined with `&` and `|`, not with `&&` and `||`: `b.pages.gt(5) & b.title.eq(\"Emma\")`",
    note = "conditions of a list are joined by `any(…)` or `all(…)`; one for a value that may be absent is given to `filter_some`"
)]
pub trait Filter<M> {
    /// The condition.
    #[doc(hidden)]
    fn into_condition(self) -> Condition<M>;
}

impl<M, N, L: FiltersRows> Filter<M> for Condition<N, L>
where
    M: SameQuery<N>,
{
    fn into_condition(self) -> Condition<M> {
        Condition::new(self.expr)
    }
}

/// What `having` takes: a condition on the groups of a query over the model `M`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a condition on groups of rows of `{M}`",
    label = "expected a condition on aggregates",
    note = "aggregates are compared by methods, not by Rust's operators: `count().gt(1)`, `b.pages.sum().gt(300)`",
    note = "conditions are joined with `&` and `|`, not with `&&` and `||`"
)]
pub trait Having<M> {
    /// The condition.
    #[doc(hidden)]
    fn into_condition(self) -> Condition<M, PerGroup>;
}

impl<M, N, L: ChoosesGroups> Having<M> for Condition<N, L>
where
    M: SameQuery<N>,
{
    fn into_condition(self) -> Condition<M, PerGroup> {
        Condition::new(self.expr)
    }
}

/// What `qualify` takes: a condition on values over windows, in a query over the model `M`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a condition on a value over a window",
    label = "expected a condition",
    note = "write `.qualify(|i| row_number().over(|w| w.partition_by(i.project_id).order(i.created.desc())).eq(1))`"
)]
pub trait Qualify<M> {
    /// The condition.
    #[doc(hidden)]
    fn into_condition(self) -> Condition<M, PerWindow>;
}

impl<M, N, L: Qualifies> Qualify<M> for Condition<N, L>
where
    M: SameQuery<N>,
{
    fn into_condition(self) -> Condition<M, PerWindow> {
        Condition::new(self.expr)
    }
}
