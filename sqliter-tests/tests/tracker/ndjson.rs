//! Lines of JSON in the body of a request, while it comes.

use axum::body::{Body, BodyDataStream};
use serde::de::DeserializeOwned;
use tokio_stream::StreamExt;

use crate::error::{AppError, AppResult};

pub struct Lines {
    data: BodyDataStream,
    /// What has come and was not read yet.
    buffer: Vec<u8>,
}

impl Lines {
    pub fn of(body: Body) -> Self {
        Self { data: body.into_data_stream(), buffer: Vec::new() }
    }

    /// The next lines, as many as asked for; fewer only at the end.
    pub async fn next<T: DeserializeOwned>(&mut self, most: usize) -> AppResult<Vec<T>> {
        let mut rows = Vec::new();
        while rows.len() < most {
            let line: Vec<u8> = match self.buffer.iter().position(|byte| *byte == b'\n') {
                Some(end) => self.buffer.drain(..=end).collect(),
                None => match self.data.next().await {
                    Some(chunk) => {
                        self.buffer.extend_from_slice(&chunk.map_err(|error| AppError::Bad(error.to_string()))?);
                        continue;
                    }
                    None if self.buffer.is_empty() => break,
                    None => std::mem::take(&mut self.buffer),
                },
            };
            rows.push(serde_json::from_slice(&line).map_err(|error| AppError::Bad(error.to_string()))?);
        }
        Ok(rows)
    }
}
