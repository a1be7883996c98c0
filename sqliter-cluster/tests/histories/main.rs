//! Histories of a register and of transfers, which three programs write while machines fail, checked for linearisability and for strict
//! serialisability.
//!
//! Every fault is short here. `KILLS=50` and `STOP=60` make it many and long.

mod hiqlite;
mod load;

use std::time::Duration;

/// What the environment says, or else a number.
fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|number| number.parse().ok()).unwrap_or(otherwise)
}

fn seconds(name: &str, otherwise: u64) -> Duration {
    Duration::from_secs(number(name, otherwise))
}
