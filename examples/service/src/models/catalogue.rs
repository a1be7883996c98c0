//! What there is to read: authors, books, subjects, covers, copies.

use chrono::{DateTime, NaiveDate, Utc};
use garde::Validate;
use serde::{Deserialize, Serialize};
use sqliter::prelude::*;
use utoipa::ToSchema;

use super::{Branch, Loan, Member, Reservation, Review};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, ColumnType)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    English,
    French,
    German,
    Polish,
    Russian,
}

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema, Model)]
#[model(
    has_many(books = Book::author),
    new(derive(Debug, Clone, Deserialize, ToSchema, Validate), garde(allow_unvalidated)),
    patch(derive(Debug, Clone, Deserialize, ToSchema, Validate), garde(allow_unvalidated))
)]
pub struct Author {
    pub pk: Key<Author>,
    #[model(unique, new(garde(length(chars, min = 1, max = 200))), patch(garde(length(chars, min = 1, max = 200))))]
    pub name: String,
    /// The year of birth.
    #[model(new(garde(range(min = -1000, max = 2100))), patch(garde(range(min = -1000, max = 2100))))]
    pub born: Option<i32>,
}

/// Subjects are a tree: fiction, and crime fiction below it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema, Model)]
#[model(
    has_many(narrower = Subject::broader),
    many_to_many(books = Book::subjects),
    new(derive(Debug, Clone, Deserialize, ToSchema, Validate), garde(allow_unvalidated))
)]
pub struct Subject {
    pub pk: Key<Subject>,
    #[model(unique, collate = nocase, new(garde(length(chars, min = 1, max = 100))))]
    pub name: String,
    pub broader_id: Option<Key<Subject>>,
}

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema, Model)]
#[model(
    index(title),
    index(published),
    search(title, summary, tokenize = "unicode61 remove_diacritics 2", prefix = "2 3"),
    many_to_many(subjects = Subject, through = BookSubject),
    many_to_many(admirers = Member::favourites),
    has_many(copies = BookCopy::book, reservations = Reservation::book, reviews = Review::book),
    has_many(sequels = Book::sequel_to),
    has_one(cover = Cover::book),
    new(derive(Debug, Clone, Deserialize, ToSchema, Validate), garde(allow_unvalidated)),
    patch(derive(Debug, Clone, Deserialize, ToSchema, Validate), garde(allow_unvalidated))
)]
pub struct Book {
    pub pk: Key<Book>,
    #[model(new(garde(length(chars, min = 1, max = 300))), patch(garde(length(chars, min = 1, max = 300))))]
    pub title: String,
    #[model(default = "", new(garde(length(chars, max = 10_000))), patch(garde(length(chars, max = 10_000))))]
    pub summary: String,
    #[model(unique, new(garde(pattern(r"^\d{13}$"))), patch(garde(inner(pattern(r"^\d{13}$")))))]
    pub isbn: Option<String>,
    #[model(check = "pages > 0", new(garde(range(min = 1))), patch(garde(range(min = 1))))]
    pub pages: Option<u32>,
    pub published: Option<NaiveDate>,
    #[model(default = Language::English)]
    pub language: Language,
    /// An author who has books cannot be deleted.
    pub author_id: Key<Author>,
    #[model(on_delete = set_null)]
    pub sequel_to_id: Option<Key<Book>>,
    /// Counts the changes: the `ETag` of a book, which `If-Match` sends back.
    #[model(version)]
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// Which book has which subject.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(unique(book_id, subject_id))]
pub struct BookSubject {
    pub pk: Key<BookSubject>,
    #[model(on_delete = cascade)]
    pub book_id: Key<Book>,
    #[model(on_delete = cascade)]
    pub subject_id: Key<Subject>,
}

/// The picture of a book, in a table of its own, so that lists of books do not read over it.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct Cover {
    pub pk: Key<Cover>,
    #[model(unique, on_delete = cascade)]
    pub book_id: Key<Book>,
    #[model(check = "media_type IN ('image/jpeg', 'image/png', 'image/webp')")]
    pub media_type: String,
    pub image: Vec<u8>,
    pub updated_at: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, ColumnType)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    New,
    Good,
    Worn,
    Lost,
}

/// One of the books that stand on the shelves, which a member takes home.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema, Model)]
#[model(
    table = "copies",
    has_many(loans = Loan::copy),
    patch(derive(Debug, Clone, Deserialize, ToSchema, Validate), only(condition, branch_id), garde(allow_unvalidated))
)]
pub struct BookCopy {
    pub pk: Key<BookCopy>,
    #[model(unique)]
    pub barcode: String,
    pub book_id: Key<Book>,
    pub branch_id: Key<Branch>,
    #[model(default = Condition::New)]
    pub condition: Condition,
    pub acquired: NaiveDate,
}
