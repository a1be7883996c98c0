//! What is wrong with a statement, a file or a call, each with its variant of `Error`.

use std::error::Error as _;
use std::future::Future;
use std::task::{Context, Poll, Waker};

use sqliter::prelude::*;
use sqliter::{Error, SqliteError};

#[derive(Debug, Clone, PartialEq, Model)]
struct User {
    pk: Key<User>,
    name: String,
}

/// The same table with a column more.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "users")]
struct UserV2 {
    pk: Key<UserV2>,
    name: String,
    #[model(index)]
    email: String,
}

fn report(error: &Error) -> &SqliteError {
    error.source().and_then(|source| source.downcast_ref()).unwrap_or_else(|| panic!("no report: {error:?}"))
}

async fn open() -> sqliter::Result<Db> {
    let db = Db::memory().await?;
    db.create_table::<User>().await?;
    Ok(db)
}

#[tokio::test(flavor = "multi_thread")]
async fn connection() -> sqliter::Result<()> {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("text.db");
    std::fs::write(&text, "no database, but long enough to be taken for the header of one. ".repeat(20)).unwrap();
    for (path, expected) in [
        (folder.path().to_owned(), "folder"),
        (folder.path().join("missing").join("x.db"), "does not exist"),
        (text, "not an SQLite database"),
    ] {
        let error = Db::open(&path).await.unwrap_err();
        let Error::Connection { path: named, reason, .. } = &error else { panic!("{error:?}") };
        assert_eq!(named, &path.display().to_string());
        assert!(reason.contains(expected), "{reason}");
        assert_eq!(error.to_string(), format!("cannot open the database {named}: {reason}"));
        assert!(error.source().is_some(), "{error:?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn table_creation_and_deletion() -> sqliter::Result<()> {
    let db = open().await?;
    let error = db.create_table::<User>().exists_ok(false).await.unwrap_err();
    let Error::TableCreation { table, source } = &error else { panic!("{error:?}") };
    assert_eq!((table.as_str(), source.code, report(&error)), ("users", 1, source));
    assert!(source.message.contains("already exists"), "{source}");
    assert_eq!(error.to_string(), format!("cannot create the table users: {source}"));

    db.drop_table::<User>().await?;
    db.execute("CREATE VIEW users AS SELECT 1").await?;
    let error = db.drop_table::<User>().await.unwrap_err();
    let Error::TableDeletion { table, source } = &error else { panic!("{error:?}") };
    assert_eq!((table.as_str(), source.code, report(&error)), ("users", 1, source));
    assert_eq!(error.to_string(), format!("cannot drop the table users: {source}"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_column_is_an_error_everywhere() -> sqliter::Result<()> {
    let db = open().await?;
    let row = db.insert(User::builder().name("email")).await?;
    let key = UserV2::key(*row.pk.raw());
    let mut changed = UserV2 { pk: key, name: "x".to_owned(), email: "y".to_owned() };
    let users = || db.select::<UserV2>();
    for error in [
        db.get(key).await.map(|_| ()).unwrap_err(),
        users().fetch_all().await.map(|_| ()).unwrap_err(),
        users().only(|u| u.email).fetch_all().await.map(|_| ()).unwrap_err(),
        users().filter(|u| u.email.eq("email")).only(|u| u.name).fetch_all().await.map(|_| ()).unwrap_err(),
        users().filter(|u| u.email.eq(u.name)).count().await.map(|_| ()).unwrap_err(),
        users().order(|u| u.email.asc()).only(|u| u.pk).fetch_one().await.map(|_| ()).unwrap_err(),
    ] {
        let Error::RecordFetch { table, source } = &error else { panic!("{error:?}") };
        assert_eq!(table, "users");
        assert!(source.message.starts_with("no such column: \"email\""), "{error}");
    }
    let error = db.insert(UserV2::builder().name("x").email("y")).await.unwrap_err();
    assert!(matches!(&error, Error::RecordInsertion { table, .. } if table == "users"), "{error:?}");
    assert!(report(&error).message.contains("no column named email"), "{error}");
    let error = db.update(&mut changed).await.unwrap_err();
    assert!(matches!(&error, Error::RecordUpdate { table, .. } if table == "users"), "{error:?}");
    let error = users().filter(|u| u.email.eq("email")).update(|u| u.name.set("z")).await.unwrap_err();
    assert!(matches!(&error, Error::RecordUpdate { .. }), "{error:?}");
    let error = users().filter(|u| u.email.eq("email")).delete().await.unwrap_err();
    assert!(matches!(&error, Error::RecordDeletion { .. }), "{error:?}");
    let error = db.create_table::<UserV2>().await.unwrap_err();
    assert!(matches!(&error, Error::SchemaDiffers { table, .. } if table == "users"), "{error:?}");
    assert_eq!(
        error.to_string(),
        "the table users in the file does not serve its model: it has no column email; `schema_diff` gives the SQL that mends it"
    );
    // Neither does the index come to be on a constant.
    let error = db.create_indexes::<UserV2>().await.unwrap_err();
    assert!(matches!(&error, Error::TableCreation { table, .. } if table == "users"), "{error:?}");
    assert_eq!(db.select::<User>().fetch_all().await?, [row]);
    // What does not name the column works.
    assert_eq!(users().filter(|u| u.name.eq("email")).only(|u| u.name).fetch_all().await?, ["email"]);
    Ok(())
}

/// A program can tell a file without tables from one that an older version made.
#[tokio::test]
async fn what_the_file_lacks_is_told_as_data() -> sqliter::Result<()> {
    fn lacking<T: std::fmt::Debug>(result: sqliter::Result<T>) -> (Option<String>, Option<String>) {
        let error = result.unwrap_err();
        let report = error.sqlite().unwrap_or_else(|| panic!("no report: {error:?}"));
        (report.missing_table().map(str::to_owned), report.missing_column().map(str::to_owned))
    }
    let table = |name: &str| (Some(name.to_owned()), None);
    let email = || (None, Some("email".to_owned()));
    let db = Db::memory().await?;
    assert_eq!(lacking(db.select::<User>().fetch_all().await), table("users"));
    assert_eq!(lacking(db.insert(User::builder().name("a")).await), table("users"));
    assert_eq!(lacking(db.delete(User::key(1)).await), table("users"));
    assert_eq!(lacking(db.execute("DELETE FROM \"a.b\"").await), table("a.b"));
    db.execute("CREATE TABLE users (pk INTEGER PRIMARY KEY, name TEXT NOT NULL REFERENCES nosuch(name))").await?;
    assert_eq!(lacking(db.insert(User::builder().name("a")).await), table("nosuch"));
    db.execute("DROP TABLE users").await?;
    db.create_table::<User>().await?;
    let mut row = UserV2 { pk: UserV2::key(1), name: String::new(), email: String::new() };
    assert_eq!(lacking(db.select::<UserV2>().fetch_all().await), email());
    assert_eq!(lacking(db.select::<UserV2>().filter(|u| u.email.eq("a")).count().await), email());
    assert_eq!(lacking(db.select::<UserV2>().update(|u| u.email.set("a")).await), email());
    assert_eq!(lacking(db.insert(UserV2::builder().name("a").email("a")).await), email());
    assert_eq!(lacking(db.update(&mut row).await), email());
    assert_eq!(lacking(db.create_indexes::<UserV2>().await), email());
    assert_eq!(lacking(db.query::<String>("SELECT u.email FROM users u").fetch_all().await), email());
    assert_eq!(lacking(db.execute("FROBNICATE").await), (None, None));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_required_row_that_is_not_there() -> sqliter::Result<()> {
    let db = open().await?;
    let error = db.select::<User>().filter(|u| u.name.eq("x")).fetch_required().await.unwrap_err();
    assert!(matches!(&error, Error::RecordNotFound { table, key: None } if table == "users"));
    assert_eq!(error.to_string(), "no such row in users");
    assert!(error.source().is_none());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_selection() -> sqliter::Result<()> {
    let db = open().await?;
    let error = db.select::<User>().exclude(|u| (u.pk, u.name)).fetch_dicts().await.unwrap_err();
    assert!(matches!(&error, Error::EmptySelection { table } if table == "users"), "{error:?}");
    assert_eq!(error.to_string(), "no column of users is left to read: all were excluded");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_of_no_model() -> sqliter::Result<()> {
    let db = open().await?;
    for sql in ["FROBNICATE", "INSERT INTO nowhere VALUES (1)", "SELECT \"a", "UPDATE users SET x = 1"] {
        let error = db.execute(sql).await.unwrap_err();
        let Error::SqlExecution { sql: named, source } = &error else { panic!("{error:?}") };
        assert_eq!((named.as_str(), report(&error)), (sql, source));
        assert!(error.to_string().starts_with(&format!("cannot execute {sql}: ")), "{error}");
    }
    assert_eq!(db.execute("INSERT INTO users (name) VALUES ('a'), ('b')").await?, 2);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_pattern_is_an_error_before_the_query_runs() -> sqliter::Result<()> {
    let db = open().await?;
    db.insert(User::builder().name("x")).await?;
    let error = db.select::<User>().filter(|u| u.name.regex("(")).fetch_all().await.unwrap_err();
    assert!(matches!(&error, Error::RegularExpression { table, .. } if table == "users"), "{error:?}");
    assert!(error.to_string().contains("malformed regular expression"), "{error}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_sqlite_ended() -> sqliter::Result<()> {
    let db = open().await?;
    let tx = db.begin().await?;
    tx.insert(User::builder().name("x")).await?;
    let first = tx.execute("INSERT OR ROLLBACK INTO users (pk, name) VALUES (1, 'y')").await.unwrap_err();
    for error in [
        tx.insert(User::builder().name("z")).await.map(|_| ()).unwrap_err(),
        tx.select::<User>().count().await.map(|_| ()).unwrap_err(),
        tx.begin().await.map(|_| ()).unwrap_err(),
        tx.commit().await.unwrap_err(),
    ] {
        assert!(matches!(error, Error::TransactionLost { .. }), "{error:?}");
        let text = format!("SQLite rolled the transaction back, and nothing of it was kept: {first}");
        assert_eq!(error.to_string(), text);
    }
    assert_eq!(db.select::<User>().count().await?, 0);
    db.insert(User::builder().name("x")).await?;
    Ok(())
}

#[test]
fn without_a_runtime_there_is_no_panic() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let db = runtime.block_on(open()).unwrap();
    // A thread looks at the table first.
    runtime.block_on(db.insert(User::builder().name("w"))).unwrap();
    let mut insert = std::pin::pin!(db.insert(User::builder().name("x")));
    let Poll::Ready(inserted) = insert.as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("the insert did not end at once")
    };
    inserted.unwrap();
    assert_eq!(runtime.block_on(db.select::<User>().count()).unwrap(), 2);
}

#[test]
fn errors_fit_into_the_usual_boxes() {
    fn usual<E: std::error::Error + Send + Sync + 'static>() {}
    usual::<Error>();
    fn question_mark() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        Err(Error::TransactionEnded)?
    }
    assert!(question_mark().unwrap_err().downcast_ref::<Error>().is_some());
}
