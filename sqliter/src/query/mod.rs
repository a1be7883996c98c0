//! Queries: the untyped description, its SQL, and the typed chain over it.

mod description;
mod explain;
mod load;
mod run;
mod select;
mod sql;

pub(crate) use description::Query;
pub use explain::{PlanStep, QueryPlan};
pub use load::{Dictionary, Load, LoadsRows, Projection, Selection};
pub(crate) use run::{delete, rows};
pub use select::Select;
pub(crate) use sql::SqlWriter;
