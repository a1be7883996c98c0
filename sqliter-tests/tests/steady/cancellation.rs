//! Futures that are dropped while their statement runs, and jobs that panic.

use std::time::{Duration, Instant};

use crate::explosive::Explosive;
use sqliter::prelude::*;

#[derive(Debug, Clone, PartialEq, Model)]
struct Item {
    pk: Key<Item>,
    number: i64,
}

/// Inserts rows without end.
const ENDLESS: &str = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) \
                       INSERT INTO items (number) SELECT x FROM n";

const LIMIT: Duration = Duration::from_millis(100);

/// Far less than the statement would take, which has no end.
const SOON: Duration = Duration::from_secs(10);

async fn databases(folder: &tempfile::TempDir) -> [Db; 2] {
    let file = Db::options().path(folder.path().join("a.db")).max_readers(1).open().await.unwrap();
    let memory = Db::options().max_readers(1).open().await.unwrap();
    for db in [&file, &memory] {
        db.create_table::<Item>().await.unwrap();
    }
    [file, memory]
}

/// The work is dropped near the limit, long before its statement would end.
async fn cut_off<T: std::fmt::Debug>(work: impl IntoFuture<Output = T>) {
    let started = Instant::now();
    let result = tokio::time::timeout(LIMIT, work).await;
    assert!(result.is_err(), "{result:?}");
    assert!(started.elapsed() < LIMIT + Duration::from_secs(5), "{:?}", started.elapsed());
}

async fn count(session: &Session) -> u64 {
    session.select::<Item>().count().await.unwrap()
}

async fn a_long_write_is_interrupted() {
    let folder = tempfile::tempdir().unwrap();
    for db in databases(&folder).await {
        for _ in 0..3 {
            cut_off(db.execute(ENDLESS)).await;
            let started = Instant::now();
            db.insert(Item::builder().number(1)).await.unwrap();
            assert!(started.elapsed() < SOON, "{:?}", started.elapsed());
        }
        assert_eq!(count(&db).await, 3);
        // The cancelled statement must not stop what SQLite does when it closes.
        cut_off(db.execute(ENDLESS)).await;
        db.close().await.unwrap();
    }
}

#[tokio::test]
async fn a_long_write_is_interrupted_on_one_thread() {
    a_long_write_is_interrupted().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_write_is_interrupted_on_many_threads() {
    a_long_write_is_interrupted().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_read_is_interrupted() {
    let folder = tempfile::tempdir().unwrap();
    for db in databases(&folder).await {
        db.execute(
            "CREATE VIEW endless AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) \
                    SELECT x AS pk, x AS number FROM n",
        )
        .await
        .unwrap();
        #[derive(Debug, Clone, PartialEq, Model)]
        #[model(table = "endless")]
        struct Endless {
            pk: Key<Endless>,
            number: i64,
        }
        db.insert(Item::builder().number(1)).await.unwrap();
        for _ in 0..3 {
            cut_off(db.select::<Endless>().count()).await;
            cut_off(db.query::<i64>("SELECT count(*) FROM endless WHERE pk > ?").bind(1).fetch_all()).await;
            let started = Instant::now();
            assert_eq!(count(&db).await, 1);
            assert!(started.elapsed() < SOON, "{:?}", started.elapsed());
        }
        // A statement that used to be short runs on a thread of the runtime; it learns that it has become long.
        cut_off(db.select::<Endless>().filter(|e| e.number.lt(0)).fetch_one()).await;
    }
}

/// SQLite refreshes its statistics when a connection closes, which the cancellation before must not stop.
#[tokio::test]
async fn a_connection_closes_in_order_after_a_cancelled_read() {
    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(table = "items", index(number))]
    struct Indexed {
        pk: Key<Indexed>,
        number: i64,
    }
    let folder = tempfile::tempdir().unwrap();
    let [db, _] = databases(&folder).await;
    db.create_indexes::<Indexed>().await.unwrap();
    db.execute("CREATE VIEW pairs AS SELECT a.pk, a.number FROM items AS a, items AS b, items AS c").await.unwrap();
    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(table = "pairs")]
    struct Pair {
        pk: Key<Pair>,
        number: i64,
    }
    db.bulk_insert((0..50_000).map(|number| Item::builder().number(number % 100))).await.unwrap();
    assert_eq!(db.select::<Item>().filter(|i| i.number.eq(3)).count().await.unwrap(), 500);
    cut_off(db.select::<Pair>().count()).await;
    db.close().await.unwrap();
    let raw = rusqlite::Connection::open(folder.path().join("a.db")).unwrap();
    let analysed: i64 = raw.query_row("SELECT count(*) FROM sqlite_stat1", [], |row| row.get(0)).unwrap();
    assert!(analysed > 0);
}

#[tokio::test]
async fn a_long_bulk_insert_is_interrupted_and_keeps_nothing() {
    let folder = tempfile::tempdir().unwrap();
    for db in databases(&folder).await {
        let many = (0..2_000_000).map(|number| Item::builder().number(number)).collect::<Vec<_>>();
        cut_off(db.bulk_insert(many)).await;
        db.insert(Item::builder().number(-1)).await.unwrap();
        assert_eq!(db.select::<Item>().only(|i| i.number).fetch_all().await.unwrap(), [-1]);
    }
}

#[tokio::test]
async fn select_drops_the_slower_branch() {
    let folder = tempfile::tempdir().unwrap();
    let [db, _] = databases(&folder).await;
    tokio::select! {
        _ = db.execute(ENDLESS) => panic!("it has no end"),
        () = tokio::time::sleep(LIMIT) => {}
    }
    let task = tokio::spawn({
        let db = db.clone();
        async move { db.execute(ENDLESS).await }
    });
    tokio::time::sleep(LIMIT).await;
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    db.insert(Item::builder().number(1)).await.unwrap();
    assert_eq!(count(&db).await, 1);
}

/// Long, and not endless: a write inside a transaction comes to its end.
const LONG: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000) \
                    INSERT INTO items (number) SELECT 7 FROM n WHERE i % 100000 = 0";

/// SQLite would roll the whole transaction back if the write were interrupted: <https://www.sqlite.org/c3ref/interrupt.html>.
#[tokio::test]
async fn a_write_inside_a_transaction_whose_future_is_dropped_ends_and_is_undone() {
    let folder = tempfile::tempdir().unwrap();
    for db in databases(&folder).await {
        let tx = db.begin().await.unwrap();
        tx.insert(Item::builder().number(1)).await.unwrap();
        let inner = tx.begin().await.unwrap();
        inner.insert(Item::builder().number(2)).await.unwrap();
        cut_off(inner.execute(LONG)).await;
        inner.commit().await.unwrap();
        cut_off(tx.execute(LONG)).await;
        tx.insert(Item::builder().number(3)).await.unwrap();
        tx.commit().await.unwrap();
        let numbers = db.select::<Item>().order(|i| i.number.asc()).only(|i| i.number).fetch_all().await.unwrap();
        assert_eq!(numbers, [1, 2, 3]);
    }
}

#[tokio::test]
async fn a_write_is_interrupted_when_its_whole_transaction_is_dropped() {
    let folder = tempfile::tempdir().unwrap();
    for db in databases(&folder).await {
        cut_off(db.transaction(async |tx| {
            tx.insert(Item::builder().number(1)).await?;
            tx.transaction(async |inner| inner.execute(ENDLESS).await).await
        }))
        .await;
        let next = tokio::time::timeout(Duration::from_secs(5), db.insert(Item::builder().number(2)));
        next.await.expect("the write goes on").unwrap();
        assert_eq!(count(&db).await, 1);
    }
}

#[tokio::test]
async fn a_transaction_whose_read_was_interrupted_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    for db in databases(&folder).await {
        db.bulk_insert((0..3000).map(|number| Item::builder().number(number))).await.unwrap();
        let tx = db.begin().await.unwrap();
        tx.insert(Item::builder().number(1)).await.unwrap();
        tx.execute("CREATE VIEW pairs AS SELECT a.pk, a.number FROM items AS a, items AS b, items AS c").await.unwrap();
        #[derive(Debug, Clone, PartialEq, Model)]
        #[model(table = "pairs")]
        struct Pair {
            pk: Key<Pair>,
            number: i64,
        }
        cut_off(tx.select::<Pair>().count()).await;
        tx.insert(Item::builder().number(2)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(count(&db).await, 3002);
    }
}

#[tokio::test]
async fn a_transaction_dropped_during_its_statement_rolls_back() {
    let folder = tempfile::tempdir().unwrap();
    for db in databases(&folder).await {
        cut_off(db.transaction(async |tx| {
            tx.insert(Item::builder().number(1)).await?;
            tx.execute(ENDLESS).await
        }))
        .await;
        assert_eq!(count(&db).await, 0);
        db.insert(Item::builder().number(2)).await.unwrap();
    }
}

#[tokio::test]
async fn begin_dropped_at_any_moment_leaves_no_transaction_open() {
    let folder = tempfile::tempdir().unwrap();
    for db in databases(&folder).await {
        for micros in 0..200 {
            let begun = tokio::time::timeout(Duration::from_micros(micros), db.begin()).await;
            drop(begun);
        }
        tokio::time::timeout(Duration::from_secs(2), db.insert(Item::builder().number(1))).await.unwrap().unwrap();
        assert_eq!(count(&db).await, 1);
    }
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "items")]
struct Bomb {
    pk: Key<Bomb>,
    number: Explosive,
}

async fn panics_lose_no_connection() {
    let folder = tempfile::tempdir().unwrap();
    for db in databases(&folder).await {
        db.insert(Item::builder().number(13)).await.unwrap();
        for round in 0..5 {
            let (a, b, c) = (db.clone(), db.clone(), db.clone());
            let read = tokio::spawn(async move { a.select::<Bomb>().fetch_all().await.map(|_| ()) }).await;
            assert!(read.unwrap_err().is_panic(), "round {round}");
            let read = tokio::spawn(async move { b.get(Bomb::key(1)).await.map(|_| ()) }).await;
            assert!(read.unwrap_err().is_panic(), "round {round}");
            let write = tokio::spawn(async move {
                let drafts = [1, 2, -1].map(|number| Bomb::builder().number(Explosive(number)));
                c.bulk_insert(drafts).await.map(|_| ())
            });
            assert!(write.await.unwrap_err().is_panic(), "round {round}");
        }
        assert_eq!(count(&db).await, 1);
        db.insert(Item::builder().number(14)).await.unwrap();
        assert_eq!(db.get(Bomb::key(2)).await.unwrap().unwrap().number, Explosive(14));
    }
}

#[tokio::test]
async fn panics_lose_no_connection_on_one_thread() {
    panics_lose_no_connection().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn panics_lose_no_connection_on_many_threads() {
    panics_lose_no_connection().await;
}

/// A caught panic must not leave half of a bulk insert in a transaction that is committed.
#[tokio::test]
async fn a_panic_inside_a_transaction_undoes_its_own_statement() {
    use std::panic::AssertUnwindSafe;
    let folder = tempfile::tempdir().unwrap();
    for db in databases(&folder).await {
        let tx = db.begin().await.unwrap();
        tx.insert(Item::builder().number(7)).await.unwrap();
        let drafts = [1, 2, -1].map(|number| Bomb::builder().number(Explosive(number)));
        let caught = catch(AssertUnwindSafe(tx.bulk_insert(drafts))).await;
        assert!(caught.is_err());
        tx.insert(Item::builder().number(8)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(db.select::<Item>().only(|i| i.number).fetch_all().await.unwrap(), [7, 8]);
    }
}

/// The result of a future, or its panic.
async fn catch<F: Future>(future: std::panic::AssertUnwindSafe<F>) -> std::thread::Result<F::Output> {
    let mut future = Box::pin(future.0);
    std::future::poll_fn(move |context| {
        match std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| future.as_mut().poll(context))) {
            Ok(std::task::Poll::Ready(value)) => std::task::Poll::Ready(Ok(value)),
            Ok(std::task::Poll::Pending) => std::task::Poll::Pending,
            Err(panic) => std::task::Poll::Ready(Err(panic)),
        }
    })
    .await
}
