//! A future dropped at any of its await points leaves all of its work or nothing, and every connection free.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::{Duration, Instant};

use crate::load;
use sqliter::Error;
use sqliter::prelude::*;
use tokio::runtime::Runtime;

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(books = Book::author))]
struct Author {
    pk: Key<Author>,
    #[model(unique)]
    name: String,
    #[model(default = 0)]
    visits: i64,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(many_to_many(tags = Tag))]
struct Book {
    pk: Key<Book>,
    title: String,
    #[model(on_delete = cascade)]
    author_id: Key<Author>,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Tag {
    pk: Key<Tag>,
    name: String,
}

/// Not created beforehand.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(index(note))]
struct Late {
    pk: Key<Late>,
    note: String,
    author_id: Key<Author>,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Later {
    pk: Key<Later>,
    late_id: Key<Late>,
}

fn author(name: &str) -> NewAuthor {
    NewAuthor { name: name.to_owned(), visits: 0 }
}

fn book(title: &str, author: i64) -> NewBook {
    NewBook { title: title.to_owned(), author_id: Author::key(author) }
}

async fn fill(db: &Db) -> sqliter::Result<()> {
    db.create_tables::<(Author, Book, Tag)>().await?;
    db.bulk_insert(["a", "b", "c"].map(author)).await?;
    db.bulk_insert([("x", 1), ("y", 1), ("z", 2)].map(|(title, by)| book(title, by))).await?;
    let tags = db.bulk_insert((0..4).map(|i| Tag::builder().name(i.to_string()))).await?;
    let x = db.get(Book::key(1)).await?.unwrap();
    x.tags(db).add(&tags[..2]).await
}

/// All that is stored, as text.
async fn content(db: &Db) -> sqliter::Result<String> {
    let pairs: Vec<(i64, i64)> =
        db.query("SELECT books_pk, tags_pk FROM books_tags ORDER BY books_pk, tags_pk").fetch_all().await?;
    let authors = db.select::<Author>().order(|a| a.pk.asc()).fetch_all().await?;
    let books = db.select::<Book>().order(|b| b.pk.asc()).fetch_all().await?;
    let indexes: i64 =
        db.query("SELECT count(*) FROM sqlite_schema WHERE name NOT GLOB 'sqlite_stat*'").fetch_required().await?;
    Ok(format!("{:?} {indexes}\n{authors:?}\n{books:?}\n{pairs:?}", db.table_names().await?))
}

type Work<'a> = Pin<Box<dyn Future<Output = sqliter::Result<()>> + 'a>>;

/// A name, and what is done.
struct Operation {
    name: &'static str,
    run: for<'a> fn(&'a Db) -> Work<'a>,
}

macro_rules! operations {
    ($($name:literal: |$db:ident| $work:expr;)*) => {
        [$(Operation { name: $name, run: |$db| Box::pin(async move { $work; Ok(()) }) }),*]
    };
}

const OPERATIONS: [Operation; 29] = operations! {
    "insert": |db| db.insert(author("new")).await?;
    "insert_with": |db| db.insert_with(author("new"), |a| a.pk.given(Author::key(9))).await?;
    "bulk_insert of a few": |db| db.bulk_insert((0..5).map(|i| author(&i.to_string()))).await?;
    "bulk_insert of many": |db| db.bulk_insert((0..300).map(|i| author(&i.to_string()))).await?;
    "update": |db| {
        let mut ada = Author { pk: Author::key(1), name: "new".to_owned(), visits: 1 };
        db.update(&mut ada).await?
    };
    "bulk_update": |db| {
        let mut all = [1, 2].map(|i| Author { pk: Author::key(i), name: format!("new {i}"), visits: i });
        db.bulk_update(&mut all).await?
    };
    "update of a chain": |db| db.select::<Author>().filter(|a| a.name.ne("c")).update(|a| a.visits.add(1)).await?;
    "delete": |db| db.delete(Author::key(1)).await?;
    "delete of a chain": |db| db.select::<Book>().filter(|b| b.author.name.eq("a")).delete().await?;
    "upsert": |db| db.upsert(author("a"), |a| a.name).update(|a| a.visits.add(1)).await?;
    "get_or_create": |db| db.get_or_create(author("new"), |a| a.name).await?;
    "get": |db| db.get(Author::key(1)).await?;
    "fetch_all": |db| db.select::<Author>().fetch_all().await?;
    "count": |db| db.select::<Author>().count().await?;
    "prefetch": |db| db.select::<Author>().prefetch_related(|a| a.books.with(|b| b.tags)).fetch_all().await?;
    "fetch_related": |db| {
        let authors = db.select::<Author>().fetch_all().await?;
        db.fetch_related(&authors, |a| a.books).await?
    };
    "fetch_stream": |db| {
        let mut rows = db.select::<Author>().fetch_stream();
        while rows.next().await.transpose()?.is_some() {}
    };
    "add": |db| {
        let y = db.get(Book::key(2)).await?.unwrap();
        y.tags(db).add([Tag::key(3), Tag::key(4)]).await?
    };
    "set": |db| {
        let x = db.get(Book::key(1)).await?.unwrap();
        x.tags(db).set([Tag::key(2), Tag::key(3), Tag::key(4)]).await?
    };
    "clear": |db| {
        let x = db.get(Book::key(1)).await?.unwrap();
        x.tags(db).clear().await?
    };
    "execute": |db| db.execute("UPDATE authors SET visits = visits + ?").bind(1).await?;
    "query that writes": |db| db.query::<i64>("DELETE FROM books WHERE pk < 3 RETURNING pk").fetch_all().await?;
    "create_tables": |db| db.create_tables::<(Late, Later)>().await?;
    "drop_table": |db| db.drop_table::<Book>().await?;
    "begin and commit": |db| {
        let tx = db.begin().await?;
        tx.insert(author("new")).await?;
        tx.delete(Author::key(2)).await?;
        tx.commit().await?
    };
    "begin and rollback": |db| {
        let tx = db.begin().await?;
        tx.insert(author("new")).await?;
        tx.rollback().await?
    };
    "transaction": |db| db.transaction(async |tx| {
        let new = tx.insert(author("new")).await?;
        tx.insert(book("by the new", 3)).await?;
        tx.select::<Book>().filter(|b| b.title.eq("y")).delete().await?;
        assert_eq!(tx.select::<Author>().count().await?, 4);
        let x = tx.get(Book::key(1)).await?.unwrap();
        x.tags(tx).set([Tag::key(4)]).await?;
        tx.delete(new.pk).await
    }).await?;
    "nested transactions": |db| db.transaction(async |tx| {
        tx.insert(author("outer")).await?;
        tx.transaction(async |inner| inner.bulk_insert(["inner", "inner too"].map(author)).await).await?;
        let undone = tx.transaction(async |inner| {
            inner.delete(Author::key(1)).await?;
            inner.transaction(async |deeper| deeper.insert(author("deeper")).await).await?;
            inner.insert(author("a name that is taken")).await?;
            inner.insert(author("a name that is taken")).await
        }).await;
        assert!(matches!(undone, Err(Error::UniqueViolation { .. })));
        tx.insert(author("after")).await
    }).await?;
    "transactions at once": |db| db.transaction(async |tx| {
        let one = tx.transaction(async |inner| inner.insert(author("one")).await);
        let (one, two) = tokio::join!(one, tx.insert(author("two")));
        one.and(two)
    }).await?;
};

/// When a future is dropped.
#[derive(Debug, Clone, Copy)]
enum Cut {
    /// As soon as it has been polled so often.
    AfterPolls(usize),
    /// When it is woken after so many polls: what it waited for has happened, and nobody hears of it.
    WhenWoken(usize),
    /// So many microseconds after so many polls: in the middle of what runs on another thread.
    Amid(usize, u64),
}

/// The result of the future unless it is dropped before.
async fn cut<T>(future: impl Future<Output = T>, when: Cut) -> Option<T> {
    let mut future = pin!(future);
    let mut polls = 0;
    poll_fn(|context| {
        if matches!(when, Cut::AfterPolls(0)) || matches!(when, Cut::WhenWoken(limit) if polls > limit) {
            return Poll::Ready(None);
        }
        polls += 1;
        match future.as_mut().poll(context) {
            Poll::Ready(value) => Poll::Ready(Some(value)),
            Poll::Pending => match when {
                Cut::AfterPolls(limit) if polls == limit => Poll::Ready(None),
                Cut::Amid(limit, micros) if polls == limit => {
                    let started = Instant::now();
                    while started.elapsed() < Duration::from_micros(micros) {
                        std::hint::spin_loop();
                    }
                    Poll::Ready(None)
                }
                _ => Poll::Pending,
            },
        }
    })
    .await
}

/// A database of its own, with its file.
struct Fixture {
    db: Db,
    folder: tempfile::TempDir,
}

impl Fixture {
    async fn new(memory: bool) -> Self {
        let folder = load::folder();
        let options = Db::options().max_readers(2);
        let options = if memory { options } else { options.path(folder.path().join("a.db")) };
        let db = options.open().await.unwrap();
        fill(&db).await.unwrap();
        Self { db, folder }
    }

    /// Whether the operation ended before it was dropped. `queued`: it begins while a transaction holds the writer.
    async fn cut_off(self, operation: &Operation, when: Cut, queued: bool, expected: &[String; 2]) -> bool {
        let Self { db, folder } = self;
        let step = format!("{}, dropped {when:?}, queued: {queued}, in memory: {}", operation.name, db.is_memory());
        let held = if queued { Some(db.begin().await.unwrap()) } else { None };
        let ended = cut((operation.run)(&db), when).await;
        if let Some(held) = held {
            held.rollback().await.unwrap();
        }
        if let Some(result) = &ended {
            result.as_ref().unwrap_or_else(|error| panic!("{step}: {error}"));
        }
        load::assert_all_lanes_free::<Tag>(&db, &step).await;
        let [before, after] = expected;
        let now = content_without_books(&db, operation).await;
        match ended {
            Some(_) => assert_eq!(&now, after, "{step}"),
            None => assert!(&now == before || &now == after, "{step}: half of it is there: {now}"),
        }
        db.insert(Tag::builder().name("next")).await.unwrap();
        assert_eq!(db.select::<Tag>().count().await.unwrap(), 5, "{step}");
        if db.is_memory() {
            let sound: String = db.query("PRAGMA integrity_check").fetch_required().await.unwrap();
            assert_eq!(sound, "ok", "{step}");
        } else {
            db.close().await.unwrap();
            load::assert_sound(&folder.path().join("a.db"));
        }
        ended.is_some()
    }
}

/// The content, also where a table has gone.
async fn content_without_books(db: &Db, operation: &Operation) -> String {
    match content(db).await {
        Ok(content) => content,
        Err(error) if operation.name == "drop_table" => error.to_string(),
        Err(error) => panic!("{}: {error}", operation.name),
    }
}

/// The content before an operation and after it.
async fn contents(operation: &Operation, memory: bool) -> [String; 2] {
    let fixture = Fixture::new(memory).await;
    let before = content(&fixture.db).await.unwrap();
    (operation.run)(&fixture.db).await.unwrap();
    [before, content_without_books(&fixture.db, operation).await]
}

/// Drops each operation after every number of polls, until it ends before.
fn at_every_await_point(runtime: &Runtime, memory: bool) {
    const MOST: usize = 100;
    runtime.block_on(async {
        let mut points = 0;
        for operation in &OPERATIONS {
            let expected = contents(operation, memory).await;
            for queued in [false, true] {
                for when in [Cut::AfterPolls, Cut::WhenWoken] {
                    for polls in 0.. {
                        assert!(polls < MOST, "{} does not end", operation.name);
                        // What waits for the transaction that is held is woken only by its end.
                        if queued && (polls > 1 || matches!(when(polls), Cut::WhenWoken(_))) {
                            break;
                        }
                        points += 1;
                        if Fixture::new(memory).await.cut_off(operation, when(polls), queued, &expected).await {
                            break;
                        }
                    }
                }
            }
        }
        println!("in memory: {memory}, dropped at {points} points");
    });
}

#[test]
fn dropped_at_every_await_point_on_one_thread() {
    at_every_await_point(&load::one_thread(), false);
}

#[test]
fn dropped_at_every_await_point_on_many_threads() {
    at_every_await_point(&load::many_threads(), false);
}

#[test]
fn dropped_at_every_await_point_in_memory() {
    at_every_await_point(&load::one_thread(), true);
}

#[test]
#[ignore = "takes some minutes"]
fn long_dropped_at_every_moment() {
    const ROUNDS: u64 = 60;
    for (runtime, memory) in [(load::one_thread(), false), (load::many_threads(), false), (load::one_thread(), true)] {
        let mut ended = 0;
        runtime.block_on(async {
            for operation in &OPERATIONS {
                let expected = contents(operation, memory).await;
                for round in 0..ROUNDS {
                    let when = Cut::Amid(1 + round as usize % 6, round / 6 * 15);
                    ended += u64::from(Fixture::new(memory).await.cut_off(operation, when, false, &expected).await);
                }
            }
        });
        let all = ROUNDS * OPERATIONS.len() as u64;
        println!("in memory: {memory}, {} of {all} dropped before their end", all - ended);
    }
}

/// Closing is dropped at every await point; the next use opens the database again.
#[test]
fn closing_is_dropped_at_every_await_point() {
    for runtime in [load::one_thread(), load::many_threads()] {
        runtime.block_on(async {
            for when in [Cut::AfterPolls, Cut::WhenWoken] {
                for polls in 0..100 {
                    let Fixture { db, folder } = Fixture::new(false).await;
                    let before = content(&db).await.unwrap();
                    // Connections of the readers and of the pool are there to be closed.
                    load::assert_all_lanes_free::<Tag>(&db, "before").await;
                    drop(db.pool().acquire().await.unwrap());
                    let ended = cut(db.close(), when(polls)).await;
                    let step = format!("close, dropped {:?}", when(polls));
                    load::assert_all_lanes_free::<Tag>(&db, &step).await;
                    assert_eq!(content(&db).await.unwrap(), before, "{step}");
                    db.insert(Tag::builder().name("next")).await.unwrap();
                    drop(db.pool().acquire().await.unwrap());
                    db.close().await.unwrap();
                    load::assert_sound(&folder.path().join("a.db"));
                    if let Some(result) = ended {
                        result.unwrap();
                        break;
                    }
                }
            }
        });
    }
}
