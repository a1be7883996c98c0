use sqliter::prelude::*;
use sqliter::{Migration, Migrations};

/// With a mistake in its SQL.
#[derive(Debug, Clone, PartialEq, Model)]
struct Book {
    pk: Key<Book>,
    #[model(check = "pgaes > 0")]
    pages: i64,
}

fn in_rust(files: Migrations) -> Migrations {
    files.with(Migration::rust(7, "in rust", async |tx| tx.execute("CREATE TABLE by_rust (a)").await.map(drop)))
}

sqliter_cli::manage!((Book,), in_rust);
