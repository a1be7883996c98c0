//! Files of the original library in Python and of other programs, read and written by models; and the other way.
//!
//! The statements are those that the Python library issues.

use rusqlite::Connection;
use rusqlite::types::Value as Raw;
use sqliter::prelude::*;
use sqliter::{Error, Json};

type Seconds = Unix<chrono::DateTime<chrono::Utc>>;

#[derive(Debug, Clone, PartialEq, Model)]
#[model(strict = false)]
struct Author {
    pk: Key<Author>,
    created_at: i64,
    updated_at: i64,
    name: String,
    #[model(unique)]
    email: Option<String>,
}

/// A model of the kind with relations, with optional columns of every type. The original has a column `db_context`
/// here, which needs no field.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(strict = false, index(title, pages), unique(isbn))]
struct Book {
    pk: Key<Book>,
    created_at: i64,
    updated_at: i64,
    title: String,
    isbn: String,
    pages: i64,
    price: f64,
    sold: bool,
    cover: Vec<u8>,
    printed: Unix<chrono::NaiveDate>,
    edition: Option<i64>,
    rating: Option<f64>,
    lent: Option<bool>,
    read_on: Option<Unix<chrono::NaiveDate>>,
    read_at: Option<Seconds>,
    note: Option<String>,
    scan: Option<Vec<u8>>,
    #[model(on_delete = cascade)]
    author_id: Key<Author>,
    #[model(column = "edited_by", on_delete = set_null, on_update = cascade)]
    editor_id: Option<Key<Author>>,
}

const ORIGINAL: &str = r#"
CREATE TABLE IF NOT EXISTS "authors" (
    "pk" INTEGER PRIMARY KEY AUTOINCREMENT, "created_at" INTEGER, "updated_at" INTEGER, "name" TEXT,
    "email" TEXT UNIQUE
);
CREATE TABLE IF NOT EXISTS "books" (
    "pk" INTEGER PRIMARY KEY AUTOINCREMENT, "created_at" INTEGER, "updated_at" INTEGER, "db_context" TEXT,
    "title" TEXT, "isbn" TEXT, "pages" INTEGER, "price" REAL, "sold" INTEGER, "cover" BLOB, "printed" INTEGER,
    "edition" TEXT, "rating" TEXT, "lent" TEXT, "read_on" TEXT, "read_at" TEXT, "note" TEXT, "scan" TEXT,
    "author_id" INTEGER NOT NULL, "edited_by" INTEGER,
    FOREIGN KEY ("author_id") REFERENCES "authors"("pk") ON DELETE CASCADE ON UPDATE RESTRICT,
    FOREIGN KEY ("edited_by") REFERENCES "authors"("pk") ON DELETE SET NULL ON UPDATE CASCADE
);
CREATE INDEX IF NOT EXISTS "idx_books_author_id" ON "books" ("author_id");
CREATE INDEX IF NOT EXISTS "idx_books_edited_by" ON "books" ("edited_by");
CREATE INDEX IF NOT EXISTS idx_books_title_pages ON "books" ("title", "pages");
CREATE UNIQUE INDEX IF NOT EXISTS idx_books_isbn_unique ON "books" ("isbn");
-- An index on a constant, as the original makes it for a key with a column of its own (COL-13).
CREATE INDEX IF NOT EXISTS idx_books_editor_id ON "books" ("editor_id");

INSERT INTO authors VALUES (1, 1700000000, 1700000001, 'Ada', 'ada@example.org'), (3, 1700000000, 1700000000, 'Bo', NULL);
INSERT INTO books VALUES
    (1, 1700000000, 1700000000, NULL, 'Full', 'i-1', 10, 1.5, 1, X'00ff', 1704067200,
     '10', '1.5', '0', '1704067200', '1704067230', 'a note', X'0102', 1, 3),
    (2, 1700000000, 1700000000, NULL, 'Empty', 'i-2', 0, -0.5, 0, X'', -86400,
     NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1, NULL);
"#;

struct File {
    _folder: tempfile::TempDir,
    path: std::path::PathBuf,
}

impl File {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("library.db");
        Self { _folder: folder, path }
    }

    fn original() -> Self {
        let file = Self::new();
        file.raw().execute_batch(ORIGINAL).unwrap();
        file
    }

    fn raw(&self) -> Connection {
        let raw = Connection::open(&self.path).unwrap();
        raw.pragma_update(None, "foreign_keys", true).unwrap();
        raw
    }

    async fn db(&self) -> Db {
        Db::open(&self.path).await.unwrap()
    }
}

/// All values of a row.
fn row(raw: &Connection, sql: &str) -> Vec<Raw> {
    let mut statement = raw.prepare(sql).unwrap();
    let width = statement.column_count();
    statement.query_row([], |row| (0..width).map(|i| row.get(i)).collect()).unwrap()
}

fn date(text: &str) -> Unix<chrono::NaiveDate> {
    Unix(text.parse().unwrap())
}

#[tokio::test]
async fn a_file_of_the_original_is_read() {
    let file = File::original();
    let db = file.db().await;
    assert_eq!(db.table_names().await.unwrap(), ["authors", "books"]);
    let full = db.get(Book::key(1)).await.unwrap().unwrap();
    assert_eq!((full.title.as_str(), full.pages, full.price, full.sold), ("Full", 10, 1.5, true));
    assert_eq!((full.cover.as_slice(), full.printed), ([0, 255].as_slice(), date("2024-01-01")));
    // Optional columns of the original hold decimal text.
    assert_eq!((full.edition, full.rating, full.lent), (Some(10), Some(1.5), Some(false)));
    assert_eq!(full.read_on, Some(date("2024-01-01")));
    assert_eq!(full.read_at.unwrap().timestamp(), 1_704_067_230);
    assert_eq!((full.note.as_deref(), full.scan.as_deref()), (Some("a note"), Some([1, 2].as_slice())));
    assert_eq!((full.author_id, full.editor_id), (Author::key(1), Some(Author::key(3))));

    let empty = db.get(Book::key(2)).await.unwrap().unwrap();
    assert_eq!(empty.printed, date("1969-12-31"));
    assert_eq!((empty.edition, empty.rating, empty.lent, empty.read_on), (None, None, None, None));
    assert_eq!((empty.read_at, empty.note, empty.scan, empty.editor_id), (None, None, None, None));

    let ada = db.get(Author::key(1)).await.unwrap().unwrap();
    assert_eq!((ada.created_at, ada.updated_at), (1_700_000_000, 1_700_000_001));
}

#[tokio::test]
async fn a_file_of_the_original_is_filtered() {
    let file = File::original();
    let db = file.db().await;
    let titles = async |condition: fn(&<Book as Model>::Columns<Book>) -> sqliter::Condition<Book>| {
        db.select::<Book>().filter(condition).order(|b| b.pk.asc()).only(|b| b.title).fetch_all().await.unwrap()
    };
    assert_eq!(titles(|b| b.author_id.eq(Author::key(1))).await, ["Full", "Empty"]);
    assert_eq!(titles(|b| b.editor_id.is_null()).await, ["Empty"]);
    assert_eq!(titles(|b| b.editor_id.eq(Author::key(3))).await, ["Full"]);
    assert_eq!(titles(|b| b.pages.gt(5) & b.sold.eq(true)).await, ["Full"]);
    assert_eq!(titles(|b| b.title.icontains("EMP")).await, ["Empty"]);
    assert_eq!(titles(|b| b.printed.lt(date("1970-01-01"))).await, ["Empty"]);
    assert_eq!(titles(|b| b.edition.is_null()).await, ["Empty"]);
    // A column of TEXT affinity makes text of the number on the other side: equality holds.
    assert_eq!(titles(|b| b.edition.eq(10)).await, ["Full"]);
    assert_eq!(titles(|b| b.rating.eq(1.5)).await, ["Full"]);
    assert_eq!(titles(|b| b.read_on.eq(date("2024-01-01"))).await, ["Full"]);
    assert_eq!(titles(|b| b.edition.is_not_null()).await, ["Full"]);
}

#[tokio::test]
async fn a_file_of_the_original_is_written() {
    let file = File::original();
    let db = file.db().await;
    // Tables and indexes are there under the names that the models expect.
    db.create_tables::<(Author, Book)>().await.unwrap();
    let mut full = db.get(Book::key(1)).await.unwrap().unwrap();
    full.edition = Some(11);
    full.read_on = None;
    full.note = Some("changed".to_owned());
    db.update(&mut full).await.unwrap();
    assert_eq!(db.get(Book::key(1)).await.unwrap(), Some(full.clone()));

    let new = Book::builder().title("New").isbn("i-3").pages(3).price(2.0).sold(false).cover(vec![7]);
    let new = new.printed(date("2024-02-29")).edition(5).rating(0.25).lent(true).read_on(date("2024-03-01"));
    let new = db.insert(new.author_id(Author::key(3)).editor_id(full.author_id)).await.unwrap();
    assert_eq!(new.pk, Book::key(3));
    assert_eq!(db.get(new.pk).await.unwrap(), Some(new));
    assert_eq!(db.select::<Book>().update(|b| b.edition.set(Some(20))).await.unwrap(), 3);
    // Keys of deleted rows are not used again, as the original's AUTOINCREMENT demands.
    db.delete(Author::key(3)).await.unwrap();
    assert_eq!(db.insert(Author::builder().name("Cy")).await.unwrap().pk, Author::key(4));
    // The delete has cascaded to the new book and has cleared the editor of the first.
    assert_eq!(db.select::<Book>().count().await.unwrap(), 2);
    let error = db.insert(Author::builder().name("x").email("ada@example.org")).await.unwrap_err();
    assert!(matches!(&error, Error::UniqueViolation { columns, .. } if *columns == ["email"]), "{error:?}");
    db.close().await.unwrap();

    // What the original finds: text in its TEXT columns, NULL in the column that no field names.
    let raw = file.raw();
    let found =
        row(&raw, "SELECT db_context, edition, typeof(edition), note, read_on, edited_by FROM books WHERE pk = 1");
    let text = |text: &str| Raw::Text(text.to_owned());
    assert_eq!(found, [Raw::Null, text("20"), text("text"), text("changed"), Raw::Null, Raw::Null]);
    let check: String = raw.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(check, "ok");
}

#[tokio::test]
async fn what_does_not_fit_in_a_file_of_the_original_is_named() {
    let file = File::original();
    file.raw().execute("UPDATE books SET edition = 'ten', pages = NULL WHERE pk = 2", []).unwrap();
    let db = file.db().await;
    let error = db.get(Book::key(2)).await.unwrap_err();
    let Error::Decode { table, column, found, .. } = &error else { panic!("{error:?}") };
    assert_eq!((table.as_str(), column.as_str(), found.as_str()), ("books", "pages", "NULL"));
    let error = db.select::<Book>().only(|b| b.edition).fetch_all().await.unwrap_err();
    assert!(matches!(&error, Error::Decode { column, .. } if column == "edition"), "{error:?}");
    // The other rows can be read.
    assert!(db.select::<Book>().filter(|b| b.pages.gt(0)).fetch_all().await.is_ok());
}

/// The original lets timestamps be NULL. Such rows are read by a model whose timestamps are ordinary columns.
#[tokio::test]
async fn missing_timestamps_are_read_as_ordinary_columns() {
    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(table = "authors", strict = false)]
    struct LooseAuthor {
        pk: Key<LooseAuthor>,
        #[model(plain)]
        created_at: Option<i64>,
        #[model(plain)]
        updated_at: Option<Seconds>,
        name: Option<String>,
    }
    let file = File::original();
    file.raw()
        .execute("UPDATE authors SET created_at = NULL, updated_at = NULL, name = NULL WHERE pk = 3", [])
        .unwrap();
    let db = file.db().await;
    let error = db.select::<Author>().fetch_all().await.unwrap_err();
    assert!(matches!(&error, Error::Decode { column, found, .. } if column == "created_at" && found == "NULL"));
    let all = db.select::<LooseAuthor>().order(|a| a.pk.asc()).fetch_all().await.unwrap();
    assert_eq!((all[0].created_at, all[0].name.as_deref()), (Some(1_700_000_000), Some("Ada")));
    assert_eq!((all[1].created_at, all[1].updated_at, all[1].name.clone()), (None, None, None));
}

#[tokio::test]
async fn the_extra_column_of_the_original_can_be_a_field() {
    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(table = "books", strict = false)]
    struct WithContext {
        pk: Key<WithContext>,
        db_context: Option<String>,
    }
    let file = File::original();
    let db = file.db().await;
    assert_eq!(db.select::<WithContext>().filter(|b| b.db_context.is_null()).count().await.unwrap(), 2);
}

#[tokio::test]
async fn pickled_columns_are_errors_and_blobs() {
    #[derive(Debug, Clone, PartialEq, Model)]
    struct Track {
        pk: Key<Track>,
        moods: Json<Vec<String>>,
    }
    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(table = "tracks")]
    struct RawTrack {
        pk: Key<RawTrack>,
        moods: Vec<u8>,
    }
    // pickle.dumps(["calm"])
    const PICKLED: &str = "80049509000000000000005d948c0463616c6d94612e";
    let file = File::new();
    let raw = file.raw();
    raw.execute_batch("CREATE TABLE tracks (pk INTEGER PRIMARY KEY AUTOINCREMENT, moods TEXT)").unwrap();
    raw.execute(&format!("INSERT INTO tracks (moods) VALUES (X'{PICKLED}')"), []).unwrap();
    let db = file.db().await;
    let error = db.get(Track::key(1)).await.unwrap_err();
    assert!(matches!(&error, Error::Decode { column, .. } if column == "moods"), "{error:?}");
    assert_eq!(db.get(RawTrack::key(1)).await.unwrap().unwrap().moods[0], 0x80);
}

#[tokio::test]
async fn a_file_of_this_library_is_read_by_plain_sqlite() {
    let file = File::new();
    let db = file.db().await;
    db.create_tables::<(Author, Book)>().await.unwrap();
    let ada = db.insert(Author::builder().name("Ada").email("ada@example.org")).await.unwrap();
    let book = Book::builder().title("Full").isbn("i-1").pages(10).price(1.5).sold(true).cover(vec![0, 255]);
    let book = book.printed(date("2024-01-01")).edition(10).rating(2.5).lent(false).read_on(date("2024-01-01"));
    let book = book.read_at(Unix(chrono::DateTime::from_timestamp(1_704_067_230, 999).unwrap())).note("a note");
    let book = db.insert(book.author_id(&ada)).await.unwrap();
    db.close().await.unwrap();

    let raw = file.raw();
    let text = |text: &str| Raw::Text(text.to_owned());
    assert_eq!(
        row(&raw, "SELECT * FROM books"),
        [
            Raw::Integer(1),
            Raw::Integer(book.created_at),
            Raw::Integer(book.updated_at),
            text("Full"),
            text("i-1"),
            Raw::Integer(10),
            Raw::Real(1.5),
            Raw::Integer(1),
            Raw::Blob(vec![0, 255]),
            Raw::Integer(1_704_067_200),
            Raw::Integer(10),
            Raw::Real(2.5),
            Raw::Integer(0),
            Raw::Integer(1_704_067_200),
            Raw::Integer(1_704_067_230),
            text("a note"),
            Raw::Null,
            Raw::Integer(1),
            Raw::Null,
        ]
    );
    let names =
        "SELECT group_concat(name) FROM (SELECT name FROM sqlite_schema WHERE name NOT LIKE 'sqlite%' ORDER BY 1)";
    let indexes = "idx_books_author_id,idx_books_edited_by,idx_books_isbn_unique,idx_books_title_pages";
    assert_eq!(row(&raw, names), [text(&format!("authors,books,{indexes}"))]);
    // No function or collation of the library stands in the schema: anyone can write the file.
    raw.execute("UPDATE books SET title = 'by another program', edited_by = 1", []).unwrap();
    assert!(raw.execute("UPDATE books SET sold = 2", []).is_err());
    assert!(raw.execute("UPDATE books SET author_id = 9", []).is_err());
    raw.execute("INSERT INTO authors (created_at, updated_at, name) VALUES (1, 1, 'Bo')", []).unwrap();
    drop(raw);
    let changed = db.get(book.pk).await.unwrap().unwrap();
    assert_eq!((changed.title.as_str(), changed.editor_id), ("by another program", Some(ada.pk)));
    assert_eq!(db.select::<Author>().count().await.unwrap(), 2);
}

/// Both at once: what the other program commits is seen at once, and its lock is waited for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_program_may_work_on_the_file_at_the_same_time() {
    let file = File::new();
    let db = file.db().await;
    db.create_tables::<(Author, Book)>().await.unwrap();
    let raw = file.raw();
    let other = std::thread::spawn(move || {
        for i in 0..50 {
            raw.execute_batch("BEGIN IMMEDIATE").unwrap();
            raw.execute("INSERT INTO authors (created_at, updated_at, name) VALUES (0, 0, ?)", [i]).unwrap();
            raw.execute_batch("COMMIT").unwrap();
        }
        raw
    });
    for _ in 0..50 {
        db.insert(Author::builder().name("ours")).await.unwrap();
    }
    let raw = other.join().unwrap();
    assert_eq!(db.select::<Author>().count().await.unwrap(), 100);
    raw.execute("DELETE FROM authors", []).unwrap();
    assert_eq!(db.select::<Author>().count().await.unwrap(), 0);
    raw.execute_batch("ALTER TABLE authors ADD COLUMN extra TEXT DEFAULT 'x'").unwrap();
    db.insert(Author::builder().name("after the change of the schema")).await.unwrap();
    raw.execute_batch("ALTER TABLE authors RENAME COLUMN name TO title").unwrap();
    let error = db.select::<Author>().fetch_all().await.unwrap_err();
    assert!(error.to_string().contains("no such column"), "{error}");
}
