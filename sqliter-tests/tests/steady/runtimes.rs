//! On which runtimes and threads the library works.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use crate::load::{many_threads, one_thread};
use sqliter::Error;
use sqliter::prelude::*;

#[derive(Debug, Clone, PartialEq, Model)]
struct Item {
    pk: Key<Item>,
    number: i64,
}

/// A short write, a short read, statements of both kinds again and again, a transaction and a prefetching chain.
async fn use_it(db: &Db) {
    db.create_table::<Item>().await.unwrap();
    let before = db.select::<Item>().count().await.unwrap();
    for number in 0..5 {
        let item = db.insert(Item::builder().number(number)).await.unwrap();
        assert_eq!(db.get(item.pk).await.unwrap(), Some(item));
        assert!(!db.select::<Item>().filter(|i| i.number.eq(number)).fetch_all().await.unwrap().is_empty());
    }
    db.transaction(async |tx| tx.insert(Item::builder().number(5)).await).await.unwrap();
    assert_eq!(db.select::<Item>().count().await.unwrap(), before + 6);
}

#[test]
fn inside_a_local_set_of_either_runtime() {
    for runtime in [many_threads(), one_thread()] {
        let set = tokio::task::LocalSet::new();
        let db = runtime.block_on(Db::memory()).unwrap();
        set.block_on(&runtime, use_it(&db));
        set.block_on(&runtime, async {
            let tasks: Vec<_> = (0..4)
                .map(|_| {
                    let db = db.clone();
                    tokio::task::spawn_local(async move {
                        // What is not `Send` may live across the awaits.
                        let local = std::rc::Rc::new(1);
                        db.insert(Item::builder().number(*local)).await.unwrap();
                        db.get(Item::key(*local)).await.unwrap().unwrap();
                    })
                })
                .collect();
            for task in tasks {
                task.await.unwrap();
            }
        });
        // And on the same thread outside of it again.
        runtime.block_on(use_it(&db));
    }
}

#[test]
fn inside_a_blocking_thread() {
    for runtime in [many_threads(), one_thread()] {
        runtime.block_on(async {
            let db = Db::memory().await.unwrap();
            let handle = tokio::runtime::Handle::current();
            tokio::task::spawn_blocking(move || handle.block_on(use_it(&db))).await.unwrap();
        });
    }
}

#[test]
fn inside_block_in_place() {
    many_threads().block_on(async {
        let db = Db::memory().await.unwrap();
        let task = tokio::spawn(async move {
            tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(use_it(&db)));
        });
        task.await.unwrap();
    });
}

#[test]
fn on_a_thread_that_only_has_a_handle() {
    let runtime = many_threads();
    let handle = runtime.handle().clone();
    std::thread::spawn(move || {
        handle.block_on(async {
            use_it(&Db::memory().await.unwrap()).await;
        });
    })
    .join()
    .unwrap();
}

#[tokio::test]
async fn inside_select() {
    let db = Db::memory().await.unwrap();
    tokio::select! {
        () = use_it(&db) => {}
        () = tokio::time::sleep(Duration::from_secs(10)) => panic!("too slow"),
    }
}

#[test]
fn futures_can_be_sent_to_another_thread() {
    fn sent<T: Send>(future: T) -> T {
        future
    }
    many_threads().block_on(async {
        let db = sent(Db::memory()).await.unwrap();
        sent(db.create_table::<Item>().into_future()).await.unwrap();
        sent(db.create_tables::<(Item,)>().into_future()).await.unwrap();
        let mut item = sent(db.insert(Item::builder().number(1))).await.unwrap();
        sent(db.bulk_insert([Item::builder().number(2)])).await.unwrap();
        sent(db.get(item.pk)).await.unwrap();
        sent(db.update(&mut item)).await.unwrap();
        sent(db.select::<Item>().filter(|i| i.number.gt(0)).fetch_all()).await.unwrap();
        sent(db.select::<Item>().order(|i| i.number.desc()).fetch_first()).await.unwrap();
        sent(db.select::<Item>().count()).await.unwrap();
        sent(db.select::<Item>().exists()).await.unwrap();
        sent(db.select::<Item>().update(|i| i.number.add(1))).await.unwrap();
        sent(db.select::<Item>().filter(|i| i.number.gt(2)).delete()).await.unwrap();
        sent(db.execute("ANALYZE").into_future()).await.unwrap();
        sent(db.table_names()).await.unwrap();
        let tx = sent(db.begin()).await.unwrap();
        sent(tx.delete(&item)).await.unwrap();
        sent(tx.commit()).await.unwrap();
        sent(db.drop_table::<Item>().into_future()).await.unwrap();
        sent(db.close()).await.unwrap();
        tokio::spawn(async move { use_it(&db).await }).await.unwrap();
    });
}

#[test]
fn a_runtime_without_a_timer_works() {
    for runtime in [
        tokio::runtime::Builder::new_current_thread().build().unwrap(),
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap(),
    ] {
        runtime.block_on(async {
            let db = Db::options().queue_timeout(Duration::from_millis(50)).open().await.unwrap();
            use_it(&db).await;
            // The limit of waiting is kept too.
            let tx = db.begin().await.unwrap();
            let error = db.insert(Item::builder().number(1)).await.unwrap_err();
            assert!(matches!(&error, Error::QueueTimeout { .. }), "{error:?}");
            tx.commit().await.unwrap();
            use_it(&db).await;
            db.close().await.unwrap();
        });
    }
}

/// Runs a future without any runtime.
fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(std::thread::Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(value) => return value,
            Poll::Pending => std::thread::park(),
        }
    }
}

#[test]
fn no_runtime_is_needed() {
    let db = block_on(Db::memory()).unwrap();
    block_on(use_it(&db));
    one_thread().block_on(use_it(&db));
    block_on(db.close()).unwrap();
    drop(db);
}

#[test]
fn a_runtime_that_shuts_down_takes_no_connection_with_it() {
    let db = one_thread().block_on(async {
        let db = Db::options().max_readers(1).open().await.unwrap();
        db.create_table::<Item>().await.unwrap();
        db
    });
    for _ in 0..4 {
        let runtime = many_threads();
        let endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) \
                       INSERT INTO items (number) SELECT x FROM n";
        let clone = db.clone();
        runtime.spawn(async move { clone.execute(endless).await });
        std::thread::sleep(Duration::from_millis(20));
        runtime.shutdown_background();
    }
    one_thread().block_on(async {
        tokio::time::timeout(Duration::from_secs(3), use_it(&db)).await.expect("a connection is lost");
        assert_eq!(db.select::<Item>().count().await.unwrap(), 6);
    });
}

/// The runtime's blocking threads are all taken by callers that wait for the library.
#[test]
fn all_blocking_threads_may_wait_for_the_library() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .max_blocking_threads(4)
        .build()
        .unwrap();
    runtime.block_on(async {
        let db = Db::open(folder.path().join("a.db")).await.unwrap();
        db.create_table::<Item>().await.unwrap();
        let tasks: Vec<_> = (0..4)
            .map(|task| {
                let (db, handle) = (db.clone(), tokio::runtime::Handle::current());
                tokio::task::spawn_blocking(move || {
                    for number in 0..50 {
                        handle.block_on(db.insert(Item::builder().number(task * 100 + number))).unwrap();
                        handle.block_on(db.select::<Item>().count()).unwrap();
                    }
                })
            })
            .collect();
        let all = async {
            for task in tasks {
                task.await.unwrap();
            }
            db.insert(Item::builder().number(-1)).await.unwrap();
        };
        tokio::time::timeout(Duration::from_secs(20), all).await.expect("they wait for each other");
        assert_eq!(db.select::<Item>().count().await.unwrap(), 201);
    });
}

/// One blocking thread, and a stream in whose loop the program writes.
#[test]
fn a_stream_takes_no_thread_of_the_runtime() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().max_blocking_threads(1).build().unwrap();
    runtime.block_on(async {
        for db in [Db::open(folder.path().join("a.db")).await.unwrap(), Db::memory().await.unwrap()] {
            db.create_table::<Item>().await.unwrap();
            db.bulk_insert((0..2000).map(|number| Item::builder().number(number))).await.unwrap();
            let mut stream = db.select::<Item>().fetch_stream();
            let mut rows = 0;
            while let Some(row) = stream.next().await {
                if row.unwrap().number % 500 == 0 {
                    let write = db.insert(Item::builder().number(-1));
                    tokio::time::timeout(Duration::from_secs(10), write)
                        .await
                        .expect("it waits for the stream")
                        .unwrap();
                }
                rows += 1;
            }
            assert_eq!(rows, 2000);
            assert_eq!(db.select::<Item>().count().await.unwrap(), 2004);
        }
    });
}

/// A runtime that is dropped beside open streams and transactions, which go on under another one.
#[test]
fn a_runtime_may_be_dropped_beside_streams_and_transactions() {
    let folder = tempfile::tempdir().unwrap();
    for dropped in [many_threads(), one_thread()] {
        let path = folder.path().join(format!("{:?}.db", dropped.handle().runtime_flavor()));
        let db = dropped.block_on(Db::open(path)).unwrap();
        dropped.block_on(async {
            db.create_table::<Item>().await.unwrap();
            db.bulk_insert((0..2000).map(|number| Item::builder().number(number))).await.unwrap();
        });
        let mut stream = db.select::<Item>().fetch_stream();
        dropped.block_on(stream.next()).unwrap().unwrap();
        let tx = dropped.block_on(db.begin()).unwrap();
        dropped.block_on(tx.insert(Item::builder().number(-1))).unwrap();
        let waiting = db.clone();
        dropped.spawn(async move { waiting.insert(Item::builder().number(-2)).await });
        let started = std::time::Instant::now();
        drop(dropped);
        assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
        one_thread().block_on(async {
            let mut rows = 1;
            while let Some(row) = stream.next().await {
                row.unwrap();
                rows += 1;
            }
            assert_eq!(rows, 2000);
            tx.commit().await.unwrap();
            db.insert(Item::builder().number(-3)).await.unwrap();
        });
    }
}

/// Tasks of two runtimes, and a thread without one, use one database at the same time.
#[test]
fn several_runtimes_share_a_database() {
    let folder = tempfile::tempdir().unwrap();
    let db = block_on(Db::open(folder.path().join("a.db"))).unwrap();
    block_on(db.create_table::<Item>().into_future()).unwrap();
    let work = |db: Db, from: i64| async move {
        for number in from..from + 50 {
            let row = db.insert(Item::builder().number(number)).await.unwrap();
            assert_eq!(db.get(row.pk).await.unwrap(), Some(row));
            db.transaction(async |tx| tx.select::<Item>().filter(|i| i.number.eq(number)).count().await).await.unwrap();
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(|| many_threads().block_on(async { tokio::spawn(work(db.clone(), 0)).await.unwrap() }));
        scope.spawn(|| one_thread().block_on(work(db.clone(), 1000)));
        scope.spawn(|| block_on(work(db.clone(), 2000)));
    });
    assert_eq!(block_on(db.select::<Item>().count()).unwrap(), 150);
}
