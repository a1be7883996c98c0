//! Rows as the program reads them: all columns, and the key as a number.

use common::data;
use rusqlite::ToSql as _;
use rusqlite::types::{ToSqlOutput, Value};
use rust_query::{Expr, IntoSelect as _, Select, Table, TableRow};

use crate::{Author, Book, Store, User};

#[derive(Select)]
pub struct UserRow {
    pub(crate) pk: i64,
    name: String,
    email: String,
    pub(crate) age: i64,
    city: String,
    score: f64,
    bio: Option<String>,
    created_at: i64,
}

#[derive(Clone, Select)]
pub struct AuthorRow {
    pub(crate) pk: i64,
    name: String,
    country: String,
    born: Option<i64>,
}

#[derive(Select)]
pub struct BookRow {
    pk: i64,
    title: String,
    pages: i64,
    published: i64,
    pub(crate) author_id: i64,
}

/// The number of a key, which is what rusqlite would bind for it.
pub(crate) fn key<T: Table>(row: TableRow<T>) -> i64 {
    match row.to_sql() {
        Ok(ToSqlOutput::Owned(Value::Integer(key))) => key,
        other => unreachable!("{other:?} is no key"),
    }
}

fn key_of<'c, T: Table<Schema = Store>>(row: &Expr<'c, Store, TableRow<T>>) -> Select<'c, Store, i64> {
    row.into_select().map(key)
}

pub(crate) fn user<'c>(user: &Expr<'c, Store, TableRow<User>>) -> Select<'c, Store, UserRow> {
    UserRowSelect {
        pk: key_of(user),
        name: &user.name,
        email: &user.email,
        age: &user.age,
        city: &user.city,
        score: &user.score,
        bio: &user.bio,
        created_at: &user.created_at,
    }
    .into_select()
}

pub(crate) fn author<'c>(author: &Expr<'c, Store, TableRow<Author>>) -> Select<'c, Store, AuthorRow> {
    AuthorRowSelect { pk: key_of(author), name: &author.name, country: &author.country, born: &author.born }
        .into_select()
}

pub(crate) fn book<'c>(book: &Expr<'c, Store, TableRow<Book>>) -> Select<'c, Store, BookRow> {
    BookRowSelect {
        pk: key_of(book),
        title: &book.title,
        pages: &book.pages,
        published: &book.published,
        author_id: key_of(&book.author),
    }
    .into_select()
}

impl From<UserRow> for data::User {
    fn from(row: UserRow) -> Self {
        let UserRow { pk, name, email, age, city, score, bio, created_at } = row;
        Self { pk, name, email, age, city, score, bio, created_at }
    }
}

impl From<AuthorRow> for data::Author {
    fn from(row: AuthorRow) -> Self {
        let AuthorRow { pk, name, country, born } = row;
        Self { pk, name, country, born }
    }
}

impl From<BookRow> for data::Book {
    fn from(row: BookRow) -> Self {
        let BookRow { pk, title, pages, published, author_id } = row;
        Self { pk, title, pages, published, author_id }
    }
}
