//! What is told about statements through `tracing`.

use crate::models::{Author, Book, author, open};
use sqliter::prelude::*;
use sqliter::{CacheOptions, Error};
use sqliter_tests::listener::{Event, Fields, Listener, multi, single, told_in};
use tracing::{Instrument, Level, info, info_span};
use tracing_subscriber::layer::SubscriberExt;

#[test]
fn every_statement_is_an_event_with_its_rows() {
    for runtime in [multi(), single()] {
        let events = told_in(&runtime, async {
            let db = Db::memory().await?;
            db.create_table::<Author>().await?;
            let mut ada = db.insert(author("Ada")).await?;
            db.get(ada.pk).await?.unwrap();
            db.update(&mut ada).await?;
            db.bulk_insert((0..100).map(|i| author(&i.to_string()))).await?;
            assert_eq!(db.select::<Author>().filter(|a| a.name.lt("A")).fetch_all().await?.len(), 100);
            db.select::<Author>().filter(|a| a.name.eq("nobody")).fetch_all().await?;
            db.select::<Author>().count().await?;
            db.select::<Author>().filter(|a| a.name.lt("A")).update(|a| a.name.set(a.name)).await?;
            db.select::<Author>().filter(|a| a.name.lt("A")).delete().await?;
            db.delete(&ada).await?;
            db.delete(&ada).await.unwrap_err();
            db.execute("UPDATE authors SET name = ''").await?;
            db.table_names().await?;
            db.drop_table::<Author>().await
        });
        let seen: Vec<_> = events
            .iter()
            .map(|event| {
                assert_eq!((event.level, event.target, event.get("error")), (Level::DEBUG, "sqliter", None));
                assert_eq!((event.get("message"), event.get("arguments")), (Some("statement"), None));
                assert!(event.number("elapsed_us") < 60_000_000);
                let verb: Vec<_> = event.sql().split(' ').take(2).collect();
                (event.operation(), verb.join(" "), event.rows())
            })
            .filter(|(operation, sql, _)| !(operation.ends_with("_table(authors)") && sql.starts_with("SELECT")))
            .collect();
        let expected: [(&str, &str, u64); 25] = [
            ("create_table(authors)", "BEGIN IMMEDIATE", 0),
            ("create_table(authors)", "CREATE TABLE", 0),
            ("create_table(authors)", "COMMIT", 0),
            ("insert(authors)", "INSERT INTO", 1),
            ("fetch(authors)", "SELECT \"pk\",", 1),
            ("update(authors)", "UPDATE \"authors\"", 1),
            ("insert(authors)", "BEGIN IMMEDIATE", 0),
            ("insert(authors)", "INSERT INTO", 100),
            ("insert(authors)", "COMMIT", 0),
            ("fetch(authors)", "SELECT \"pk\",", 100),
            ("fetch(authors)", "SELECT \"pk\",", 0),
            ("fetch(authors)", "SELECT COUNT(*)", 1),
            ("update(authors)", "UPDATE \"authors\"", 100),
            ("delete(authors)", "DELETE FROM", 100),
            ("delete(authors)", "DELETE FROM", 1),
            ("delete(authors)", "DELETE FROM", 0),
            ("delete(authors)", "SELECT 1", 0),
            ("execute()", "UPDATE authors", 0),
            ("execute()", "SELECT name", 1),
            ("drop_table(authors)", "BEGIN IMMEDIATE", 0),
            ("drop_table(authors)", "PRAGMA defer_foreign_keys", 1),
            ("drop_table(authors)", "PRAGMA defer_foreign_keys", 0),
            ("drop_table(authors)", "DROP TABLE", 0),
            ("drop_table(authors)", "PRAGMA defer_foreign_keys", 0),
            ("drop_table(authors)", "COMMIT", 0),
        ];
        let seen: Vec<_> = seen.iter().map(|(span, sql, rows)| (span.as_str(), sql.as_str(), *rows)).collect();
        assert_eq!(seen, expected);
    }
}

#[test]
fn fields_have_the_names_of_opentelemetry() {
    for runtime in [multi(), single()] {
        let events = told_in(&runtime, async {
            let db = open(Db::options()).await?;
            info!(target: "program", "now");
            db.bulk_insert([author("Ada"), author("Bob")]).await?;
            db.select::<Author>().prefetch_related(|a| a.books).fetch_all().await?;
            db.query::<i64>("select 1 union select 2").fetch_all().await?;
            db.insert(author("Ada")).await.unwrap_err();
            db.execute("DELETE FROM authors").await?;
            Ok(())
        });
        let start = events.iter().position(|event| event.target == "program").unwrap();
        let shown = |fields: &Fields| {
            let named = |(name, _): &(&&str, &String)| !matches!(**name, "message" | "elapsed_us" | "error");
            let text = |(name, value): (&&str, &String)| match *name {
                "db.query.text" => format!("{name}={}", value.split(' ').take(3).collect::<Vec<_>>().join(" ")),
                _ => format!("{name}={value}"),
            };
            fields.0.iter().filter(named).map(text).collect::<Vec<_>>()
        };
        // What the spans are given later stands in those of the last event.
        let last: Vec<_> = ["INSERT", "SELECT", "select", "DELETE"]
            .into_iter()
            .map(|verb| events[start..].iter().rfind(|event| event.get("db.operation.name") == Some(verb)).unwrap())
            .map(|event| (event.spans.last().unwrap().0, shown(&event.fields)))
            .collect();
        let insert =
            ["db.operation.name=INSERT", "db.query.text=INSERT INTO \"authors\"", "db.response.status_code=2067"];
        assert_eq!(last[0], ("insert", insert.iter().map(|it| it.to_string()).collect()));
        assert_eq!(last[1].0, "fetch");
        let select = ["db.operation.name=select", "db.query.text=select 1 union", "db.response.returned_rows=2"];
        assert_eq!(last[2], ("execute", select.iter().map(|it| it.to_string()).collect()));
        let delete = ["db.operation.name=DELETE", "db.query.text=DELETE FROM authors", "rows_changed=2"];
        assert_eq!(last[3], ("execute", delete.iter().map(|it| it.to_string()).collect()));
        // A span has the first statement that is not one of the transaction; that of a commit has it already.
        let commit = events[start..].iter().find(|event| event.sql_is("COMMIT")).unwrap();
        let of_insert = [
            "db.collection.name=authors",
            "db.operation.name=INSERT",
            "db.query.text=INSERT INTO \"authors\"",
            "db.system.name=sqlite",
            "otel.kind=client",
        ];
        assert_eq!(shown(&commit.spans.last().unwrap().1), of_insert);
        let is_of_books = |event: &&Event| event.get("db.query.text").is_some_and(|sql| sql.contains("\"books\""));
        let books = events[start..].iter().rfind(is_of_books).unwrap();
        let fetch = shown(&books.spans.last().unwrap().1);
        assert!(fetch.contains(&"db.response.returned_rows=2".to_owned()), "{fetch:?}");
        assert!(fetch.contains(&"db.query.text=SELECT \"pk\", \"name\",".to_owned()), "{fetch:?}");
    }
}

#[test]
fn a_statement_that_fails_is_told_with_its_error() {
    for runtime in [multi(), single()] {
        let events = told_in(&runtime, async {
            let db = open(Db::options()).await?;
            db.insert(author("Ada")).await?;
            info!(target: "program", "now");
            db.insert(author("Ada")).await.unwrap_err();
            db.bulk_insert([author("Bob"), author("Ada"), author("Eve")]).await.unwrap_err();
            db.select::<Author>().update(|a| a.name.set("Ada")).await?;
            db.execute("FROBNICATE").await.unwrap_err();
            db.execute("DROP TABLE books").await?;
            db.select::<Book>().fetch_all().await.unwrap_err();
            Ok(())
        });
        let start = events.iter().position(|event| event.target == "program").unwrap();
        let failed: Vec<_> = events[start..].iter().filter(|event| event.get("error").is_some()).collect();
        let errors: Vec<_> = failed.iter().map(|event| (event.rows(), event.get("error").unwrap())).collect();
        let unique = "UNIQUE constraint failed: authors.name (SQLite result code 2067)";
        assert_eq!(errors[..2], [(0, unique), (1, unique)]);
        assert!(errors[2].1.contains("FROBNICATE"), "{errors:?}");
        assert!(errors[3].1.starts_with("no such table: books"), "{errors:?}");
        assert_eq!(errors.len(), 4);
        // What was begun is undone, and that is told too.
        assert!(events.iter().any(|event| event.sql_is("ROLLBACK")), "{events:#?}");
    }
}

#[test]
fn transactions_savepoints_and_pragmas_are_told() {
    for runtime in [multi(), single()] {
        let events = told_in(&runtime, async {
            let db = open(Db::options().cache(CacheOptions::default())).await?;
            info!(target: "program", "now");
            db.get(Author::key(1)).await?;
            let tx = db.begin().await?;
            tx.transaction(async |inner| inner.insert(author("Ada")).await).await?;
            drop(tx.begin().await?);
            tx.begin().await?.rollback().await?;
            tx.bulk_insert([author("Bob"), author("Cid")]).await?;
            tx.commit().await?;
            drop(db.begin().await?);
            db.begin().await?.rollback().await?;
            db.select::<Author>().prefetch_related(|a| a.books).fetch_all().await?;
            Ok(())
        });
        let start = events.iter().position(|event| event.target == "program").unwrap();
        let mut seen: Vec<_> = events[start + 1..]
            .iter()
            .map(|event| event.sql())
            .filter(|sql| !sql.starts_with("SELECT") && !sql.starts_with("INSERT"))
            .collect();
        // On a busy machine, the rows are begun in place and written on a thread.
        while let Some(undone) =
            seen.windows(2).position(|two| two[0] == "SAVEPOINT work" && two[1].starts_with("ROLLBACK"))
        {
            seen.drain(undone..undone + 2);
        }
        let expected = [
            "PRAGMA data_version",
            "BEGIN IMMEDIATE",
            "SAVEPOINT nested_1",
            "RELEASE nested_1",
            "SAVEPOINT nested_1",
            "ROLLBACK TO nested_1; RELEASE nested_1",
            "SAVEPOINT nested_1",
            "ROLLBACK TO nested_1; RELEASE nested_1",
            "SAVEPOINT work",
            "RELEASE work",
            "COMMIT",
            "BEGIN IMMEDIATE",
            "ROLLBACK",
            "BEGIN IMMEDIATE",
            "ROLLBACK",
            "BEGIN",
            "COMMIT",
        ];
        assert_eq!(seen, expected);
        for event in &events[start + 1..] {
            assert!(event.spans.len() == 2, "without the span of an operation: {event:?}");
        }
    }
}

#[test]
fn the_pragmas_of_opening_and_emptying_are_told() {
    let listener = Listener::default();
    let subscriber = tracing_subscriber::registry().with(listener.clone());
    tracing::subscriber::with_default(subscriber, || {
        single().block_on(async { Db::options().reset().open().await.map(|_| ()) }).unwrap();
    });
    let events = listener.events();
    let pragmas: Vec<_> = events.iter().map(|event| event.sql()).filter(|sql| sql.starts_with("PRAGMA")).collect();
    let (ask, off, on) = ("PRAGMA foreign_keys", "PRAGMA foreign_keys = OFF", "PRAGMA foreign_keys = ON");
    assert_eq!(pragmas[pragmas.len() - 5..], [ask, off, ask, on, ask]);
}

#[test]
fn statements_stand_in_the_span_of_the_caller_on_any_thread() {
    for runtime in [multi(), single()] {
        let events = told_in(&runtime, async {
            let inner = info_span!(target: "program", "handler");
            async {
                let db = open(Db::options()).await?;
                let ada = db.insert(author("Ada")).await?;
                db.insert(Book::builder().title("Notes").author_id(&ada)).await?;
                // On a blocking thread at first, in place later.
                for _ in 0..5 {
                    db.select::<Author>().prefetch_related(|a| a.books).fetch_all().await?;
                }
                // Another task leaves the span unless it is told to stay.
                let (clone, span) = (db.clone(), tracing::Span::current());
                tokio::spawn(async move { clone.get(Author::key(1)).await }.instrument(span)).await.unwrap()?;
                drop(db.begin().await?);
                Ok::<_, Error>(())
            }
            .instrument(inner)
            .await?;
            info!(target: "program", "after");
            Ok(())
        });
        let (after, statements) = events.split_last().unwrap();
        assert_eq!(after.spans.len(), 1, "a span was not left: {after:?}");
        assert!(statements.len() > 20);
        for event in statements {
            let names: Vec<_> = event.spans.iter().map(|(name, _)| *name).collect();
            assert_eq!(names[..2], ["request", "handler"], "{event:?}");
            assert_eq!(names.len(), 3, "{event:?}");
        }
        // The statement that prefetches is a part of the same operation.
        let prefetched =
            statements.iter().filter(|event| event.sql().contains("\"books\"") && event.sql().contains("rarray"));
        assert!(prefetched.map(Event::operation).all(|operation| operation == "fetch(authors)"));
    }
}

#[tokio::test]
async fn a_subscriber_of_one_thread_hears_what_is_done_for_it_on_others() -> sqliter::Result<()> {
    let listener = Listener::default();
    let guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(listener.clone()));
    let db = open(Db::options()).await?;
    db.insert(author("Ada")).await?;
    drop(guard);
    db.insert(author("Bob")).await?;
    let inserts: Vec<_> = listener.events().into_iter().filter(|event| event.sql().starts_with("INSERT")).collect();
    assert_eq!(inserts.len(), 1);
    assert_eq!(inserts[0].operation(), "insert(authors)");
    Ok(())
}
