//! How generated code reaches the types of the fields: through two functions, so that a type that does not fit is
//! reported once, though it is encoded, decoded and described in several places.

use std::time::SystemTime;

use super::kind::{Kind, Textual};
use super::{ColumnType, Timestamp};
use crate::table::{Collation, TableInfo};
use crate::value::{DecodeError, EncodeError, Encoded, Form, Storage, Value, ValueRef};

/// What a column type does, as plain data. Names no bound on the type.
pub struct Codec<T> {
    pub(crate) storage: Storage,
    pub(crate) nullable: bool,
    pub(crate) collation: Option<&'static str>,
    pub(crate) canonical: Option<&'static str>,
    pub(crate) references: Option<fn() -> &'static TableInfo>,
    pub(crate) expected: &'static str,
    pub(crate) form: Form,
    pub(crate) check: fn(&str) -> Option<String>,
    pub(crate) stored_as: Option<&'static str>,
    pub(crate) checked_by: Option<&'static str>,
    pub(crate) encode: fn(&T) -> Result<Encoded<'_>, EncodeError>,
    pub(crate) decode: fn(ValueRef<'_>) -> Result<T, DecodeError>,
}

/// Every [`ColumnType`], under one name and with one message, whatever it is that is missing.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not fit a column",
    label = "not a column type",
    note = "a list, map or struct is stored as `Json<…>`, given that it derives serde's `Serialize` and `Deserialize`",
    note = "a struct that derives `Embed` is a group of columns: `#[model(embed)] address: Address`",
    note = "a fieldless enum, or a struct around one value, becomes a column type by `#[derive(ColumnType)]`",
    note = "another model is referred to by its key, as `Key<Author>`; a key of several columns takes a field for each, and `#[model(constraint = \"FOREIGN KEY (…) REFERENCES …\")]` on the struct",
    note = "the types of chrono, time, jiff, uuid and rust_decimal need sqliter's feature of that name"
)]
pub trait FitsColumn: ColumnType {}

#[diagnostic::do_not_recommend]
impl<T: ColumnType> FitsColumn for T {}

/// The codec of a column type.
pub const fn codec<T: FitsColumn>() -> &'static Codec<T> {
    const {
        &Codec {
            storage: T::STORAGE,
            nullable: T::NULLABLE,
            collation: T::COLLATION,
            canonical: T::CANONICAL,
            references: T::REFERENCES,
            expected: T::EXPECTED,
            form: <T::Kind as Kind>::FORM,
            check: T::check,
            stored_as: T::STORED_AS,
            checked_by: T::CHECKED_BY,
            encode: T::encode,
            decode: T::decode,
        }
    }
}

/// A type whose column can have a collating sequence of its own: plain text.
#[diagnostic::on_unimplemented(
    message = "`collate` is for columns of text, and `{Self}` is not compared as text",
    label = "not text",
    note = "it works on `String`, `Option<String>` and newtypes of `String`; keys are compared by their bytes"
)]
pub trait Collates: FitsColumn {}

#[diagnostic::do_not_recommend]
impl<T: FitsColumn> Collates for T where T::Kind: Textual {}

/// The collating sequence, for a column of a type that can have it.
pub const fn collated<T: Collates>(collation: Collation) -> Collation {
    collation
}

/// What a timestamp type does, as plain data.
pub struct Clock<T> {
    /// The time as a value of the field.
    pub now: fn(SystemTime) -> T,
    /// The time as it is stored.
    pub(crate) stored: fn(SystemTime) -> Result<Value, EncodeError>,
}

/// Every [`Timestamp`], under one name and with one message.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot hold the time of an insert, update or deletion",
    label = "not a timestamp type",
    note = "use `i64` (Unix seconds), or an instant of chrono, time or jiff, and no `Option`",
    note = "fields named `created_at` and `updated_at` are set by themselves; `#[model(plain)]` makes one an ordinary column"
)]
pub trait FitsTimestamp: Timestamp {}

#[diagnostic::do_not_recommend]
impl<T: Timestamp> FitsTimestamp for T {}

/// The clock of a timestamp type.
pub const fn clock<T: FitsTimestamp>() -> &'static Clock<T> {
    const { &Clock { now: T::from_system_time, stored: |now| Ok(T::from_system_time(now).encode()?.into_value()) } }
}
