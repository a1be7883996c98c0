//! What stands between HTTP and the handlers: bodies, conditional requests, pages, lines, telemetry.

pub mod etag;
pub mod json;
pub mod lines;
pub mod listing;
pub mod telemetry;
