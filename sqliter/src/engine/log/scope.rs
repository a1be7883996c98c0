//! The span of an operation, on whichever thread it runs.

use std::cell::Cell;

use tracing::dispatcher::{get_default, with_default};
use tracing::field::Empty;
use tracing::level_filters::LevelFilter;
use tracing::subscriber::NoSubscriber;
use tracing::{Dispatch, Span, debug_span};

use super::Log;
use crate::engine::contained::{Contained, contained};
use crate::engine::words;
use crate::error::{Context, Operation};

impl Log {
    /// The span of an operation, as a part of the span that the caller is in.
    pub(in crate::engine) fn operation(&self, context: Context<'_>) -> Scope {
        if LevelFilter::current() < LevelFilter::DEBUG {
            return Scope(None);
        }
        let printer = self.printer.clone().filter(|_| get_default(Dispatch::is::<NoSubscriber>));
        let span = listened_by(printer.as_ref(), || contained(|| span(context)).unwrap_or_else(Span::none));
        Scope(Some(Box::new((Contained::new(span), printer))))
    }
}

fn span(Context { operation, subject, .. }: Context<'_>) -> Span {
    macro_rules! of {
        ($name:literal, $table:expr) => {
            debug_span!(target: "sqliter", $name, otel.kind = "client", db.system.name = "sqlite",
                db.collection.name = $table, db.operation.name = Empty, db.query.text = Empty,
                db.response.returned_rows = Empty, db.response.status_code = Empty, error.type = Empty)
        };
        ($name:literal) => {
            of!($name, Empty)
        };
    }
    match operation {
        Operation::CreateTable => of!("create_table", subject),
        Operation::DropTable => of!("drop_table", subject),
        Operation::Insert => of!("insert", subject),
        Operation::Update => of!("update", subject),
        Operation::Delete => of!("delete", subject),
        Operation::Fetch => of!("fetch", subject),
        Operation::Migrate => of!("migrate"),
        Operation::Open => of!("open"),
        Operation::Close => of!("close"),
        Operation::Execute => of!("execute"),
    }
}

thread_local! {
    /// Whether the span of the operation has the text of a statement.
    static HAS_TEXT: Cell<bool> = const { Cell::new(false) };
}

/// Gives the span of the operation what is told of its first statement that does not begin or end a transaction, and of the
/// first that fails.
pub(super) fn tell_span(sql: &str, operation: &str, returned: Option<u64>, code: Option<&str>) {
    if !HAS_TEXT.get() && !words::is_of_a_transaction(sql) {
        HAS_TEXT.set(true);
        let span = Span::current();
        span.record("db.query.text", sql).record("db.operation.name", operation);
        if let Some(rows) = returned {
            span.record("db.response.returned_rows", rows);
        }
    }
    if let Some(code) = code {
        Span::current().record("db.response.status_code", code).record("error.type", code);
    }
}

/// What an operation runs in, on whichever thread: its span, and the subscriber that prints if there is no other. A
/// box, as jobs are moved about.
pub(in crate::engine) struct Scope(Option<Box<(Contained<Span>, Option<Dispatch>)>>);

impl Scope {
    pub(in crate::engine) fn run<T>(&self, work: impl FnOnce() -> T) -> T {
        match self.0.as_deref() {
            Some((span, printer)) => {
                let before = HAS_TEXT.replace(false);
                let value = listened_by(printer.as_ref(), || within(span, work));
                HAS_TEXT.set(before);
                value
            }
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
pub(in crate::engine) struct Frame {
    caller: Caller,
    operation: Scope,
}

impl Frame {
    /// The operation as a part of the span that the caller is in.
    pub(in crate::engine) fn new(log: &Log, context: Context<'_>) -> Self {
        Self { caller: Caller::here(), operation: log.operation(context) }
    }

    pub(in crate::engine) fn run<T>(&self, work: impl FnOnce() -> T) -> T {
        self.caller.run(|| self.operation.run(work))
    }
}

/// The subscriber and the span of a thread, if anyone listens.
pub(in crate::engine) struct Caller(Option<(Dispatch, Contained<Span>)>);

impl Caller {
    pub(in crate::engine) fn here() -> Self {
        let listening = LevelFilter::current() != LevelFilter::OFF;
        let span = || contained(Span::current).unwrap_or_else(Span::none);
        Self(listening.then(|| (get_default(Dispatch::clone), Contained::new(span()))))
    }

    pub(in crate::engine) fn run<T>(&self, work: impl FnOnce() -> T) -> T {
        match &self.0 {
            Some((subscriber, span)) => with_default(subscriber, || within(span, work)),
            None => work(),
        }
    }
}
