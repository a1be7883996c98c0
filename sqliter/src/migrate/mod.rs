//! Running migrations.

mod applied;
mod call;
mod migrations;
mod progress;
mod run;
mod sound;

pub use applied::{AppliedMigration, MigrationState, MigrationStatus};
pub use call::Migrate;
pub(crate) use call::{Direction, status};
#[cfg(feature = "testing")]
pub(crate) use migrations::Fingerprint;
pub use migrations::{Migration, Migrations};
pub use progress::MigrationProgress;
