//! What is told about statements through `tracing`.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use sqliter::prelude::*;
use sqliter::{CacheOptions, DbOptions, Error};
use tokio::runtime::{Builder, Runtime};
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::{Instrument, Level, Subscriber, info, info_span};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(books = Book::author))]
struct Author {
    pk: Key<Author>,
    #[model(unique)]
    name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: Option<i64>,
    #[model(on_delete = cascade)]
    author_id: Key<Author>,
}

/// An event, with the spans that it stands in from the outermost on.
#[derive(Debug, Clone)]
struct Event {
    level: Level,
    target: &'static str,
    fields: Fields,
    spans: Vec<(&'static str, Fields)>,
}

#[derive(Debug, Clone, Default, PartialEq)]
struct Fields(BTreeMap<&'static str, String>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }
}

impl Event {
    fn get(&self, field: &str) -> Option<&str> {
        self.fields.0.get(field).map(String::as_str)
    }

    fn sql(&self) -> &str {
        self.get("sql").unwrap()
    }

    fn number(&self, field: &str) -> u64 {
        self.get(field).unwrap().parse().unwrap()
    }

    /// The span of the operation, as `insert(authors)`.
    fn operation(&self) -> String {
        let (name, fields) = self.spans.last().unwrap();
        format!("{name}({})", fields.0.get("table").map_or("", String::as_str))
    }
}

/// Keeps the events of the library.
#[derive(Clone, Default)]
struct Listener(Arc<Mutex<Vec<Event>>>);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Listener {
    fn on_new_span(&self, attributes: &tracing::span::Attributes<'_>, id: &tracing::span::Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        context.span(id).unwrap().extensions_mut().insert(fields);
    }

    fn on_event(&self, event: &tracing::Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let spans = context.event_scope(event).into_iter().flat_map(|scope| scope.from_root());
        let spans = spans.map(|span| (span.name(), span.extensions().get::<Fields>().cloned().unwrap())).collect();
        let (level, target) = (*event.metadata().level(), event.metadata().target());
        if target == "sqliter" || target == "program" {
            self.0.lock().unwrap().push(Event { level, target, fields, spans });
        }
    }
}

impl Listener {
    /// The one for the whole program. The tests run at the same time, each in a span of its own.
    fn global() -> &'static Self {
        static GLOBAL: OnceLock<Listener> = OnceLock::new();
        GLOBAL.get_or_init(|| {
            let listener = Listener::default();
            tracing::subscriber::set_global_default(tracing_subscriber::registry().with(listener.clone())).unwrap();
            listener
        })
    }

    fn events(&self) -> Vec<Event> {
        self.0.lock().unwrap().clone()
    }
}

fn multi() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

fn single() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// The events of the work, which stand in the span of a request; without those of the opening of connections.
fn told<F: Future<Output = sqliter::Result<()>> + Send + 'static>(runtime: &Runtime, work: F) -> Vec<Event> {
    static REQUESTS: AtomicU64 = AtomicU64::new(0);
    let listener = Listener::global();
    let number = REQUESTS.fetch_add(1, Ordering::Relaxed).to_string();
    let span = info_span!(target: "program", "request", number);
    runtime.block_on(runtime.spawn(work.instrument(span))).unwrap().unwrap();
    let is_own = |event: &Event| {
        event.spans.first().is_some_and(|(name, fields)| *name == "request" && fields.0["number"] == number)
    };
    let events = listener.events().into_iter().filter(is_own);
    events.filter(|event| event.get("sql") != Some("PRAGMA encoding")).collect()
}

async fn open(options: DbOptions) -> sqliter::Result<Db> {
    let db = options.open().await?;
    db.create_tables::<(Author, Book)>().await?;
    Ok(db)
}

fn author(name: &str) -> NewAuthor {
    NewAuthor { name: name.to_owned() }
}

#[test]
fn log_01_every_statement_is_an_event_with_its_rows() {
    for runtime in [multi(), single()] {
        let events = told(&runtime, async {
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
                (event.operation(), verb.join(" "), event.number("rows"))
            })
            .filter(|(operation, sql, _)| !(operation.ends_with("_table(authors)") && sql.starts_with("SELECT")))
            .collect();
        let expected: [(&str, &str, u64); 19] = [
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
            ("execute()", "UPDATE authors", 0),
            ("execute()", "SELECT name", 1),
            ("drop_table(authors)", "DROP TABLE", 0),
        ];
        let seen: Vec<_> = seen.iter().map(|(span, sql, rows)| (span.as_str(), sql.as_str(), *rows)).collect();
        assert_eq!(seen, expected);
    }
}

#[test]
fn log_01_a_statement_that_fails_is_told_with_its_error() {
    for runtime in [multi(), single()] {
        let events = told(&runtime, async {
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
        let errors: Vec<_> = failed.iter().map(|event| (event.number("rows"), event.get("error").unwrap())).collect();
        let unique = "UNIQUE constraint failed: authors.name (SQLite result code 2067)";
        assert_eq!(errors[..2], [(0, unique), (1, unique)]);
        assert!(errors[2].1.contains("FROBNICATE"), "{errors:?}");
        assert!(errors[3].1.starts_with("no such table: books"), "{errors:?}");
        assert_eq!(errors.len(), 4);
        // What was begun is undone, and that is told too.
        assert!(events.iter().any(|event| event.sql_is("ROLLBACK")), "{events:#?}");
    }
}

impl Event {
    fn sql_is(&self, sql: &str) -> bool {
        self.get("sql") == Some(sql)
    }
}

#[test]
fn log_05_transactions_savepoints_and_pragmas_are_told() {
    for runtime in [multi(), single()] {
        let events = told(&runtime, async {
            let db = open(Db::options().cache(CacheOptions::default())).await?;
            info!(target: "program", "now");
            db.get(Author::key(1)).await?;
            let tx = db.begin().await?;
            tx.transaction(async |inner| inner.insert(author("Ada")).await).await?;
            drop(tx.begin().await?);
            tx.begin().await?.rollback().await?;
            tx.bulk_insert([author("Bob")]).await?;
            tx.commit().await?;
            drop(db.begin().await?);
            db.begin().await?.rollback().await?;
            db.select::<Author>().prefetch_related(|a| a.books).fetch_all().await?;
            Ok(())
        });
        let start = events.iter().position(|event| event.target == "program").unwrap();
        let seen: Vec<_> = events[start + 1..]
            .iter()
            .map(|event| event.sql())
            .filter(|sql| !sql.starts_with("SELECT") && !sql.starts_with("INSERT"))
            .collect();
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
fn log_05_the_pragmas_of_opening_and_emptying_are_told() {
    let listener = Listener::default();
    let subscriber = tracing_subscriber::registry().with(listener.clone());
    tracing::subscriber::with_default(subscriber, || {
        single().block_on(async { Db::options().reset().open().await.map(|_| ()) }).unwrap();
    });
    let events = listener.events();
    let pragmas: Vec<_> = events.iter().map(|event| event.sql()).filter(|sql| sql.starts_with("PRAGMA")).collect();
    assert_eq!(pragmas, ["PRAGMA encoding", "PRAGMA foreign_keys = OFF", "PRAGMA foreign_keys = ON"]);
}

#[test]
fn statements_stand_in_the_span_of_the_caller_on_any_thread() {
    for runtime in [multi(), single()] {
        let events = told(&runtime, async {
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

/// The events after a first one of the program.
fn arguments_of(options: DbOptions) -> Vec<(String, Option<String>)> {
    let events = told(&multi(), async {
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
    let statements = events[start + 1..].iter().filter(|event| !["BEGIN IMMEDIATE", "COMMIT"].contains(&event.sql()));
    statements.map(|event| (event.sql().to_owned(), event.get("arguments").map(str::to_owned))).collect()
}

#[test]
fn log_02_log_03_bug_60_arguments_are_a_field_of_their_own_when_asked_for() {
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
    let error = db.select::<Author>().filter(|a| a.name.regex(secret())).fetch_all().await.unwrap_err();
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
fn log_03_no_argument_is_told_unless_asked_for() {
    for runtime in [multi(), single()] {
        let events = told(&runtime, async { keep_a_secret(&open(Db::options()).await?).await });
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
    let events = told(&multi(), async { keep_a_secret(&open(options).await?).await });
    let errors: Vec<_> = events.iter().filter_map(|event| event.get("error")).collect();
    assert!(errors.contains(&"not 5ecret ( (SQLite result code 1811)"), "{errors:?}");
    assert!(errors.iter().any(|error| error.contains("regex") && error.contains(SECRET)), "{errors:?}");
}

#[test]
fn log_03_what_is_stored_is_never_told() {
    for asked in [false, true] {
        let events = told(&multi(), async move {
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
        assert_eq!(event.number("rows"), 1);
        assert_eq!(
            event.get("error"),
            Some("books.pages holds another value, expected an integer in the range of i64")
        );
    }
}

const COUNTING: &str = "CREATE TABLE numbers AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 300000) \
     SELECT max(x) FROM n";

#[test]
fn slow_statements_are_warnings() {
    for runtime in [multi(), single()] {
        let limit = Duration::from_millis(5);
        let options = Db::options().slow_statements(limit);
        let events = told(&runtime, async move {
            let db = open(options).await?;
            db.execute(COUNTING).await?;
            Ok(())
        });
        for event in &events {
            let slow = event.number("elapsed_us") >= 5_000;
            let expected = if slow { (Level::WARN, "slow statement") } else { (Level::DEBUG, "statement") };
            assert_eq!((event.level, event.get("message").unwrap()), expected, "{event:?}");
        }
        let counting = events.iter().find(|event| event.sql_is(COUNTING)).unwrap();
        assert_eq!((counting.level, counting.operation().as_str()), (Level::WARN, "execute()"));
        assert!(counting.number("elapsed_us") >= 5_000);

        let events = told(&runtime, async { open(Db::options()).await?.execute(COUNTING).await.map(|_| ()) });
        assert!(events.iter().all(|event| event.level == Level::DEBUG), "{events:?}");
    }
}

/// Runs a test of this file alone, in a process of its own; `None` inside that process.
fn child(test: &str) -> Option<String> {
    const CHILD: &str = "SQLITER_LOGS_CHILD";
    if std::env::var_os(CHILD).is_some() {
        return None;
    }
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(CHILD, "1")
        .output()
        .unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && told.contains("1 passed"), "{told}{errors}");
    Some(errors)
}

/// In a process where nobody listens to more.
#[test]
fn slow_statements_are_told_when_debug_is_off() {
    if child("slow_statements_are_told_when_debug_is_off").is_some() {
        return;
    }
    let listener = Listener::default();
    let quiet = tracing_subscriber::registry().with(LevelFilter::INFO).with(listener.clone());
    tracing::subscriber::set_global_default(quiet).unwrap();
    for runtime in [multi(), single()] {
        runtime.block_on(async {
            let work = async {
                let db = open(Db::options().slow_statements(Duration::ZERO).log_arguments(true)).await?;
                db.insert(author("Ada")).await?;
                db.insert(author("Ada")).await.unwrap_err();
                open(Db::options()).await
            };
            tokio::spawn(work.instrument(info_span!(target: "program", "request"))).await.unwrap().unwrap();
        });
        let events = std::mem::take(&mut *listener.0.lock().unwrap());
        assert_eq!(events.iter().filter(|event| event.sql().starts_with("CREATE TABLE")).count(), 2);
        for event in &events {
            assert_eq!(event.level, Level::WARN);
            let names: Vec<_> = event.spans.iter().map(|(name, _)| *name).collect();
            assert_eq!(names, ["request"], "{event:?}");
        }
        let failed = events.iter().find(|event| event.get("error").is_some()).unwrap();
        assert_eq!((failed.get("arguments"), failed.number("rows")), (Some("'Ada'"), 0));
    }
}

async fn printing() -> sqliter::Result<()> {
    let open_one = || tokio::spawn(open(Db::options().debug(true)));
    let (one, other) = tokio::join!(open_one(), open_one());
    let (one, _other) = (one.unwrap()?, other.unwrap()?);
    one.insert(author("printed")).await?;
    info!("of the program");
    info!(target: "sqliter_program", "of the program");
    let silent = open(Db::options()).await?;
    silent.execute("UPDATE authors SET name = 'silent'").await?;
    one.execute("UPDATE authors SET name = 'last'").await?;
    Ok(())
}

#[test]
fn debug_prints_statements_to_standard_error() {
    if let Some(errors) = child("debug_prints_statements_to_standard_error") {
        let lines: Vec<_> = errors.lines().filter(|line| line.contains("sqliter")).collect();
        for runtime in lines.chunks(lines.len() / 2) {
            let printed = |text: &str| runtime.iter().filter(|line| line.contains(text)).count();
            assert_eq!(
                (printed("CREATE TABLE IF NOT EXISTS \"authors\""), printed("PRAGMA encoding")),
                (2, 2),
                "{errors}"
            );
            assert_eq!((printed("BEGIN IMMEDIATE"), printed("COMMIT")), (2, 2), "{errors}");
            assert_eq!((printed("'last'"), printed("'silent'"), printed("of the program")), (1, 0, 0), "{errors}");
        }
        let insert = lines.iter().find(|line| line.contains("INSERT INTO")).unwrap();
        assert!(
            insert.contains("DEBUG insert{table=authors}: sqliter: statement sql=INSERT INTO \"authors\""),
            "{insert}"
        );
        assert!(insert.contains("VALUES (?) rows=1 elapsed_us="), "{insert}");
        assert!(!errors.contains("printed"), "{errors}");
        return;
    }
    for runtime in [multi(), single()] {
        runtime.block_on(printing()).unwrap();
    }
}

#[test]
fn log_01_nothing_is_printed_by_default() {
    if let Some(errors) = child("log_01_nothing_is_printed_by_default") {
        assert_eq!(errors, "");
        return;
    }
    single().block_on(async {
        let db = open(Db::options()).await.unwrap();
        db.insert(author("Ada")).await.unwrap();
    });
}

#[test]
fn debug_leaves_a_program_its_own_subscriber() {
    if let Some(errors) = child("debug_leaves_a_program_its_own_subscriber") {
        assert!(errors.contains("'before'"), "{errors}");
        assert!(!errors.contains("'for the thread'") && !errors.contains("'after'"), "{errors}");
        return;
    }
    let (thread, program) = (Listener::default(), Listener::default());
    single().block_on(async {
        let db = open(Db::options().debug(true)).await.unwrap();
        db.execute("UPDATE authors SET name = 'before'").await.unwrap();
        let guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(thread.clone()));
        db.execute("UPDATE authors SET name = 'for the thread'").await.unwrap();
        drop(guard);
        // A program that sets its subscriber later still can.
        tracing::subscriber::set_global_default(tracing_subscriber::registry().with(program.clone())).unwrap();
        db.execute("UPDATE authors SET name = 'after'").await.unwrap();
    });
    let texts = |listener: &Listener| listener.events().iter().map(|event| event.sql().to_owned()).collect::<Vec<_>>();
    assert_eq!(texts(&thread), ["UPDATE authors SET name = 'for the thread'"]);
    assert_eq!(texts(&program), ["UPDATE authors SET name = 'after'"]);
}

#[test]
fn options_tell_what_is_logged() {
    let options = Db::options();
    assert_eq!((options.get_log_arguments(), options.get_slow_statements(), options.get_debug()), (false, None, false));
    let limit = Duration::from_millis(100);
    let options = options.log_arguments(true).slow_statements(limit).debug(true);
    let set = (options.get_log_arguments(), options.get_slow_statements(), options.get_debug());
    assert_eq!(set, (true, Some(limit), true));
    assert!(format!("{options:?}").contains("slow_statements: Some(100ms)"), "{options:?}");
}
