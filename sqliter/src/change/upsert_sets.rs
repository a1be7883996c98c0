//! What an upsert writes into the row that is there already.

use crate::column::ColumnType;
use crate::expr::{Assignable, Assignment, Assignments, Column, Group};
use crate::model::{At, Embedded, MaybeOf, Model, Path};
use crate::sql::UpsertSet;

/// What an upsert writes into the row that is there already: a bare column takes the value of the new row, what
/// `.set(…)` and `.add(…)` give computes from the stored row. A tuple of both, a `Vec` or an `Option`.
///
/// Of two for one column the last counts. Only changes of a document are made one after the other: `(i.meta, i.meta.set_path("$.seen", 1))`
/// writes the document of the new row with the value in it, and `i.meta.set_path("$.seen", 1)` alone changes the stored one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not what an upsert of `{M}` can write",
    label = "expected columns of `{M}`, or `.set(…)` and `.add(…)` of them",
    note = "a bare column takes the value of the new row, an assignment computes from the stored one: `.update(|a| (a.name, a.visits.add(1)))`",
    note = "neither the primary key, nor a version, nor a column of a related model can be written"
)]
pub trait UpsertSets<M> {
    /// For the library.
    #[doc(hidden)]
    fn push_onto(self, changes: &mut Vec<UpsertSet>);
}

#[diagnostic::do_not_recommend]
impl<M: Model, T: ColumnType> UpsertSets<M> for Column<M, T> {
    fn push_onto(self, changes: &mut Vec<UpsertSet>) {
        changes.push(UpsertSet::New(self.info()));
    }
}

#[diagnostic::do_not_recommend]
impl<P: Path + Assignable, T: ColumnType> UpsertSets<P::Root> for Column<MaybeOf<P>, T> {
    fn push_onto(self, changes: &mut Vec<UpsertSet>) {
        changes.push(UpsertSet::New(self.info()));
    }
}

/// All columns of the embedded struct.
#[diagnostic::do_not_recommend]
impl<P: Path + Assignable, T: Embedded, A: At<P::Model>> UpsertSets<P::Root> for Group<P, T, A> {
    fn push_onto(self, changes: &mut Vec<UpsertSet>) {
        changes.extend(self.infos().iter().map(UpsertSet::New));
    }
}

#[diagnostic::do_not_recommend]
impl<M> UpsertSets<M> for Assignment<M> {
    fn push_onto(self, changes: &mut Vec<UpsertSet>) {
        let mut sets = Vec::with_capacity(1);
        Assignments::push_onto(self, &mut sets);
        for set in sets {
            let before = changes.iter_mut().rev().find(|change| change.column().name == set.column.name);
            let set = match before {
                Some(before) => before.followed_by(set),
                None => Some(set),
            };
            changes.extend(set.map(UpsertSet::Set));
        }
    }
}

#[diagnostic::do_not_recommend]
impl<M, C: UpsertSets<M>> UpsertSets<M> for Vec<C> {
    fn push_onto(self, changes: &mut Vec<UpsertSet>) {
        self.into_iter().for_each(|change| change.push_onto(changes));
    }
}

/// What there is.
#[diagnostic::do_not_recommend]
impl<M, C: UpsertSets<M>> UpsertSets<M> for Option<C> {
    fn push_onto(self, changes: &mut Vec<UpsertSet>) {
        if let Some(change) = self {
            change.push_onto(changes);
        }
    }
}

/// Nothing: the row stays as it is.
#[diagnostic::do_not_recommend]
impl<M> UpsertSets<M> for () {
    fn push_onto(self, _: &mut Vec<UpsertSet>) {}
}

macro_rules! tuples {
    ($($name:ident)+) => {
        impl<M, $($name: UpsertSets<M>),+> UpsertSets<M> for ($($name,)+) {
            fn push_onto(self, changes: &mut Vec<UpsertSet>) {
                #[expect(non_snake_case, reason = "the names of the types serve for the values")]
                let ($($name,)+) = self;
                $($name.push_onto(changes);)+
            }
        }
    };
}

crate::tuples::each_tuple!(tuples);
