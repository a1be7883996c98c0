//! What the tests of migrations share.

use sqliter::prelude::*;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AssertSqlSafe, SqlSafeStr as _};

pub fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

/// A file of migrations, as sqlx reads it.
pub fn file(version: i64, description: &str, kind: MigrationType, sql: &str) -> Migration {
    let bare = sql.starts_with("-- no-transaction");
    Migration::new(version, description.to_owned().into(), kind, AssertSqlSafe(sql.to_owned()).into_sql_str(), bare)
}

/// Files `1_first.sql`, and so on.
pub fn files(texts: &[&str]) -> Migrator {
    const NAMES: [&str; 6] = ["first", "second", "third", "fourth", "fifth", "sixth"];
    let numbered = texts.iter().zip(NAMES).zip(1..);
    Migrator::with_migrations(
        numbered.map(|((sql, name), version)| file(version, name, MigrationType::Simple, sql)).collect(),
    )
}

/// Files `1_first.up.sql` and `1_first.down.sql`, and so on.
pub fn reversible(texts: &[(&str, &str)]) -> Migrator {
    const NAMES: [&str; 4] = ["first", "second", "third", "fourth"];
    let both = texts.iter().zip(NAMES).zip(1..).flat_map(|(((up, down), name), version)| {
        [file(version, name, MigrationType::ReversibleUp, up), file(version, name, MigrationType::ReversibleDown, down)]
    });
    Migrator::with_migrations(both.collect())
}

/// The versions that a call gave.
pub fn versions(applied: &[sqliter::bounds::AppliedMigration]) -> Vec<i64> {
    applied.iter().map(|migration| migration.version).collect()
}

/// The versions in sqlx's table.
pub async fn recorded(db: &Db) -> Vec<i64> {
    db.query::<i64>("SELECT version FROM _sqlx_migrations WHERE success ORDER BY version").fetch_all().await.unwrap()
}

/// The statements that made the schema, but for sqlx's table.
pub async fn schema(db: &Db) -> Vec<String> {
    let all = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND tbl_name <> '_sqlx_migrations' ORDER BY name";
    db.query::<String>(all).fetch_all().await.unwrap()
}

pub async fn count(db: &Db, table: &str) -> i64 {
    db.query(format!("SELECT COUNT(*) FROM {table}")).fetch_required().await.unwrap()
}
