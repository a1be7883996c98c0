//! The terminal methods of a chain.

use sqliter::Error;
use sqliter::prelude::*;

#[derive(Debug, Clone, PartialEq, Model)]
#[model(index(shelf))]
struct Book {
    pk: Key<Book>,
    title: String,
    /// A name that SQLite gives to the key of every table.
    #[model(default = 7)]
    rowid: i64,
    shelf: Option<i64>,
}

async fn books(titles: &[&str]) -> Db {
    let db = Db::memory().await.unwrap();
    db.create_table::<Book>().await.unwrap();
    let shelf = |i: usize| i64::try_from(i % 2).unwrap();
    db.bulk_insert(titles.iter().enumerate().map(|(i, title)| Book::builder().title(*title).shelf(shelf(i))))
        .await
        .unwrap();
    db
}

fn title(book: Option<Book>) -> Option<String> {
    book.map(|book| book.title)
}

#[tokio::test]
async fn fetch_all_gives_all_rows_or_an_empty_list() {
    let db = books(&["z", "a", "b"]).await;
    let all = db.select::<Book>().order(|b| b.title.asc()).fetch_all().await.unwrap();
    assert_eq!(all.iter().map(|book| book.title.as_str()).collect::<Vec<_>>(), ["a", "b", "z"]);
    assert_eq!(all[2], Book { pk: Book::key(1), title: "z".into(), rowid: 7, shelf: Some(0) });
    assert_eq!(db.select::<Book>().filter(|b| b.title.eq("x")).fetch_all().await.unwrap(), []);
}

#[tokio::test]
async fn fetch_one_gives_a_row_of_the_chain_or_none() {
    let db = books(&["z", "a", "b"]).await;
    let query = db.select::<Book>();
    assert!(query.clone().fetch_one().await.unwrap().is_some());
    assert_eq!(title(query.clone().order(|b| b.title.asc()).fetch_one().await.unwrap()).as_deref(), Some("a"));
    assert_eq!(title(query.clone().offset(1).fetch_one().await.unwrap()).as_deref(), Some("a"));
    assert_eq!(title(query.clone().limit(5).fetch_one().await.unwrap()).as_deref(), Some("z"));
    assert_eq!(query.clone().filter(|b| b.title.eq("x")).fetch_one().await.unwrap(), None);
    assert_eq!(query.limit(0).fetch_one().await.unwrap(), None);
}

#[tokio::test]
async fn fetch_first_keeps_order_and_offset() {
    let db = books(&["z", "a", "b"]).await;
    let query = db.select::<Book>();
    assert_eq!(title(query.clone().fetch_first().await.unwrap()).as_deref(), Some("z"));
    assert_eq!(title(query.clone().filter(|b| b.shelf.ge(0)).fetch_first().await.unwrap()).as_deref(), Some("z"));
    let ordered = query.order(|b| b.title.asc());
    assert_eq!(title(ordered.clone().fetch_first().await.unwrap()).as_deref(), Some("a"));
    assert_eq!(title(ordered.clone().offset(2).fetch_first().await.unwrap()).as_deref(), Some("z"));
    assert_eq!(title(ordered.clone().offset(3).fetch_first().await.unwrap()), None);
    assert_eq!(title(ordered.limit(0).fetch_first().await.unwrap()), None);
}

#[tokio::test]
async fn fetch_last_reads_the_order_backwards() {
    let db = books(&["y", "z", "a", "b"]).await;
    let query = db.select::<Book>();
    assert_eq!(title(query.clone().fetch_last().await.unwrap()).as_deref(), Some("b"));
    assert_eq!(title(query.clone().order(|b| b.title.asc()).fetch_last().await.unwrap()).as_deref(), Some("z"));
    assert_eq!(title(query.clone().order(|b| b.title.desc()).fetch_last().await.unwrap()).as_deref(), Some("a"));
    // With equal rows it is the last of them.
    let equal = query.clone().order(|b| b.shelf.asc());
    let all = equal.clone().fetch_all().await.unwrap();
    assert_eq!(equal.clone().fetch_last().await.unwrap().as_ref(), all.last());
    assert_eq!(equal.fetch_first().await.unwrap().as_ref(), all.first());
    assert_eq!(query.filter(|b| b.title.eq("x")).fetch_last().await.unwrap(), None);
}

#[tokio::test]
async fn fetch_last_moves_the_place_of_null_too() {
    let db = books(&["a", "b", "c"]).await;
    db.select::<Book>().filter(|b| b.title.eq("b")).update(|b| b.shelf.set(None)).await.unwrap();
    let query = db.select::<Book>();
    let last = async |query: sqliter::Select<'_, Book>| title(query.fetch_last().await.unwrap()).unwrap();
    assert_eq!(last(query.clone().order(|b| (b.shelf.asc(), b.pk.asc()))).await, "c");
    assert_eq!(last(query.clone().order(|b| b.shelf.asc().nulls_last())).await, "b");
    assert_eq!(last(query.clone().order(|b| b.shelf.asc().nulls_first())).await, "c");
    assert_eq!(last(query.clone().order(|b| b.shelf.desc())).await, "b");
    assert_eq!(last(query.order(|b| b.shelf.desc().nulls_first())).await, "a");
}

#[tokio::test]
async fn fetch_last_gives_the_last_row_of_fetch_all_under_limit_and_offset() {
    let db = books(&["y", "z", "a", "b"]).await;
    let query = db.select::<Book>().order(|b| b.title.asc());
    assert_eq!(title(query.clone().limit(2).fetch_last().await.unwrap()).as_deref(), Some("b"));
    for offset in 0..6 {
        for limit in 0..6 {
            for query in [query.clone(), db.select::<Book>(), db.select::<Book>().order(|b| b.shelf.desc())] {
                let query = query.offset(offset).limit(limit);
                let all = query.clone().fetch_all().await.unwrap();
                assert_eq!(query.fetch_last().await.unwrap().as_ref(), all.last(), "{limit} from {offset}");
            }
        }
        let all = query.clone().offset(offset).fetch_all().await.unwrap();
        assert_eq!(query.clone().offset(offset).fetch_last().await.unwrap().as_ref(), all.last());
    }
    assert_eq!(title(db.select::<Book>().offset(1).fetch_last().await.unwrap()).as_deref(), Some("b"));
}

#[tokio::test]
async fn a_column_called_rowid_is_a_column() {
    let db = books(&["y", "z"]).await;
    let first = Book::key(1);
    db.select::<Book>().filter(|b| b.pk.eq(first)).update(|b| b.rowid.set(1000)).await.unwrap();
    assert_eq!(title(db.select::<Book>().fetch_last().await.unwrap()).as_deref(), Some("z"));
    assert_eq!(title(db.select::<Book>().order(|b| b.rowid.asc()).fetch_last().await.unwrap()).as_deref(), Some("y"));
    assert_eq!(db.select::<Book>().limit(1).delete().await.unwrap(), 1);
    assert_eq!(db.get(first).await.unwrap(), None);
}

#[tokio::test]
async fn a_chain_is_cloned_and_run_twice() {
    let db = books(&["y", "z", "a"]).await;
    let query = db.select::<Book>().filter(|b| b.title.gt("a")).order(|b| b.title.desc());
    for _ in 0..2 {
        assert_eq!(title(query.clone().fetch_first().await.unwrap()).as_deref(), Some("z"));
        assert_eq!(title(query.clone().fetch_last().await.unwrap()).as_deref(), Some("y"));
        assert_eq!(query.clone().count().await.unwrap(), 2);
        assert_eq!(query.clone().fetch_all().await.unwrap().len(), 2);
    }
    // FLT-33: what is added to a clone is not added to the original.
    assert_eq!(query.clone().filter(|b| b.title.eq("y")).limit(1).count().await.unwrap(), 1);
    assert_eq!(query.count().await.unwrap(), 2);
}

#[tokio::test]
async fn fetch_required_gives_the_row_or_an_error() {
    let db = books(&["y", "z"]).await;
    let query = db.select::<Book>().order(|b| b.title.desc());
    assert_eq!(query.clone().fetch_required().await.unwrap().title, "z");
    let error = query.filter(|b| b.title.eq("x")).fetch_required().await.unwrap_err();
    assert!(matches!(&error, Error::RecordNotFound { table, key: None } if table == "books"), "{error:?}");
    assert_eq!(error.to_string(), "no such row in books");
    let error = db.select::<Book>().only(|b| b.title).offset(2).fetch_required().await.unwrap_err();
    assert!(matches!(error, Error::RecordNotFound { .. }));
}

#[tokio::test]
async fn fetch_only_gives_the_only_row_or_an_error() {
    let db = books(&["y", "z"]).await;
    let query = db.select::<Book>().order(|b| b.title.desc());
    let one = query.clone().filter(|b| b.title.eq("z"));
    assert_eq!(one.clone().fetch_only().await.unwrap().title, "z");
    assert_eq!(query.clone().limit(1).fetch_only().await.unwrap().title, "z");
    assert_eq!(query.clone().offset(1).only(|b| b.title).fetch_only().await.unwrap(), "y");
    assert!(query.clone().annotate(|_| count()).fetch_only().await.unwrap_err().to_string().contains("sort"));
    assert_eq!(db.select::<Book>().annotate(|_| count()).fetch_only().await.unwrap(), 2);
    let error = query.clone().fetch_only().await.unwrap_err();
    assert!(matches!(&error, Error::SeveralRecords { table, found: 2, .. } if table == "books"), "{error:?}");
    assert_eq!(error.to_string(), "expected one row of books, and found at least 2");
    for none in [one.clone().filter(|b| b.title.eq("y")), one.limit(0)] {
        let error = none.fetch_only().await.unwrap_err();
        assert!(matches!(&error, Error::RecordNotFound { table, key: None } if table == "books"), "{error:?}");
    }
}

#[tokio::test]
async fn count_and_exists_mean_the_rows_of_the_chain() {
    let db = books(&["a", "b", "c"]).await;
    let query = db.select::<Book>();
    assert_eq!(query.clone().count().await.unwrap(), 3);
    assert_eq!(query.clone().offset(1).count().await.unwrap(), 2);
    assert_eq!(query.clone().limit(2).count().await.unwrap(), 2);
    assert_eq!(query.clone().limit(2).offset(2).count().await.unwrap(), 1);
    assert_eq!(query.clone().limit(0).count().await.unwrap(), 0);
    assert_eq!(query.clone().filter(|b| b.title.lt("c")).order(|b| b.title.asc()).count().await.unwrap(), 2);
    assert!(query.clone().exists().await.unwrap());
    assert!(query.clone().offset(2).exists().await.unwrap());
    assert!(!query.clone().offset(3).exists().await.unwrap());
    assert!(!query.clone().limit(0).exists().await.unwrap());
    assert!(!query.clone().filter(|b| b.title.gt("c")).exists().await.unwrap());
    assert!(query.limit(1).exists().await.unwrap());
}

#[tokio::test]
async fn exists_stops_at_the_first_row() {
    // A regular expression fails on text that is not UTF-8: who reads on, meets it.
    let db = books(&["fine"]).await;
    db.execute("INSERT INTO books (title) VALUES (CAST(x'ff' AS TEXT))").await.unwrap();
    let query = db.select::<Book>().filter(|b| b.title.regex("fine"));
    assert!(query.clone().exists().await.unwrap());
    assert!(query.clone().limit(9).exists().await.unwrap());
    assert!(matches!(query.count().await, Err(Error::RecordFetch { .. })));
}

#[tokio::test]
async fn update_and_delete_mean_the_rows_of_the_chain() {
    let db = books(&["a", "b", "c", "d", "e"]).await;
    let titles = async || db.select::<Book>().order(|b| b.pk.asc()).only(|b| b.title).fetch_all().await.unwrap();
    // Of equal rows just those that a fetch gives: descending, the keys descend too.
    let chain = db.select::<Book>().order(|b| b.shelf.desc()).limit(1);
    let fetched = chain.clone().fetch_required().await.unwrap();
    assert_eq!(chain.update(|b| b.title.set("updated")).await.unwrap(), 1);
    assert_eq!(db.get(fetched.pk).await.unwrap().unwrap().title, "updated");
    assert_eq!(titles().await, ["a", "b", "c", "updated", "e"]);
    // Without an order, by key: the index on the shelf would give others.
    let chain = db.select::<Book>().filter(|b| b.shelf.ge(0)).limit(2).offset(1);
    assert_eq!(chain.clone().only(|b| b.title).fetch_all().await.unwrap(), ["b", "c"]);
    assert_eq!(chain.delete().await.unwrap(), 2);
    assert_eq!(titles().await, ["a", "updated", "e"]);
    assert_eq!(db.select::<Book>().limit(0).delete().await.unwrap(), 0);
    assert_eq!(db.select::<Book>().offset(3).delete().await.unwrap(), 0);
    assert_eq!(db.select::<Book>().order(|b| b.title.asc()).offset(1).delete().await.unwrap(), 2);
    assert_eq!(titles().await, ["a"]);
    assert_eq!(db.select::<Book>().delete().await.unwrap(), 1);
}

#[tokio::test]
async fn a_refusal_by_sqlite_names_the_table() {
    let db = books(&[]).await;
    db.execute("DROP TABLE books").await.unwrap();
    let error = db.select::<Book>().fetch_all().await.unwrap_err();
    assert!(matches!(&error, Error::RecordFetch { table, .. } if table == "books"), "{error:?}");
    assert!(error.to_string().contains("no such table: books"), "{error}");
    assert!(matches!(db.select::<Book>().count().await, Err(Error::RecordFetch { .. })));
    assert!(matches!(db.select::<Book>().exists().await, Err(Error::RecordFetch { .. })));
    assert!(matches!(db.select::<Book>().delete().await, Err(Error::RecordDeletion { .. })));
    let update = db.select::<Book>().update(|b| b.title.set("x")).await;
    assert!(matches!(update, Err(Error::RecordUpdate { .. })));
}

#[tokio::test]
async fn nothing_runs_before_it_is_awaited() {
    let db = books(&["a"]).await;
    drop(db.select::<Book>().delete());
    let pending = db.select::<Book>().count();
    db.insert(Book::builder().title("b")).await.unwrap();
    assert_eq!(pending.await.unwrap(), 2);
}
