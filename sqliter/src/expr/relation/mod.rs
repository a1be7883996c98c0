//! Relations as fields of the columns that closures get.

mod through;
mod to_itself;
mod to_many;
mod to_one;

pub use through::{AggregateOf, Counted, Hops};
pub use to_itself::{ToDepth, ToItself};
pub(crate) use to_many::TargetColumns;
pub use to_many::{MaybeRow, ToMany};
pub use to_one::ToOne;
