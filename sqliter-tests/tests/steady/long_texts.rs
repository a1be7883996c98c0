//! Short work is done at once, with limits that SQLite's own code does not always bear. Long texts come out right all the same.

use sqliter::prelude::*;

use crate::load;

#[derive(Debug, Clone, PartialEq, Model)]
struct Note {
    pk: Key<Note>,
    a: String,
    b: String,
}

const LENGTH: usize = 40_000;

fn note() -> NewNote {
    NewNote { a: "a".repeat(LENGTH), b: "b".repeat(LENGTH / 2) }
}

async fn databases(folder: &tempfile::TempDir) -> [Db; 2] {
    let databases = [Db::open(folder.path().join("a.db")).await.unwrap(), Db::memory().await.unwrap()];
    for db in &databases {
        db.create_table::<Note>().await.unwrap();
        // What is known of the schema is known.
        db.insert(note()).await.unwrap();
        for _ in 0..3 {
            assert!(db.get(Note::key(1)).await.unwrap().is_some());
        }
    }
    databases
}

#[tokio::test]
async fn a_query_that_prints_long_texts_gives_them() {
    let folder = load::folder();
    for db in databases(&folder).await {
        let text = "x".repeat(LENGTH);
        for name in ["format", "printf", "\"printf\"", "FORMAT /* a */"] {
            for _ in 0..2 {
                let printed = db.query::<Option<i64>>(format!("SELECT length({name}('%s%s', ?1, ?1))")).bind(&text);
                assert_eq!(printed.fetch_required().await.unwrap(), Some(2 * LENGTH as i64), "{name}");
            }
        }
    }
}

/// The view is another connection's, and the statement was compiled before it was there.
#[tokio::test]
async fn a_view_that_prints_long_texts_gives_them() {
    let folder = load::folder();
    for db in databases(&folder).await {
        db.execute("CREATE VIEW whole AS SELECT a AS text FROM notes").await.unwrap();
        let read = || db.query::<Option<String>>("SELECT text FROM whole").fetch_required();
        assert_eq!(read().await.unwrap().unwrap().len(), LENGTH);
        let mut other = db.pool().acquire().await.unwrap();
        let anew = "DROP VIEW whole; CREATE VIEW whole AS SELECT printf('%s%s', a, a) AS text FROM notes";
        sqliter::sqlx::raw_sql(anew).execute(&mut *other).await.unwrap();
        drop(other);
        for _ in 0..3 {
            assert_eq!(read().await.unwrap().unwrap().len(), 2 * LENGTH);
        }
    }
}

#[tokio::test]
async fn triggers_and_checks_that_print_long_texts_work() {
    let folder = load::folder();
    for db in databases(&folder).await {
        let logged = "CREATE TABLE log (text TEXT CHECK (printf('%s%s', text, text) IS NOT NULL))";
        db.execute(logged).await.unwrap();
        let trigger =
            "CREATE TRIGGER t AFTER INSERT ON notes BEGIN INSERT INTO log VALUES (printf('%s%s', new.a, new.b)); END";
        db.execute(trigger).await.unwrap();
        db.insert(note()).await.unwrap();
        let tx = db.begin().await.unwrap();
        tx.insert(note()).await.unwrap();
        tx.commit().await.unwrap();
        db.bulk_insert([note(), note()]).await.unwrap();
        let lengths: Vec<Option<i64>> = db.query("SELECT length(text) FROM log").fetch_all().await.unwrap();
        assert_eq!(lengths, [Some(LENGTH as i64 * 3 / 2); 4]);
    }
}

/// The module of the virtual table writes long blobs of its own.
#[tokio::test]
async fn full_text_indexes_stay_whole() {
    let folder = load::folder();
    for db in databases(&folder).await {
        for module in ["fts4(body)", "fts5(body)"] {
            let index = format!("DROP TABLE IF EXISTS found; CREATE VIRTUAL TABLE found USING {module}");
            for statement in index.split("; ") {
                db.execute(statement).await.unwrap();
            }
            db.execute("DROP TRIGGER IF EXISTS t").await.unwrap();
            let trigger = "CREATE TRIGGER t AFTER INSERT ON notes BEGIN INSERT INTO found (rowid, body) VALUES (new.pk, new.a); END";
            db.execute(trigger).await.unwrap();
            let words = "a ".repeat(28_000);
            for _ in 0..20 {
                db.insert(NewNote { a: words.clone(), b: String::new() }).await.unwrap();
            }
            let tx = db.begin().await.unwrap();
            for _ in 0..20 {
                tx.insert(NewNote { a: words.clone(), b: String::new() }).await.unwrap();
            }
            tx.commit().await.unwrap();
            let found = db.query::<i64>("SELECT count(*) FROM found WHERE found MATCH 'a'").fetch_required().await;
            assert_eq!(found.unwrap(), 40, "{module}");
            db.execute("INSERT INTO found (found) VALUES ('integrity-check')").await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_transaction_with_a_full_text_index_of_large_pages_is_committed() {
    let folder = load::folder();
    for db in databases(&folder).await {
        db.execute("CREATE VIRTUAL TABLE found USING fts5(body)").await.unwrap();
        db.execute("INSERT INTO found (found, rank) VALUES ('pgsz', 65536)").await.unwrap();
        let trigger =
            "CREATE TRIGGER t AFTER INSERT ON notes BEGIN INSERT INTO found (rowid, body) VALUES (new.pk, new.a); END";
        db.execute(trigger).await.unwrap();
        for turn in 0..6 {
            let tx = db.begin().await.unwrap();
            let a: String = (0..9_000).map(|n| format!("word{} ", turn * 9_000 + n)).collect();
            tx.insert(NewNote { a: a[..60_000].to_owned(), b: String::new() }).await.unwrap();
            tx.commit().await.unwrap();
        }
        let found = db.query::<i64>("SELECT count(*) FROM found WHERE found MATCH 'word*'").fetch_required().await;
        assert_eq!(found.unwrap(), 6);
    }
}
