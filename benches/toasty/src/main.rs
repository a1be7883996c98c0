//! Toasty on its own pool.

use std::path::Path;
use std::process::ExitCode;

use common::data::{self, NewUser, now};
use common::{CityStats, Library, Result, at_once, pool_size};
use toasty::{Db, Deferred};

fn main() -> ExitCode {
    common::main::<Toasty>()
}

#[derive(Debug, toasty::Model)]
struct User {
    #[key]
    #[auto]
    pk: u64,
    name: String,
    #[unique]
    email: String,
    age: i64,
    #[index]
    city: String,
    score: f64,
    bio: Option<String>,
    created_at: i64,
}

#[derive(Debug, toasty::Model)]
struct Author {
    #[key]
    #[auto]
    pk: u64,
    name: String,
    country: String,
    born: Option<i64>,
    #[has_many]
    books: Deferred<Vec<Book>>,
}

#[derive(Debug, toasty::Model)]
struct Book {
    #[key]
    #[auto]
    pk: u64,
    title: String,
    pages: i64,
    published: i64,
    #[index]
    author_id: u64,
    #[belongs_to(key = author_id, references = pk)]
    author: Deferred<Author>,
}

/// Rows of one statement of a bulk insert: SQLite's limit of 32,766 arguments has no room for all.
const ROWS_PER_STATEMENT: usize = 500;

struct Toasty {
    db: Db,
}

fn author(row: &Author) -> data::Author {
    let Author { pk, ref name, ref country, born, .. } = *row;
    data::Author { pk: pk.cast_signed(), name: name.clone(), country: country.clone(), born }
}

fn book(row: &Book) -> data::Book {
    let Book { pk, ref title, pages, published, author_id, .. } = *row;
    data::Book { pk: pk.cast_signed(), title: title.clone(), pages, published, author_id: author_id.cast_signed() }
}

impl Library for Toasty {
    const NAME: &'static str = "toasty";

    type User = User;
    type BookOfAuthor = Book;
    type AuthorOfBooks = Author;

    /// The driver has no settings; the mode of the log is the file's, foreign keys are on by default, and the rest is
    /// set on each connection of the pool.
    async fn open(path: &Path) -> Result<Self> {
        let url = format!("sqlite:{}", path.display());
        let size = pool_size() as usize;
        let db = Db::builder().models(toasty::models!(User, Author, Book)).max_pool_size(size).connect(&url).await?;
        let mut connections = Vec::new();
        for _ in 0..size {
            let mut connection = db.connection().await?;
            toasty::sql::statement("PRAGMA synchronous = NORMAL").exec(&mut connection).await?;
            connections.push(connection);
        }
        Ok(Self { db })
    }

    async fn sqlite_version(&mut self) -> Result<String> {
        let rows = toasty::sql::query("SELECT sqlite_version()").exec(&mut self.db).await?;
        match rows.into_iter().next() {
            Some(toasty::stmt::Value::Record(row)) => match row.fields.as_slice() {
                [toasty::stmt::Value::String(version)] => Ok(version.clone()),
                other => Err(format!("unexpected values {other:?}").into()),
            },
            other => Err(format!("unexpected row {other:?}").into()),
        }
    }

    async fn checkpoint(&mut self) -> Result<()> {
        toasty::sql::query("PRAGMA wal_checkpoint(TRUNCATE)").exec(&mut self.db).await?;
        Ok(())
    }

    async fn get(&mut self, pk: i64) -> Result<User> {
        Ok(User::get_by_pk(&mut self.db, pk.cast_unsigned()).await?)
    }

    async fn in_city(&mut self, city: String) -> Result<Vec<User>> {
        Ok(User::filter_by_city(city).order_by(User::fields().name().asc()).exec(&mut self.db).await?)
    }

    async fn users(&mut self) -> Result<Vec<User>> {
        Ok(User::all().exec(&mut self.db).await?)
    }

    async fn books_with_author(&mut self) -> Result<Vec<Book>> {
        let books = Book::all().include(Book::fields().author()).order_by(Book::fields().pk().asc());
        Ok(books.limit(1_000).exec(&mut self.db).await?)
    }

    async fn authors_with_books(&mut self) -> Result<Vec<Author>> {
        let authors = Author::all().include(Author::fields().books()).order_by(Author::fields().pk().asc());
        Ok(authors.exec(&mut self.db).await?)
    }

    /// Toasty has no aggregates yet; this is its way to SQL.
    async fn city_stats(&mut self) -> Result<Option<Vec<CityStats>>> {
        let sql = "SELECT city, count(*), avg(age) FROM users GROUP BY city ORDER BY city";
        let rows = toasty::sql::query(sql).exec(&mut self.db).await?;
        rows.into_iter().map(stats).collect::<Result<_>>().map(Some)
    }

    /// Its transactions are deferred: without a write this holds no write lock.
    async fn get_reading(&mut self, keys: Vec<i64>) -> Result<Option<i64>> {
        let mut transaction = self.db.transaction().await?;
        let mut ages = 0;
        for pk in keys {
            ages += User::get_by_pk(&mut transaction, pk.cast_unsigned()).await?.age;
        }
        transaction.commit().await?;
        Ok(Some(ages))
    }

    async fn get_at_once(&mut self, keys: Vec<Vec<i64>>) -> Result<i64> {
        at_once(keys, |keys| {
            let mut db = self.db.clone();
            async move {
                let mut ages = 0;
                for pk in keys {
                    ages += User::get_by_pk(&mut db, pk.cast_unsigned()).await?.age;
                }
                Ok(ages)
            }
        })
        .await
    }

    async fn set_age(&mut self, pk: i64, age: i64) -> Result<()> {
        Ok(User::update_by_pk(pk.cast_unsigned()).age(age).exec(&mut self.db).await?)
    }

    async fn insert(&mut self, user: NewUser) -> Result<i64> {
        let NewUser { name, email, age, city, score, bio } = user;
        let insert = toasty::create!(User { name, email, age, city, score, bio, created_at: now() });
        Ok(insert.exec(&mut self.db).await?.pk.cast_signed())
    }

    async fn insert_all(&mut self, users: Vec<NewUser>) -> Result<()> {
        let created_at = now();
        let mut transaction = self.db.transaction().await?;
        let mut users = users.into_iter().peekable();
        while users.peek().is_some() {
            let mut insert = User::create_many();
            for user in users.by_ref().take(ROWS_PER_STATEMENT) {
                let NewUser { name, email, age, city, score, bio } = user;
                insert = insert.item(toasty::create!(User { name, email, age, city, score, bio, created_at }));
            }
            insert.exec(&mut transaction).await?;
        }
        Ok(transaction.commit().await?)
    }

    async fn delete_users_above(&mut self, pk: i64) -> Result<()> {
        Ok(User::filter(User::fields().pk().gt(pk.cast_unsigned())).delete().exec(&mut self.db).await?)
    }

    fn user(row: User) -> data::User {
        let User { pk, name, email, age, city, score, bio, created_at } = row;
        data::User { pk: pk.cast_signed(), name, email, age, city, score, bio, created_at }
    }

    fn book_of_author(row: Book) -> (data::Book, data::Author) {
        (book(&row), author(row.author.get()))
    }

    fn author_of_books(row: Author) -> (data::Author, Vec<data::Book>) {
        (author(&row), row.books.get().iter().map(book).collect())
    }
}

fn stats(row: toasty::stmt::Value) -> Result<CityStats> {
    use toasty::stmt::Value;
    let Value::Record(row) = row else { return Err("no record".into()) };
    match row.fields.as_slice() {
        [Value::String(city), Value::I64(count), Value::F64(average)] => Ok((city.clone(), *count, Some(*average))),
        other => Err(format!("unexpected values {other:?}").into()),
    }
}
