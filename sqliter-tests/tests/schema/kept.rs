//! What SQLite has kept of the statements of a schema.

use sqliter::prelude::*;
use sqliter::sqlx;

/// The statement of a table, index or view as it stands in the schema.
pub async fn sql(db: &Db, name: &str) -> String {
    let found: Option<String> = sqlx::query_scalar("SELECT sql FROM sqlite_schema WHERE name = ?")
        .bind(name)
        .fetch_optional(&db.pool())
        .await
        .unwrap();
    found.unwrap_or_else(|| panic!("no {name} in the schema"))
}

/// The names of all indexes, in the order of creation.
pub async fn indexes(db: &Db) -> Vec<String> {
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'index' ORDER BY rowid";
    sqlx::query_scalar(sql).fetch_all(&db.pool()).await.unwrap()
}

/// The table of a model in an empty database.
pub async fn table<M: Model>() -> Db {
    let db = Db::memory().await.unwrap();
    db.create_table::<M>().await.unwrap();
    db
}
