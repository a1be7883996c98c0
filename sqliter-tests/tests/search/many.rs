//! A hundred thousand texts: how SQLite goes about searches.

use sqliter::prelude::*;

use super::library::*;

/// Each text has the words `common`, one of a hundred, and one of its own.
async fn many() -> sqliter::Result<(tempfile::TempDir, Db)> {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::open(folder.path().join("books.db")).await?;
    db.create_tables::<(Author, Book)>().await?;
    db.execute(
        "INSERT INTO authors (name) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) \
                SELECT 'author ' || i FROM n",
    )
    .await?;
    db.execute(
        "INSERT INTO books (title, body, pages, author_id) \
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) \
         SELECT 'title' || i, 'common word' || (i % 100) || ' and some more text', i % 1000, 1 + i % 1000 FROM n",
    )
    .await?;
    Ok((folder, db))
}

#[tokio::test]
async fn searches_of_many_texts_go_by_the_index() -> sqliter::Result<()> {
    let (_folder, db) = many().await?;
    is_true(&db).await?;
    let rare = || db.select::<Book>().filter(|b| b.search.matches("title4711"));
    assert_eq!(rare().count().await?, 1);
    let plan = rare().explain().await?.to_string();
    assert!(
        plan.contains("SEARCH books USING INTEGER PRIMARY KEY")
            && plan.contains("SCAN books_search VIRTUAL TABLE INDEX"),
        "{plan}"
    );

    let best = || db.select::<Book>().search(|b| b.search.matches("word7")).limit(20);
    assert_eq!(best().fetch_all().await?.len(), 20);
    assert_eq!(best().count().await?, 20);
    let plan = best().explain().await?.to_string();
    let scan = plan.find("SCAN s0 VIRTUAL TABLE INDEX").unwrap_or_else(|| panic!("{plan}"));
    let row = plan.find("SEARCH t0 USING INTEGER PRIMARY KEY").unwrap_or_else(|| panic!("{plan}"));
    assert!(scan < row, "{plan}");

    // With another condition, related rows, and an order of its own.
    let filtered = db.select::<Book>().search(|b| b.search.matches("word7")).filter(|b| b.author_id.eq(Author::key(8)));
    assert_eq!(filtered.clone().count().await?, 100);
    let first = filtered.fetch_first().await?;
    assert!(first.is_some());
    let authors = db.select::<Author>().filter(|a| a.books.any(|b| b.search.matches("title4711")));
    let plan = authors.explain().await?.to_string();
    assert!(!plan.contains("SCAN t0") && !plan.contains("SCAN t1"), "{plan}");
    assert_eq!(authors.count().await?, 1);
    let beginning = db.select::<Book>().filter(|b| b.search.matches(sqliter::search::prefix("title471")));
    assert_eq!(beginning.order(|b| b.title.asc()).limit(5).fetch_all().await?.len(), 5);
    Ok(())
}
