//! Creating, dropping and listing tables.

mod ddl;
mod junctions;
mod tables;

pub(crate) use tables::reset;
pub use tables::{CreateTables, DropTable};
