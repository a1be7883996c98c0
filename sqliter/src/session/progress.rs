//! Telling the program how far a call has come.

use std::pin::pin;
use std::task::Poll;

use tokio::sync::mpsc::UnboundedReceiver;

/// What a program does with a step of a call.
pub(crate) type Progress<'s, T> = Box<dyn FnMut(&T) + Send + 's>;

/// Does work, and passes on how far it has come.
pub(crate) async fn telling<T, F: Future>(
    mut told: UnboundedReceiver<T>,
    mut progress: Progress<'_, T>,
    work: F,
) -> F::Output {
    let mut work = pin!(work);
    std::future::poll_fn(move |cx| {
        let worked = work.as_mut().poll(cx);
        while let Poll::Ready(Some(step)) = told.poll_recv(cx) {
            progress(&step);
        }
        worked
    })
    .await
}
