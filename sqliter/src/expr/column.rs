//! Columns as closures get them.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use super::ast::{ColumnRef, Comparison, Expr, TextTest};
use super::{Condition, IntoText, Operand, Order, Path, Reach};
use crate::model::ColumnInfo;
use crate::value::kind::{Comparable, Numeric, Textual};
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

/// Comparison and order.
impl<P: Path, T: ColumnType> Column<P, T> {
    /// `=`. With `None`, on a nullable column, `IS NULL`.
    pub fn eq(self, operand: impl Operand<P::Root, T>) -> Condition<P::Root>
    where
        T: HoldsComparable,
    {
        match operand.into_expr(self.info) {
            Expr::Value(crate::Value::Null) => self.null_test(false),
            right => self.compare(Comparison::Equal, right),
        }
    }

    /// `<>`; skips rows whose column is `NULL`. With `None`, on a nullable column, `IS NOT NULL`.
    pub fn ne(self, operand: impl Operand<P::Root, T>) -> Condition<P::Root>
    where
        T: HoldsComparable,
    {
        match operand.into_expr(self.info) {
            Expr::Value(crate::Value::Null) => self.null_test(true),
            right => self.compare(Comparison::NotEqual, right),
        }
    }

    /// `<`.
    pub fn lt(self, operand: impl Operand<P::Root, T::Inner>) -> Condition<P::Root>
    where
        T: HoldsComparable,
    {
        self.compare(Comparison::Less, operand.into_expr(self.info))
    }

    /// `<=`.
    pub fn le(self, operand: impl Operand<P::Root, T::Inner>) -> Condition<P::Root>
    where
        T: HoldsComparable,
    {
        self.compare(Comparison::LessOrEqual, operand.into_expr(self.info))
    }

    /// `>`.
    pub fn gt(self, operand: impl Operand<P::Root, T::Inner>) -> Condition<P::Root>
    where
        T: HoldsComparable,
    {
        self.compare(Comparison::Greater, operand.into_expr(self.info))
    }

    /// `>=`.
    pub fn ge(self, operand: impl Operand<P::Root, T::Inner>) -> Condition<P::Root>
    where
        T: HoldsComparable,
    {
        self.compare(Comparison::GreaterOrEqual, operand.into_expr(self.info))
    }

    /// `BETWEEN`, both ends included.
    pub fn between(
        self,
        low: impl Operand<P::Root, T::Inner>,
        high: impl Operand<P::Root, T::Inner>,
    ) -> Condition<P::Root>
    where
        T: HoldsComparable,
    {
        Condition::new(Expr::Between {
            value: Box::new(self.expr()),
            low: Box::new(low.into_expr(self.info)),
            high: Box::new(high.into_expr(self.info)),
        })
    }

    /// `IN`; matches nothing when the list is empty. A list of any length is one bound argument.
    pub fn is_in<I>(self, values: I) -> Condition<P::Root>
    where
        T: HoldsComparable,
        I: IntoIterator,
        I::Item: IntoValue<T::Inner>,
    {
        self.in_list(values, false)
    }

    /// `NOT IN`; matches everything, `NULL` included, when the list is empty, and skips `NULL` otherwise.
    pub fn not_in<I>(self, values: I) -> Condition<P::Root>
    where
        T: HoldsComparable,
        I: IntoIterator,
        I::Item: IntoValue<T::Inner>,
    {
        self.in_list(values, true)
    }

    /// Smallest first, `NULL` before everything.
    pub fn asc(self) -> Order<P::Root>
    where
        T: HoldsComparable,
    {
        Order::new(self.expr(), false)
    }

    /// Largest first, `NULL` after everything.
    pub fn desc(self) -> Order<P::Root>
    where
        T: HoldsComparable,
    {
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
impl<P: Path, T> Column<P, T> {
    /// `IS NULL`.
    pub fn is_null(self) -> Condition<P::Root>
    where
        Self: CanBeNull,
    {
        self.null_test(false)
    }

    /// `IS NOT NULL`.
    pub fn is_not_null(self) -> Condition<P::Root>
    where
        Self: CanBeNull,
    {
        self.null_test(true)
    }
}

/// Columns that may be `NULL`: nullable ones, and all behind a nullable relation.
#[diagnostic::on_unimplemented(
    message = "this column is never NULL",
    label = "not a nullable column",
    note = "only a field of type `Option<…>`, or any behind a nullable relation, can be tested for NULL"
)]
pub trait CanBeNull {}

#[diagnostic::do_not_recommend]
impl<P: Path, T: ColumnType> CanBeNull for Column<P, T> where <P::Reach as Reach>::Of<T>: IsOption {}

#[doc(hidden)]
pub trait IsOption {}

impl<T> IsOption for Option<T> {}

/// Column types whose values can be compared and sorted: all but JSON.
#[diagnostic::on_unimplemented(
    message = "a column of type `{Self}` cannot be compared or sorted",
    label = "the stored text of a document has no order and no equality",
    note = "give what is compared a column of its own"
)]
pub trait HoldsComparable {}

#[diagnostic::do_not_recommend]
impl<T: ColumnType<Kind: Comparable>> HoldsComparable for T {}

/// Column types with the text operators: text, and newtypes of it.
#[diagnostic::on_unimplemented(
    message = "text operators need a column that holds text, and this one holds `{Self}`",
    label = "not a text column",
    note = "`like`, `starts_with`, `ends_with`, `contains`, their `i` forms and `regex` work on `String` and newtypes of it"
)]
pub trait HoldsText {}

#[diagnostic::do_not_recommend]
impl<T: ColumnType<Kind: Textual>> HoldsText for T {}

/// Column types with arithmetic: integers, floating-point numbers, and newtypes of them.
#[diagnostic::on_unimplemented(
    message = "arithmetic needs a column that holds numbers, and this one holds `{Self}`",
    label = "not a column of numbers",
    note = "`add`, `sub` and `mul` work on integers, floating-point numbers and newtypes of them"
)]
pub trait HoldsNumbers {}

#[diagnostic::do_not_recommend]
impl<T: ColumnType<Kind: Numeric>> HoldsNumbers for T {}

/// Text operators. Wildcards in the argument are literal, but for `like`.
impl<P: Path, T: ColumnType> Column<P, T> {
    /// SQLite's [`LIKE`](https://www.sqlite.org/lang_expr.html#like): `%` and `_` are wildcards, ASCII letters match
    /// in both cases. To match a wildcard itself, put a backslash before it.
    pub fn like(self, pattern: impl IntoText) -> Condition<P::Root>
    where
        T: HoldsText,
    {
        self.text(TextTest::Like(pattern.into_text()))
    }

    /// Starts with exactly this text. Uses an index on the column.
    pub fn starts_with(self, text: impl IntoText) -> Condition<P::Root>
    where
        T: HoldsText,
    {
        self.text(TextTest::StartsWith(text.into_text()))
    }

    /// Ends with exactly this text.
    pub fn ends_with(self, text: impl IntoText) -> Condition<P::Root>
    where
        T: HoldsText,
    {
        self.text(TextTest::EndsWith(text.into_text()))
    }

    /// Contains exactly this text.
    pub fn contains(self, text: impl IntoText) -> Condition<P::Root>
    where
        T: HoldsText,
    {
        self.text(TextTest::Contains(text.into_text()))
    }

    /// Starts with this text, ignoring case for all of Unicode.
    pub fn istarts_with(self, text: impl IntoText) -> Condition<P::Root>
    where
        T: HoldsText,
    {
        self.text(TextTest::FoldedStartsWith(text.into_text()))
    }

    /// Ends with this text, ignoring case for all of Unicode.
    pub fn iends_with(self, text: impl IntoText) -> Condition<P::Root>
    where
        T: HoldsText,
    {
        self.text(TextTest::FoldedEndsWith(text.into_text()))
    }

    /// Contains this text, ignoring case for all of Unicode.
    pub fn icontains(self, text: impl IntoText) -> Condition<P::Root>
    where
        T: HoldsText,
    {
        self.text(TextTest::FoldedContains(text.into_text()))
    }

    /// Matched by a regular expression, anywhere in the text, in the syntax of the
    /// [`regex`](https://docs.rs/regex/latest/regex/#syntax) crate. A malformed one is an error when the query runs.
    pub fn regex(self, pattern: impl IntoText) -> Condition<P::Root>
    where
        T: HoldsText,
    {
        self.text(TextTest::Regex(pattern.into_text()))
    }

    fn text(self, test: TextTest) -> Condition<P::Root> {
        Condition::new(Expr::Text { value: Box::new(self.expr()), test })
    }
}
