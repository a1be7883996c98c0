//! What a column can be compared with.

use super::{Column, Computed, Condition, Outer, PerRow, SameLevel, SqlValue};
use crate::column::kind::Textual;
use crate::column::{ColumnType, IntoValue, Literal, Nullability, NullabilityOf, Nullable, Required};
use crate::model::{Key, Model, Path, SingleKey};
use crate::sql::ast::{Expr, Subquery};
use crate::value::{EncodeError, Value};

/// Something that a column of type `T` can be compared with, in a query over the model `M`: a value, another column
/// of that type, what is computed from columns, `&str` for text, a model for its key. Aggregates are compared with
/// values and aggregates.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a value for a column of type `{T}`",
    label = "expected `{T}`, or a column of that type",
    note = "text is given as `&str` or `String`, a key as `Author::key(1)` or `&author`, a list to `is_in`",
    note = "an `Option` is for `eq`, `ne` and `set` of a nullable column; to filter only when there is a value, write \
            `.filter_some(pages, |b, pages| b.pages.eq(pages))`",
    note = "a number of another type is converted first: `i64::from(n)`, `i64::try_from(n)?`, `f64::from(x)`"
)]
pub trait Operand<M, T, L = PerRow>: Term<T> {}

impl<M, T, L, V> Operand<M, T, L> for V
where
    T: ColumnType,
    V: Term<T>,
    M: SameQuery<V::Root<M>>,
    V::Level<L>: SameLevel<L>,
    V::Inner: SameType<T::Inner>,
{
}

/// What may stand for a value of type `T`. Whether a column may is up to [`Operand`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a value for a column of type `{T}`",
    label = "expected `{T}`, or a column of that type",
    note = "text is given as `&str` or `String`, a key as `Author::key(1)` or `&author`, a list to `is_in`",
    note = "an `Option` is for `eq`, `ne` and `set` of a nullable column; to filter only when there is a value, write \
            `.filter_some(pages, |b, pages| b.pages.eq(pages))`",
    note = "a number of another type is converted first: `i64::from(n)`, `i64::try_from(n)?`, `f64::from(x)`"
)]
pub trait Term<T> {
    /// The model that the query selects; any, for a value.
    #[doc(hidden)]
    type Root<M>;
    /// What it belongs to; a value to anything.
    #[doc(hidden)]
    type Level<L>;
    /// The type without its `Option`.
    #[doc(hidden)]
    type Inner: ColumnType;
    /// Whether it is never `NULL`.
    #[doc(hidden)]
    type Nullability: Nullability;

    /// The untyped expression. An error about a value without a form in SQLite names the place.
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

/// What text is compared with in a query over the model `M`: `&str`, `String` and whatever converts into a `String`; a column
/// of text, or what is computed from columns.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not text",
    label = "expected `&str`, `String`, or a column of text in a query over `{M}`"
)]
pub trait TextOperand<M, L = PerRow> {
    #[doc(hidden)]
    fn into_text_part(self) -> TextPart;
}

/// A text that is known, or an expression.
#[doc(hidden)]
#[derive(Debug)]
pub enum TextPart {
    Text(String),
    Expr(Expr),
}

#[diagnostic::do_not_recommend]
impl<M, L, T: Into<String>> TextOperand<M, L> for T {
    fn into_text_part(self) -> TextPart {
        TextPart::Text(self.into())
    }
}

macro_rules! texts {
    ($([$($generics:tt)*] $text:ty, $level:ty $(where $query:ty: $same:path)?;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> TextOperand<M, $level> for $text
        $(where $query: $same)?
        {
            fn into_text_part(self) -> TextPart {
                TextPart::Expr(self.expr())
            }
        }
    )*};
}

texts! {
    [M, L, P: Path, T: ColumnType<Kind: Textual>] Column<P, T>, L where M: SameQuery<P::Root>;
    [M, L, T: ColumnType<Kind: Textual>] Computed<M, T, L>, L;
    [M, L, T: ColumnType<Kind: Textual>] Outer<T>, L;
    [M, L, T: ColumnType<Kind: Textual>] SqlValue<T>, L;
}

/// What `is_in` and `not_in` take: an array, a `Vec`, a reference to one or any other iterator, of values for a column of
/// type `T`; or a chain that gives such values, `db.select::<User>().only(|u| u.pk)`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a list of values for a column of type `{T}`",
    label = "expected a list of `{T}`",
    note = "a list is an array, a `Vec`, a reference to one, or an iterator: `b.pages.is_in([100, 200])`, `b.author_id.is_in(&authors)`",
    note = "a chain that gives one value for each row is one too: `b.author_id.is_in(db.select::<Author>().only(|a| a.pk))`",
    note = "a single value is compared with `eq`: `b.pages.eq(100)`; NULL is tested by `is_null`"
)]
pub trait InList<T> {
    /// The values to bind, or the query that gives them.
    ///
    /// # Errors
    ///
    /// When a value has no faithful form in SQLite.
    #[doc(hidden)]
    fn into_list(self) -> Result<List, EncodeError>;
}

/// A list of values.
#[doc(hidden)]
#[derive(Debug)]
pub enum List {
    Values(Vec<Value>),
    Query(Box<Subquery>),
}

#[diagnostic::do_not_recommend]
impl<T, I: IntoIterator<Item: IntoValue<T>>> InList<T> for I {
    fn into_list(self) -> Result<List, EncodeError> {
        self.into_iter().map(IntoValue::into_value).collect::<Result<_, _>>().map(List::Values)
    }
}

/// Holds when both types are the same.
#[diagnostic::on_unimplemented(
    message = "a value of type `{Self}` cannot be compared with one of type `{T}`, or take its place",
    label = "holds `{Self}`, where `{T}` is needed",
    note = "both sides must hold the same type, apart from `Option`"
)]
pub trait SameType<T> {}
impl<T> SameType<T> for T {}

/// Holds when both models are the same: the columns of one query all start from the model that it selects.
#[diagnostic::on_unimplemented(
    message = "a column or relation of `{M}` cannot be used in a query over `{Self}`",
    label = "belongs to a query over `{M}`",
    note = "what a query over `{Self}` can name are the columns and relations of `{Self}`, and those that its relations lead to",
    note = "in a query inside of another one, a value of the row around is `outer(a.name)`"
)]
pub trait SameQuery<M> {}
impl<M> SameQuery<M> for M {}

/// Paths from the model `M`.
pub trait StartsFrom<M> {}
impl<M: SameQuery<P::Root>, P: Path> StartsFrom<M> for P {}

macro_rules! values {
    ($([$($generics:tt)*] $value:ty => $target:ty, $inner:ty, $reach:ty;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> Term<$target> for $value {
            type Root<Any> = Any;
            type Level<Any> = Any;
            type Inner = $inner;
            type Nullability = $reach;

            fn into_expr(self, place: &'static str) -> Expr {
                Expr::value(IntoValue::<$target>::into_value(self), place)
            }
        }
    )*};
}

values! {
    [T: ColumnType] T => T, T::Inner, NullabilityOf<T>;
    [T: ColumnType<Inner = T>] T => Option<T>, T, Required;
    [T: ColumnType<Inner = T>] &T => T, T, Required;
    [T: ColumnType<Inner = T>] &T => Option<T>, T, Required;
    [T: ColumnType<Inner = T>] &Option<T> => Option<T>, T, Nullable;
    [] &str => String, String, Required;
    [] &str => Option<String>, String, Required;
    [M: Model<RawKey: SingleKey>] &M => Key<M>, Key<M>, Required;
    [M: Model<RawKey: SingleKey>] &M => Option<Key<M>>, Key<M>, Required;
    [] i64 => f64, f64, Required;
    [] i64 => Option<f64>, f64, Required;
    [] i64 => f32, f32, Required;
    [] i64 => Option<f32>, f32, Required;
}

#[cfg(feature = "rust_decimal")]
values! {
    [] i64 => rust_decimal::Decimal, rust_decimal::Decimal, Required;
    [] i64 => Option<rust_decimal::Decimal>, rust_decimal::Decimal, Required;
}

/// What has a value by itself: a column, what is computed from columns, a Rust value, `&str`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a value in a query",
    label = "expected a column, what is computed from columns, or a value",
    note = "numbers are `i64` and `f64` here, and others are converted: `i64::from(n)`, `i64::try_from(n)?`, `f64::from(x)`",
    note = "text is given as `&str` or `String`, a key as `Author::key(1)`",
    note = "a column type that is implemented by hand needs `impl sqliter::bounds::Literal for …`, which the derive writes by itself"
)]
pub trait Expression {
    /// The model that the query selects; any, for a value.
    #[doc(hidden)]
    type Root<M>;
    /// What it belongs to; a value to anything.
    #[doc(hidden)]
    type Level<L>;
    /// The type without its `Option`.
    type Inner: ColumnType<Inner = Self::Inner>;
    /// Whether it is never `NULL`.
    type Nullability: Nullability;

    /// The untyped expression.
    #[doc(hidden)]
    fn expression(self) -> Expr;
}

/// What has a value in a query over the model `M`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a value in a query",
    label = "expected a column, what is computed from columns, or a value",
    note = "numbers are `i64` and `f64` here, and others are converted: `i64::from(n)`, `i64::try_from(n)?`, `f64::from(x)`",
    note = "text is given as `&str` or `String`, a key as `Author::key(1)`",
    note = "a column type that is implemented by hand needs `impl sqliter::bounds::Literal for …`, which the derive writes by itself"
)]
pub trait InQuery<M, L = PerRow>: Expression {}

impl<M, L, V: Expression> InQuery<M, L> for V
where
    M: SameQuery<V::Root<M>>,
    V::Level<L>: SameLevel<L>,
{
}

/// As [`InQuery`], of whatever level.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a value in a query",
    label = "expected a column, what is computed from columns, or a value",
    note = "numbers are `i64` and `f64` here, and others are converted: `i64::from(n)`, `i64::try_from(n)?`, `f64::from(x)`",
    note = "text is given as `&str` or `String`, a key as `Author::key(1)`",
    note = "a column type that is implemented by hand needs `impl sqliter::bounds::Literal for …`, which the derive writes by itself"
)]
pub trait InQueryOver<M>: Expression {}

impl<M, V: Expression> InQueryOver<M> for V where M: SameQuery<V::Root<M>> {}

/// The type of an expression.
pub(super) type TypeOf<V> = <<V as Expression>::Nullability as Nullability>::Of<<V as Expression>::Inner>;

#[diagnostic::do_not_recommend]
impl<T: Literal> Expression for T {
    type Root<M> = M;
    type Level<L> = L;
    type Inner = T::Inner;
    type Nullability = NullabilityOf<T>;

    fn expression(self) -> Expr {
        Expr::value(IntoValue::<T>::into_value(self), "a value")
    }
}

macro_rules! references {
    ($($value:ty => $target:ty),*) => {$(
        #[diagnostic::do_not_recommend]
        impl Expression for $value {
            type Root<M> = M;
            type Level<L> = L;
            type Inner = $target;
            type Nullability = Required;

            fn expression(self) -> Expr {
                Expr::value(IntoValue::<$target>::into_value(self), "a value")
            }
        }
    )*};
}

references!(&str => String, &String => String, &i64 => i64, &f64 => f64);
#[cfg(feature = "rust_decimal")]
references!(&rust_decimal::Decimal => rust_decimal::Decimal);

/// Columns and what is computed from them have a value by themselves, and may stand for one of any type.
macro_rules! columns {
    ($([$($generics:tt)*] $column:ty, $root:ty, $level:ty, $inner:ty, $reach:ty;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> Expression for $column {
            type Root<Any> = $root;
            type Level<Any> = $level;
            type Inner = $inner;
            type Nullability = $reach;

            fn expression(self) -> Expr {
                self.expr()
            }
        }

        #[diagnostic::do_not_recommend]
        impl<Target, $($generics)*> Term<Target> for $column {
            type Root<Any> = $root;
            type Level<Any> = $level;
            type Inner = $inner;
            type Nullability = $reach;

            fn into_expr(self, _: &'static str) -> Expr {
                self.expr()
            }
        }
    )*};
}

columns! {
    [P: Path, T: ColumnType] Column<P, T>, P::Root, PerRow, T::Inner, <P::Nullability as Nullability>::And<NullabilityOf<T>>;
    [M, T: ColumnType, L] Computed<M, T, L>, M, L, T::Inner, NullabilityOf<T>;
    [M, L] Condition<M, L>, M, L, bool, Required;
    [T: ColumnType] Outer<T>, Any, Any, T::Inner, NullabilityOf<T>;
    [T: ColumnType] SqlValue<T>, Any, Any, T::Inner, NullabilityOf<T>;
}
