//! What programs did and saw while machines failed, and whether it could have come of one machine that did one thing after the other.
//! For tests.
//!
//! Times are what one clock has shown, in any unit.

mod register;
mod transfers;

pub use register::{Access, Operation, check as check_register};
pub use transfers::{Balances, Move, Told, Transfer, Transfers, check as check_transfers};

/// Why a history could not have come of one machine.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Wrong(String);

fn wrong<T>(reason: impl Into<String>) -> Result<T, Wrong> {
    Err(Wrong(reason.into()))
}
