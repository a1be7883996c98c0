//! Bodies in JSON that are checked before a handler sees them.

use axum::extract::{FromRequest, Request};
use garde::Validate;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use super::body::whole;
use super::extract::expect;
use crate::error::{AppError, AppResult};

/// The body of a request, read from JSON: else 400, 413, 415, or 422 with the field.
pub struct Sent<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Sent<T> {
    type Rejection = AppError;

    async fn from_request(request: Request, _: &S) -> AppResult<Self> {
        expect(request.headers(), &["application/json"])?;
        Ok(Self(read(&whole(request.into_body()).await?)?))
    }
}

/// The body of a request, read from JSON and checked by garde: else as [`Sent`], with all fields that do not fit.
pub struct Valid<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Validate<Context = ()>> FromRequest<S> for Valid<T> {
    type Rejection = AppError;

    async fn from_request(request: Request, state: &S) -> AppResult<Self> {
        let Sent(value) = Sent::from_request(request, state).await?;
        Ok(Self(checked(value)?))
    }
}

/// Reads one value.
pub fn read<T: DeserializeOwned>(json: &[u8]) -> AppResult<T> {
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
    Ok(value)
}

/// A value by the rules that its fields have.
pub fn checked<T: Validate<Context = ()>>(value: T) -> AppResult<T> {
    value.validate().map_err(|report| {
        AppError::Invalid(report.iter().map(|(path, error)| (path.to_string(), error.to_string())).collect())
    })?;
    Ok(value)
}
