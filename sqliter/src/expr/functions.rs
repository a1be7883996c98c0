//! Functions of single values: coalesce, text, parts of dates, CASE.

use super::computed::Types;
use super::operand::TypeOf;
use super::{
    CanBeNull, Column, Computed, Condition, HoldsComparable, HoldsDate, HoldsNumbers, HoldsText, HoldsTime, InQuery,
    Operand, PerRow,
};
use crate::column::{ColumnType, Nullability, NullabilityOf, Nullable};
use crate::model::Path;
use crate::sql::ast::{Case, DatePart, DateStart, DateUnit, Expr, Function, Nested};
use crate::value::{Moment, Value};

/// What another value's presence makes of a type: `NULL` only where that value is.
type As<T, R> = <R as Nullability>::Of<T>;

/// What a type becomes beside another value: `NULL` where either is.
type Both<T, R> = As<T, <NullabilityOf<T> as Nullability>::And<R>>;

macro_rules! functions {
    ($root:ty, $level:ty, $reach:ty) => {
        /// The value, or where it is `NULL` the other one: `a.nickname.coalesce(a.name)`, `a.nickname.coalesce("?")`.
        pub fn coalesce<V: Operand<$root, Option<T::Inner>, $level>>(
            self,
            other: V,
        ) -> Computed<$root, As<T::Inner, V::Nullability>, $level>
        where
            Self: CanBeNull,
        {
            let other = other.into_expr(self.place());
            Computed::new(Expr::Call { function: Function::Coalesce, arguments: [self.expr(), other].into() })
        }

        /// The text in lower case, for all of Unicode.
        pub fn lower(self) -> Computed<$root, As<T, $reach>, $level>
        where
            T: HoldsText,
        {
            Computed::new(Expr::Call { function: Function::Lower, arguments: [self.expr()].into() })
        }

        /// The text in upper case, for all of Unicode.
        pub fn upper(self) -> Computed<$root, As<T, $reach>, $level>
        where
            T: HoldsText,
        {
            Computed::new(Expr::Call { function: Function::Upper, arguments: [self.expr()].into() })
        }

        /// The number of characters of the text, up to the first NUL.
        pub fn length(self) -> Computed<$root, As<i64, $reach>, $level>
        where
            T: HoldsText,
        {
            Computed::new(Expr::Call { function: Function::Length, arguments: [self.expr()].into() })
        }

        /// The text without the spaces at both ends.
        pub fn trim(self) -> Computed<$root, As<T, $reach>, $level>
        where
            T: HoldsText,
        {
            Computed::new(Expr::Call { function: Function::Trim, arguments: [self.expr()].into() })
        }

        /// The text followed by the other one; `NULL` where one of them is: `a.first.concat(" ").concat(a.last)`.
        pub fn concat<V: Operand<$root, Option<String>, $level>>(
            self,
            other: V,
        ) -> Computed<$root, As<String, <$reach as Nullability>::And<V::Nullability>>, $level>
        where
            T: HoldsText,
        {
            let other = other.into_expr(self.place());
            Computed::new(Expr::Call { function: Function::Concatenate, arguments: [self.expr(), other].into() })
        }

        /// The value as a number or as text, as SQLite's [`CAST`](https://www.sqlite.org/lang_expr.html#castexpr) converts
        /// it: to `i64` without the fraction, a text from the number that it begins with, else 0. `b.pages.cast::<String>()`.
        pub fn cast<U: CastTo>(self) -> Computed<$root, As<U, $reach>, $level>
        where
            T: HoldsComparable,
        {
            Computed::new(Expr::Call { function: Function::Cast(U::STORAGE), arguments: [self.expr()].into() })
        }

        /// The number rounded to this many digits after the point, as a floating-point number; halves are rounded away
        /// from zero.
        pub fn round(self, digits: u8) -> Computed<$root, As<f64, $reach>, $level>
        where
            T: HoldsNumbers,
        {
            let digits = Expr::Value(Value::Integer(i64::from(digits)));
            Computed::new(Expr::Call { function: Function::Round, arguments: [self.expr(), digits].into() })
        }

        /// The largest whole number that is not above the number, as a floating-point number.
        pub fn floor(self) -> Computed<$root, As<f64, $reach>, $level>
        where
            T: HoldsNumbers,
        {
            Computed::new(Expr::Call { function: Function::Floor, arguments: [self.expr()].into() })
        }

        /// The smallest whole number that is not below the number, as a floating-point number.
        pub fn ceil(self) -> Computed<$root, As<f64, $reach>, $level>
        where
            T: HoldsNumbers,
        {
            Computed::new(Expr::Call { function: Function::Ceiling, arguments: [self.expr()].into() })
        }

        /// The beginning of the year, the month, the week and so on, as a value of the same type: to group by,
        /// `.group_by(|s| s.sold_at.date_trunc(DateUnit::Month))`. Of an instant with an offset it is that in UTC.
        pub fn date_trunc(self, unit: DateUnit) -> Computed<$root, As<T, $reach>, $level>
        where
            T: HoldsDate,
        {
            let start = DateStart { unit, moment: <T as HoldsDate>::MOMENT, canonical: T::CANONICAL };
            Computed::new(Expr::Call { function: Function::DateStart(start), arguments: [self.expr()].into() })
        }

        date_parts! { $root, $level, $reach;
            /// The year. An instant with an offset is taken in UTC, as in all parts of dates and times.
            year Year HoldsDate;
            /// The month, 1 to 12.
            month Month HoldsDate;
            /// The day of the month, 1 to 31.
            day Day HoldsDate;
            /// The day of the week, 0 for Sunday to 6 for Saturday.
            weekday Weekday HoldsDate;
            /// The hour, 0 to 23.
            hour Hour HoldsTime;
            /// The minute, 0 to 59.
            minute Minute HoldsTime;
            /// The whole second, 0 to 59.
            second Second HoldsTime;
        }
    };
}

macro_rules! date_parts {
    ($root:ty, $level:ty, $reach:ty; $($(#[$doc:meta])* $name:ident $part:ident $bound:ident;)*) => {$(
        $(#[$doc])*
        pub fn $name(self) -> Computed<$root, As<i64, $reach>, $level>
        where
            T: $bound,
        {
            date_part(self.expr(), DatePart::$part, <T as $bound>::MOMENT)
        }
    )*};
}

/// Functions. `NULL` stays `NULL`, but for `coalesce`.
impl<P: Path, T: ColumnType> Column<P, T> {
    functions!(P::Root, PerRow, <P::Nullability as Nullability>::And<NullabilityOf<T>>);
}

/// Functions, as those of columns.
impl<M, T: ColumnType, L> Computed<M, T, L> {
    functions!(M, L, NullabilityOf<T>);
}

fn date_part<M, T, L>(value: Expr, part: DatePart, moment: Moment) -> Computed<M, T, L> {
    Computed::new(Expr::DatePart { value: value.into(), part, moment })
}

/// What [`cast`](Column::cast) converts to: `i64`, `f64` or `String`.
#[diagnostic::on_unimplemented(
    message = "`cast` converts to `i64`, `f64` or `String`, and not to `{Self}`",
    label = "not a type that SQLite's CAST gives"
)]
pub trait CastTo: ColumnType {}

impl CastTo for i64 {}
impl CastTo for f64 {}
impl CastTo for String {}

/// Begins [`CASE WHEN`](https://www.sqlite.org/lang_expr.html#the_case_expression): the value of the first condition
/// that is true. The first value says the type of all; a plain integer there is an `i64`.
///
/// ```
/// use sqliter::prelude::*;
///
/// # #[derive(Debug, Clone, PartialEq, Model)]
/// # struct Book { pk: Key<Book>, title: String, pages: i64 }
/// # #[tokio::main]
/// # async fn main() -> sqliter::Result<()> {
/// # let db = Db::memory().await?;
/// # db.create_table::<Book>().await?;
/// # db.insert(Book::builder().title("Emma").pages(474)).await?;
/// let sizes: Vec<(String, String)> = db
///     .select::<Book>()
///     .fields(|b| (b.title, case_when(b.pages.gt(400), "long").when(b.pages.gt(100), "medium").otherwise("short")))
///     .fetch_all()
///     .await?;
/// assert_eq!(sizes, [("Emma".to_owned(), "long".to_owned())]);
/// # Ok(())
/// # }
/// ```
pub fn case_when<M, L, V: InQuery<M, L>>(condition: Condition<M, L>, value: V) -> UnfinishedCase<M, TypeOf<V>, L> {
    UnfinishedCase {
        branches: vec![(condition.into_expr().into(), value.expression().into())],
        types: std::marker::PhantomData,
    }
}

/// `CASE` without its end, from [`case_when`].
#[derive(Debug)]
#[must_use = "`CASE` is complete with `.otherwise(…)` or `.end()`"]
pub struct UnfinishedCase<M, T, L = PerRow> {
    branches: Vec<(Nested, Nested)>,
    types: Types<(M, T, L)>,
}

/// What an error about the value of a branch names.
const PLACE: &str = "a value";

impl<M, T: ColumnType, L> UnfinishedCase<M, T, L> {
    /// The value where all conditions before were false and this one is true.
    pub fn when<V: Operand<M, Option<T::Inner>, L>>(
        mut self,
        condition: Condition<M, L>,
        value: V,
    ) -> UnfinishedCase<M, Both<T, V::Nullability>, L> {
        self.branches.push((condition.into_expr().into(), value.into_expr(PLACE).into()));
        UnfinishedCase { branches: self.branches, types: std::marker::PhantomData }
    }

    /// The value where no condition is true.
    pub fn otherwise<V: Operand<M, Option<T::Inner>, L>>(self, value: V) -> Computed<M, Both<T, V::Nullability>, L> {
        self.ended(Some(value.into_expr(PLACE)))
    }

    /// `NULL` where no condition is true.
    pub fn end(self) -> Computed<M, As<T, Nullable>, L> {
        self.ended(None)
    }

    fn ended<V>(self, otherwise: Option<Expr>) -> Computed<M, V, L> {
        let otherwise = otherwise.map(Nested::new);
        Computed::new(Expr::Case(Box::new(Case { branches: self.branches, otherwise, collation: T::COLLATION })))
    }
}
