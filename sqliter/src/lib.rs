//! SQLiter: a typed, asynchronous ORM for SQLite.
//!
//! `#[derive(Model)]` on plain structs gives tables, typed columns and keys; a [`Db`] runs typed query chains on them.
//! Whatever the compiler can refuse, it refuses: an unknown column, a value of the wrong type, a required field left
//! out, a key of another model.
//!
//! ```
//! use sqliter::prelude::*;
//!
//! #[derive(Debug, Clone, PartialEq, Model)]
//! struct Author {
//!     pk: Key<Author>,
//!     name: String,
//!     #[model(unique)]
//!     email: String,
//! }
//!
//! #[derive(Debug, Clone, PartialEq, Model)]
//! struct Book {
//!     pk: Key<Book>,
//!     title: String,
//!     #[model(default = 0)]
//!     pages: i64,
//!     #[model(on_delete = cascade)]
//!     author_id: Key<Author>,
//! }
//!
//! #[tokio::main]
//! async fn main() -> sqliter::Result<()> {
//!     let db = Db::memory().await?;
//!     db.create_tables::<(Author, Book)>().await?;
//!
//!     let ada = db.insert(Author::builder().name("Ada").email("ada@example.org")).await?;
//!     db.insert(Book::builder().title("Notes").pages(66).author_id(&ada)).await?;
//!
//!     let books = db
//!         .select::<Book>()
//!         .filter(|b| b.author_id.eq(&ada) & b.pages.gt(50))
//!         .order(|b| b.title.asc())
//!         .fetch_all()
//!         .await?;
//!     assert_eq!(books[0].title, "Notes");
//!     Ok(())
//! }
//! ```
//!
//! Statements run on connections that [sqlx](https://docs.rs/sqlx) has opened; [`Db::pool`] gives a pool of the same
//! database for everything else that sqlx can do. A runtime of Tokio is needed, with its timer enabled.

mod cache;
mod crud;
mod db;
mod engine;
mod error;
mod expr;
mod foreign_keys;
mod model;
mod query;
mod relation;
mod schema;
mod session;
mod transaction;
mod tuples;
mod value;

pub use cache::{CacheOptions, CacheStats};
pub use crud::{Changes, Get, Given, Givens, Insertable, UniqueColumns, Upsert};
pub use db::{Db, DbOptions};
pub use engine::{Argument, Sql};
pub use error::{Error, Operation, Result, SqliteError};
pub use expr::{
    Aliased, Assignable, Assignment, Assignments, CanBeNull, Case, Column, Computed, Condition, Distinct, Expression,
    HoldsComparable, HoldsDate, HoldsNumbers, HoldsText, HoldsTime, IntoText, KeyOf, Level, Operand, Order, Orders,
    Path, PerGroup, PerRow, SameQuery, SameType, ValueOf, Via, case_when, count,
};
pub use model::{
    Action, ColumnInfo, Draft, ForeignKey, IndexInfo, IntoField, IntoOption, Junction, JunctionInfo, Link, Model,
    Models, RelationInfo, TableInfo, Through,
};
pub use query::{
    Cursor, Dictionary, Flat, GivesRows, Grouped, Groups, Item, Load, LoadsRows, OneStatement, Page, Projection,
    RowStream, Select, Selection, SingleSelection,
};
pub use relation::{
    Append, Arity, Counted, Entity, FetchRelated, Hops, JoinedPart, JoinedParts, JoinedSet, Links, Many, Maybe,
    NonEmpty, One, Part, PartSet, Parts, Prefetch, PrefetchedSet, Presence, Push, Rel, Related, Relation, RelationOf,
    ToMany, ToOne, With,
};
pub use schema::{CreateTables, DropTable};
pub use session::{Pending, Session};
pub use sqliter_derive::{ColumnType, Model};
pub use sqlx;
pub use transaction::Tx;
pub use value::{
    Always, AsKey, ColumnType, DecodeError, EncodeError, Encoded, IntoValue, Json, Key, KeyType, Nullness, Perhaps,
    Reach, ReachOf, Record, Storage, Timestamp, Unix, UnixTime, Value, ValueRef, kind,
};

/// What programs need in scope: `use sqliter::prelude::*;`.
pub mod prelude {
    pub use crate::{
        CacheOptions, ColumnType, Db, Draft, Json, Key, Model, Record, Session, Tx, Unix, Value, case_when, count,
    };
}

/// What generated code names: the contract between the runtime and the derive. Nothing else may use it.
#[doc(hidden)]
pub mod __private {
    pub use crate::engine::Row;
    pub use crate::error::Result;
    pub use crate::expr::{Column, KeyOf, Path};
    pub use crate::model::{
        Action, Arguments, Clock, Codec, ColumnInfo, Columns, Draft, FitsColumn, FitsTimestamp, ForeignKey, IndexInfo,
        IntoField, IntoOption, IsSet, Missing, Model, ModelImpl, NewModel, Set, TableInfo, UNFINISHED, Unfinished,
        UnfinishedColumns, clock, codec,
    };
    pub use crate::model::{JunctionInfo, Link, RelationInfo, Through};
    pub use crate::query::Select;
    pub use crate::relation::related_rows;
    pub use crate::relation::{
        Links, Many, Maybe, One, Rel, Related, RelationOf, ToMany, ToOne, foreign_key, has_one_key, junction,
        symmetrical,
    };
    pub use crate::session::Session;
    pub use crate::value::{
        ColumnType, DecodeError, EncodeError, Encoded, Key, Storage, Timestamp, Value, ValueRef, kind,
    };

    /// The value of a `DEFAULT` clause.
    pub fn default_value<T>(codec: &Codec<T>, value: &T) -> std::result::Result<Value, EncodeError> {
        Ok((codec.encode)(value)?.into_value())
    }
}
