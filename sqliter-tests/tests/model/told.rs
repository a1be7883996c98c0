//! The statements that the library tells while something is done.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::{Event, Instrument, Subscriber, info_span};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

/// The statements of each span that is listened to. One for the whole program, whose tests run at the same time.
static TOLD: Mutex<BTreeMap<u64, Vec<String>>> = Mutex::new(BTreeMap::new());

struct Listener;

/// The number of a span, and the statement of an event.
#[derive(Default)]
struct Fields {
    number: Option<u64>,
    sql: Option<String>,
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "db.query.text" {
            self.sql = Some(format!("{value:?}"));
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "listened" {
            self.number = Some(value);
        }
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Listener {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let Some(number) = fields.number {
            context.span(id).unwrap().extensions_mut().insert(number);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let mut spans = context.event_scope(event).into_iter().flatten();
        let number = spans.find_map(|span| span.extensions().get::<u64>().copied());
        if let (Some(number), Some(sql)) = (number, fields.sql) {
            TOLD.lock().unwrap().entry(number).or_default().push(sql);
        }
    }
}

/// What the work gives, and its statements.
pub async fn told<T>(work: impl Future<Output = T>) -> (T, Vec<String>) {
    static LISTENING: OnceLock<()> = OnceLock::new();
    static NUMBERS: AtomicU64 = AtomicU64::new(0);
    LISTENING.get_or_init(|| {
        tracing::subscriber::set_global_default(tracing_subscriber::registry().with(Listener)).unwrap();
    });
    let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
    let given = work.instrument(info_span!("test", listened = number)).await;
    let statements = TOLD.lock().unwrap().remove(&number).unwrap_or_default();
    (given, statements)
}
