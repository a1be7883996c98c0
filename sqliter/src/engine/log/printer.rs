//! The subscriber that prints, for programs that have none.

use std::sync::OnceLock;

use tracing::Dispatch;
use tracing::level_filters::LevelFilter;

/// Prints to standard error what the library tells, and nothing else.
pub(super) fn printer() -> Dispatch {
    use tracing_subscriber::filter::filter_fn;
    use tracing_subscriber::fmt::format::debug_fn;
    use tracing_subscriber::layer::SubscriberExt;
    static PRINTER: OnceLock<Dispatch> = OnceLock::new();
    let new = || {
        // The others are the same for all statements, or stand in the text.
        let fields = debug_fn(|line, field, value| match field.name() {
            "message" => write!(line, "{value:?}"),
            "otel.kind" | "db.system.name" | "db.operation.name" | "db.response.status_code" => Ok(()),
            name => write!(line, " {name}={value:?}"),
        });
        // Another crate of the program may have turned on the codes for colours.
        let lines = tracing_subscriber::fmt::layer().with_ansi(false).fmt_fields(fields);
        let lines = lines.with_writer(std::io::stderr).log_internal_errors(false);
        let own = filter_fn(|metadata| metadata.target() == "sqliter").with_max_level_hint(LevelFilter::DEBUG);
        Dispatch::new(tracing_subscriber::registry().with(lines).with(own))
    };
    PRINTER.get_or_init(new).clone()
}
