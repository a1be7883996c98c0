//! Migrations are those of sqlx: the same table, the same checksums, whoever applies them.

use sqliter::Error;
use sqliter::prelude::*;
use sqlx::migrate::{MigrateError, Migrator};

use crate::share::{files, folder, recorded, reversible, versions};

static FILES: Migrator = sqlx::migrate!("./migrations");

#[derive(Debug, PartialEq)]
struct Row {
    version: i64,
    description: String,
    success: bool,
    checksum: Vec<u8>,
}

async fn rows(db: &Db) -> Vec<Row> {
    let all = "SELECT version, description, success, checksum FROM _sqlx_migrations ORDER BY version";
    let rows: Vec<(i64, String, bool, Vec<u8>)> = db.query(all).fetch_all().await.unwrap();
    rows.into_iter()
        .map(|(version, description, success, checksum)| Row { version, description, success, checksum })
        .collect()
}

async fn table(db: &Db) -> String {
    let sql = "SELECT sql FROM sqlite_schema WHERE name = '_sqlx_migrations'";
    db.query(sql).fetch_required().await.unwrap()
}

#[tokio::test]
async fn the_table_is_the_one_that_sqlx_makes() {
    let (ours, theirs) = (Db::memory().await.unwrap(), Db::memory().await.unwrap());
    assert_eq!(ours.migrate(&FILES).await.unwrap().len(), 2);
    FILES.run(&theirs.pool()).await.unwrap();
    assert_eq!(rows(&ours).await, rows(&theirs).await);
    assert_eq!(table(&ours).await, table(&theirs).await);
    let times: Vec<(String, i64)> =
        ours.query("SELECT installed_on, execution_time FROM _sqlx_migrations").fetch_all().await.unwrap();
    assert!(times.iter().all(|(at, took)| at.len() == 19 && *took > 0), "{times:?}");
}

#[tokio::test]
async fn each_goes_on_where_the_other_ended() {
    let folder = folder();
    let db = Db::open(folder.path().join("a.db")).await.unwrap();
    let one = "CREATE TABLE a (b)";
    let (two, three) = ("CREATE TABLE c (d)", "CREATE TABLE e (f)");
    files(&[one]).run(&db.pool()).await.unwrap();
    assert_eq!(versions(&db.migrate(files(&[one, two])).await.unwrap()), [2]);
    let all = files(&[one, two, three]);
    all.run(&db.pool()).await.unwrap();
    assert_eq!(recorded(&db).await, [1, 2, 3]);
    assert!(db.migrate(&all).await.unwrap().is_empty());
    let error = files(&[one, three]).run(&db.pool()).await.unwrap_err();
    assert!(matches!(error, MigrateError::VersionMissing(3)), "{error}");
    assert!(matches!(db.migrate(files(&[one, three])).await, Err(Error::MigrationMissing { version: 3, .. })));
    let error = files(&[one, three, two]).run(&db.pool()).await.unwrap_err();
    assert!(matches!(error, MigrateError::VersionMismatch(2)), "{error}");
    assert!(matches!(db.migrate(files(&[one, three, two])).await, Err(Error::MigrationChanged { version: 2, .. })));
}

#[tokio::test]
async fn sqlx_undoes_what_was_applied_here_and_the_other_way_round() {
    let folder = folder();
    let db = Db::open(folder.path().join("a.db")).await.unwrap();
    let all = reversible(&[("CREATE TABLE a (b)", "DROP TABLE a"), ("CREATE TABLE c (d)", "DROP TABLE c")]);
    db.migrate(&all).await.unwrap();
    all.undo(&db.pool(), 1).await.unwrap();
    assert_eq!(recorded(&db).await, [1]);
    all.run(&db.pool()).await.unwrap();
    assert_eq!(versions(&db.undo_migrations(&all).to(0).await.unwrap()), [2, 1]);
    assert_eq!(db.table_names().await.unwrap(), ["_sqlx_migrations"]);
}

#[tokio::test]
async fn a_table_of_another_name_is_respected() {
    let db = Db::memory().await.unwrap();
    let mut all = files(&["CREATE TABLE a (b)"]);
    all.dangerous_set_table_name("\"of tenant\"");
    db.migrate(&all).await.unwrap();
    assert_eq!(db.table_names().await.unwrap(), ["of tenant", "a"]);
    assert!(db.migrate(&all).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_sqlx_says_is_half_done_is_not_gone_on_with() {
    let db = Db::options().busy_timeout(std::time::Duration::from_millis(50)).open().await.unwrap();
    let all = files(&["CREATE TABLE a (b)", "CREATE TABLE c (d)"]);
    db.migrate(&all).to(1).await.unwrap();
    db.execute("UPDATE _sqlx_migrations SET success = 0").await.unwrap();
    let error = db.migrate(&all).await.unwrap_err();
    let text = "migration 1 (first) was begun without a transaction and is not done: it is running in another process, or was \
        interrupted; then look at what it has done, and delete its row from _sqlx_migrations to have it run again, or set \
        `success` there to 1";
    assert_eq!(error.to_string(), text);
}
