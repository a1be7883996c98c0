//! Errors as responses of axum, and requests for lists as its arguments.

use axum_core::extract::FromRequestParts;
use axum_core::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::request::Parts;
use http::{HeaderValue, StatusCode};

use super::{ListRequest, Problem};
use crate::error::{Error, Result};

/// As `application/problem+json`, with `Retry-After: 1` where the status is 503.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        // Texts and numbers alone: nothing that JSON has no form for.
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

/// As the [`Problem`] that it is, so that a handler may return [`sqliter::Result`](crate::Result). An error of the service itself, from
/// 500 on, is logged as an event with the target `sqliter` and the level `ERROR`, as the response does not tell it.
impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let problem = Problem::from(&self);
        if problem.status >= 500 {
            tracing::error!(target: "sqliter", status = problem.status, error = %self, "a request failed");
        }
        problem.into_response()
    }
}

/// What the query string of the request asks for. A parameter that cannot be read is a response 422.
impl<S: Sync> FromRequestParts<S> for ListRequest {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        parts.uri.query().unwrap_or_default().parse()
    }
}
