//! Models: what `#[derive(Model)]` says about a struct.

mod builder;
mod draft;
mod embed;
mod key;
mod models;
mod patch;
mod path;
mod relation;
mod unfinished;
mod view;

use std::time::SystemTime;

use crate::engine::RowRef;
use crate::error::Result;
use crate::table::CachedSql;
pub use crate::table::TableInfo;

pub use crate::table::{
    Action, CheckInfo, Collation, ColumnInfo, ForeignKey, Generated, IndexInfo, IndexPart, Indexed, Junction,
    JunctionInfo, Link, RelationInfo, Through,
};
#[doc(hidden)]
pub use builder::{IntoField, IntoOption, IsSet, Missing, Set};
#[doc(hidden)]
pub use draft::{Arguments, NewModel};
pub use draft::{Draft, DraftOf};
#[doc(hidden)]
pub use embed::{At, GroupAt, GroupCodec, GroupColumns, Inside, group};
pub use embed::{Embed, Embedded};
pub use key::Key;
#[doc(hidden)]
pub use key::{AsKey, KeyType, NamesRows, SingleKey};
#[doc(hidden)]
pub use models::Models;
pub use patch::Patch;
#[doc(hidden)]
pub use patch::{Changes, present};
pub(crate) use path::FirstOf;
pub use path::{GeneratedOf, KeyOf, MaybeOf, OneOf, Path, PathTo, Present, VersionOf, Via};
#[doc(hidden)]
pub use relation::{
    AtMostOne, Cardinality, ColumnAt, Many, One, Optional, PairsAre, PairsIn, Referrers, ReferrersOf, Rel, Relation,
    RelationOf, between, foreign_key, has_one_key, junction, place_of_key, side, symmetrical,
};
pub(crate) use relation::{PairsWith, RefersTo};
#[doc(hidden)]
pub use unfinished::{UNFINISHED, Unfinished, UnfinishedColumns};
#[doc(hidden)]
pub use view::{OfTable, OfView, RowsOfViews, Writes};

/// A struct that is a row of a table. Derive it; there is no other way to implement it that is supported.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a model",
    label = "not a model",
    note = "a model is a struct with `#[derive(Model)]`"
)]
pub trait Model: ModelImpl {
    /// The type of the primary key without its table: `i64`, or the type of a natural key.
    type RawKey: KeyType;

    /// What an insert needs: the fields without the generated key and the timestamps.
    type New: NewModel<Model = Self> + Draft<Model = Self>;

    /// The builder of [`New`](Self::New).
    type Builder;

    /// The columns and relations of the model, one field each, as closures get them.
    type Columns<P: Path>: Columns;

    /// Whether its rows can be written: those of a view cannot.
    #[doc(hidden)]
    type Access;

    /// The table as the model describes it.
    const TABLE: &'static TableInfo;

    /// A builder of the row to insert. A required field that is left out is a compile error where the row is used.
    fn builder() -> Self::Builder;

    /// A typed key from a plain value.
    fn key(raw: impl IntoField<Self::RawKey>) -> Key<Self> {
        Key::new(raw.into_field())
    }

    /// The key of this row.
    fn primary_key(&self) -> Key<Self>;
}

/// How rows become models and models become rows: the part of a model that only the library calls.
pub trait ModelImpl: Sized + Send + Sync + 'static {
    /// Reads the columns of the table, in their order.
    ///
    /// # Errors
    ///
    /// [`Error::Decode`](crate::Error::Decode) when a stored value does not fit its field.
    fn decode(row: &RowRef<'_>) -> Result<Self>;

    /// Writes all columns but the key, in their order; `updated_at` is the time of the arguments, the version the next one.
    ///
    /// # Errors
    ///
    /// [`Error::Encode`](crate::Error::Encode) when a value has no form in SQLite.
    fn write(&self, arguments: &mut Arguments<'_>) -> Result<()>;

    /// Writes the column at a position.
    ///
    /// # Errors
    ///
    /// [`Error::Encode`](crate::Error::Encode) when the value has no form in SQLite.
    fn write_one(&self, position: usize, arguments: &mut Arguments<'_>) -> Result<()>;

    /// Sets `updated_at` and raises the version, if there are such.
    fn touch(&mut self, now: SystemTime);

    /// The version of this row, if the model has one.
    fn current_version(&self) -> Option<i64> {
        None
    }

    /// Takes over what SQLite has computed of the row as it is stored.
    fn take_generated(&mut self, _stored: Self) {}

    /// The texts of the statements about one row.
    fn cached_sql() -> &'static CachedSql;
}

/// The columns of a model, reached from a root by a path.
pub trait Columns: 'static {
    /// The one value there is.
    const COLUMNS: &'static Self;
}
