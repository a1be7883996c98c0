//! Files that this library and the original, sqliter-py, both read and write.
//!
//! `files/sqliter-py.sqlite` was written by sqliter-py 0.21.0 with `python/shared.py write`. With the path of a Python that has
//! sqliter-py in `SQLITER_PYTHON`, as `python/run` sets it, the tests ask Python itself.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use sqliter::Direction;
use sqliter::prelude::*;
use sqliter::schema::{Decisions, Schema};

use crate::folders::folder;

type Day = Unix<chrono::NaiveDate>;
type Instant = Unix<chrono::DateTime<chrono::Utc>>;

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(books = Book::author))]
struct Author {
    pk: Key<Author>,
    created_at: i64,
    updated_at: i64,
    name: String,
    born: Option<Day>,
    rating: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(many_to_many(books = Book::tags))]
struct Tag {
    pk: Key<Tag>,
    created_at: i64,
    updated_at: i64,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(many_to_many(tags = Tag))]
struct Book {
    pk: Key<Book>,
    created_at: i64,
    updated_at: i64,
    title: String,
    pages: i64,
    price: f64,
    sold: bool,
    cover: Vec<u8>,
    printed: Day,
    logged: Instant,
    edition: Option<i64>,
    score: Option<f64>,
    lent: Option<bool>,
    read_on: Option<Day>,
    read_at: Option<Instant>,
    note: Option<String>,
    scan: Option<Vec<u8>>,
    #[model(on_delete = cascade)]
    author_id: Key<Author>,
    #[model(on_delete = set_null)]
    editor_id: Option<Key<Author>>,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(many_to_many(friends = Person, symmetrical))]
struct Person {
    pk: Key<Person>,
    created_at: i64,
    updated_at: i64,
    name: String,
}

type All = (Author, Tag, Book, Person);

#[derive(Debug, PartialEq, View)]
#[view(Book)]
struct Whole {
    #[view(flatten)]
    book: Book,
    author: Author,
    editor: Option<Author>,
    tags: Vec<Tag>,
}

fn script() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("python/shared.py")
}

/// What Python prints, if there is one that has sqliter-py.
fn python(command: &str, file: &Path) -> Option<String> {
    let Some(python) = std::env::var_os("SQLITER_PYTHON") else {
        eprintln!("skipped: SQLITER_PYTHON is not set, see python/README.md");
        return None;
    };
    let ran = Command::new(python).arg(script()).arg(command).arg(file).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    Some(String::from_utf8(ran.stdout).unwrap())
}

/// A copy of the file that Python has written.
fn written_by_python(folder: &Path) -> PathBuf {
    let path = folder.join("library.db");
    std::fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("files/sqliter-py.sqlite"), &path).unwrap();
    path
}

fn day(text: &str) -> Day {
    Unix(text.parse().unwrap())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// All that there is, in the form in which Python prints it.
async fn dump(db: &Db) -> Value {
    let whole: Vec<Whole> = db.select::<Book>().order(|b| b.pk.asc()).view::<Whole>().fetch_all().await.unwrap();
    let book = |Whole { book, author, editor, tags }: Whole| {
        let mut tags: Vec<_> = tags.into_iter().map(|tag| tag.name).collect();
        tags.sort();
        json!({
            "pk": book.pk.raw(), "title": book.title, "pages": book.pages, "price": book.price, "sold": book.sold,
            "cover": hex(&book.cover), "printed": book.printed.0.to_string(), "logged": book.logged.timestamp(),
            "edition": book.edition, "score": book.score, "lent": book.lent,
            "read_on": book.read_on.map(|on| on.0.to_string()), "read_at": book.read_at.map(|at| at.timestamp()),
            "note": book.note, "scan": book.scan.as_deref().map(hex), "author": author.name,
            "editor": editor.map(|editor| editor.name), "tags": tags,
        })
    };
    let authors = db.select::<Author>().with_count(|a| a.books).order(|a| a.pk.asc()).fetch_all().await.unwrap();
    let author = |(author, books): (Author, i64)| {
        let born = author.born.map(|born| born.0.to_string());
        json!({ "name": author.name, "born": born, "rating": author.rating, "books": books })
    };
    let people = db.select::<Person>().prefetch_related(|p| p.friends).order(|p| p.pk.asc()).fetch_all().await.unwrap();
    let person = |(person, friends): (Person, Vec<Person>)| {
        let mut friends: Vec<_> = friends.into_iter().map(|friend| friend.name).collect();
        friends.sort();
        json!({ "name": person.name, "friends": friends })
    };
    let titles = async |books: sqliter::Select<Book>| {
        let mut titles = books.only(|b| b.title).fetch_all().await.unwrap();
        titles.sort();
        titles
    };
    let books = || db.select::<Book>();
    json!({
        "books": whole.into_iter().map(book).collect::<Vec<_>>(),
        "authors": authors.into_iter().map(author).collect::<Vec<_>>(),
        "people": people.into_iter().map(person).collect::<Vec<_>>(),
        "filters": {
            "author__name": titles(books().filter(|b| b.author.name.eq("Ada"))).await,
            "editor__isnull": titles(books().filter(|b| b.editor_id.is_null())).await,
            "pages__gt": titles(books().filter(|b| b.pages.gt(150))).await,
            "edition": titles(books().filter(|b| b.edition.eq(10))).await,
            "count": books().filter(|b| b.sold.eq(true)).count().await.unwrap(),
        },
    })
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[tokio::test]
async fn a_file_that_python_has_written_is_read_whole() {
    let folder = folder();
    let path = written_by_python(folder.path());
    let db = Db::options().path(&path).read_only().open().await.unwrap();
    let found = dump(&db).await;
    let first = &found["books"][0];
    assert_eq!(
        *first,
        json!({
            "pk": 1, "title": "book 1", "pages": 100, "price": 1.5, "sold": false, "cover": "0001ff",
            "printed": "2020-01-01", "logged": 1_704_069_015, "edition": 9, "score": 2.5, "lent": true,
            "read_on": "1969-12-31", "read_at": 1_704_457_815, "note": "a 'note'", "scan": "0102", "author": "Ada",
            "editor": "Cé", "tags": ["new", "old"],
        })
    );
    assert_eq!(found["books"][3]["edition"], Value::Null);
    assert_eq!((&found["books"][2]["note"], &found["books"][2]["scan"]), (&json!(""), &json!("")));
    let friends: Vec<_> = found["people"].as_array().unwrap().iter().map(|person| person["friends"].clone()).collect();
    assert_eq!(friends, [json!(["Qi", "Ro"]), json!(["Pa"]), json!(["Pa"]), json!(["So"])]);
    let author = json!({ "name": "Cé", "born": "2001-02-03", "rating": 10.25, "books": 1 });
    assert_eq!(found["authors"][2], author);
    db.close().await.unwrap();
    if let Some(said) = python("dump", &path) {
        assert_eq!(found, parsed(&said));
        let fresh = folder.path().join("fresh.db");
        python("write", &fresh);
        let again = Db::open(&fresh).await.unwrap();
        assert_eq!(dump(&again).await, found);
    }
}

fn by_key(books: sqliter::Select<'_, Book>) -> sqliter::Select<'_, Book> {
    books.order(|b| b.pk.asc())
}

/// What is optional there is text in the file: `'9'` comes behind `'100'`.
#[tokio::test]
async fn a_file_that_python_has_written_is_filtered_sorted_and_summed_by_value() {
    let folder = folder();
    let db = Db::open(written_by_python(folder.path())).await.unwrap();
    let titles = async |books: sqliter::Select<Book>| {
        let numbers = books.only(|b| b.title).fetch_all().await.unwrap();
        numbers.into_iter().map(|title| title.replace("book ", "")).collect::<String>()
    };
    let books = || db.select::<Book>();
    assert_eq!(titles(by_key(books().filter(|b| b.edition.gt(9)))).await, "23");
    assert_eq!(titles(by_key(books().filter(|b| b.edition.between(9, 10)))).await, "12");
    assert_eq!(titles(by_key(books().filter(|b| b.edition.is_in([9, 100])))).await, "13");
    assert_eq!(titles(by_key(books().filter(|b| b.edition.not_in([9])))).await, "23");
    assert_eq!(titles(by_key(books().filter(|b| b.score.lt(0.0)))).await, "3");
    assert_eq!(titles(by_key(books().filter(|b| b.score.eq(10.0)))).await, "2");
    assert_eq!(titles(by_key(books().filter(|b| b.lent.eq(true)))).await, "1");
    assert_eq!(titles(by_key(books().filter(|b| b.lent.ne(true)))).await, "2");
    assert_eq!(titles(by_key(books().filter(|b| b.read_on.lt(day("1970-01-01"))))).await, "1");
    assert_eq!(
        titles(by_key(books().filter(|b| b.read_at.gt(Unix("2024-01-05T20:00:00Z".parse().unwrap()))))).await,
        "2"
    );
    assert_eq!(titles(by_key(books().filter(|b| b.author.rating.gt(5.0)))).await, "4");
    assert_eq!(titles(by_key(books().filter(|b| b.edition.lt(b.pages)))).await, "123");
    assert_eq!(titles(books().order(|b| b.edition.asc())).await, "4123");
    assert_eq!(titles(books().order(|b| b.score.desc())).await, "2134");
    assert_eq!(titles(books().order(|b| (b.author.rating.desc(), b.pk.asc()))).await, "4123");
    assert_eq!(titles(books().order(|b| b.read_on.order(Direction::Desc)).limit(2)).await, "21");

    let totals: (Option<i64>, Option<i64>, Option<i64>, Option<f64>, Option<f64>) = books()
        .annotate(|b| (b.edition.sum(), b.edition.max(), b.edition.min(), b.score.avg(), b.score.max()))
        .fetch_required()
        .await
        .unwrap();
    assert_eq!(totals, (Some(119), Some(100), Some(9), Some(3.75), Some(10.0)));
    let per_author: Vec<(String, Option<i64>)> = books()
        .group_by(|b| b.author.name)
        .annotate(|b| b.edition.sum())
        .having(|b| b.edition.sum().ge(19))
        .order(|b| b.edition.sum().desc())
        .fetch_all()
        .await
        .unwrap();
    assert_eq!(per_author, [("Bob".to_owned(), Some(100)), ("Ada".to_owned(), Some(19))]);
    // Page by page, in that order.
    let mut seen = String::new();
    let mut cursor = None;
    loop {
        let page = books().order(|b| (b.edition.asc(), b.pk.asc())).page_after(cursor, 1).await.unwrap();
        seen.extend(page.rows.iter().map(|book| book.title.replace("book ", "")));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, "4123");
}

/// Changes as Python's `change` does them.
async fn change(db: &Db) {
    let mut first = db.get(Book::key(1)).await.unwrap().unwrap();
    first.title = "changed by Rust".to_owned();
    first.edition = Some(12);
    first.lent = None;
    first.read_on = Some(day("2025-05-05"));
    db.update(&mut first).await.unwrap();
    db.select::<Author>().filter(|a| a.name.eq("Bob")).delete().await.unwrap();
    let rare = db.get(Tag::key(3)).await.unwrap().unwrap();
    first.tags(db).set([&rare]).await.unwrap();
    assert_eq!(db.select::<Book>().filter(|b| b.pk.eq(Book::key(2))).update(|b| b.edition.add(1)).await.unwrap(), 1);
    let so = db.get(Person::key(4)).await.unwrap().unwrap();
    so.friends(db).add([Person::key(2)]).await.unwrap();
    let book =
        Book::builder().title("book 8").pages(800).price(8.25).sold(true).cover(vec![1]).printed(day("2024-02-29"));
    let book = book.logged(Unix(chrono::DateTime::from_timestamp(1_704_067_230, 0).unwrap())).edition(7).score(0.5);
    let book = book.lent(true).read_on(day("1960-01-01")).note("ünï").scan(vec![9, 8]);
    db.insert(book.author_id(Author::key(1)).editor_id(Author::key(3))).await.unwrap();
}

#[tokio::test]
async fn a_file_that_python_has_written_is_changed_and_read_by_both() {
    let folder = folder();
    let path = written_by_python(folder.path());
    let db = Db::open(&path).await.unwrap();
    db.create_tables::<All>().await.unwrap();
    change(&db).await;
    let ours = dump(&db).await;
    let titles: Vec<_> = ours["books"].as_array().unwrap().iter().map(|book| book["title"].clone()).collect();
    assert_eq!(titles, ["changed by Rust", "book 2", "book 4", "book 8"]);
    assert_eq!((&ours["books"][0]["edition"], &ours["books"][1]["edition"]), (&json!(12), &json!(11)));
    assert_eq!(ours["books"][0]["tags"], json!(["rare"]));
    db.close().await.unwrap();
    // Numbers are stored there as Python has stored them.
    let raw = rusqlite::Connection::open(&path).unwrap();
    let types: String = raw
        .query_row("SELECT group_concat(typeof(edition) || typeof(score) || typeof(lent)) FROM books", [], |row| {
            row.get(0)
        })
        .unwrap();
    assert_eq!(types, "texttextnull,texttexttext,nullnullnull,texttexttext");
    drop(raw);
    if let Some(said) = python("dump", &path) {
        assert_eq!(ours, parsed(&said));
        python("change", &path);
        let db = Db::open(&path).await.unwrap();
        let ours = dump(&db).await;
        assert_eq!(ours["books"][0]["title"], "changed by Python");
        db.close().await.unwrap();
        assert_eq!(ours, parsed(&python("dump", &path).unwrap()));
    }
}

/// As in the file that Python has written.
async fn fill(db: &Db) {
    let author = |name: &str| Author::builder().name(name);
    let ada = db.insert(author("Ada").born(day("1815-12-10")).rating(4.5)).await.unwrap();
    db.insert(author("Bob")).await.unwrap();
    db.insert(author("Cé").rating(10.25)).await.unwrap();
    let tags = db.bulk_insert(["old", "new", "rare"].map(|name| Tag::builder().name(name))).await.unwrap();
    let people = db.bulk_insert(["Pa", "Qi", "Ro", "So"].map(|name| Person::builder().name(name))).await.unwrap();
    people[2].friends(db).add([&people[0]]).await.unwrap();
    for number in 1..=2 {
        let book =
            Book::builder().title(format!("book {number}")).pages(number * 100).price(1.5).sold(false).cover(vec![0]);
        let book = book.printed(day("2020-01-01")).logged(Unix(chrono::DateTime::from_timestamp(7, 0).unwrap()));
        let book = db.insert(book.edition(number).lent(number == 1).author_id(&ada)).await.unwrap();
        book.tags(db).add([&tags[0]]).await.unwrap();
    }
}

#[tokio::test]
async fn tables_for_python_have_the_column_that_it_needs() {
    let folder = folder();
    let path = folder.path().join("ours.db");
    let db = Db::open(&path).await.unwrap();
    // One is there without it.
    db.create_table::<Author>().await.unwrap();
    let create = db.create_tables::<All>().for_sqliter_py();
    let people = "CREATE TABLE IF NOT EXISTS \"people\" (\"pk\" INTEGER PRIMARY KEY AUTOINCREMENT, \
        \"created_at\" INTEGER NOT NULL, \"updated_at\" INTEGER NOT NULL, \"name\" TEXT NOT NULL, \"db_context\" TEXT) STRICT";
    let sql = create.to_sql().unwrap();
    assert!(sql.iter().any(|sql| sql == people), "{sql:#?}");
    create.await.unwrap();
    db.create_tables::<All>().for_sqliter_py().await.unwrap();
    let having = "SELECT group_concat(t.name) FROM pragma_table_list AS t, pragma_table_info(t.name) AS c \
        WHERE c.name = 'db_context' AND c.type = 'TEXT' AND NOT c.\"notnull\" ORDER BY t.name";
    let mut tables: Vec<_> =
        db.query::<String>(having).fetch_required().await.unwrap().split(',').map(str::to_owned).collect();
    tables.sort();
    assert_eq!(tables, ["authors", "books", "people", "tags"]);
    db.require_schema::<All>().await.unwrap();
    fill(&db).await;
    let ours = dump(&db).await;
    db.close().await.unwrap();
    if let Some(said) = python("dump", &path) {
        assert_eq!(ours, parsed(&said));
        python("change", &path);
        let db = Db::open(&path).await.unwrap();
        let ours = dump(&db).await;
        assert_eq!(ours["books"][0]["title"], "changed by Python");
        change(&db).await;
        let ours = dump(&db).await;
        db.close().await.unwrap();
        assert_eq!(ours, parsed(&python("dump", &path).unwrap()));
    }
}

#[tokio::test]
async fn a_table_that_is_made_anew_keeps_the_column_that_python_needs() {
    let old = |column: &str| {
        format!(
            "CREATE TABLE \"people\" (\"pk\" INTEGER PRIMARY KEY AUTOINCREMENT, \"created_at\" INTEGER NOT NULL, \
             \"updated_at\" INTEGER NOT NULL, \"name\" TEXT NOT NULL CHECK (\"name\" <> 'x'){column}) STRICT"
        )
    };
    let made_anew = |column: &str| {
        let diff = Schema::from_sql([old(column).as_str()]).unwrap().diff_models::<(Person,)>().unwrap();
        diff.sql(&Decisions::new()).unwrap()
    };
    let raw = rusqlite::Connection::open_in_memory().unwrap();
    raw.execute_batch(&old(", \"db_context\" TEXT")).unwrap();
    raw.execute_batch("INSERT INTO people VALUES (7, 1, 1, 'Ada', NULL); PRAGMA foreign_keys = OFF").unwrap();
    let statements = made_anew(", \"db_context\" TEXT");
    assert!(statements.iter().any(|sql| sql.starts_with("INSERT INTO")), "it is made anew: {statements:#?}");
    raw.execute_batch(&statements.join(";")).unwrap();
    let row: (i64, Option<String>) =
        raw.query_row("SELECT pk, db_context FROM people", (), |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    assert_eq!(row, (7, None));
    // Another column of that name is as any other.
    for (column, is_kept) in [
        ("", false),
        (", \"db_context\" TEXT", true),
        (", \"db_context\" TEXT NOT NULL", false),
        (", \"db_context\" TEXT DEFAULT 'x'", false),
        (", \"other\" TEXT", false),
    ] {
        let is = Schema::from_sql([old(column).as_str()]).unwrap();
        let diff = is.diff_models::<(Person,)>().unwrap();
        let about_it = diff.differences.iter().any(|it| it.to_string().contains("people.db_context"));
        assert_eq!(column.contains("db_context") && !about_it, is_kept, "{column}: {diff}");
    }
}
