//! The database that all programs get a copy of, and what they must leave in it.

use std::path::Path;

use common::data::{self, AUTHORS, BOOKS_PER_AUTHOR, SCHEMA, USERS};
use common::{Result, ensure};
use rusqlite::{Connection, params};

/// Creates the file.
pub(crate) fn create(path: &Path) -> Result<()> {
    let mut connection = crate::connect(path)?;
    let transaction = connection.transaction()?;
    transaction.execute_batch(SCHEMA)?;
    let mut users = transaction.prepare("INSERT INTO users VALUES (?, ?, ?, ?, ?, ?, ?, ?)")?;
    for user in (1..=USERS).map(data::user) {
        let data::User { pk, name, email, age, city, score, bio, created_at } = user;
        users.execute(params![pk, name, email, age, city, score, bio, created_at])?;
    }
    drop(users);
    let mut authors = transaction.prepare("INSERT INTO authors VALUES (?, ?, ?, ?)")?;
    for data::Author { pk, name, country, born } in (1..=AUTHORS).map(data::author) {
        authors.execute(params![pk, name, country, born])?;
    }
    drop(authors);
    let mut books = transaction.prepare("INSERT INTO books VALUES (?, ?, ?, ?, ?)")?;
    for data::Book { pk, title, pages, published, author_id } in (1..=AUTHORS * BOOKS_PER_AUTHOR).map(data::book) {
        books.execute(params![pk, title, pages, published, author_id])?;
    }
    drop(books);
    transaction.commit()?;
    connection.execute_batch("ANALYZE; PRAGMA wal_checkpoint(TRUNCATE)")?;
    Ok(())
}

/// Checks the file after a program has run: nothing but ages may have changed, and the users of its last bulk insert
/// must be there, in their order.
pub(crate) fn check(path: &Path) -> Result<()> {
    let connection = crate::connect(path)?;
    let report: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
    ensure(report == "ok", || report)?;
    ensure(!connection.prepare("PRAGMA foreign_key_check")?.exists([])?, || "a foreign key is violated".to_owned())?;

    let users = rows(&connection, "SELECT * FROM users ORDER BY pk", crate::user)?;
    let (before, inserted) = users.split_at_checked(USERS as usize).ok_or("users are missing")?;
    for user in before {
        let expected = data::User { age: user.age, ..data::user(user.pk) };
        ensure(*user == expected && (18..78).contains(&user.age), || format!("{user:?} instead of {expected:?}"))?;
    }
    ensure(inserted.len() == before.len(), || format!("{} users inserted last", inserted.len()))?;
    let first = inserted.first().and_then(|user| number(&user.email)).ok_or("an email without a number")?;
    for (n, user) in (first..).zip(inserted) {
        let data::NewUser { name, email, age, city, score, bio } = data::new_user(n);
        let expected = data::User { pk: user.pk, name, email, age, city, score, bio, created_at: user.created_at };
        let recent = (data::now() - 600..=data::now()).contains(&user.created_at);
        ensure(*user == expected && recent, || format!("{user:?} instead of {expected:?}"))?;
    }

    let authors = rows(&connection, "SELECT * FROM authors ORDER BY pk", |row| crate::author(row, 0))?;
    ensure(authors.into_iter().eq((1..=AUTHORS).map(data::author)), || "authors have changed".to_owned())?;
    let books = rows(&connection, "SELECT * FROM books ORDER BY pk", crate::book)?;
    let expected = (1..=AUTHORS * BOOKS_PER_AUTHOR).map(data::book);
    ensure(books.into_iter().eq(expected), || "books have changed".to_owned())
}

fn rows<T>(
    connection: &Connection,
    sql: &str,
    row: impl Fn(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>> {
    crate::all(connection.prepare_cached(sql)?, [], row)
}

/// The number in `user123@example.org`.
fn number(email: &str) -> Option<i64> {
    email.strip_prefix("user")?.split('@').next()?.parse().ok()
}
