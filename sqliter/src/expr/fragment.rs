//! SQL of the program inside typed chains.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::ops::{BitAnd, BitOr, Not};

use super::computed::Types;
use super::{Aliased, Column, Computed, Condition, Expression, Filter, HoldsComparable, Order, Outer};
use crate::column::{ColumnType, Literal};
use crate::model::{Model, Path};
use crate::sql::ast::{Declared, Expr, Fragment, Several};
use crate::table::TableInfo;

/// SQL where the operators end, as a value of the type `T`: a condition if that is `bool`, a value to select or to compare
/// with, a sort key, what a column is set to.
///
/// Each `?` of the text, but for those in quotes and comments, is the place of a part, in their order: a column, a value of
/// the program, what is computed. Values are bound, never written. The text is part of the program, `&'static str`: what
/// users type is a part, and no text.
///
/// ```
/// use sqliter::prelude::*;
/// use sqliter::sql;
///
/// #[derive(Debug, Clone, PartialEq, Model)]
/// struct Issue {
///     pk: Key<Issue>,
///     title: String,
/// }
///
/// # #[tokio::main]
/// # async fn main() -> sqliter::Result<()> {
/// # let db = Db::memory().await?;
/// # db.create_table::<Issue>().await?;
/// # db.insert(Issue::builder().title("Crash at start")).await?;
/// let pattern = "Crash*";
/// let titles: Vec<(String, i64)> = db
///     .select::<Issue>()
///     .filter(|i| sql::<bool>("? GLOB ?", (i.title, pattern)))
///     .order(|i| sql::<String>("? COLLATE NOCASE", (i.title,)).asc())
///     .fields(|i| (i.title, sql::<i64>("instr(?, ' ')", (i.title,))))
///     .fetch_all()
///     .await?;
/// assert_eq!(titles, [("Crash at start".to_owned(), 6)]);
/// # Ok(())
/// # }
/// ```
///
/// `T` says what the value is: an `Option` if it may be `NULL`. A value that is something else is
/// [`Error::Decode`](crate::Error::Decode) when it is read. Dates, UUIDs and decimal numbers may come in every form in which they
/// are read, as `datetime('now')` gives them: they are brought into the stored form where they are compared, sorted by or set. A
/// function around the text does that, so an index over the text itself serves a `T` that has one form alone, as `String`.
///
/// A text that cannot stand inside a statement is [`Error::SqlFragment`](crate::Error::SqlFragment) when the query is about
/// to run: another number of `?` than of parts, quotes, comments or parentheses without their end, a semicolon, a parameter with
/// a name. A part of another query is [`Error::NotInQuery`](crate::Error::NotInQuery).
pub fn sql<T: ColumnType>(text: &'static str, parts: impl SqlParts) -> SqlValue<T> {
    let mut given = Given { parts: Several::default(), roots: Vec::new() };
    parts.push_onto(&mut given);
    let declared =
        Declared { nullable: T::NULLABLE, storage: T::STORAGE, collation: T::COLLATION, canonical: T::CANONICAL };
    SqlValue::new(Expr::Fragment(Box::new(Fragment::new(text, given.parts, given.roots, declared))))
}

/// SQL of the program as a value of the type `T`, from [`sql`].
#[must_use = "a value does nothing until a query takes it"]
pub struct SqlValue<T> {
    expr: Expr,
    types: Types<T>,
}

impl<T> SqlValue<T> {
    const fn new(expr: Expr) -> Self {
        Self { expr, types: PhantomData }
    }

    pub(crate) fn expr(self) -> Expr {
        self.expr
    }

    pub(crate) const fn as_expr(&self) -> &Expr {
        &self.expr
    }

    /// What errors call it. What is no piece itself is joined of conditions.
    pub(crate) fn place(&self) -> String {
        if let Expr::Fragment(fragment) = &self.expr {
            return format!("the piece of SQL `{}`", fragment.text);
        }
        "a condition".to_owned()
    }

    /// Smallest first, `NULL` before everything.
    pub fn asc<M>(self) -> Order<M>
    where
        T: HoldsComparable,
    {
        Order::new(self.expr, false)
    }

    /// Largest first, `NULL` after everything.
    pub fn desc<M>(self) -> Order<M>
    where
        T: HoldsComparable,
    {
        Order::new(self.expr, true)
    }

    /// Names the value in records and for `#[derive(Row)]`.
    pub fn alias(self, name: impl Into<Cow<'static, str>>) -> Aliased<Self> {
        Aliased { value: self, name: name.into() }
    }

    /// A computed value, with the operators of columns: `sql::<i64>("unicode(?)", (b.title,)).as_value().gt(64)`.
    pub fn as_value<M>(self) -> Computed<M, T> {
        Computed::new(self.expr)
    }
}

impl<T> Clone for SqlValue<T> {
    fn clone(&self) -> Self {
        Self::new(self.expr.clone())
    }
}

impl<T> fmt::Debug for SqlValue<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SqlValue").field(&self.expr).finish()
    }
}

macro_rules! conditions {
    ($($truth:ty),*) => {$(
        #[diagnostic::do_not_recommend]
        impl<M> Filter<M> for SqlValue<$truth> {
            fn into_condition(self) -> Condition<M> {
                Condition::new(self.expr)
            }
        }

        impl Not for SqlValue<$truth> {
            type Output = SqlValue<bool>;

            fn not(self) -> SqlValue<bool> {
                SqlValue::new(Expr::Not(self.expr.into()))
            }
        }

        conditions!(@ $truth, BitAnd::bitand => and, BitOr::bitor => or);
    )*};
    (@ $truth:ty, $($trait:ident::$method:ident => $joined:ident),*) => {$(
        impl<M> $trait<Condition<M>> for SqlValue<$truth> {
            type Output = Condition<M>;

            fn $method(self, other: Condition<M>) -> Condition<M> {
                Condition::new(self.expr.$joined(other.into_expr()))
            }
        }

        impl<M> $trait<SqlValue<$truth>> for Condition<M> {
            type Output = Self;

            fn $method(self, other: SqlValue<$truth>) -> Self {
                Self::new(self.into_expr().$joined(other.expr))
            }
        }

        impl $trait for SqlValue<$truth> {
            type Output = Self;

            fn $method(self, other: Self) -> Self {
                Self::new(self.expr.$joined(other.expr))
            }
        }
    )*};
}

conditions!(bool, Option<bool>);

/// The parts of a fragment, and the tables of the queries that they belong to.
#[doc(hidden)]
#[derive(Debug)]
pub struct Given {
    parts: Several,
    roots: Vec<&'static TableInfo>,
}

impl Given {
    fn push(&mut self, part: Expr, root: Option<&'static TableInfo>) {
        self.parts.push(part);
        self.roots.extend(root);
    }
}

/// What [`sql`] takes for the places of its text: a tuple of up to sixteen columns, values and computed values; `()` for none.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the parts of a piece of SQL",
    label = "expected a tuple with a part for each `?`",
    note = "the parts are columns, values and computed values: `sql::<bool>(\"? GLOB ?\", (b.title, pattern))`, one alone `(b.title,)`, \
            none `()`",
    note = "numbers are `i64` and `f64` here, and others are converted: `i64::from(n)`, `i64::try_from(n)?`, `f64::from(x)`"
)]
pub trait SqlParts {
    #[doc(hidden)]
    fn push_onto(self, given: &mut Given);
}

/// One part of what [`sql`] takes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a part of a piece of SQL",
    label = "expected a column, a value or a computed value",
    note = "numbers are `i64` and `f64` here, and others are converted: `i64::from(n)`, `i64::try_from(n)?`, `f64::from(x)`",
    note = "a list is bound as JSON: `sql::<bool>(\"? IN (SELECT value FROM json_each(?))\", (b.pages, json))`"
)]
pub trait SqlPart {
    #[doc(hidden)]
    fn push_part(self, given: &mut Given);
}

impl SqlParts for () {
    fn push_onto(self, _: &mut Given) {}
}

macro_rules! tuples {
    ($($name:ident)+) => {
        #[diagnostic::do_not_recommend]
        impl<$($name: SqlPart),+> SqlParts for ($($name,)+) {
            #[expect(non_snake_case, reason = "the names of the types serve for the values")]
            fn push_onto(self, given: &mut Given) {
                let ($($name,)+) = self;
                $($name.push_part(given);)+
            }
        }
    };
}

crate::tuples::each_tuple!(tuples);

macro_rules! parts {
    ($([$($generics:tt)*] $part:ty, $root:expr;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> SqlPart for $part {
            fn push_part(self, given: &mut Given) {
                given.push(self.expression(), $root);
            }
        }
    )*};
}

parts! {
    [P: Path, T: ColumnType] Column<P, T>, Some(P::Root::TABLE);
    [M: Model, T: ColumnType] Computed<M, T>, Some(M::TABLE);
    [M: Model] Condition<M>, Some(M::TABLE);
    [T: ColumnType] Outer<T>, None;
    [T: ColumnType] SqlValue<T>, None;
    [T: Literal] T, None;
    [] &str, None;
    [] &String, None;
}
