//! Embedded structs: what `#[derive(Embed)]` says about a struct.

use std::marker::PhantomData;
use std::time::SystemTime;

use super::{Arguments, MaybeOf, Model, Path, UNFINISHED};
use crate::engine::RowRef;
use crate::error::{Error, Result};
use crate::table::{EmbedInfo, TableInfo};
use crate::value::{EncodeError, Encoded, Value};

/// A struct whose fields are columns of the models that embed it, by `#[model(embed)]`. Derive it; there is no other way to
/// implement it that is supported.
pub trait Embed: Sized + Send + Sync + 'static {
    /// The columns, one field each, reached by a path; `A` is their place in the table.
    #[doc(hidden)]
    type Columns<P: Path, A: 'static>: 'static;

    /// The columns as plain data.
    #[doc(hidden)]
    const INFO: &'static EmbedInfo;

    /// The columns as those of what is read from any statement.
    #[doc(hidden)]
    const ROW: &'static TableInfo = &TableInfo { columns: Self::INFO.columns, ..*UNFINISHED };

    /// Reads the columns from the beginning of what is read. In the table they begin at a position.
    #[doc(hidden)]
    fn decode(row: &RowRef<'_>, table: &'static TableInfo, start: usize) -> Result<Self>;

    /// Writes the column at a position among them.
    #[doc(hidden)]
    fn write_one(&self, position: usize, arguments: &mut Arguments<'_>, start: usize) -> Result<()>;
}

/// What a field with `#[model(embed)]` can be.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be embedded in a model",
    label = "not a struct that can be embedded",
    note = "a field with `#[model(embed)]` is a struct with `#[derive(Embed)]`, or an `Option` of one",
    note = "several of them, or a model, have a table of their own: a foreign key leads there, or from there; what is only read as a whole is \
            a `Json<Vec<…>>`"
)]
pub trait Embedded: Sized + 'static {
    /// The struct.
    type Embed: Embed;
    /// The columns.
    #[doc(hidden)]
    type Columns<P: Path, A: 'static>: 'static;
    /// How it is read and written.
    #[doc(hidden)]
    const CODEC: &'static GroupCodec<Self>;
}

#[diagnostic::do_not_recommend]
impl<E: Embed> Embedded for E {
    type Embed = E;
    type Columns<P: Path, A: 'static> = E::Columns<P, A>;
    const CODEC: &'static GroupCodec<E> =
        &GroupCodec { embed: E::INFO, optional: false, decode: E::decode, write_one: E::write_one };
}

#[diagnostic::do_not_recommend]
impl<E: Embed> Embedded for Option<E> {
    type Embed = E;
    type Columns<P: Path, A: 'static> = E::Columns<MaybeOf<P>, A>;
    const CODEC: &'static GroupCodec<Self> =
        &GroupCodec { embed: E::INFO, optional: true, decode: decode_or_none, write_one: write_one_or_null };
}

/// `None` where all columns are `NULL`.
fn decode_or_none<E: Embed>(row: &RowRef<'_>, table: &'static TableInfo, start: usize) -> Result<Option<E>> {
    match (0..E::INFO.width()).all(|index| row.is_null(row.position_of(index))) {
        true => Ok(None),
        false => E::decode(row, table, start).map(Some),
    }
}

fn write_one_or_null<E: Embed>(
    value: &Option<E>,
    position: usize,
    arguments: &mut Arguments<'_>,
    start: usize,
) -> Result<()> {
    match value {
        Some(value) => value.write_one(position, arguments, start),
        None => arguments.null(start + position),
    }
}

/// What an embedded struct does, as plain data. Names no bound on the type.
pub struct GroupCodec<T> {
    /// The columns.
    pub embed: &'static EmbedInfo,
    /// Whether they may be `NULL` as a whole.
    pub optional: bool,
    decode: fn(&RowRef<'_>, &'static TableInfo, usize) -> Result<T>,
    write_one: fn(&T, usize, &mut Arguments<'_>, usize) -> Result<()>,
}

/// How a field of this type is read and written. Everything that needs to know says so by these very words, so that the compiler
/// reports a type that cannot be embedded once.
pub const fn group<T: Embedded>() -> &'static GroupCodec<T> {
    T::CODEC
}

impl<T> GroupCodec<T> {
    /// How many columns there are.
    pub const fn width(&self) -> usize {
        self.embed.width()
    }

    /// Whether the values of the columns tell a value from none.
    pub const fn tells_none(&self) -> bool {
        !self.optional || self.embed.has_required()
    }

    /// Reads the columns from the beginning of what is read. In the table they begin at a position.
    ///
    /// # Errors
    ///
    /// [`Error::Decode`](crate::Error::Decode) when a stored value does not fit its field.
    #[inline]
    pub fn decode(&self, row: &RowRef<'_>, table: &'static TableInfo, start: usize) -> Result<T> {
        (self.decode)(row, table, start)
    }

    /// Reads the columns, which begin at a position of what is read.
    ///
    /// # Errors
    ///
    /// As [`decode`](Self::decode).
    #[inline]
    pub fn decode_at(&self, position: usize, row: &RowRef<'_>, table: &'static TableInfo, start: usize) -> Result<T> {
        (self.decode)(&row.behind(position), table, start)
    }

    /// Writes the columns.
    ///
    /// # Errors
    ///
    /// [`Error::Encode`](crate::Error::Encode) when a value has no form in SQLite.
    pub fn write(&self, value: &T, arguments: &mut Arguments<'_>, start: usize) -> Result<()> {
        (0..self.width()).try_for_each(|position| (self.write_one)(value, position, arguments, start))
    }

    /// The values of the columns, as they are stored.
    pub(crate) fn stored(&self, value: &T, table: &'static TableInfo, start: usize) -> Vec<Result<Value, EncodeError>> {
        let one = |position| {
            let mut stored = Value::Null;
            let mut sink = |encoded: Encoded<'_>| {
                stored = encoded.into_value();
                Ok(())
            };
            let mut arguments = Arguments::new(table, SystemTime::UNIX_EPOCH, &mut sink);
            match (self.write_one)(value, position, &mut arguments, start) {
                Ok(()) => Ok(stored),
                Err(Error::Encode { reason, .. }) => Err(EncodeError::new(reason)),
                Err(other) => Err(EncodeError::new(other.to_string())),
            }
        };
        (0..self.width()).map(one).collect()
    }

    /// Writes the column at a position among them.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write).
    pub fn write_one(&self, value: &T, position: usize, arguments: &mut Arguments<'_>, start: usize) -> Result<()> {
        (self.write_one)(value, position, arguments, start)
    }
}

/// The place of a group of columns in the table of the model `M`.
pub trait At<M>: 'static {
    /// The position of its first column.
    const START: usize;
}

/// The place of the group with this number among those of a model.
#[derive(Debug)]
pub struct GroupAt<const N: usize>;

impl<M: Model, const N: usize> At<M> for GroupAt<N> {
    const START: usize = M::TABLE.groups[N].start;
}

/// The place of the group with this number among those of the embedded struct `E`, which stands at the place `A`.
#[derive(Debug)]
pub struct Inside<A, E, const N: usize>(PhantomData<fn() -> (A, E)>);

impl<M, A: At<M>, E: Embed, const N: usize> At<M> for Inside<A, E, N> {
    const START: usize = A::START + E::INFO.groups[N].start;
}

/// The columns of an embedded struct at the place `A`.
pub trait GroupColumns<A>: 'static {
    /// The one value there is.
    const COLUMNS: &'static Self;
}
