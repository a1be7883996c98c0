//! Rows whose parent was deleted by a program that does not enforce foreign keys, as SQLite itself does not by default:
//! they stay rows, and loading the parent is an error that says which one is missing.

use sqliter::prelude::*;
use sqliter::{Error, Select, Value};

#[derive(Debug, Clone, PartialEq, Model)]
struct Country {
    #[model(pk)]
    code: String,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(books = Book::author))]
struct Author {
    pk: Key<Author>,
    name: String,
    country_id: Key<Country>,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(notes = Note::book))]
struct Book {
    pk: Key<Book>,
    title: String,
    size: i64,
    #[model(column = "writer")]
    author_id: Key<Author>,
    editor_id: Option<Key<Author>>,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Note {
    pk: Key<Note>,
    text: String,
    book_id: Key<Book>,
}

/// Three books by Ada, by Bob, who is gone, and by Cleo, whose country is gone; each is edited by Bob and has a note.
async fn library() -> (tempfile::TempDir, Db) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("library.db");
    let db = Db::open(&path).await.unwrap();
    db.create_tables::<(Country, Author, Book, Note)>().await.unwrap();
    for (code, name) in [("at", "Austria"), ("be", "Belgium")] {
        db.insert(Country::builder().code(code).name(name)).await.unwrap();
    }
    let authors = [("Ada", "at"), ("Bob", "at"), ("Cleo", "be")];
    let authors = authors.map(|(name, country)| Author::builder().name(name).country_id(Country::key(country)));
    let authors = db.bulk_insert(authors).await.unwrap();
    for (title, author) in [("a", 0), ("b", 1), ("c", 2)] {
        let draft = Book::builder().title(title).size(author as i64).author_id(&authors[author]).editor_id(&authors[1]);
        let book = db.insert(draft).await.unwrap();
        db.insert(Note::builder().text(title).book_id(&book)).await.unwrap();
    }
    let other = rusqlite::Connection::open(&path).unwrap();
    other
        .execute_batch("PRAGMA foreign_keys = OFF; DELETE FROM authors WHERE name = 'Bob'; DELETE FROM countries WHERE code = 'be'")
        .unwrap();
    (folder, db)
}

async fn titles(chain: Select<'_, Book>) -> Vec<String> {
    chain.order(|b| b.title.asc()).only(|b| b.title).fetch_all().await.unwrap()
}

/// The column, the key and the table of the missing row.
fn missing<T: std::fmt::Debug>(result: sqliter::Result<T>) -> (String, Option<String>, String) {
    match result.unwrap_err() {
        Error::MissingParent { table, column, key, target, .. } => (format!("{table}.{column}"), key, target),
        error => panic!("{error:?}"),
    }
}

fn named(column: &str, key: Option<&str>, target: &str) -> (String, Option<String>, String) {
    (column.to_owned(), key.map(str::to_owned), target.to_owned())
}

#[tokio::test]
async fn no_row_is_lost_by_looking_through_its_relation() {
    let (_folder, db) = library().await;
    let books = || db.select::<Book>();
    assert_eq!(books().count().await.unwrap(), 3);
    let by_author = books().order(|b| (b.author.name.asc(), b.author.country.name.desc()));
    assert_eq!(by_author.clone().only(|b| b.title).fetch_all().await.unwrap(), ["b", "a", "c"]);
    assert_eq!(by_author.clone().count().await.unwrap(), 3);
    assert_eq!(by_author.clone().fetch_last().await.unwrap().unwrap().title, "c");
    assert_eq!(by_author.clone().offset(1).limit(5).count().await.unwrap(), 2);
    let page = by_author.clone().page_after(None, 1).await.unwrap();
    assert_eq!(by_author.page_after(page.next, 5).await.unwrap().rows.len(), 2);
    // A condition and its complement are the whole table.
    type Test = fn(&BookColumns<Book>) -> sqliter::Condition<Book>;
    let tests: [(Test, &[&str]); 10] = [
        (|b| b.author.name.eq("Ada"), &["a"]),
        (|b| b.author.name.ne("Ada"), &["c"]),
        (|b| b.author.name.eq("Ada") | b.size.ge(1), &["a", "b", "c"]),
        (|b| b.author.country.name.starts_with("A"), &["a"]),
        (|b| b.author.country_id.eq(Country::key("be")), &["c"]),
        (|b| b.author.name.not_in(["Ada"]) & b.size.ge(0), &["c"]),
        (|b| b.author.name.not_in([] as [&str; 0]), &["a", "b", "c"]),
        (|b| b.author.books.any(|other| other.size.ge(0)), &["a", "c"]),
        (|b| b.author.books.none(|other| other.size.ge(0)), &["b"]),
        (|b| b.author.books.count().eq(0), &["b"]),
    ];
    for (i, (test, expected)) in tests.into_iter().enumerate() {
        let kept = titles(books().filter(test)).await;
        assert_eq!(kept, expected, "{i}");
        assert_eq!(books().filter(test).count().await.unwrap(), kept.len() as u64, "{i}");
        let mut both = [kept, titles(books().filter(|b| !test(b))).await].concat();
        both.sort();
        assert_eq!(both, ["a", "b", "c"], "{i}");
        let joined = books().filter(test).order(|b| b.author.country.name.asc());
        assert_eq!(joined.clone().only(|b| b.pk).fetch_all().await.unwrap().len(), expected.len(), "{i}");
        assert_eq!(joined.clone().exists().await.unwrap(), !expected.is_empty(), "{i}");
        let tx = db.begin().await.unwrap();
        let chain = tx.select::<Book>().filter(test).order(|b| b.author.country.name.asc());
        assert_eq!(chain.clone().update(|b| b.size.set(9)).await.unwrap(), expected.len() as u64, "{i}");
        tx.rollback().await.unwrap();
    }
    let groups = books().group_by(|b| b.size).annotate(|b| b.author.name.max()).order(|b| b.size.asc());
    let groups = groups.fetch_all().await.unwrap();
    assert_eq!(groups, [(0, Some("Ada".to_owned())), (1, None), (2, Some("Cleo".to_owned()))]);
}

#[tokio::test]
async fn loading_a_missing_parent_names_column_and_key() {
    let (_folder, db) = library().await;
    let books = || db.select::<Book>().order(|b| b.pk.asc());
    let bob = named("books.writer", Some("2"), "authors");
    let belgium = named("authors.country_id", Some("'be'"), "countries");
    assert_eq!(missing(books().select_related(|b| b.author).fetch_all().await), bob);
    assert_eq!(missing(books().offset(1).select_related(|b| b.author.with(|a| a.country)).fetch_all().await), bob);
    assert_eq!(missing(books().offset(2).select_related(|b| b.author.with(|a| a.country)).fetch_all().await), belgium);
    assert_eq!(
        missing(db.select::<Note>().select_related(|n| n.book.with(|b| (b.editor, b.author))).fetch_all().await),
        bob
    );
    assert_eq!(missing(books().with_count(|b| b.notes).select_related(|b| b.author).page_after(None, 2).await), bob);
    let mut stream = books().select_related(|b| b.author).fetch_stream();
    assert_eq!(missing(stream.next().await.unwrap()), bob);
    let notes = db.select::<Book>().prefetch_related(|b| b.notes.with(|n| n.book.with(|b| b.author)));
    assert_eq!(missing(notes.fetch_all().await), bob);
    let of_author = db.select::<Author>().prefetch_related(|a| a.books.with(|b| b.author.with(|a| a.country)));
    assert_eq!(missing(of_author.fetch_all().await), belgium);
    // Rows that are loaded already.
    let loaded = books().fetch_all().await.unwrap();
    assert_eq!(missing(loaded[1].author(&db).fetch().await), bob);
    assert_eq!(missing(db.fetch_related(&loaded, |b| b.author).await), bob);
    let error = books().select_related(|b| b.author).fetch_all().await.unwrap_err().to_string();
    assert_eq!(
        error,
        "books.writer = 2 leads to no row of authors: it was deleted meanwhile, or by a program that does not enforce foreign keys"
    );
    // Rows that are not concerned are loaded.
    let others = books().filter(|b| b.author.name.ge("A")).select_related(|b| b.author).fetch_all().await.unwrap();
    assert_eq!(others.len(), 2);
    assert_eq!(books().limit(1).select_related(|b| b.author.with(|a| a.country)).fetch_all().await.unwrap().len(), 1);
    // A nullable key that leads nowhere is none.
    let edited = books().select_related(|b| b.editor).fetch_all().await.unwrap();
    assert!(edited.iter().all(|(_, editor)| editor.is_none()));
    assert_eq!(loaded[0].editor(&db).fetch().await.unwrap(), None);
}

#[tokio::test]
async fn a_value_of_a_missing_parent_names_the_column_that_leads_to_it() {
    let (_folder, db) = library().await;
    let books = || db.select::<Book>().order(|b| b.pk.asc());
    let bob = named("books.writer", None, "authors");
    let country = named("books.writer", None, "countries");
    assert_eq!(missing(books().only(|b| b.author.name).fetch_all().await), bob);
    assert_eq!(missing(books().fields(|b| (b.title, b.author.country.name)).fetch_all().await), country);
    assert_eq!(missing(books().only(|b| b.author.name.upper()).fetch_all().await), bob);
    assert_eq!(missing(db.select::<Book>().group_by(|b| b.author.name).annotate(|_| count()).fetch_all().await), bob);
    assert_eq!(missing(books().with_values(|b| b.author.name.length()).fetch_all().await), bob);
    let names = books().only(|b| b.editor.name).fetch_all().await.unwrap();
    assert_eq!(names, [None, None, None]);
    // A dictionary says NULL.
    let records = books().fields(|b| (b.title, b.author.name)).fetch_dicts().await.unwrap();
    assert_eq!(records[1].get("name"), Some(&Value::Null));
    // NULL of another making is what it was.
    let other = db.query::<i64>("SELECT NULL").fetch_all().await;
    assert!(matches!(other, Err(Error::Decode { .. })));
}

#[tokio::test]
async fn what_is_set_from_a_missing_parent_is_null() {
    let (_folder, db) = library().await;
    let chain = db.select::<Book>().filter(|b| b.title.eq("b"));
    let refused = chain.clone().update(|b| b.title.set(b.author.name)).await;
    assert!(matches!(refused, Err(Error::NotNullViolation { .. })), "{refused:?}");
    assert_eq!(chain.update(|b| b.editor_id.set(None)).await.unwrap(), 1);
}
