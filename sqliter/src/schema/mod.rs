//! Creating, dropping and listing tables.

mod ddl;
mod drop;
mod junctions;
mod tables;

pub(crate) use drop::reset;
pub use tables::{CreateTables, DropTable};
