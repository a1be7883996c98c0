//! diesel-async, whose `SyncConnectionWrapper` runs each statement of a `SqliteConnection` on a blocking thread.

use std::path::Path;

use common::data::{self, NewUser, now};
use common::{CityStats, Library, Result, at_once, ensure, pool_size};
use diesel::dsl::{count_star, insert_into};
use diesel::prelude::*;
use diesel_async::pooled_connection::deadpool::{Object, Pool};
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod};
use diesel_async::sync_connection_wrapper::SyncConnectionWrapper;
use diesel_async::{AsyncConnection as _, RunQueryDsl, SimpleAsyncConnection as _};

use crate::connections::{SETTINGS, url};
use crate::schema::{authors, average, books, sqlite_version, users};
use crate::{Author, Book, InsertUser, ROWS_PER_STATEMENT, User};

type Wrapper = SyncConnectionWrapper<SqliteConnection>;

/// A pool of deadpool, which does not check connections before each use.
pub struct DieselAsync {
    pool: Pool<Wrapper>,
}

impl DieselAsync {
    async fn connection(&self) -> Result<Object<Wrapper>> {
        Ok(self.pool.get().await?)
    }
}

async fn get(connection: &mut Wrapper, pk: i64) -> QueryResult<User> {
    users::table.find(pk).select(User::as_select()).get_result(connection).await
}

async fn ages(connection: &mut Wrapper, keys: Vec<i64>) -> QueryResult<i64> {
    let mut ages = 0;
    for pk in keys {
        ages += get(connection, pk).await?.age;
    }
    Ok(ages)
}

impl Library for DieselAsync {
    const NAME: &'static str = "diesel-async";

    type User = User;
    type BookOfAuthor = (Book, Author);
    type AuthorOfBooks = (Author, Vec<Book>);

    async fn open(path: &Path) -> Result<Self> {
        let mut config = ManagerConfig::default();
        config.recycling_method = RecyclingMethod::Fast;
        config.custom_setup = Box::new(|url| {
            Box::pin(async {
                let mut connection = Wrapper::establish(url).await?;
                connection.batch_execute(SETTINGS).await.map_err(ConnectionError::CouldntSetupConfiguration)?;
                Ok(connection)
            })
        });
        let manager = AsyncDieselConnectionManager::new_with_config(url(path)?, config);
        Ok(Self { pool: Pool::builder(manager).max_size(pool_size() as usize).build()? })
    }

    async fn sqlite_version(&mut self) -> Result<String> {
        Ok(diesel::select(sqlite_version()).get_result(&mut self.connection().await?).await?)
    }

    async fn checkpoint(&mut self) -> Result<()> {
        Ok(self.connection().await?.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)").await?)
    }

    async fn get(&mut self, pk: i64) -> Result<User> {
        Ok(get(&mut *self.connection().await?, pk).await?)
    }

    async fn in_city(&mut self, city: String) -> Result<Vec<User>> {
        let in_city = users::table.filter(users::city.eq(city)).order(users::name).select(User::as_select());
        Ok(in_city.load(&mut self.connection().await?).await?)
    }

    async fn users(&mut self) -> Result<Vec<User>> {
        Ok(users::table.select(User::as_select()).load(&mut self.connection().await?).await?)
    }

    async fn books_with_author(&mut self) -> Result<Vec<(Book, Author)>> {
        let both = (Book::as_select(), Author::as_select());
        let joined = books::table.inner_join(authors::table).order(books::pk).limit(1_000).select(both);
        Ok(joined.load(&mut self.connection().await?).await?)
    }

    /// As Diesel does it.
    async fn authors_with_books(&mut self) -> Result<Vec<(Author, Vec<Book>)>> {
        let mut connection = self.connection().await?;
        let authors = authors::table.order(authors::pk).select(Author::as_select()).load(&mut connection).await?;
        let books = Book::belonging_to(&authors).select(Book::as_select()).load(&mut connection).await?;
        let books = books.grouped_by(&authors);
        Ok(authors.into_iter().zip(books).collect())
    }

    async fn city_stats(&mut self) -> Result<Option<Vec<CityStats>>> {
        let stats = (users::city, count_star(), average(users::age));
        let grouped = users::table.group_by(users::city).order(users::city).select(stats);
        Ok(Some(grouped.load(&mut self.connection().await?).await?))
    }

    async fn get_reading(&mut self, keys: Vec<i64>) -> Result<Option<i64>> {
        let connection: &mut Wrapper = &mut *self.connection().await?;
        Ok(Some(connection.transaction(async move |connection| ages(connection, keys).await).await?))
    }

    async fn get_writing(&mut self, keys: Vec<i64>) -> Result<Option<i64>> {
        let connection: &mut Wrapper = &mut *self.connection().await?;
        Ok(Some(connection.immediate_transaction(async move |connection| ages(connection, keys).await).await?))
    }

    async fn get_at_once(&mut self, keys: Vec<Vec<i64>>) -> Result<i64> {
        at_once(keys, |keys| {
            let pool = self.pool.clone();
            async move {
                let mut ages = 0;
                for pk in keys {
                    ages += get(&mut *pool.get().await?, pk).await?.age;
                }
                Ok(ages)
            }
        })
        .await
    }

    async fn set_age(&mut self, pk: i64, age: i64) -> Result<()> {
        let update = diesel::update(users::table.find(pk)).set(users::age.eq(age));
        let updated = update.execute(&mut self.connection().await?).await?;
        ensure(updated == 1, || format!("{updated} rows updated"))
    }

    async fn insert(&mut self, user: NewUser) -> Result<i64> {
        let insert = insert_into(users::table).values(InsertUser::new(user, now())).returning(users::pk);
        Ok(insert.get_result(&mut self.connection().await?).await?)
    }

    /// By Diesel itself, on one blocking thread: diesel-async inserts no more than one row by a statement into SQLite.
    async fn insert_all(&mut self, users: Vec<NewUser>) -> Result<()> {
        let now = now();
        let users: Vec<_> = users.into_iter().map(|user| InsertUser::new(user, now)).collect();
        let insert = move |connection: &mut SqliteConnection| {
            connection.transaction(|connection| {
                for users in users.chunks(ROWS_PER_STATEMENT) {
                    diesel::RunQueryDsl::execute(insert_into(users::table).values(users), connection)?;
                }
                Ok(())
            })
        };
        Ok(self.connection().await?.spawn_blocking(insert).await?)
    }

    async fn delete_users_above(&mut self, pk: i64) -> Result<()> {
        let delete = diesel::delete(users::table.filter(users::pk.gt(pk)));
        delete.execute(&mut self.connection().await?).await?;
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
