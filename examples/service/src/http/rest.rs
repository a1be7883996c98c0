//! What a handler has not read of a body.
//!
//! A client reads the answer when it has sent its body, and hears nothing of it if the connection ends before. So whatever refuses a
//! request before its end, the rest is read and forgotten before the answer goes.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, BodyDataStream, Bytes, HttpBody};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use tokio_stream::{Stream, StreamExt};

/// How much is forgotten, and how long that may take.
const MOST: usize = 32 * 1024 * 1024;
const PATIENCE: Duration = Duration::from_secs(2);

/// Reads to its end what is left of the body when there is an answer.
pub async fn forget_rest(request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let mut body = Shared(Arc::new(Mutex::new(body.into_data_stream())));
    let answer = next.run(Request::from_parts(parts, Body::from_stream(body.clone()))).await;
    let rest = async {
        let mut bytes = 0;
        while let Some(Ok(piece)) = body.next().await
            && bytes < MOST
        {
            bytes += piece.len();
        }
    };
    // Whether all of it has come or not, the answer is the same.
    let _ = tokio::time::timeout(PATIENCE, rest).await;
    answer
}

/// A body that the handler reads, and then whoever forgets the rest.
#[derive(Clone)]
struct Shared(Arc<Mutex<BodyDataStream>>);

impl Stream for Shared {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut body = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Pin::new(&mut *body).poll_next(cx)
    }
}
