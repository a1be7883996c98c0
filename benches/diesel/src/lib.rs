//! Diesel, which is synchronous: in place, as hand-written rusqlite is measured too, and on blocking threads; and
//! diesel-async, which calls Diesel on blocking threads by itself.

mod asynchronous;
mod connections;
mod schema;

use std::path::Path;

use common::data::{self, NewUser, now};
use common::{CityStats, Library, Result, ensure};
use diesel::connection::SimpleConnection as _;
use diesel::dsl::{count_star, insert_into};
use diesel::prelude::*;

pub use asynchronous::DieselAsync;
pub use connections::{Connections, InPlace, Pooled};
use schema::{authors, average, books, sqlite_version, users};

#[derive(Queryable, Selectable)]
#[diesel(table_name = users, check_for_backend(diesel::sqlite::Sqlite))]
pub struct User {
    pk: i64,
    name: String,
    email: String,
    age: i64,
    city: String,
    score: f64,
    bio: Option<String>,
    created_at: i64,
}

/// With `NULL` written as such, many rows fit one statement.
#[derive(Insertable)]
#[diesel(table_name = users, treat_none_as_default_value = false)]
struct InsertUser {
    name: String,
    email: String,
    age: i64,
    city: String,
    score: f64,
    bio: Option<String>,
    created_at: i64,
}

impl InsertUser {
    fn new(user: NewUser, created_at: i64) -> Self {
        let NewUser { name, email, age, city, score, bio } = user;
        Self { name, email, age, city, score, bio, created_at }
    }
}

#[derive(Queryable, Selectable, Identifiable)]
#[diesel(table_name = authors, primary_key(pk), check_for_backend(diesel::sqlite::Sqlite))]
pub struct Author {
    pk: i64,
    name: String,
    country: String,
    born: Option<i64>,
}

#[derive(Queryable, Selectable, Identifiable, Associations)]
#[diesel(table_name = books, primary_key(pk), belongs_to(Author), check_for_backend(diesel::sqlite::Sqlite))]
pub struct Book {
    pk: i64,
    title: String,
    pages: i64,
    published: i64,
    author_id: i64,
}

/// Rows of one statement of a bulk insert: SQLite's limit of 32,766 arguments has no room for all.
const ROWS_PER_STATEMENT: usize = 100;

/// The benchmark, on connections that are used in one way or the other.
pub struct Program<C> {
    connections: C,
}

fn get(connection: &mut SqliteConnection, pk: i64) -> Result<User> {
    Ok(users::table.find(pk).select(User::as_select()).get_result(connection)?)
}

fn ages(connection: &mut SqliteConnection, keys: Vec<i64>) -> Result<i64> {
    keys.into_iter().map(|pk| Ok(get(connection, pk)?.age)).sum()
}

impl From<User> for data::User {
    fn from(row: User) -> Self {
        let User { pk, name, email, age, city, score, bio, created_at } = row;
        Self { pk, name, email, age, city, score, bio, created_at }
    }
}

impl From<Author> for data::Author {
    fn from(row: Author) -> Self {
        let Author { pk, name, country, born } = row;
        Self { pk, name, country, born }
    }
}

impl From<Book> for data::Book {
    fn from(row: Book) -> Self {
        let Book { pk, title, pages, published, author_id } = row;
        Self { pk, title, pages, published, author_id }
    }
}

impl<C: Connections> Library for Program<C> {
    const NAME: &'static str = C::NAME;

    type User = User;
    type BookOfAuthor = (Book, Author);
    type AuthorOfBooks = (Author, Vec<Book>);

    async fn open(path: &Path) -> Result<Self> {
        Ok(Self { connections: C::open(path)? })
    }

    async fn sqlite_version(&mut self) -> Result<String> {
        self.connections.run(|connection| Ok(diesel::select(sqlite_version()).get_result(connection)?)).await
    }

    async fn checkpoint(&mut self) -> Result<()> {
        self.connections.run(|connection| Ok(connection.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)")?)).await
    }

    async fn get(&mut self, pk: i64) -> Result<User> {
        self.connections.run(move |connection| get(connection, pk)).await
    }

    async fn in_city(&mut self, city: String) -> Result<Vec<User>> {
        let in_city = users::table.filter(users::city.eq(city)).order(users::name).select(User::as_select());
        self.connections.run(move |connection| Ok(in_city.load(connection)?)).await
    }

    async fn users(&mut self) -> Result<Vec<User>> {
        self.connections.run(|connection| Ok(users::table.select(User::as_select()).load(connection)?)).await
    }

    async fn books_with_author(&mut self) -> Result<Vec<(Book, Author)>> {
        let both = (Book::as_select(), Author::as_select());
        let joined = books::table.inner_join(authors::table).order(books::pk).limit(1_000).select(both);
        self.connections.run(move |connection| Ok(joined.load(connection)?)).await
    }

    /// Two statements, the second with a list of keys, as the guide to relations does.
    async fn authors_with_books(&mut self) -> Result<Vec<(Author, Vec<Book>)>> {
        self.connections
            .run(|connection| {
                let authors = authors::table.order(authors::pk).select(Author::as_select()).load(connection)?;
                let books = Book::belonging_to(&authors).select(Book::as_select()).load(connection)?;
                let books = books.grouped_by(&authors);
                Ok(authors.into_iter().zip(books).collect())
            })
            .await
    }

    async fn city_stats(&mut self) -> Result<Option<Vec<CityStats>>> {
        let stats = (users::city, count_star(), average(users::age));
        let grouped = users::table.group_by(users::city).order(users::city).select(stats);
        self.connections.run(move |connection| Ok(Some(grouped.load(connection)?))).await
    }

    async fn get_reading(&mut self, keys: Vec<i64>) -> Result<Option<i64>> {
        self.connections
            .run(move |connection| connection.transaction(|connection| ages(connection, keys)))
            .await
            .map(Some)
    }

    async fn get_writing(&mut self, keys: Vec<i64>) -> Result<Option<i64>> {
        let work = move |connection: &mut SqliteConnection| {
            connection.immediate_transaction(|connection| ages(connection, keys))
        };
        self.connections.run(work).await.map(Some)
    }

    async fn get_at_once(&mut self, keys: Vec<Vec<i64>>) -> Result<i64> {
        self.connections.at_once(keys, |connection, pk| Ok(get(connection, pk)?.age)).await
    }

    async fn set_age(&mut self, pk: i64, age: i64) -> Result<()> {
        let update = diesel::update(users::table.find(pk)).set(users::age.eq(age));
        let updated = self.connections.run(move |connection| Ok(update.execute(connection)?)).await?;
        ensure(updated == 1, || format!("{updated} rows updated"))
    }

    async fn insert(&mut self, user: NewUser) -> Result<i64> {
        let insert = insert_into(users::table).values(InsertUser::new(user, now())).returning(users::pk);
        self.connections.run(move |connection| Ok(insert.get_result(connection)?)).await
    }

    async fn insert_all(&mut self, users: Vec<NewUser>) -> Result<()> {
        let now = now();
        let users: Vec<_> = users.into_iter().map(|user| InsertUser::new(user, now)).collect();
        self.connections
            .run(move |connection| {
                connection.transaction(|connection| {
                    for users in users.chunks(ROWS_PER_STATEMENT) {
                        insert_into(users::table).values(users).execute(connection)?;
                    }
                    Ok(())
                })
            })
            .await
    }

    async fn delete_users_above(&mut self, pk: i64) -> Result<()> {
        let delete = diesel::delete(users::table.filter(users::pk.gt(pk)));
        self.connections.run(move |connection| Ok(delete.execute(connection)?)).await?;
        Ok(())
    }

    fn user(row: User) -> data::User {
        row.into()
    }

    fn book_of_author((row, of): (Book, Author)) -> (data::Book, data::Author) {
        (row.into(), of.into())
    }

    fn author_of_books((row, books): (Author, Vec<Book>)) -> (data::Author, Vec<data::Book>) {
        (row.into(), books.into_iter().map(data::Book::from).collect())
    }
}
