//! What is told about statements to whoever listens through `tracing`.
//!
//! Each statement is one event, given after it has run, inside a span of the operation that it is part of. Fields have the
//! names of OpenTelemetry's [conventions for databases](https://opentelemetry.io/docs/specs/semconv/db/sql), where there is
//! one. Without a subscriber nothing is measured or formatted: all that happens is that a number is read.
//!
//! A subscriber that panics does so alone: a statement may have begun or ended a transaction, which the engine has to note.

mod failure;
mod printer;
mod progress;
mod scope;

use std::time::{Duration, Instant};

use tracing::field::display;
use tracing::level_filters::LevelFilter;
use tracing::{Dispatch, debug, warn};

use super::contained::contained;
use super::limits::runs_anew;
use super::words;

use failure::{Failure, Report, code_of};
use printer::printer;
use progress::{Counted, Literals};
use scope::tell_span;

pub(super) use progress::Progress;
pub(super) use scope::{Caller, Frame};

/// What is logged of the statements of a database.
#[derive(Debug, Clone, Default)]
pub(crate) struct Log {
    arguments: bool,
    slow: Option<Duration>,
    /// Prints when the program has no subscriber.
    printer: Option<Dispatch>,
}

impl Log {
    pub(crate) fn new(arguments: bool, slow: Option<Duration>, print: bool) -> Self {
        Self { arguments, slow, printer: print.then(printer) }
    }

    /// Runs a statement and logs it. The work tells what it has done through the [`Progress`].
    pub(super) fn statement<T, E: Failure>(
        &self,
        sql: &str,
        work: impl FnOnce(&mut Progress) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut progress = self.begun();
        let result = work(&mut progress);
        if let Some(started) = progress.started {
            self.ended(sql, started, &progress, result.as_ref().err().map(|failure| failure as &dyn Failure));
        }
        result
    }

    fn begun(&self) -> Progress {
        let started = self.is_wanted().then(Instant::now);
        let arguments = started.filter(|_| self.arguments).map(|_| Literals::default());
        Progress { rows: 0, counted: Counted::Nothing, prepared: false, started, arguments }
    }

    fn ended(&self, sql: &str, started: Instant, progress: &Progress, failure: Option<&dyn Failure>) {
        // What runs anew is told when it has run to its end.
        if failure.is_some() && runs_anew() {
            return;
        }
        let elapsed = started.elapsed();
        contained(|| self.tell(sql, elapsed, progress, failure));
    }

    /// Whether anyone may be listening to all statements.
    pub(super) fn is_listened_to(&self) -> bool {
        LevelFilter::current() >= LevelFilter::DEBUG
    }

    /// Whether anyone may be listening.
    pub(super) fn is_wanted(&self) -> bool {
        let listening = LevelFilter::current();
        listening >= LevelFilter::DEBUG || (self.slow.is_some() && listening >= LevelFilter::WARN)
    }

    fn tell(&self, sql: &str, elapsed: Duration, progress: &Progress, failure: Option<&dyn Failure>) {
        let rows = |counted| (progress.counted == counted).then_some(progress.rows);
        let (returned, changed) = (rows(Counted::Returned), rows(Counted::Changed));
        let (operation, code) = (words::first(sql), failure.and_then(code_of).map(|code| code.to_string()));
        let code = code.as_deref();
        if self.printer.is_none() {
            tell_span(sql, operation, returned, code);
        }
        let elapsed_us = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
        let arguments = progress.arguments.as_ref().map(|literals| literals.text.as_str()).filter(|it| !it.is_empty());
        let error = failure.map(|failure| {
            // While SQLite prepares a statement, it knows no arguments that it could quote.
            display(Report { error: failure.error(), guarded: progress.prepared && !self.arguments })
        });
        if self.slow.is_some_and(|limit| elapsed >= limit) {
            warn!(
                target: "sqliter",
                {
                    db.query.text = %sql,
                    db.operation.name = operation,
                    db.response.returned_rows = returned,
                    rows_changed = changed,
                    elapsed_us,
                    arguments,
                    db.response.status_code = code,
                    error,
                },
                "slow statement"
            );
        } else {
            debug!(
                target: "sqliter",
                {
                    db.query.text = %sql,
                    db.operation.name = operation,
                    db.response.returned_rows = returned,
                    rows_changed = changed,
                    elapsed_us,
                    arguments,
                    db.response.status_code = code,
                    error,
                },
                "statement"
            );
        }
    }
}
