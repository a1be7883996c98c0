//! An alias names a value in dictionaries and structs, and changes nothing else, whatever it is called.

use sqliter::prelude::*;
use sqliter::{Cursor, Page};

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(books = Book::author))]
struct Author {
    pk: Key<Author>,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
    author_id: Key<Author>,
}

async fn books() -> Db {
    let db = Db::memory().await.unwrap();
    db.create_tables::<(Author, Book)>().await.unwrap();
    let authors = db.bulk_insert(["Bob", "Ada"].map(|name| Author::builder().name(name))).await.unwrap();
    let rows = [("b", 1, 0), ("c", 2, 1), ("a", 3, 0)];
    db.bulk_insert(rows.map(|(t, p, a)| Book::builder().title(t).pages(p).author_id(&authors[a]))).await.unwrap();
    db
}

/// Every name that could be taken for something else.
const NAMES: [&str; 12] =
    ["pk", "title", "pages", "author_id", "name", "t0", "rowid", "count", "value", "1", "PAGES", "it's \"odd\""];

#[tokio::test]
async fn an_alias_never_captures_a_sort_key_a_filter_or_a_group() {
    let db = books().await;
    let chain = db.select::<Book>();
    for name in NAMES {
        let less = |b: &BookColumns<Book>| (b.pages * -1_i64).alias(name);
        let by_pages = chain.clone().fields(|b| (b.title, less(b))).order(|b| b.pages.asc());
        let titles: Vec<_> = by_pages.clone().fetch_all().await.unwrap().into_iter().map(|(title, _)| title).collect();
        assert_eq!(titles, ["b", "c", "a"], "{name}");
        assert_eq!(by_pages.clone().fetch_first().await.unwrap().unwrap().0, "b", "{name}");
        assert_eq!(by_pages.clone().fetch_last().await.unwrap().unwrap().0, "a", "{name}");
        assert_eq!(by_pages.clone().limit(2).fetch_last().await.unwrap().unwrap().0, "c", "{name}");
        let by_author = chain.clone().fields(|b| (b.title, less(b))).order(|b| b.author.name.asc());
        let titles: Vec<_> = by_author.fetch_all().await.unwrap().into_iter().map(|(title, _)| title).collect();
        assert_eq!(titles, ["c", "b", "a"], "{name}");
        // The key is the order of a limit.
        let first = chain.clone().only(|b| b.title.alias(name)).limit(2).fetch_all().await.unwrap();
        assert_eq!(first, ["b", "c"], "{name}");
        let filtered = chain.clone().filter(|b| b.pages.gt(1)).fields(|b| (b.title, less(b))).count().await.unwrap();
        assert_eq!(filtered, 2, "{name}");
        let groups = chain
            .clone()
            .group_by(|b| (b.pages * -1_i64).alias(name))
            .annotate(|b| b.pages.sum().alias("pages"))
            .having(|b| b.pages.sum().gt(1))
            .order(|b| b.pages.sum().asc())
            .fetch_all()
            .await
            .unwrap();
        assert_eq!(groups, [(-2, Some(2)), (-3, Some(3))], "{name}");
        let distinct = chain.clone().fields(|b| (less(b), b.author_id)).distinct().order(|b| (b.pages * -1_i64).desc());
        assert_eq!(distinct.fetch_all().await.unwrap()[0].0, -1, "{name}");
        let beside = chain.clone().with_values(|b| less(b)).order(|b| b.pages.asc()).fetch_all().await.unwrap();
        assert_eq!(beside.iter().map(|(book, _)| book.pages).collect::<Vec<_>>(), [1, 2, 3], "{name}");
        let related = db.select::<Author>().prefetch_related(|a| a.books.order(|b| b.pages.desc()).limit(1));
        let related = related.with_values(|a| a.books.count().alias(name)).order(|a| a.name.asc());
        let related = related.fetch_all().await.unwrap();
        assert_eq!(related.iter().map(|(a, ..)| a.name.as_str()).collect::<Vec<_>>(), ["Ada", "Bob"], "{name}");
    }
}

#[tokio::test]
async fn pages_of_aliased_values_give_every_row_once() {
    let db = books().await;
    for name in NAMES {
        let chain = db.select::<Book>().fields(|b| (b.title, (b.pages * -1_i64).alias(name))).order(|b| b.pages.asc());
        let mut titles = Vec::new();
        let mut cursor: Option<Cursor> = None;
        loop {
            let Page { rows, next, .. } = chain.clone().page_after(cursor, 1).await.unwrap();
            titles.extend(rows.into_iter().map(|(title, _)| title));
            if next.is_none() {
                break;
            }
            cursor = next;
        }
        assert_eq!(titles, ["b", "c", "a"], "{name}");
    }
}

#[tokio::test]
async fn dictionaries_and_structs_are_named_by_the_alias_all_the_same() {
    #[derive(Debug, PartialEq, sqliter::Row)]
    struct Size {
        title: String,
        size: i64,
    }
    let db = books().await;
    let chain = db.select::<Book>().fields(|b| (b.title, (b.pages + 1_i64).alias("size"))).order(|b| b.pages.asc());
    let sizes: Vec<Size> = chain.clone().into_rows().fetch_all().await.unwrap();
    assert_eq!(sizes[0], Size { title: "b".to_owned(), size: 2 });
    let records = chain.fetch_dicts().await.unwrap();
    assert_eq!(serde_json::to_string(&records[0]).unwrap(), r#"{"title":"b","size":2}"#);
    // The SQL has no alias.
    let sql = db.select::<Book>().only(|b| b.title.alias("pages")).order(|b| b.pages.asc()).to_sql().unwrap();
    assert_eq!(sql.text, r#"SELECT "title" FROM "books" ORDER BY "pages", "pk""#);
}
