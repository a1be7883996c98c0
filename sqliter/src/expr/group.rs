//! Embedded structs as closures get them.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use super::{Assignable, Assignment, Column, Condition};
use crate::model::{At, Embed, Embedded, GroupColumns, Model, Path};
use crate::sql::ast::{Comparison, Expr};
use crate::table::ColumnInfo;
use crate::value::Value;

/// The columns of an embedded struct `T`: reached by the path `P` from the root, at the place `A` of the table. Its fields are
/// the columns of the struct, `c.address.city`.
pub struct Group<P, T, A>(PhantomData<fn() -> (P, T, A)>);

impl<P, T, A> Clone for Group<P, T, A> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P, T, A> Copy for Group<P, T, A> {}

impl<P, T, A> fmt::Debug for Group<P, T, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Group")
    }
}

impl<P, T, A> Group<P, T, A> {
    /// For generated code.
    #[doc(hidden)]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<P: Path, T: Embedded, A: 'static> Deref for Group<P, T, A>
where
    T::Columns<P, A>: GroupColumns<A>,
{
    type Target = T::Columns<P, A>;

    fn deref(&self) -> &Self::Target {
        <T::Columns<P, A> as GroupColumns<A>>::COLUMNS
    }
}

/// What stands for a whole embedded struct: a value of it, or of an `Option` of it where its columns may be `NULL`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a value of the embedded struct `{T}`",
    label = "expected `{T}`",
    note = "a single column of it is reached by its field, as in `c.address.city.set(\"Wien\")`"
)]
pub trait GroupValue<T> {
    #[doc(hidden)]
    fn into_group(self) -> T;
}

#[diagnostic::do_not_recommend]
impl<E: Embed> GroupValue<E> for E {
    fn into_group(self) -> E {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<E: Embed> GroupValue<Option<E>> for E {
    fn into_group(self) -> Option<E> {
        Some(self)
    }
}

#[diagnostic::do_not_recommend]
impl<E: Embed> GroupValue<Self> for Option<E> {
    fn into_group(self) -> Self {
        self
    }
}

/// Embedded structs whose columns may be `NULL` as a whole.
#[diagnostic::on_unimplemented(
    message = "the columns of `{Self}` are never `NULL` as a whole",
    label = "the field is not an `Option`",
    note = "a field `Option<{Self}>` of the model may be `NULL`; a single nullable column is tested by `c.address.zip.is_null()`"
)]
pub trait MayBeAbsent {}

#[diagnostic::do_not_recommend]
impl<E: Embed> MayBeAbsent for Option<E> {}

impl<P: Path, T: Embedded, A: At<P::Model>> Group<P, T, A> {
    /// The columns, in their order.
    pub(crate) fn infos(self) -> &'static [ColumnInfo] {
        let end = A::START + T::CODEC.width();
        P::Model::TABLE.columns.get(A::START..end).unwrap_or_default()
    }

    pub(crate) fn exprs(self) -> impl Iterator<Item = Expr> {
        self.infos().iter().map(|column| Expr::column(P::NODE, column))
    }

    /// Sets all columns: to those of a value, or to `NULL` where there is none.
    pub fn set(self, value: impl GroupValue<T>) -> Vec<Assignment<P::Root>>
    where
        P: Assignable,
    {
        self.values(&value.into_group()).map(|(column, value)| Assignment::of(column, value)).collect()
    }

    /// Whether all columns are those of a value: `=` for each of them, `IS NULL` where the value has none.
    pub fn eq(self, value: impl GroupValue<T>) -> Condition<P::Root> {
        let value = value.into_group();
        let conditions = self.values(&value).map(|(column, value)| {
            let column = Expr::column(P::NODE, column);
            match value {
                Expr::Value(Value::Null) => Expr::IsNull { value: column.into(), negated: false },
                value => Expr::compare(column, Comparison::Equal, value),
            }
        });
        Condition::new(conditions.reduce(Expr::and).unwrap_or(Expr::Value(Value::Integer(1))))
    }

    /// Whether it is not there: all of its columns are `NULL`.
    pub fn is_null(self) -> Condition<P::Root>
    where
        T: MayBeAbsent,
    {
        let conditions = self.exprs().map(|column| Expr::IsNull { value: column.into(), negated: false });
        Condition::new(conditions.reduce(Expr::and).unwrap_or(Expr::Value(Value::Integer(0))))
    }

    /// Whether it is there: one of its columns is not `NULL`.
    pub fn is_not_null(self) -> Condition<P::Root>
    where
        T: MayBeAbsent,
    {
        let conditions = self.exprs().map(|column| Expr::IsNull { value: column.into(), negated: true });
        Condition::new(conditions.reduce(Expr::or).unwrap_or(Expr::Value(Value::Integer(1))))
    }

    /// The columns with what a value stores in them.
    fn values(self, value: &T) -> impl Iterator<Item = (&'static ColumnInfo, Expr)> {
        let values = T::CODEC.stored(value, P::Model::TABLE, A::START);
        self.infos().iter().zip(values).map(|(column, value)| (column, Expr::value(value, column.name)))
    }
}

/// What an index can be over: a single column.
#[diagnostic::on_unimplemented(
    message = "an index is over single columns, and this is an embedded struct",
    label = "several columns",
    note = "name one of its fields too, as in `index(address.geo.latitude)`"
)]
pub trait OneColumn {}

#[diagnostic::do_not_recommend]
impl<P, T> OneColumn for Column<P, T> {}

/// Holds what an index is over. For generated code.
pub fn one_column<C: OneColumn>(_: C) {}
