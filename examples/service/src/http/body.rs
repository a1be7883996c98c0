//! The body of a request, of which no more is read than the service takes.

use axum::body::{Body, BodyDataStream};
use tokio_stream::StreamExt;

use crate::error::{AppError, AppResult};

/// How large a body may be, but for that of an import.
const LARGEST_IN_MB: usize = 2;

/// The pieces of a body, up to so many bytes.
pub struct Pieces {
    data: BodyDataStream,
    most_in_mb: usize,
    left: usize,
}

impl Pieces {
    pub fn of(body: Body, most_in_mb: usize) -> Self {
        Self { data: body.into_data_stream(), most_in_mb, left: most_in_mb * 1024 * 1024 }
    }

    /// Adds the next piece to what has come. Gives whether there was one; 413 if it is too much.
    pub async fn next(&mut self, come: &mut Vec<u8>) -> AppResult<bool> {
        let Some(piece) = self.data.next().await else { return Ok(false) };
        let piece = piece.map_err(|error| AppError::bad_request(format!("the body has not come whole: {error}")))?;
        let Some(left) = self.left.checked_sub(piece.len()) else {
            return Err(AppError::too_large(self.most_in_mb));
        };
        self.left = left;
        come.extend_from_slice(&piece);
        Ok(true)
    }
}

/// The whole body.
pub async fn whole(body: Body) -> AppResult<Vec<u8>> {
    let mut pieces = Pieces::of(body, LARGEST_IN_MB);
    let mut come = Vec::new();
    while pieces.next(&mut come).await? {}
    Ok(come)
}
