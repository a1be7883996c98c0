//! Rows that are not in the database yet.

use std::time::SystemTime;

use super::Model;
use crate::column::{Clock, Codec};
use crate::error::Result;
use crate::table::{ColumnInfo, TableInfo};
use crate::value::{EncodeError, Encoded, Value};

/// What can be inserted: the generated `New…` struct of a model, or its builder once all required fields are set.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a new row to insert",
    label = "expected a builder, or the `New…` struct that it builds",
    note = "an insert takes `Author::builder()` with its fields set; a row that has its key already is written with `update`"
)]
pub trait Draft: Sized + Send + 'static {
    /// The model of the row.
    type Model: Model;

    /// The row as plain data.
    fn build(self) -> <Self::Model as Model>::New;
}

/// What can be inserted as a row that refers to the row with a key `K`: as a [`Draft`], but the foreign key at the place `C` of its
/// columns need not be set.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a new row of this relation",
    label = "expected a builder of the related model, or the `New…` struct that it builds",
    note = "write `ada.books(&db).create(Book::builder().title(\"Emma\"))`: the foreign key to the row of the relation need not be set"
)]
pub trait DraftOf<C, K>: Send + Sized + 'static {
    /// The model of the row.
    type Model: Model;

    /// The row as plain data, with the key in the place of what the draft says.
    fn build_for(self, key: K) -> <Self::Model as Model>::New;
}

/// How the generated `New…` structs become rows and models.
pub trait NewModel: Sized + Send + 'static {
    /// The model of the row.
    type Model: Model;

    /// Writes the columns of an insert, in their order; `created_at` and `updated_at` are the time of the arguments.
    ///
    /// # Errors
    ///
    /// [`Error::Encode`](crate::Error::Encode) when a value has no form in SQLite.
    fn write(&self, arguments: &mut Arguments<'_>) -> Result<()>;

    /// The model, as it is after the insert; `None` when SQLite computes columns of it, so that the row must be read.
    fn into_model(self, row_id: i64, now: SystemTime) -> Option<Self::Model>;
}

/// Takes what one value is bound to.
type Sink<'a> = &'a mut dyn FnMut(Encoded<'_>) -> Result<()>;

/// The arguments of one statement, in the making.
pub struct Arguments<'a> {
    table: &'static TableInfo,
    now: SystemTime,
    /// Values for columns that are not written as the row says.
    given: &'a [(&'static ColumnInfo, Value)],
    sink: Sink<'a>,
}

impl<'a> Arguments<'a> {
    pub(crate) fn new(table: &'static TableInfo, now: SystemTime, sink: Sink<'a>) -> Self {
        Self { table, now, given: &[], sink }
    }

    /// With values of the caller's own for some columns; of two for a column the later counts.
    pub(crate) const fn with_given(mut self, given: &'a [(&'static ColumnInfo, Value)]) -> Self {
        self.given = given;
        self
    }

    /// Adds the value of a column.
    ///
    /// # Errors
    ///
    /// [`Error::Encode`](crate::Error::Encode) when the value has no form in SQLite.
    pub fn value<T>(&mut self, codec: &Codec<T>, column: usize, value: &T) -> Result<()> {
        if !self.given.is_empty() && self.takes_given(column)? {
            return Ok(());
        }
        match (codec.encode)(value) {
            Ok(encoded) => (self.sink)(encoded),
            Err(error) => Err(error.at(self.table.name, self.name(column))),
        }
    }

    /// Adds `NULL` as the value of a column.
    ///
    /// # Errors
    ///
    /// None of its own.
    pub fn null(&mut self, column: usize) -> Result<()> {
        if !self.given.is_empty() && self.takes_given(column)? {
            return Ok(());
        }
        (self.sink)(Encoded::Null)
    }

    fn name(&self, column: usize) -> &'static str {
        self.table.columns.get(column).map_or("?", |column| column.name)
    }

    /// Adds the value that was given for a column, if one was.
    fn takes_given(&mut self, column: usize) -> Result<bool> {
        let name = self.name(column);
        match self.given.iter().rev().find(|(column, _)| column.name == name) {
            Some((_, given)) => (self.sink)(given.as_encoded()).map(|()| true),
            None => Ok(false),
        }
    }

    /// Adds the version after this one as the value of a column.
    ///
    /// # Errors
    ///
    /// [`Error::Encode`](crate::Error::Encode) when there is none.
    pub fn next_version(&mut self, codec: &Codec<i64>, column: usize, version: i64) -> Result<()> {
        match version.checked_add(1) {
            Some(next) => self.value(codec, column, &next),
            None => {
                Err(EncodeError::new(format!("no version comes after {version}"))
                    .at(self.table.name, self.name(column)))
            }
        }
    }

    /// Adds the time of the statement as the value of a column.
    ///
    /// # Errors
    ///
    /// [`Error::Encode`](crate::Error::Encode) when the time is out of the range of the type.
    pub fn now<T>(&mut self, codec: &Codec<T>, clock: &Clock<T>, column: usize) -> Result<()> {
        let now = (clock.now)(self.now);
        self.value(codec, column, &now)
    }
}
