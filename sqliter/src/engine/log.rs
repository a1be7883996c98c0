//! What is told about statements to whoever listens through `tracing`.
//!
//! Each statement is one event, given after it has run, inside a span of the operation that it is part of. Without a
//! subscriber nothing is measured or formatted: all that happens is that a number is read.
//!
//! A subscriber that panics does so alone: a statement may have begun or ended a transaction, which the engine has to note.

use std::error::Error as StdError;
use std::fmt::{self, Write};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use tracing::dispatcher::{get_default, with_default};
use tracing::field::display;
use tracing::level_filters::LevelFilter;
use tracing::subscriber::NoSubscriber;
use tracing::{Dispatch, Span, debug, debug_span, warn};

use super::contained::{Contained, contained};
use super::limits::runs_anew;
use crate::error::{Context, Error, Operation, SqliteError, code};
use crate::sql::Argument;
use crate::value::Encoded;

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
        let started = self.is_wanted().then(Instant::now);
        let arguments = started.filter(|_| self.arguments).map(|_| Literals::default());
        let mut progress = Progress { rows: 0, prepared: false, arguments };
        let result = work(&mut progress);
        // What runs anew is told when it has run to its end.
        if let Some(started) = started.filter(|_| !(runs_anew() && result.is_err())) {
            let elapsed = started.elapsed();
            contained(|| self.tell(sql, elapsed, &progress, result.as_ref().err()));
        }
        result
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

    fn tell<E: Failure>(&self, sql: &str, elapsed: Duration, progress: &Progress, failure: Option<&E>) {
        let rows = progress.rows;
        let elapsed_us = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
        let arguments = progress.arguments.as_ref().map(|literals| literals.text.as_str()).filter(|it| !it.is_empty());
        let error = failure.map(|failure| {
            // While SQLite prepares a statement, it knows no arguments that it could quote.
            display(Report { error: failure.error(), guarded: progress.prepared && !self.arguments })
        });
        if self.slow.is_some_and(|limit| elapsed >= limit) {
            warn!(target: "sqliter", sql = %sql, rows, elapsed_us, arguments, error, "slow statement");
        } else {
            debug!(target: "sqliter", sql = %sql, rows, elapsed_us, arguments, error, "statement");
        }
    }

    /// The span of an operation, as a part of the span that the caller is in.
    pub(super) fn operation(&self, context: Context<'_>) -> Scope {
        if LevelFilter::current() < LevelFilter::DEBUG {
            return Scope(None);
        }
        let printer = self.printer.clone().filter(|_| get_default(Dispatch::is::<NoSubscriber>));
        let span = listened_by(printer.as_ref(), || contained(|| span(context)).unwrap_or_else(Span::none));
        Scope(Some(Box::new((Contained::new(span), printer))))
    }
}

fn span(Context { operation, subject, .. }: Context<'_>) -> Span {
    macro_rules! of_table {
        ($name:literal) => {
            debug_span!(target: "sqliter", $name, table = %subject)
        };
    }
    match operation {
        Operation::CreateTable => of_table!("create_table"),
        Operation::DropTable => of_table!("drop_table"),
        Operation::Insert => of_table!("insert"),
        Operation::Update => of_table!("update"),
        Operation::Delete => of_table!("delete"),
        Operation::Fetch => of_table!("fetch"),
        Operation::Migrate => debug_span!(target: "sqliter", "migrate"),
        Operation::Open => debug_span!(target: "sqliter", "open"),
        Operation::Close => debug_span!(target: "sqliter", "close"),
        Operation::Execute => debug_span!(target: "sqliter", "execute"),
    }
}

/// What an operation runs in, on whichever thread: its span, and the subscriber that prints if there is no other. A
/// box, as jobs are moved about.
pub(super) struct Scope(Option<Box<(Contained<Span>, Option<Dispatch>)>>);

impl Scope {
    pub(super) fn run<T>(&self, work: impl FnOnce() -> T) -> T {
        match self.0.as_deref() {
            Some((span, printer)) => listened_by(printer.as_ref(), || within(span, work)),
            None => work(),
        }
    }
}

/// Runs work inside a span.
fn within<T>(span: &Contained<Span>, work: impl FnOnce() -> T) -> T {
    let _entered = span.get().and_then(|span| contained(|| span.enter())).map(Contained::new);
    work()
}

fn listened_by<T>(subscriber: Option<&Dispatch>, work: impl FnOnce() -> T) -> T {
    match subscriber {
        Some(subscriber) => with_default(subscriber, work),
        None => work(),
    }
}

/// What an operation runs in, on a thread that serves several callers.
pub(super) struct Frame {
    caller: Caller,
    operation: Scope,
}

impl Frame {
    /// The operation as a part of the span that the caller is in.
    pub(super) fn new(log: &Log, context: Context<'_>) -> Self {
        Self { caller: Caller::here(), operation: log.operation(context) }
    }

    pub(super) fn run<T>(&self, work: impl FnOnce() -> T) -> T {
        self.caller.run(|| self.operation.run(work))
    }
}

/// The subscriber and the span of a thread, if anyone listens.
pub(super) struct Caller(Option<(Dispatch, Contained<Span>)>);

impl Caller {
    pub(super) fn here() -> Self {
        let listening = LevelFilter::current() != LevelFilter::OFF;
        let span = || contained(Span::current).unwrap_or_else(Span::none);
        Self(listening.then(|| (get_default(Dispatch::clone), Contained::new(span()))))
    }

    pub(super) fn run<T>(&self, work: impl FnOnce() -> T) -> T {
        match &self.0 {
            Some((subscriber, span)) => with_default(subscriber, || within(span, work)),
            None => work(),
        }
    }
}

/// Prints to standard error what the library tells, and nothing else.
fn printer() -> Dispatch {
    use tracing_subscriber::filter::filter_fn;
    use tracing_subscriber::layer::SubscriberExt;
    static PRINTER: OnceLock<Dispatch> = OnceLock::new();
    let new = || {
        let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).log_internal_errors(false);
        let own = filter_fn(|metadata| metadata.target() == "sqliter").with_max_level_hint(LevelFilter::DEBUG);
        Dispatch::new(tracing_subscriber::registry().with(lines).with(own))
    };
    PRINTER.get_or_init(new).clone()
}

/// What a statement has done so far.
#[derive(Debug)]
pub(super) struct Progress {
    /// How many rows were read or changed.
    pub(super) rows: u64,
    /// Whether SQLite has accepted its text.
    pub(super) prepared: bool,
    /// `None` unless they are asked for.
    arguments: Option<Literals>,
}

impl Progress {
    pub(super) fn arguments(&mut self, arguments: &[Argument]) {
        if let Some(literals) = &mut self.arguments {
            for (i, argument) in arguments.iter().enumerate() {
                let separator = match i {
                    0 if literals.text.is_empty() => "",
                    0 => "; ",
                    _ => ", ",
                };
                literals.add(separator, argument);
            }
        }
    }

    /// The argument with a number, counted from 1, of a statement that is run again and again.
    pub(super) fn argument(&mut self, number: usize, value: &Encoded<'_>) {
        if let Some(literals) = self.arguments.as_mut().filter(|literals| !literals.full) {
            let separator = match number {
                1 if literals.text.is_empty() => "",
                1 => "; ",
                _ => ", ",
            };
            literals.add(separator, value.clone().into_value());
        }
    }
}

/// Arguments as SQL literals, up to a length.
#[derive(Debug, Default)]
struct Literals {
    text: String,
    full: bool,
}

impl Literals {
    /// How many bytes are written: one argument may be a list of a million keys.
    const MOST: usize = 8 * 1024;

    fn add(&mut self, separator: &str, literal: impl fmt::Display) {
        // Writing fails when it is full, and that is said in the text.
        let _ = write!(self, "{separator}{literal}");
    }
}

impl Write for Literals {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.full {
            return Err(fmt::Error);
        }
        let room = Self::MOST - self.text.len();
        if text.len() <= room {
            self.text.push_str(text);
            return Ok(());
        }
        self.text.push_str(text.get(..text.floor_char_boundary(room)).unwrap_or_default());
        self.text.push('…');
        self.full = true;
        Err(fmt::Error)
    }
}

/// What a statement can end with.
pub(super) trait Failure {
    fn error(&self) -> &(dyn StdError + 'static);
}

impl Failure for SqliteError {
    fn error(&self) -> &(dyn StdError + 'static) {
        self
    }
}

impl Failure for Error {
    fn error(&self) -> &(dyn StdError + 'static) {
        self
    }
}

impl<T> Failure for (Error, T) {
    fn error(&self) -> &(dyn StdError + 'static) {
        &self.0
    }
}

/// An error without the values that its text may have in it.
struct Report<'a> {
    error: &'a (dyn StdError + 'static),
    /// Whether arguments are left out too.
    guarded: bool,
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { error, guarded } = *self;
        let own = error.downcast_ref::<SqliteError>();
        if let Some(report) = own.or_else(|| error.source().and_then(|source| source.downcast_ref())) {
            return match guarded && !is_of_fixed_words(report) {
                true => write!(f, "SQLite result code {}, whose message may quote arguments", report.code),
                false => report.fmt(f),
            };
        }
        match error.downcast_ref() {
            Some(Error::Decode { table, column, expected, .. }) => {
                write!(f, "{table}.{column} holds another value, expected {expected}")
            }
            Some(Error::Encode { table, column, .. }) if guarded => {
                write!(f, "{table}.{column} cannot hold the value")
            }
            _ => write!(f, "{error}"),
        }
    }
}

/// Whether a message has at most names from the schema in it. Functions, triggers and virtual tables write their own.
fn is_of_fixed_words(report: &SqliteError) -> bool {
    const BUSY_TO_CORRUPT: std::ops::RangeInclusive<i32> = code::BUSY..=code::CORRUPT;
    match report.primary_code() {
        code::CONSTRAINT if report.code == code::TRIGGER => report.message == "FOREIGN KEY constraint failed",
        code::CONSTRAINT => !matches!(report.code, code::FUNCTION | code::VIRTUAL_TABLE),
        primary => BUSY_TO_CORRUPT.contains(&primary) || matches!(primary, code::FULL | code::TOO_BIG | code::MISMATCH),
    }
}
