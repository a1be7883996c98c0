//! Asking a node.

use std::io;
use std::path::Path;
use std::time::Duration;

use sqliter_cluster_wire::{Answer, Request, receive, send};
use tokio::net::UnixStream;
use tokio::time::timeout;

/// Longer than a node takes to say that it does not know.
const PATIENCE: Duration = Duration::from_secs(5);

/// Asks the node behind a socket. Every request has a connection of its own: a Unix socket costs some microseconds, a write some
/// milliseconds.
pub(crate) async fn ask(socket: &Path, request: &Request, patience: Duration) -> io::Result<Answer> {
    let asking = async {
        let mut stream = UnixStream::connect(socket).await?;
        send(&mut stream, request).await?;
        receive(&mut stream).await?.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    };
    timeout(patience.min(PATIENCE), asking).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

/// Returns when the node behind the socket ends, or is not there.
pub(crate) async fn watch(socket: &Path) {
    let watching = async {
        let mut stream = UnixStream::connect(socket).await?;
        send(&mut stream, &Request::Watch).await?;
        receive::<Answer>(&mut stream).await
    };
    // Whatever it is, the node is not there any more.
    drop(watching.await);
}
