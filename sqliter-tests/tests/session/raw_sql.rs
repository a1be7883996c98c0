//! SQL as the user writes it: into models, tuples, values and records, with arguments.

use chrono::NaiveDate;
use sqliter::prelude::*;
use sqliter::{Error, Json, Record, Value};

#[derive(Debug, Clone, Copy, PartialEq, ColumnType)]
enum Status {
    Draft,
    OnSale,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Author {
    pk: Key<Author>,
    #[model(unique)]
    name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    #[model(default = 0)]
    pages: i64,
    #[model(column = "state", default = Status::Draft)]
    status: Status,
    printed: Option<NaiveDate>,
    #[model(default = Json(vec![]))]
    tags: Json<Vec<String>>,
    #[model(on_delete = cascade)]
    author_id: Key<Author>,
}

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(1815, 12, 23).unwrap()
}

async fn fill(db: &Db) -> [Book; 2] {
    db.create_tables::<(Author, Book)>().await.unwrap();
    let jane = db.insert(Author::builder().name("Jane")).await.unwrap();
    let emma = Book::builder().title("Emma").pages(474).status(Status::OnSale).printed(day()).author_id(&jane);
    let emma = db.insert(emma.tags(vec!["novel".to_owned()])).await.unwrap();
    let letters = db.insert(Book::builder().title("Letters").author_id(&jane)).await.unwrap();
    [emma, letters]
}

async fn library() -> (Db, [Book; 2]) {
    let db = Db::memory().await.unwrap();
    let books = fill(&db).await;
    (db, books)
}

#[tokio::test]
async fn models_are_read_by_the_names_of_the_columns() {
    let (db, [emma, letters]) = library().await;
    let all = db.query::<Book>("SELECT * FROM books ORDER BY pk").fetch_all().await.unwrap();
    assert_eq!(all, [emma.clone(), letters]);
    // In another order, with other columns between them, and in other letters.
    let sql =
        "SELECT b.author_id, name, b.TAGS, b.printed AS Printed, 'x' AS more, b.title, b.pages, b.state, b.pk AS PK
               FROM books b JOIN authors a ON a.pk = b.author_id WHERE b.title = ?";
    assert_eq!(db.query::<Book>(sql).bind("Emma").fetch_required().await.unwrap(), emma);
    assert_eq!(db.query::<Book>(sql).bind("Persuasion").fetch_one().await.unwrap(), None);
}

#[tokio::test]
async fn tuples_and_values_are_read_by_position() {
    let (db, [emma, letters]) = library().await;
    let sql = "SELECT pk, title AS t, state, printed, tags, author_id, pages FROM books ORDER BY pk";
    type All = (Key<Book>, String, Status, Option<NaiveDate>, Json<Vec<String>>, Key<Author>, i64);
    let rows = db.query::<All>(sql).fetch_all().await.unwrap();
    assert_eq!(
        rows[0],
        (emma.pk, "Emma".into(), Status::OnSale, Some(day()), Json(vec!["novel".into()]), Author::key(1), 474)
    );
    assert_eq!(rows[1].3, None);
    let titles = db.query::<String>("SELECT title FROM books ORDER BY pk").fetch_all().await.unwrap();
    assert_eq!(titles, ["Emma", "Letters"]);
    let key: Key<Book> = db.query("SELECT max(pk) FROM books").fetch_required().await.unwrap();
    assert_eq!(key, letters.pk);
    assert_eq!(db.query::<Option<i64>>("SELECT NULL").fetch_one().await.unwrap(), Some(None));
    assert_eq!(db.query::<(i64,)>("SELECT count(*) FROM books").fetch_required().await.unwrap(), (2,));
    type Sixteen = (i64, i64, i64, i64, i64, i64, i64, i64, i64, i64, i64, i64, i64, i64, i64, String);
    let sql = "SELECT 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 'p'";
    let row = db.query::<Sixteen>(sql).fetch_required().await.unwrap();
    assert_eq!((row.0, row.9, row.14, row.15.as_str()), (1, 10, 15, "p"));
}

#[tokio::test]
async fn records_hold_all_columns_by_their_names_in_order() {
    let (db, _) = library().await;
    let sql = "SELECT title, length(title) AS letters, printed, x'00ff' AS bytes, 1.5 FROM books ORDER BY pk";
    let rows = db.query::<Record>(sql).fetch_all().await.unwrap();
    let names: Vec<&str> = rows[0].iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["title", "letters", "printed", "bytes", "1.5"]);
    assert_eq!(
        serde_json::to_string(&rows).unwrap(),
        r#"[{"title":"Emma","letters":4,"printed":"1815-12-23","bytes":[0,255],"1.5":1.5},{"title":"Letters","letters":7,"printed":null,"bytes":[0,255],"1.5":1.5}]"#
    );
    assert_eq!(rows[0].decode::<NaiveDate>("printed").unwrap(), day());
    // Two columns of one name could not be told apart.
    let error = db.query::<Record>("SELECT 1 AS a, 2 AS b, 3 AS a").fetch_all().await.unwrap_err();
    assert!(
        matches!(&error, Error::AmbiguousColumn { column, columns } if column == "a" && columns == &["a", "b", "a"])
    );
    assert_eq!(db.query::<Record>("SELECT 1 AS a, 2 AS A").fetch_required().await.unwrap().len(), 2);
}

#[tokio::test]
async fn fetch_one_and_fetch_required_give_the_first_row() {
    let (db, _) = library().await;
    let query = db.query::<String>("SELECT title FROM books WHERE pages >= ? ORDER BY pk DESC");
    assert_eq!(query.clone().bind(0).fetch_one().await.unwrap().as_deref(), Some("Letters"));
    assert_eq!(query.clone().bind(0).fetch_required().await.unwrap(), "Letters");
    assert_eq!(query.clone().bind(1000).fetch_one().await.unwrap(), None);
    let error = query.bind(1000).fetch_required().await.unwrap_err();
    assert!(matches!(&error, Error::RecordNotFound { key: None, .. }), "{error:?}");
    assert_eq!(error.to_string(), "no such row in SELECT title FROM books WHERE pages >= ? ORDER BY pk DESC");
    // Of several rows it is none of them that is the only one.
    let titles =
        |pages: i64| db.query::<String>("SELECT title FROM books WHERE pages >= ? ORDER BY pk DESC").bind(pages);
    let error = titles(0).fetch_only().await.unwrap_err();
    assert!(
        matches!(&error, Error::SeveralRecords { table, found: 2 } if table.starts_with("SELECT title")),
        "{error:?}"
    );
    assert!(matches!(titles(1000).fetch_only().await, Err(Error::RecordNotFound { .. })));
    assert_eq!(db.query::<i64>("SELECT 1").fetch_only().await.unwrap(), 1);
    let written = db.query::<i64>("UPDATE books SET pages = pages RETURNING pk").fetch_only().await;
    assert!(matches!(written, Err(Error::SeveralRecords { .. })));
    // The rest is not read.
    let endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n";
    assert_eq!(db.query::<i64>(endless).fetch_one().await.unwrap(), Some(1));
    assert!(matches!(db.query::<i64>(endless).fetch_only().await, Err(Error::SeveralRecords { .. })));
}

#[tokio::test]
async fn whatever_fits_a_column_is_bound() {
    let (db, [emma, _]) = library().await;
    let shown = |text: &str| Some(text.to_owned());
    let show = || db.query::<Option<String>>("SELECT quote(?)");
    assert_eq!(show().bind(5).fetch_required().await.unwrap(), shown("5"));
    assert_eq!(show().bind(&5_u8).fetch_required().await.unwrap(), shown("5"));
    assert_eq!(show().bind(true).fetch_required().await.unwrap(), shown("1"));
    assert_eq!(show().bind(1.5).fetch_required().await.unwrap(), shown("1.5"));
    assert_eq!(show().bind("a'b").fetch_required().await.unwrap(), shown("'a''b'"));
    for text in ["ab", "c"].iter().filter(|text| text.len() > 1) {
        assert_eq!(show().bind(text).fetch_required().await.unwrap(), shown("'ab'"));
    }
    assert_eq!(show().bind("ab".to_owned()).fetch_required().await.unwrap(), shown("'ab'"));
    assert_eq!(show().bind(&emma.title).fetch_required().await.unwrap(), shown("'Emma'"));
    assert_eq!(show().bind(vec![0, 255]).fetch_required().await.unwrap(), shown("X'00FF'"));
    assert_eq!(show().bind(&[0, 255][..]).fetch_required().await.unwrap(), shown("X'00FF'"));
    assert_eq!(show().bind(day()).fetch_required().await.unwrap(), shown("'1815-12-23'"));
    assert_eq!(show().bind(Status::OnSale).fetch_required().await.unwrap(), shown("'on_sale'"));
    assert_eq!(show().bind(&emma.tags).fetch_required().await.unwrap(), shown("'[\"novel\"]'"));
    assert_eq!(show().bind(emma.pk).fetch_required().await.unwrap(), shown("1"));
    assert_eq!(show().bind(&emma.pk).fetch_required().await.unwrap(), shown("1"));
    assert_eq!(show().bind(&emma).fetch_required().await.unwrap(), shown("1"));
    assert_eq!(show().bind(Some(&emma)).fetch_required().await.unwrap(), shown("1"));
    assert_eq!(show().bind(emma.printed).fetch_required().await.unwrap(), shown("'1815-12-23'"));
    assert_eq!(show().bind(&None::<NaiveDate>).fetch_required().await.unwrap(), shown("NULL"));
    assert_eq!(show().bind(Some("ab")).fetch_required().await.unwrap(), shown("'ab'"));
    assert_eq!(show().bind(Some(&emma.title)).fetch_required().await.unwrap(), shown("'Emma'"));
    assert_eq!(show().bind(None::<i64>).fetch_required().await.unwrap(), shown("NULL"));
    assert_eq!(show().bind(Value::Null).fetch_required().await.unwrap(), shown("NULL"));
    let record = db.query::<Record>("SELECT 7 AS seven").fetch_required().await.unwrap();
    assert_eq!(show().bind(record.get("seven").unwrap()).fetch_required().await.unwrap(), shown("7"));
    let list = "SELECT title FROM books WHERE pk IN (SELECT value FROM json_each(?))";
    assert_eq!(db.query::<String>(list).bind(Json(vec![2, 3])).fetch_all().await.unwrap(), ["Letters"]);
    let sql = "SELECT title FROM books WHERE pages BETWEEN ?1 AND ?2 AND ?2 > ?1 AND author_id = :author";
    let title = db.query::<String>(sql).bind(400).bind(500).bind(Author::key(1)).fetch_all().await.unwrap();
    assert_eq!(title, ["Emma"]);
}

#[tokio::test]
async fn a_value_without_a_form_in_sqlite_is_an_error_at_the_fetch() {
    let (db, _) = library().await;
    let query = db.query::<i64>("SELECT ? + ? + ?").bind(1).bind(f64::NAN).bind(u64::MAX);
    let error = query.fetch_all().await.unwrap_err();
    assert!(matches!(&error, Error::Encode { table, column, .. } if table.is_empty() && column == "?2"), "{error:?}");
    assert_eq!(error.to_string(), "?2 cannot hold the value: NaN cannot be stored: SQLite would store NULL instead");
    let error = db.execute("UPDATE books SET pages = ?").bind(u64::MAX).await.unwrap_err();
    assert!(matches!(&error, Error::Encode { column, .. } if column == "?1"), "{error:?}");
    let error = db.query::<i64>("SELECT ?").bind(Value::Real(f64::NAN)).fetch_one().await.unwrap_err();
    assert!(matches!(error, Error::Encode { .. }), "{error:?}");
}

#[tokio::test]
async fn columns_that_do_not_fit_are_named() {
    let (db, _) = library().await;
    let error = db.query::<Author>("SELECT pk, title FROM books").fetch_all().await.unwrap_err();
    assert!(
        matches!(&error, Error::MissingColumn { column, columns } if column == "name" && columns == &["pk", "title"])
    );
    assert_eq!(error.to_string(), "there is no column name: the columns are pk, title");
    // Without a row too.
    let error = db.query::<Author>("SELECT pk FROM books WHERE FALSE").fetch_one().await.unwrap_err();
    assert!(matches!(error, Error::MissingColumn { .. }), "{error:?}");
    let error = db.query::<Author>("SELECT a.*, b.* FROM authors a, authors b").fetch_all().await.unwrap_err();
    assert!(matches!(&error, Error::AmbiguousColumn { column, .. } if column == "pk"), "{error:?}");
    assert_eq!(
        error.to_string(),
        "there are several columns pk: name each with AS; the columns are pk, name, pk, name"
    );
    let error = db.query::<(i64, String)>("SELECT pk, name, 1 FROM authors").fetch_all().await.unwrap_err();
    assert!(matches!(&error, Error::ColumnCount { expected: 2, columns } if columns == &["pk", "name", "1"]));
    assert_eq!(error.to_string(), "2 values are read from each row, but it has 3 columns: pk, name, 1");
    let error = db.query::<i64>("SELECT pk, name FROM authors WHERE FALSE").fetch_one().await.unwrap_err();
    assert_eq!(error.to_string(), "1 value is read from each row, but it has 2 columns: pk, name");
}

#[tokio::test]
async fn values_that_do_not_fit_are_named() {
    let (db, _) = library().await;
    let error = db.query::<(i64, i64)>("SELECT pk, title AS t FROM books").fetch_all().await.unwrap_err();
    assert!(matches!(&error, Error::Decode { table, column, .. } if table.is_empty() && column == "t"), "{error:?}");
    assert!(error.to_string().starts_with("t holds TEXT 'Emma', expected "), "{error}");
    let error = db.query::<i64>("SELECT NULL").fetch_all().await.unwrap_err();
    assert!(matches!(&error, Error::Decode { column, found, .. } if column == "NULL" && found == "NULL"), "{error:?}");
    // A model knows its table.
    let error = db.query::<Author>("SELECT pk, 7 AS name FROM books").fetch_all().await.unwrap_err();
    assert_eq!(error.to_string(), "authors.name holds INTEGER 7, expected text");
    let error = db.query::<Record>("SELECT CAST(x'ff' AS TEXT) AS broken").fetch_all().await.unwrap_err();
    assert!(error.to_string().starts_with("broken holds TEXT that is not UTF-8"), "{error}");
}

#[tokio::test]
async fn too_many_or_too_few_arguments_are_an_error() {
    let (db, _) = library().await;
    let sql = "SELECT title FROM books WHERE pages > ? AND title <> ?";
    let error = db.query::<String>(sql).bind(1).fetch_all().await.unwrap_err();
    assert!(matches!(&error, Error::ArgumentCount { expected: 2, given: 1, sql: named } if named == sql), "{error:?}");
    assert_eq!(error.to_string(), format!("{sql} takes 2 arguments, and 1 was bound"));
    let error = db.query::<String>(sql).bind(1).bind(2).bind(3).fetch_one().await.unwrap_err();
    assert!(matches!(&error, Error::ArgumentCount { expected: 2, given: 3, .. }), "{error:?}");
    let error = db.execute("DELETE FROM books WHERE pk = ?").await.unwrap_err();
    assert_eq!(error.to_string(), "DELETE FROM books WHERE pk = ? takes 1 argument, and none was bound");
    let error = db.execute("DELETE FROM books").bind(1).bind(2).await.unwrap_err();
    assert_eq!(error.to_string(), "DELETE FROM books takes no argument, and 2 were bound");
    // What an earlier run has bound does not stand in for what is missing.
    assert_eq!(db.query::<String>(sql).bind(1).bind("").fetch_all().await.unwrap(), ["Emma"]);
    assert!(matches!(db.query::<String>(sql).bind(1).fetch_all().await, Err(Error::ArgumentCount { .. })));
    assert_eq!(db.select::<Book>().count().await.unwrap(), 2);
}

#[tokio::test]
async fn one_statement_of_the_right_kind_is_run() {
    let (db, _) = library().await;
    let several = "SELECT 1; SELECT 2";
    let error = db.query::<i64>(several).fetch_all().await.unwrap_err();
    assert!(matches!(&error, Error::SeveralStatements { sql } if sql == several), "{error:?}");
    let error = db.execute("DELETE FROM books; DELETE FROM authors").await.unwrap_err();
    assert!(matches!(error, Error::SeveralStatements { .. }), "{error:?}");
    assert_eq!(db.query::<i64>("SELECT 1; -- that is all").fetch_all().await.unwrap(), [1]);
    for sql in ["DELETE FROM books", "CREATE TABLE x (a)", "PRAGMA user_version = 5"] {
        let error = db.query::<i64>(sql).fetch_all().await.unwrap_err();
        assert!(matches!(&error, Error::ReturnsNoRows { sql: named } if named == sql), "{error:?}");
    }
    for sql in ["SELECT 1", "DELETE FROM books RETURNING pk", "DELETE FROM books WHERE FALSE returning pk"] {
        let error = db.execute(sql).await.unwrap_err();
        assert!(matches!(&error, Error::ReturnsRows { sql: named } if named == sql), "{error:?}");
    }
    let error = db.query::<i64>("SELECT nonsense").fetch_all().await.unwrap_err();
    assert!(matches!(&error, Error::SqlExecution { sql, .. } if sql == "SELECT nonsense"), "{error:?}");
    // None of them has done anything.
    assert_eq!(db.select::<Book>().count().await.unwrap(), 2);
    assert_eq!(db.query::<i64>("PRAGMA user_version").fetch_required().await.unwrap(), 0);
}

#[tokio::test]
async fn execute_takes_arguments_and_tells_the_rows_changed() {
    let (db, [emma, _]) = library().await;
    let rename = db.execute("UPDATE books SET title = ?, printed = ? WHERE pk = ?").bind("E.").bind(None::<NaiveDate>);
    assert_eq!(rename.clone().bind(&emma).await.unwrap(), 1);
    assert_eq!(rename.bind(99).await.unwrap(), 0);
    assert_eq!(db.execute("UPDATE books SET pages = pages + ?").bind(1).await.unwrap(), 2);
    assert_eq!(db.execute("CREATE INDEX by_pages ON books (pages)").await.unwrap(), 0);
    let got = db.get(emma.pk).await.unwrap().unwrap();
    assert_eq!((got.title.as_str(), got.printed, got.pages), ("E.", None, 475));
    let error = db.execute("INSERT INTO authors (name) VALUES (?)").bind("Jane").await.unwrap_err();
    assert!(matches!(&error, Error::UniqueViolation { table, .. } if table == "authors"), "{error:?}");
}

#[tokio::test]
async fn nothing_runs_before_it_is_awaited() {
    let (db, _) = library().await;
    let before = db.statement_count();
    drop(db.execute("DELETE FROM books"));
    drop(db.query::<i64>("DELETE FROM books RETURNING pk"));
    drop(db.query::<i64>("DELETE FROM books RETURNING pk").fetch_all());
    assert_eq!(db.statement_count(), before);
    assert_eq!(db.query::<i64>("SELECT count(*) FROM books").fetch_required().await.unwrap(), 2);
    assert_eq!(db.statement_count(), before + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_that_write_and_return_rows_run_on_the_writer() {
    let folder = tempfile::tempdir().unwrap();
    for db in [Db::memory().await.unwrap(), Db::open(folder.path().join("a.db")).await.unwrap()] {
        let [emma, _] = fill(&db).await;
        let added = db
            .query::<Book>(
                "INSERT INTO books (title, author_id, tags) VALUES (?1, ?3, '[]'), (?2, ?3, '[]') RETURNING *",
            )
            .bind("Sanditon")
            .bind("Lady Susan")
            .bind(emma.author_id)
            .fetch_all()
            .await
            .unwrap();
        assert_eq!(added.iter().map(|b| b.title.as_str()).collect::<Vec<_>>(), ["Sanditon", "Lady Susan"]);
        assert_eq!(db.get(added[1].pk).await.unwrap().as_ref(), Some(&added[1]));
        // One row is asked for, all are written.
        let update = "WITH more(n) AS (SELECT ?) UPDATE books SET pages = pages + n FROM more returning pages";
        for round in 1..5 {
            let pages = db.query::<i64>(update).bind(1).fetch_one().await.unwrap();
            assert_eq!(pages, Some(474 + round));
        }
        let pages = db.query::<i64>("SELECT pages FROM books ORDER BY pk").fetch_all().await.unwrap();
        assert_eq!(pages, [478, 4, 4, 4]);
        let gone = db.query::<(i64, String)>("DELETE FROM books WHERE pages < ? RETURNING pk, title").bind(10);
        assert_eq!(gone.fetch_all().await.unwrap().len(), 3);
        assert_eq!(db.select::<Book>().count().await.unwrap(), 1);
        let add = "INSERT INTO authors (name) VALUES ('Jane') RETURNING pk";
        let error = db.query::<i64>(add).fetch_all().await.unwrap_err();
        assert!(matches!(error, Error::UniqueViolation { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn a_write_whose_rows_cannot_be_read_keeps_nothing() {
    let (db, _) = library().await;
    let insert = "INSERT INTO authors (name) VALUES ('A'), ('B') RETURNING pk, name";
    assert!(matches!(db.query::<i64>(insert).fetch_all().await, Err(Error::ColumnCount { .. })));
    assert!(matches!(db.query::<(i64, i64)>(insert).fetch_one().await, Err(Error::Decode { .. })));
    assert!(matches!(db.query::<Book>(insert).fetch_all().await, Err(Error::MissingColumn { .. })));
    assert_eq!(db.select::<Author>().count().await.unwrap(), 1);
    let tx = db.begin().await.unwrap();
    tx.insert(Author::builder().name("kept")).await.unwrap();
    assert!(matches!(tx.query::<(i64, i64)>(insert).fetch_one().await, Err(Error::Decode { .. })));
    tx.commit().await.unwrap();
    let names = db.query::<String>("SELECT name FROM authors ORDER BY pk").fetch_all().await.unwrap();
    assert_eq!(names, ["Jane", "kept"]);
}

#[tokio::test]
async fn inside_a_transaction_raw_sql_is_part_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::open(folder.path().join("a.db")).await.unwrap();
    fill(&db).await;
    let count = "SELECT count(*) FROM authors";
    let tx = db.begin().await.unwrap();
    tx.execute("INSERT INTO authors (name) VALUES (?)").bind("raw").await.unwrap();
    let key = tx.query::<Key<Author>>("INSERT INTO authors (name) VALUES ('more') RETURNING pk").fetch_required();
    assert_eq!(key.await.unwrap(), Author::key(3));
    assert_eq!(tx.query::<i64>(count).fetch_required().await.unwrap(), 3);
    // A reader neither waits nor sees it.
    assert_eq!(db.query::<i64>(count).fetch_required().await.unwrap(), 1);
    tx.rollback().await.unwrap();
    assert_eq!(db.query::<i64>(count).fetch_required().await.unwrap(), 1);
}

#[tokio::test]
async fn results_of_raw_sql_are_not_cached_and_its_writes_are_seen() {
    let db = Db::options().cache(sqliter::CacheOptions::default()).open().await.unwrap();
    fill(&db).await;
    let titles = || db.select::<Book>().only(|b| b.title).fetch_all();
    assert_eq!(titles().await.unwrap(), ["Emma", "Letters"]);
    assert_eq!(titles().await.unwrap().len(), 2);
    let stats = db.cache_stats();
    for _ in 0..2 {
        db.query::<String>("SELECT title FROM books").fetch_all().await.unwrap();
    }
    assert_eq!(db.cache_stats(), stats);
    db.query::<i64>("UPDATE books SET title = ? WHERE pk = 1 RETURNING pk").bind("E.").fetch_all().await.unwrap();
    assert_eq!(titles().await.unwrap(), ["E.", "Letters"]);
    db.execute("DELETE FROM books WHERE pk = ?").bind(1).await.unwrap();
    assert_eq!(titles().await.unwrap(), ["Letters"]);
}

/// A prepared statement is kept with the columns that it had.
#[tokio::test]
async fn a_star_follows_the_schema() {
    let db = Db::memory().await.unwrap();
    db.execute("CREATE TABLE t (a, b, c)").await.unwrap();
    db.execute("INSERT INTO t VALUES (1, 'two', 3)").await.unwrap();
    let all = || db.query::<Record>("SELECT * FROM t");
    assert_eq!(serde_json::to_string(&all().fetch_all().await.unwrap()).unwrap(), r#"[{"a":1,"b":"two","c":3}]"#);
    db.execute("ALTER TABLE t DROP COLUMN a").await.unwrap();
    assert_eq!(serde_json::to_string(&all().fetch_all().await.unwrap()).unwrap(), r#"[{"b":"two","c":3}]"#);
    db.execute("ALTER TABLE t ADD COLUMN d DEFAULT 4").await.unwrap();
    assert_eq!(serde_json::to_string(&all().fetch_all().await.unwrap()).unwrap(), r#"[{"b":"two","c":3,"d":4}]"#);
    let row = db.query::<(String, i64, i64)>("SELECT * FROM t").fetch_required().await.unwrap();
    assert_eq!(row, ("two".into(), 3, 4));
    db.execute("DELETE FROM t").await.unwrap();
    db.execute("ALTER TABLE t DROP COLUMN d").await.unwrap();
    let error = db.query::<(String, i64, i64)>("SELECT * FROM t").fetch_one().await.unwrap_err();
    assert!(matches!(&error, Error::ColumnCount { columns, .. } if columns == &["b", "c"]), "{error:?}");
}

#[tokio::test]
async fn pragmas_that_return_rows_are_queries() {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::open(folder.path().join("a.db")).await.unwrap();
    fill(&db).await;
    assert_eq!(db.query::<String>("PRAGMA journal_mode").fetch_required().await.unwrap(), "wal");
    let names = "SELECT name FROM pragma_table_info(?) WHERE pk = 0";
    assert_eq!(db.query::<String>(names).bind("authors").fetch_all().await.unwrap(), ["name"]);
    // Some write, and are refused inside a transaction.
    let checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)";
    assert_eq!(db.query::<(i64, i64, i64)>(checkpoint).fetch_required().await.unwrap(), (0, 0, 0));
    assert_eq!(std::fs::metadata(folder.path().join("a.db-wal")).unwrap().len(), 0);
    db.execute("PRAGMA optimize").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn raw_sql_runs_in_functions_over_sessions_and_tasks() {
    async fn titles(session: &Session) -> sqliter::Result<Vec<String>> {
        session.query("SELECT title FROM books ORDER BY pk").fetch_all().await
    }
    let (db, _) = library().await;
    assert_eq!(titles(&db).await.unwrap().len(), 2);
    let inside = db.transaction(async |tx| titles(tx).await).await.unwrap();
    assert_eq!(inside, ["Emma", "Letters"]);
    let task = db.clone();
    let spawned = tokio::spawn(async move {
        task.execute("UPDATE books SET title = ? WHERE pk = ?").bind("E.").bind(1).await?;
        titles(&task).await
    });
    assert_eq!(spawned.await.unwrap().unwrap(), ["E.", "Letters"]);
}
