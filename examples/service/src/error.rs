//! What goes wrong, as answers. Handlers and queries use `?`; this is the only place that makes statuses of errors.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use sqliter::web::Problem;

#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// What the database says. The library knows the status: 404 no such row, 409 a constraint, 412 another version, 422 what does
    /// not fit, 503 busy or only read, 504 too slow, 500 all else.
    #[error(transparent)]
    Database(#[from] sqliter::Error),
    /// A file of the backups cannot be written.
    #[error(transparent)]
    Files(#[from] std::io::Error),
    /// A rule of the library says no.
    #[error("{0}")]
    Conflict(String),
    /// Each field that does not fit, with the reason.
    #[error("the request does not fit")]
    Invalid(BTreeMap<String, String>),
    /// What HTTP itself demands of a request, as what handlers take of it is read.
    #[error("{1}")]
    Request(StatusCode, String),
}

pub type AppResult<T> = Result<T, AppError>;

impl AppError {
    pub fn bad_request(reason: impl Into<String>) -> Self {
        Self::Request(StatusCode::BAD_REQUEST, reason.into())
    }

    /// A body that is larger than the service takes.
    pub fn too_large(most_in_mb: usize) -> Self {
        Self::Request(StatusCode::PAYLOAD_TOO_LARGE, format!("the body is larger than {most_in_mb} MB"))
    }

    /// A single field that does not fit.
    pub fn field(name: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Invalid(BTreeMap::from([(name.into(), reason.into())]))
    }
}

impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        let detail = self.to_string();
        match self {
            // Which is told in the log too, where it is from 500 on.
            Self::Database(error) => error.into_response(),
            Self::Files(error) => {
                tracing::error!(%error, "a request failed");
                Problem::new(500, "the service has failed; its log says why").into_response()
            }
            Self::Conflict(_) => Problem::new(409, detail).into_response(),
            Self::Invalid(fields) => {
                let problem = Problem::new(422, detail);
                fields.into_iter().fold(problem, |it, (field, reason)| it.with_field(field, reason)).into_response()
            }
            Self::Request(status, _) => Problem::new(status.as_u16(), detail).into_response(),
        }
    }
}
