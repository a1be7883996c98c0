//! What goes wrong, as answers.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use sqliter::Error as E;

#[derive(Debug, thiserror::Error)]
pub enum AppError {
    #[error("{0}")]
    Bad(String),
    #[error(transparent)]
    Db(#[from] E),
}

pub type AppResult<T> = Result<T, AppError>;

impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        let code = match &self {
            Self::Bad(_) => StatusCode::BAD_REQUEST,
            Self::Db(E::RecordNotFound { .. }) => StatusCode::NOT_FOUND,
            Self::Db(E::Stale { .. } | E::UniqueViolation { .. }) => StatusCode::CONFLICT,
            Self::Db(E::Parameters { .. } | E::ForeignKeyViolation { .. } | E::CheckViolation { .. }) => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            Self::Db(E::Cursor { .. }) => StatusCode::BAD_REQUEST,
            Self::Db(E::Busy { .. } | E::QueueTimeout { .. } | E::Timeout { .. }) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Db(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        (code, Json(serde_json::json!({ "error": self.to_string() }))).into_response()
    }
}
