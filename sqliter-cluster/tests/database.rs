//! Databases that are opened with `cluster(…)`: what the library writes reaches three machines, and gives what it gives without them.

use std::path::PathBuf;
use std::sync::Arc;

use sqliter::prelude::*;
use sqliter::{Error, Migration, Migrations};
use sqliter_cluster::{List, Machine, dump};
use tempfile::TempDir;

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(books = Book::author))]
struct Author {
    pk: Key<Author>,
    #[model(unique)]
    name: String,
    born: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
    #[model(on_delete = cascade)]
    author_id: Key<Author>,
}

/// A table without a primary key in SQL.
const NOTES: &str = "CREATE TABLE notes (text TEXT NOT NULL, made TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP) STRICT";

struct Three {
    folder: TempDir,
    order: Arc<List>,
    machines: Vec<(Db, Arc<Machine<List>>)>,
}

impl Three {
    async fn start() -> Self {
        let (folder, order) = (TempDir::new().unwrap(), Arc::new(List::default()));
        let mut three = Self { folder, order, machines: Vec::new() };
        for number in 0..3 {
            let machine = Arc::new(Machine::new(Arc::clone(&three.order)));
            let db = Db::options().path(three.file(number)).cluster(machine.clone()).open().await.unwrap();
            three.machines.push((db, machine));
        }
        three
    }

    fn file(&self, number: usize) -> PathBuf {
        self.folder.path().join(format!("machine{number}.db"))
    }

    fn db(&self, number: usize) -> &Db {
        &self.machines[number].0
    }

    fn entries(&self) -> usize {
        self.order.number()
    }

    /// Waits until all machines have everything, and gives what they hold.
    async fn same(&self) -> Vec<String> {
        for (_, machine) in &self.machines {
            machine.barrier().await.unwrap();
        }
        let dumps: Vec<_> = (0..self.machines.len()).map(|number| dump(&self.file(number)).unwrap()).collect();
        assert!(dumps.iter().all(|dump| *dump == dumps[0]), "the machines hold different rows: {dumps:#?}");
        dumps.into_iter().next().unwrap()
    }

    /// The same, with the tables.
    async fn with_tables() -> Self {
        let three = Self::start().await;
        three.db(0).create_tables::<(Author, Book)>().await.unwrap();
        three.same().await;
        three
    }
}

#[tokio::test]
async fn what_chains_write_reaches_three_machines() {
    let three = Three::with_tables().await;
    let (one, two) = (three.db(0), three.db(1));
    let ada = one.insert(Author::builder().name("Ada").born(1815)).await.unwrap();
    three.same().await;
    // On another machine, with the rows of the first.
    let books = [("Notes", 60), ("Letters", 200)]
        .map(|(title, pages)| Book::builder().title(title).pages(pages).author_id(ada.pk));
    let books = two.bulk_insert(books).await.unwrap();
    assert_eq!(books.iter().map(|book| book.pk).collect::<Vec<_>>(), [Book::key(1), Book::key(2)]);
    let changed = two.select::<Book>().filter(|b| b.pages.lt(100)).update(|b| b.pages.add(5)).await.unwrap();
    assert_eq!(changed, 1);
    let titles = two.select::<Book>().filter(|b| b.pk.is_in([1, 2, 3, 4].map(Book::key))).update(|b| b.pages.add(1));
    assert_eq!(titles.await.unwrap(), 2);
    let mut letters = books[1].clone();
    letters.title = "All letters".to_owned();
    letters.pages = 201;
    two.update(&mut letters).await.unwrap();
    let error = two.insert(Author::builder().name("Ada")).await.unwrap_err();
    assert!(matches!(error, Error::UniqueViolation { .. }), "{error:?}");
    let error = two.insert(Book::builder().title("?").pages(1).author_id(Author::key(9))).await.unwrap_err();
    assert!(matches!(error, Error::ForeignKeyViolation { .. }), "{error:?}");
    three.same().await;
    assert_eq!(one.get(Book::key(2)).await.unwrap().unwrap().title, "All letters");
    // A cascade, on the third.
    assert!(three.db(2).delete(ada.pk).await.is_ok());
    let before = three.entries();
    let holds = three.same().await;
    assert!(!holds.iter().any(|line| line.starts_with("books: ")), "{holds:#?}");
    // What changes nothing is not sent.
    assert_eq!(one.select::<Book>().delete().await.unwrap(), 0);
    assert_eq!(three.entries(), before);
    // Nobody's list of tables has ours.
    assert_eq!(one.table_names().await.unwrap(), ["authors", "books"]);
}

#[tokio::test]
async fn raw_sql_scripts_and_returned_rows_reach_three_machines() {
    let three = Three::with_tables().await;
    let (one, two) = (three.db(0), three.db(1));
    one.execute(NOTES).await.unwrap();
    three.same().await;
    assert_eq!(two.execute("INSERT INTO notes (text) VALUES (?), (?)").bind("a").bind("b").await.unwrap(), 2);
    let changed = two.query::<String>("UPDATE notes SET text = text || '!' RETURNING text").fetch_all().await.unwrap();
    assert_eq!(changed, ["a!", "b!"]);
    two.execute_script(
        "CREATE TABLE words (word TEXT PRIMARY KEY); INSERT INTO words VALUES (\"one\"); DELETE FROM notes WHERE text = 'a!'",
    )
    .await
    .unwrap_err();
    let script = "CREATE TABLE words (word TEXT PRIMARY KEY, at TEXT DEFAULT (datetime('now')));
        INSERT INTO words (word) VALUES ('one'); DELETE FROM notes WHERE text = 'a!'";
    two.execute_script(script).await.unwrap();
    two.execute("PRAGMA user_version = 7").await.unwrap();
    let holds = three.same().await;
    assert!(holds.iter().any(|line| line.starts_with("notes: 2, \"b!\"")), "{holds:#?}");
    assert_eq!(three.db(2).query::<i64>("PRAGMA user_version").fetch_required().await.unwrap(), 7);
    // What would be another thing on each machine.
    let random = "CREATE TABLE dice AS SELECT abs(random() % 6) AS eyes";
    let error = one.execute(random).await.unwrap_err();
    assert!(matches!(&error, Error::NotReplicated { reason } if reason.contains("random()")), "{error:?}");
    // Its rows could be known by nothing, and no change of them would be recorded.
    let error = one.execute("CREATE TABLE loose (a, rowid, _rowid_, oid)").await.unwrap_err();
    assert!(matches!(&error, Error::NotReplicated { reason } if reason.contains("loose")), "{error:?}");
    // Rows are sent as they are.
    one.execute("INSERT INTO notes (text) VALUES (hex(randomblob(8)))").await.unwrap();
    three.same().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn transactions_are_one_entry_and_run_in_tasks_of_their_own() {
    let three = Arc::new(Three::with_tables().await);
    let before = three.entries();
    let task = {
        let three = Arc::clone(&three);
        tokio::spawn(async move {
            let work = async |tx: &Tx| {
                let bea = tx.insert(Author::builder().name("Bea")).await?;
                let inner: sqliter::Result<()> = tx
                    .transaction(async |inner| {
                        inner.delete(&bea).await?;
                        Err(Error::NoResult { reason: "it is taken back".to_owned() })
                    })
                    .await;
                assert!(inner.is_err());
                tx.insert(Book::builder().title("B").pages(1).author_id(bea.pk)).await
            };
            three.db(1).transaction(work).await
        })
    };
    assert_eq!(task.await.unwrap().unwrap().author_id, Author::key(1));
    assert_eq!(three.entries(), before + 1);
    let tx = three.db(2).begin().await;
    // What is rolled back is not sent.
    let tx = tx.unwrap();
    tx.insert(Author::builder().name("Cid")).await.unwrap();
    tx.rollback().await.unwrap();
    assert_eq!(three.entries(), before + 1);
    three.same().await;
}

#[tokio::test]
async fn who_comes_second_is_told_or_runs_again() {
    let three = Three::with_tables().await;
    let (one, two) = (three.db(0), three.db(1));
    let tx = two.begin().await.unwrap();
    tx.insert(Author::builder().name("Ada")).await.unwrap();
    one.insert(Author::builder().name("Bea")).await.unwrap();
    let error = tx.commit().await.unwrap_err();
    assert!(matches!(error, Error::Conflict), "{error:?}");
    three.same().await;
    // Calls that are no transaction run again by themselves: here, all at once from three machines.
    let writes = (0..30).map(|number| {
        let db = three.db(number % 3).clone();
        tokio::spawn(async move { db.insert(Author::builder().name(format!("n{number}"))).await })
    });
    for write in writes.collect::<Vec<_>>() {
        write.await.unwrap().unwrap();
    }
    three.same().await;
    assert_eq!(one.select::<Author>().count().await.unwrap(), 31);
}

#[tokio::test]
async fn writes_that_wait_beside_each_other_are_one_entry() {
    let three = Three::with_tables().await;
    let before = three.entries();
    let writes = (0..64).map(|number| {
        let db = three.db(0).clone();
        tokio::spawn(async move { db.insert(Author::builder().name(format!("n{number}"))).await })
    });
    for write in writes.collect::<Vec<_>>() {
        write.await.unwrap().unwrap();
    }
    let sent = three.entries() - before;
    println!("64 inserts of tasks beside each other were {sent} entries");
    assert!(sent < 32, "{sent}");
    three.same().await;
}

#[tokio::test]
async fn schemas_and_migrations_reach_three_machines() {
    let three = Three::start().await;
    let (one, two) = (three.db(0), three.db(1));
    let migrations = Migrations::default()
        .with(Migration::rust(1, "authors", async |tx| {
            let authors =
                "CREATE TABLE authors (pk INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE) STRICT";
            tx.execute(authors).await?;
            tx.execute("INSERT INTO authors (name) VALUES (?)").bind("Ada").await.map(drop)
        }))
        .with(Migration::rust(2, "born", async |tx| {
            tx.execute_script("ALTER TABLE authors ADD COLUMN born INTEGER; UPDATE authors SET born = 1815").await
        }));
    assert_eq!(one.migrate(&migrations).await.unwrap().len(), 2);
    three.same().await;
    assert_eq!(two.migrate(&migrations).await.unwrap().len(), 0);
    two.create_table::<Book>().await.unwrap();
    three.same().await;
    let ada = three.db(2).select::<Author>().fetch_required().await.unwrap();
    assert_eq!((ada.name.as_str(), ada.born), ("Ada", Some(1815)));
    let error = two.create_table::<Book>().exists_ok(false).await.unwrap_err();
    assert!(matches!(error, Error::TableCreation { .. }), "{error:?}");
    two.drop_table::<Book>().await.unwrap();
    three.same().await;
    // Inside a transaction, with rows that are written before and after.
    let made = two.transaction(async |tx| {
        tx.insert(Author::builder().name("Bea")).await?;
        tx.create_table::<Book>().await?;
        let taken_back: sqliter::Result<()> = tx
            .transaction(async |inner| {
                inner.insert(Author::builder().name("Cid")).await?;
                inner.execute("CREATE TABLE gone (a)").await?;
                Err(Error::NoResult { reason: "it is taken back".to_owned() })
            })
            .await;
        assert!(taken_back.is_err());
        tx.insert(Book::builder().title("B").pages(1).author_id(Author::key(2))).await
    });
    made.await.unwrap();
    let holds = three.same().await;
    assert!(
        holds.iter().any(|line| line.contains("\"B\"")) && !holds.iter().any(|line| line.contains("Cid")),
        "{holds:#?}"
    );
}

#[tokio::test]
async fn a_database_that_was_closed_follows_again_when_it_is_used() {
    let three = Three::with_tables().await;
    three.db(1).close().await.unwrap();
    assert!(three.machines[1].1.barrier().await.is_err());
    three.db(0).insert(Author::builder().name("Ada")).await.unwrap();
    assert!(three.db(1).insert(Author::builder().name("Ada")).await.is_err());
    three.same().await;
    assert_eq!(three.db(1).select::<Author>().count().await.unwrap(), 1);
}

#[tokio::test]
async fn a_constraint_that_waits_for_the_commit_is_told_there() {
    let three = Three::with_tables().await;
    let one = three.db(0);
    let tx = one.begin().await.unwrap();
    tx.execute("PRAGMA defer_foreign_keys = ON").await.unwrap();
    tx.insert(Book::builder().title("?").pages(1).author_id(Author::key(9))).await.unwrap();
    let error = tx.commit().await.unwrap_err();
    assert!(matches!(error, Error::ForeignKeyViolation { .. }), "{error:?}");
    one.insert(Author::builder().name("Ada")).await.unwrap();
    three.same().await;
}
