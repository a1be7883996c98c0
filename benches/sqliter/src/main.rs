//! sqliter, opened with its defaults.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use common::data;
use common::{CityStats, Library, Result, at_once, ensure};
use sqliter::prelude::*;
use sqliter::{CacheOptions, Select};

fn main() -> ExitCode {
    common::main::<Sqliter>()
}

#[derive(Debug, Clone, Model)]
struct User {
    pk: Key<User>,
    name: String,
    #[model(unique)]
    email: String,
    age: i64,
    #[model(index)]
    city: String,
    score: f64,
    bio: Option<String>,
    created_at: i64,
}

#[derive(Debug, Clone, Model)]
#[model(has_many(books = Book::author))]
struct Author {
    pk: Key<Author>,
    name: String,
    country: String,
    born: Option<i64>,
}

#[derive(Debug, Clone, Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
    published: i64,
    author_id: Key<Author>,
}

struct Sqliter {
    db: Db,
    path: PathBuf,
    /// With the cache; opened when it is needed.
    cached: Option<Db>,
}

impl Sqliter {
    fn users_of(&self, city: String) -> Select<'_, User> {
        self.db.select::<User>().filter(|u| u.city.eq(city)).order(|u| u.name.asc())
    }
}

fn draft(user: data::NewUser) -> impl Draft<Model = User> {
    let data::NewUser { name, email, age, city, score, bio } = user;
    User::builder().name(name).email(email).age(age).city(city).score(score).bio(bio)
}

async fn ages(session: &Session, keys: Vec<i64>) -> Result<i64> {
    let mut ages = 0;
    for pk in keys {
        ages += session.get(User::key(pk)).await?.ok_or("no such user")?.age;
    }
    Ok(ages)
}

fn author(row: Author) -> data::Author {
    let Author { pk, name, country, born } = row;
    data::Author { pk: pk.into_raw(), name, country, born }
}

fn book(row: Book) -> data::Book {
    let Book { pk, title, pages, published, author_id } = row;
    data::Book { pk: pk.into_raw(), title, pages, published, author_id: author_id.into_raw() }
}

impl Library for Sqliter {
    const NAME: &'static str = "sqliter";

    type User = User;
    type BookOfAuthor = (Book, Author);
    type AuthorOfBooks = (Author, Vec<Book>);

    async fn open(path: &Path) -> Result<Self> {
        Ok(Self { db: Db::open(path).await?, path: path.to_owned(), cached: None })
    }

    async fn sqlite_version(&mut self) -> Result<String> {
        Ok(self.db.query("SELECT sqlite_version()").fetch_required().await?)
    }

    async fn checkpoint(&mut self) -> Result<()> {
        let checkpoint = self.db.query::<(i64, i64, i64)>("PRAGMA wal_checkpoint(TRUNCATE)");
        let (busy, ..) = checkpoint.fetch_required().await?;
        ensure(busy == 0, || "a connection is in the way of the checkpoint".to_owned())
    }

    async fn get(&mut self, pk: i64) -> Result<User> {
        self.db.get(User::key(pk)).await?.ok_or_else(|| "no such user".into())
    }

    async fn in_city(&mut self, city: String) -> Result<Vec<User>> {
        Ok(self.users_of(city).fetch_all().await?)
    }

    async fn users(&mut self) -> Result<Vec<User>> {
        Ok(self.db.select::<User>().fetch_all().await?)
    }

    async fn books_with_author(&mut self) -> Result<Vec<(Book, Author)>> {
        let books = self.db.select::<Book>().select_related(|b| b.author);
        Ok(books.order(|b| b.pk.asc()).limit(1_000).fetch_all().await?)
    }

    async fn authors_with_books(&mut self) -> Result<Vec<(Author, Vec<Book>)>> {
        let authors = self.db.select::<Author>().prefetch_related(|a| a.books);
        Ok(authors.order(|a| a.pk.asc()).fetch_all().await?)
    }

    async fn city_stats(&mut self) -> Result<Option<Vec<CityStats>>> {
        let cities = self.db.select::<User>().group_by(|u| u.city).annotate(|u| (count(), u.age.avg()));
        Ok(Some(cities.order(|u| u.city.asc()).fetch_all().await?))
    }

    async fn get_reading(&mut self, keys: Vec<i64>) -> Result<Option<i64>> {
        let snapshot = self.db.begin_read().await?;
        Ok(Some(ages(&snapshot, keys).await?))
    }

    async fn get_writing(&mut self, keys: Vec<i64>) -> Result<Option<i64>> {
        let transaction = self.db.begin().await?;
        let ages = ages(&transaction, keys).await?;
        transaction.commit().await?;
        Ok(Some(ages))
    }

    async fn get_at_once(&mut self, keys: Vec<Vec<i64>>) -> Result<i64> {
        at_once(keys, |keys| {
            let db = self.db.clone();
            async move {
                let mut ages = 0;
                for pk in keys {
                    ages += db.get(User::key(pk)).await?.ok_or("no such user")?.age;
                }
                Ok(ages)
            }
        })
        .await
    }

    async fn set_age(&mut self, pk: i64, age: i64) -> Result<()> {
        let user = self.db.select::<User>().filter(|u| u.pk.eq(User::key(pk)));
        let updated = user.update(|u| u.age.set(age)).await?;
        ensure(updated == 1, || format!("{updated} rows updated"))
    }

    async fn insert(&mut self, user: data::NewUser) -> Result<i64> {
        Ok(self.db.insert(draft(user)).await?.pk.into_raw())
    }

    async fn insert_all(&mut self, users: Vec<data::NewUser>) -> Result<()> {
        self.db.bulk_insert(users.into_iter().map(draft)).await?;
        Ok(())
    }

    async fn delete_users_above(&mut self, pk: i64) -> Result<()> {
        self.db.select::<User>().filter(|u| u.pk.gt(User::key(pk))).delete().await?;
        Ok(())
    }

    async fn get_cached(&mut self, pk: i64) -> Result<Option<User>> {
        let db = match &self.cached {
            Some(db) => db,
            None => {
                let db = Db::options().path(&self.path).cache(CacheOptions::default()).open().await?;
                self.cached.insert(db)
            }
        };
        Ok(db.get(User::key(pk)).await?)
    }

    fn in_city_sql(&self, city: &str) -> Result<Option<String>> {
        Ok(Some(self.users_of(city.to_owned()).to_sql()?.text))
    }

    fn user(row: User) -> data::User {
        let User { pk, name, email, age, city, score, bio, created_at } = row;
        data::User { pk: pk.into_raw(), name, email, age, city, score, bio, created_at }
    }

    fn book_of_author((row, of): (Book, Author)) -> (data::Book, data::Author) {
        (book(row), author(of))
    }

    fn author_of_books((row, books): (Author, Vec<Book>)) -> (data::Author, Vec<data::Book>) {
        (author(row), books.into_iter().map(book).collect())
    }
}
