//! What the rows of a raw query are read as.

use std::sync::Arc;

use super::{Row, positions};
use crate::column::ColumnType;
use crate::engine;
use crate::error::{Error, Result};
use crate::model::Model;
use crate::row::{Heading, Record};

/// What the rows of a [raw query](crate::Session::query) can be read as: a model or a struct that derives
/// [`Row`](crate::Row), both by the names of the columns; a tuple of up to sixteen values, or a single value, both by
/// position; a [`Record`] of all columns.
#[diagnostic::on_unimplemented(
    message = "the rows of a query cannot be read as `{Self}`",
    label = "cannot be read from a row",
    note = "a row is read as a struct with `#[derive(Model)]` or `#[derive(Row)]`, as a tuple of up to sixteen values, as \
            a single value, or as a `Record`",
    note = "a value is of a type that fits a column: a number, text, a key, a date, `Json<…>`, an `Option` of each, …"
)]
pub trait FromRow: Sized + Send + 'static {
    /// What reads it.
    #[doc(hidden)]
    type Reader: Reader<Self>;
}

/// Reads the rows of one result.
pub trait Reader<T>: Sized {
    /// The reader of rows with these columns.
    fn new(headings: Arc<[Heading]>) -> Result<Self>;

    /// Reads a row.
    fn read(&self, row: &engine::Row<'_>) -> Result<T>;
}

/// Reads models, by the names of the columns. Other columns are ignored.
pub struct ModelReader(Vec<usize>);

impl<M: Model> Reader<M> for ModelReader {
    fn new(headings: Arc<[Heading]>) -> Result<Self> {
        positions(M::TABLE.columns.iter().map(|column| column.name), &headings).map(Self)
    }

    fn read(&self, row: &engine::Row<'_>) -> Result<M> {
        M::decode(&row.at(&self.0))
    }
}

/// Reads structs that derive [`Row`], by the names of the columns. Other columns are ignored.
pub struct RowReader(Vec<usize>);

impl<R: Row> Reader<R> for RowReader {
    fn new(headings: Arc<[Heading]>) -> Result<Self> {
        positions(R::COLUMNS.iter().copied(), &headings).map(Self)
    }

    fn read(&self, row: &engine::Row<'_>) -> Result<R> {
        R::decode(&row.at(&self.0))
    }
}

/// Reads records.
pub struct RecordReader(Arc<[Heading]>);

impl Reader<Record> for RecordReader {
    /// Each name may come once only, as values are found by it.
    fn new(headings: Arc<[Heading]>) -> Result<Self> {
        let same =
            |(i, heading): &(usize, &Heading)| headings.iter().take(*i).any(|other| other.as_ref() == heading.as_ref());
        match headings.iter().enumerate().find(same) {
            Some((_, heading)) => Err(Error::ambiguous_column(heading.as_ref(), &headings)),
            None => Ok(Self(headings)),
        }
    }

    fn read(&self, row: &engine::Row<'_>) -> Result<Record> {
        let values = self.0.iter().enumerate().map(|(i, heading)| row.owned("", || heading.as_ref().to_owned(), i));
        Ok(Record::new(Arc::clone(&self.0), values.collect::<Result<_>>()?))
    }
}

#[diagnostic::do_not_recommend]
impl FromRow for Record {
    type Reader = RecordReader;
}

/// Reads values by position.
pub struct ValueReader(Arc<[Heading]>);

impl ValueReader {
    fn of_width(width: usize, headings: Arc<[Heading]>) -> Result<Self> {
        if headings.len() == width { Ok(Self(headings)) } else { Err(Error::column_count(width, &headings)) }
    }

    /// Reads the value at a position and moves it behind.
    fn next<T: ColumnType>(&self, row: &engine::Row<'_>, position: &mut usize) -> Result<T> {
        let name = || self.0.get(*position).map_or("?", AsRef::as_ref).to_owned();
        let value = row.get_value("", name, *position)?;
        *position += 1;
        Ok(value)
    }
}

impl<T: ColumnType> Reader<T> for ValueReader {
    fn new(headings: Arc<[Heading]>) -> Result<Self> {
        Self::of_width(1, headings)
    }

    fn read(&self, row: &engine::Row<'_>) -> Result<T> {
        self.next(row, &mut 0)
    }
}

#[diagnostic::do_not_recommend]
impl<T: ColumnType> FromRow for T {
    type Reader = ValueReader;
}

/// Reads tuples by position.
pub struct TupleReader(ValueReader);

macro_rules! tuples {
    ($($name:ident)+) => {
        impl<$($name: ColumnType),+> Reader<($($name,)+)> for TupleReader {
            fn new(headings: Arc<[Heading]>) -> Result<Self> {
                ValueReader::of_width([$(stringify!($name)),+].len(), headings).map(Self)
            }

            fn read(&self, row: &engine::Row<'_>) -> Result<($($name,)+)> {
                let mut position = 0;
                Ok(($(self.0.next::<$name>(row, &mut position)?,)+))
            }
        }

        #[diagnostic::do_not_recommend]
        impl<$($name: ColumnType),+> FromRow for ($($name,)+) {
            type Reader = TupleReader;
        }
    };
}

crate::tuples::each_tuple!(tuples);
