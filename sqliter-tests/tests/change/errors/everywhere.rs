//! Whatever goes wrong, wherever, is one type of error, with its cause.

use std::error::Error as _;
use std::time::Duration;

use sqliter::prelude::*;
use sqliter::{CacheOptions, Error, Json, Operation, SqliteError, sqlx};

#[derive(Debug, Clone, PartialEq, Model)]
#[model(many_to_many(tags = Tag))]
struct Article {
    pk: Key<Article>,
    title: String,
    #[model(default = 0)]
    size: u64,
    bytes: Option<Json<Vec<u8>>>,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(many_to_many(articles = Article::tags))]
struct Tag {
    pk: Key<Tag>,
    name: String,
}

/// The table `articles` with an index that it may not have.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "articles", unique(title, size))]
struct Indexed {
    pk: Key<Indexed>,
    title: String,
    size: u64,
}

/// The same table with an index on a column that is not there.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "articles", index(author))]
struct Misfit {
    pk: Key<Misfit>,
    author: String,
}

async fn open() -> sqliter::Result<Db> {
    let db = Db::memory().await?;
    db.create_tables::<(Article, Tag)>().await?;
    Ok(db)
}

fn article(title: &str) -> NewArticle {
    NewArticle { title: title.to_owned(), size: 0, bytes: None }
}

/// The texts of an error and of all its causes.
fn chain(error: &Error) -> Vec<String> {
    let mut texts = vec![error.to_string()];
    let mut cause = error.source();
    while let Some(error) = cause {
        texts.push(error.to_string());
        cause = error.source();
    }
    texts
}

#[tokio::test(flavor = "multi_thread")]
async fn the_report_of_sqlite_is_the_cause() -> sqliter::Result<()> {
    let db = open().await?;
    let ada = db.insert(article("x")).await?;
    db.execute("CREATE UNIQUE INDEX one_title ON articles (title)").await?;
    db.execute("CREATE TRIGGER refuse BEFORE DELETE ON articles BEGIN SELECT RAISE(ABORT, 'not that'); END").await?;
    let failures = [
        (db.insert(article("x")).await.unwrap_err(), 2067, "UNIQUE constraint failed: articles.title"),
        (db.delete(&ada).await.unwrap_err(), 1811, "not that"),
        (db.create_table::<Article>().exists_ok(false).await.unwrap_err(), 1, "table \"articles\" already exists"),
        (db.execute("FROBNICATE").await.unwrap_err(), 1, "near \"FROBNICATE\": syntax error"),
    ];
    for (error, code, message) in failures {
        let report: &SqliteError = error.source().unwrap().downcast_ref().unwrap();
        assert_eq!((report.code, report.message.as_str()), (code, message));
        assert_eq!(chain(&error)[1..], [format!("{message} (SQLite result code {code})")]);
        // It crosses threads with its cause, as errors of handlers do.
        let sent = std::thread::spawn(move || chain(&error).len()).join().unwrap();
        assert_eq!(sent, 2);
    }
    Ok(())
}

#[tokio::test]
async fn the_report_of_the_driver_is_the_cause_of_a_failed_opening() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    std::fs::write(&path, [b'x'; 4096]).unwrap();
    let error = Db::open(&path).await.unwrap_err();
    let cause: &sqlx::Error = error.source().unwrap().downcast_ref().unwrap();
    assert_eq!(cause.as_database_error().unwrap().code().unwrap(), "26");
    assert!(chain(&error).last().unwrap().contains("file is not a database"), "{:?}", chain(&error));
}

#[tokio::test]
async fn settings_and_lists_at_their_edges_are_no_errors() -> sqliter::Result<()> {
    let cache = CacheOptions::default().max_entries(0).max_bytes(0).ttl(Duration::ZERO);
    let options = Db::options().cache(cache).max_readers(0).pool_connections(0).busy_timeout(Duration::MAX);
    let db = options.open().await?;
    db.create_tables::<(Article, Tag)>().await?;
    assert!(db.bulk_insert(Vec::<NewArticle>::new()).await?.is_empty());
    let x = db.insert(article("x")).await?;
    for _ in 0..2 {
        assert_eq!(db.get(x.pk).await?.as_ref(), Some(&x));
    }
    assert_eq!((db.cache_stats().hits, db.cache_stats().entries), (0, 0));
    assert_eq!(db.select::<Article>().filter(|a| a.title.is_in::<[&str; 0]>([])).count().await?, 0);
    assert_eq!(db.select::<Article>().limit(0).count().await?, 0);
    assert_eq!(db.select::<Article>().limit(u64::MAX).offset(u64::MAX).count().await?, 0);
    // What is left of a missing path is an error of the one type.
    assert!(matches!(Db::open("").await, Err(Error::Connection { .. })));
    Ok(())
}

#[tokio::test]
async fn values_that_do_not_fit_are_errors_of_the_one_type() -> sqliter::Result<()> {
    let db = open().await?;
    let error = db.insert(NewArticle { size: u64::MAX, ..article("x") }).await.unwrap_err();
    assert!(matches!(&error, Error::Encode { table, column, .. } if (&**table, &**column) == ("articles", "size")));
    let error = db.select::<Article>().filter(|a| a.size.eq(u64::MAX)).count().await.unwrap_err();
    assert!(matches!(&error, Error::Encode { column, .. } if column == "size"), "{error:?}");
    // An integer that grows beyond its range is refused.
    db.insert(NewArticle { size: i64::MAX as u64, ..article("x") }).await?;
    let error = db.select::<Article>().update(|a| a.size.add(1)).await.unwrap_err();
    assert!(matches!(&error, Error::CheckViolation { columns, .. } if columns == &["size"]), "{error:?}");

    // As another program may that does not check constraints.
    let mut other = db.pool().acquire().await.unwrap();
    sqlx::query("PRAGMA ignore_check_constraints = ON").execute(&mut *other).await.unwrap();
    for (column, value) in
        [("size", "-1"), ("bytes", "'[1, 2'"), ("bytes", "'[1, 256]'"), ("title", "CAST(x'ff' AS TEXT)")]
    {
        let set = sqlx::AssertSqlSafe(format!("UPDATE articles SET {column} = {value}"));
        assert_eq!(sqlx::query(set).execute(&mut *other).await.unwrap().rows_affected(), 1);
        let error = db.select::<Article>().fetch_all().await.unwrap_err();
        let Error::Decode { table, column: named, .. } = &error else { panic!("{error:?}") };
        assert_eq!((table.as_str(), named.as_str()), ("articles", column));
        db.execute("UPDATE articles SET size = 0, bytes = NULL, title = 'x'").await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_missing_table_of_pairs_is_an_error_of_the_one_type() -> sqliter::Result<()> {
    let db = open().await?;
    let (x, tag) = (db.insert(article("x")).await?, db.insert(Tag::builder().name("a")).await?);
    db.execute("DROP TABLE articles_tags").await?;
    for error in [
        x.tags(&db).fetch_all().await.map(|_| ()).unwrap_err(),
        tag.articles(&db).fetch_all().await.map(|_| ()).unwrap_err(),
        db.select::<Article>().prefetch_related(|a| a.tags).fetch_all().await.map(|_| ()).unwrap_err(),
        db.select::<Article>().filter(|a| a.tags.any(|t| t.name.eq("a"))).count().await.map(|_| ()).unwrap_err(),
    ] {
        let Error::RecordFetch { table, source } = &error else { panic!("{error:?}") };
        assert!(["articles", "tags"].contains(&table.as_str()), "{table}");
        assert!(source.message.contains("no such table: articles_tags"), "{source}");
    }
    let error = x.tags(&db).add([&tag]).await.unwrap_err();
    assert!(matches!(&error, Error::RecordInsertion { table, .. } if table == "articles_tags"), "{error:?}");
    for error in [x.tags(&db).remove([&tag]).await.unwrap_err(), x.tags(&db).clear().await.unwrap_err()] {
        assert!(matches!(&error, Error::RecordDeletion { table, .. } if table == "articles_tags"), "{error:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_reset_that_fails_is_an_error_of_the_one_type() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    Db::open(&path).await.unwrap().execute("CREATE TABLE t (x)").await.unwrap();
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let limit = Duration::from_millis(50);
    let error = Db::options().path(&path).reset().busy_timeout(limit).open().await.unwrap_err();
    assert!(matches!(&error, Error::Busy { operation: Operation::Execute, .. }), "{error:?}");
    assert_eq!(error.to_string(), "cannot execute reset: the database stayed locked for 50ms (database is locked)");
}

#[tokio::test]
async fn an_index_that_cannot_be_made_names_its_table_and_columns() -> sqliter::Result<()> {
    let db = open().await?;
    db.bulk_insert([article("x"), article("x")]).await?;
    let error = db.create_indexes::<Indexed>().await.unwrap_err();
    let Error::UniqueViolation { operation, table, columns, .. } = &error else { panic!("{error:?}") };
    assert_eq!((*operation, table.as_str()), (Operation::CreateTable, "articles"));
    assert_eq!(columns, &["title", "size"]);
    let error = db.create_indexes::<Misfit>().await.unwrap_err();
    let Error::TableCreation { table, source } = &error else { panic!("{error:?}") };
    assert_eq!(table, "articles");
    assert!(source.message.starts_with("no such column: \"author\""), "{source}");
    Ok(())
}

#[tokio::test]
async fn each_mistake_has_a_text_of_its_own() -> sqliter::Result<()> {
    let db = open().await?;
    let x = db.insert(article("x")).await?;
    let missing = Article::key(9);
    let texts = [
        (db.delete(missing).await.unwrap_err(), "no such row in articles: key 9"),
        (db.update(&mut Article { pk: missing, ..x.clone() }).await.unwrap_err(), "no such row in articles: key 9"),
        (
            db.select::<Article>().exclude(|a| (a.pk, a.title, a.size, a.bytes)).fetch_dicts().await.unwrap_err(),
            "no column of articles is left to read: all were excluded",
        ),
        (
            x.tags(&db).add([Tag::key(9)]).await.unwrap_err(),
            "cannot insert articles_tags: tags_pk refers to a row that does not exist",
        ),
        (
            db.select::<Article>().filter(|a| a.size.gt(u64::MAX)).delete().await.unwrap_err(),
            "articles.size cannot hold the value: 18446744073709551615 is above 9223372036854775807, the largest integer of SQLite",
        ),
    ];
    for (error, text) in texts {
        assert_eq!(error.to_string(), text);
    }
    Ok(())
}
