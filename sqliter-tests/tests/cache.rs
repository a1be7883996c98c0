//! The cache of query results: what it keeps, and that it never gives anything stale.

use std::time::Duration;

use sqliter::prelude::*;
use sqliter::{CacheOptions, CacheStats};

#[derive(Debug, Clone, PartialEq, Model)]
struct Author {
    pk: Key<Author>,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    #[model(on_delete = cascade)]
    author_id: Key<Author>,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Tag {
    pk: Key<Tag>,
    #[model(unique)]
    name: String,
    uses: i64,
}

/// Another model of the same table.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "authors")]
struct Twin {
    pk: Key<Twin>,
    name: String,
}

async fn library(db: &Db) -> sqliter::Result<(Author, Book)> {
    db.create_tables::<(Author, Book)>().await?;
    let author = db.insert(Author::builder().name("Ada")).await?;
    let book = db.insert(Book::builder().title("Notes").author_id(&author)).await?;
    Ok((author, book))
}

async fn cached() -> sqliter::Result<Db> {
    Db::options().cache(CacheOptions::default()).open().await
}

fn counts(stats: CacheStats) -> (u64, u64) {
    (stats.hits, stats.misses)
}

#[tokio::test(flavor = "multi_thread")]
async fn cac_01_off_by_default() -> sqliter::Result<()> {
    let db = Db::memory().await?;
    let (author, _) = library(&db).await?;
    db.get(author.pk).await?;
    db.get(author.pk).await?;
    assert_eq!(db.cache_stats(), CacheStats::default());
    db.clear_cache();
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn cac_02_get_and_queries_are_served_and_cac_03_counts_are_not() -> sqliter::Result<()> {
    let db = cached().await?;
    let (author, book) = library(&db).await?;
    for _ in 0..2 {
        assert_eq!(db.get(author.pk).await?, Some(author.clone()));
        assert_eq!(db.get(Author::key(99)).await?, None);
        assert_eq!(db.select::<Book>().fetch_all().await?, [book.clone()]);
        assert_eq!(db.select::<Book>().only(|b| b.title).fetch_first().await?.as_deref(), Some("Notes"));
        assert_eq!(db.select::<Book>().exclude(|b| b.title).fetch_dicts().await?.len(), 1);
        assert_eq!(db.select::<Book>().count().await?, 1);
        assert!(db.select::<Book>().exists().await?);
    }
    let stats = db.cache_stats();
    assert_eq!(counts(stats), (5, 5));
    assert_eq!(stats.entries, 5);
    assert!(stats.bytes > 100);
    db.clear_cache();
    assert_eq!((db.cache_stats().entries, db.cache_stats().bytes), (0, 0));
    assert_eq!(counts(db.cache_stats()), (5, 5), "cac_17: clearing keeps the counters");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn cac_14_every_write_is_seen() -> sqliter::Result<()> {
    let db = cached().await?;
    let (mut author, book) = library(&db).await?;
    let names = async || db.select::<Author>().only(|a| a.name).order(|a| a.pk.asc()).fetch_all().await;
    assert_eq!(names().await?, ["Ada"]);
    db.insert(Author::builder().name("Bea")).await?;
    assert_eq!(names().await?, ["Ada", "Bea"]);
    author.name = "Eve".to_owned();
    db.update(&mut author).await?;
    assert_eq!(names().await?, ["Eve", "Bea"]);
    db.select::<Author>().filter(|a| a.name.eq("Bea")).update(|a| a.name.set("Zoe")).await?;
    assert_eq!(names().await?, ["Eve", "Zoe"]);
    db.execute("UPDATE authors SET name = 'Raw' WHERE name = 'Zoe'").await?;
    assert_eq!(names().await?, ["Eve", "Raw"]);
    sqlx::query("UPDATE authors SET name = 'Pool' WHERE name = 'Raw'").execute(&db.pool()).await.unwrap();
    assert_eq!(names().await?, ["Eve", "Pool"]);
    assert_eq!(db.get(book.pk).await?, Some(book.clone()));
    db.delete(&author).await?;
    assert_eq!(names().await?, ["Pool"]);
    assert_eq!(db.get(book.pk).await?, None, "cac_21: what a cascade deletes is gone too");
    assert_eq!(db.cache_stats().hits, 0);
    assert_eq!(names().await?, ["Pool"]);
    assert_eq!(db.cache_stats().hits, 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn cac_14_writes_of_many_rows_and_of_rows_that_may_be_there_are_seen() -> sqliter::Result<()> {
    let db = cached().await?;
    db.create_table::<Tag>().await?;
    let tags = async || db.select::<Tag>().order(|t| t.pk.asc()).fields(|t| (t.name, t.uses)).fetch_all().await;
    let expect = async |expected: &[(&str, i64)]| {
        let expected: Vec<_> = expected.iter().map(|(name, uses)| ((*name).to_owned(), *uses)).collect();
        let before = counts(db.cache_stats());
        assert_eq!(tags().await?, expected);
        assert_eq!(tags().await?, expected);
        assert_eq!(counts(db.cache_stats()), (before.0 + 1, before.1 + 1), "read once after the write, then cached");
        Ok::<_, sqliter::Error>(())
    };
    let tag = |name: &str| Tag::builder().name(name).uses(0).build();
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
async fn txn_18_a_transaction_reads_past_the_cache_and_leaves_nothing_in_it() -> sqliter::Result<()> {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::options().path(folder.path().join("a.db")).cache(CacheOptions::default()).open().await?;
    let (author, _) = library(&db).await?;
    db.get(author.pk).await?;
    let tx = db.begin().await?;
    tx.insert(Author::builder().name("Ghost")).await?;
    assert_eq!(tx.select::<Author>().fetch_all().await?.len(), 2);
    assert_eq!(db.select::<Author>().fetch_all().await?.len(), 1, "not committed yet");
    tx.rollback().await?;
    assert_eq!(db.select::<Author>().fetch_all().await?.len(), 1);
    let tx = db.begin().await?;
    tx.insert(Author::builder().name("Real")).await?;
    assert_eq!(db.select::<Author>().fetch_all().await?.len(), 1, "not committed yet");
    tx.commit().await?;
    assert_eq!(db.select::<Author>().fetch_all().await?.len(), 2);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn cac_19_commits_of_another_connection_are_seen() -> sqliter::Result<()> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let db = Db::options().path(&path).cache(CacheOptions::default()).open().await?;
    let (author, _) = library(&db).await?;
    let other = rusqlite::Connection::open(&path).unwrap();
    for name in ["one", "two", "three"] {
        other.execute("UPDATE authors SET name = ?", [name]).unwrap();
        assert_eq!(db.get(author.pk).await?.unwrap().name, name);
        assert_eq!(db.get(author.pk).await?.unwrap().name, name);
    }
    assert_eq!(counts(db.cache_stats()), (3, 3));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn cac_10_time_to_live_and_cac_15_bypass() -> sqliter::Result<()> {
    let db = Db::options().cache(CacheOptions::default().ttl(Duration::from_millis(30))).open().await?;
    let (author, _) = library(&db).await?;
    db.get(author.pk).await?;
    tokio::time::sleep(Duration::from_millis(60)).await;
    db.get(author.pk).await?;
    assert_eq!(counts(db.cache_stats()), (0, 2));
    db.get(author.pk).bypass_cache().await?;
    db.select::<Author>().bypass_cache().fetch_all().await?;
    assert_eq!(counts(db.cache_stats()), (0, 2), "bypassing counts nothing");
    let long = async || db.select::<Author>().cache_ttl(Duration::from_secs(60)).fetch_all().await;
    long().await?;
    tokio::time::sleep(Duration::from_millis(60)).await;
    long().await?;
    assert_eq!(counts(db.cache_stats()), (1, 3));
    db.select::<Book>().cache_ttl(Duration::ZERO).fetch_all().await?;
    db.select::<Book>().cache_ttl(Duration::ZERO).fetch_all().await?;
    assert_eq!(counts(db.cache_stats()), (1, 5));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn cac_23_results_are_separate_and_cac_24_two_models_of_a_table_keep_their_types() -> sqliter::Result<()> {
    let db = cached().await?;
    let (author, _) = library(&db).await?;
    let mut first = db.get(author.pk).await?.unwrap();
    first.name = "changed".to_owned();
    assert_eq!(db.get(author.pk).await?.unwrap().name, "Ada");
    let twin: Twin = db.get(Twin::key(*author.pk.raw())).await?.unwrap();
    assert_eq!(twin.name, "Ada");
    Ok(())
}

#[tokio::test]
async fn cac_07_arguments_of_different_types_are_different_keys() -> sqliter::Result<()> {
    let db = cached().await?;
    library(&db).await?;
    let find = async |name: &str| db.select::<Author>().filter(|a| a.name.eq(name)).fetch_all().await;
    assert_eq!(find("Ada").await?.len(), 1);
    assert_eq!(find("ada").await?.len(), 0);
    let listed = async |names: [&str; 2]| db.select::<Author>().filter(|a| a.name.is_in(names)).count().await;
    assert_eq!(listed(["Ad", "a"]).await?, 0);
    assert_eq!(listed(["A", "da"]).await?, 0);
    assert_eq!(db.cache_stats().hits, 0);
    db.close().await?;
    assert_eq!(db.cache_stats().entries, 0);
    Ok(())
}
