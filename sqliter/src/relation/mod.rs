//! Relations: as fields of the columns that closures get, as parts of a query's rows, and of rows in hand.

mod eager;
mod hops;
mod kind;
mod links;
mod many;
mod one;
mod pairs;
mod parts;
mod related;

pub use eager::{JoinedSet, PartSet, Prefetch, PrefetchedSet, With};
pub use hops::{Counted, Hops};
pub use kind::{
    Arity, Many, Maybe, One, Presence, Rel, Relation, RelationOf, foreign_key, has_one_key, junction, symmetrical,
};
pub use links::{Links, related_rows};
pub use many::ToMany;
pub use one::{Related, ToOne};
pub use parts::{Append, Entity, JoinedPart, JoinedParts, NonEmpty, Part, Parts, Push};
pub use related::FetchRelated;
