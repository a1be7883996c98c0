//! The code of a column type does not rest on the prelude of Rust.
mod models {
    #![no_implicit_prelude]

    #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::cmp::PartialEq, ::sqliter::ColumnType)]
    pub enum Status {
        Open,
        Done,
    }

    #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::cmp::PartialEq, ::sqliter::ColumnType)]
    #[column(integer)]
    pub enum Level {
        Low = 1,
        High = 2,
    }

    #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::cmp::PartialEq, ::sqliter::ColumnType)]
    pub struct Email(pub ::std::string::String);
}

use models::{Email, Level, Status};
use sqliter::prelude::*;

#[derive(Debug, Clone, PartialEq, Model)]
struct Person {
    #[model(pk)]
    name: String,
    email: Email,
    status: Status,
    level: Level,
}

#[tokio::main]
async fn main() -> sqliter::Result<()> {
    let db = Db::memory().await?;
    db.create_table::<Person>().await?;
    let person = Person::builder().name("Ada").email(Email("x".into())).status(Status::Done).level(Level::High);
    assert_eq!(db.insert(person).await?.level, Level::High);
    Ok(())
}
