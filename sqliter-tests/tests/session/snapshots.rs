//! Reads that see one moment: `snapshot` and `begin_read`.

use std::time::Duration;

use sqliter::prelude::*;
use sqliter::{Error, Operation};

#[derive(Debug, Clone, PartialEq, Model)]
#[model(many_to_many(tags = Tag))]
struct Book {
    pk: Key<Book>,
    #[model(unique)]
    title: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(many_to_many(books = Book::tags))]
struct Tag {
    pk: Key<Tag>,
    name: String,
}

fn book(title: &str) -> NewBook {
    NewBook { title: title.to_owned() }
}

async fn titles(session: &Session) -> sqliter::Result<Vec<String>> {
    session.select::<Book>().order(|b| b.pk.asc()).only(|b| b.title).fetch_all().await
}

async fn file(folder: &tempfile::TempDir) -> sqliter::Result<Db> {
    let options = Db::options().path(folder.path().join("a.db")).max_readers(1);
    let db = options.queue_timeout(Duration::from_millis(300)).open().await?;
    db.create_tables::<(Book, Tag)>().await?;
    Ok(db)
}

async fn memory() -> sqliter::Result<Db> {
    let db = Db::options().queue_timeout(Duration::from_millis(300)).open().await?;
    db.create_tables::<(Book, Tag)>().await?;
    Ok(db)
}

#[tokio::test]
async fn all_reads_of_a_snapshot_see_the_moment_of_its_beginning() -> sqliter::Result<()> {
    let folder = tempfile::tempdir().unwrap();
    let db = file(&folder).await?;
    db.insert(book("before")).await?;
    let snapshot = db.begin_read().await?;
    // Nothing was read in it yet.
    let late = db.insert(book("late")).await?;
    sqlx::query("INSERT INTO books (title) VALUES ('pool')").execute(&db.pool()).await.unwrap();
    let other = rusqlite::Connection::open(folder.path().join("a.db")).unwrap();
    other.execute("INSERT INTO books (title) VALUES ('other program')", []).unwrap();
    for _ in 0..3 {
        assert_eq!(titles(&snapshot).await?, ["before"]);
        assert_eq!(snapshot.get(late.pk).await?, None);
        assert_eq!(snapshot.select::<Book>().count().await?, 1);
        assert_eq!(snapshot.query::<i64>("SELECT COUNT(*) FROM books").fetch_required().await?, 1);
        let mut stream = snapshot.select::<Book>().fetch_stream();
        assert_eq!(stream.next().await.transpose()?.map(|b| b.title).as_deref(), Some("before"));
        assert!(stream.next().await.is_none());
        db.select::<Book>().filter(|b| b.title.eq("late")).delete().await?;
    }
    assert!(snapshot.in_transaction());
    drop(snapshot);
    assert_eq!(titles(&db).await?, ["before", "pool", "other program"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_closure_gets_a_snapshot_and_gives_what_it_likes() -> sqliter::Result<()> {
    let folder = tempfile::tempdir().unwrap();
    for db in [file(&folder).await?, memory().await?] {
        db.bulk_insert(["a", "b", "c"].map(book)).await?;
        let (total, page) = db
            .snapshot(async |s| {
                let books = s.select::<Book>().order(|b| b.title.desc());
                Ok((books.clone().count().await?, books.limit(2).only(|b| b.title).fetch_all().await?))
            })
            .await?;
        assert_eq!((total, page), (3, vec!["c".to_owned(), "b".to_owned()]));
        let failed: Result<(), Box<dyn std::error::Error>> = db
            .try_snapshot(async |s| {
                s.select::<Book>().count().await?;
                Err("of the program".into())
            })
            .await;
        assert_eq!(failed.unwrap_err().to_string(), "of the program");
        // Its reader is there again.
        assert_eq!(db.select::<Book>().count().await?, 3);
        db.insert(book("d")).await?;
    }
    Ok(())
}

#[tokio::test]
async fn what_writes_is_refused_in_a_snapshot_and_changes_nothing() -> sqliter::Result<()> {
    let folder = tempfile::tempdir().unwrap();
    for db in [file(&folder).await?, memory().await?] {
        let mut own = db.insert(book("a")).await?;
        let tag = db.insert(Tag::builder().name("t")).await?;
        let snapshot = db.begin_read().await?;
        let returning = "UPDATE books SET title = 'x' RETURNING title";
        let errors = [
            ("insert", snapshot.insert(book("b")).await.err()),
            ("bulk_insert", snapshot.bulk_insert([book("b")]).await.err()),
            ("update", snapshot.update(&mut own).await.err()),
            ("delete", snapshot.delete(own.pk).await.err()),
            ("update many", snapshot.select::<Book>().update(|b| b.title.set("x")).await.err()),
            ("delete many", snapshot.select::<Book>().delete().await.err()),
            ("get_or_create", snapshot.get_or_create(book("b"), |b| b.title).await.err()),
            ("pairs", own.tags(&snapshot).add([&tag]).await.err()),
            ("execute", snapshot.execute("DELETE FROM books").await.err()),
            ("returning", snapshot.query::<String>(returning).fetch_all().await.err()),
            ("create_table", snapshot.create_table::<Book>().await.err()),
            ("drop_table", snapshot.drop_table::<Tag>().await.err()),
            ("begin", snapshot.begin().await.err()),
            ("transaction", snapshot.transaction(async |_| Ok(())).await.err()),
        ];
        for (what, error) in errors {
            let error = error.unwrap_or_else(|| panic!("{what} was done"));
            let Error::SnapshotReads { operation, table } = &error else { panic!("{what}: {error:?}") };
            let text =
                format!("cannot {operation} {table} in a snapshot, which only reads: begin a transaction to write");
            assert_eq!(error.to_string(), text);
        }
        let error = snapshot.insert(book("b")).await.unwrap_err();
        let Error::SnapshotReads { operation: Operation::Insert, table } = &error else { panic!("{error:?}") };
        assert_eq!(table, "books");
        // It goes on.
        assert_eq!(titles(&snapshot).await?, ["a"]);
        drop(snapshot);
        assert_eq!(titles(&db).await?, ["a"]);
        assert!(own.tags(&db).fetch_all().await?.is_empty());
        db.insert(book("b")).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_snapshot_inside_a_transaction_sees_what_that_has_written_and_no_more() -> sqliter::Result<()> {
    let folder = tempfile::tempdir().unwrap();
    for db in [file(&folder).await?, memory().await?] {
        let tx = db.begin().await?;
        tx.insert(book("own")).await?;
        let snapshot = tx.begin_read().await?;
        assert_eq!(titles(&snapshot).await?, ["own"]);
        assert!(matches!(snapshot.insert(book("x")).await, Err(Error::SnapshotReads { .. })));
        // The transaction waits for it, so that nothing changes meanwhile.
        assert!(matches!(tx.insert(book("meanwhile")).await, Err(Error::QueueTimeout { .. })));
        let inside = snapshot.begin_read().await?;
        assert_eq!(titles(&inside).await?, ["own"]);
        drop(inside);
        assert_eq!(snapshot.snapshot(async |s| titles(s).await).await?, ["own"]);
        drop(snapshot);
        tx.insert(book("after")).await?;
        let inner = tx.begin().await?;
        inner.insert(book("inner")).await?;
        assert_eq!(inner.snapshot(async |s| titles(s).await).await?, ["own", "after", "inner"]);
        inner.rollback().await?;
        tx.commit().await?;
        assert_eq!(titles(&db).await?, ["own", "after"]);
    }
    Ok(())
}

#[tokio::test]
async fn a_session_of_a_snapshot_that_has_ended_is_refused() -> sqliter::Result<()> {
    let folder = tempfile::tempdir().unwrap();
    for db in [file(&folder).await?, memory().await?] {
        let snapshot = db.begin_read().await?;
        let kept: Session = (*snapshot).clone();
        assert!(titles(&kept).await?.is_empty());
        drop(snapshot);
        assert!(matches!(titles(&kept).await, Err(Error::TransactionEnded)));
        assert!(matches!(kept.begin_read().await, Err(Error::TransactionEnded)));
        db.insert(book("a")).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_read_that_is_dropped_ends_and_the_snapshot_goes_on() -> sqliter::Result<()> {
    const ENDLESS: &str = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT MAX(x) FROM n";
    let folder = tempfile::tempdir().unwrap();
    for db in [file(&folder).await?, memory().await?] {
        db.insert(book("a")).await?;
        let snapshot = db.begin_read().await?;
        let endless = snapshot.query::<i64>(ENDLESS).fetch_all();
        assert!(tokio::time::timeout(Duration::from_millis(50), endless).await.is_err());
        assert_eq!(titles(&snapshot).await?, ["a"]);
        // So does one with its whole snapshot.
        drop(snapshot);
        let whole = db.snapshot(async |s| s.query::<i64>(ENDLESS).fetch_all().await);
        assert!(tokio::time::timeout(Duration::from_millis(50), whole).await.is_err());
        assert_eq!(titles(&db).await?, ["a"]);
    }
    Ok(())
}

/// In memory there is one connection for everybody.
#[tokio::test]
async fn using_the_database_inside_a_snapshot_in_memory_is_told_at_once() -> sqliter::Result<()> {
    let db = memory().await?;
    let error = db.snapshot(async |_| db.select::<Book>().count().await).await.unwrap_err();
    assert!(matches!(&error, Error::InsideTransaction { .. }), "{error:?}");
    let folder = tempfile::tempdir().unwrap();
    let db = file(&folder).await?;
    db.snapshot(async |s| {
        db.insert(book("beside")).await?;
        assert!(titles(s).await?.is_empty());
        Ok(())
    })
    .await?;
    assert_eq!(titles(&db).await?, ["beside"]);
    Ok(())
}

/// What the documentation warns of.
#[tokio::test]
async fn the_log_begins_anew_when_the_snapshot_has_ended() -> sqliter::Result<()> {
    let folder = tempfile::tempdir().unwrap();
    let db = file(&folder).await?;
    let log = || std::fs::metadata(folder.path().join("a.db-wal")).unwrap().len();
    let snapshot = db.begin_read().await?;
    for i in 0..40 {
        db.bulk_insert((0..50).map(|j| book(&format!("{i} {j} {}", "x".repeat(2_000))))).await?;
    }
    let long = log();
    assert!(long > 4_000_000, "{long}");
    drop(snapshot);
    db.insert(book("moves the log into the file")).await?;
    for i in 0..40 {
        db.bulk_insert((0..50).map(|j| book(&format!("again {i} {j} {}", "x".repeat(2_000))))).await?;
    }
    assert!(log() < long + 2_000_000, "{long}, then {}", log());
    Ok(())
}
