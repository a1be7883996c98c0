//! What handlers take of a request. As axum's own `Path`, `Query` and `Bytes`, but that what cannot be read is answered like every
//! other error of the service.

use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;

use super::body::whole;
use crate::error::{AppError, AppResult};

/// What the path of the request names: else 400.
pub struct Path<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> AppResult<Self> {
        let axum::extract::Path(value) = axum::extract::Path::from_request_parts(parts, state).await?;
        Ok(Self(value))
    }
}

/// The parameters of the query string: else 422, with the name of the parameter.
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> AppResult<Self> {
        let query = parts.uri.query().unwrap_or_default();
        let parameters = serde_urlencoded::Deserializer::new(form_urlencoded::parse(query.as_bytes()));
        let read = serde_path_to_error::deserialize(parameters);
        Ok(Self(read.map_err(|error| match error.path().to_string().as_str() {
            "." => AppError::field("query", error.inner().to_string()),
            name => AppError::field(name, error.inner().to_string()),
        })?))
    }
}

/// A picture that is uploaded: else 413 or 415.
pub struct Picture {
    pub media_type: String,
    pub bytes: Vec<u8>,
}

impl<S: Send + Sync> FromRequest<S> for Picture {
    type Rejection = AppError;

    async fn from_request(request: Request, _: &S) -> AppResult<Self> {
        let media_type = expect(request.headers(), &["image/jpeg", "image/png", "image/webp"])?;
        Ok(Self { media_type, bytes: whole(request.into_body()).await? })
    }
}

/// The media type of the body, which is to be one of these.
pub fn expect(headers: &HeaderMap, media_types: &[&str]) -> AppResult<String> {
    let sent = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = sent.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if media_types.contains(&media_type.as_str()) {
        return Ok(media_type);
    }
    let expected = media_types.join("`, `");
    Err(AppError::Request(StatusCode::UNSUPPORTED_MEDIA_TYPE, format!("the `Content-Type` must be `{expected}`")))
}

impl From<PathRejection> for AppError {
    fn from(rejection: PathRejection) -> Self {
        Self::Request(rejection.status(), rejection.body_text())
    }
}
