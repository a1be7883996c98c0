//! Which values are told with statements: arguments when they are asked for, and none else.

use crate::models::{Author, Book, author, open};
use sqliter::DbOptions;
use sqliter::prelude::*;
use sqliter_tests::listener::{multi, single, told_in};
use tracing::info;

#[derive(Debug, Clone, PartialEq, Model)]
struct Counter {
    pk: Key<Counter>,
    number: u64,
}

/// The events after a first one of the program.
fn arguments_of(options: DbOptions) -> Vec<(String, Option<String>)> {
    let events = told_in(&multi(), async {
        let db = open(options).await?;
        info!(target: "program", "now");
        let ada = db.insert(author("what? it's \"?\", ?1")).await?;
        db.insert(Book::builder().title("a\nb").author_id(&ada)).await?;
        db.bulk_insert([author("x"), author("y")]).await?;
        let chosen = db.select::<Book>().filter(|b| b.title.eq("?") & b.pages.gt(1) & b.author_id.is_in([&ada]));
        chosen.clone().fetch_all().await?;
        chosen.explain().await?;
        chosen.update(|b| (b.title.set("'?"), b.pages.set(None))).await?;
        db.select::<Author>().count().await?;
        let number = |number: i64| Author::key(number);
        db.select::<Author>().filter(|a| a.pk.is_in((0..100_000).map(number))).fetch_all().await?;
        Ok(())
    });
    let start = events.iter().position(|event| event.target == "program").unwrap();
    let statements =
        events[start + 1..].iter().filter(|event| !["BEGIN IMMEDIATE", "COMMIT", "ROLLBACK"].contains(&event.sql()));
    statements.map(|event| (event.sql().to_owned(), event.get("arguments").map(str::to_owned))).collect()
}

#[test]
fn arguments_are_a_field_of_their_own_when_asked_for() {
    let shown = arguments_of(Db::options().log_arguments(true));
    let hidden = arguments_of(Db::options());
    let texts = |told: &[(String, Option<String>)]| told.iter().map(|(sql, _)| sql.clone()).collect::<Vec<_>>();
    assert_eq!(texts(&shown), texts(&hidden), "the statement is the same");
    assert!(hidden.iter().all(|(_, arguments)| arguments.is_none()), "{hidden:?}");

    let arguments: Vec<_> = shown.iter().map(|(_, arguments)| arguments.as_deref()).collect();
    let expected = [
        Some("'what? it''s \"?\", ?1'"),
        Some("'a\nb', NULL, 1"),
        Some("'x'; 'y'"),
        Some("'?', 1, [1]"),
        Some("'?', 1, [1]"),
        Some("'''?', NULL, '?', 1, [1]"),
        None,
    ];
    assert_eq!(arguments[..7], expected);
    assert_eq!(shown[0].0, "INSERT INTO \"authors\" (\"name\") VALUES (?)");
    assert_eq!(shown[4].0, format!("EXPLAIN QUERY PLAN {}", shown[3].0));
    // A list without end does not make a line without end.
    let long = arguments[7].unwrap();
    assert!(long.starts_with("[0, 1, 2, ") && long.ends_with('…') && (8_000..9_000).contains(&long.len()), "{long}");
}

const SECRET: &str = "5ecret";

/// Statements of all kinds with a secret among their arguments, failing ones too.
async fn keep_a_secret(db: &Db) -> sqliter::Result<()> {
    let secret = || format!("{SECRET} (");
    let mut ada = db.insert(author(&secret())).await?;
    db.insert(author(&secret())).await.unwrap_err();
    db.bulk_insert([author("x"), author(&secret())]).await.unwrap_err();
    db.update(&mut ada).await?;
    let mut other = db.insert(author("y")).await?;
    other.name = secret();
    db.update(&mut other).await.unwrap_err();
    let chosen = || db.select::<Author>().filter(|a| a.name.eq(secret()) | a.name.is_in([secret()]));
    assert_eq!(chosen().fetch_all().await?.len(), 1);
    assert_eq!(chosen().prefetch_related(|a| a.books.filter(|b| b.title.contains(SECRET))).fetch_all().await?.len(), 1);
    chosen().explain().await?;
    db.select::<Author>().filter(|a| a.name.ne(secret())).update(|a| a.name.set(secret())).await.unwrap_err();
    // A malformed pattern, which the message quotes.
    let error = db.query::<bool>("SELECT 'a' REGEXP ?").bind(secret()).fetch_all().await.unwrap_err();
    assert!(error.to_string().contains(SECRET), "{error}");
    // A trigger that quotes the row.
    db.execute(
        "CREATE TRIGGER refuse BEFORE INSERT ON books WHEN NEW.title LIKE '%5%' \
         BEGIN SELECT RAISE(ABORT, 'not ' || NEW.title); END",
    )
    .await?;
    let error = db.insert(Book::builder().title(secret()).author_id(&ada)).await.unwrap_err();
    assert!(error.to_string().contains(SECRET), "{error}");
    chosen().delete().await?;
    Ok(())
}

#[test]
fn no_argument_is_told_unless_asked_for() {
    for runtime in [multi(), single()] {
        let events = told_in(&runtime, async { keep_a_secret(&open(Db::options()).await?).await });
        assert!(events.len() >= 25, "{}", events.len());
        for event in &events {
            assert!(!format!("{event:?}").contains(SECRET), "{event:?}");
        }
        let errors: Vec<_> = events.iter().filter_map(|event| event.get("error")).collect();
        assert!(errors.contains(&"SQLite result code 1, whose message may quote arguments"), "{errors:?}");
        assert!(errors.contains(&"SQLite result code 1811, whose message may quote arguments"), "{errors:?}");
        assert!(errors.contains(&"UNIQUE constraint failed: authors.name (SQLite result code 2067)"), "{errors:?}");
    }
    let options = Db::options().log_arguments(true);
    let events = told_in(&multi(), async { keep_a_secret(&open(options).await?).await });
    let errors: Vec<_> = events.iter().filter_map(|event| event.get("error")).collect();
    assert!(errors.contains(&"not 5ecret ( (SQLite result code 1811)"), "{errors:?}");
    assert!(errors.iter().any(|error| error.contains("regex") && error.contains(SECRET)), "{errors:?}");
}

#[test]
fn a_value_that_has_no_form_is_told_when_asked_for() {
    for (asked, expected) in [
        (false, "counters.number cannot hold the value"),
        (
            true,
            "counters.number cannot hold the value: 18446744073709551615 is above 9223372036854775807, the largest integer of SQLite",
        ),
    ] {
        let events = told_in(&multi(), async move {
            let db = Db::options().log_arguments(asked).open().await?;
            db.create_table::<Counter>().await?;
            db.bulk_insert([1, u64::MAX].map(|number| Counter::builder().number(number))).await.unwrap_err();
            Ok(())
        });
        let insert = events.iter().find(|event| event.sql().starts_with("INSERT")).unwrap();
        assert_eq!((insert.rows(), insert.get("error")), (1, Some(expected)));
    }
}

#[test]
fn what_is_stored_is_never_told() {
    for asked in [false, true] {
        let events = told_in(&multi(), async move {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("a.db");
            let other = rusqlite::Connection::open(&path).unwrap();
            other.execute_batch("CREATE TABLE books (pk INTEGER PRIMARY KEY, title, pages, author_id)").unwrap();
            other.execute("INSERT INTO books VALUES (1, 'x', ?, 1)", [SECRET]).unwrap();
            let db = Db::options().path(path).log_arguments(asked).open().await?;
            let error = db.select::<Book>().fetch_all().await.unwrap_err();
            assert!(error.to_string().contains(SECRET), "{error}");
            Ok(())
        });
        let [event] = events.as_slice() else { panic!("{events:?}") };
        assert_eq!(event.rows(), 1);
        assert_eq!(
            event.get("error"),
            Some("books.pages holds another value, expected an integer in the range of i64")
        );
    }
}
