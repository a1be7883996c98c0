//! On which thread a job runs.
//!
//! On a multi-thread runtime a short job runs in place, after the runtime was told that the thread may block; that
//! costs less than a microsecond, while a hop to another thread and back costs 14 to 50. A job that is not known to
//! be short goes to a blocking thread, so that its future can be dropped while it runs; so does every job on a
//! current-thread runtime, which has no other thread for its tasks.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::Instant;

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::OwnedMutexGuard;

use super::log::carried;
use super::{Connection, Engine, Lease};
use crate::error::{Context, Error, Result};

/// How long a job is expected to take.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Pace {
    /// One row by its key.
    Short,
    /// As long as the statement with this fingerprint took before.
    Measured(u64),
    /// Many rows or the schema.
    Long,
}

/// Up to which time, in microseconds, a statement counts as short.
const SHORT: u32 = 500;

/// What gives a job its connection.
pub(crate) trait Holder: Send + 'static {
    fn connection(&mut self) -> Option<&mut Connection>;
}

impl Holder for Lease {
    fn connection(&mut self) -> Option<&mut Connection> {
        self.connection()
    }
}

impl Holder for OwnedMutexGuard<Lease> {
    fn connection(&mut self) -> Option<&mut Connection> {
        Lease::connection(self)
    }
}

impl Engine {
    /// Runs a job with a connection. Dropping the future stops the job at its next step; the holder is released only
    /// after that.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        mut holder: impl Holder,
        context: Context<'_>,
        pace: Pace,
        job: impl FnOnce(&mut Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let runtime = Handle::try_current().map_err(|error| Error::Runtime { reason: error.to_string() })?;
        let short = match pace {
            Pace::Short => true,
            Pace::Measured(fingerprint) => self.timing(fingerprint).is_some_and(|micros| micros < SHORT),
            Pace::Long => false,
        };
        let Some(connection) = holder.connection() else {
            return Err(Error::Runtime { reason: "the connection was closed".to_owned() });
        };
        // Where another process writes too, a job may have to wait long for the lock, unless it has it already.
        let may_wait = connection.is_autocommit() && connection.met_a_lock_lately();
        let guard = connection.begin_job();
        let operation = self.log().operation(context);
        let work = move || {
            operation.run(|| {
                let started = Instant::now();
                let result = match holder.connection() {
                    Some(connection) => connection.run_job(job),
                    None => Err(Error::Runtime { reason: "the connection was closed".to_owned() }),
                };
                drop(holder);
                (result, started.elapsed())
            })
        };
        let in_place = short && !may_wait && runtime.runtime_flavor() == RuntimeFlavor::MultiThread;
        let finished = match if in_place { block_in_place(work) } else { Err(work) } {
            Ok(finished) => finished,
            Err(work) => match runtime.spawn_blocking(carried(work)).await {
                Ok(finished) => finished,
                Err(error) => match error.try_into_panic() {
                    Ok(panic) => resume_unwind(panic),
                    Err(error) => return Err(Error::Runtime { reason: error.to_string() }),
                },
            },
        };
        guard.disarm();
        let (result, elapsed) = finished;
        if let Pace::Measured(fingerprint) = pace {
            self.record_timing(fingerprint, elapsed);
        }
        result
    }
}

thread_local! {
    /// Whether Tokio refused on this thread, as it does inside a `LocalSet`; it offers no way to ask before.
    static REFUSED: Cell<bool> = const { Cell::new(false) };
}

/// Runs the work on this thread after telling the runtime, or gives it back when the runtime does not allow that.
fn block_in_place<T, F: FnOnce() -> T>(work: F) -> Result<T, F> {
    if REFUSED.get() {
        return Err(work);
    }
    let mut waiting = Some(work);
    let outcome = catch_unwind(AssertUnwindSafe(|| tokio::task::block_in_place(|| waiting.take().map(|work| work()))));
    match (outcome, waiting) {
        (Ok(Some(value)), _) => Ok(value),
        (Err(_), Some(work)) => {
            REFUSED.set(true);
            Err(work)
        }
        (Err(panic), None) => resume_unwind(panic),
        (Ok(None), Some(work)) => Err(work),
        (Ok(None), None) => unreachable!("the work is taken once"),
    }
}
