//! A subscriber that keeps what the library tells.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use tokio::runtime::{Builder, Runtime};
use tracing::field::{Field, Visit};
use tracing::{Instrument, Level, Subscriber, info_span};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

/// An event, with the spans that it stands in from the outermost on.
#[derive(Debug, Clone)]
pub struct Event {
    pub level: Level,
    pub target: &'static str,
    pub fields: Fields,
    pub spans: Vec<(&'static str, Fields)>,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Fields(pub BTreeMap<&'static str, String>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }
}

impl Event {
    pub fn get(&self, field: &str) -> Option<&str> {
        self.fields.0.get(field).map(String::as_str)
    }

    pub fn sql(&self) -> &str {
        self.get("db.query.text").unwrap()
    }

    pub fn sql_is(&self, sql: &str) -> bool {
        self.get("db.query.text") == Some(sql)
    }

    pub fn number(&self, field: &str) -> u64 {
        self.get(field).unwrap().parse().unwrap()
    }

    /// How many rows it has read or changed.
    pub fn rows(&self) -> u64 {
        let rows = self.get("db.response.returned_rows").or(self.get("rows_changed"));
        rows.map_or(0, |rows| rows.parse().unwrap())
    }

    /// The span of the operation, as `insert(authors)`.
    pub fn operation(&self) -> String {
        let (name, fields) = self.spans.last().unwrap();
        format!("{name}({})", fields.0.get("db.collection.name").map_or("", String::as_str))
    }
}

/// Keeps the events of the library.
#[derive(Clone, Default)]
pub struct Listener(pub Arc<Mutex<Vec<Event>>>);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Listener {
    fn on_new_span(&self, attributes: &tracing::span::Attributes<'_>, id: &tracing::span::Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        context.span(id).unwrap().extensions_mut().insert(fields);
    }

    fn on_record(&self, id: &tracing::span::Id, values: &tracing::span::Record<'_>, context: Context<'_, S>) {
        if let Some(fields) = context.span(id).unwrap().extensions_mut().get_mut::<Fields>() {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &tracing::Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let spans = context.event_scope(event).into_iter().flat_map(|scope| scope.from_root());
        let spans = spans.map(|span| (span.name(), span.extensions().get::<Fields>().cloned().unwrap())).collect();
        let (level, target) = (*event.metadata().level(), event.metadata().target());
        if target == "sqliter" || target == "program" {
            self.0.lock().unwrap().push(Event { level, target, fields, spans });
        }
    }
}

impl Listener {
    /// The one for the whole program. The tests run at the same time, each in a span of its own.
    pub fn global() -> &'static Self {
        static GLOBAL: OnceLock<Listener> = OnceLock::new();
        GLOBAL.get_or_init(|| {
            let listener = Listener::default();
            tracing::subscriber::set_global_default(tracing_subscriber::registry().with(listener.clone())).unwrap();
            listener
        })
    }

    pub fn events(&self) -> Vec<Event> {
        self.0.lock().unwrap().clone()
    }
}

/// What the work gives, and the events of it; without those of the opening of connections.
///
/// # Panics
///
/// When the program has another subscriber already.
pub async fn told<T>(work: impl Future<Output = T>) -> (T, Vec<Event>) {
    static REQUESTS: AtomicU64 = AtomicU64::new(0);
    let listener = Listener::global();
    let number = REQUESTS.fetch_add(1, Ordering::Relaxed).to_string();
    let span = info_span!(target: "program", "request", number);
    let given = work.instrument(span).await;
    let is_own = |event: &Event| {
        event.spans.first().is_some_and(|(name, fields)| *name == "request" && fields.0["number"] == number)
    };
    let events = listener.events().into_iter().filter(is_own);
    let opening = ["PRAGMA schema_version", "PRAGMA journal_mode", "PRAGMA encoding"];
    (given, events.filter(|event| !opening.iter().any(|pragma| event.sql_is(pragma))).collect())
}

/// What the work gives, and the SQL of its statements.
///
/// # Panics
///
/// As [`told`].
pub async fn sql_of<T>(work: impl Future<Output = T>) -> (T, Vec<String>) {
    let (given, events) = told(work).await;
    (given, events.iter().filter_map(|event| event.get("db.query.text")).map(str::to_owned).collect())
}

/// The events of work that succeeds, as a task of the runtime.
///
/// # Panics
///
/// When the work fails or panics.
pub fn told_in<F: Future<Output = sqliter::Result<()>> + Send + 'static>(runtime: &Runtime, work: F) -> Vec<Event> {
    let (given, events) = runtime.block_on(runtime.spawn(told(work))).unwrap();
    given.unwrap();
    events
}

/// A runtime with two threads.
///
/// # Panics
///
/// When it cannot be made.
pub fn multi() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// A runtime with one thread.
///
/// # Panics
///
/// When it cannot be made.
pub fn single() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}
