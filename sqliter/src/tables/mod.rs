//! Creating, dropping and listing tables.

mod attributes;
mod create;
mod described;
mod drop;
mod junctions;
mod tables;
mod wanted;

pub(crate) use drop::reset;
pub use tables::{CreateTables, DropTable};
