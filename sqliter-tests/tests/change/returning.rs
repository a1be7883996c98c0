//! Updates and deletions of a chain that give back what they have written.

use std::time::{Duration, UNIX_EPOCH};

use sqliter::bounds::Returning;
use sqliter::prelude::*;
use sqliter::{CacheOptions, Error, Operation};
use sqliter_tests::listener::{single, told_in};
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(books = Book::author))]
struct Author {
    pk: Key<Author>,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(notes = Note::book))]
struct Book {
    pk: Key<Book>,
    title: String,
    #[model(default = 0)]
    pages: i64,
    #[model(generated = "upper(title)")]
    loud: String,
    author_id: Key<Author>,
    updated_at: i64,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Note {
    pk: Key<Note>,
    #[model(on_delete = cascade)]
    book_id: Key<Book>,
}

/// Four books of two authors, with 100 to 400 pages.
async fn fill(db: &Db) -> sqliter::Result<()> {
    db.create_tables::<(Author, Book, Note)>().await?;
    let authors = db.bulk_insert(["Ada", "Bob"].map(|name| Author::builder().name(name))).await?;
    let books = (1..=4_i64)
        .map(|i| Book::builder().title(format!("b{i}")).pages(i * 100).author_id(&authors[if i < 3 { 0 } else { 1 }]));
    db.bulk_insert(books).await?;
    Ok(())
}

async fn library() -> Db {
    let db = Db::options().clock(|| UNIX_EPOCH + Duration::from_secs(1000)).open().await.unwrap();
    fill(&db).await.unwrap();
    db
}

async fn all(session: &Session) -> Vec<Book> {
    session.select::<Book>().order(|b| b.pk.asc()).fetch_all().await.unwrap()
}

fn sorted<T: Ord>(mut rows: Vec<T>) -> Vec<T> {
    rows.sort();
    rows
}

#[tokio::test]
async fn an_update_gives_values_of_the_rows_as_they_are_afterwards() -> sqliter::Result<()> {
    let db = library().await;
    let third = db.select::<Book>().filter(|b| b.pages.eq(300));
    let (pages,): (i64,) = third.update(|b| b.pages.add(1)).returning(|b| b.pages).fetch_required().await?;
    assert_eq!(pages, 301);
    let long = db.select::<Book>().filter(|b| b.pages.gt(300));
    let rows: Vec<(Key<Book>, String, i64)> = long
        .update(|b| b.title.set(b.title.upper()))
        .returning(|b| (b.pk, b.loud, b.pages + b.updated_at))
        .fetch_all()
        .await?;
    assert_eq!(sorted(rows), [(Book::key(3), "B3".to_owned(), 1301), (Book::key(4), "B4".to_owned(), 1400)]);
    Ok(())
}

#[tokio::test]
async fn whole_rows_come_with_their_generated_columns_and_timestamps() -> sqliter::Result<()> {
    let db = library().await;
    db.execute("UPDATE books SET updated_at = 1").await?;
    let rows = db.select::<Book>().filter(|b| b.pages.lt(200)).update(|b| b.title.set("new")).returning_rows();
    let row = rows.fetch_only().await?;
    assert_eq!((row.title.as_str(), row.loud.as_str(), row.updated_at), ("new", "NEW", 1000));
    assert_eq!(db.get(row.pk).await?, Some(row));
    Ok(())
}

#[tokio::test]
async fn a_deletion_gives_the_rows_as_they_were() -> sqliter::Result<()> {
    let db = library().await;
    db.insert(Note::builder().book_id(Book::key(1))).await?;
    let before = all(&db).await;
    let mut gone = db.select::<Book>().filter(|b| b.pages.lt(300)).delete().returning_rows().fetch_all().await?;
    gone.sort_by_key(|book| book.pk);
    assert_eq!(gone, before[..2]);
    assert_eq!(all(&db).await, before[2..]);
    assert_eq!(db.select::<Note>().count().await?, 0, "what a foreign key deletes is not given, and is gone");
    let none = db.select::<Book>().filter(|b| b.pages.gt(9000)).delete().returning(|b| b.pk);
    assert_eq!(none.fetch_one().await?, None);
    Ok(())
}

#[tokio::test]
async fn the_rows_are_those_of_the_chain() -> sqliter::Result<()> {
    let db = library().await;
    let middle = db.select::<Book>().order(|b| b.pages.desc()).offset(1).limit(2);
    let rows = middle.clone().update(|b| b.pages.add(5)).returning(|b| b.title).fetch_all().await?;
    assert_eq!(sorted(rows), ["b2", "b3"].map(|title| (title.to_owned(),)));
    // By related rows, and with a value of theirs: one statement over both tables.
    let of_ada = db.select::<Book>().filter(|b| b.author.name.eq("Ada"));
    let rows = of_ada.clone().update(|b| b.title.set(b.author.name)).returning(|b| (b.pk, b.title)).fetch_all().await?;
    assert_eq!(sorted(rows), [1, 2].map(|key| (Book::key(key), "Ada".to_owned())));
    let rows = middle.delete().returning(|b| b.pages).fetch_all().await?;
    assert_eq!(sorted(rows), [(205,), (305,)]);
    let rows = db.update_where::<Book, _>(|b| b.pages.eq(100), |b| b.pages.set(1)).returning(|b| b.pages);
    assert_eq!(rows.fetch_all().await?, [(1,)]);
    assert_eq!(db.select::<Book>().limit(0).update(|b| b.pages.set(1)).returning_rows().fetch_all().await?, []);
    Ok(())
}

#[test]
fn the_statements_are_those_of_the_write_with_a_returning_clause() {
    let events = told_in(&single(), async {
        let db = Db::memory().await?;
        fill(&db).await?;
        let books = db.select::<Book>();
        books
            .clone()
            .filter(|b| b.pk.eq(Book::key(1)))
            .update(|b| b.pages.add(1))
            .returning(|b| b.pages)
            .fetch_one()
            .await?;
        books.clone().order(|b| b.pages.asc()).limit(1).update(|b| b.pages.set(1)).returning_rows().fetch_one().await?;
        books
            .clone()
            .update(|b| b.title.set(b.author.name))
            .returning(|b| (b.pk, b.title.length()))
            .fetch_one()
            .await?;
        books.clone().filter(|b| b.pages.gt(300)).delete().returning(|b| b.pk).fetch_all().await?;
        db.transaction(async |tx| {
            tx.select::<Book>().filter(|b| b.pages.gt(300)).delete().returning_rows().fetch_all().await.map(drop)
        })
        .await
    });
    // What has no time left where it is asked for runs anew on a thread.
    let mut seen: Vec<_> = events
        .iter()
        .filter(|event| !event.operation().contains("table") && !event.operation().contains("insert"))
        .map(as_told)
        .collect();
    seen.dedup();
    insta::assert_snapshot!(seen.join("\n"), @r#"
    update(books): UPDATE "books" SET "pages" = checked_i64("pages" + ?, 'pages'), "updated_at" = ? WHERE "pk" = ? RETURNING "pages"
    update(books): UPDATE "books" SET "pages" = ?, "updated_at" = ? WHERE "pk" IN (SELECT "pk" FROM "books" ORDER BY "pages", "pk" LIMIT 1) RETURNING "pk", "title", "pages", "loud", "author_id", "updated_at"
    update(books): UPDATE "books" AS t0 SET "title" = t1.v0, "updated_at" = t1.v1 FROM (SELECT t2."pk" AS k, t3."name" AS v0, ? AS v1 FROM "books" AS t2 LEFT JOIN "authors" AS t3 ON t3."pk" = t2."author_id") AS t1 WHERE t0."pk" = t1.k RETURNING "pk", length("title")
    delete(books): DELETE FROM "books" WHERE "pages" > ? RETURNING "pk"
    execute(): BEGIN IMMEDIATE
    delete(books): SAVEPOINT work
    delete(books): DELETE FROM "books" WHERE "pages" > ? RETURNING "pk", "title", "pages", "loud", "author_id", "updated_at"
    delete(books): RELEASE work
    execute(): COMMIT
    "#);
}

fn as_told(event: &sqliter_tests::listener::Event) -> String {
    format!("{}: {}", event.operation(), event.sql())
}

#[tokio::test]
async fn a_value_that_does_not_fit_undoes_the_write() -> sqliter::Result<()> {
    let db = Db::memory().await?;
    db.execute("CREATE TABLE authors (pk INTEGER PRIMARY KEY, name)").await?;
    db.execute("INSERT INTO authors VALUES (1, 'Ada'), (2, 7), (3, 'Cid')").await?;
    let stored = "SELECT count(*) FROM authors WHERE typeof(name) = 'integer'";
    fn delete(session: &Session) -> Returning<'_, (String,)> {
        session.select::<Author>().delete().returning(|a| a.name)
    }
    for _ in 0..2 {
        assert!(matches!(delete(&db).fetch_one().await, Err(Error::Decode { .. })));
        assert_eq!(db.select::<Author>().count().await?, 3);
    }
    db.transaction(async |tx| {
        tx.insert(Author::builder().name("Dan")).await?;
        assert!(matches!(delete(tx).fetch_all().await, Err(Error::Decode { .. })));
        assert_eq!(tx.select::<Author>().count().await?, 4);
        Ok(())
    })
    .await?;
    assert_eq!(db.select::<Author>().count().await?, 4, "the transaction goes on, and what it did before is kept");
    assert_eq!(db.query::<i64>(stored).fetch_required().await?, 1);
    Ok(())
}

#[tokio::test]
async fn fetch_only_writes_one_row_or_nothing() -> sqliter::Result<()> {
    let db = library().await;
    let before = all(&db).await;
    fn title(session: &Session, key: i64) -> Returning<'_, (Key<Book>,)> {
        session.select::<Book>().filter(|b| b.pk.ge(Book::key(key))).update(|b| b.title.set("x")).returning(|b| b.pk)
    }
    match title(&db, 2).fetch_only().await {
        Err(Error::SeveralRecords { table, found: 3 }) => assert_eq!(table, "books"),
        other => panic!("{other:?}"),
    }
    let tx = db.begin().await?;
    assert!(matches!(title(&tx, 2).fetch_only().await, Err(Error::SeveralRecords { .. })));
    tx.commit().await?;
    assert_eq!(all(&db).await, before);
    assert!(matches!(title(&db, 9).fetch_only().await, Err(Error::RecordNotFound { .. })));
    assert!(matches!(title(&db, 9).fetch_required().await, Err(Error::RecordNotFound { .. })));
    assert_eq!(title(&db, 4).fetch_only().await?, (Book::key(4),));
    // Which row is given says nothing about which are written.
    assert!(title(&db, 2).fetch_one().await?.is_some());
    assert_eq!(db.select::<Book>().filter(|b| b.title.eq("x")).count().await?, 3);
    Ok(())
}

#[tokio::test]
async fn values_of_related_rows_are_refused_before_anything_is_written() -> sqliter::Result<()> {
    let db = library().await;
    let before = all(&db).await;
    let statements = db.statement_count();
    let rows = db.select::<Book>().update(|b| b.pages.set(1)).returning(|b| (b.pk, b.author.name.upper()));
    match rows.fetch_all().await {
        Err(error @ Error::ReturningRelated { .. }) => assert_eq!(
            error.to_string(),
            "a write to books cannot give back value, which comes from related rows: give back the key, and read them \
             afterwards"
        ),
        other => panic!("{other:?}"),
    }
    let rows = db.select::<Book>().delete().returning(|b| b.notes.count().alias("notes"));
    assert!(matches!(rows.fetch_all().await, Err(Error::ReturningRelated { value, .. }) if value == "notes"));
    assert_eq!(db.statement_count(), statements, "nothing ran");
    assert_eq!(all(&db).await, before);
    Ok(())
}

#[tokio::test]
async fn a_row_that_a_trigger_ignores_is_neither_written_nor_given() -> sqliter::Result<()> {
    let db = library().await;
    db.execute("CREATE TRIGGER keep BEFORE DELETE ON books WHEN old.pages = 200 BEGIN SELECT RAISE(IGNORE); END")
        .await?;
    let gone = db.select::<Book>().delete().returning(|b| b.pages).fetch_all().await?;
    assert_eq!(sorted(gone), [(100,), (300,), (400,)]);
    assert_eq!(all(&db).await.len(), 1);
    Ok(())
}

#[tokio::test]
async fn what_refuses_a_write_is_told_as_ever() -> sqliter::Result<()> {
    let db = library().await;
    let to_nobody = db.select::<Book>().update(|b| b.author_id.set(Author::key(99))).returning_rows();
    match to_nobody.fetch_all().await {
        Err(Error::ForeignKeyViolation { operation: Operation::Update, columns, .. }) => {
            assert_eq!(columns, ["author_id"])
        }
        other => panic!("{other:?}"),
    }
    match db.select::<Author>().delete().returning_rows().fetch_all().await {
        Err(Error::ForeignKeyViolation { operation: Operation::Delete, columns, .. }) => {
            assert_eq!(columns, ["books.author_id"]);
        }
        other => panic!("{other:?}"),
    }
    db.snapshot(async |s| {
        let refused = s.select::<Book>().delete().returning_rows().fetch_all().await;
        assert!(matches!(refused, Err(Error::SnapshotReads { operation: Operation::Delete, .. })));
        Ok(())
    })
    .await?;
    db.execute("ALTER TABLE notes RENAME TO old_notes").await?;
    db.execute("CREATE VIEW notes AS SELECT pk, book_id FROM old_notes").await?;
    let from_view = db.select::<Note>().delete().returning(|n| n.pk).fetch_all().await;
    assert!(matches!(from_view, Err(Error::NotATable { .. })));
    Ok(())
}

#[tokio::test]
async fn nothing_stale_is_read_afterwards() -> sqliter::Result<()> {
    let db = Db::options().cache(CacheOptions::default()).open().await?;
    fill(&db).await?;
    let pages = db.select::<Book>().filter(|b| b.pages.gt(300)).only(|b| b.pages);
    assert_eq!(pages.clone().fetch_all().await?, [400]);
    let rows = db.select::<Book>().filter(|b| b.pages.gt(300)).update(|b| b.pages.add(1)).returning(|b| b.pages);
    assert_eq!(rows.fetch_all().await?, [(401,)]);
    assert_eq!(pages.fetch_all().await?, [401]);
    Ok(())
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Ticket {
    pk: Key<Ticket>,
    code: Uuid,
    seats: i64,
}

#[tokio::test]
async fn a_table_of_another_program_gives_back_what_it_holds() -> sqliter::Result<()> {
    let db = Db::memory().await?;
    db.execute("CREATE TABLE tickets (pk INTEGER PRIMARY KEY, code TEXT COLLATE NOCASE, seats)").await?;
    let code = Uuid::from_u128(0xabc);
    let upper = code.to_string().to_uppercase();
    db.execute("INSERT INTO tickets VALUES (1, ?1, 2), (2, 'ffffffff-ffff-ffff-ffff-ffffffffffff', 3)")
        .bind(upper)
        .await?;
    let row = db.select::<Ticket>().filter(|t| t.code.eq(code)).update(|t| t.seats.add(1)).returning_rows();
    assert_eq!(row.fetch_only().await?, Ticket { pk: Ticket::key(1), code, seats: 3 });
    let gone = db.select::<Ticket>().filter(|t| t.code.eq(code)).delete().returning(|t| (t.code, t.seats + 1_i64));
    assert_eq!(gone.fetch_all().await?, [(code, 4)]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_moved_into_the_file_however_few_rows_are_taken() -> sqliter::Result<()> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("books.db");
    let db = Db::open(&path).await?;
    fill(&db).await?;
    let long = "x".repeat(3000);
    for i in 0..2000 {
        let title = format!("{i}{long}");
        db.select::<Book>().update(|b| b.title.set(title)).returning(|b| b.pk).fetch_one().await?;
    }
    let log = std::fs::metadata(folder.path().join("books.db-wal")).unwrap().len();
    assert!(log < 16_000_000, "{log} bytes");
    Ok(())
}

#[tokio::test]
async fn a_change_is_a_future_and_can_be_sent() -> sqliter::Result<()> {
    fn sent<T: Send>(value: T) -> T {
        value
    }
    let db = library().await;
    let first = db.select::<Book>().filter(|b| b.pages.eq(100));
    let (a, b) = tokio::join!(
        sent(first.clone().update(|b| b.pages.add(1))),
        sent(first.clone().delete().returning_rows()).fetch_all()
    );
    assert_eq!((a?, b?.len()), (1, 0));
    let task = tokio::spawn(async move {
        db.select::<Book>().filter(|b| b.pages.eq(101)).delete().returning(|b| b.pages).fetch_required().await
    });
    assert_eq!(task.await.unwrap()?, (101,));
    Ok(())
}
