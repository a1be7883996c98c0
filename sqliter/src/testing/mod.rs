//! For the tests of a program: databases that are there in no time, whether the migrations lead to the models, and queries that
//! lack an index.
//!
//! It is there with the feature `testing`, mostly asked for beside the dependency itself:
//!
//! ```toml
//! [dev-dependencies]
//! sqliter = { version = "0.1", features = ["testing"] }
//! ```

mod migrations;
mod scans;
mod template;

#[cfg(feature = "cluster")]
pub use crate::db::every::{EachCluster, cluster_every_database};
pub use crate::engine::FullScan;
pub use migrations::assert_migrations;
pub use scans::{FullScans, deny_full_scans};
pub use template::{Template, created, migrated};
