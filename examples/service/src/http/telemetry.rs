//! What is told of each request: a span, under which the statements of the database stand, and metrics by route.

use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::middleware::{self, Next};
use axum::response::Response;
use tower_http::trace::TraceLayer;
use tracing::{Span, info_span};

/// Adds both to all routes.
pub fn observed(router: Router) -> Router {
    router.layer(middleware::from_fn(measure)).layer(
        TraceLayer::new_for_http().make_span_with(span).on_request(()).on_response(
            |response: &Response, took: Duration, span: &Span| {
                span.record("http.response.status_code", response.status().as_u16());
                tracing::info!(elapsed_us = took.as_micros(), "{}", response.status());
            },
        ),
    )
}

/// Named as OpenTelemetry's conventions have it, as the spans of the database are.
fn span(request: &Request) -> Span {
    info_span!(
        "request",
        http.request.method = %request.method(),
        url.path = request.uri().path(),
        http.response.status_code = tracing::field::Empty,
    )
}

async fn measure(request: Request, next: Next) -> Response {
    let method = request.method().to_string();
    // The route and not the path, so that there is a number for each route and not for each book.
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let began = Instant::now();
    let response = next.run(request).await;
    let status = response.status().as_u16().to_string();
    metrics::counter!("http_requests_total", "method" => method.clone(), "route" => route.clone(), "status" => status)
        .increment(1);
    metrics::histogram!("http_request_seconds", "method" => method, "route" => route).record(began.elapsed());
    response
}
