//! Lines in bodies, while they come and go.

use std::io;

use axum::body::{Body, BodyDataStream};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use sqliter::RowStream;
use tokio_stream::StreamExt;

use crate::error::{AppError, AppResult};

/// A longer line is refused, so that no request makes the service keep a body without end.
const LONGEST: usize = 64 * 1024;

/// The lines of a request.
pub struct Lines {
    data: BodyDataStream,
    /// What has come and was not read yet.
    buffer: Vec<u8>,
    /// How many lines were read.
    pub read: usize,
}

impl Lines {
    pub fn of(body: Body) -> Self {
        Self { data: body.into_data_stream(), buffer: Vec::new(), read: 0 }
    }

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
            match self.data.next().await {
                Some(chunk) => {
                    self.buffer.extend_from_slice(&chunk.map_err(|error| AppError::bad_request(error.to_string()))?);
                }
                None if self.buffer.is_empty() => return Ok(None),
                None => {
                    self.read += 1;
                    return Ok(Some(std::mem::take(&mut self.buffer)));
                }
            }
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
