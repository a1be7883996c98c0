//! What the cache of query results keeps, for whom and for how long. That it gives nothing stale is in
//! `cache_freshness.rs`.

use std::time::Duration;

use sqliter::CacheOptions;
use sqliter::bounds::CacheStats;
use sqliter::prelude::*;

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(books = Book::author, edited = Book::editor))]
struct Author {
    pk: Key<Author>,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(many_to_many(tags = Tag))]
struct Book {
    pk: Key<Book>,
    title: String,
    author_id: Key<Author>,
    editor_id: Key<Author>,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Tag {
    pk: Key<Tag>,
    name: String,
}

/// Another model of the same table.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "authors")]
struct Twin {
    pk: Key<Twin>,
    name: String,
}

struct Library {
    db: Db,
    ada: Author,
    bob: Author,
    /// By Ada, edited by Bob.
    notes: Book,
    /// By Bob, edited by Ada.
    emma: Book,
}

async fn library(options: CacheOptions) -> Library {
    let db = Db::options().cache(options).open().await.unwrap();
    db.create_tables::<(Author, Book, Tag)>().await.unwrap();
    let ada = db.insert(Author::builder().name("Ada")).await.unwrap();
    let bob = db.insert(Author::builder().name("Bob")).await.unwrap();
    let notes = db.insert(Book::builder().title("Notes").author_id(&ada).editor_id(&bob)).await.unwrap();
    let emma = db.insert(Book::builder().title("Emma").author_id(&bob).editor_id(&ada)).await.unwrap();
    Library { db, ada, bob, notes, emma }
}

async fn cached() -> Library {
    library(CacheOptions::default()).await
}

/// Hits and misses.
fn counts(db: &Db) -> (u64, u64) {
    let stats = db.cache_stats();
    (stats.hits, stats.misses)
}

#[tokio::test(flavor = "multi_thread")]
async fn off_by_default() -> sqliter::Result<()> {
    let db = Db::memory().await?;
    db.create_table::<Author>().await?;
    let author = db.insert(Author::builder().name("Ada")).await?;
    db.get(author.pk).await?;
    db.get(author.pk).await?;
    assert_eq!(db.cache_stats(), CacheStats::default());
    db.clear_cache();
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn get_and_queries_are_served_and_counts_are_not() -> sqliter::Result<()> {
    let Library { db, ada, notes, emma, .. } = cached().await;
    let books = db.select::<Book>().order(|b| b.pk.asc());
    for _ in 0..2 {
        assert_eq!(db.get(ada.pk).await?, Some(ada.clone()));
        assert_eq!(books.clone().fetch_all().await?, [notes.clone(), emma.clone()]);
        assert_eq!(books.clone().fetch_one().await?, Some(notes.clone()));
        assert_eq!(books.clone().fetch_last().await?, Some(emma.clone()));
        assert_eq!(books.clone().only(|b| b.title).fetch_first().await?.as_deref(), Some("Notes"));
        assert_eq!(books.clone().exclude(|b| b.title).fetch_dicts().await?.len(), 2);
        assert_eq!(books.clone().count().await?, 2);
        assert!(books.clone().exists().await?);
    }
    assert_eq!(counts(&db), (6, 6));
    Ok(())
}

#[tokio::test]
async fn every_difference_of_a_query_is_one_of_its_key() -> sqliter::Result<()> {
    let Library { db, ada, bob, .. } = cached().await;
    let books = db.select::<Book>();
    let queries = [
        books.clone(),
        books.clone().filter(|b| b.title.eq("Emma")),
        books.clone().filter(|b| b.title.eq("Notes")),
        books.clone().filter(|b| b.title.ne("Emma")),
        books.clone().filter(|b| b.author_id.is_in([&ada])),
        books.clone().filter(|b| b.author_id.is_in([&ada, &bob])),
        books.clone().order(|b| b.title.asc()),
        books.clone().order(|b| b.title.desc()),
        books.clone().limit(1),
        books.clone().limit(2),
        books.clone().offset(1),
    ];
    for query in &queries {
        query.clone().fetch_all().await?;
    }
    books.clone().only(|b| b.title).fetch_all().await?;
    books.clone().fields(|b| (b.title, b.author_id)).fetch_all().await?;
    books.clone().select_related(|b| b.author).fetch_all().await?;
    books.clone().select_related(|b| b.editor).fetch_all().await?;
    books.clone().only(|b| b.title).distinct().fetch_all().await?;
    let groups = books.group_by(|b| b.author_id);
    groups.clone().fetch_all().await?;
    groups.clone().annotate(|_| count()).fetch_all().await?;
    groups.clone().annotate(|b| b.title.max()).fetch_all().await?;
    groups.having(|_| count().gt(1)).fetch_all().await?;
    let different = queries.len() as u64 + 9;
    assert_eq!(counts(&db), (0, different));
    assert_eq!(db.cache_stats().entries, queries.len() + 9);
    for query in queries {
        query.fetch_all().await?;
    }
    assert_eq!(counts(&db), (different - 9, different));
    Ok(())
}

#[tokio::test]
async fn the_same_question_in_another_order_of_calls_is_asked_again() -> sqliter::Result<()> {
    let Library { db, emma, .. } = cached().await;
    let books = db.select::<Book>();
    let one = books.clone().filter(|b| b.title.eq("Emma")).filter(|b| b.pk.ge(Book::key(1)));
    let other = books.filter(|b| b.pk.ge(Book::key(1))).filter(|b| b.title.eq("Emma"));
    for query in [&one, &other, &one, &other] {
        assert_eq!(query.clone().fetch_all().await?, [emma.clone()]);
    }
    assert_eq!(counts(&db), (2, 2));
    Ok(())
}

#[tokio::test]
async fn one_row_and_a_list_of_at_most_one_are_the_same_result() -> sqliter::Result<()> {
    let Library { db, notes, .. } = cached().await;
    let books = db.select::<Book>().order(|b| b.pk.asc());
    assert_eq!(books.clone().fetch_first().await?, Some(notes.clone()));
    assert_eq!(books.clone().limit(1).fetch_all().await?, [notes.clone()]);
    assert_eq!(books.clone().limit(1).fetch_one().await?, Some(notes));
    assert_eq!(counts(&db), (2, 1));
    assert_eq!(books.fetch_all().await?.len(), 2);
    assert_eq!(counts(&db), (2, 2));
    Ok(())
}

#[tokio::test]
async fn arguments_of_different_types_are_different_keys() -> sqliter::Result<()> {
    let Library { db, .. } = cached().await;
    let find = async |name: &str| db.select::<Author>().filter(|a| a.name.eq(name)).fetch_all().await;
    assert_eq!(find("Ada").await?.len(), 1);
    assert_eq!(find("ada").await?.len(), 0);
    let listed = async |names: [&str; 2]| db.select::<Author>().filter(|a| a.name.is_in(names)).fetch_all().await;
    assert_eq!(listed(["Ad", "a"]).await?, []);
    assert_eq!(listed(["A", "da"]).await?, []);
    assert_eq!(counts(&db), (0, 4));
    // One text with a whole and with a floating-point number.
    let lengths = db.select::<Author>().order(|a| a.pk.asc());
    assert_eq!(lengths.clone().only(|a| a.name.length() * 2).fetch_all().await?, [6_i64, 6]);
    assert_eq!(lengths.clone().only(|a| a.name.length() * 2.0).fetch_all().await?, [6.0, 6.0]);
    assert_eq!(lengths.only(|a| a.name.length() * 2).fetch_all().await?, [6_i64, 6]);
    assert_eq!(counts(&db), (1, 6));
    Ok(())
}

#[tokio::test]
async fn what_is_not_there_is_kept_too() -> sqliter::Result<()> {
    let Library { db, .. } = cached().await;
    for _ in 0..2 {
        assert_eq!(db.get(Author::key(99)).await?, None);
        let nobody = db.select::<Author>().filter(|a| a.name.eq("Nobody"));
        assert_eq!(nobody.clone().fetch_one().await?, None);
        assert_eq!(nobody.fetch_all().await?, []);
    }
    assert_eq!(counts(&db), (3, 3));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_may_have_a_time_to_live_of_its_own() -> sqliter::Result<()> {
    const SHORT: Duration = Duration::from_millis(30);
    const LONG: Duration = Duration::from_secs(60);
    let Library { db, ada, .. } = library(CacheOptions::default().ttl(SHORT)).await;
    let authors = db.select::<Author>();
    for _ in 0..2 {
        db.get(ada.pk).await?;
        db.get(Author::key(2)).cache_ttl(LONG).await?;
        authors.clone().limit(1).fetch_all().await?;
        authors.clone().limit(2).cache_ttl(LONG).fetch_all().await?;
        tokio::time::sleep(SHORT * 2).await;
    }
    assert_eq!(counts(&db), (2, 6));

    let Library { db, ada, .. } = library(CacheOptions::default().ttl(LONG)).await;
    for _ in 0..2 {
        db.get(ada.pk).cache_ttl(SHORT).await?;
        db.select::<Author>().cache_ttl(Duration::ZERO).fetch_all().await?;
        db.get(Author::key(2)).await?;
        tokio::time::sleep(SHORT * 2).await;
    }
    assert_eq!(counts(&db), (1, 5));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_that_has_expired_is_dropped_and_missed() -> sqliter::Result<()> {
    let Library { db, ada, .. } = cached().await;
    db.get(ada.pk).cache_ttl(Duration::from_millis(20)).await?;
    assert_eq!((counts(&db), db.cache_stats().entries), ((0, 1), 1));
    tokio::time::sleep(Duration::from_millis(40)).await;
    db.get(ada.pk).cache_ttl(Duration::ZERO).await?;
    assert_eq!((counts(&db), db.cache_stats().entries), ((0, 2), 0));
    assert_eq!(db.cache_stats().evictions, 0, "an eviction is for want of room");
    Ok(())
}

#[tokio::test]
async fn the_least_recently_used_goes_first() -> sqliter::Result<()> {
    let Library { db, .. } = library(CacheOptions::default().max_entries(3)).await;
    let get = async |key: i64| db.get(Author::key(key)).await;
    for key in [1, 2, 3, 1, 4] {
        get(key).await?;
    }
    let stats = db.cache_stats();
    assert_eq!((stats.hits, stats.misses, stats.evictions, stats.entries), (1, 4, 1, 3));
    for key in [1, 3, 4] {
        get(key).await?;
    }
    assert_eq!(counts(&db), (4, 4), "only the second was dropped");
    get(2).await?;
    get(1).await?;
    assert_eq!(counts(&db), (4, 6), "now the first was");
    Ok(())
}

/// Texts of 10,000 bytes, which dwarf what else an entry takes.
#[tokio::test]
async fn the_memory_is_bounded_in_bytes() -> sqliter::Result<()> {
    const TEXT: usize = 10_000;
    const LIMIT: usize = 5 * TEXT + TEXT / 2;
    let Library { db, .. } = library(CacheOptions::default().max_bytes(LIMIT)).await;
    let long = db.bulk_insert((0..20).map(|i| Author::builder().name("x".repeat(TEXT - i)))).await?;
    for (i, author) in long.iter().enumerate() {
        db.get(author.pk).await?;
        let stats = db.cache_stats();
        assert_eq!(stats.entries, (i + 1).min(5));
        let content = stats.entries * TEXT;
        assert!((content - 100..content + 500 * stats.entries).contains(&stats.bytes), "{stats:?}");
        assert!(stats.bytes <= LIMIT);
    }
    assert_eq!(db.cache_stats().evictions, 15);
    // What is larger than the whole cache drives nothing out.
    db.select::<Author>().fetch_all().await?;
    assert_eq!((db.cache_stats().entries, db.cache_stats().evictions), (5, 15));
    db.get(long[19].pk).await?;
    assert_eq!(db.cache_stats().hits, 1);
    // Several rows of one result count together, and texts in arguments count too.
    db.select::<Author>().filter(|a| a.pk.gt(&long[15])).fetch_all().await?;
    assert_eq!(db.cache_stats().entries, 2);
    db.select::<Author>().filter(|a| a.name.eq("y".repeat(2 * TEXT))).fetch_all().await?;
    let stats = db.cache_stats();
    assert!(stats.entries == 1 && stats.bytes > 2 * TEXT, "{stats:?}");
    db.clear_cache();
    assert_eq!(db.cache_stats().bytes, 0);
    Ok(())
}

#[tokio::test]
async fn both_limits_hold_together() -> sqliter::Result<()> {
    let Library { db, .. } = library(CacheOptions::default().max_entries(2).max_bytes(20_000)).await;
    let long = db.bulk_insert((0..3).map(|_| Author::builder().name("x".repeat(15_000)))).await?;
    for key in [1, 2, 99] {
        db.get(Author::key(key)).await?;
    }
    assert_eq!((db.cache_stats().entries, db.cache_stats().evictions), (2, 1), "the number of entries");
    db.get(&long[0]).await?;
    assert_eq!((db.cache_stats().entries, db.cache_stats().evictions), (2, 2));
    db.get(&long[1]).await?;
    assert_eq!((db.cache_stats().entries, db.cache_stats().evictions), (1, 4), "their bytes");
    db.get(&long[2]).await?;
    assert_eq!((db.cache_stats().entries, db.cache_stats().evictions), (1, 5));
    Ok(())
}

#[tokio::test]
async fn limits_of_zero_keep_nothing() -> sqliter::Result<()> {
    let none = CacheOptions::default();
    for options in [none.clone().max_entries(0), none.clone().max_bytes(0), none.ttl(Duration::ZERO)] {
        let Library { db, ada, .. } = library(options).await;
        for _ in 0..2 {
            assert_eq!(db.get(ada.pk).await?, Some(ada.clone()));
        }
        assert_eq!((counts(&db), db.cache_stats().entries), ((0, 2), 0));
    }
    Ok(())
}

#[tokio::test]
async fn bypassing_reads_keeps_and_counts_nothing() -> sqliter::Result<()> {
    let Library { db, ada, .. } = cached().await;
    db.get(ada.pk).bypass_cache().await?;
    db.select::<Author>().bypass_cache().fetch_all().await?;
    assert_eq!(db.cache_stats(), CacheStats::default());
    db.get(ada.pk).await?;
    let kept = db.cache_stats();
    let before = db.statement_count();
    db.get(ada.pk).bypass_cache().await?;
    assert_eq!(db.statement_count(), before + 1);
    assert_eq!(db.cache_stats(), kept);
    Ok(())
}

#[tokio::test]
async fn statistics_outlive_the_entries() -> sqliter::Result<()> {
    let Library { db, ada, .. } = library(CacheOptions::default().max_entries(1)).await;
    for _ in 0..3 {
        db.get(ada.pk).await?;
    }
    db.get(Author::key(2)).await?;
    let stats = db.cache_stats();
    let bytes = stats.bytes;
    assert!((50..1_000).contains(&bytes), "{bytes}");
    assert_eq!(stats, CacheStats { hits: 2, misses: 2, evictions: 1, entries: 1, bytes });
    let emptied = CacheStats { entries: 0, bytes: 0, ..stats };
    db.clear_cache();
    assert_eq!(db.cache_stats(), emptied);
    db.get(ada.pk).await?;
    db.close().await?;
    assert_eq!(db.cache_stats(), CacheStats { misses: 3, ..emptied });
    Ok(())
}

#[tokio::test]
async fn two_relations_to_one_model_are_two_keys() -> sqliter::Result<()> {
    let Library { db, notes, emma, .. } = cached().await;
    assert_eq!(db.select::<Book>().filter(|b| b.author.name.eq("Ada")).fetch_all().await?, [notes]);
    assert_eq!(db.select::<Book>().filter(|b| b.editor.name.eq("Ada")).fetch_all().await?, [emma]);
    assert_eq!(counts(&db), (0, 2));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn results_are_separate_and_two_models_of_a_table_keep_their_types() -> sqliter::Result<()> {
    let Library { db, ada, .. } = cached().await;
    let mut first = db.get(ada.pk).await?.unwrap();
    first.name = "changed".to_owned();
    assert_eq!(db.get(ada.pk).await?.unwrap().name, "Ada");
    assert_eq!(counts(&db), (1, 1));
    let twin: Twin = db.get(Twin::key(*ada.pk.raw())).await?.unwrap();
    assert_eq!(twin.name, "Ada");
    Ok(())
}

#[tokio::test]
async fn related_rows_are_served_too() -> sqliter::Result<()> {
    let Library { db, ada, notes, .. } = cached().await;
    let tag = db.insert(Tag::builder().name("rust")).await?;
    notes.tags(&db).add([&tag]).await?;
    for _ in 0..2 {
        assert_eq!(notes.author(&db).fetch().await?, ada);
        assert_eq!(ada.books(&db).fetch_all().await?, [notes.clone()]);
        assert_eq!(notes.tags(&db).fetch_all().await?, [tag.clone()]);
    }
    assert_eq!(counts(&db), (3, 3));
    Ok(())
}

#[tokio::test]
async fn prefetched_lists_are_read_each_time() -> sqliter::Result<()> {
    let Library { db, ada, bob, notes, emma } = cached().await;
    let authors = db.select::<Author>().order(|a| a.pk.asc());
    let with_books = authors.clone().prefetch_related(|a| a.books);
    for _ in 0..2 {
        assert_eq!(authors.clone().fetch_all().await?, [ada.clone(), bob.clone()]);
        let rows = with_books.clone().fetch_all().await?;
        assert_eq!(rows, [(ada.clone(), vec![notes.clone()]), (bob.clone(), vec![emma.clone()])]);
    }
    assert_eq!(counts(&db), (1, 1), "those of the authors alone");
    Ok(())
}
