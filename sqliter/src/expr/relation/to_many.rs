//! To-many relations as fields of the columns that closures get.

use std::fmt;
use std::marker::PhantomData;

use super::{AggregateOf, Hops};
use crate::expr::{Computed, Condition, Filter, StartsFrom};
use crate::model::{Columns, Key, KeyType, Many, Model, PairsWith, Path, Rel, Relation, RelationOf};
use crate::sql::ast::{Expr, RelatedTest};
use crate::table::RelationInfo;
use crate::value::Encoded;

/// A to-many relation of a query, reached by the path `P`.
///
/// As there are many related rows, it has no columns of its own: `a.books.any(|b| b.title.eq("Emma"))` asks for a related
/// row, `a.books.count()` and `a.books.aggregate(|b| b.pages.sum())` are values of all of them.
pub struct ToMany<P, R>(PhantomData<fn() -> (P, R)>);

impl<P, R> ToMany<P, R> {
    /// For generated code.
    #[doc(hidden)]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<P, R> Clone for ToMany<P, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P, R> Copy for ToMany<P, R> {}

impl<P, R> Default for ToMany<P, R> {
    fn default() -> Self {
        Self::new()
    }
}

impl<P, R: Relation> fmt::Debug for ToMany<P, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ToMany({})", R::INFO.name)
    }
}

/// The columns of the related model, as the closures of these methods get them.
pub(crate) type TargetColumns<R> = <<R as Relation>::Target as Model>::Columns<<R as Relation>::Target>;

/// Conditions on the related rows.
impl<P: Path, R: Relation<Cardinality = Many>> ToMany<P, R> {
    /// Whether a related row meets the condition.
    pub fn any<C: Filter<R::Target>>(self, condition: impl FnOnce(&TargetColumns<R>) -> C) -> Condition<P::Root> {
        self.test(RelatedTest::Any, condition)
    }

    /// Whether this row is a related one: a key, a row, or an `Option` of one of them. Without a key the condition holds for
    /// no row, and costs nothing.
    ///
    /// ```
    /// use sqliter::prelude::*;
    ///
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # struct User { pk: Key<User>, name: String }
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # #[model(many_to_many(favorited_by = User))]
    /// # struct Article { pk: Key<Article>, title: String }
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// # let db = Db::memory().await?;
    /// # db.create_tables::<(User, Article)>().await?;
    /// # db.insert(Article::builder().title("a")).await?;
    /// let me: Option<Key<User>> = None; // nobody is signed in
    /// let articles: Vec<(String, bool)> =
    ///     db.select::<Article>().fields(|a| (a.title, a.favorited_by.contains(me))).fetch_all().await?;
    /// assert_eq!(articles, [("a".to_owned(), false)]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Of a table of pairs it is asked whether the pair is there.
    pub fn contains(self, row: impl MaybeRow<R::Target>) -> Condition<P::Root> {
        let Some(key) = row.key() else { return Condition::new(Expr::never()) };
        self.related(RelatedTest::Any, has_key(&key))
    }

    /// Whether there is a related row.
    pub fn exists(self) -> Condition<P::Root> {
        self.related(RelatedTest::Any, Expr::always())
    }

    /// Whether there is no related row.
    pub fn is_empty(self) -> Condition<P::Root> {
        self.related(RelatedTest::None, Expr::always())
    }

    /// Whether no related row meets the condition; true when there are none.
    pub fn none<C: Filter<R::Target>>(self, condition: impl FnOnce(&TargetColumns<R>) -> C) -> Condition<P::Root> {
        self.test(RelatedTest::None, condition)
    }

    /// Whether all related rows meet the condition; true when there are none.
    pub fn all<C: Filter<R::Target>>(self, condition: impl FnOnce(&TargetColumns<R>) -> C) -> Condition<P::Root> {
        self.test(RelatedTest::All, condition)
    }

    /// The number of related rows.
    pub fn count(self) -> Computed<P::Root, i64> {
        self.hops().count()
    }

    /// An aggregate of the related rows: `a.books.aggregate(|b| b.pages.sum())`.
    pub fn aggregate<A: AggregateOf<R::Target>>(
        self,
        value: impl FnOnce(&TargetColumns<R>) -> A,
    ) -> Computed<P::Root, A::Value> {
        self.hops().aggregate(value)
    }

    /// The related rows that meet the condition, for their number, for other aggregates, and to go on from:
    /// `a.books.matching(|b| b.pages.gt(300)).then(|b| b.tags).count()`.
    pub fn matching<C: Filter<R::Target>>(
        self,
        condition: impl FnOnce(&TargetColumns<R>) -> C,
    ) -> Hops<P::Root, R::Target> {
        self.hops().matching(condition)
    }

    /// The rows related to the related rows: `a.books.then(|b| b.tags)`.
    pub fn then<Q: Path + StartsFrom<R::Target>, S: Relation<Source = Q::Model, Cardinality = Many>>(
        self,
        next: impl FnOnce(&TargetColumns<R>) -> ToMany<Q, S>,
    ) -> Hops<P::Root, S::Target> {
        self.hops().then(next)
    }

    pub(super) fn hops(self) -> Hops<P::Root, R::Target> {
        Hops::new(P::NODE, R::INFO)
    }

    fn test<C: Filter<R::Target>>(
        self,
        test: RelatedTest,
        condition: impl FnOnce(&TargetColumns<R>) -> C,
    ) -> Condition<P::Root> {
        self.related(test, condition(TargetColumns::<R>::COLUMNS).into_condition().into_expr())
    }

    fn related(self, test: RelatedTest, condition: Expr) -> Condition<P::Root> {
        Condition::new(Expr::Related { path: P::NODE, relation: R::INFO, condition: condition.into(), test })
    }
}

/// The condition that a row of the model has this key.
fn has_key<M: Model>(key: &Key<M>) -> Expr {
    let mut values = Vec::with_capacity(1);
    // Nothing fails here: a value without a form in SQLite is kept as the error that it will be.
    let _ = key.raw().each_value(&mut |value| {
        values.push(value.map(Encoded::into_value));
        Ok(())
    });
    let parts = M::TABLE.key_columns().zip(values).map(|(column, value)| match value {
        Ok(value) => Expr::has_value(column, value),
        Err(error) => Expr::Unencodable { place: column.name, error },
    });
    parts.reduce(Expr::and).unwrap_or(Expr::never())
}

/// What [`ToMany::contains`] takes: what names a row of the model `M`, or an `Option` of it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not name a row of `{M}`",
    label = "expected a key of `{M}`, a reference to a row of it, or an `Option` of either",
    note = "write `a.books.contains(Book::key(1))` or `a.books.contains(&book)`; other conditions on the related rows are \
            `a.books.any(|b| b.title.eq(\"Emma\"))`"
)]
pub trait MaybeRow<M: Model> {
    /// The key of the row, if there is one.
    #[doc(hidden)]
    fn key(self) -> Option<Key<M>>;
}

#[diagnostic::do_not_recommend]
impl<M: Model> MaybeRow<M> for Key<M> {
    fn key(self) -> Option<Key<M>> {
        Some(self)
    }
}

#[diagnostic::do_not_recommend]
impl<M: Model> MaybeRow<M> for &Key<M> {
    fn key(self) -> Option<Key<M>> {
        Some(self.clone())
    }
}

#[diagnostic::do_not_recommend]
impl<M: Model> MaybeRow<M> for &M {
    fn key(self) -> Option<Key<M>> {
        Some(self.primary_key())
    }
}

#[diagnostic::do_not_recommend]
impl<M: Model, V: MaybeRow<M>> MaybeRow<M> for Option<V> {
    fn key(self) -> Option<Key<M>> {
        self?.key()
    }
}

#[diagnostic::do_not_recommend]
impl<M: Model> MaybeRow<M> for &Option<Key<M>> {
    fn key(self) -> Option<Key<M>> {
        self.clone()
    }
}

#[diagnostic::do_not_recommend]
impl<M: RelationOf<T, N>, T: Model, const N: usize> PairsWith<T> for ToMany<M, Rel<M, T, N>> {
    const INFO: &'static RelationInfo = <M as RelationOf<T, N>>::INFO;
}
