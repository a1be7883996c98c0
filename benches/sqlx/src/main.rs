//! sqlx: statements by hand, on its pool.

use std::path::Path;
use std::process::ExitCode;

use common::data::{self, NewUser, now};
use common::{CityStats, Library, Result, at_once, ensure, pool_size};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow, SqliteSynchronous};
use sqlx::{ConnectOptions as _, FromRow, Row as _, Sqlite, SqliteExecutor, SqlitePool, Transaction};

fn main() -> ExitCode {
    common::main::<Sqlx>()
}

#[derive(FromRow)]
struct User {
    pk: i64,
    name: String,
    email: String,
    age: i64,
    city: String,
    score: f64,
    bio: Option<String>,
    created_at: i64,
}

#[derive(FromRow)]
struct Author {
    pk: i64,
    name: String,
    country: String,
    born: Option<i64>,
}

#[derive(FromRow)]
struct Book {
    pk: i64,
    title: String,
    pages: i64,
    published: i64,
    author_id: i64,
}

/// A book with its author. Names of columns are not unique in their rows, so this reads by position.
struct BookOfAuthor {
    book: Book,
    author: Author,
}

impl FromRow<'_, SqliteRow> for BookOfAuthor {
    fn from_row(row: &SqliteRow) -> sqlx::Result<Self> {
        let book = Book {
            pk: row.try_get(0)?,
            title: row.try_get(1)?,
            pages: row.try_get(2)?,
            published: row.try_get(3)?,
            author_id: row.try_get(4)?,
        };
        let author =
            Author { pk: row.try_get(5)?, name: row.try_get(6)?, country: row.try_get(7)?, born: row.try_get(8)? };
        Ok(Self { book, author })
    }
}

struct Sqlx {
    pool: SqlitePool,
}

async fn get(executor: impl SqliteExecutor<'_>, pk: i64) -> sqlx::Result<User> {
    sqlx::query_as("SELECT * FROM users WHERE pk = ?").bind(pk).fetch_one(executor).await
}

async fn get_inside(mut transaction: Transaction<'static, Sqlite>, keys: Vec<i64>) -> Result<i64> {
    let mut ages = 0;
    for pk in keys {
        ages += get(&mut *transaction, pk).await?.age;
    }
    transaction.commit().await?;
    Ok(ages)
}

async fn insert(executor: impl SqliteExecutor<'_>, user: NewUser, now: i64) -> sqlx::Result<i64> {
    let sql = "INSERT INTO users (name, email, age, city, score, bio, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)";
    let NewUser { name, email, age, city, score, bio } = user;
    let query = sqlx::query::<Sqlite>(sql).bind(name).bind(email).bind(age).bind(city).bind(score).bind(bio).bind(now);
    Ok(query.execute(executor).await?.last_insert_rowid())
}

fn author(row: Author) -> data::Author {
    let Author { pk, name, country, born } = row;
    data::Author { pk, name, country, born }
}

fn book(row: Book) -> data::Book {
    let Book { pk, title, pages, published, author_id } = row;
    data::Book { pk, title, pages, published, author_id }
}

impl Library for Sqlx {
    const NAME: &'static str = "sqlx";

    type User = User;
    type BookOfAuthor = BookOfAuthor;
    type AuthorOfBooks = (Author, Vec<Book>);

    async fn open(path: &Path) -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .foreign_keys(true)
            .disable_statement_logging();
        let pool = SqlitePoolOptions::new().max_connections(pool_size()).test_before_acquire(false);
        Ok(Self { pool: pool.connect_with(options).await? })
    }

    async fn sqlite_version(&mut self) -> Result<String> {
        Ok(sqlx::query_scalar("SELECT sqlite_version()").fetch_one(&self.pool).await?)
    }

    async fn checkpoint(&mut self) -> Result<()> {
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&self.pool).await?;
        Ok(())
    }

    async fn get(&mut self, pk: i64) -> Result<User> {
        Ok(get(&self.pool, pk).await?)
    }

    async fn in_city(&mut self, city: String) -> Result<Vec<User>> {
        let sql = "SELECT * FROM users WHERE city = ? ORDER BY name";
        Ok(sqlx::query_as(sql).bind(city).fetch_all(&self.pool).await?)
    }

    async fn users(&mut self) -> Result<Vec<User>> {
        Ok(sqlx::query_as("SELECT * FROM users").fetch_all(&self.pool).await?)
    }

    async fn books_with_author(&mut self) -> Result<Vec<BookOfAuthor>> {
        let sql = "SELECT b.pk, b.title, b.pages, b.published, b.author_id, a.pk, a.name, a.country, a.born \
                   FROM books b JOIN authors a ON a.pk = b.author_id ORDER BY b.pk LIMIT 1000";
        Ok(sqlx::query_as(sql).fetch_all(&self.pool).await?)
    }

    /// Two statements in the same order, merged.
    async fn authors_with_books(&mut self) -> Result<Vec<(Author, Vec<Book>)>> {
        let authors: Vec<Author> = sqlx::query_as("SELECT * FROM authors ORDER BY pk").fetch_all(&self.pool).await?;
        let sql = "SELECT * FROM books ORDER BY author_id";
        let books: Vec<Book> = sqlx::query_as(sql).fetch_all(&self.pool).await?;
        let mut books = books.into_iter().peekable();
        let shelf = |author: Author| {
            let shelf = std::iter::from_fn(|| books.next_if(|book| book.author_id == author.pk)).collect();
            (author, shelf)
        };
        Ok(authors.into_iter().map(shelf).collect())
    }

    async fn city_stats(&mut self) -> Result<Option<Vec<CityStats>>> {
        let sql = "SELECT city, count(*), avg(age) FROM users GROUP BY city ORDER BY city";
        Ok(Some(sqlx::query_as(sql).fetch_all(&self.pool).await?))
    }

    async fn get_reading(&mut self, keys: Vec<i64>) -> Result<Option<i64>> {
        get_inside(self.pool.begin().await?, keys).await.map(Some)
    }

    async fn get_writing(&mut self, keys: Vec<i64>) -> Result<Option<i64>> {
        get_inside(self.pool.begin_with("BEGIN IMMEDIATE").await?, keys).await.map(Some)
    }

    async fn get_at_once(&mut self, keys: Vec<Vec<i64>>) -> Result<i64> {
        at_once(keys, |keys| {
            let pool = self.pool.clone();
            async move {
                let mut ages = 0;
                for pk in keys {
                    ages += get(&pool, pk).await?.age;
                }
                Ok(ages)
            }
        })
        .await
    }

    async fn set_age(&mut self, pk: i64, age: i64) -> Result<()> {
        let query = sqlx::query("UPDATE users SET age = ? WHERE pk = ?").bind(age).bind(pk);
        let updated = query.execute(&self.pool).await?.rows_affected();
        ensure(updated == 1, || format!("{updated} rows updated"))
    }

    async fn insert(&mut self, user: NewUser) -> Result<i64> {
        Ok(insert(&self.pool, user, now()).await?)
    }

    async fn insert_all(&mut self, users: Vec<NewUser>) -> Result<()> {
        let now = now();
        let mut transaction = self.pool.begin().await?;
        for user in users {
            insert(&mut *transaction, user, now).await?;
        }
        Ok(transaction.commit().await?)
    }

    async fn delete_users_above(&mut self, pk: i64) -> Result<()> {
        sqlx::query("DELETE FROM users WHERE pk > ?").bind(pk).execute(&self.pool).await?;
        Ok(())
    }

    fn user(row: User) -> data::User {
        let User { pk, name, email, age, city, score, bio, created_at } = row;
        data::User { pk, name, email, age, city, score, bio, created_at }
    }

    fn book_of_author(row: BookOfAuthor) -> (data::Book, data::Author) {
        (book(row.book), author(row.author))
    }

    fn author_of_books((row, books): (Author, Vec<Book>)) -> (data::Author, Vec<data::Book>) {
        (author(row), books.into_iter().map(book).collect())
    }
}
