//! rust-query. All of it happens in transactions, each on a thread of its own.

mod file;
mod rows;

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use common::data::{self, NewUser, now};
use common::{Library, Result, at_once};
use rusqlite::Connection;
use rust_query::migration::{Config, Synchronous, schema};
use rust_query::{Database, DatabaseAsync, Transaction};

use rows::{AuthorRow, BookRow, UserRow, author, book, key, user};

fn main() -> ExitCode {
    common::main::<RustQuery>()
}

#[schema(Store)]
pub mod vN {
    #[rename("users")]
    #[primary_key("pk")]
    pub struct User {
        pub name: String,
        #[unique]
        pub email: String,
        pub age: i64,
        #[index]
        pub city: String,
        pub score: f64,
        pub bio: Option<String>,
        pub created_at: i64,
    }

    #[rename("authors")]
    #[primary_key("pk")]
    pub struct Author {
        pub name: String,
        pub country: String,
        pub born: Option<i64>,
    }

    #[rename("books")]
    #[primary_key("pk")]
    pub struct Book {
        pub title: String,
        pub pages: i64,
        pub published: i64,
        #[index]
        #[rename("author_id")]
        pub author: rust_query::TableRow<Author>,
    }
}
use v0::{Author, Book, Store, User};

struct RustQuery {
    db: DatabaseAsync<Store>,
    /// For what is no query and not timed.
    other: Connection,
    /// The key and the email of the user that was inserted last.
    inserted: Option<(i64, String)>,
}

impl RustQuery {
    /// The email of a user. A row cannot be found by the number of its key, since a key is valid in the transaction that
    /// gave it and cannot be made from a number; so users are found by their other unique column.
    fn email(&self, pk: i64) -> String {
        match &self.inserted {
            Some((inserted, email)) if *inserted == pk => email.clone(),
            _ => email(pk),
        }
    }
}

fn email(pk: i64) -> String {
    format!("user{pk}@example.org")
}

fn get(txn: &Transaction<Store>, email: String) -> Option<UserRow> {
    txn.query(|rows| {
        let found = rows.join(User);
        rows.filter(found.email.eq(email));
        rows.into_iter(user(&found)).next()
    })
}

fn ages(txn: &Transaction<Store>, keys: Vec<i64>) -> Option<i64> {
    keys.into_iter().map(|pk| get(txn, email(pk)).map(|user| user.age)).sum()
}

/// All authors by their key.
fn authors(txn: &Transaction<Store>) -> Vec<AuthorRow> {
    let mut authors = txn.query(|rows| {
        let found = rows.join(Author);
        rows.into_vec(author(&found))
    });
    authors.sort_by_key(|author| author.pk);
    authors
}

/// The first books as the table lies.
fn books(txn: &Transaction<Store>, limit: usize) -> Vec<BookRow> {
    txn.query(|rows| {
        let found = rows.join(Book);
        rows.into_iter(book(&found)).take(limit).collect()
    })
}

fn new(user: NewUser, created_at: i64) -> User {
    let NewUser { name, email, age, city, score, bio } = user;
    User { name, email, age, city, score, bio, created_at }
}

impl Library for RustQuery {
    const NAME: &'static str = "rust-query";

    type User = UserRow;
    type BookOfAuthor = (BookRow, AuthorRow);
    type AuthorOfBooks = (AuthorRow, Vec<BookRow>);

    async fn open(path: &Path) -> Result<Self> {
        file::without_autoincrement(path)?;
        let mut config = Config::open(path);
        config.synchronous = Synchronous::Normal;
        let db = DatabaseAsync::new(Arc::new(Database::new(config)));
        Ok(Self { db, other: Connection::open(path)?, inserted: None })
    }

    async fn sqlite_version(&mut self) -> Result<String> {
        Ok(self.other.query_row("SELECT sqlite_version()", [], |row| row.get(0))?)
    }

    async fn checkpoint(&mut self) -> Result<()> {
        Ok(self.other.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?)
    }

    async fn get(&mut self, pk: i64) -> Result<UserRow> {
        let email = self.email(pk);
        self.db.transaction(|txn| get(txn, email)).await.ok_or_else(|| "no such user".into())
    }

    async fn in_city(&mut self, city: String) -> Result<Vec<UserRow>> {
        let in_city = |txn: &'static Transaction<Store>| {
            txn.query(|rows| {
                let found = rows.join(User.city(city));
                rows.order_by().asc(&found.name).into_iter(user(&found)).collect()
            })
        };
        Ok(self.db.transaction(in_city).await)
    }

    async fn users(&mut self) -> Result<Vec<UserRow>> {
        let all = |txn: &'static Transaction<Store>| {
            txn.query(|rows| {
                let found = rows.join(User);
                rows.into_vec(user(&found))
            })
        };
        Ok(self.db.transaction(all).await)
    }

    /// Two queries, put together here: a join gives its rows in the order that SQLite chooses, which is not that of the
    /// books, and there is no order by key.
    async fn books_with_author(&mut self) -> Result<Vec<(BookRow, AuthorRow)>> {
        let (authors, books) = self.db.transaction(|txn| (authors(txn), books(txn, 1_000))).await;
        let author_of = |book: &BookRow| authors.binary_search_by_key(&book.author_id, |author| author.pk);
        let with_author = |book: BookRow| {
            let at = author_of(&book).map_err(|_| "a book without an author")?;
            Ok((book, authors[at].clone()))
        };
        books.into_iter().map(with_author).collect()
    }

    /// Two queries, put together here.
    async fn authors_with_books(&mut self) -> Result<Vec<(AuthorRow, Vec<BookRow>)>> {
        let (authors, books) = self.db.transaction(|txn| (authors(txn), books(txn, usize::MAX))).await;
        let mut authors: Vec<_> = authors.into_iter().map(|author| (author, Vec::new())).collect();
        for book in books {
            let at = authors.binary_search_by_key(&book.author_id, |(author, _)| author.pk);
            authors[at.map_err(|_| "a book without an author")?].1.push(book);
        }
        Ok(authors)
    }

    async fn get_reading(&mut self, keys: Vec<i64>) -> Result<Option<i64>> {
        Ok(Some(self.db.transaction(|txn| ages(txn, keys)).await.ok_or("no such user")?))
    }

    async fn get_writing(&mut self, keys: Vec<i64>) -> Result<Option<i64>> {
        Ok(Some(self.db.transaction_mut_ok(|txn| ages(txn, keys)).await.ok_or("no such user")?))
    }

    async fn get_at_once(&mut self, keys: Vec<Vec<i64>>) -> Result<i64> {
        at_once(keys, |keys| {
            let db = self.db.clone();
            async move {
                let mut ages = 0;
                for pk in keys {
                    ages += db.transaction(move |txn| get(txn, email(pk))).await.ok_or("no such user")?.age;
                }
                Ok(ages)
            }
        })
        .await
    }

    /// Reads the row, and writes all of it.
    async fn set_age(&mut self, pk: i64, age: i64) -> Result<()> {
        let email = self.email(pk);
        let update = move |txn: &'static mut Transaction<Store>| {
            txn.scope(|txn| {
                let mut user = txn.mutable(User.email(email))?;
                user.age = age;
                Some(())
            })
        };
        self.db.transaction_mut_ok(update).await.ok_or_else(|| "no such user".into())
    }

    async fn insert(&mut self, user: NewUser) -> Result<i64> {
        let email = user.email.clone();
        let insert = move |txn: &'static mut Transaction<Store>| {
            txn.insert(new(user, now())).map(key).map_err(|_| "there is a user with this email")
        };
        let pk = self.db.transaction_mut(insert).await?;
        self.inserted = Some((pk, email));
        Ok(pk)
    }

    async fn insert_all(&mut self, users: Vec<NewUser>) -> Result<()> {
        let now = now();
        let insert = move |txn: &'static mut Transaction<Store>| {
            users.into_iter().try_for_each(|user| {
                txn.insert(new(user, now)).map(drop).map_err(|_| "there is a user with this email")
            })
        };
        Ok(self.db.transaction_mut(insert).await?)
    }

    async fn delete_users_above(&mut self, pk: i64) -> Result<()> {
        let delete = move |txn: &'static mut Transaction<Store>| {
            txn.downgrade().rusqlite_transaction(|txn| txn.execute("DELETE FROM users WHERE pk > ?", [pk]))
        };
        self.db.transaction_mut(delete).await?;
        Ok(())
    }

    fn user(row: UserRow) -> data::User {
        row.into()
    }

    fn book_of_author((book, author): (BookRow, AuthorRow)) -> (data::Book, data::Author) {
        (book.into(), author.into())
    }

    fn author_of_books((author, books): (AuthorRow, Vec<BookRow>)) -> (data::Author, Vec<data::Book>) {
        (author.into(), books.into_iter().map(data::Book::from).collect())
    }
}
