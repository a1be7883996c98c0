//! To-many relations as objects: tests, counts and aggregates of the related rows.

use sqliter::Condition;
use sqliter::bounds::PerRow;
use sqliter::model::Path;
use sqliter::relation::{Hops, Many as AnyNumber, Relation, ToMany};

use super::access::Root;
use super::tree::{Aggregate, Cond, Test};
use super::typed::{Dynamic, aggregated, condition};

/// A to-many relation of a query over `M`.
pub trait Many<M>: Hopped<M> {
    fn test(self: Box<Self>, test: Test, of: &Cond) -> Condition<M>;
}

/// Rows that one or several to-many relations lead to.
pub trait Hopped<M> {
    fn aggregate(self: Box<Self>, aggregate: &Aggregate, distinct: bool) -> Dynamic<M, PerRow>;
}

impl<P: Path, R: Relation<Cardinality = AnyNumber, Target: Root>> Many<P::Root> for ToMany<P, R> {
    fn test(self: Box<Self>, test: Test, of: &Cond) -> Condition<P::Root> {
        match test {
            Test::Any => self.any(|columns| condition(columns, of)),
            Test::None => self.none(|columns| condition(columns, of)),
            Test::All => self.all(|columns| condition(columns, of)),
            Test::Exists => self.exists(),
            Test::IsEmpty => self.is_empty(),
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
