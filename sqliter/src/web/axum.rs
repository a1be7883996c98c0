//! Errors as responses of axum, and requests for lists as its arguments.

use axum_core::extract::FromRequestParts;
use axum_core::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::request::Parts;
use http::{HeaderValue, StatusCode};

use super::{ListRequest, Problem};
use crate::error::{Error, Result};

/// As `application/problem+json`, with `Retry-After` where the problem says when to come again.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        // Texts and numbers alone: nothing that JSON has no form for.
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// As the [`Problem`] that it is, so that a handler may return [`sqliter::Result`](crate::Result). What the response does not tell, from 500
/// on, is logged.
impl IntoResponse for Error {
    fn into_response(self) -> Response {
        Problem::from(self).into_response()
    }
}

/// What the query string of the request asks for. A parameter that cannot be read is a response 422.
impl<S: Sync, const ROWS: u64, const MOST_ROWS: u64> FromRequestParts<S> for ListRequest<ROWS, MOST_ROWS> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        parts.uri.query().unwrap_or_default().parse()
    }
}
