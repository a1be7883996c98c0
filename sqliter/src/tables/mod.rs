//! Creating, dropping and listing tables.

mod attributes;
mod calls;
mod create;
mod described;
mod drop;
mod junctions;
mod search;
mod wanted;

pub use calls::{CreateTables, DropTable};
pub(crate) use drop::reset;
