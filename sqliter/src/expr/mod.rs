//! Typed columns, and what is built from them: conditions, sort keys, assignments.
//!
//! Typed values wrap the untyped tree of [`ast`], which the query layer writes as SQL.

mod aggregate;
mod arithmetic;
mod assignment;
mod bounds;
mod column;
mod computed;
mod condition;
mod functions;
mod level;
mod operand;
mod operators;
mod order;
mod refused;
mod relation;

pub use aggregate::{Distinct, count};
pub use arithmetic::CalculatesWith;
pub use assignment::{Assignable, Assignment, Assignments};
pub use bounds::{CanBeNull, HoldsComparable, HoldsDate, HoldsNumbers, HoldsText, HoldsTime};
pub use column::Column;
pub use computed::{Aliased, Computed};
pub use condition::{Condition, Filter, Having, all, any};
pub use functions::{UnfinishedCase, case_when};
pub(crate) use level::Annotates;
pub use level::{Level, OfGroups, OfRows, PerGroup, PerRow, SameLevel};
pub use operand::{Expression, InList, InQuery, IntoText, Operand, SameQuery, SameType, StartsFrom, Term};
pub use order::{Direction, Order, Orders};
pub(crate) use relation::TargetColumns;
pub use relation::{AggregateOf, Counted, Hops, MaybeRow, ToMany, ToOne};
