//! Settings and functions that all connections have, and whose file it is.

use std::cmp::Ordering;

use sqliter::prelude::*;
use sqliter::types::ValueRef;
use sqliter::{DbOptions, Error, Synchronous, Value, sqlx};
use sqliter_tests::process_of;

use crate::folders::folder;

#[derive(Debug, Clone, PartialEq, Model)]
struct Note {
    pk: Key<Note>,
    text: String,
}

/// What the connections of the writer, of the readers, of a stream's kind and of the pool say.
async fn asked(db: &Db, sql: &'static str) -> Vec<String> {
    let sql = format!("SELECT CAST({sql} AS TEXT)");
    let mut all = Vec::new();
    let tx = db.begin().await.unwrap();
    all.push(tx.query::<String>(sql.as_str()).fetch_required().await.unwrap());
    // Two snapshots at once have two readers.
    let (one, other) = (db.begin_read().await.unwrap(), db.begin_read().await.unwrap());
    for snapshot in [&one, &other] {
        all.push(snapshot.query::<String>(sql.as_str()).fetch_required().await.unwrap());
    }
    tx.rollback().await.unwrap();
    let mut connections = Vec::new();
    for _ in 0..2 {
        let mut connection = db.pool().acquire().await.unwrap();
        let sql = sqlx::AssertSqlSafe(sql.clone());
        all.push(sqlx::query_scalar::<_, String>(sql).fetch_one(&mut *connection).await.unwrap());
        connections.push(connection);
    }
    all
}

async fn reason(options: DbOptions) -> String {
    match options.open().await {
        Err(Error::Connection { reason, .. }) => reason,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn settings_hold_on_every_connection() {
    let folder = folder();
    let options = || Db::options().path(folder.path().join("a.db")).max_readers(2).pool_connections(2);
    let set = options()
        .synchronous(Synchronous::Full)
        .cache_size(5_000_000)
        .mmap_size(1 << 20)
        .journal_size_limit(123_456)
        .open()
        .await
        .unwrap();
    for (sql, expected) in [
        ("SELECT * FROM pragma_synchronous", "2"),
        ("SELECT * FROM pragma_cache_size", "-4883"),
        ("SELECT * FROM pragma_journal_size_limit", "123456"),
        ("SELECT * FROM pragma_foreign_keys", "1"),
    ] {
        assert_eq!(numbers(&set, sql).await, vec![expected; 5], "{sql}");
    }
    assert_eq!(numbers(&set, "PRAGMA mmap_size").await, vec!["1048576"; 3]);
    let reads = options().read_only().mmap_size(1 << 20).open().await.unwrap();
    assert_eq!(reads.query::<i64>("PRAGMA mmap_size").fetch_required().await.unwrap(), 1 << 20);
    reads.close().await.unwrap();
    let open = set.open_options();
    assert_eq!(open.get_synchronous(), Synchronous::Full);
    assert_eq!(
        (open.get_cache_size(), open.get_mmap_size(), open.get_journal_size_limit()),
        (Some(5_000_000), Some(1 << 20), Some(123_456))
    );
    set.create_table::<Note>().await.unwrap();
    set.insert(Note::builder().text("x")).await.unwrap();
    set.close().await.unwrap();
    for (synchronous, number) in
        [(Synchronous::Off, "0"), (Synchronous::default(), "1"), (Synchronous::Full, "2"), (Synchronous::Extra, "3")]
    {
        let db = options().synchronous(synchronous).open().await.unwrap();
        assert_eq!(numbers(&db, "SELECT * FROM pragma_synchronous").await, vec![number; 5]);
        db.close().await.unwrap();
    }
    let db = options().open().await.unwrap();
    assert_eq!(numbers(&db, "SELECT * FROM pragma_synchronous").await, vec!["1"; 5]);
    db.close().await.unwrap();
}

/// The same for numbers.
async fn numbers(db: &Db, pragma: &'static str) -> Vec<String> {
    let mut all = Vec::new();
    let tx = db.begin().await.unwrap();
    all.push(tx.query::<i64>(pragma).fetch_required().await.unwrap().to_string());
    let (one, other) = (db.begin_read().await.unwrap(), db.begin_read().await.unwrap());
    // To SQLite, a pragma that only asks may write all the same, which a snapshot refuses.
    for snapshot in [&one, &other].into_iter().filter(|_| pragma.starts_with("SELECT")) {
        all.push(snapshot.query::<i64>(pragma).fetch_required().await.unwrap().to_string());
    }
    tx.rollback().await.unwrap();
    let mut connections = Vec::new();
    for _ in 0..2 {
        let mut connection = db.pool().acquire().await.unwrap();
        all.push(sqlx::query_scalar::<_, i64>(pragma).fetch_one(&mut *connection).await.unwrap().to_string());
        connections.push(connection);
    }
    all
}

#[tokio::test]
async fn a_setting_with_an_option_is_refused_with_its_name() {
    let db = Db::memory().await.unwrap();
    for name in ["synchronous", "cache_size", "mmap_size", "journal_size_limit", "busy_timeout"] {
        let sql = format!("PRAGMA {name} = 1");
        let Err(Error::Refused { reason, .. }) = db.execute(sql.as_str()).await else { panic!("{sql}") };
        assert!(reason.ends_with(&format!("`DbOptions::{name}`")), "{reason}");
    }
}

fn doubled(arguments: &[ValueRef<'_>]) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
    match arguments {
        [ValueRef::Integer(number)] => Ok(Value::Integer(number * 2)),
        [ValueRef::Text(text)] => Ok(Value::Text(format!("{text}{text}"))),
        [ValueRef::Blob(bytes)] => Ok(Value::Blob([*bytes, *bytes].concat())),
        [ValueRef::Real(number)] => Ok(Value::Real(number * 2.0)),
        [ValueRef::Null] => Err("nothing to double".into()),
        _ => panic!("one argument"),
    }
}

#[tokio::test]
async fn functions_and_collations_are_on_every_connection() {
    let folder = folder();
    let by_length = |a: &str, b: &str| a.len().cmp(&b.len()).then(a.cmp(b));
    let options = || Db::options().function("doubled", 1, doubled).collation("by_length", by_length);
    let file = options().path(folder.path().join("a.db")).max_readers(2).pool_connections(2).open().await.unwrap();
    assert_eq!(asked(&file, "doubled(21)").await, ["42"; 5]);
    assert_eq!(asked(&file, "'b' < 'aa' COLLATE by_length").await, ["1"; 5]);
    let memory = options().memory().open().await.unwrap();
    for db in [&file, &memory] {
        let row: (String, Vec<u8>, f64) =
            db.query("SELECT doubled('ab'), doubled(x'01'), doubled(1.5)").fetch_required().await.unwrap();
        assert_eq!(row, ("abab".to_owned(), vec![1, 1], 3.0));
        db.create_table::<Note>().await.unwrap();
        db.bulk_insert(["ccc", "a", "bb"].map(|text| Note::builder().text(text))).await.unwrap();
        // It may stand in the schema, and in a typed chain.
        db.execute("CREATE INDEX doubled_text ON notes (doubled(text) COLLATE by_length)").await.unwrap();
        let texts: Vec<String> = db
            .select::<Note>()
            .filter(|n| sql::<bool>("doubled(?) <> 'aa'", (n.text,)))
            .order(|n| sql::<String>("? COLLATE by_length", (n.text,)).desc())
            .only(|n| n.text)
            .fetch_all()
            .await
            .unwrap();
        assert_eq!(texts, ["ccc", "bb"]);
        let failed = db.query::<i64>("SELECT doubled(NULL)").fetch_all().await.unwrap_err();
        assert!(failed.to_string().contains("nothing to double"), "{failed}");
        assert_eq!(db.query::<i64>("SELECT doubled(1)").fetch_required().await.unwrap(), 2);
    }
    assert_eq!(by_length("a", "b"), Ordering::Less);
}

#[expect(unsafe_code, reason = "SQLite calls it with a connection that has just been opened")]
unsafe extern "C" fn extension(
    connection: *mut rusqlite::ffi::sqlite3,
    message: *mut *mut std::ffi::c_char,
    _: *const rusqlite::ffi::sqlite3_api_routines,
) -> std::ffi::c_int {
    let add = |connection: rusqlite::Connection| {
        let flags = rusqlite::functions::FunctionFlags::SQLITE_UTF8;
        connection.create_scalar_function("of_an_extension", 0, flags, |_| Ok(7_i64))
    };
    // SAFETY: The arguments are those of SQLite, and no database is opened or closed here.
    unsafe { rusqlite::auto_extension::init_auto_extension(connection, message, add) }
}

/// It holds for the whole process, so this is done in a process of its own.
#[test]
fn an_extension_that_is_linked_in_is_on_every_connection() {
    const ROLE: &str = "SQLITER_EXTENSION";
    if std::env::var_os(ROLE).is_none() {
        let status =
            process_of(module_path!(), "an_extension_that_is_linked_in_is_on_every_connection").env(ROLE, "").output();
        let output = status.unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        return;
    }
    // SAFETY: The function does what an extension may do.
    #[expect(unsafe_code, reason = "see above")]
    unsafe { rusqlite::auto_extension::register_auto_extension(extension) }.unwrap();
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let folder = folder();
        let options = Db::options().path(folder.path().join("a.db")).max_readers(2).pool_connections(2);
        assert_eq!(asked(&options.open().await.unwrap(), "of_an_extension()").await, ["7"; 5]);
    });
}

#[tokio::test]
async fn a_function_or_a_collation_takes_the_place_of_none() {
    for name in ["lower", "REGEXP", "fold_case"] {
        let arguments = if name == "REGEXP" { 2 } else { 1 };
        let reason = reason(Db::options().function(name, arguments, doubled)).await;
        let expected =
            format!("there is an SQL function {name} with {arguments} arguments already: name yours otherwise");
        assert_eq!(reason, expected);
    }
    let twice = Db::options().function("doubled", 1, doubled).function("doubled", 1, doubled);
    assert!(reason(twice).await.contains("already"));
    assert!(
        reason(Db::options().collation("nocase", |_, _| Ordering::Equal)).await.contains("a collation nocase already")
    );
}

#[tokio::test]
async fn a_panic_in_a_function_is_an_error_of_the_statement() {
    let panics = |_: &[ValueRef<'_>]| panic!("on purpose");
    let db = Db::options().function("panics", 0, panics).open().await.unwrap();
    assert!(db.query::<i64>("SELECT panics()").fetch_all().await.is_err());
    assert_eq!(db.query::<i64>("SELECT 1").fetch_required().await.unwrap(), 1);
}

#[tokio::test]
async fn a_file_of_another_program_is_refused() {
    let folder = folder();
    let path = folder.path().join("a.db");
    let options = || Db::options().path(&path).application_id(0x5150);
    let db = options().open().await.unwrap();
    assert_eq!(db.open_options().get_application_id(), Some(0x5150));
    db.create_table::<Note>().await.unwrap();
    assert_eq!(db.query::<i64>("PRAGMA application_id").fetch_required().await.unwrap(), 0x5150);
    db.close().await.unwrap();
    options().open().await.unwrap().close().await.unwrap();
    // It is not emptied before.
    let refused = reason(options().application_id(7).reset()).await;
    assert_eq!(
        refused,
        "the file belongs to another program: its application id is 20816, and `application_id` wants 7"
    );
    let db = Db::open(&path).await.unwrap();
    assert_eq!(db.table_names().await.unwrap(), ["notes"]);
    db.execute("PRAGMA application_id = 0").await.unwrap();
    db.close().await.unwrap();
    let refused = reason(options()).await;
    assert!(refused.starts_with("the file does not say which program it belongs to"), "{refused}");
    let read = reason(options().read_only()).await;
    assert!(read.ends_with("run `PRAGMA application_id = 20816` on it once"), "{read}");
}

#[tokio::test]
async fn a_file_of_another_version_is_refused() {
    let folder = folder();
    let path = folder.path().join("a.db");
    let options = || Db::options().path(&path);
    // A new file has none yet.
    let db = options().user_version(3..=5).open().await.unwrap();
    assert_eq!(db.open_options().get_user_version(), Some(3..=5));
    db.create_table::<Note>().await.unwrap();
    db.execute("PRAGMA user_version = 5").await.unwrap();
    db.close().await.unwrap();
    for known in [options().user_version(3..=5), options().user_version(..6), options().user_version(5..)] {
        known.open().await.unwrap().close().await.unwrap();
    }
    for (unknown, words) in [
        (options().user_version(..5), "those up to 4"),
        (options().user_version(6..), "those from 6 on"),
        (options().user_version(1..=3), "those from 1 to 3"),
        (options().user_version(7..=7), "7"),
    ] {
        assert_eq!(reason(unknown).await, format!("the file has the version 5, and this program knows {words}"));
    }
}
