//! Columns that an insert is given a value for, whatever it would write by itself.

use std::marker::PhantomData;

use crate::column::{ColumnType, IntoValue};
use crate::error::Result;
use crate::expr::Column;
use crate::model::{KeyOf, Model, Path};
use crate::table::ColumnInfo;
use crate::value::{EncodeError, Value};

/// A column with the value that [`Session::insert_with`](crate::Session::insert_with) stores in it.
#[derive(Debug)]
#[must_use = "the value is stored only by the insert that takes it"]
pub struct Given<M> {
    column: &'static ColumnInfo,
    value: Result<Value, EncodeError>,
    model: PhantomData<fn() -> M>,
}

impl<M> Clone for Given<M> {
    fn clone(&self) -> Self {
        Self { column: self.column, value: self.value.clone(), model: PhantomData }
    }
}

impl<M: Model> Given<M> {
    pub(super) fn into_written(self) -> Result<(&'static ColumnInfo, Value)> {
        let Self { column, value, .. } = self;
        Ok((column, value.map_err(|error| error.at(M::TABLE.name, column.name))?))
    }
}

/// The columns that an insert can be given: those of the model itself, the primary key and the timestamps included.
#[diagnostic::on_unimplemented(
    message = "an insert cannot be given a column of a related model",
    label = "a column of a related model",
    note = "an insert writes the columns of its own model only; the related row is inserted or updated by itself"
)]
pub trait Insertable {}

#[diagnostic::do_not_recommend]
impl<M: Model> Insertable for M {}

#[diagnostic::do_not_recommend]
impl<M: Model> Insertable for KeyOf<M> {}

impl<P: Path, T: ColumnType> Column<P, T> {
    /// The value that an insert stores in the column, for [`Session::insert_with`](crate::Session::insert_with).
    pub fn given(self, value: impl IntoValue<T>) -> Given<P::Root>
    where
        P: Insertable,
    {
        Given { column: self.info(), value: value.into_value(), model: PhantomData }
    }
}

/// What an insert is given: what `.given(…)` gives, a tuple of them or a `Vec`. Of two values for a column the later
/// counts.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not what an insert of `{M}` can be given",
    label = "expected `.given(…)` of each column",
    note = "write `|b| b.pk.given(Book::key(7))`, or several as a tuple: `|b| (b.pk.given(Book::key(7)), b.title.given(\"Emma\"))`"
)]
pub trait Givens<M> {
    /// For the library.
    #[doc(hidden)]
    fn push_onto(self, given: &mut Vec<Given<M>>);
}

#[diagnostic::do_not_recommend]
impl<M> Givens<M> for Given<M> {
    fn push_onto(self, given: &mut Vec<Self>) {
        given.push(self);
    }
}

#[diagnostic::do_not_recommend]
impl<M> Givens<M> for Vec<Given<M>> {
    fn push_onto(self, given: &mut Self) {
        given.extend(self);
    }
}

/// Nothing is given: the insert writes what it does by itself.
#[diagnostic::do_not_recommend]
impl<M> Givens<M> for () {
    fn push_onto(self, _: &mut Vec<Given<M>>) {}
}

macro_rules! tuples {
    ($($name:ident)+) => {
        impl<M, $($name: Givens<M>),+> Givens<M> for ($($name,)+) {
            fn push_onto(self, given: &mut Vec<Given<M>>) {
                #[expect(non_snake_case, reason = "the names of the types serve for the values")]
                let ($($name,)+) = self;
                $($name.push_onto(given);)+
            }
        }
    };
}

crate::tuples::each_tuple!(tuples);
