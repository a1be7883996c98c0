//! The version of a row as an `ETag`, so that nobody writes over what they have not seen.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, header};

use crate::error::{AppError, AppResult};

/// The header of an answer that shows a row of this version.
pub fn etag(version: i64) -> [(HeaderName, String); 1] {
    [(header::ETAG, format!("\"{version}\""))]
}

/// Whether the client has this version already, by `If-None-Match`: then the answer is 304, without a body.
pub fn is_known(headers: &HeaderMap, version: i64) -> bool {
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let tag = format!("\"{version}\"");
    known.split(',').any(|known| known.trim().trim_start_matches("W/") == tag)
}

/// The version that a change was made for, by `If-Match`; `None` without the header, or for `*`.
pub struct IfMatch(pub Option<i64>);

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> AppResult<Self> {
        let Some(value) = parts.headers.get(header::IF_MATCH) else { return Ok(Self(None)) };
        if value.as_bytes() == b"*" {
            return Ok(Self(None));
        }
        let version = value.to_str().ok().and_then(|tag| tag.strip_prefix('"')?.strip_suffix('"')?.parse().ok());
        match version {
            Some(version) => Ok(Self(Some(version))),
            None => Err(AppError::bad_request("If-Match is to be the ETag of the row, as in `\"3\"`")),
        }
    }
}
