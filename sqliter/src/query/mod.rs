//! Queries: the untyped description, its SQL, and the typed chain over it.

mod cursor;
mod description;
mod load;
mod page;
mod run;
mod select;
mod selection;
mod sql;
mod stream;

pub use cursor::Cursor;
pub(crate) use description::Query;
pub use load::{Dictionary, GivesRows, Grouped, Groups, Load, LoadsRows, OneStatement, Projection};
pub use page::Page;
pub(crate) use run::{delete, rows};
pub use select::Select;
pub use selection::{Flat, Item, Selection, SingleSelection};
pub(crate) use sql::SqlWriter;
pub use stream::RowStream;
