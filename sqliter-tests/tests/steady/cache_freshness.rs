//! Whoever writes, and however: the cache gives nothing stale.

use std::future::{Future, poll_fn};
use std::path::PathBuf;
use std::task::Poll;

use sqliter::prelude::*;
use sqliter::{CacheOptions, Error, sqlx};
use sqliter_tests::process_of;

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(books = Book::author, edited = Book::editor))]
struct Author {
    pk: Key<Author>,
    #[model(unique)]
    name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(many_to_many(tags = Tag))]
struct Book {
    pk: Key<Book>,
    title: String,
    #[model(on_delete = cascade)]
    author_id: Key<Author>,
    #[model(on_delete = set_null)]
    editor_id: Option<Key<Author>>,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Tag {
    pk: Key<Tag>,
    #[model(unique)]
    name: String,
    #[model(default = 0)]
    uses: i64,
}

struct Library {
    db: Db,
    path: PathBuf,
    ada: Author,
    bob: Author,
    /// By Ada, edited by Bob.
    notes: Book,
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

/// A file with a cache.
async fn library(folder: &tempfile::TempDir) -> Library {
    let path = folder.path().join("library.db");
    let db = Db::options().path(&path).cache(CacheOptions::default()).open().await.unwrap();
    db.create_tables::<(Author, Book, Tag)>().await.unwrap();
    let ada = db.insert(Author::builder().name("Ada")).await.unwrap();
    let bob = db.insert(Author::builder().name("Bob")).await.unwrap();
    let notes = db.insert(Book::builder().title("Notes").author_id(&ada).editor_id(&bob)).await.unwrap();
    Library { db, path, ada, bob, notes }
}

/// The names of the authors, asked for twice: the second answer comes from the cache.
async fn names(db: &Db) -> Vec<String> {
    let names = db.select::<Author>().order(|a| a.pk.asc()).only(|a| a.name);
    let first = names.clone().fetch_all().await.unwrap();
    let hits = db.cache_stats().hits;
    assert_eq!(names.fetch_all().await.unwrap(), first);
    assert_eq!(db.cache_stats().hits, hits + 1, "the answer was kept");
    first
}

#[tokio::test(flavor = "multi_thread")]
async fn every_write_is_seen() -> sqliter::Result<()> {
    let folder = folder();
    let Library { db, mut ada, bob, .. } = library(&folder).await;
    assert_eq!(names(&db).await, ["Ada", "Bob"]);
    db.insert(Author::builder().name("Cleo")).await?;
    assert_eq!(names(&db).await, ["Ada", "Bob", "Cleo"]);
    db.bulk_insert(["Dan", "Eve"].map(|name| Author::builder().name(name))).await?;
    assert_eq!(names(&db).await, ["Ada", "Bob", "Cleo", "Dan", "Eve"]);
    ada.name = "Lovelace".to_owned();
    db.update(&mut ada).await?;
    assert_eq!(names(&db).await, ["Lovelace", "Bob", "Cleo", "Dan", "Eve"]);
    db.delete(&bob).await?;
    assert_eq!(names(&db).await, ["Lovelace", "Cleo", "Dan", "Eve"]);
    db.select::<Author>().filter(|a| a.name.eq("Cleo")).update(|a| a.name.set("C")).await?;
    assert_eq!(names(&db).await, ["Lovelace", "C", "Dan", "Eve"]);
    db.select::<Author>().filter(|a| a.name.is_in(["Dan", "Eve"])).delete().await?;
    assert_eq!(names(&db).await, ["Lovelace", "C"]);
    db.execute("UPDATE authors SET name = 'R' WHERE name = 'C'").await?;
    assert_eq!(names(&db).await, ["Lovelace", "R"]);
    let raw = db.query::<String>("UPDATE authors SET name = ? WHERE name = ? RETURNING name").bind("Raw").bind("R");
    assert_eq!(raw.fetch_all().await?, ["Raw"]);
    assert_eq!(names(&db).await, ["Lovelace", "Raw"]);
    db.transaction(async |tx| tx.insert(Author::builder().name("Within")).await).await?;
    assert_eq!(names(&db).await, ["Lovelace", "Raw", "Within"]);
    db.create_tables::<(Author, Book)>().force().await?;
    assert_eq!(names(&db).await, [""; 0]);
    db.insert(Author::builder().name("Zoe")).await?;
    assert_eq!(names(&db).await, ["Zoe"]);
    db.drop_table::<Author>().await?;
    let gone = db.select::<Author>().order(|a| a.pk.asc()).only(|a| a.name).fetch_all().await;
    assert!(matches!(gone, Err(Error::RecordFetch { .. })), "{gone:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_nothing_leaves_the_cache_right() -> sqliter::Result<()> {
    let folder = folder();
    let Library { db, .. } = library(&folder).await;
    assert_eq!(names(&db).await, ["Ada", "Bob"]);
    let misses = db.cache_stats().misses;
    assert!(db.insert(Author::builder().name("Ada")).await.is_err());
    assert!(db.bulk_insert(["New", "Ada"].map(|name| Author::builder().name(name))).await.is_err());
    assert!(db.delete(Author::key(99)).await.is_err());
    let nobody = db.select::<Author>().filter(|a| a.name.eq("Nobody"));
    assert_eq!(nobody.clone().update(|a| a.name.set("x")).await?, 0);
    assert_eq!(nobody.delete().await?, 0);
    assert_eq!(names(&db).await, ["Ada", "Bob"]);
    assert_eq!(db.cache_stats().misses, misses, "no commit, no miss");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_cascade_changes_is_seen() -> sqliter::Result<()> {
    let folder = folder();
    let Library { db, ada, bob, notes, .. } = library(&folder).await;
    let books = async || db.select::<Book>().fetch_all().await;
    assert_eq!((books().await?, db.get(&notes).await?), (vec![notes.clone()], Some(notes.clone())));
    db.delete(&bob).await?;
    let unedited = Book { editor_id: None, ..notes.clone() };
    assert_eq!((books().await?, db.get(&notes).await?), (vec![unedited.clone()], Some(unedited)));
    db.delete(&ada).await?;
    assert_eq!((books().await?, db.get(&notes).await?), (vec![], None));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn results_over_several_tables_follow_each_of_them() -> sqliter::Result<()> {
    let folder = folder();
    let Library { db, mut ada, bob, notes, .. } = library(&folder).await;
    let joined = async || db.select::<Book>().select_related(|b| b.author).fetch_required().await;
    let filtered = async || db.select::<Book>().filter(|b| b.author.name.eq("Ada")).fetch_all().await;
    let counted = async || db.select::<Author>().with_count(|a| a.books).order(|a| a.pk.asc()).fetch_all().await;
    let prefetched = async || db.select::<Author>().prefetch_related(|a| a.books).fetch_first().await;
    let lazy = async || notes.author(&db).fetch().await;
    let reverse = async || bob.edited(&db).fetch_all().await;
    assert_eq!(joined().await?, (notes.clone(), ada.clone()));
    assert_eq!(filtered().await?, [notes.clone()]);
    assert_eq!(counted().await?, [(ada.clone(), 1), (bob.clone(), 0)]);
    assert_eq!(prefetched().await?, Some((ada.clone(), vec![notes.clone()])));
    assert_eq!(lazy().await?, ada);
    assert_eq!(reverse().await?, [notes.clone()]);

    ada.name = "Lovelace".to_owned();
    db.update(&mut ada).await?;
    assert_eq!(joined().await?, (notes.clone(), ada.clone()));
    assert_eq!(filtered().await?, []);
    assert_eq!(lazy().await?, ada);
    let more = db.insert(Book::builder().title("More").author_id(&ada)).await?;
    assert_eq!(counted().await?, [(ada.clone(), 2), (bob.clone(), 0)]);
    assert_eq!(prefetched().await?, Some((ada, vec![notes, more])));
    db.select::<Book>().update(|b| b.editor_id.set(None)).await?;
    assert_eq!(reverse().await?, []);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_through_relations_are_seen() -> sqliter::Result<()> {
    let folder = folder();
    let Library { db, ada, notes, .. } = library(&folder).await;
    let [rust, sql] = ["rust", "sql"].map(|name| Tag::builder().name(name));
    let tags = db.bulk_insert([rust, sql]).await?;
    let related = async || notes.tags(&db).only(|t| t.name).fetch_all().await;
    assert_eq!(related().await?, [""; 0]);
    notes.tags(&db).add(&tags).await?;
    assert_eq!(related().await?, ["rust", "sql"]);
    notes.tags(&db).remove([&tags[0]]).await?;
    assert_eq!(related().await?, ["sql"]);
    notes.tags(&db).set([&tags[0]]).await?;
    assert_eq!(related().await?, ["rust"]);
    notes.tags(&db).select().update(|t| t.name.set("Rust")).await?;
    assert_eq!(related().await?, ["Rust"]);
    notes.tags(&db).clear().await?;
    assert_eq!(related().await?, [""; 0]);
    let titles = async || ada.books(&db).only(|b| b.title).fetch_all().await;
    assert_eq!(titles().await?, ["Notes"]);
    ada.books(&db).update(|b| b.title.set("x")).await?;
    assert_eq!(titles().await?, ["x"]);
    ada.books(&db).delete().await?;
    assert_eq!(titles().await?, [""; 0]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_of_many_rows_and_of_rows_that_may_be_there_are_seen() -> sqliter::Result<()> {
    let folder = folder();
    let Library { db, .. } = library(&folder).await;
    let tags = async || db.select::<Tag>().order(|t| t.pk.asc()).fields(|t| (t.name, t.uses)).fetch_all().await;
    let expect = async |expected: &[(&str, i64)]| {
        let expected: Vec<_> = expected.iter().map(|(name, uses)| ((*name).to_owned(), *uses)).collect();
        let before = db.cache_stats();
        assert_eq!(tags().await?, expected);
        assert_eq!(tags().await?, expected);
        let after = db.cache_stats();
        assert_eq!((after.hits, after.misses), (before.hits + 1, before.misses + 1), "read once, then cached");
        Ok::<_, Error>(())
    };
    let tag = |name: &str| Tag::builder().name(name).build();
    expect(&[]).await?;
    db.insert_with(tag("a"), |t| t.pk.given(Tag::key(5))).await?;
    expect(&[("a", 0)]).await?;
    db.bulk_insert_with([(tag("b"), 6)], |t, key| t.pk.given(Tag::key(key))).await?;
    expect(&[("a", 0), ("b", 0)]).await?;
    db.update_where::<Tag, _>(|t| t.name.eq("a"), |t| t.uses.add(1)).await?;
    expect(&[("a", 1), ("b", 0)]).await?;
    let mut rows = db.select::<Tag>().bypass_cache().fetch_all().await?;
    rows.iter_mut().for_each(|tag| tag.uses += 10);
    db.bulk_update(&mut rows).await?;
    expect(&[("a", 11), ("b", 10)]).await?;
    db.upsert(tag("a"), |t| t.name).update(|t| t.uses).await?;
    expect(&[("a", 0), ("b", 10)]).await?;
    db.upsert(tag("c"), |t| t.name).ignore().await?;
    expect(&[("a", 0), ("b", 10), ("c", 0)]).await?;
    db.get_or_create(tag("d"), |t| t.name).await?;
    expect(&[("a", 0), ("b", 10), ("c", 0), ("d", 0)]).await?;
    let hits = db.cache_stats().hits;
    db.get_or_create(tag("d"), |t| t.name).await?;
    tags().await?;
    assert_eq!(db.cache_stats().hits, hits + 1, "getting writes nothing, so that the cache stays good");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_reads_past_the_cache_and_leaves_nothing_in_it() -> sqliter::Result<()> {
    let folder = folder();
    let Library { db, ada, .. } = library(&folder).await;
    assert_eq!(names(&db).await, ["Ada", "Bob"]);
    let kept = db.cache_stats();
    let all =
        async |session: &Session| session.select::<Author>().order(|a| a.pk.asc()).only(|a| a.name).fetch_all().await;
    let tx = db.begin().await?;
    tx.insert(Author::builder().name("Ghost")).await?;
    assert_eq!(all(&tx).await?, ["Ada", "Bob", "Ghost"]);
    tx.get(ada.pk).await?;
    let inner = tx.begin().await?;
    inner.select::<Author>().update(|a| a.name.set(a.name.lower())).await?;
    assert_eq!(all(&inner).await?, ["ada", "bob", "ghost"]);
    inner.rollback().await?;
    assert_eq!(all(&tx).await?, ["Ada", "Bob", "Ghost"]);
    assert_eq!(db.cache_stats(), kept, "nothing was looked up or kept");
    // Others go on with what is committed.
    assert_eq!(names(&db).await, ["Ada", "Bob"]);
    tx.rollback().await?;
    assert_eq!(names(&db).await, ["Ada", "Bob"]);
    assert_eq!(db.cache_stats().misses, kept.misses);

    let failed = db
        .transaction(async |tx| {
            tx.select::<Author>().delete().await?;
            assert_eq!(all(tx).await?, [""; 0]);
            Err::<(), _>(Error::TransactionEnded)
        })
        .await;
    assert!(failed.is_err());
    assert_eq!(names(&db).await, ["Ada", "Bob"]);
    let tx = db.begin().await?;
    tx.insert(Author::builder().name("Cleo")).await?;
    tx.commit().await?;
    assert_eq!(names(&db).await, ["Ada", "Bob", "Cleo"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn commits_of_the_pool_of_sqlx_are_seen() -> sqliter::Result<()> {
    let folder = folder();
    for options in [Db::options(), Db::options().path(folder.path().join("a.db"))] {
        let db = options.cache(CacheOptions::default()).open().await?;
        db.create_table::<Author>().await?;
        db.insert(Author::builder().name("Ada")).await?;
        assert_eq!(names(&db).await, ["Ada"]);
        sqlx::query("INSERT INTO authors (name) VALUES ('Pool')").execute(&db.pool()).await.unwrap();
        assert_eq!(names(&db).await, ["Ada", "Pool"]);
        let mut tx = db.pool().begin().await.unwrap();
        sqlx::query("DELETE FROM authors").execute(&mut *tx).await.unwrap();
        tx.rollback().await.unwrap();
        assert_eq!(names(&db).await, ["Ada", "Pool"]);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn commits_of_other_connections_and_handles_are_seen() -> sqliter::Result<()> {
    let folder = folder();
    let Library { db, path, .. } = library(&folder).await;
    let connection = rusqlite::Connection::open(&path).unwrap();
    let handle = Db::open(&path).await?;
    for name in ["one", "two", "three"] {
        connection.execute("UPDATE authors SET name = ? WHERE pk = 1", [name]).unwrap();
        assert_eq!(names(&db).await, [name, "Bob"]);
        let again = format!("{name} again");
        handle.select::<Author>().filter(|a| a.pk.eq(Author::key(1))).update(|a| a.name.set(&again)).await?;
        assert_eq!(names(&db).await, [again.as_str(), "Bob"]);
    }
    Ok(())
}

/// Names the file that the child process writes to.
const CHILD: &str = "SQLITER_TEST_CHILD_WRITES";

#[tokio::test(flavor = "multi_thread")]
async fn commits_of_another_process_are_seen() -> sqliter::Result<()> {
    let folder = folder();
    let Library { db, path, ada, .. } = library(&folder).await;
    for round in 1..=3 {
        assert_eq!(names(&db).await.len(), round + 1);
        assert!(db.get(ada.pk).await?.is_some());
        let child = process_of(module_path!(), "the_child_process_writes").env(CHILD, &path).output().unwrap();
        assert!(child.status.success(), "{child:?}");
        assert_eq!(names(&db).await.len(), round + 2);
        assert_eq!(db.get(ada.pk).await?.unwrap().name, format!("Ada, round {round}"));
    }
    Ok(())
}

#[tokio::test]
#[ignore = "runs in a process of its own, which commits_of_another_process_are_seen starts"]
async fn the_child_process_writes() -> sqliter::Result<()> {
    let db = Db::open(std::env::var_os(CHILD).expect("the file to write to")).await?;
    let round = db.select::<Author>().count().await? - 1;
    db.transaction(async |tx| {
        tx.insert(Author::builder().name(format!("written in round {round}"))).await?;
        let name = format!("Ada, round {round}");
        tx.select::<Author>().filter(|a| a.pk.eq(Author::key(1))).update(|a| a.name.set(&name)).await
    })
    .await?;
    db.close().await
}

/// The first two queries begin at once, so that both open a connection to watch the file with.
#[tokio::test]
async fn the_first_queries_at_once_agree_about_the_version() -> sqliter::Result<()> {
    let folder = folder();
    let Library { db, ada, .. } = library(&folder).await;
    let mut first = std::pin::pin!(db.get(ada.pk).into_future());
    let begun = poll_fn(|context| Poll::Ready(first.as_mut().poll(context))).await;
    assert!(begun.is_pending(), "it opens a connection");
    assert_eq!(db.get(ada.pk).await?.unwrap().name, "Ada");
    db.select::<Author>().filter(|a| a.pk.eq(&ada)).update(|a| a.name.set("Augusta")).await?;
    // It may have read at any time since it was begun.
    let read = first.await?.unwrap().name;
    assert!(["Ada", "Augusta"].contains(&read.as_str()), "{read}");
    assert_eq!(db.get(ada.pk).await?.unwrap().name, "Augusta");
    Ok(())
}

/// Many tasks read while others write: an answer is never older than the last write that was known to be done.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn answers_under_load_are_never_older_than_what_was_done() -> sqliter::Result<()> {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};
    let folder = folder();
    let Library { db, ada, .. } = library(&folder).await;
    let done = Arc::new(AtomicU64::new(0));
    db.select::<Author>().filter(|a| a.pk.eq(&ada)).update(|a| a.name.set("0")).await?;
    let readers: Vec<_> = (0..4)
        .map(|_| {
            let (db, done, key) = (db.clone(), Arc::clone(&done), ada.pk);
            tokio::spawn(async move {
                loop {
                    let least = done.load(Ordering::SeqCst);
                    let found: u64 = db.get(key).await.unwrap().unwrap().name.parse().unwrap();
                    assert!(found >= least, "{found} after {least}");
                    if least == 300 {
                        break;
                    }
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    for number in 1..=300_u64 {
        let name = number.to_string();
        db.select::<Author>().filter(|a| a.pk.eq(&ada)).update(|a| a.name.set(&name)).await?;
        done.store(number, Ordering::SeqCst);
    }
    for reader in readers {
        reader.await.unwrap();
    }
    Ok(())
}
