//! All statements of an eager query see one state of the database, whatever others commit meanwhile.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use sqliter::prelude::*;
use sqliter::types::ValueRef;
use sqliter::types::{DecodeError, EncodeError, Encoded, Storage, kind};

/// What another connection commits when the text `trap` is read: once.
static TRAP: Mutex<Option<(PathBuf, &str)>> = Mutex::new(None);

#[derive(Debug, Clone, PartialEq)]
struct Trapped(String);

impl ColumnType for Trapped {
    type Inner = Self;
    type Kind = kind::Text;
    const STORAGE: Storage = Storage::Text;
    const EXPECTED: &'static str = "text";

    fn encode(&self) -> Result<Encoded<'_>, EncodeError> {
        self.0.encode()
    }

    fn decode(value: ValueRef<'_>) -> Result<Self, DecodeError> {
        let text = String::decode(value)?;
        if text == "trap" {
            let armed = TRAP.lock().unwrap().take();
            if let Some((path, sql)) = armed {
                rusqlite::Connection::open(path).unwrap().execute_batch(sql).unwrap();
            }
        }
        Ok(Self(text))
    }
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(books = Book::shelf))]
struct Shelf {
    pk: Key<Shelf>,
    name: Trapped,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(pages = Page::book))]
struct Book {
    pk: Key<Book>,
    name: Trapped,
    shelf_id: Key<Shelf>,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Page {
    pk: Key<Page>,
    number: i64,
    book_id: Key<Book>,
}

async fn shelves(path: &Path) -> sqliter::Result<(Db, Vec<Shelf>)> {
    let db = Db::open(path).await?;
    db.create_tables::<(Shelf, Book, Page)>().await?;
    let shelves = ["calm", "trap"].map(|name| Shelf::builder().name(Trapped(name.to_owned())));
    let shelves = db.bulk_insert(shelves).await?;
    let book = db.insert(Book::builder().name(Trapped("trap".to_owned())).shelf_id(&shelves[0])).await?;
    db.bulk_insert([1, 2].map(|number| Page::builder().number(number).book_id(&book))).await?;
    Ok((db, shelves))
}

const CHANGES: &str = "BEGIN;
    INSERT INTO books (name, shelf_id) VALUES ('late', 2), ('late', 1);
    INSERT INTO pages (number, book_id) VALUES (3, 1);
    DELETE FROM pages WHERE number = 1;
    COMMIT";

fn shape(lists: Vec<Vec<(Book, Vec<Page>)>>) -> Vec<Vec<Vec<i64>>> {
    let pages = |pages: Vec<Page>| pages.into_iter().map(|page| page.number).collect();
    lists.into_iter().map(|books| books.into_iter().map(|(_, list)| pages(list)).collect()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_committed_between_the_statements_is_seen_by_all_or_none() -> sqliter::Result<()> {
    let before = vec![vec![vec![1, 2]], vec![]];
    let after = vec![vec![vec![2, 3], vec![]], vec![vec![]]];
    // The trap is in the first statement for the shelf, in the second for the book.
    for (name, statement) in [("trap", "shelves"), ("quiet", "books")] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shelves.db");
        let (db, shelves) = shelves(&path).await?;
        db.update(&mut Shelf { name: Trapped(name.to_owned()), ..shelves[1].clone() }).await?;
        let query = db.select::<Shelf>().order(|s| s.pk.asc()).prefetch_related(|s| s.books.with(|b| b.pages));
        let lists = async || {
            let rows = query.clone().fetch_all().await?;
            sqliter::Result::Ok(shape(rows.into_iter().map(|(_, books)| books).collect()))
        };
        *TRAP.lock().unwrap() = Some((path.clone(), CHANGES));
        assert_eq!(lists().await?, before, "{statement}");
        assert!(TRAP.lock().unwrap().is_none(), "{statement}: the other connection has committed");
        assert_eq!(lists().await?, after, "{statement}");

        // For rows in hand as well: the trap is in the first of two statements.
        const BACK: &str = "DELETE FROM books WHERE name = 'late'; UPDATE pages SET number = 9 WHERE number = 2";
        *TRAP.lock().unwrap() = Some((path, BACK));
        let rows = db.fetch_related(&shelves, |s| s.books.with(|b| b.pages)).await?;
        assert!(TRAP.lock().unwrap().is_none());
        assert_eq!(shape(rows), after);
        let rows = db.fetch_related(&shelves, |s| s.books.with(|b| b.pages)).await?;
        assert_eq!(shape(rows), [vec![vec![9, 3]], vec![]]);
    }
    Ok(())
}
