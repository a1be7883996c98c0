//! Migrations in Rust stand between those in SQL.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sqliter::prelude::*;
use sqliter::{Error, Migration, Migrations};
use sqlx::migrate::{MigrateError, MigrationType, Migrator};

use crate::share::{count, file, files, folder, recorded, schema, versions};

const PEOPLE: &str = "CREATE TABLE people (pk INTEGER PRIMARY KEY, name TEXT NOT NULL, family TEXT) STRICT;
    INSERT INTO people (name) VALUES ('Ada Lovelace'), ('Plato'), ('Grace Hopper')";

async fn split_names(tx: &Tx) -> sqliter::Result<()> {
    let people: Vec<(i64, String)> = tx.query("SELECT pk, name FROM people").fetch_all().await?;
    for (pk, name) in people {
        if let Some((name, family)) = name.split_once(' ') {
            tx.execute("UPDATE people SET name = ?, family = ? WHERE pk = ?").bind(name).bind(family).bind(pk).await?;
        }
    }
    Ok(())
}

fn first_and_third() -> Migrator {
    let kind = MigrationType::Simple;
    Migrator::with_migrations(vec![
        file(1, "first", kind, PEOPLE),
        file(3, "third", kind, "CREATE UNIQUE INDEX by_family ON people (family) WHERE family IS NOT NULL"),
    ])
}

#[tokio::test]
async fn a_migration_in_rust_runs_in_its_turn_and_once() {
    let folder = folder();
    for db in [Db::memory().await.unwrap(), Db::open(folder.path().join("a.db")).await.unwrap()] {
        let ran = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&ran);
        let all = Migrations::from(first_and_third()).with(Migration::rust(2, "split names", async move |tx| {
            counted.fetch_add(1, Ordering::Relaxed);
            assert_eq!(tx.table_names().await?, ["_sqlx_migrations", "people"]);
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
            split_names(tx).await
        }));
        assert_eq!(versions(&db.migrate(&all).await.unwrap()), [1, 2, 3]);
        assert!(db.migrate(&all).await.unwrap().is_empty());
        assert_eq!(ran.load(Ordering::Relaxed), 1);
        let families: Vec<Option<String>> =
            db.query("SELECT family FROM people ORDER BY pk").fetch_all().await.unwrap();
        assert_eq!(families, [Some("Lovelace".to_owned()), None, Some("Hopper".to_owned())]);
        assert_eq!(all.iter().collect::<Vec<_>>(), [(1, "first"), (2, "split names"), (3, "third")]);
    }
}

#[derive(Debug, thiserror::Error)]
#[error("there are too many people")]
struct TooMany;

#[tokio::test]
async fn when_one_in_rust_fails_everything_is_undone() {
    let db = Db::memory().await.unwrap();
    let failing = Migrations::from(first_and_third()).with(Migration::try_rust(2, "count", async |tx| {
        tx.execute("DELETE FROM people").await?;
        Err::<(), Box<dyn std::error::Error + Send + Sync>>(TooMany.into())
    }));
    let error = db.migrate(&failing).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "migration 2 (count) failed: there are too many people; everything of the call was undone"
    );
    assert!(matches!(&error, Error::Migration { version: 2, source, .. } if source.is::<TooMany>()));
    assert!(db.table_names().await.unwrap().is_empty());

    let failing = Migrations::from(first_and_third())
        .with(Migration::rust(2, "wrong", async |tx| tx.execute("nonsense").await.map(drop)));
    let error = db.migrate(&failing).await.unwrap_err();
    assert!(error.to_string().starts_with("migration 2 (wrong) failed: cannot execute nonsense: "), "{error}");
    assert!(error.sqlite().is_some());

    let failing = Migrations::from(first_and_third())
        .with(Migration::rust(4, "late", split_names))
        .with(Migration::rust(5, "twice", async |tx| tx.execute("UPDATE people SET family = 'x'").await.map(drop)));
    assert!(db.migrate(&failing).await.is_err());
    assert!(db.table_names().await.unwrap().is_empty());
}

#[tokio::test]
async fn what_is_left_of_a_transaction_inside_is_undone() {
    let db = Db::memory().await.unwrap();
    let leaky = Migrations::from(first_and_third()).with(Migration::rust(2, "leaky", async |tx| {
        let inner = tx.begin().await?;
        inner.execute("DELETE FROM people").await?;
        // Neither committed nor rolled back.
        Ok(())
    }));
    db.migrate(&leaky).await.unwrap();
    assert_eq!(count(&db, "people").await, 3);
}

#[tokio::test]
async fn a_panic_in_rust_undoes_everything_and_is_passed_on() {
    let db = Db::memory().await.unwrap();
    let again = db.clone();
    let panicked = tokio::spawn(async move {
        let all =
            Migrations::from(first_and_third()).with(Migration::rust(2, "panics", async |_| panic!("on purpose")));
        again.migrate(&all).await.map(drop)
    });
    assert!(panicked.await.unwrap_err().is_panic());
    assert!(db.table_names().await.unwrap().is_empty());
    db.migrate(first_and_third()).await.unwrap();
}

#[tokio::test]
async fn a_call_that_is_dropped_in_rust_undoes_everything() {
    let folder = folder();
    for db in [Db::memory().await.unwrap(), Db::open(folder.path().join("a.db")).await.unwrap()] {
        let waiting = Migrations::from(first_and_third()).with(Migration::rust(2, "waits", async |tx| {
            tx.execute("DELETE FROM people").await?;
            std::future::pending().await
        }));
        let begun = tokio::time::timeout(std::time::Duration::from_millis(200), db.migrate(&waiting)).await;
        assert!(begun.is_err(), "it waits");
        assert!(db.table_names().await.unwrap().is_empty());
        let enforced: i64 =
            db.transaction(async |tx| tx.query("PRAGMA foreign_keys").fetch_required().await).await.unwrap();
        assert_eq!(enforced, 1);
        db.migrate(first_and_third()).await.unwrap();
    }
}

#[tokio::test]
async fn the_database_is_refused_inside_as_it_would_wait_for_ever() {
    let folder = folder();
    let db = Db::open(folder.path().join("a.db")).await.unwrap();
    let inside = db.clone();
    let all = Migrations::from(first_and_third())
        .with(Migration::rust(2, "outside", async move |_| inside.execute("DELETE FROM people").await.map(drop)));
    let error = db.migrate(&all).await.unwrap_err();
    assert!(error.to_string().contains("use the transaction instead"), "{error}");
}

#[tokio::test]
async fn rust_is_undone_by_rust() {
    let db = Db::memory().await.unwrap();
    let first = Migrator::with_migrations(vec![
        file(1, "first", MigrationType::ReversibleUp, PEOPLE),
        file(1, "first", MigrationType::ReversibleDown, "DROP TABLE people"),
    ]);
    let up = Migration::rust(2, "split names", split_names);
    let back = Migrations::from(&first).with(up.down(async |tx| {
        tx.execute("UPDATE people SET name = name || ' ' || family, family = NULL WHERE family IS NOT NULL")
            .await
            .map(drop)
    }));
    db.migrate(&back).await.unwrap();
    assert_eq!(versions(&db.undo_migrations(&back).await.unwrap()), [2]);
    let names: Vec<String> = db.query("SELECT name FROM people ORDER BY pk").fetch_all().await.unwrap();
    assert_eq!(names, ["Ada Lovelace", "Plato", "Grace Hopper"]);
    db.migrate(&back).await.unwrap();
    assert_eq!(versions(&db.undo_migrations(&back).to(0).await.unwrap()), [2, 1]);
    assert!(schema(&db).await.is_empty());
}

#[tokio::test]
async fn with_a_file_beside_it_sqlx_finds_what_it_looks_for() {
    let folder = folder();
    let db = Db::open(folder.path().join("a.db")).await.unwrap();
    let alone = Migrations::from(first_and_third()).with(Migration::rust(2, "split names", split_names));
    db.migrate(&alone).await.unwrap();
    let error = first_and_third().run(&db.pool()).await.unwrap_err();
    assert!(matches!(error, MigrateError::VersionMissing(2)), "{error}");

    let db = Db::open(folder.path().join("b.db")).await.unwrap();
    let mut all = first_and_third();
    all.migrations.to_mut().insert(1, file(2, "split names", MigrationType::Simple, "-- in src/migrations.rs"));
    let beside = Migrations::from(&all).with(Migration::rust(2, "split names", split_names));
    assert_eq!(versions(&db.migrate(&beside).await.unwrap()), [1, 2, 3]);
    all.run(&db.pool()).await.unwrap();
    assert_eq!(recorded(&db).await, [1, 2, 3]);
}

#[tokio::test]
async fn rust_and_files_do_not_share_a_version_by_mistake() {
    let db = Db::memory().await.unwrap();
    let all = Migrations::from(files(&[PEOPLE])).with(Migration::rust(1, "split names", split_names));
    let error = db.migrate(&all).await.unwrap_err();
    let text =
        "cannot migrate: two migrations have the version 1: first, and split names; give one of them another version";
    assert_eq!(error.to_string(), text);
    let bare = Migrations::from(files(&["-- no-transaction\nVACUUM"])).with(Migration::rust(1, "first", split_names));
    let error = db.migrate(&bare).await.unwrap_err();
    assert!(error.to_string().contains("but its code in Rust runs in a transaction"), "{error}");
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "people")]
struct Person {
    pk: Key<Person>,
    name: String,
}

#[tokio::test]
async fn what_models_saw_of_a_schema_that_was_undone_is_forgotten() {
    static VERSION: AtomicUsize = AtomicUsize::new(0);
    let folder = folder();
    let path = folder.path().join("a.db");
    let db = Db::open(&path).await.unwrap();
    db.migrate(files(&[PEOPLE])).await.unwrap();
    db.insert(Person::builder().name("Emmy")).await.unwrap();
    let keyless = "DROP TABLE people; CREATE TABLE people (name TEXT, pk INTEGER)";
    let failing = Migrations::from(files(&[PEOPLE, keyless])).with(Migration::rust(3, "fails", async |tx| {
        let version: i64 = tx.query("SELECT schema_version FROM pragma_schema_version").fetch_required().await?;
        VERSION.store(version.try_into().unwrap(), Ordering::Relaxed);
        assert!(matches!(tx.insert(Person::builder().name("Emmy")).await, Err(Error::SchemaDiffers { .. })));
        Err(Error::TransactionEnded)
    }));
    assert!(db.migrate(failing).await.is_err());
    // Another program changes the schema as often, and leaves the table as it is.
    let other = rusqlite::Connection::open(&path).unwrap();
    let version = || other.query_row("PRAGMA schema_version", [], |row| row.get::<_, i64>(0)).unwrap() as usize;
    for i in version()..VERSION.load(Ordering::Relaxed) {
        other.execute_batch(&format!("CREATE TABLE other_{i} (a)")).unwrap();
    }
    assert_eq!(version(), VERSION.load(Ordering::Relaxed));
    db.insert(Person::builder().name("Sofia")).await.unwrap();
}

#[tokio::test]
async fn models_see_what_the_file_between_two_has_changed() {
    let db = Db::memory().await.unwrap();
    let keyless = "DROP TABLE people; CREATE TABLE people (name TEXT, pk INTEGER)";
    let files = Migrator::with_migrations(vec![
        file(1, "first", MigrationType::Simple, PEOPLE),
        file(3, "third", MigrationType::Simple, keyless),
    ]);
    let insert = async |tx: &Tx| tx.insert(Person::builder().name("Emmy")).await.map(drop);
    let all = Migrations::from(files).with(Migration::rust(2, "one", insert)).with(Migration::rust(4, "two", insert));
    let error = db.migrate(all).await.unwrap_err();
    assert!(
        matches!(&error, Error::Migration { version: 4, source, .. }
        if matches!(source.downcast_ref(), Some(Error::SchemaDiffers { .. }))),
        "{error}"
    );
}
