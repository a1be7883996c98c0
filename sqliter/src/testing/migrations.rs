//! Whether the migrations lead to the models.

use crate::db::Db;
use crate::error::Result;
use crate::migrate::Migrations;
use crate::model::Models;
use crate::schema::SchemaDiff;

/// Makes sure that the migrations, applied to an empty database, make the schema of the models.
///
/// ```
/// use sqliter::prelude::*;
/// # use sqliter::sqlx::{self, SqlSafeStr as _};
///
/// #[derive(Debug, Clone, PartialEq, Model)]
/// struct Book {
///     pk: Key<Book>,
///     title: String,
/// }
///
/// type All = (Book,);
///
/// # #[tokio::main]
/// # async fn main() {
/// # let sql = r#"CREATE TABLE books (pk INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT NOT NULL) STRICT"#.into_sql_str();
/// # let up = sqlx::migrate::MigrationType::Simple;
/// # let first = sqlx::migrate::Migration::new(1, "create books".into(), up, sql, false);
/// # let migrations = sqlx::migrate::Migrator::with_migrations(vec![first]);
/// // In a test, with `static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!();`
/// sqliter::testing::assert_migrations::<All>(&migrations).await;
/// # }
/// ```
///
/// # Panics
///
/// When a migration fails, or the schema is another one: with every difference, and the SQL that mends it.
pub async fn assert_migrations<T: Models>(migrations: impl Into<Migrations>) {
    match difference::<T>(migrations.into()).await {
        Ok(diff) if diff.is_empty() => {}
        Ok(diff) => panic!("the migrations do not lead to the models:\n{diff}"),
        Err(error) => panic!("the migrations cannot be compared with the models: {error}"),
    }
}

async fn difference<T: Models>(migrations: Migrations) -> Result<SchemaDiff> {
    let db = Db::memory().await?;
    db.migrate(migrations).await?;
    db.schema_diff::<T>().await
}
