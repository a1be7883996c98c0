//! Lines in bodies, while they come and go.

use std::io;

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use sqliter::RowStream;
use tokio_stream::StreamExt;

use super::body::Pieces;
use super::extract::expect;
use crate::error::{AppError, AppResult};

/// A longer line is refused, and so is a body that is larger than this.
const LONGEST: usize = 64 * 1024;
const LARGEST_IN_MB: usize = 4;

/// The lines of a request, while they come: else 413 or 415.
pub struct Lines {
    pieces: Pieces,
    /// What has come and was not read yet.
    buffer: Vec<u8>,
    /// How many lines were read.
    pub read: usize,
}

impl<S: Send + Sync> FromRequest<S> for Lines {
    type Rejection = AppError;

    async fn from_request(request: Request, _: &S) -> AppResult<Self> {
        expect(request.headers(), &["application/x-ndjson"])?;
        let pieces = Pieces::of(request.into_body(), LARGEST_IN_MB);
        Ok(Self { pieces, buffer: Vec::new(), read: 0 })
    }
}

impl Lines {
    /// The next line without its end; `None` at the end of the body.
    pub async fn next(&mut self) -> AppResult<Option<Vec<u8>>> {
        let mut looked_at = 0;
        loop {
            if let Some(end) = self.buffer.iter().skip(looked_at).position(|byte| *byte == b'\n') {
                let mut line: Vec<u8> = self.buffer.drain(..=looked_at + end).collect();
                line.pop();
                self.read += 1;
                return Ok(Some(line));
            }
            looked_at = self.buffer.len();
            if looked_at > LONGEST {
                return Err(AppError::field(format!("line {}", self.read + 1), format!("longer than {LONGEST} bytes")));
            }
            if self.pieces.next(&mut self.buffer).await? {
                continue;
            }
            if self.buffer.is_empty() {
                return Ok(None);
            }
            self.read += 1;
            return Ok(Some(std::mem::take(&mut self.buffer)));
        }
    }
}

/// A line of JSON for each row, while the rows are read.
pub fn json_lines<T: Serialize + Send + 'static>(rows: RowStream<T>) -> Response {
    lines("application/x-ndjson", rows, |row| {
        let mut line = serde_json::to_vec(row)?;
        line.push(b'\n');
        Ok(line)
    })
}

/// A line of comma-separated values for each row, while the rows are read, below the names of the fields.
pub fn csv<T: Serialize + Send + 'static>(rows: RowStream<T>) -> Response {
    let mut is_first = true;
    lines("text/csv; charset=utf-8; header=present", rows, move |row| {
        let mut line = csv::WriterBuilder::new().has_headers(is_first).from_writer(Vec::new());
        is_first = false;
        line.serialize(row)?;
        line.into_inner().map_err(|error| io::Error::other(error.to_string()))
    })
}

/// After an error the connection is cut, which tells the client that the body is not complete: the status has gone already.
fn lines<T: Send + 'static>(
    content_type: &'static str,
    rows: RowStream<T>,
    mut line: impl FnMut(&T) -> io::Result<Vec<u8>> + Send + 'static,
) -> Response {
    let lines = rows.map(move |row| {
        let line = row.map_err(io::Error::other).and_then(|row| line(&row));
        line.inspect_err(|error| tracing::error!(%error, "an export was cut"))
    });
    ([(header::CONTENT_TYPE, content_type)], Body::from_stream(lines)).into_response()
}
