//! Typed columns, and what is built from them: conditions, sort keys, assignments.
//!
//! Typed values wrap the untyped tree of [`ast`], which the query layer writes as SQL.

mod aggregate;
mod arithmetic;
mod assignment;
pub(crate) mod ast;
mod bounds;
mod column;
mod computed;
mod condition;
mod functions;
mod level;
mod operand;
mod operators;
mod order;
mod path;

pub use aggregate::{Distinct, count};
pub use assignment::{Assignable, Assignment, Assignments};
pub use bounds::{CanBeNull, HoldsComparable, HoldsDate, HoldsNumbers, HoldsText, HoldsTime};
pub use column::Column;
pub use computed::{Aliased, Computed};
pub use condition::Condition;
pub use functions::{Case, case_when};
pub use level::{Level, PerGroup, PerRow};
pub use operand::{Expression, IntoText, Operand, SameQuery, SameType, ValueOf};
pub use order::{Order, Orders};
pub(crate) use path::PathNode;
pub use path::{KeyOf, Path, Via};
