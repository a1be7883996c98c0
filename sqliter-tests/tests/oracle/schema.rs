//! The models. Their tables and columns are called as the aliases that a writer of SQL might choose.

use rust_decimal::Decimal;
use sqliter::prelude::*;
use sqliter::{Json, Unix};
use uuid::Uuid;

#[derive(Debug, Clone, Copy, PartialEq, ColumnType)]
pub enum Status {
    Open,
    #[column(name = "in Review")]
    InReview,
    Done,
}

impl Status {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::InReview => "in Review",
            Self::Done => "done",
        }
    }

    pub fn named(name: &str) -> Self {
        [Self::Open, Self::InReview, Self::Done].into_iter().find(|status| status.name() == name).unwrap()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, ColumnType)]
#[column(integer)]
pub enum Level {
    Low = 2,
    High = 10,
    Top = -1,
}

impl Level {
    pub fn numbered(number: i64) -> Self {
        [Self::Low, Self::High, Self::Top].into_iter().find(|level| *level as i64 == number).unwrap()
    }
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "t1", has_many(people = Person::country), patch)]
pub struct Country {
    #[model(pk)]
    pub code: String,
    pub name: String,
    pub area: Option<f64>,
    pub status: Option<Status>,
    pub founded: Option<jiff::civil::Date>,
    pub noon: jiff::civil::Time,
    pub treaty: jiff::civil::DateTime,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "k", has_many(books = Book::rate), patch)]
pub struct Rate {
    #[model(pk)]
    pub amount: Decimal,
    pub label: Option<String>,
    pub number: i64,
    pub since: time::OffsetDateTime,
    pub until: Option<chrono::DateTime<chrono::FixedOffset>>,
    #[model(version)]
    pub version: i64,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(
    table = "t0",
    many_to_many(friends = Person, symmetrical, through = "friends"),
    many_to_many(reviewed = Book::reviewers),
    has_many(books = Book::author, edited = Book::editor, pupils = Person::mentor, reviews = Review::reviewer),
    unique(name, balance, live),
    patch
)]
pub struct Person {
    pub pk: Key<Person>,
    pub name: String,
    pub nick: Option<String>,
    pub active: bool,
    pub height: Option<f32>,
    pub balance: Decimal,
    pub born: Option<chrono::NaiveDate>,
    pub level: Level,
    #[model(on_delete = set_null)]
    pub mentor_id: Option<Key<Person>>,
    pub country_id: Option<Key<Country>>,
    #[model(soft_delete)]
    pub deleted_at: Option<Unix<chrono::DateTime<chrono::Utc>>>,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(
    many_to_many(tags = Tag),
    many_to_many(reviewers = Person, through = Review),
    has_many(reviews = Review::book),
    unique(title, author_id),
    patch
)]
pub struct Book {
    pub pk: Key<Book>,
    pub title: String,
    #[model(unique)]
    pub isbn: Option<String>,
    pub pages: i64,
    pub rating: Option<f64>,
    pub price: Option<Decimal>,
    pub cover: Option<Vec<u8>>,
    pub status: Status,
    pub extra: Json<Vec<i64>>,
    pub printed: time::Date,
    #[model(on_delete = cascade)]
    pub author_id: Key<Person>,
    #[model(on_delete = set_null)]
    pub editor_id: Option<Key<Person>>,
    pub rate_id: Option<Key<Rate>>,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "position", many_to_many(books = Book::tags), has_many(children = Tag::parent), patch)]
pub struct Tag {
    pub pk: Key<Tag>,
    #[model(unique)]
    pub label: String,
    pub number: i16,
    pub position: Option<i64>,
    #[model(on_delete = cascade)]
    pub parent_id: Option<Key<Tag>>,
    #[model(soft_delete)]
    pub gone: Option<Unix<chrono::DateTime<chrono::Utc>>>,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "j0", patch)]
pub struct Review {
    pub pk: Key<Review>,
    #[model(on_delete = cascade)]
    pub book_id: Key<Book>,
    #[model(on_delete = no_action)]
    pub reviewer_id: Key<Person>,
    pub stars: Option<u8>,
    pub text: Option<String>,
    pub guid: Option<Uuid>,
    pub at: Option<chrono::DateTime<chrono::Utc>>,
    pub time: Option<chrono::NaiveTime>,
    pub local: Option<chrono::NaiveDateTime>,
    pub rest: Option<time::Time>,
    pub sent: Option<time::PrimitiveDateTime>,
    pub read: Option<jiff::Timestamp>,
    pub seconds: Option<Unix<chrono::DateTime<chrono::Utc>>>,
}

pub type All = (Country, Rate, Person, Book, Tag, Review);
