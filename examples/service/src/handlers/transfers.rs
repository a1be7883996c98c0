//! Many rows at once, while they come and go.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use sqliter::Db;
use sqliter::web::Problem;
use utoipa::ToSchema;

use crate::error::{AppError, AppResult};
use crate::http::json;
use crate::http::lines::{self, Lines};
use crate::queries::import::{self, ImportLine};
use crate::queries::{books, loans};

const BATCH: usize = 500;

#[derive(Debug, Serialize, ToSchema)]
pub struct Imported {
    books: usize,
}

/// Takes books as lines of JSON: all of them, or none if one does not fit; the answer says which line it was.
///
/// The lines are read and checked while they come, 4 MB of them at most. Then they are written by 500, in one transaction: however slowly a
/// client sends, nobody waits for it.
#[utoipa::path(post, path = "/books/import", tag = "transfers",
    request_body(content = ImportLine, content_type = "application/x-ndjson"),
    responses((status = 200, body = Imported), (status = 422, body = Problem))
)]
pub async fn import_books(State(db): State<Db>, mut sent: Lines) -> AppResult<Json<Imported>> {
    let mut lines = Vec::new();
    while let Some(line) = sent.next().await? {
        match json::read::<ImportLine>(&line).and_then(json::checked) {
            Ok(line) => lines.push(line),
            Err(error) => return Err(in_line(sent.read, error)),
        }
    }
    let books = lines.len();
    let mut lines = lines.into_iter();
    db.try_transaction(async |tx| {
        let mut first = 1;
        loop {
            let batch: Vec<_> = lines.by_ref().take(BATCH).collect();
            if batch.is_empty() {
                return Ok::<_, AppError>(());
            }
            first += import::import(tx, batch).await.map_err(|error| at_line(first, error))?;
        }
    })
    .await?;
    Ok(Json(Imported { books }))
}

/// Says which line does not fit.
fn in_line(number: usize, error: AppError) -> AppError {
    match error {
        AppError::Invalid(fields) => {
            let at = |(field, reason): (String, String)| (format!("line {number}: {field}"), reason);
            AppError::Invalid(fields.into_iter().map(at).collect())
        }
        AppError::Request(status, reason) => AppError::Request(status, format!("line {number}: {reason}")),
        other => other,
    }
}

/// Which line it was that the database has refused.
fn at_line(first: usize, error: sqliter::Error) -> AppError {
    match error.refused_row() {
        Some(row) => AppError::field(format!("line {}", first + row.index), error.to_string()),
        None => error.into(),
    }
}

/// All books as lines of JSON.
#[utoipa::path(get, path = "/books/export", tag = "transfers", responses(
    (status = 200, body = String, content_type = "application/x-ndjson"),
))]
pub async fn export_books(State(db): State<Db>) -> Response {
    lines::json_lines(books::export(&db))
}

/// All loans as comma-separated values.
#[utoipa::path(get, path = "/loans/export", tag = "transfers", responses(
    (status = 200, body = String, content_type = "text/csv"),
))]
pub async fn export_loans(State(db): State<Db>) -> Response {
    lines::csv(loans::export(&db))
}
