//! SeaORM on its pool of sqlx.

mod author;
mod book;
mod user;

use std::path::Path;
use std::process::ExitCode;

use common::data::{self, NewUser, now};
use common::{CityStats, Library, Result, at_once, ensure, pool_size};
use sea_orm::entity::prelude::*;
use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    ConnectOptions, Database, DatabaseTransaction, DbBackend, QueryOrder as _, QuerySelect as _, Set,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait as _,
};

fn main() -> ExitCode {
    common::main::<SeaOrm>()
}

/// Rows of one statement of a bulk insert: SQLite's limit of 32,766 arguments has no room for all.
const ROWS_PER_STATEMENT: usize = 500;

struct SeaOrm {
    db: DatabaseConnection,
}

async fn get(db: &impl ConnectionTrait, pk: i64) -> Result<user::Model> {
    user::Entity::find_by_id(pk).one(db).await?.ok_or_else(|| "no such user".into())
}

async fn get_inside(transaction: DatabaseTransaction, keys: Vec<i64>) -> Result<i64> {
    let mut ages = 0;
    for pk in keys {
        ages += get(&transaction, pk).await?.age;
    }
    transaction.commit().await?;
    Ok(ages)
}

fn statement(sql: &str) -> Statement {
    Statement::from_string(DbBackend::Sqlite, sql)
}

fn new(user: NewUser, created_at: i64) -> user::ActiveModel {
    let NewUser { name, email, age, city, score, bio } = user;
    user::ActiveModel {
        name: Set(name),
        email: Set(email),
        age: Set(age),
        city: Set(city),
        score: Set(score),
        bio: Set(bio),
        created_at: Set(created_at),
        ..Default::default()
    }
}

fn author(row: author::Model) -> data::Author {
    let author::Model { pk, name, country, born } = row;
    data::Author { pk, name, country, born }
}

fn book(row: book::Model) -> data::Book {
    let book::Model { pk, title, pages, published, author_id } = row;
    data::Book { pk, title, pages, published, author_id }
}

impl Library for SeaOrm {
    const NAME: &'static str = "sea-orm";

    type User = user::Model;
    type BookOfAuthor = (book::Model, author::Model);
    type AuthorOfBooks = (author::Model, Vec<book::Model>);

    async fn open(path: &Path) -> Result<Self> {
        let mut options = ConnectOptions::new(format!("sqlite://{}", path.display()));
        options.max_connections(pool_size()).test_before_acquire(false).sqlx_logging(false).map_sqlx_sqlite_opts(
            |options| {
                options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Normal).foreign_keys(true)
            },
        );
        Ok(Self { db: Database::connect(options).await? })
    }

    async fn sqlite_version(&mut self) -> Result<String> {
        let row = self.db.query_one_raw(statement("SELECT sqlite_version()")).await?.ok_or("no row")?;
        Ok(row.try_get_by_index(0)?)
    }

    async fn checkpoint(&mut self) -> Result<()> {
        self.db.execute_raw(statement("PRAGMA wal_checkpoint(TRUNCATE)")).await?;
        Ok(())
    }

    async fn get(&mut self, pk: i64) -> Result<user::Model> {
        get(&self.db, pk).await
    }

    async fn in_city(&mut self, city: String) -> Result<Vec<user::Model>> {
        let in_city = user::Entity::find().filter(user::Column::City.eq(city));
        Ok(in_city.order_by_asc(user::Column::Name).all(&self.db).await?)
    }

    async fn users(&mut self) -> Result<Vec<user::Model>> {
        Ok(user::Entity::find().all(&self.db).await?)
    }

    async fn books_with_author(&mut self) -> Result<Vec<(book::Model, author::Model)>> {
        let joined = book::Entity::find().find_both_related(author::Entity);
        Ok(joined.order_by_asc(book::Column::Pk).limit(1_000).all(&self.db).await?)
    }

    async fn authors_with_books(&mut self) -> Result<Vec<(author::Model, Vec<book::Model>)>> {
        let joined = author::Entity::find().find_with_related(book::Entity);
        Ok(joined.order_by_asc(author::Column::Pk).all(&self.db).await?)
    }

    async fn city_stats(&mut self) -> Result<Option<Vec<CityStats>>> {
        let stats = user::Entity::find()
            .select_only()
            .column(user::Column::City)
            .column_as(user::Column::Pk.count(), "count")
            .column_as(user::Column::Age.avg(), "average")
            .group_by(user::Column::City)
            .order_by_asc(user::Column::City);
        Ok(Some(stats.into_tuple().all(&self.db).await?))
    }

    async fn get_reading(&mut self, keys: Vec<i64>) -> Result<Option<i64>> {
        get_inside(self.db.begin().await?, keys).await.map(Some)
    }

    async fn get_writing(&mut self, keys: Vec<i64>) -> Result<Option<i64>> {
        let immediate = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..Default::default()
        };
        get_inside(self.db.begin_with_options(immediate).await?, keys).await.map(Some)
    }

    async fn get_at_once(&mut self, keys: Vec<Vec<i64>>) -> Result<i64> {
        at_once(keys, |keys| {
            let db = self.db.clone();
            async move {
                let mut ages = 0;
                for pk in keys {
                    ages += get(&db, pk).await?.age;
                }
                Ok(ages)
            }
        })
        .await
    }

    async fn set_age(&mut self, pk: i64, age: i64) -> Result<()> {
        let update = user::Entity::update_many().col_expr(user::Column::Age, Expr::value(age));
        let updated = update.filter(user::Column::Pk.eq(pk)).exec(&self.db).await?.rows_affected;
        ensure(updated == 1, || format!("{updated} rows updated"))
    }

    async fn insert(&mut self, user: NewUser) -> Result<i64> {
        Ok(new(user, now()).insert(&self.db).await?.pk)
    }

    async fn insert_all(&mut self, users: Vec<NewUser>) -> Result<()> {
        let now = now();
        let transaction = self.db.begin().await?;
        let mut users = users.into_iter().map(|user| new(user, now)).peekable();
        while users.peek().is_some() {
            let rows = users.by_ref().take(ROWS_PER_STATEMENT);
            user::Entity::insert_many(rows).exec_without_returning(&transaction).await?;
        }
        Ok(transaction.commit().await?)
    }

    async fn delete_users_above(&mut self, pk: i64) -> Result<()> {
        user::Entity::delete_many().filter(user::Column::Pk.gt(pk)).exec(&self.db).await?;
        Ok(())
    }

    fn user(row: user::Model) -> data::User {
        let user::Model { pk, name, email, age, city, score, bio, created_at } = row;
        data::User { pk, name, email, age, city, score, bio, created_at }
    }

    fn book_of_author((row, of): (book::Model, author::Model)) -> (data::Book, data::Author) {
        (book(row), author(of))
    }

    fn author_of_books((row, books): (author::Model, Vec<book::Model>)) -> (data::Author, Vec<data::Book>) {
        (author(row), books.into_iter().map(book).collect())
    }
}
