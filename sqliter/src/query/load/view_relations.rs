//! Views of related rows beside whole rows: `prefetch_related(|a| a.books.view::<BookLine>())`.

use std::fmt;
use std::marker::PhantomData;

use super::view::{AsView, View};
use super::view_fields::Takes;
use super::view_related::RelatedRow;
use super::{Entity, IntoShape, JoinedSet, PartSet, Prefetch};
use crate::expr::{ToMany, ToOne};
use crate::model::{AtMostOne, Many, Model, Path, Present, Relation, Via};
use crate::sql::Query;

/// The row that a to-one relation leads to, as the view `V`.
#[must_use = "nothing is loaded before `select_related` takes it"]
pub struct JoinedView<P, R, V>(PhantomData<fn() -> (P, R, V)>);

impl<P, R, V> Clone for JoinedView<P, R, V> {
    fn clone(&self) -> Self {
        Self(PhantomData)
    }
}

impl<P, R: Relation, V> fmt::Debug for JoinedView<P, R, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "JoinedView({})", R::INFO.name)
    }
}

impl<P: Path, R: Relation<Cardinality: AtMostOne>> ToOne<P, R> {
    /// Loads the related row as a view of its model, for `select_related` and `fetch_related`.
    pub fn view<V: View<R::Target, Arguments: Takes<()>>>(self) -> JoinedView<P, R, V> {
        JoinedView(PhantomData)
    }
}

impl<M: Model, R: Relation<Source = M, Cardinality = Many>> ToMany<M, R> {
    /// Loads each related row as a view of its model, for `prefetch_related` and `fetch_related`.
    pub fn view<V: View<R::Target, Arguments: Takes<()>>>(self) -> Prefetch<R, AsView<R::Target, V>> {
        Prefetch::of(Query::new(R::Target::TABLE), V::shape::<R::Target>(Takes::take(())))
    }
}

impl<R: Relation<Cardinality = Many>> Prefetch<R, Entity<R::Target>> {
    /// Loads each related row as a view of its model.
    pub fn view<V: View<R::Target, Arguments: Takes<()>>>(self) -> Prefetch<R, AsView<R::Target, V>> {
        Prefetch::of(self.into_query(), V::shape::<R::Target>(Takes::take(())))
    }
}

/// What the relation is beside a row that is there.
type Of<R, V> = <<R as Relation>::Cardinality as AtMostOne>::Of<V>;

#[diagnostic::do_not_recommend]
impl<P, R, V> IntoShape for JoinedView<P, R, V>
where
    P: Path,
    R: Relation<Source = P::Model, Cardinality: AtMostOne>,
    V: View<R::Target, Arguments: Takes<()>>,
{
    type Shape = RelatedRow<R::Target, V, Of<R, V>, V::Statements>;

    fn into_shape(self) -> Self::Shape {
        let row = V::shape::<Present<Via<P, R>>>(Takes::take(()));
        RelatedRow::new::<P, R>(row, R::Cardinality::present, R::Cardinality::absent)
    }
}

macro_rules! sets {
    ($([$($generics:tt)*] $set:ident<$of:ty> for $part:ty;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> $set<$of> for $part {
            type Tuple = (<Self as IntoShape>::Shape,);

            fn into_tuple(self) -> Self::Tuple {
                (self.into_shape(),)
            }
        }
    )*};
}

sets! {
    [P: Path, R: Relation<Source = P::Model, Cardinality: AtMostOne>, V: View<R::Target, Arguments: Takes<()>>] JoinedSet<P> for JoinedView<P, R, V>;
    [M: Model, R: Relation<Source = M, Cardinality: AtMostOne>, V: View<R::Target, Arguments: Takes<()>>] PartSet<M> for JoinedView<M, R, V>;
}
