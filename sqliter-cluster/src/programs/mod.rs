//! A program with a database that is the same on other machines, which does what it is asked over a pipe: one that can be killed and held
//! up while it writes. For tests.

mod program;
mod serve;

pub use program::Program;
pub use serve::serve;

use serde::{Deserialize, Serialize};

/// What a program is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ask {
    /// The tables, with a register that holds 0 and so many accounts.
    Create {
        accounts: usize,
        each: i64,
    },
    /// The register, after all that anybody was told of.
    Read,
    Write {
        value: i64,
    },
    /// Writes `to` where the register holds `from`.
    Swap {
        from: i64,
        to: i64,
    },
    /// Moves an amount, unless the account has too little. Accounts are counted from 0.
    Transfer {
        number: i64,
        from: usize,
        to: usize,
        amount: i64,
    },
    /// All balances, after all that anybody was told of or as they are here.
    Balances {
        is_fresh: bool,
    },
    /// Nothing, once all is here that anybody was told of.
    Barrier,
    /// Who leads, as far as this machine knows.
    Leader,
}

/// What it answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    Done,
    /// The register holds this. To a [`Swap`](Ask::Swap): nothing was written.
    Saw(i64),
    /// The account had too little, after so many transfers.
    Short {
        after: usize,
        had: i64,
    },
    Balances {
        after: usize,
        balances: Vec<i64>,
    },
    /// The term rises with each leader.
    Leads {
        term: u64,
        leader: Option<u64>,
    },
    NotDone(String),
    Unknown(String),
    /// The machine does not follow the others any more. Whether it is done is not known either.
    Stopped(String),
}
