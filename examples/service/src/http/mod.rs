//! What stands between HTTP and the handlers: what they take of a request, conditional requests, lines, telemetry, and the
//! description of the routes.

pub mod body;
pub mod description;
pub mod etag;
pub mod extract;
pub mod json;
pub mod lines;
pub mod rest;
pub mod telemetry;

/// The query string of a list: 20 rows if it does not say how many, and 200 at most.
pub type Listing = sqliter::web::ListRequest<20, 200>;
