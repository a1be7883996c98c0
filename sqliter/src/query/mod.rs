//! Queries: the untyped description, its SQL, and the typed chain over it.

mod batches;
mod change;
mod cursor;
mod explain;
mod load;
mod page;
mod run;
mod select;
mod selection;
mod stream;

pub use cursor::Cursor;
pub use explain::{PlanStep, QueryPlan};
pub use load::{
    ChoosesValues, Dictionary, Excludes, GivesRows, Grouped, Groups, HasGroups, Load, LoadsModels, LoadsRows,
    OneStatement, Projection, Structs,
};
pub use page::Page;
pub(crate) use run::{by_key, key_not_unique, rows};
pub use select::Select;
pub use selection::{Aggregates, Flat, Item, Selection, SingleSelection};
pub use stream::RowStream;
