//! A value of the program's that panics when it is dropped, or a waker that does when it is called: the engine, which drops
//! and calls them on the way, goes on, and nobody else hears of it.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

use sqliter::prelude::*;
use sqliter::types::ValueRef;
use sqliter::types::{DecodeError, EncodeError, Encoded, Storage, kind};
use sqliter::{ColumnType, Error};

use crate::load;
use crate::together::{Item, Work, ask, item};

/// Panics when it is dropped as a negative number.
#[derive(Debug, Clone, PartialEq)]
struct Bomb(i64);

impl Drop for Bomb {
    fn drop(&mut self) {
        assert!(self.0 >= 0 || std::thread::panicking(), "exploded when it was dropped");
    }
}

impl ColumnType for Bomb {
    type Inner = Self;
    type Kind = kind::Integer;
    const STORAGE: Storage = Storage::Integer;
    const EXPECTED: &'static str = "a number";

    fn encode(&self) -> Result<Encoded<'_>, EncodeError> {
        Ok(Encoded::Integer(self.0))
    }

    fn decode(value: ValueRef<'_>) -> Result<Self, DecodeError> {
        i64::decode(value).map(Self)
    }
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Parcel {
    pk: Key<Parcel>,
    content: Bomb,
}

fn parcel(content: i64) -> impl sqliter::Draft<Model = Parcel> {
    Parcel::builder().content(Bomb(content))
}

struct Place {
    db: Db,
    folder: tempfile::TempDir,
}

const TURN: Duration = Duration::from_secs(3);

async fn place(memory: bool) -> Place {
    let folder = load::folder();
    let options = Db::options().max_readers(1).queue_timeout(TURN);
    let options = if memory { options } else { options.path(folder.path().join("a.db")) };
    let db = options.open().await.unwrap();
    db.create_tables::<(Item, Parcel)>().await.unwrap();
    Place { db, folder }
}

impl Place {
    /// A job is left in the queue, and nobody wants it any more.
    async fn leave_a_bomb(&self) {
        let mut left: Vec<Work<'_, _>> = vec![Box::pin(self.db.insert(parcel(-1)))];
        ask(&mut left).await;
    }

    /// Everything comes free, and closes.
    async fn assert_sound(self, step: &str) {
        load::assert_all_lanes_free::<Item>(&self.db, step).await;
        self.db.insert(item(1000)).await.unwrap();
        if !self.db.is_memory() {
            self.db.close().await.unwrap();
            load::assert_sound(&self.folder.path().join("a.db"));
        }
    }
}

/// Runs a test on one thread and on many, in a file and in memory.
fn everywhere(test: impl AsyncFn(Place, &str)) {
    for (threads, runtime) in [("one", load::one_thread()), ("many", load::many_threads())] {
        for memory in [false, true] {
            let step = format!("threads: {threads}, in memory: {memory}");
            runtime.block_on(async { test(place(memory).await, &step).await });
        }
    }
}

#[test]
fn what_was_cancelled_in_the_queue_takes_nobody_along() {
    everywhere(async |place, step| {
        let tx = place.db.begin().await.unwrap();
        place.leave_a_bomb().await;
        place.leave_a_bomb().await;
        let mut behind: Vec<Work<'_, _>> = vec![Box::pin(place.db.insert(item(1))), Box::pin(place.db.insert(item(2)))];
        ask(&mut behind).await;
        place.leave_a_bomb().await;
        tx.commit().await.unwrap();
        for row in crate::together::all(behind).await {
            row.unwrap();
        }
        place.assert_sound(step).await;
    });
}

#[test]
fn what_was_cancelled_while_it_ran_takes_nobody_along() {
    everywhere(async |place, step| {
        let rows = (0..20_000).map(|number| parcel(if number == 19_999 { -1 } else { number }));
        let mut running: Vec<Work<'_, _>> = vec![Box::pin(place.db.bulk_insert(rows))];
        ask(&mut running).await;
        tokio::time::sleep(Duration::from_millis(5)).await;
        let mut behind: Vec<Work<'_, _>> = vec![Box::pin(place.db.insert(item(1))), Box::pin(place.db.insert(item(2)))];
        ask(&mut behind).await;
        drop(running);
        for row in crate::together::all(behind).await {
            row.unwrap();
        }
        place.assert_sound(step).await;
    });
}

/// Rows that were read for nobody.
#[test]
fn what_was_read_for_a_future_that_is_gone_takes_nobody_along() {
    everywhere(async |place, step| {
        let rows = (0..5_000).map(Bomb).map(|content| Parcel::builder().content(content));
        place.db.bulk_insert(rows).await.unwrap();
        place.db.execute("UPDATE parcels SET content = -1 WHERE content = 4999").await.unwrap();
        for millis in 0..10 {
            let mut read: Work<'_, _> = Box::pin(place.db.select::<Parcel>().fetch_all());
            // What is ready for it already is dropped here.
            let quietly = |work: &mut dyn FnMut()| drop(catch_unwind(AssertUnwindSafe(work)));
            poll_fn(|cx| {
                quietly(&mut || drop(read.as_mut().poll(cx)));
                Poll::Ready(())
            })
            .await;
            tokio::time::sleep(Duration::from_millis(millis)).await;
            let mut read = Some(read);
            quietly(&mut || drop(read.take()));
        }
        place.assert_sound(step).await;
    });
}

/// What is taken back from a future that was not polled goes on to the next, on the thread that keeps the time limits: they
/// still hold afterwards.
#[test]
fn time_limits_outlive_what_was_cancelled_behind_an_offer() {
    everywhere(async |place, step| {
        let tx = place.db.begin().await.unwrap();
        let mut slow: Vec<Work<'_, _>> = vec![place.db.begin()];
        ask(&mut slow).await;
        place.leave_a_bomb().await;
        tx.commit().await.unwrap();
        tokio::time::sleep(Duration::from_millis(60)).await;
        let tx = crate::together::all(slow).await.pop().unwrap().unwrap();
        let started = Instant::now();
        let error = place.db.insert(item(1)).await.unwrap_err();
        assert!(matches!(error, Error::QueueTimeout { .. }), "{step}: {error}");
        assert!(started.elapsed() < TURN * 2, "{step}");
        drop(tx);
        place.assert_sound(step).await;
    });
}

/// As one does that sends to an executor which is gone.
struct Broken;

impl Wake for Broken {
    fn wake(self: Arc<Self>) {
        panic!("there is nobody to wake");
    }
}

/// Polls once, to be woken by a waker that panics.
fn poll_brokenly<T>(work: &mut Pin<Box<dyn Future<Output = T> + Send + '_>>) {
    let waker = Waker::from(Arc::new(Broken));
    assert!(work.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
}

#[test]
fn a_waker_that_panics_keeps_nobody_waiting() {
    everywhere(async |place, step| {
        let tx = place.db.begin().await.unwrap();
        let mut transaction: Work<'_, _> = place.db.begin();
        poll_brokenly(&mut transaction);
        let mut first: Work<'_, _> = Box::pin(place.db.insert(item(1)));
        poll_brokenly(&mut first);
        let mut second: Work<'_, _> = Box::pin(place.db.insert(item(2)));
        poll_brokenly(&mut second);
        let mut behind: Vec<Work<'_, _>> = vec![Box::pin(place.db.insert(item(3)))];
        ask(&mut behind).await;
        tx.commit().await.unwrap();
        crate::together::all(behind).await.pop().unwrap().unwrap();
        // They have got what they wanted, if somebody asks.
        first.await.unwrap();
        second.await.unwrap();
        transaction.await.unwrap().rollback().await.unwrap();
        // One whose time is over is woken by the thread that keeps the time limits.
        let tx = place.db.begin().await.unwrap();
        let mut late: Work<'_, _> = Box::pin(place.db.insert(item(4)));
        poll_brokenly(&mut late);
        let other = place.db.insert(item(5)).await;
        assert!(matches!(other, Err(Error::QueueTimeout { .. })), "{step}: {other:?}");
        let told = poll_fn(|cx| match late.as_mut().poll(cx) {
            Poll::Ready(row) => Poll::Ready(Some(row)),
            Poll::Pending => Poll::Ready(None),
        });
        assert!(matches!(told.await, Some(Err(Error::QueueTimeout { .. }))), "{step}");
        drop((tx, late));
        place.assert_sound(step).await;
    });
}
