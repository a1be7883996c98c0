//! The code of a view trips no lint and minds no name of the user.
#![deny(warnings, missing_docs, missing_debug_implementations, unreachable_pub, unused, unused_qualifications)]
#![deny(unused_results, unused_lifetimes, single_use_lifetimes, elided_lifetimes_in_paths, private_interfaces)]

mod models {
    #![allow(dead_code, non_camel_case_types)]

    struct Result;
    struct String;
    struct Option;
    struct Vec;
    struct Clone;
    struct Self_;
    struct bool;
    mod core {}
    mod std {}
    trait View {}
    trait Shape {}

    #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::cmp::PartialEq, ::sqliter::Model)]
    #[model(has_many(songs = Song::album))]
    pub(crate) struct Album {
        pub(crate) pk: ::sqliter::Key<Album>,
        pub(crate) r#type: ::std::string::String,
    }

    #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::cmp::PartialEq, ::sqliter::Model)]
    pub(crate) struct Song {
        pub(crate) pk: ::sqliter::Key<Song>,
        pub(crate) arguments_: ::core::primitive::i64,
        pub(crate) columns_: ::core::option::Option<::core::primitive::bool>,
        pub(crate) album_id: ::sqliter::Key<Album>,
    }

    #[derive(::core::fmt::Debug, ::core::cmp::PartialEq, ::sqliter::View)]
    #[view(Album, args(least: ::core::primitive::i64))]
    pub(crate) struct Page {
        pub(crate) r#type: ::std::string::String,
        #[view(filter = |s| s.arguments_.ge(least), limit = 2)]
        pub(crate) songs: ::std::vec::Vec<super::Line>,
    }
}

use sqliter::prelude::*;

/// A view with awkward names.
#[derive(Debug, Clone, PartialEq, View)]
#[view(models::Song)]
pub struct Line {
    /// As the arguments of generated code.
    pub arguments_: i64,
    /// As its columns.
    pub columns_: Option<bool>,
    /// By a name of its own.
    #[view(with = |s| s.album.r#type)]
    pub r#type: String,
}

macro_rules! view {
    ($name:ident of $model:path { $($field:ident: $ty:ty = |$row:ident| $value:expr),* }) => {
        #[derive(Debug, PartialEq, View)]
        #[view($model)]
        struct $name {
            $(#[view(with = |$row| $value)] $field: $ty),*
        }
    };
}

view!(Made of models::Song { more: i64 = |s| s.arguments_ + 1, known: bool = |s| s.columns_.is_not_null() });

#[tokio::main]
async fn main() -> sqliter::Result<()> {
    let db = Db::memory().await?;
    db.create_tables::<(models::Album, models::Song)>().await?;
    let album = db.insert(models::Album::builder().r#type("LP")).await?;
    for number in [1, 2, 3] {
        let _ = db.insert(models::Song::builder().arguments_(number).album_id(&album)).await?;
    }
    let page = db.select::<models::Album>().view_with::<models::Page>(2).fetch_required().await?;
    let line = |number| Line { arguments_: number, columns_: None, r#type: "LP".to_owned() };
    assert_eq!(page, models::Page { r#type: "LP".to_owned(), songs: vec![line(2), line(3)] });
    let made = db.select::<models::Song>().order(|s| s.pk.asc()).view::<Made>().fetch_required().await?;
    assert_eq!(made, Made { more: 2, known: false });
    Ok(())
}
