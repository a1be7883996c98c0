//! What goes wrong, as answers.

use std::collections::BTreeMap;

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use sqliter::{Error as E, Operation};

#[derive(Debug, thiserror::Error)]
pub enum AppError {
    #[error("{0}")]
    Bad(String),
    #[error("sign in first")]
    SignedOut,
    #[error(transparent)]
    Db(#[from] E),
}

pub type AppResult<T> = Result<T, AppError>;

impl AppError {
    fn status(&self) -> StatusCode {
        match self {
            Self::Bad(_) | Self::Db(E::Cursor { .. }) => StatusCode::BAD_REQUEST,
            Self::SignedOut => StatusCode::UNAUTHORIZED,
            Self::Db(E::RecordNotFound { .. }) => StatusCode::NOT_FOUND,
            Self::Db(E::UniqueViolation { .. } | E::ForeignKeyViolation { operation: Operation::Delete, .. }) => {
                StatusCode::CONFLICT
            }
            Self::Db(E::Stale { .. }) => StatusCode::PRECONDITION_FAILED,
            Self::Db(E::Parameters { .. } | E::ForeignKeyViolation { .. } | E::CheckViolation { .. }) => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            Self::Db(E::Busy { .. } | E::QueueTimeout { .. } | E::Timeout { .. }) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Db(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// What is wrong with each field of the request, where that is known.
    fn fields(&self) -> BTreeMap<&str, &str> {
        match self {
            Self::Db(E::Parameters { problems }) => {
                problems.iter().map(|problem| (problem.parameter.as_str(), problem.reason.as_str())).collect()
            }
            Self::Db(E::UniqueViolation { columns, .. }) => all(columns, "taken"),
            Self::Db(E::ForeignKeyViolation { columns, operation: Operation::Delete, .. }) => {
                all(columns, "refers to it")
            }
            Self::Db(E::ForeignKeyViolation { columns, .. }) => all(columns, "no such row"),
            Self::Db(E::CheckViolation { columns, constraint, .. }) => all(columns, constraint),
            _ => BTreeMap::new(),
        }
    }
}

fn all<'e>(columns: &'e [String], reason: &'e str) -> BTreeMap<&'e str, &'e str> {
    columns.iter().map(|column| (column.as_str(), reason)).collect()
}

impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        let status = self.status();
        // What only the operator can mend is no business of the client's.
        let error = if status.is_server_error() { "try again later".to_owned() } else { self.to_string() };
        let answer = (status, Json(json!({ "error": error, "fields": self.fields() })));
        if status == StatusCode::SERVICE_UNAVAILABLE {
            return ([(header::RETRY_AFTER, "1")], answer).into_response();
        }
        answer.into_response()
    }
}
