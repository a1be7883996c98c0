//! What a column can be compared with.

use super::ast::Expr;
use super::{Column, Computed, Path, PerRow};
use crate::model::Model;
use crate::value::{Always, ColumnType, IntoValue, Key, Reach, ReachOf};

/// Something that a column of type `T` can be compared with, in a query over the model `M`: a value, another column
/// of that type, what is computed from columns, `&str` for text, a model for its key. Aggregates are compared with
/// values and aggregates.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a value for a column of type `{T}`",
    label = "expected `{T}`, or a column of that type",
    note = "text is given as `&str` or `String`, a key as `Author::key(1)` or `&author`, and `None` only for an `Option`"
)]
pub trait Operand<M, T, L = PerRow> {
    /// For the library. The place is named when a value has no form in SQLite.
    #[doc(hidden)]
    fn into_expr(self, place: &'static str) -> Expr;
}

/// What text operators take: `&str`, `String` and whatever converts into a `String`.
#[diagnostic::on_unimplemented(message = "`{Self}` is not text", label = "expected `&str` or `String`")]
pub trait IntoText {
    /// The text.
    fn into_text(self) -> String;
}

#[diagnostic::do_not_recommend]
impl<T: Into<String>> IntoText for T {
    fn into_text(self) -> String {
        self.into()
    }
}

/// Holds when both types are the same.
#[diagnostic::on_unimplemented(
    message = "a column of type `{Self}` cannot be compared with a column of type `{T}`",
    label = "a column of type `{Self}`",
    note = "both columns must hold the same type, but for `Option`"
)]
pub trait SameType<T> {}
impl<T> SameType<T> for T {}

/// Holds when both models are the same: the columns of one query all start from the model that it selects.
#[diagnostic::on_unimplemented(
    message = "a column of `{Self}` cannot be used in a query over `{M}`",
    label = "a column of a query over `{Self}`",
    note = "what a query over `{M}` can name are the columns of `{M}`, and those that its relations lead to"
)]
pub trait SameQuery<M> {}
impl<M> SameQuery<M> for M {}

macro_rules! values {
    ($([$($generics:tt)*] $value:ty => $target:ty;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<Root, Level, $($generics)*> Operand<Root, $target, Level> for $value {
            fn into_expr(self, place: &'static str) -> Expr {
                Expr::value(IntoValue::<$target>::into_value(self), place)
            }
        }
    )*};
}

values! {
    [T: ColumnType] T => T;
    [T: ColumnType<Inner = T>] T => Option<T>;
    [T: ColumnType<Inner = T>] &T => T;
    [T: ColumnType<Inner = T>] &T => Option<T>;
    [T: ColumnType<Inner = T>] &Option<T> => Option<T>;
    [] &str => String;
    [] &str => Option<String>;
    [M: Model] &M => Key<M>;
    [M: Model] &M => Option<Key<M>>;
}

impl<M, P: Path, T: ColumnType, U: ColumnType> Operand<M, T> for Column<P, U>
where
    P::Root: SameQuery<M>,
    U::Inner: SameType<T::Inner>,
{
    fn into_expr(self, _: &'static str) -> Expr {
        self.expr()
    }
}

impl<M, N, T: ColumnType, U: ColumnType, L> Operand<M, T, L> for Computed<N, U, L>
where
    N: SameQuery<M>,
    U::Inner: SameType<T::Inner>,
{
    fn into_expr(self, _: &'static str) -> Expr {
        self.expr()
    }
}

/// What has a value by itself, in a query over the model `M`: a column, what is computed from columns, a Rust value
/// of a [`ColumnType`], `&str`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no value for a query over `{M}`",
    label = "expected a value, a column of `{M}`, or what is computed from its columns",
    note = "aggregates such as `count()` and `b.pages.sum()` combine only with values and with each other"
)]
pub trait Expression<M, L = PerRow> {
    /// The type without its `Option`.
    type Inner: ColumnType<Inner = Self::Inner>;
    /// Whether it is never `NULL`.
    type Reach: Reach;

    /// For the library.
    #[doc(hidden)]
    fn expression(self) -> Expr;
}

/// The type of an expression.
pub(super) type TypeOf<V, M, L> = <<V as Expression<M, L>>::Reach as Reach>::Of<<V as Expression<M, L>>::Inner>;

#[diagnostic::do_not_recommend]
impl<M, L, T: ColumnType> Expression<M, L> for T {
    type Inner = T::Inner;
    type Reach = ReachOf<T>;

    fn expression(self) -> Expr {
        Expr::value(IntoValue::<T>::into_value(self), "a value")
    }
}

#[diagnostic::do_not_recommend]
impl<M, L> Expression<M, L> for &str {
    type Inner = String;
    type Reach = Always;

    fn expression(self) -> Expr {
        Expr::value(IntoValue::<String>::into_value(self), "a value")
    }
}

#[diagnostic::do_not_recommend]
impl<P: Path, T: ColumnType> Expression<P::Root> for Column<P, T> {
    type Inner = T::Inner;
    type Reach = <P::Reach as Reach>::And<ReachOf<T>>;

    fn expression(self) -> Expr {
        self.expr()
    }
}

#[diagnostic::do_not_recommend]
impl<M, T: ColumnType, L> Expression<M, L> for Computed<M, T, L> {
    type Inner = T::Inner;
    type Reach = ReachOf<T>;

    fn expression(self) -> Expr {
        self.expr()
    }
}

/// A value that may stand where one of the type `T` is, in a query over the model `M`: as the other value of `coalesce`
/// or in another branch of `CASE`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no value of type `{T}` for a query over `{M}`",
    label = "expected `{T}`, a column of that type, or what is computed as one",
    note = "all values of a `CASE`, and both of a `coalesce`, have one type, but for `Option`"
)]
pub trait ValueOf<M, T, L = PerRow> {
    /// Whether it is never `NULL`.
    type Reach: Reach;

    /// For the library.
    #[doc(hidden)]
    fn value(self) -> Expr;
}

macro_rules! values_of {
    ($([$($generics:tt)*] $value:ty => $root:ty, $target:ty, $level:ty, $reach:ty;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> ValueOf<$root, $target, $level> for $value {
            type Reach = $reach;

            fn value(self) -> Expr {
                Expression::<$root, $level>::expression(self)
            }
        }
    )*};
}

values_of! {
    [M, L, T: ColumnType<Inner = T>] T => M, T, L, Always;
    [M, L] &str => M, String, L, Always;
    [P: Path, T: ColumnType] Column<P, T> => P::Root, T::Inner, PerRow, <P::Reach as Reach>::And<ReachOf<T>>;
    [M, T: ColumnType, L] Computed<M, T, L> => M, T::Inner, L, ReachOf<T>;
}
