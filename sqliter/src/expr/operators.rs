//! The operators of SQL, the same for columns and for what is computed from them.

use super::{
    CanBeNull, Column, Computed, Condition, Direction, HoldsComparable, HoldsText, InList, IntoText, List, Operand,
    Order, PerRow, TextOperand, TextPart,
};
use crate::column::ColumnType;
use crate::model::Path;
use crate::sql::ast::{Comparison, Expr, TextMatch, TextTest};
use crate::value::{EncodeError, Value};

macro_rules! operators {
    ($root:ty, $level:ty) => {
        /// `=`. With `None`, on a nullable column, `IS NULL`.
        pub fn eq(self, operand: impl Operand<$root, T, $level>) -> Condition<$root, $level>
        where
            T: HoldsComparable,
        {
            match operand.into_expr(self.place()) {
                Expr::Value(crate::Value::Null) => null_test(self.expr(), false),
                right => compare(self.expr(), Comparison::Equal, right),
            }
        }

        /// `<>`; skips rows whose column is `NULL`. With `None`, on a nullable column, `IS NOT NULL`.
        pub fn ne(self, operand: impl Operand<$root, T, $level>) -> Condition<$root, $level>
        where
            T: HoldsComparable,
        {
            match operand.into_expr(self.place()) {
                Expr::Value(crate::Value::Null) => null_test(self.expr(), true),
                right => compare(self.expr(), Comparison::NotEqual, right),
            }
        }

        /// `<`.
        pub fn lt(self, operand: impl Operand<$root, T::Inner, $level>) -> Condition<$root, $level>
        where
            T: HoldsComparable,
        {
            let right = operand.into_expr(self.place());
            compare(self.expr(), Comparison::Less, right)
        }

        /// `<=`.
        pub fn le(self, operand: impl Operand<$root, T::Inner, $level>) -> Condition<$root, $level>
        where
            T: HoldsComparable,
        {
            let right = operand.into_expr(self.place());
            compare(self.expr(), Comparison::LessOrEqual, right)
        }

        /// `>`.
        pub fn gt(self, operand: impl Operand<$root, T::Inner, $level>) -> Condition<$root, $level>
        where
            T: HoldsComparable,
        {
            let right = operand.into_expr(self.place());
            compare(self.expr(), Comparison::Greater, right)
        }

        /// `>=`.
        pub fn ge(self, operand: impl Operand<$root, T::Inner, $level>) -> Condition<$root, $level>
        where
            T: HoldsComparable,
        {
            let right = operand.into_expr(self.place());
            compare(self.expr(), Comparison::GreaterOrEqual, right)
        }

        /// `BETWEEN`, both ends included.
        pub fn between(
            self,
            low: impl Operand<$root, T::Inner, $level>,
            high: impl Operand<$root, T::Inner, $level>,
        ) -> Condition<$root, $level>
        where
            T: HoldsComparable,
        {
            let (low, high) = (low.into_expr(self.place()), high.into_expr(self.place()));
            Condition::new(Expr::Between { value: self.expr().into(), low: low.into(), high: high.into() })
        }

        /// `IN`; matches nothing when the list is empty. A list of any length is one bound argument.
        ///
        /// A chain that gives one value for each row is a list too, and becomes a subquery:
        /// `b.author_id.is_in(db.select::<Author>().filter(|a| a.name.eq("Ada")).only(|a| a.pk))`. Only what it says is used, not
        /// the session that it was begun with.
        pub fn is_in<I: InList<T::Inner>>(self, values: I) -> Condition<$root, $level>
        where
            T: HoldsComparable,
        {
            let place = self.place();
            in_list(self.expr(), values.into_list(), place, false)
        }

        /// `NOT IN`; matches everything, `NULL` included, when the list is empty, and skips `NULL` otherwise. A `NULL` that
        /// a subquery gives is no value of the list: it would match nothing at all to SQL.
        pub fn not_in<I: InList<T::Inner>>(self, values: I) -> Condition<$root, $level>
        where
            T: HoldsComparable,
        {
            let place = self.place();
            in_list(self.expr(), values.into_list(), place, true)
        }

        /// Smallest first, `NULL` before everything.
        pub fn asc(self) -> Order<$root, $level>
        where
            T: HoldsComparable,
        {
            Order::new(self.expr(), false)
        }

        /// Largest first, `NULL` after everything.
        pub fn desc(self) -> Order<$root, $level>
        where
            T: HoldsComparable,
        {
            Order::new(self.expr(), true)
        }

        /// Sorts by the value in a direction that is chosen at run time. All give the same type, so that the value can
        /// be chosen too.
        ///
        /// ```
        /// use sqliter::Direction;
        /// # use sqliter::prelude::*;
        /// # #[derive(Debug, Clone, PartialEq, Model)]
        /// # struct Book { pk: Key<Book>, title: String, pages: i64 }
        /// # #[tokio::main]
        /// # async fn main() -> sqliter::Result<()> {
        /// # let db = Db::memory().await?;
        /// # db.create_table::<Book>().await?;
        /// let (by, direction) = ("title", Direction::Desc);
        /// let books = db.select::<Book>().order(|b| match by {
        ///     "title" => b.title.order(direction),
        ///     _ => b.pages.order(direction),
        /// });
        /// # books.fetch_all().await?;
        /// # Ok(())
        /// # }
        /// ```
        pub fn order(self, direction: Direction) -> Order<$root, $level>
        where
            T: HoldsComparable,
        {
            Order::new(self.expr(), direction == Direction::Desc)
        }

        /// `IS NULL`.
        pub fn is_null(self) -> Condition<$root, $level>
        where
            Self: CanBeNull,
        {
            null_test(self.expr(), false)
        }

        /// `IS NOT NULL`.
        pub fn is_not_null(self) -> Condition<$root, $level>
        where
            Self: CanBeNull,
        {
            null_test(self.expr(), true)
        }

        /// SQLite's [`LIKE`](https://www.sqlite.org/lang_expr.html#like): `%` and `_` are wildcards, ASCII letters match
        /// in both cases. To match a wildcard itself, put a backslash before it.
        pub fn like(self, pattern: impl IntoText) -> Condition<$root, $level>
        where
            T: HoldsText,
        {
            text_test(self.expr(), TextTest::Like(pattern.into_text()))
        }

        /// Starts with exactly this text, a value or a column. Uses an index on the column where it is a value.
        pub fn starts_with(self, text: impl TextOperand<$root, $level>) -> Condition<$root, $level>
        where
            T: HoldsText,
        {
            text_compared(self.expr(), text, TextTest::StartsWith, TextMatch::StartsWith)
        }

        /// Ends with exactly this text.
        pub fn ends_with(self, text: impl TextOperand<$root, $level>) -> Condition<$root, $level>
        where
            T: HoldsText,
        {
            text_compared(self.expr(), text, TextTest::EndsWith, TextMatch::EndsWith)
        }

        /// Contains exactly this text.
        pub fn contains(self, text: impl TextOperand<$root, $level>) -> Condition<$root, $level>
        where
            T: HoldsText,
        {
            text_compared(self.expr(), text, TextTest::Contains, TextMatch::Contains)
        }

        /// Is this text, ignoring case for all of Unicode.
        pub fn ieq(self, text: impl TextOperand<$root, $level>) -> Condition<$root, $level>
        where
            T: HoldsText,
        {
            let other = match text.into_text_part() {
                TextPart::Text(text) => Expr::Value(Value::Text(text)),
                TextPart::Expr(expr) => expr,
            };
            text_match(self.expr(), TextMatch::FoldedEquals, other)
        }

        /// Starts with this text, ignoring case for all of Unicode.
        pub fn istarts_with(self, text: impl TextOperand<$root, $level>) -> Condition<$root, $level>
        where
            T: HoldsText,
        {
            text_compared(self.expr(), text, TextTest::FoldedStartsWith, TextMatch::FoldedStartsWith)
        }

        /// Ends with this text, ignoring case for all of Unicode.
        pub fn iends_with(self, text: impl TextOperand<$root, $level>) -> Condition<$root, $level>
        where
            T: HoldsText,
        {
            text_compared(self.expr(), text, TextTest::FoldedEndsWith, TextMatch::FoldedEndsWith)
        }

        /// Contains this text, ignoring case for all of Unicode.
        pub fn icontains(self, text: impl TextOperand<$root, $level>) -> Condition<$root, $level>
        where
            T: HoldsText,
        {
            text_compared(self.expr(), text, TextTest::FoldedContains, TextMatch::FoldedContains)
        }

        /// Matched by a regular expression, anywhere in the text, in the syntax of the
        /// [`regex`](https://docs.rs/regex/latest/regex/#syntax) crate. A malformed one is
        /// [`Error::RegularExpression`](crate::Error::RegularExpression) when the query is about to run, whether there are
        /// rows to look at or not.
        pub fn regex(self, pattern: impl IntoText) -> Condition<$root, $level>
        where
            T: HoldsText,
        {
            text_test(self.expr(), TextTest::Regex(pattern.into_text()))
        }
    };
}

/// Operators. Comparisons with `NULL` are unknown, and a filter keeps a row only where its condition is true.
/// Wildcards in the argument of a text operator are literal, but for `like`.
impl<P: Path, T: ColumnType> Column<P, T> {
    operators!(P::Root, PerRow);
}

/// Operators, as those of columns.
impl<M, T: ColumnType, L> Computed<M, T, L> {
    operators!(M, L);
}

fn compare<M, L>(left: Expr, operator: Comparison, right: Expr) -> Condition<M, L> {
    Condition::new(Expr::compare(left, operator, right))
}

fn null_test<M, L>(value: Expr, negated: bool) -> Condition<M, L> {
    Condition::new(Expr::IsNull { value: value.into(), negated })
}

/// A test of a text that is known, or of one that is not.
fn text_compared<M, L>(
    value: Expr,
    other: impl TextOperand<M, L>,
    known: fn(String) -> TextTest,
    unknown: TextMatch,
) -> Condition<M, L> {
    match other.into_text_part() {
        TextPart::Text(text) => text_test(value, known(text)),
        TextPart::Expr(other) => text_match(value, unknown, other),
    }
}

fn text_match<M, L>(value: Expr, test: TextMatch, other: Expr) -> Condition<M, L> {
    Condition::new(Expr::TextBy { value: value.into(), test, other: other.into() })
}

fn text_test<M, L>(value: Expr, test: TextTest) -> Condition<M, L> {
    Condition::new(Expr::Text { value: value.into(), test })
}

fn in_list<M, L>(value: Expr, list: Result<List, EncodeError>, place: &'static str, negated: bool) -> Condition<M, L> {
    Condition::new(match list {
        Ok(List::Values(list)) => Expr::InList { value: value.into(), list: list.into(), negated },
        Ok(List::Query(select)) => Expr::InSelect { value: value.into(), select, negated },
        Err(error) => Expr::Unencodable { place, error },
    })
}
