//! Generated code does not trip the lints of the user's crate.
#![deny(warnings)]
#![deny(
    missing_docs,
    missing_debug_implementations,
    missing_copy_implementations,
    unreachable_pub,
    dead_code,
    non_snake_case,
    non_camel_case_types,
    non_upper_case_globals,
    unused,
    unused_qualifications,
    unused_results,
    unused_lifetimes,
    unused_import_braces,
    unsafe_code,
    trivial_casts,
    trivial_numeric_casts,
    single_use_lifetimes,
    elided_lifetimes_in_paths,
    explicit_outlives_requirements,
    variant_size_differences,
    let_underscore_drop,
    non_local_definitions,
    private_bounds,
    private_interfaces,
    redundant_lifetimes,
    unit_bindings,
    unnameable_types,
    future_incompatible,
    nonstandard_style,
    rust_2018_idioms,
    rust_2021_compatibility,
    rust_2024_compatibility
)]
#![forbid(keyword_idents)]

use sqliter::prelude::*;

/// A status.
#[derive(Debug, Clone, Copy, PartialEq, serde::Deserialize, ColumnType)]
pub enum Status {
    /// Not begun.
    Open,
    /// Over.
    Done,
}

/// A level.
#[derive(Debug, Clone, Copy, PartialEq, serde::Deserialize, ColumnType)]
#[column(integer)]
pub enum Level {
    /// Low.
    Low = 1,
    /// High.
    High = 2,
}

/// An address.
#[derive(Debug, Clone, PartialEq, serde::Deserialize, ColumnType)]
pub struct Email(pub String);

/// An author.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(index(name), new(derive(Debug, Clone, serde::Deserialize)))]
pub struct Author {
    /// The key.
    pub pk: Key<Author>,
    /// The name.
    pub name: String,
    /// The address.
    pub email: Option<Email>,
    /// The status.
    #[model(default = Status::Open)]
    pub status: Status,
    /// The level.
    #[model(default = Level::Low)]
    pub level: Level,
    /// The number of books.
    #[model(default = 0)]
    pub books: i64,
    /// When it was made.
    pub created_at: i64,
    /// When it was changed.
    pub updated_at: i64,
}

mod inner {
    use sqliter::prelude::*;

    #[derive(Debug, Clone, PartialEq, Model)]
    pub(crate) struct Note {
        pub(crate) pk: Key<Note>,
        #[model(on_delete = cascade)]
        pub(crate) author_id: Key<super::Author>,
    }
}

#[tokio::main]
async fn main() -> sqliter::Result<()> {
    #[derive(Debug, Clone, PartialEq, Model)]
    struct Local {
        pk: Key<Local>,
        r#type: String,
    }
    let db = Db::memory().await?;
    db.create_tables::<(Author, inner::Note, Local)>().await?;
    let author = db.insert(Author::builder().name("Jane").status(Status::Done).level(Level::High)).await?;
    let note = db.insert(inner::Note::builder().author_id(&author)).await?;
    assert_eq!((note.author_id, note.pk), (author.pk, inner::Note::key(1)));
    let local = db.insert(Local::builder().r#type("x")).await?;
    assert_eq!((local.pk.raw(), local.r#type.as_str()), (&1, "x"));
    Ok(())
}
