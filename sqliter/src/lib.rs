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
//! The [`guide`] goes on from here, a chapter for each subject. Coming from another library, begin with
//! [its table](guide::coming_from).
//!
//! # The names that matter
//!
//! | | |
//! |---|---|
//! | [`Db`], [`DbOptions`] | a database: one for the whole program, cheap to clone |
//! | [`Session`] | what every call is made on, a database or a transaction: functions take `&Session` |
//! | [`Tx`], [`Snapshot`] | a transaction; reads of one moment |
//! | [`Model`](macro@Model), [`Key`], [`Draft`], [`Patch`] | a row of a table, its key, what an insert needs, what an update may change |
//! | [`Select`] | a query, built up by methods |
//! | [`Column`], [`Condition`], [`Order`] | what closures of a query get and give |
//! | [`any`], [`all`], [`count`](fn@count), [`exists`], [`outer`], [`case_when`], [`now`], [`sql`](fn@sql) | functions in queries |
//! | [`View`](macro@View), [`Row`](macro@Row), [`Record`] | what a result may be beside models and tuples |
//! | [`Page`], [`Cursor`], [`Filters`], [`Sorting`] | what requests ask for |
//! | [`ColumnType`](macro@ColumnType), [`Embed`](macro@Embed), [`Json`], [`Unix`] | what a column may hold |
//! | [`Migrations`], [`schema`] | the schema, now and over time |
//! | [`Error`], [`Result`] | what can go wrong |
//!
//! `use sqliter::prelude::*;` brings those that most files need. The modules [`bounds`], [`relation`] and [`model`] have what only signatures
//! and messages of the compiler name.
//!
//! Statements run on connections that [sqlx](https://docs.rs/sqlx) has opened; [`Db::pool`] gives a pool of the same
//! database for everything else that sqlx can do. The library works on any executor, and has threads of its own for what takes long; the pool is
//! sqlx's, and needs a runtime of Tokio.
//!
//! # Logs
//!
//! Every statement is an event of [`tracing`](https://docs.rs/tracing) with the target `sqliter`, at the level `DEBUG`,
//! given after it has run. That includes the statements that create tables and indexes, begin and end transactions and
//! savepoints, and the pragmas that the library runs; what sqlx runs while it opens or closes a connection is logged by
//! sqlx itself, under its own target.
//!
//! | field | what it is |
//! |---|---|
//! | `db.query.text` | the statement, with a `?` for every argument |
//! | `db.operation.name` | its first word, such as `SELECT` |
//! | `db.response.returned_rows` | how many rows were read; for a failed statement, before it failed |
//! | `rows_changed` | how many rows were changed, likewise |
//! | `elapsed_us` | how long it took, in microseconds |
//! | `arguments` | the arguments, only with [`DbOptions::log_arguments`] |
//! | `error` | why it failed; without values, unless the arguments are logged |
//! | `db.response.status_code` | the result code of SQLite when it failed, such as `2067` |
//!
//! A statement that is repeated for many rows, as in `bulk_insert`, is one event. The event is in a span that is named as the
//! operation, `insert`, `update`, `delete`, `fetch`, `create_table`, `drop_table`, `migrate` or `execute`; and that span in
//! the one that the caller was in, on whichever thread the work is done. So a service finds the statements of a request under
//! the span of the request.
//!
//! The names are those of OpenTelemetry's [conventions for SQL](https://opentelemetry.io/docs/specs/semconv/db/sql), so that
//! what exports the spans tells tools that these are calls of a database. The span of the operation carries `otel.kind` =
//! `client`, `db.system.name` = `sqlite` and the table as `db.collection.name` (but for `migrate` and `execute`); and, once they
//! are known, `db.query.text`, `db.operation.name` and `db.response.returned_rows` of its first statement that does not begin or
//! end a transaction, and of one that fails `db.response.status_code` and `error.type`.
//!
//! [`DbOptions::slow_statements`] sets the time from which on a statement is logged at the level `WARN`.
//! [`DbOptions::debug`] prints the statements of a program that has no subscriber. Without one, logging costs nothing
//! worth measuring. [`Select::explain`] tells how SQLite goes about a query.
//!
//! # Metrics
//!
//! With the feature `metrics`, what happens is counted through the crate [`metrics`](https://docs.rs/metrics), for the recorder
//! that is there when the database is opened. Each has the label `database`, the path or `:memory:`.
//!
//! | name | kind | what it is |
//! |---|---|---|
//! | `sqliter_statements_total` | counter | statements that were run |
//! | `sqliter_errors_total` | counter | calls that have failed in the database, with the label `kind`: the variant of [`Error`] |
//! | `sqliter_writer_wait_seconds` | histogram | how long those waited for the writer who had to; of a database in memory, for its one connection |
//! | `sqliter_commit_group_size` | histogram | how many calls shared a commit, of those that waited for the writer |
//! | `sqliter_cache_hits_total`, `sqliter_cache_misses_total` | counter | results found in the cache, and results not found there |
//! | `sqliter_streams_open` | gauge | streams that are being read |
//! | `sqliter_log_pages` | gauge | pages in the write-ahead log after the last commit of the program |

// On docs.rs, what needs a feature says so.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod backup;
mod cache;
mod change;
mod column;
mod db;
mod engine;
mod error;
mod expr;
mod foreign_keys;
#[cfg(any(doc, doctest))]
pub mod guide;
mod migrate;
pub mod model;
mod query;
mod raw;
mod related;
mod row;
pub mod schema;
pub mod search;
mod session;
mod snapshot;
mod sql;
mod table;
mod tables;
#[cfg(feature = "testing")]
pub mod testing;
mod transaction;
mod tuples;
mod value;
pub mod web;

/// The program of the README is compiled with the other examples.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

pub use cache::CacheOptions;
pub use column::{Any, ColumnType, Json, Jsonb, Unix};
pub use db::{Db, DbOptions, Synchronous};
pub use error::{Error, Operation, Result, SqliteError};
pub use expr::{Column, Condition, Direction, Order, SoftDelete, all, any, case_when, count, now, outer, sql};
pub use migrate::{Migration, Migrations};
pub use model::{Draft, Embed, Key, Model, Patch};
pub use query::{Cursor, Filters, Page, RowStream, Select, Sorting, Tree, View, exists};
pub use raw::by;
pub use row::{Record, Row};
pub use session::Session;
pub use snapshot::Snapshot;
pub use sql::ast::DateUnit;
pub use sqliter_derive::{ColumnType, Embed, Model, Row, View};
pub use sqlx;
pub use transaction::Tx;
pub use value::Value;

/// What methods take and give, and the bounds that messages of the compiler name. Programs rarely write these names.
pub mod bounds {
    pub use crate::backup::{Backup, BackupProgress};
    pub use crate::cache::CacheStats;
    pub use crate::change::{
        BulkUpsert, ColumnValue, ColumnValues, Deletion, Get, Insert, OwnPath, UniqueColumns, Upsert, UpsertSets,
    };
    pub use crate::column::{
        AnyDuration, HasNullability, IntoValue, Literal, Nullability, NullabilityOf, Nullable, Required, Timestamp,
        UnixTime,
    };
    pub use crate::error::{ParameterProblem, RefusedRow};
    pub use crate::expr::{
        AddsTo, AggregateOf, Aliased, Assignable, Assignment, Assignments, CalculatesWith, CanBeNull, CastTo, Computed,
        Counted, Distinct, Expression, Filter, Frames, GivenValues, Group, GroupValue, HasSearch, Having, HoldsAmounts,
        HoldsComparable, HoldsDate, HoldsJson, HoldsNumbers, HoldsText, HoldsTime, InJson, InList, InQuery,
        InQueryOver, InRows, InWindow, InWindows, IntoText, JsonItems, Level, LevelWith, MayBeAbsent, MaybeRow, Now,
        OfGroups, OfRow, OfRows, OfTogether, OneOfSeveral, Operand, Orders, Outer, OverWindows, Partitions, PerGroup,
        PerRow, PerWindow, Qualify, RowOf, SameLevel, SameQuery, SameType, Searched, SqlPart, SqlParts, SqlValue,
        StartsFrom, SubtractsFrom, Term, TextOperand, Together, UnfinishedCase,
    };
    pub use crate::migrate::{AppliedMigration, Migrate, MigrationProgress, MigrationState, MigrationStatus};
    pub use crate::model::{
        AsKey, DraftOf, Embedded, IntoField, IntoOption, KeyType, Models, NamesRows, SingleKey, Writes,
    };
    pub use crate::query::{
        Aggregates, Append, AsRow, AtMostSixteen, Behind, Change, ChoosesValues, DistinctValues, Entity, Excluded,
        Excludes, FilterValue, Flat, FromParameter, GivesRows, GivesValues, Grouped, Groups, HasGroups, HasPairs,
        IntoShape, Joined, JoinedSet, Load, LoadsModels, LoadsRows, NoPairs, NonEmpty, OneEach, OneStatement, OneValue,
        PageQuery, PairChange, Parameters, PartSet, PlanStep, Prefetch, PrefetchedSet, Projection, Push, QueryPlan,
        Records, Related, RelatedRows, Returned, Returning, SameRows, SelectBoth, SelectTogether, Selection,
        SeveralValues, Shape, SingleSelection, SortKeys, TooMany, TreeQuery, United, Unites, Work, Write,
    };
    pub use crate::query::{
        AsView, FieldOf, Fills, Holds, HoldsFirst, HoldsRows, JoinedView, ReadsGroup, Takes, Viewed,
    };
    pub use crate::raw::{Execute, ExecuteScript, IntoArgument, RawQuery};
    pub use crate::row::{Flattened, FromRow};
    pub use crate::session::Pending;
    pub use crate::sql::{Argument, Sql};
    pub use crate::tables::{CreateTables, DropTable};
}

/// An experiment: what brings the writes of a database to other machines, for [`DbOptions::cluster`].
#[cfg(feature = "cluster")]
pub mod cluster {
    pub use crate::engine::cluster::{ApplyingConnection, NotDone, Recording, Replicator, SchemaChange};
}

/// Window functions, for [`over`](bounds::Computed::over), and the edges of frames:
/// `rank().over(|w| w.partition_by(s.region).order(s.amount.desc()))`.
pub mod window {
    pub use crate::expr::{
        FrameEdge, UnfinishedWindow, Window, cume_dist, current_row, dense_rank, following, ntile, percent_rank,
        preceding, rank, row_number,
    };
}

/// Relations: as fields of the columns, and as rows of a row that is loaded.
pub mod relation {
    pub use crate::expr::{Hops, ToDepth, ToItself, ToMany, ToOne};
    pub use crate::model::{
        AtMostOne, Cardinality, ColumnAt, Many, One, Optional, PairsIn, Referrers, Rel, Relation, RelationOf,
    };
    pub use crate::related::{FetchRelated, LazyOne, Links, PairsOf, RefersTo, Rows};
}

/// What a type of a program's own says to be stored in a column; `#[derive(ColumnType)]` writes it for most.
pub mod types {
    pub use crate::column::kind;
    pub use crate::value::{DecodeError, EncodeError, Encoded, Storage, ValueRef};
}

/// What every file of a program needs in scope: `use sqliter::prelude::*;`.
///
/// It brings no name that other crates of a service have too. `Json`, `Record`, `Row` and `Value` are imported by name,
/// `use sqliter::{Json, Row};`, as axum has a `Json`, sqlx a `Row` and serde_json a `Value`.
pub mod prelude {
    #[doc(no_inline)]
    pub use crate::bounds::Together as _;
    pub use crate::{
        CacheOptions, ColumnType, Db, Draft, Embed, Key, Model, Session, Snapshot, Tx, Unix, View, all, any, case_when,
        count, exists, now, outer, sql,
    };
}

/// What generated code names: the contract between the runtime and the derive. Nothing else may use it.
#[doc(hidden)]
pub mod __private {
    pub use crate::column::{
        Clock, Codec, Collates, ColumnType, FitsColumn, FitsTimestamp, Literal, Timestamp, clock, codec, collated,
        kind, one_of,
    };
    pub use crate::engine::RowRef;
    pub use crate::error::Result;
    pub use crate::expr::one_column;
    pub use crate::expr::{Column, Group, SoftDelete, ToMany, ToOne};
    pub use crate::expr::{HasSearch, Search, SearchColumn, found_by, searched};
    pub use crate::model::{
        Arguments, Changes, ColumnAt, Columns, Draft, DraftOf, GeneratedOf, IntoField, IntoOption, IsSet, Key, KeyOf,
        Many, Missing, Model, ModelImpl, NewModel, One, Optional, PairsAre, Patch, Path, PathTo, ReferrersOf, Rel,
        RelationOf, Set, UNFINISHED, Unfinished, UnfinishedColumns, VersionOf, between, foreign_key, has_one_key,
        junction, place_of_key, present, side, symmetrical,
    };
    pub use crate::model::{At, Embed, GroupAt, GroupColumns, Inside, group};
    pub use crate::model::{OfTable, OfView, RowsOfViews};
    pub use crate::query::Select;
    pub use crate::query::{
        Further, Shape, View, Viewed, columns_at, computed, deferred, field, field_with, row, rows_of,
    };
    pub use crate::related::{LazyOne, Links, Rows, linked_rows, related_rows};
    pub use crate::row::{
        EmbedReader, FromRow, Heading, ModelReader, Reader, Row, RowColumns, RowReader, flattened, from_sqlx_row,
    };
    pub use crate::session::Session;
    pub use crate::table::{Action, CachedSql, CheckInfo, Collation, ColumnInfo, ForeignKey, Generated, IndexInfo};
    pub use crate::table::{
        EmbedInfo, FieldPlace, GroupInfo, Part, columns, has_name_of_other, length_of_names, names, width,
    };
    pub use crate::table::{IndexPart, Indexed, SearchInfo, TableInfo};
    pub use crate::table::{JunctionInfo, Link, RelationInfo, Through};
    pub use crate::value::{DecodeError, EncodeError, Encoded, Storage, Value, ValueRef};

    pub use sqlx::sqlite::SqliteRow;
    pub use sqlx::{Error as SqlxError, FromRow as FromSqlxRow};

    /// The value of a `DEFAULT` clause.
    pub fn default_value<T>(codec: &Codec<T>, value: &T) -> std::result::Result<Value, EncodeError> {
        Ok((codec.encode)(value)?.into_value())
    }
}
