//! Types of the user may have the names of std and of sqliter.
#![allow(dead_code, non_camel_case_types, unused_macros)]
use sqliter::Model;

struct Result;
struct Option;
struct String;
struct Vec;
struct Key;
struct Some;
struct None;
struct Ok;
struct Err;
struct Box;
struct Column;
struct Draft;
struct Set;
struct i64;
struct str;
struct bool;
trait Clone {}
trait Into {}
trait From {}
trait Default {}
mod std {}
mod core {}
macro_rules! format {
    () => {};
}
macro_rules! vec {
    () => {};
}

#[derive(sqliter::ColumnType)]
enum State {
    Ok,
    Err,
    None,
}

#[derive(sqliter::ColumnType)]
#[column(integer)]
enum Number {
    Some = 3,
}

#[derive(sqliter::ColumnType)]
struct Text(::std::string::String);

#[derive(::core::fmt::Debug, Model)]
#[model(table = "books")]
struct Book {
    pk: sqliter::Key<Book>,
    title: ::std::string::String,
    subtitle: ::std::option::Option<::std::string::String>,
    cover: ::std::vec::Vec<::core::primitive::u8>,
    author_id: ::core::option::Option<::sqliter::Key<Author>>,
    #[model(default = 0)]
    pages: ::core::primitive::i64,
    created_at: ::core::primitive::i64,
    updated_at: ::core::primitive::i64,
}

#[derive(::core::fmt::Debug, Model)]
struct Author {
    #[model(pk)]
    name: ::std::string::String,
}

#[tokio::main]
async fn main() -> sqliter::Result<()> {
    let db = sqliter::Db::memory().await?;
    db.create_tables::<(Author, Book)>().await?;
    let author = db.insert(Author::builder().name("Jane")).await?;
    let book = db.insert(Book::builder().title("Emma").cover([1].to_vec()).author_id(&author)).await?;
    assert!(db.get(book.pk).await?.is_some());
    ::core::result::Result::Ok(())
}
