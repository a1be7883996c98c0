//! On which thread a job runs.
//!
//! A read that takes microseconds runs at once, as any computation of a task does. On a multi-thread runtime other short
//! jobs run in place too, after the runtime was told that the thread may block; that costs less than a microsecond, but
//! makes the runtime start another thread when tasks are waiting. A hop to another thread and back costs 14 to 50. A job
//! that is not known to be short goes to a blocking thread, so that its future can be dropped while it runs; so does
//! all but the shortest reading on a current-thread runtime, which has no other thread for its tasks.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::{Duration, Instant};

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

impl Pace {
    /// How long it takes to write so many rows.
    pub(crate) const fn of_rows(rows: usize) -> Self {
        const FEW: usize = 64;
        if rows <= FEW { Self::Short } else { Self::Long }
    }
}

/// Up to which time, in microseconds, a statement counts as short.
const SHORT: u32 = 8_000;

/// Up to which time, in microseconds, a read keeps a thread of the runtime without a word.
const INSTANT: u32 = 100;

/// How often in a row a statement must have been that fast: one may take long for the next argument.
const RELIABLE: u32 = 8;

/// How long a statement took lately.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Timing {
    pub(super) micros: u32,
    pub(super) instant_in_a_row: u32,
}

impl Timing {
    /// Follows a rise at once and a fall slowly: a long statement on a thread of the runtime costs more than a hop.
    pub(super) fn record(&mut self, elapsed: Duration) {
        let micros = u32::try_from(elapsed.as_micros()).unwrap_or(u32::MAX);
        self.micros = micros.max(self.micros - self.micros / 4);
        self.instant_in_a_row = if micros < INSTANT { self.instant_in_a_row.saturating_add(1) } else { 0 };
    }

    pub(super) const fn is_short(self) -> bool {
        self.micros < SHORT
    }

    const fn is_instant(self) -> bool {
        self.micros < INSTANT && self.instant_in_a_row >= RELIABLE
    }
}

/// Where a job runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// On this thread.
    Here,
    /// On this thread, after the runtime was told that it may block.
    HereBlocking,
    /// On a thread for what blocks.
    Elsewhere,
}

/// What gives a job its connection.
pub(crate) trait Holder: Send + 'static {
    fn connection(&mut self) -> Option<&mut Connection>;

    /// Whether nothing that runs on the connection waits for the lock of another connection or process.
    fn never_waits(&self) -> bool;
}

impl Holder for Lease {
    fn connection(&mut self) -> Option<&mut Connection> {
        self.connection()
    }

    fn never_waits(&self) -> bool {
        self.only_reads()
    }
}

impl Holder for OwnedMutexGuard<Lease> {
    fn connection(&mut self) -> Option<&mut Connection> {
        Lease::connection(self)
    }

    fn never_waits(&self) -> bool {
        self.only_reads()
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
        let reads = holder.never_waits();
        let Some(connection) = holder.connection() else {
            return Err(Error::Runtime { reason: "the connection was closed".to_owned() });
        };
        // Where another process writes too, a job may have to wait long for the lock, unless it has it already.
        let place = match connection.is_autocommit() && connection.met_a_lock_lately() {
            true => Place::Elsewhere,
            false => self.place(pace, reads, &runtime),
        };
        // A connection that is held while its job waits for a thread, or for somebody to poll it, locks no snapshot.
        let at_once = place == Place::Here && tokio::task::coop::has_budget_remaining();
        if reads && !at_once {
            connection.end_snapshot().map_err(|report| context.error(report, self.busy_timeout()))?;
        }
        if place == Place::Here {
            // Such jobs are done when they are polled: without this, a loop of them would keep all other tasks waiting.
            tokio::task::coop::consume_budget().await;
        }
        let guard = connection.begin_job();
        let operation = self.log().operation(context);
        let work = move || {
            operation.run(|| {
                let started = Instant::now();
                let result = match holder.connection() {
                    Some(connection) if reads && place == Place::Here => connection.run_reading(started, job),
                    Some(connection) => Ok(connection.run_job(job)),
                    None => Ok(Err(Error::Runtime { reason: "the connection was closed".to_owned() })),
                };
                drop(holder);
                (result, started.elapsed())
            })
        };
        let finished = match place {
            Place::Here => Ok(work()),
            Place::HereBlocking => block_in_place(work),
            Place::Elsewhere => Err(work),
        };
        let finished = match finished {
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
        match pace {
            Pace::Short if reads => self.record_short(elapsed),
            Pace::Measured(fingerprint) => self.record_timing(fingerprint, elapsed),
            Pace::Short | Pace::Long => {}
        }
        result.unwrap_or_else(|report| Err(context.error(report, self.busy_timeout())))
    }

    fn place(&self, pace: Pace, never_waits: bool, runtime: &Handle) -> Place {
        let expected = match pace {
            Pace::Short => Some(self.short_timing()),
            Pace::Measured(fingerprint) => self.timing(fingerprint),
            Pace::Long => None,
        };
        let multi_thread = runtime.runtime_flavor() == RuntimeFlavor::MultiThread;
        match expected {
            Some(timing) if timing.is_instant() && never_waits => Place::Here,
            Some(timing) if multi_thread && (timing.is_short() || matches!(pace, Pace::Short)) => Place::HereBlocking,
            _ => Place::Elsewhere,
        }
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
