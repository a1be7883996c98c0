//! Many rows at once, while they come and go.

use axum::Json;
use axum::body::Body;
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
/// The lines are read while they come, and written by 500, in one transaction: other writers wait until the last line is there, and are
/// told 503 when that takes too long. That suits clients that send quickly; a body from anywhere is better put into a file first.
#[utoipa::path(post, path = "/books/import", tag = "transfers",
    request_body(content = ImportLine, content_type = "application/x-ndjson"),
    responses((status = 200, body = Imported), (status = 400, body = Problem), (status = 422, body = Problem))
)]
pub async fn import_books(State(db): State<Db>, body: Body) -> AppResult<Json<Imported>> {
    let mut lines = Lines::of(body);
    let books = db
        .try_transaction(async |tx| {
            let mut books = 0;
            loop {
                let first = lines.read + 1;
                let batch = batch(&mut lines).await?;
                if batch.is_empty() {
                    return Ok::<_, AppError>(books);
                }
                books += import::import(tx, batch).await.map_err(|error| at_line(first, error))?;
            }
        })
        .await?;
    Ok(Json(Imported { books }))
}

async fn batch(lines: &mut Lines) -> AppResult<Vec<ImportLine>> {
    let mut batch = Vec::new();
    while batch.len() < BATCH {
        let Some(line) = lines.next().await? else { break };
        batch.push(json::read(&line).map_err(|error| match error {
            AppError::Invalid(fields) => {
                let at = |(field, reason): (String, String)| (format!("line {}: {field}", lines.read), reason);
                AppError::Invalid(fields.into_iter().map(at).collect())
            }
            AppError::Request(status, reason) => AppError::Request(status, format!("line {}: {reason}", lines.read)),
            other => other,
        })?);
    }
    Ok(batch)
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
