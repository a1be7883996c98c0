//! What the rows of a raw query are read as.

use std::sync::Arc;

use super::columns::{ResultColumns, Wanted, positions};
use super::{Heading, Record, Row};
use crate::column::ColumnType;
use crate::engine;
use crate::error::{Error, Result};
use crate::model::{Embed, Model};

/// What the rows of a [raw query](crate::Session::query) can be read as: a model or a struct that derives
/// [`Row`](crate::Row), both by the names of the columns; a single value; a [`Record`] of all columns; a tuple of up to
/// sixteen models, structs and values, by position; an `Option` of a model or a struct, which is `None` where all of its
/// columns are `NULL`.
#[diagnostic::on_unimplemented(
    message = "the rows of a query cannot be read as `{Self}`",
    label = "cannot be read from a row",
    note = "a row is read as a struct with `#[derive(Model)]` or `#[derive(Row)]`, as a single value, as a tuple of up to \
            sixteen of these, or as a `Record`",
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
    fn new(columns: &ResultColumns<'_>) -> Result<Self>;

    /// Reads a row.
    fn read(&self, row: &engine::RowRef<'_>) -> Result<T>;
}

/// A reader of what has a known number of columns, so that it may stand beside others.
pub trait PartReader<T>: Reader<T> {
    /// How many columns it reads.
    const WIDTH: usize;

    /// The reader of what begins at a column. There are enough columns behind it.
    fn at(columns: &ResultColumns<'_>, start: usize) -> Result<Self>;
}

/// A reader of columns with names of their own.
pub trait NamedReader<T>: PartReader<T> {
    /// Adds the columns that it reads.
    fn columns(prefix: &str, columns: &mut Vec<Wanted>);

    /// Reads what begins at a position of the wanted columns.
    fn decode(row: &engine::RowRef<'_>) -> Result<T>;
}

/// What reads an `Option` of that which the reader reads.
pub trait MaybeReader<T> {
    /// The other reader.
    type Optional: Reader<Option<T>>;
}

#[diagnostic::do_not_recommend]
impl<T: FromRow> FromRow for Option<T>
where
    T::Reader: MaybeReader<T>,
{
    type Reader = <T::Reader as MaybeReader<T>>::Optional;
}

/// Reads models and structs that derive [`Row`](crate::Row), by the names of the columns. Other columns are ignored.
pub struct ByName<K> {
    positions: Vec<usize>,
    kind: std::marker::PhantomData<fn() -> K>,
}

/// The columns of models.
pub struct OfModel;
/// The columns of structs that derive [`Row`](crate::Row).
pub struct OfRow;
/// The columns of structs that can be embedded.
pub struct OfEmbed;
/// The columns of something else, which may all be `NULL`.
pub struct OrNone<K>(K);

/// Reads models.
pub type ModelReader = ByName<OfModel>;
/// Reads structs that derive [`Embed`](crate::Embed).
pub type EmbedReader = ByName<OfEmbed>;
/// Reads structs that derive [`Row`](crate::Row).
pub type RowReader = ByName<OfRow>;

/// Columns with names, and what they are read as.
pub trait Named<T> {
    /// How many there are.
    const WIDTH: usize;

    /// Adds them.
    fn columns(prefix: &str, columns: &mut Vec<Wanted>);

    /// Reads them from the beginning of a row.
    fn decode(row: &engine::RowRef<'_>) -> Result<T>;
}

impl<M: Model> Named<M> for OfModel {
    const WIDTH: usize = M::TABLE.columns.len();

    fn columns(prefix: &str, columns: &mut Vec<Wanted>) {
        let own = M::TABLE.columns.iter();
        columns.extend(own.map(|column| Wanted::new(prefix, column.name, Some(M::TABLE.name))));
    }

    fn decode(row: &engine::RowRef<'_>) -> Result<M> {
        M::decode(row)
    }
}

impl<R: Row> Named<R> for OfRow {
    const WIDTH: usize = R::WIDTH;

    fn columns(prefix: &str, columns: &mut Vec<Wanted>) {
        R::columns(&mut super::RowColumns::new(prefix, columns));
    }

    fn decode(row: &engine::RowRef<'_>) -> Result<R> {
        R::decode(row)
    }
}

impl<E: Embed> Named<E> for OfEmbed {
    const WIDTH: usize = E::INFO.columns.len();

    fn columns(prefix: &str, columns: &mut Vec<Wanted>) {
        columns.extend(E::INFO.columns.iter().map(|column| Wanted::new(prefix, column.name, None)));
    }

    fn decode(row: &engine::RowRef<'_>) -> Result<E> {
        E::decode(row, E::ROW, 0)
    }
}

impl<T, K: Named<T>> Named<Option<T>> for OrNone<K> {
    const WIDTH: usize = K::WIDTH;

    fn columns(prefix: &str, columns: &mut Vec<Wanted>) {
        K::columns(prefix, columns);
    }

    fn decode(row: &engine::RowRef<'_>) -> Result<Option<T>> {
        match (0..K::WIDTH).all(|index| row.is_null(row.position_of(index))) {
            true => Ok(None),
            false => K::decode(row).map(Some),
        }
    }
}

impl<T, K: Named<T>> Reader<T> for ByName<K> {
    fn new(columns: &ResultColumns<'_>) -> Result<Self> {
        let mut wanted = Vec::with_capacity(K::WIDTH);
        K::columns("", &mut wanted);
        let positions = positions(&wanted, columns.headings(), &|| columns.tables())?;
        Ok(Self { positions, kind: std::marker::PhantomData })
    }

    fn read(&self, row: &engine::RowRef<'_>) -> Result<T> {
        K::decode(&row.at(&self.positions))
    }
}

impl<T, K: Named<T>> PartReader<T> for ByName<K> {
    const WIDTH: usize = K::WIDTH;

    fn at(columns: &ResultColumns<'_>, start: usize) -> Result<Self> {
        let mut wanted = Vec::with_capacity(K::WIDTH);
        K::columns("", &mut wanted);
        let own = columns.headings().get(start..start + K::WIDTH).unwrap_or_default();
        // Names that come twice, or not at all, are those of something else.
        let mut positions = positions(&wanted, own, &Vec::new).map_err(|_| {
            let expected = wanted.iter().map(|column| column.name.clone().into_owned()).collect();
            let what = std::any::type_name::<T>();
            Error::other_columns(start + 1, what, expected, own)
        })?;
        positions.iter_mut().for_each(|position| *position += start);
        Ok(Self { positions, kind: std::marker::PhantomData })
    }
}

impl<T, K: Named<T>> NamedReader<T> for ByName<K> {
    fn columns(prefix: &str, columns: &mut Vec<Wanted>) {
        K::columns(prefix, columns);
    }

    fn decode(row: &engine::RowRef<'_>) -> Result<T> {
        K::decode(row)
    }
}

impl<T> MaybeReader<T> for ModelReader
where
    OfModel: Named<T>,
{
    type Optional = ByName<OrNone<OfModel>>;
}

impl<T> MaybeReader<T> for EmbedReader
where
    OfEmbed: Named<T>,
{
    type Optional = ByName<OrNone<OfEmbed>>;
}

impl<T> MaybeReader<T> for RowReader
where
    OfRow: Named<T>,
{
    type Optional = ByName<OrNone<OfRow>>;
}

/// Reads records.
pub struct RecordReader(Arc<[Heading]>);

impl Reader<Record> for RecordReader {
    /// Each name may come once only, as values are found by it.
    fn new(columns: &ResultColumns<'_>) -> Result<Self> {
        let headings = columns.headings();
        let same =
            |(i, heading): &(usize, &Heading)| headings.iter().take(*i).any(|other| other.as_ref() == heading.as_ref());
        match headings.iter().enumerate().find(same) {
            Some((_, heading)) => Err(Error::ambiguous_column(heading.as_ref(), headings)),
            None => Ok(Self(Arc::clone(headings))),
        }
    }

    fn read(&self, row: &engine::RowRef<'_>) -> Result<Record> {
        let values = self.0.iter().enumerate().map(|(i, heading)| row.owned("", || heading.as_ref().to_owned(), i));
        Ok(Record::new(Arc::clone(&self.0), values.collect::<Result<_>>()?))
    }
}

#[diagnostic::do_not_recommend]
impl FromRow for Record {
    type Reader = RecordReader;
}

/// Reads the value at a position.
pub struct ValueReader {
    headings: Arc<[Heading]>,
    position: usize,
}

impl<T: ColumnType> Reader<T> for ValueReader {
    fn new(columns: &ResultColumns<'_>) -> Result<Self> {
        match columns.headings().len() {
            1 => <Self as PartReader<T>>::at(columns, 0),
            _ => Err(Error::column_count(1, columns.headings())),
        }
    }

    fn read(&self, row: &engine::RowRef<'_>) -> Result<T> {
        let name = || self.headings.get(self.position).map_or("?", AsRef::as_ref).to_owned();
        row.get_value("", name, self.position)
    }
}

impl<T: ColumnType> PartReader<T> for ValueReader {
    const WIDTH: usize = 1;

    fn at(columns: &ResultColumns<'_>, start: usize) -> Result<Self> {
        Ok(Self { headings: Arc::clone(columns.headings()), position: start })
    }
}

impl<T: ColumnType<Inner = T>> MaybeReader<T> for ValueReader {
    type Optional = Self;
}

#[diagnostic::do_not_recommend]
impl<T: ColumnType<Inner = T>> FromRow for T {
    type Reader = ValueReader;
}

/// Reads tuples by position: each element takes as many columns as it has.
pub struct TupleReader<R>(R);

macro_rules! tuples {
    ($($name:ident $position:tt)+) => {
        impl<$($name: FromRow),+> Reader<($($name,)+)> for TupleReader<($($name::Reader,)+)>
        where
            $($name::Reader: PartReader<$name>),+
        {
            fn new(columns: &ResultColumns<'_>) -> Result<Self> {
                let reader = <Self as PartReader<($($name,)+)>>::at(columns, 0)?;
                let width = <Self as PartReader<($($name,)+)>>::WIDTH;
                match columns.headings().len() == width {
                    true => Ok(reader),
                    false => Err(Error::column_count(width, columns.headings())),
                }
            }

            fn read(&self, row: &engine::RowRef<'_>) -> Result<($($name,)+)> {
                Ok(($(self.0.$position.read(row)?,)+))
            }
        }

        impl<$($name: FromRow),+> PartReader<($($name,)+)> for TupleReader<($($name::Reader,)+)>
        where
            $($name::Reader: PartReader<$name>),+
        {
            const WIDTH: usize = 0 $(+ <$name::Reader as PartReader<$name>>::WIDTH)+;

            fn at(columns: &ResultColumns<'_>, start: usize) -> Result<Self> {
                let width = <Self as PartReader<($($name,)+)>>::WIDTH;
                let mut next = start;
                Ok(Self(($({
                    let begins = next;
                    next += <$name::Reader as PartReader<$name>>::WIDTH;
                    if next > columns.headings().len() {
                        return Err(Error::column_count(width, columns.headings()));
                    }
                    <$name::Reader as PartReader<$name>>::at(columns, begins)?
                },)+)))
            }
        }

        #[diagnostic::do_not_recommend]
        impl<$($name: FromRow),+> FromRow for ($($name,)+)
        where
            $($name::Reader: PartReader<$name>),+
        {
            type Reader = TupleReader<($($name::Reader,)+)>;
        }
    };
}

crate::tuples::each_tuple_with_positions!(tuples);
