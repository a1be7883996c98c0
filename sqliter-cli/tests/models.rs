//! `sqliter models` on schemas of real applications: the source is checked in and compiled here, reads the rows, and its schema is
//! that of the file. `BLESS=1` writes the sources anew.

#![allow(missing_docs, unreachable_pub, dead_code)]

use std::fs;
use std::path::Path;

use sqliter::bounds::Models;
use sqliter::{Db, Model};
use tempfile::tempdir;

mod share;

/// The checked-in sources.
#[path = "models"]
mod source {
    #[rustfmt::skip]
    pub mod browser_history;
    #[rustfmt::skip]
    pub mod gtfs;
    #[rustfmt::skip]
    pub mod mail_index;
    #[rustfmt::skip]
    pub mod media_library;
    #[rustfmt::skip]
    pub mod odd;
    #[rustfmt::skip]
    pub mod own;
    #[rustfmt::skip]
    pub mod photo_library;
    #[rustfmt::skip]
    pub mod shop;
    #[rustfmt::skip]
    pub mod tickets;
    #[rustfmt::skip]
    pub mod version_control;
}

/// Compares what the program prints for a file with the checked-in source, and the schema of its models with that of the file.
async fn check<All: Models>(path: &Path) -> Db {
    let name = path.file_stem().unwrap().to_str().unwrap();
    let printed = share::printed([Path::new("models"), path]);
    let known = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/models/{name}.rs"));
    if std::env::var_os("BLESS").is_some() {
        fs::write(&known, &printed).unwrap();
    }
    assert_eq!(printed, fs::read_to_string(&known).unwrap(), "the source of {name} differs; BLESS=1 writes it anew");
    let db = Db::open(path).await.unwrap();
    let diff = db.schema_diff::<All>().await.unwrap();
    assert!(diff.is_empty(), "{name}:\n{diff}");
    db
}

/// Checks a schema, and that each model reads so many rows.
macro_rules! reads {
    ($name:ident: $($model:ident $rows:literal),* $(,)?) => {
        #[tokio::test]
        async fn $name() {
            use source::$name::*;
            let folder = tempdir().unwrap();
            let sql = include_str!(concat!("schemas/", stringify!($name), ".sql"));
            let path = share::file(folder.path(), concat!(stringify!($name), ".db"), sql);
            let db = check::<All>(&path).await;
            $(
                let rows = db.select::<$model>().fetch_all().await.unwrap();
                assert_eq!(rows.len(), $rows, stringify!($model));
            )*
            db.close().await.unwrap();
        }
    };
}

reads! {
    shop:
    Category 2, CustomerDemographic 1, Customer 1, CustomerCustomerDemo 1, Employee 2, Region 1, Territory 1,
    EmployeeTerritory 1, Shipper 1, Supplier 1, Product 2, Order 1, OrderDetail 2,
}

reads! {
    media_library:
    Item 1, Album 1, ItemAttribute 1, AlbumAttribute 0,
}

reads! {
    browser_history:
    MozOrigin 1, MozPlace 2, MozHistoryvisit 1, MozInputhistory 1, MozBookmark 2, MozBookmarksDeleted 1,
    MozKeyword 1, MozAnnoAttribute 1, MozAnno 1, MozMeta 2, MozPlacesMetadata 1,
    MozPlacesMetadataSearchQuery 1, MozPreviewsTombstone 0,
}

reads! {
    mail_index:
    FolderLocation 1, Conversation 1, Message 2, AttributeDefinition 1, Contact 1, Identity 1,
}

reads! {
    photo_library:
    AlbumRoot 1, Album 1, Image 2, ImageInformation 1, ImagePosition 0, ImageComment 0, ImageProperty 1, Tag 1,
    TagsTree 1, ImageTag 1, Setting 1,
}

reads! {
    version_control:
    Blob 2, Delta 1, User 1, Rcvfrom 1, Config 2, Filename 1, Leaf 1, Event 1, Tag 1,
}

reads! {
    tickets:
    System 1, Ticket 1, Component 1, Milestone 1, Version 1, Report 1,
}

reads! {
    gtfs:
    Agency 1, Level 1, Stop 2, Route 1, Calendar 1, CalendarDate 1, Trip 1, StopTime 2, Shape 1, Transfer 1,
    Frequency 1,
}

reads! {
    odd:
    Type 1, Type2 1, NewType3 1, KeyRow 3, UsesKey 1, Mixed 3, A 0, B 0, Profile 1, User 2, MissingParent 0,
    RealKey 1, StrictAny 2, Größe 1,
}

/// Tables as the library makes them.
mod ours {
    use sqliter::prelude::*;

    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(has_many(books = Book::author))]
    pub struct Author {
        pub pk: Key<Author>,
        pub name: String,
        #[model(unique)]
        pub email: String,
        pub born: Option<f64>,
        pub created_at: i64,
        pub updated_at: i64,
    }

    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(many_to_many(tags = Tag), many_to_many(similar = Book, through = "similar_books"), index(title), unique(title, author_id))]
    #[model(search(title, tokenize = "unicode61 remove_diacritics 2", prefix = "2 3"))]
    pub struct Book {
        pub pk: Key<Book>,
        #[model(collate = nocase, check = "title <> ''")]
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

    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(many_to_many(books = Book::tags))]
    pub struct Tag {
        #[model(pk)]
        pub name: String,
    }

    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(without_rowid)]
    pub struct Loan {
        #[model(pk)]
        pub book_id: Key<Book>,
        #[model(pk)]
        pub day: String,
        #[model(deferrable)]
        pub tag_id: Option<Key<Tag>>,
    }

    pub type All = (Author, Book, Tag, Loan);
}

#[tokio::test]
async fn the_tables_of_the_library_become_the_models_they_are_of() {
    use source::own::{All, Author, Book, Tag};
    let folder = tempdir().unwrap();
    let path = folder.path().join("own.db");
    let db = Db::open(&path).await.unwrap();
    db.create_tables::<ours::All>().await.unwrap();
    // What sqlx writes beside them is no table of the program.
    db.execute("CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, checksum BLOB NOT NULL)").await.unwrap();
    let ada = db.insert(ours::Author::builder().name("Ada").email("ada@example.org")).await.unwrap();
    let book = db.insert(ours::Book::builder().title("Notes").read(true).author_id(&ada)).await.unwrap();
    let tag = db.insert(ours::Tag::builder().name("old")).await.unwrap();
    book.tags(&db).add([&tag]).await.unwrap();
    db.close().await.unwrap();
    let db = check::<All>(&path).await;
    let rows = db.select::<Book>().select_related(|b| b.author).prefetch_related(|b| b.tags).fetch_all().await.unwrap();
    let [(book, author, tags)] = rows.try_into().unwrap();
    assert_eq!((book.title.as_str(), book.read, author.name.as_str()), ("Notes", true, "Ada"));
    assert_eq!(tags, [Tag { name: "old".to_owned() }]);
    assert_eq!(db.select::<Author>().filter(|a| a.books_by_author.any(|b| b.length.eq(5))).count().await.unwrap(), 1);
    db.close().await.unwrap();
}
