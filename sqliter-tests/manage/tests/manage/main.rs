//! The programs that `sqliter_cli::manage!` makes, run as people and scripts run them.

mod checking;
mod migrating;
mod program;
#[cfg(unix)]
mod terminal;
mod told;
mod usage;
