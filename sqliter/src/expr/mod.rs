//! Typed columns, and what is built from them: conditions, sort keys, assignments.
//!
//! Typed values wrap the untyped tree of [`ast`], which the query layer writes as SQL.

mod assignment;
pub(crate) mod ast;
mod column;
mod condition;
mod operand;
mod order;
mod path;

pub use assignment::{Assignable, Assignment, Assignments};
pub use column::{CanBeNull, Column, HoldsComparable, HoldsNumbers, HoldsText};
pub use condition::Condition;
pub use operand::{IntoText, Operand, SameQuery, SameType};
pub use order::{Order, Orders};
pub(crate) use path::PathNode;
pub use path::{Always, KeyOf, Path, Perhaps, Reach, Via};
