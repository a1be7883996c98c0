//! Who has the connections of a lane, where that is worth telling.

use std::fmt;
use std::panic::Location;
use std::sync::Mutex;
use std::time::Instant;

use super::locked;
use crate::error::Context;

/// What has a connection.
#[derive(Debug, Clone, Copy)]
pub(super) enum What {
    Transaction(&'static Location<'static>),
    Snapshot(&'static Location<'static>),
    Backup(&'static Location<'static>),
    Stream(Context<'static>),
    Job(Context<'static>),
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Transaction(at) => write!(f, "transaction begun at {at}"),
            Self::Snapshot(at) => write!(f, "snapshot begun at {at}"),
            Self::Backup(at) => write!(f, "backup begun at {at}"),
            Self::Stream(context) => write!(f, "a stream of {}", context.subject),
            Self::Job(context) => write!(f, "{} {}", context.operation, context.subject),
        }
    }
}

/// Who has a connection, and since when.
#[derive(Debug, Clone, Copy)]
pub(super) struct Holder {
    number: Number,
    pub(super) what: What,
    pub(super) since: Instant,
}

/// What tells holders from each other.
pub(super) type Number = u64;

#[derive(Debug, Default)]
pub(super) struct Holders(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    last: Number,
    /// In the order of their beginning.
    all: Vec<Holder>,
}

impl Holders {
    pub(super) fn hold(&self, what: What) -> Number {
        let mut state = locked(&self.0);
        state.last += 1;
        let number = state.last;
        state.all.push(Holder { number, what, since: Instant::now() });
        number
    }

    pub(super) fn let_go(&self, number: Number) {
        locked(&self.0).all.retain(|holder| holder.number != number);
    }

    pub(super) fn get(&self, number: Number) -> Option<Holder> {
        locked(&self.0).all.iter().find(|holder| holder.number == number).copied()
    }

    /// The one that has had its connection for the longest time.
    pub(super) fn first(&self) -> Option<Holder> {
        locked(&self.0).all.first().copied()
    }

    /// The transactions, snapshots and backups, which stay for as long as the program likes.
    pub(super) fn open(&self) -> Vec<Number> {
        let state = locked(&self.0);
        let lasts = |what| matches!(what, What::Transaction(_) | What::Snapshot(_) | What::Backup(_));
        let open = state.all.iter().filter(|it| lasts(it.what));
        open.map(|holder| holder.number).collect()
    }
}
