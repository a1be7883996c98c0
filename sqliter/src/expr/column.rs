//! Columns as closures get them.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use super::ast::{ColumnRef, Comparison, Expr, TextTest};
use super::{Condition, Operand, Order, Path};
use crate::model::ColumnInfo;
use crate::value::kind::{Comparable, Textual};
use crate::value::{ColumnType, IntoValue};

/// The column of a query: reached by the path `P` from the root, holding values of the type `T`.
///
/// Comparison follows SQL: a comparison with `NULL` is unknown, and a filter keeps a row only where its condition is
/// true. So `ne` and `not_in` skip rows whose column is `NULL`. The `!` of a [`Condition`] is different: it keeps
/// exactly the rows that the condition does not keep.
pub struct Column<P, T> {
    info: &'static ColumnInfo,
    path: PhantomData<fn() -> (P, T)>,
}

impl<P, T> Clone for Column<P, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P, T> Copy for Column<P, T> {}

impl<P, T> fmt::Debug for Column<P, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Column({})", self.info.name)
    }
}

impl<P, T> Column<P, T> {
    /// For generated code.
    #[doc(hidden)]
    pub const fn new(info: &'static ColumnInfo) -> Self {
        Self { info, path: PhantomData }
    }

    /// The name of the column in the database.
    pub const fn name(self) -> &'static str {
        self.info.name
    }

    pub(crate) const fn info(self) -> &'static ColumnInfo {
        self.info
    }

    /// The value as an expression; a value without a form in SQLite is kept as the error that it will be.
    pub(crate) fn bound<V>(self, value: impl IntoValue<V>) -> Expr {
        match value.into_value() {
            Ok(value) => Expr::Value(value),
            Err(error) => Expr::Unencodable { column: self.info, error },
        }
    }
}

impl<P: Path, T> Column<P, T> {
    pub(crate) fn expr(self) -> Expr {
        Expr::column(P::NODE, self.info)
    }

    pub(crate) const fn reference(self) -> ColumnRef {
        ColumnRef { path: P::NODE, column: self.info }
    }
}

/// Equality.
impl<P: Path, T: ColumnType> Column<P, T>
where
    T::Kind: Comparable,
{
    /// `=`. With `None`, on a nullable column, `IS NULL`.
    pub fn eq(self, operand: impl Operand<P::Root, T>) -> Condition<P::Root> {
        match operand.into_expr(self.info) {
            Expr::Value(crate::Value::Null) => self.null_test(false),
            right => self.compare(Comparison::Equal, right),
        }
    }

    /// `<>`; skips rows whose column is `NULL`. With `None`, on a nullable column, `IS NOT NULL`.
    pub fn ne(self, operand: impl Operand<P::Root, T>) -> Condition<P::Root> {
        match operand.into_expr(self.info) {
            Expr::Value(crate::Value::Null) => self.null_test(true),
            right => self.compare(Comparison::NotEqual, right),
        }
    }

    /// `<`.
    pub fn lt(self, operand: impl Operand<P::Root, T::Inner>) -> Condition<P::Root> {
        self.compare(Comparison::Less, operand.into_expr(self.info))
    }

    /// `<=`.
    pub fn le(self, operand: impl Operand<P::Root, T::Inner>) -> Condition<P::Root> {
        self.compare(Comparison::LessOrEqual, operand.into_expr(self.info))
    }

    /// `>`.
    pub fn gt(self, operand: impl Operand<P::Root, T::Inner>) -> Condition<P::Root> {
        self.compare(Comparison::Greater, operand.into_expr(self.info))
    }

    /// `>=`.
    pub fn ge(self, operand: impl Operand<P::Root, T::Inner>) -> Condition<P::Root> {
        self.compare(Comparison::GreaterOrEqual, operand.into_expr(self.info))
    }

    /// `BETWEEN`, both ends included.
    pub fn between(
        self,
        low: impl Operand<P::Root, T::Inner>,
        high: impl Operand<P::Root, T::Inner>,
    ) -> Condition<P::Root> {
        Condition::new(Expr::Between {
            value: Box::new(self.expr()),
            low: Box::new(low.into_expr(self.info)),
            high: Box::new(high.into_expr(self.info)),
        })
    }

    /// `IN`; matches nothing when the list is empty. A list of any length is one bound argument.
    pub fn is_in<I>(self, values: I) -> Condition<P::Root>
    where
        I: IntoIterator,
        I::Item: IntoValue<T::Inner>,
    {
        self.in_list(values, false)
    }

    /// `NOT IN`; matches everything, `NULL` included, when the list is empty, and skips `NULL` otherwise.
    pub fn not_in<I>(self, values: I) -> Condition<P::Root>
    where
        I: IntoIterator,
        I::Item: IntoValue<T::Inner>,
    {
        self.in_list(values, true)
    }

    /// Smallest first, `NULL` before everything.
    pub fn asc(self) -> Order<P::Root> {
        Order::new(self.expr(), false)
    }

    /// Largest first, `NULL` after everything.
    pub fn desc(self) -> Order<P::Root> {
        Order::new(self.expr(), true)
    }

    fn compare(self, operator: Comparison, right: Expr) -> Condition<P::Root> {
        Condition::new(Expr::Compare { left: Box::new(self.expr()), operator, right: Box::new(right) })
    }

    fn in_list<I>(self, values: I, negated: bool) -> Condition<P::Root>
    where
        I: IntoIterator,
        I::Item: IntoValue<T::Inner>,
    {
        let list: Result<Arc<[_]>, _> = values.into_iter().map(IntoValue::into_value).collect();
        Condition::new(match list {
            Ok(list) => Expr::InList { value: Box::new(self.expr()), list, negated },
            Err(error) => Expr::Unencodable { column: self.info, error },
        })
    }
}

impl<P: Path, T> Column<P, T> {
    fn null_test(self, negated: bool) -> Condition<P::Root> {
        Condition::new(Expr::IsNull { value: Box::new(self.expr()), negated })
    }
}

/// Tests for `NULL`.
impl<P: Path, T> Column<P, T>
where
    Self: CanBeNull,
{
    /// `IS NULL`.
    pub fn is_null(self) -> Condition<P::Root> {
        self.null_test(false)
    }

    /// `IS NOT NULL`.
    pub fn is_not_null(self) -> Condition<P::Root> {
        self.null_test(true)
    }
}

/// Columns that may be `NULL`.
#[diagnostic::on_unimplemented(
    message = "this column is never NULL",
    label = "`{Self}` is not nullable",
    note = "only a field of type `Option<…>` can be tested for NULL"
)]
pub trait CanBeNull {}

impl<P: Path, T: ColumnType> CanBeNull for Column<P, Option<T>> {}

/// Text operators. Wildcards in the argument are literal, but for `like`.
impl<P: Path, T: ColumnType> Column<P, T>
where
    T::Kind: Textual,
{
    /// SQLite's [`LIKE`](https://www.sqlite.org/lang_expr.html#like): `%` and `_` are wildcards, ASCII letters match
    /// in both cases. To match a wildcard itself, put a backslash before it.
    pub fn like(self, pattern: impl Into<String>) -> Condition<P::Root> {
        self.text(TextTest::Like(pattern.into()))
    }

    /// Starts with exactly this text. Uses an index on the column.
    pub fn starts_with(self, text: impl Into<String>) -> Condition<P::Root> {
        self.text(TextTest::StartsWith(text.into()))
    }

    /// Ends with exactly this text.
    pub fn ends_with(self, text: impl Into<String>) -> Condition<P::Root> {
        self.text(TextTest::EndsWith(text.into()))
    }

    /// Contains exactly this text.
    pub fn contains(self, text: impl Into<String>) -> Condition<P::Root> {
        self.text(TextTest::Contains(text.into()))
    }

    /// Starts with this text, ignoring case for all of Unicode.
    pub fn istarts_with(self, text: impl Into<String>) -> Condition<P::Root> {
        self.text(TextTest::FoldedStartsWith(text.into()))
    }

    /// Ends with this text, ignoring case for all of Unicode.
    pub fn iends_with(self, text: impl Into<String>) -> Condition<P::Root> {
        self.text(TextTest::FoldedEndsWith(text.into()))
    }

    /// Contains this text, ignoring case for all of Unicode.
    pub fn icontains(self, text: impl Into<String>) -> Condition<P::Root> {
        self.text(TextTest::FoldedContains(text.into()))
    }

    /// Matched by a regular expression, anywhere in the text, in the syntax of the
    /// [`regex`](https://docs.rs/regex/latest/regex/#syntax) crate. A malformed one is an error when the query runs.
    pub fn regex(self, pattern: impl Into<String>) -> Condition<P::Root> {
        self.text(TextTest::Regex(pattern.into()))
    }

    fn text(self, test: TextTest) -> Condition<P::Root> {
        Condition::new(Expr::Text { value: Box::new(self.expr()), test })
    }
}
