//! What a program must be able to do.

use std::path::Path;

use crate::data::{Author, Book, NewUser, User};
use crate::{Error, Result};

/// A city with the number of its users and their average age.
pub type CityStats = (String, i64, Option<f64>);

/// One library, opened on the database. What a call returns are the library's own structs, fully decoded.
pub trait Library: Sized + Send + 'static {
    /// The name in the tables.
    const NAME: &'static str;

    /// A row of `users`.
    type User: Send;
    /// A row of `books` with its author.
    type BookOfAuthor: Send;
    /// A row of `authors` with all of its books.
    type AuthorOfBooks: Send;

    /// Opens the database: write-ahead log, `synchronous = NORMAL`, foreign keys on.
    fn open(path: &Path) -> impl Future<Output = Result<Self>> + Send;

    /// What `sqlite_version()` gives on a connection of the library.
    fn sqlite_version(&mut self) -> impl Future<Output = Result<String>> + Send;

    /// Moves all of the write-ahead log into the database file, and empties the log. Not timed.
    fn checkpoint(&mut self) -> impl Future<Output = Result<()>> + Send;

    /// The user with this key.
    fn get(&mut self, pk: i64) -> impl Future<Output = Result<Self::User>> + Send;

    /// The users of a city, by name.
    fn in_city(&mut self, city: String) -> impl Future<Output = Result<Vec<Self::User>>> + Send;

    /// All users.
    fn users(&mut self) -> impl Future<Output = Result<Vec<Self::User>>> + Send;

    /// The first 1,000 books by their key, each with its author.
    fn books_with_author(&mut self) -> impl Future<Output = Result<Vec<Self::BookOfAuthor>>> + Send;

    /// All authors by their key, each with all of its books.
    fn authors_with_books(&mut self) -> impl Future<Output = Result<Vec<Self::AuthorOfBooks>>> + Send;

    /// The number of users and their average age, by city, where the library can group.
    fn city_stats(&mut self) -> impl Future<Output = Result<Option<Vec<CityStats>>>> + Send {
        std::future::ready(Ok(None))
    }

    /// Gets users by key, one after another, inside one read transaction, where the library has any; gives the sum of
    /// the ages.
    fn get_reading(&mut self, keys: Vec<i64>) -> impl Future<Output = Result<Option<i64>>> + Send {
        let _ = keys;
        std::future::ready(Ok(None))
    }

    /// The same inside one transaction that holds the write lock.
    fn get_writing(&mut self, keys: Vec<i64>) -> impl Future<Output = Result<Option<i64>>> + Send {
        let _ = keys;
        std::future::ready(Ok(None))
    }

    /// Gets users by key, each list by one task, all tasks at once; gives the sum of the ages.
    fn get_at_once(&mut self, keys: Vec<Vec<i64>>) -> impl Future<Output = Result<i64>> + Send;

    /// Sets the age of the user with this key; fails when there is none.
    fn set_age(&mut self, pk: i64, age: i64) -> impl Future<Output = Result<()>> + Send;

    /// Inserts a user; gives the key.
    fn insert(&mut self, user: NewUser) -> impl Future<Output = Result<i64>> + Send;

    /// Inserts users in their order, in one transaction.
    fn insert_all(&mut self, users: Vec<NewUser>) -> impl Future<Output = Result<()>> + Send;

    /// Deletes the users with greater keys. Not timed.
    fn delete_users_above(&mut self, pk: i64) -> impl Future<Output = Result<()>> + Send;

    /// The user with this key from a cache of results, where the library has one.
    fn get_cached(&mut self, pk: i64) -> impl Future<Output = Result<Option<Self::User>>> + Send {
        let _ = pk;
        std::future::ready(Ok(None))
    }

    /// The SQL of [`in_city`](Self::in_city), built and not run, where the library builds any.
    fn in_city_sql(&self, city: &str) -> Result<Option<String>> {
        let _ = city;
        Ok(None)
    }

    /// The row as plain data, to be verified.
    fn user(row: Self::User) -> User;

    /// The rows as plain data, to be verified.
    fn book_of_author(row: Self::BookOfAuthor) -> (Book, Author);

    /// The rows as plain data, to be verified.
    fn author_of_books(row: Self::AuthorOfBooks) -> (Author, Vec<Book>);
}

/// How many connections the pools of all programs have: as many as there are processors, at least two.
pub fn pool_size() -> u32 {
    let processors = std::thread::available_parallelism().map_or(2, usize::from);
    u32::try_from(processors).unwrap_or(u32::MAX).max(2)
}

/// Runs one task for each list of keys, all at once; gives the sum of what they give.
///
/// # Errors
///
/// What the first of them failed with.
pub async fn at_once<F>(keys: Vec<Vec<i64>>, task: impl Fn(Vec<i64>) -> F) -> Result<i64>
where
    F: Future<Output = Result<i64>> + Send + 'static,
{
    let tasks: Vec<_> = keys.into_iter().map(|keys| tokio::spawn(task(keys))).collect();
    let mut sum = 0;
    for task in tasks {
        sum += task.await.map_err(Error::from)??;
    }
    Ok(sum)
}
