//! A library through the years: its models as they are first, and as they are later.

/// As they are first.
pub mod first {
    use sqliter::prelude::*;

    /// Who writes.
    #[derive(Debug, Clone, PartialEq, Model)]
    pub struct Author {
        /// The key.
        pub pk: Key<Author>,
        /// The name.
        pub name: String,
    }

    /// What is written.
    #[derive(Debug, Clone, PartialEq, Model)]
    pub struct Book {
        /// The key.
        pub pk: Key<Book>,
        /// The title.
        pub title: String,
        /// How long it is.
        pub pages: i64,
        /// Who wrote it.
        #[model(on_delete = cascade)]
        pub author_id: Key<Author>,
    }

    /// All models.
    pub type All = (Author, Book);
}

/// With a column more, which a default fills.
pub mod second {
    use sqliter::prelude::*;

    pub use super::first::Author;

    /// What is written.
    #[derive(Debug, Clone, PartialEq, Model)]
    pub struct Book {
        /// The key.
        pub pk: Key<Book>,
        /// The title.
        pub title: String,
        /// How long it is.
        pub pages: i64,
        /// In which language.
        #[model(default = "en")]
        pub language: String,
        /// Who wrote it.
        #[model(on_delete = cascade)]
        pub author_id: Key<Author>,
    }

    /// All models.
    pub type All = (Author, Book);
}

/// With another name of a column, without a column, and with one that has no default.
pub mod third {
    use sqliter::prelude::*;

    pub use super::first::Author;

    /// What is written.
    #[derive(Debug, Clone, PartialEq, Model)]
    pub struct Book {
        /// The key.
        pub pk: Key<Book>,
        /// The title, with another name.
        pub heading: String,
        /// What it is known by.
        pub isbn: String,
        /// Who wrote it.
        #[model(on_delete = cascade)]
        pub author_id: Key<Author>,
    }

    /// All models.
    pub type All = (Author, Book);
}

/// With another name of a table.
pub mod fourth {
    use sqliter::prelude::*;

    /// Who writes.
    #[derive(Debug, Clone, PartialEq, Model)]
    pub struct Writer {
        /// The key.
        pub pk: Key<Writer>,
        /// The name.
        pub name: String,
    }

    /// All models.
    pub type All = (Writer,);
}

/// With other names of a table and a column, which the models tell.
pub mod renamed {
    use sqliter::prelude::*;

    /// Who writes.
    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(renamed_from = "authors")]
    pub struct Writer {
        /// The key.
        pub pk: Key<Writer>,
        /// The name.
        #[model(renamed_from = "name")]
        pub called: String,
    }

    /// What is written.
    #[derive(Debug, Clone, PartialEq, Model)]
    pub struct Book {
        /// The key.
        pub pk: Key<Book>,
        /// The title.
        pub title: String,
        /// How long it is.
        pub pages: i64,
        /// Who wrote it.
        #[model(on_delete = cascade, renamed_from = "author_id")]
        pub writer_id: Key<Writer>,
    }

    /// All models.
    pub type All = (Writer, Book);
}

/// With a constraint that rows may violate, and a column that takes NULL.
pub mod constrained {
    use sqliter::prelude::*;

    pub use super::first::Author;

    /// What is written.
    #[derive(Debug, Clone, PartialEq, Model)]
    pub struct Book {
        /// The key.
        pub pk: Key<Book>,
        /// The title.
        #[model(unique)]
        pub title: String,
        /// How long it is, if that is known.
        pub pages: Option<i64>,
        /// Who wrote it.
        #[model(on_delete = cascade)]
        pub author_id: Key<Author>,
    }

    /// All models.
    pub type All = (Author, Book);
}

/// With a view, pairs, a key of two columns, and a table that refers to itself.
pub mod wide {
    use sqliter::prelude::*;

    pub use super::first::{Author, Book};

    /// Books with many pages.
    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(view = "SELECT pk, title FROM books WHERE pages > 300")]
    pub struct LongBook {
        /// The key of the book.
        pub pk: Key<LongBook>,
        /// Its title.
        pub title: String,
    }

    /// A part of the shop.
    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(many_to_many(books = Book))]
    pub struct Shelf {
        /// The key.
        pub pk: Key<Shelf>,
        /// In which shelf it stands, if in any.
        pub parent_id: Option<Key<Shelf>>,
        /// The first book of it, which is the first of no other one.
        #[model(unique)]
        pub first_id: Key<Book>,
    }

    /// How often a book was sold in a year.
    #[derive(Debug, Clone, PartialEq, Model)]
    pub struct Sale {
        /// Which book.
        #[model(pk)]
        pub book_id: Key<Book>,
        /// In which year.
        #[model(pk)]
        pub year: i64,
        /// How often.
        pub copies: i64,
    }

    /// All models.
    pub type All = (Author, Book, LongBook, Shelf, Sale);
}
