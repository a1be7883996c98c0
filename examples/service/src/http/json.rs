//! Bodies in JSON that are checked before a handler sees them.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use garde::Validate;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use crate::error::{AppError, AppResult};

/// The body of a request, read from JSON and checked by garde: else 400, 413, 415 or 422 with the fields.
pub struct Valid<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Validate<Context = ()>> FromRequest<S> for Valid<T> {
    type Rejection = AppError;

    async fn from_request(request: Request, state: &S) -> AppResult<Self> {
        let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        if content_type.is_none_or(|value| value.split(';').next() != Some("application/json")) {
            let reason = "send JSON, with `Content-Type: application/json`";
            return Err(AppError::Request(StatusCode::UNSUPPORTED_MEDIA_TYPE, reason.to_owned()));
        }
        let body = Bytes::from_request(request, state).await;
        let body = body.map_err(|error| AppError::Request(error.status(), error.body_text()))?;
        Ok(Self(read(&body)?))
    }
}

/// Reads and checks one value.
pub fn read<T: DeserializeOwned + Validate<Context = ()>>(json: &[u8]) -> AppResult<T> {
    let mut text = serde_json::Deserializer::from_slice(json);
    let value: T = serde_path_to_error::deserialize(&mut text).map_err(|error| {
        let field = error.path().to_string();
        let error = error.into_inner();
        match error.classify() {
            Category::Data if field == "." => AppError::field("body", error.to_string()),
            Category::Data => AppError::field(field, error.to_string()),
            Category::Io | Category::Syntax | Category::Eof => {
                AppError::bad_request(format!("this is no JSON: {error}"))
            }
        }
    })?;
    text.end().map_err(|error| AppError::bad_request(format!("this is no JSON: {error}")))?;
    value.validate().map_err(|report| {
        AppError::Invalid(report.iter().map(|(path, error)| (path.to_string(), error.to_string())).collect())
    })?;
    Ok(value)
}
