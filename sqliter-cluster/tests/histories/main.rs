//! Histories of a register and of transfers, which three programs write while machines fail, checked for linearisability and for strict
//! serialisability.
//!
//! Every fault is short here. `KILLS=50`, `STOP=60` and `FAULTS=200` make them many and long.

mod full_disk;
mod hiqlite;
mod load;
mod raft;
mod stale;

use std::time::Duration;

/// What the environment says, or else a number.
fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|number| number.parse().ok()).unwrap_or(otherwise)
}

fn seconds(name: &str, otherwise: u64) -> Duration {
    Duration::from_secs(number(name, otherwise))
}

/// The same numbers for the same seed.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}
