//! The tables that the three routes read.

// The macro makes more for each entity than three routes need.
#![allow(dead_code)]

macro_rules! entities {
    ($($module:ident $table:literal { $($body:tt)* })*) => {$(
        pub mod $module {
            use sea_orm::entity::prelude::*;

            #[sea_orm::model]
            #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
            #[sea_orm(table_name = $table)]
            pub struct Model {
                #[sea_orm(primary_key)]
                pub pk: i64,
                $($body)*
            }

            impl ActiveModelBehavior for ActiveModel {}
        }
    )*};
}

entities! {
    author "authors" {
        pub name: String,
        pub born: Option<i32>,
        #[sea_orm(has_many)]
        pub books: HasMany<super::book::Entity>,
    }
    subject "subjects" {
        pub name: String,
        #[sea_orm(has_many, via = "book_subject")]
        pub books: HasMany<super::book::Entity>,
    }
    book "books" {
        pub title: String,
        pub summary: String,
        pub isbn: Option<String>,
        pub pages: Option<i64>,
        pub published: Option<Date>,
        pub language: String,
        pub author_id: i64,
        pub sequel_to_id: Option<i64>,
        pub version: i64,
        pub created_at: DateTimeUtc,
        pub updated_at: DateTimeUtc,
        #[sea_orm(belongs_to, from = "author_id", to = "pk")]
        pub author: BelongsTo<super::author::Entity>,
        #[sea_orm(has_many, via = "book_subject")]
        pub subjects: HasMany<super::subject::Entity>,
        #[sea_orm(has_many)]
        pub copies: HasMany<super::copy::Entity>,
        #[sea_orm(has_many)]
        pub reviews: HasMany<super::review::Entity>,
    }
    book_subject "book_subjects" {
        pub book_id: i64,
        pub subject_id: i64,
        #[sea_orm(belongs_to, from = "book_id", to = "pk")]
        pub book: BelongsTo<super::book::Entity>,
        #[sea_orm(belongs_to, from = "subject_id", to = "pk")]
        pub subject: BelongsTo<super::subject::Entity>,
    }
    cover "covers" {
        pub book_id: i64,
        pub media_type: String,
        pub updated_at: DateTimeUtc,
    }
    branch "branches" {
        pub name: String,
        #[sea_orm(has_many)]
        pub copies: HasMany<super::copy::Entity>,
    }
    copy "copies" {
        pub barcode: String,
        pub book_id: i64,
        pub branch_id: i64,
        pub condition: String,
        #[sea_orm(belongs_to, from = "book_id", to = "pk")]
        pub book: BelongsTo<super::book::Entity>,
        #[sea_orm(belongs_to, from = "branch_id", to = "pk")]
        pub branch: BelongsTo<super::branch::Entity>,
        #[sea_orm(has_many)]
        pub loans: HasMany<super::loan::Entity>,
    }
    loan "loans" {
        pub copy_id: i64,
        pub returned_on: Option<Date>,
        #[sea_orm(belongs_to, from = "copy_id", to = "pk")]
        pub copy: BelongsTo<super::copy::Entity>,
    }
    member "members" {
        pub name: String,
        #[sea_orm(has_many)]
        pub reviews: HasMany<super::review::Entity>,
    }
    reservation "reservations" {
        pub book_id: i64,
        pub fulfilled_on: Option<Date>,
    }
    review "reviews" {
        pub book_id: i64,
        pub member_id: i64,
        pub stars: i64,
        pub text: String,
        pub created_at: DateTimeUtc,
        #[sea_orm(belongs_to, from = "book_id", to = "pk")]
        pub book: BelongsTo<super::book::Entity>,
        #[sea_orm(belongs_to, from = "member_id", to = "pk")]
        pub member: BelongsTo<super::member::Entity>,
    }
}
