//! The tables of own.db, as `sqliter models` has read them.

// Clippy takes a column that two indexes have for an attribute that is given twice.
#![allow(clippy::duplicated_attributes)]

use sqliter::prelude::*;

/// A row of the table `authors`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "authors")]
#[model(has_many(books_by_author = Book::author))]
#[model(has_many(books_by_editor = Book::editor))]
pub struct Author {
    pub pk: Key<Author>,
    pub name: String,
    #[model(unique)]
    pub email: String,
    pub born: Option<f64>,
    pub created_at: i64,
    pub updated_at: i64,
}

/// A row of the table `books`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "books")]
#[model(index(title, author_id, unique, name = "idx_books_title_author_id_unique"))]
#[model(check = "title <> ''")]
#[model(search(title, tokenize = "unicode61 remove_diacritics 2", prefix = "2 3"))]
#[model(has_many(loans = Loan::book))]
#[model(many_to_many(tags = Tag))]
#[model(many_to_many(books = Book, through = "similar_books"))]
pub struct Book {
    pub pk: Key<Book>,
    #[model(collate = nocase)]
    pub title: String,
    #[model(default = 0)]
    pub pages: i64,
    pub read: bool,
    #[model(on_delete = cascade)]
    pub author_id: Key<Author>,
    #[model(on_delete = set_null)]
    pub editor_id: Option<Key<Author>>,
    pub cover: Option<Vec<u8>>,
    #[model(generated = "length(title)")]
    pub length: Option<i64>,
}

/// A row of the table `tags`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "tags")]
#[model(has_many(loans = Loan::tag))]
#[model(many_to_many(books = Book::tags))]
pub struct Tag {
    #[model(pk)]
    pub name: String,
}

/// A row of the table `loans`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "loans")]
#[model(without_rowid)]
pub struct Loan {
    #[model(pk)]
    pub book_id: Key<Book>,
    #[model(pk)]
    pub day: String,
    #[model(deferrable)]
    pub tag_id: Option<Key<Tag>>,
}

/// All models.
pub type All = (Author, Book, Tag, Loan);
