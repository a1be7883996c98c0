//! The programs that `sqliter_cli::manage!` makes, run as people and scripts run them.

mod checking;
mod migrating;
mod program;
mod told;
mod usage;
