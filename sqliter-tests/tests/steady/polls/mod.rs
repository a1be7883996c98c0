//! No future of the library keeps the thread that polls it: not for a large value, not for a lock, not for a long statement.

mod closing;
mod freed;
mod kept;
mod large;
mod lent;
mod long;
mod one_step;
mod schema;

use std::pin::pin;
use std::time::{Duration, Instant};

use sqliter::prelude::*;

use crate::load;

#[derive(Debug, Clone, PartialEq, Model)]
struct Doc {
    pk: Key<Doc>,
    body: Vec<u8>,
    more: Option<String>,
    title: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Entry {
    pk: Key<Entry>,
    number: i64,
}

/// Far less than the work takes, and more than a busy machine takes a thread away.
const SHORT: Duration = Duration::from_millis(15);

/// The same, for what takes some milliseconds.
pub const BRIEF: Duration = Duration::from_millis(3);

/// How long this thread was ready to run and did not get a processor, where the system tells.
fn delay() -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(told.split(' ').nth(1).and_then(|nanoseconds| nanoseconds.parse().ok()).unwrap_or_default())
}

/// Does something; gives with its value for how long it kept the thread.
fn measured<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let (started, delayed) = (Instant::now(), delay());
    let value = work();
    (value, started.elapsed().saturating_sub(delay() - delayed))
}

/// Drives a future to its end; gives with its value how long the longest poll took.
async fn longest_poll<T>(work: impl IntoFuture<Output = T>) -> (T, Duration) {
    let mut work = pin!(work.into_future());
    let mut longest = Duration::ZERO;
    let value = std::future::poll_fn(|cx| {
        let (polled, took) = measured(|| work.as_mut().poll(cx));
        longest = longest.max(took);
        polled
    })
    .await;
    (value, longest)
}

/// As [`longest_poll`], for what must not fail.
pub async fn kept_for<T>(work: impl IntoFuture<Output = sqliter::Result<T>>) -> Duration {
    let (done, longest) = longest_poll(work).await;
    done.unwrap();
    longest
}

/// A turn keeps the thread for less than the limit. In some turns, the machine may have had something else to do.
pub async fn assert_below(limit: Duration, what: &str, mut turn: impl AsyncFnMut() -> Duration) {
    const TURNS: usize = 12;
    let mut shortest = Duration::MAX;
    for _ in 0..TURNS {
        shortest = shortest.min(turn().await);
        if shortest < limit {
            return;
        }
    }
    panic!("{what}: the thread was kept for {shortest:?}");
}

fn doc(body: usize, more: usize) -> NewDoc {
    NewDoc { body: vec![1; body], more: (more > 0).then(|| "x".repeat(more)), title: "a document".to_owned() }
}

/// Runs the test on either kind of runtime, with a file and in memory.
fn everywhere(test: impl AsyncFn(Db)) {
    for runtime in [load::one_thread(), load::many_threads()] {
        let folder = load::folder();
        runtime.block_on(async {
            let options = [Db::options().path(folder.path().join("a.db")).max_readers(1), Db::options()];
            for options in options {
                let db = options.open().await.unwrap();
                db.create_tables::<(Doc, Entry)>().await.unwrap();
                test(db).await;
            }
        });
    }
}
