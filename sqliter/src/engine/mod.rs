//! The engine: connections, who may use them, and where the work runs.
//!
//! A [`Connection`] is synchronous: it runs statements in place and decodes rows while they are stepped. What is generic
//! over the user's types ends at a [`Job`](job), which the engine runs in place or on a thread of its own ([`run`]). Who
//! finds no connection free leaves the job in the [`queue`] of a [`lane`]. Nothing above this module knows a type of sqlx
//! or rusqlite.

#![expect(clippy::vec_box, reason = "a connection goes from hand to hand, and is large")]

mod alarms;
mod alone;
mod asking;
mod busy;
mod cancellation;
mod canonical;
mod checked;
mod claim;
pub(crate) mod cluster;
mod connection;
mod contained;
mod copy;
mod counts;
mod database;
#[cfg(feature = "rust_decimal")]
mod decimal;
mod enforcement;
#[cfg(feature = "rust_decimal")]
mod exact;
mod fetched;
mod file_state;
mod functions;
mod handle;
mod holders;
mod in_transaction;
mod inside;
mod job;
mod lane;
mod lasting;
mod limits;
mod lock;
mod log;
mod long_texts;
#[cfg(any(feature = "chrono", feature = "jiff", feature = "time"))]
mod moments;
mod open;
mod own_functions;
mod queue;
mod queue_timeout;
mod queued;
mod raw;
mod repeated;
mod revision;
mod row;
mod run;
mod savepoints;
#[cfg(feature = "testing")]
mod scans;
mod scratch;
mod script;
mod setup;
mod shared_commit;
mod tables;
#[cfg(feature = "testing")]
mod template;
mod text;
mod threads;
mod wishes;
mod words;
mod work;

use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;

pub(crate) use asking::TransactionLane;
pub(crate) use connection::Connection;
pub(crate) use copy::{Image, Target};
pub(crate) use counts::Counts;
pub(crate) use database::{Engine, Settings};
pub(crate) use inside::{Inside, TurnNumber, inside, number, with_turn};
pub(crate) use job::{Access, Job, Kind, LentJob, Pace, RunsJobs, Slot};
pub(crate) use lane::Lane;
pub(crate) use log::Log;
pub(crate) use open::Location;
pub(crate) use raw::{
    Described, Wanted, is_pragma, is_undone_with_its_transaction, pace_of, sets_a_number_of_the_file,
};
pub(crate) use repeated::Runs;
pub(crate) use revision::Revision;
pub use row::RowRef;
pub(crate) use run::{Attempt, refused_inside};
pub(crate) use savepoints::{Level, OUTERMOST};
#[cfg(feature = "testing")]
pub use scans::FullScan;
pub(crate) use scratch::Scratch;
pub(crate) use script::{FailedStatement, count_statements};
pub(crate) use text::SqlText;
pub use wishes::Synchronous;
pub(crate) use wishes::{FileUse, Function, OwnCollation, Wishes};

/// A panic while the lock is held leaves plain data in order, so a poisoned lock is taken as it is.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs a future on a thread of the engine, which has nothing else to do.
fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(value) => return value,
            Poll::Pending => std::thread::park(),
        }
    }
}
