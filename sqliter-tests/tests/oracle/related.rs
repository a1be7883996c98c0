//! To-many relations as objects: tests, counts and aggregates of the related rows.

use sqliter::bounds::PerRow;
use sqliter::model::Path;
use sqliter::relation::{Hops, Many as AnyNumber, Relation, ToMany};
use sqliter::{Condition, Key, Model};

use super::access::Root;
use super::datum::Datum;
use super::random::Random;
use super::shapes::list;
use super::tree::{Aggregate, Cond, Expr, Named, Prefetch, Test};
use super::typed::{Dynamic, aggregated, condition};
use super::types::Held;
use super::values::value;

/// A to-many relation of a query over `M`.
pub trait Many<M>: Hopped<M> {
    fn test(self: Box<Self>, test: Test, of: &Cond) -> Condition<M>;
    /// Whether a row is among the related ones.
    fn has(self: Box<Self>, key: &Datum, by: Named) -> Condition<M>;
}

/// Rows that one or several to-many relations lead to.
pub trait Hopped<M> {
    fn aggregate(self: Box<Self>, aggregate: &Aggregate, distinct: bool) -> Dynamic<M, PerRow>;
}

/// A row in hand of which only the key matters.
fn with_key<M: Root>(key: &Datum) -> M {
    let columns = M::ID.table().columns.iter();
    let mut row: Vec<Datum> = columns.map(|column| value(&mut Random::new(0), column.of)).collect();
    row[0] = key.clone();
    M::from_row(&row)
}

impl<P: Path, R: Relation<Cardinality = AnyNumber, Target: Root>> Many<P::Root> for ToMany<P, R>
where
    Key<R::Target>: Held,
{
    fn test(self: Box<Self>, test: Test, of: &Cond) -> Condition<P::Root> {
        match test {
            Test::Any => self.any(|columns| condition(columns, of)),
            Test::None => self.none(|columns| condition(columns, of)),
            Test::All => self.all(|columns| condition(columns, of)),
            Test::Exists => self.exists(),
            Test::IsEmpty => self.is_empty(),
        }
    }

    fn has(self: Box<Self>, key: &Datum, by: Named) -> Condition<P::Root> {
        let given = || <Key<R::Target> as Held>::from_datum(key);
        match by {
            Named::Key => self.contains(given()),
            Named::Row => self.contains(&with_key::<R::Target>(key)),
            Named::Option => self.contains(Some(given())),
            Named::Nothing => self.contains(None::<Key<R::Target>>),
        }
    }
}

impl<P: Path, R: Relation<Cardinality = AnyNumber, Target: Root>> Hopped<P::Root> for ToMany<P, R> {
    fn aggregate(self: Box<Self>, aggregate: &Aggregate, _: bool) -> Dynamic<P::Root, PerRow> {
        // `count()` is the way that most programs write.
        if aggregate.is_plain_count() {
            return Dynamic::new(aggregate.of(), self.count().retyped());
        }
        Dynamic::new(aggregate.of(), ToMany::aggregate(*self, |columns| aggregated(columns, aggregate).into_stored()))
    }
}

impl<M, T: Root> Hopped<M> for Hops<M, T> {
    fn aggregate(self: Box<Self>, aggregate: &Aggregate, distinct: bool) -> Dynamic<M, PerRow> {
        let hops = if distinct { self.distinct() } else { *self };
        Dynamic::new(aggregate.of(), Self::aggregate(hops, |columns| aggregated(columns, aggregate).into_stored()))
    }
}

/// A value of the first of the related rows.
pub fn first<M: Model, R: Relation<Source = M, Cardinality = AnyNumber, Target: Root>>(
    relation: ToMany<M, R>,
    rows: &Prefetch,
    of: &Expr,
) -> Dynamic<M, PerRow> {
    let rows = list(relation, &mut std::slice::from_ref(rows).iter());
    let value = |columns: &_| super::typed::value::<R::Target, PerRow>(columns, of).into_stored();
    Dynamic::new(of.of(), rows.first(value).retyped())
}
