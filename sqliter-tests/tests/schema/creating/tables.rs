//! Creating, dropping, resetting and listing tables.

use sqliter::prelude::*;
use sqliter::{Error, Operation, sqlx};

#[derive(Debug, Clone, PartialEq, Model)]
#[model(index(title))]
struct Book {
    pk: Key<Book>,
    title: String,
    author_id: Key<Author>,
    #[model(on_delete = cascade)]
    series_id: Option<Key<Series>>,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Author {
    pk: Key<Author>,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Series {
    pk: Key<Series>,
    name: String,
}

/// The table of `Author` with a column more.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "authors", unique(name), index(email))]
struct AuthorWithEmail {
    pk: Key<AuthorWithEmail>,
    name: String,
    email: Option<String>,
}

/// The table of `Author` with a unique name.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "authors", index(name), unique(name))]
struct UniqueAuthor {
    pk: Key<UniqueAuthor>,
    name: String,
}

async fn memory() -> Db {
    Db::memory().await.unwrap()
}

/// The schema as `type name`, in the order of creation.
async fn objects(db: &Db) -> Vec<String> {
    let sql =
        "SELECT type || ' ' || name FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY rowid";
    sqlx::query_scalar(sql).fetch_all(&db.pool()).await.unwrap()
}

async fn library() -> Db {
    let db = memory().await;
    db.create_tables::<(Book, Author, Series)>().await.unwrap();
    let ada = db.insert(Author::builder().name("Ada")).await.unwrap();
    let series = db.insert(Series::builder().name("Notes")).await.unwrap();
    db.insert(Book::builder().title("One").author_id(&ada).series_id(&series)).await.unwrap();
    db
}

#[tokio::test]
async fn creating_an_existing_table_keeps_it() {
    let db = memory().await;
    db.create_table::<Author>().await.unwrap();
    db.insert(Author::builder().name("Ada")).await.unwrap();
    db.create_table::<Author>().await.unwrap();
    assert_eq!(db.select::<Author>().count().await.unwrap(), 1);
}

#[tokio::test]
async fn an_existing_table_can_be_an_error() {
    let db = memory().await;
    db.create_table::<Author>().exists_ok(false).await.unwrap();
    let error = db.create_table::<Author>().exists_ok(false).await.unwrap_err();
    assert!(matches!(&error, Error::TableCreation { table, .. } if table == "authors"), "{error:?}");
    assert!(error.to_string().contains("already exists"), "{error}");
    let error = db.create_tables::<(Series, Author)>().exists_ok(false).await.unwrap_err();
    assert!(matches!(&error, Error::TableCreation { table, .. } if table == "authors"), "{error:?}");
    assert_eq!(db.table_names().await.unwrap(), ["authors"]);
}

#[tokio::test]
async fn force_drops_the_old_table_first() {
    let db = memory().await;
    db.create_table::<Author>().await.unwrap();
    db.insert(Author::builder().name("Ada")).await.unwrap();
    db.create_table::<AuthorWithEmail>().exists_ok(false).force().await.unwrap();
    assert_eq!(db.select::<AuthorWithEmail>().count().await.unwrap(), 0);
    let ada = db.insert(AuthorWithEmail::builder().name("Ada").email("ada@example.org")).await.unwrap();
    assert_eq!(db.get(ada.pk).await.unwrap(), Some(ada));
    db.create_tables::<(Author, Series)>().force().await.unwrap();
    assert_eq!(objects(&db).await, ["table authors", "table series"]);
}

#[tokio::test]
async fn a_table_comes_before_its_indexes_and_after_those_it_refers_to() {
    let db = memory().await;
    db.create_tables::<(Book, Series, Author)>().await.unwrap();
    assert_eq!(
        objects(&db).await,
        [
            "table series",
            "table authors",
            "table books",
            "index idx_books_author_id",
            "index idx_books_series_id",
            "index idx_books_title",
        ]
    );
}

#[tokio::test]
async fn the_statements_can_be_read_before_they_run() {
    let db = memory().await;
    let statements = db.create_tables::<(Book, Author)>().to_sql().unwrap();
    assert_eq!(
        statements,
        [
            "CREATE TABLE IF NOT EXISTS \"authors\" (\"pk\" INTEGER PRIMARY KEY AUTOINCREMENT, \"name\" TEXT NOT NULL) STRICT",
            "CREATE TABLE IF NOT EXISTS \"books\" (\"pk\" INTEGER PRIMARY KEY AUTOINCREMENT, \"title\" TEXT NOT NULL, \
             \"author_id\" INTEGER NOT NULL, \"series_id\" INTEGER, \
             FOREIGN KEY (\"author_id\") REFERENCES \"authors\"(\"pk\") ON DELETE RESTRICT ON UPDATE RESTRICT, \
             FOREIGN KEY (\"series_id\") REFERENCES \"series\"(\"pk\") ON DELETE CASCADE ON UPDATE RESTRICT) STRICT",
            "CREATE INDEX IF NOT EXISTS \"idx_books_author_id\" ON \"books\" (\"author_id\")",
            "CREATE INDEX IF NOT EXISTS \"idx_books_series_id\" ON \"books\" (\"series_id\")",
            "CREATE INDEX IF NOT EXISTS \"idx_books_title\" ON \"books\" (\"title\")",
        ]
    );
    assert!(objects(&db).await.is_empty());
}

#[tokio::test]
async fn a_child_may_come_before_its_parent() {
    let db = memory().await;
    db.create_table::<Book>().await.unwrap();
    let draft = || Book::builder().title("One").author_id(Author::key(1));
    let error = db.insert(draft()).await.unwrap_err();
    assert!(matches!(&error, Error::RecordInsertion { table, .. } if table == "books"), "{error:?}");
    assert!(error.to_string().contains("no such table"), "{error}");
    db.create_table::<Author>().await.unwrap();
    db.insert(Author::builder().name("Ada")).await.unwrap();
    assert!(matches!(db.insert(draft()).await, Err(Error::RecordInsertion { .. })), "series is still missing");
    db.create_table::<Series>().await.unwrap();
    db.insert(draft()).await.unwrap();
}

#[tokio::test]
async fn tables_may_refer_to_each_other_and_to_themselves() {
    #[derive(Debug, Clone, PartialEq, Model)]
    struct Egg {
        pk: Key<Egg>,
        hen_id: Option<Key<Hen>>,
    }
    #[derive(Debug, Clone, PartialEq, Model)]
    struct Hen {
        pk: Key<Hen>,
        egg_id: Option<Key<Egg>>,
        mother_id: Option<Key<Hen>>,
    }
    let db = memory().await;
    db.create_tables::<(Author, Hen, Egg)>().await.unwrap();
    let hen = db.insert(Hen::builder()).await.unwrap();
    let egg = db.insert(Egg::builder().hen_id(&hen)).await.unwrap();
    let chick = db.insert(Hen::builder().egg_id(&egg).mother_id(&hen)).await.unwrap();
    assert_eq!((chick.egg_id, chick.mother_id), (Some(egg.pk), Some(hen.pk)));
    assert_eq!(db.table_names().await.unwrap(), ["authors", "hens", "eggs"]);
}

#[tokio::test]
async fn dropping_takes_the_rows_and_indexes_and_may_be_repeated() {
    let db = library().await;
    db.drop_table::<Book>().await.unwrap();
    db.drop_table::<Book>().await.unwrap();
    assert_eq!(objects(&db).await, ["table authors", "table series"]);
    let error = db.select::<Book>().fetch_all().await.unwrap_err();
    assert!(matches!(&error, Error::RecordFetch { table, .. } if table == "books"), "{error:?}");
    db.create_table::<Book>().await.unwrap();
    assert_eq!(db.select::<Book>().count().await.unwrap(), 0);
}

#[tokio::test]
async fn what_is_no_table_is_not_dropped() {
    let db = memory().await;
    db.execute("CREATE VIEW authors AS SELECT 1 AS pk, 'Ada' AS name").await.unwrap();
    let error = db.drop_table::<Author>().await.unwrap_err();
    assert!(matches!(&error, Error::TableDeletion { table, .. } if table == "authors"), "{error:?}");
    let ada = db.select::<Author>().fetch_required().await.unwrap();
    assert_eq!((ada.pk, ada.name.as_str()), (Author::key(1), "Ada"));
}

#[tokio::test]
async fn dropping_a_parent_deletes_cascading_children() {
    let db = library().await;
    db.drop_table::<Series>().await.unwrap();
    db.create_table::<Series>().await.unwrap();
    assert_eq!(db.select::<Book>().count().await.unwrap(), 0);
}

#[tokio::test]
async fn a_restricting_child_keeps_its_parent_and_is_named() {
    let db = library().await;
    for (error, operation) in [
        (db.drop_table::<Author>().await.unwrap_err(), Operation::DropTable),
        (db.create_table::<Author>().force().await.unwrap_err(), Operation::DropTable),
    ] {
        let Error::ForeignKeyViolation { operation: done, table, columns, .. } = &error else { panic!("{error:?}") };
        assert_eq!((*done, table.as_str()), (operation, "authors"));
        assert_eq!(columns, &["books.author_id"]);
    }
    assert_eq!(db.select::<Author>().count().await.unwrap(), 1);
    assert_eq!(db.select::<Book>().count().await.unwrap(), 1);
    // Without the children, or together with them, it goes.
    db.create_tables::<(Author, Book)>().force().await.unwrap();
    db.drop_table::<Author>().await.unwrap();
}

#[tokio::test]
async fn a_restricting_child_of_a_natural_key_is_named() {
    #[derive(Debug, Clone, PartialEq, Model)]
    struct Country {
        #[model(pk)]
        code: String,
    }
    #[derive(Debug, Clone, PartialEq, Model)]
    struct City {
        pk: Key<City>,
        country: Key<Country>,
    }
    let db = memory().await;
    db.create_tables::<(Country, City)>().await.unwrap();
    let country = db.insert(Country::builder().code("NL")).await.unwrap();
    db.insert(City::builder().country(&country)).await.unwrap();
    let error = db.drop_table::<Country>().await.unwrap_err();
    assert!(
        matches!(&error, Error::ForeignKeyViolation { columns, .. } if *columns == ["cities.country"]),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_reset_leaves_nothing_whatever_refers_to_what() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let db = Db::open(&path).await.unwrap();
    db.create_tables::<(Author, Series, Book)>().await.unwrap();
    let ada = db.insert(Author::builder().name("Ada")).await.unwrap();
    db.insert(Book::builder().title("One").author_id(&ada)).await.unwrap();
    for sql in [
        "CREATE VIEW old AS SELECT * FROM books",
        "CREATE VIEW older AS SELECT * FROM old",
        "CREATE VIEW broken AS SELECT * FROM missing",
        "CREATE TRIGGER noted AFTER INSERT ON books BEGIN DELETE FROM series; END",
        "CREATE TRIGGER viewed INSTEAD OF INSERT ON old BEGIN DELETE FROM series; END",
        "CREATE TABLE \"odd \"\"name\" (x REFERENCES books ON DELETE RESTRICT)",
        "INSERT INTO \"odd \"\"name\" VALUES (1)",
        "CREATE TABLE a_first (x)",
        "CREATE VIRTUAL TABLE docs USING fts5(body)",
        "INSERT INTO docs VALUES ('text')",
        "CREATE VIRTUAL TABLE boxes USING rtree(id, low, high)",
        "CREATE TABLE zz_last (x PRIMARY KEY) WITHOUT ROWID",
        "CREATE TABLE sqliter_items (x)",
    ] {
        db.execute(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
    db.close().await.unwrap();

    let db = Db::options().path(&path).reset().open().await.unwrap();
    assert!(objects(&db).await.is_empty(), "{:?}", objects(&db).await);
    assert!(db.table_names().await.unwrap().is_empty());
    // Keys start anew and are enforced.
    db.create_tables::<(Author, Series, Book)>().await.unwrap();
    assert_eq!(db.insert(Author::builder().name("Ada")).await.unwrap().pk, Author::key(1));
    let dangling = db.insert(Book::builder().title("One").author_id(Author::key(9))).await;
    assert!(matches!(dangling, Err(Error::ForeignKeyViolation { .. })), "{dangling:?}");
    // Closing and opening again by itself does not reset again.
    db.close().await.unwrap();
    assert_eq!(db.select::<Author>().count().await.unwrap(), 1);
}

#[tokio::test]
async fn a_rolled_back_transaction_undoes_changes_of_the_schema() {
    let db = library().await;
    let tx = db.begin().await.unwrap();
    tx.drop_table::<Book>().await.unwrap();
    tx.create_table::<AuthorWithEmail>().force().await.unwrap();
    assert_eq!(tx.table_names().await.unwrap(), ["series", "authors"]);
    tx.rollback().await.unwrap();
    assert_eq!(db.table_names().await.unwrap(), ["authors", "series", "books"]);
    assert_eq!(db.select::<Author>().only(|a| a.name).fetch_all().await.unwrap(), ["Ada"]);

    db.transaction(async |tx| {
        tx.drop_table::<Book>().await?;
        tx.create_table::<UniqueAuthor>().await
    })
    .await
    .unwrap();
    assert!(objects(&db).await.contains(&"index idx_authors_name_unique".to_owned()));
    assert!(!db.table_names().await.unwrap().contains(&"books".to_owned()));
}

#[tokio::test]
async fn creation_is_all_or_nothing() {
    let db = memory().await;
    db.create_table::<Author>().await.unwrap();
    db.bulk_insert(["Ada", "Ada"].map(|name| Author::builder().name(name))).await.unwrap();
    // The plain index comes before the unique one, which fails on the rows.
    let error = db.create_tables::<(Series, UniqueAuthor)>().await.unwrap_err();
    let Error::UniqueViolation { operation, table, columns, .. } = &error else { panic!("{error:?}") };
    assert_eq!((*operation, table.as_str()), (Operation::CreateTable, "authors"));
    assert_eq!(columns, &["name"]);
    assert_eq!(objects(&db).await, ["table authors"]);

    // The same inside a transaction, which goes on.
    let tx = db.begin().await.unwrap();
    tx.insert(Author::builder().name("Grace")).await.unwrap();
    tx.create_tables::<(Series, UniqueAuthor)>().await.unwrap_err();
    tx.commit().await.unwrap();
    assert_eq!(objects(&db).await, ["table authors"]);
    assert_eq!(db.select::<Author>().count().await.unwrap(), 3);
}

#[tokio::test]
async fn raw_statements_are_one_at_a_time_and_named_in_errors() {
    let db = library().await;
    assert_eq!(db.execute("UPDATE books SET title = 'Two'").await.unwrap(), 1);
    // What changes no rows does not repeat the number of the statement before.
    assert_eq!(db.execute("CREATE INDEX by_title ON books (title)").await.unwrap(), 0);
    assert_eq!(db.execute("UPDATE books SET title = 'Three' WHERE title = 'One'").await.unwrap(), 0);
    for sql in ["nonsense", "UPDATE books SET title = missing"] {
        let error = db.execute(sql).await.unwrap_err();
        assert!(matches!(&error, Error::SqlExecution { sql: named, .. } if named == sql), "{error:?}");
    }
    let error = db.execute("SELECT 1; SELECT 2").await.unwrap_err();
    assert!(matches!(&error, Error::SeveralStatements { sql } if sql == "SELECT 1; SELECT 2"), "{error:?}");
    let error = db.execute("UPDATE books SET author_id = 9").await.unwrap_err();
    assert!(matches!(error, Error::ForeignKeyViolation { .. }), "{error:?}");
}

#[tokio::test]
async fn a_missing_column_is_an_error_everywhere() {
    let db = memory().await;
    db.create_table::<Author>().await.unwrap();
    db.insert(Author::builder().name("Ada")).await.unwrap();
    let missing = "no such column";
    let select = || db.select::<AuthorWithEmail>();
    for error in [
        select().fetch_all().await.unwrap_err(),
        select().only(|a| a.email).fetch_all().await.unwrap_err(),
        select().filter(|a| a.email.eq("email".to_owned())).count().await.unwrap_err(),
        select().order(|a| a.email.asc()).only(|a| a.name).fetch_all().await.unwrap_err(),
        select().fetch_dicts().await.unwrap_err(),
        db.get(AuthorWithEmail::key(1)).await.unwrap_err(),
    ] {
        assert!(matches!(&error, Error::RecordFetch { table, .. } if table == "authors"), "{error:?}");
        assert!(error.to_string().contains(missing), "{error}");
    }
    let error = db.insert(AuthorWithEmail::builder().name("Grace")).await.unwrap_err();
    assert!(matches!(&error, Error::RecordInsertion { .. }) && error.to_string().contains("email"), "{error:?}");
    let error = select().update(|a| a.email.set("x".to_owned())).await.unwrap_err();
    assert!(matches!(&error, Error::RecordUpdate { .. }) && error.to_string().contains(missing), "{error:?}");
    let error = select().filter(|a| a.email.is_null()).delete().await.unwrap_err();
    assert!(matches!(&error, Error::RecordDeletion { .. }) && error.to_string().contains(missing), "{error:?}");
    let error = db.create_indexes::<AuthorWithEmail>().await.unwrap_err();
    assert!(matches!(&error, Error::TableCreation { .. }) && error.to_string().contains("email"), "{error:?}");
    assert_eq!(objects(&db).await, ["table authors"]);
}

#[tokio::test]
async fn tables_are_listed_in_the_order_of_their_creation() {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::open(folder.path().join("a.db")).await.unwrap();
    assert!(db.table_names().await.unwrap().is_empty());
    db.create_table::<Series>().await.unwrap();
    db.create_table::<Author>().await.unwrap();
    db.execute("CREATE VIEW v AS SELECT 1").await.unwrap();
    assert_eq!(db.table_names().await.unwrap(), ["series", "authors"]);
    db.close().await.unwrap();
    assert_eq!(db.table_names().await.unwrap(), ["series", "authors"]);
}

#[tokio::test]
async fn only_tables_of_sqlite_itself_are_left_out() {
    #[derive(Debug, Clone, PartialEq, Model)]
    struct SqliterItem {
        pk: Key<SqliterItem>,
    }
    let db = memory().await;
    db.create_table::<SqliterItem>().await.unwrap();
    db.insert(SqliterItem::builder()).await.unwrap();
    db.execute("ANALYZE").await.unwrap();
    db.execute("CREATE TABLE \"sqlite\" (x)").await.unwrap();
    assert_eq!(db.table_names().await.unwrap(), ["sqliter_items", "sqlite"]);
}
