//! Several values that are compared as one.

use super::{Column, Computed, Condition, HoldsComparable, SameQuery};
use crate::column::{ColumnType, IntoValue};
use crate::model::{Key, KeyType, Model, Path};
use crate::sql::ast::{Expr, Subquery};
use crate::value::{EncodeError, Encoded, Value};

/// A column, or what is computed from columns, as one of several that are compared together.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be compared together with other columns",
    label = "expected a column, or what is computed from columns",
    note = "write `(l.order_id, l.number).is_in([(1, 2), (1, 3)])`"
)]
pub trait OneOfSeveral {
    /// The model that the query selects.
    type Root;
    /// The type without its `Option`.
    type Inner;

    #[doc(hidden)]
    fn into_expr(self) -> Expr;
}

#[diagnostic::do_not_recommend]
impl<P: Path, T: ColumnType + HoldsComparable> OneOfSeveral for Column<P, T> {
    type Root = P::Root;
    type Inner = T::Inner;

    fn into_expr(self) -> Expr {
        self.expr()
    }
}

#[diagnostic::do_not_recommend]
impl<M, T: ColumnType + HoldsComparable> OneOfSeveral for Computed<M, T> {
    type Root = M;
    type Inner = T::Inner;

    fn into_expr(self) -> Expr {
        self.expr()
    }
}

/// Two to eight columns or computed values together, as a tuple: `(l.order_id, l.number).is_in([(1, 2), (1, 3)])`. The prelude has
/// this trait in scope.
pub trait Together: Sized {
    /// The model that the query selects.
    type Root;
    /// The types of the values, without their `Option`.
    type Inner;

    #[doc(hidden)]
    fn into_row(self) -> Expr;

    /// Whether the values are together those of one row of the list: an array, a `Vec` or another iterator of tuples; keys of
    /// several columns; or a chain that gives such values, which becomes a subquery. Where one of the values is `NULL`, they
    /// are in no list.
    ///
    /// ```
    /// use sqliter::prelude::*;
    ///
    /// #[derive(Debug, Clone, PartialEq, Model)]
    /// struct Seat {
    ///     #[model(pk)]
    ///     row: String,
    ///     #[model(pk)]
    ///     number: i64,
    ///     taken: bool,
    /// }
    ///
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// # let db = Db::memory().await?;
    /// # db.create_table::<Seat>().await?;
    /// # db.bulk_insert([("a", 1), ("a", 2), ("b", 1)].map(|(row, n)| Seat::builder().row(row).number(n).taken(false))).await?;
    /// let wanted = [("a", 2), ("b", 1), ("c", 9)];
    /// let free = db.select::<Seat>().filter(|s| (s.row, s.number).is_in(wanted) & s.taken.eq(false));
    /// assert_eq!(free.count().await?, 2);
    ///
    /// let keys = [Seat::key(("a".to_owned(), 1))];
    /// assert_eq!(db.select::<Seat>().filter(|s| !(s.row, s.number).is_in(&keys)).count().await?, 2);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// A list of any length is one bound argument. An index on the columns serves.
    #[expect(clippy::wrong_self_convention, reason = "it is called as the operator of one column")]
    fn is_in<I: InRows<Self::Inner>>(self, rows: I) -> Condition<Self::Root> {
        let value = self.into_row().into();
        Condition::new(match rows.into_rows() {
            Ok(Rows::Values(list)) => Expr::InList { value, list: list.into(), negated: false },
            Ok(Rows::Query(select)) => Expr::InSelect { value, select, negated: false },
            Err(error) => Expr::Unencodable { place: "a list of rows", error },
        })
    }
}

/// What [`Together::is_in`] takes for values of the types `T`: tuples of values, keys of several columns, or a chain that gives
/// such values.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a list of rows with the types `{T}`",
    label = "expected a list of `{T}`",
    note = "a list is an array, a `Vec` or an iterator of tuples: `(l.order_id, l.number).is_in([(1, 2), (1, 3)])`",
    note = "a chain that gives as many values is one too: `.is_in(db.select::<Line>().fields(|l| (l.order_id, l.number)))`"
)]
pub trait InRows<T> {
    /// The values to bind, one row after another, or the query that gives them.
    ///
    /// # Errors
    ///
    /// When a value has no faithful form in SQLite.
    #[doc(hidden)]
    fn into_rows(self) -> Result<Rows, EncodeError>;
}

/// A list of rows.
#[doc(hidden)]
#[derive(Debug)]
pub enum Rows {
    Values(Vec<Value>),
    Query(Box<Subquery>),
}

#[diagnostic::do_not_recommend]
impl<T, I: IntoIterator<Item: RowOf<T>>> InRows<T> for I {
    fn into_rows(self) -> Result<Rows, EncodeError> {
        let mut values = Vec::new();
        for row in self {
            row.push_onto(&mut values)?;
        }
        Ok(Rows::Values(values))
    }
}

/// A row of values of the types `T`: a tuple, or a key of several columns.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a row of values with the types `{T}`",
    label = "expected a tuple of `{T}`"
)]
pub trait RowOf<T> {
    /// Appends the values.
    ///
    /// # Errors
    ///
    /// When a value has no faithful form in SQLite.
    #[doc(hidden)]
    fn push_onto(self, values: &mut Vec<Value>) -> Result<(), EncodeError>;
}

#[diagnostic::do_not_recommend]
impl<M: Model> RowOf<M::RawKey> for &Key<M> {
    fn push_onto(self, values: &mut Vec<Value>) -> Result<(), EncodeError> {
        let mut failed = None;
        // Nothing fails here but the values themselves.
        let _ = self.raw().each_value(&mut |value| {
            match value.map(Encoded::into_value) {
                Ok(value) => values.push(value),
                Err(error) => failed = Some(error),
            }
            Ok(())
        });
        failed.map_or(Ok(()), Err)
    }
}

#[diagnostic::do_not_recommend]
impl<M: Model> RowOf<M::RawKey> for Key<M> {
    fn push_onto(self, values: &mut Vec<Value>) -> Result<(), EncodeError> {
        (&self).push_onto(values)
    }
}

macro_rules! rows {
    ($first:ident $first_type:ident $($name:ident $type:ident)+) => {
        impl<$first: OneOfSeveral, $($name: OneOfSeveral),+> Together for ($first, $($name),+)
        where
            $($first::Root: SameQuery<$name::Root>),+
        {
            type Root = $first::Root;
            type Inner = ($first::Inner, $($name::Inner),+);

            #[expect(non_snake_case, reason = "the names of the types serve for the values")]
            fn into_row(self) -> Expr {
                let ($first, $($name),+) = self;
                Expr::Row([$first.into_expr(), $($name.into_expr()),+].into())
            }
        }

        #[diagnostic::do_not_recommend]
        impl<$first: IntoValue<$first_type>, $first_type, $($name: IntoValue<$type>, $type),+> RowOf<($first_type, $($type),+)>
            for ($first, $($name),+)
        {
            #[expect(non_snake_case, reason = "the names of the types serve for the values")]
            fn push_onto(self, values: &mut Vec<Value>) -> Result<(), EncodeError> {
                let ($first, $($name),+) = self;
                values.push($first.into_value()?);
                $(values.push($name.into_value()?);)+
                Ok(())
            }
        }

        #[diagnostic::do_not_recommend]
        impl<'a, $first, $first_type, $($name, $type),+> RowOf<($first_type, $($type),+)> for &'a ($first, $($name),+)
        where
            &'a $first: IntoValue<$first_type>,
            $(&'a $name: IntoValue<$type>),+
        {
            #[expect(non_snake_case, reason = "the names of the types serve for the values")]
            fn push_onto(self, values: &mut Vec<Value>) -> Result<(), EncodeError> {
                let ($first, $($name),+) = self;
                values.push($first.into_value()?);
                $(values.push($name.into_value()?);)+
                Ok(())
            }
        }
    };
}

rows!(A S B T);
rows!(A S B T C U);
rows!(A S B T C U D V);
rows!(A S B T C U D V E W);
rows!(A S B T C U D V E W F X);
rows!(A S B T C U D V E W F X G Y);
rows!(A S B T C U D V E W F X G Y H Z);
