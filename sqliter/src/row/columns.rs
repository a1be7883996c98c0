//! Which columns of a result are read, and where they stand in it.

use std::borrow::Cow;
use std::sync::Arc;

use super::from_row::{FromRow, NamedReader, PartReader};
use super::record::Heading;
use crate::engine::{Described, RowRef};
use crate::error::{Error, Result};

/// A column to be read.
pub struct Wanted {
    pub(crate) name: Cow<'static, str>,
    /// The table of the model that it is a column of.
    table: Option<&'static str>,
}

impl Wanted {
    pub(crate) fn new(prefix: &str, name: &'static str, table: Option<&'static str>) -> Self {
        let name = if prefix.is_empty() { Cow::Borrowed(name) } else { Cow::Owned(format!("{prefix}{name}")) };
        Self { name, table }
    }
}

/// The columns of a struct that derives [`Row`](crate::Row), as it names them.
pub struct RowColumns<'c> {
    prefix: &'c str,
    columns: &'c mut Vec<Wanted>,
}

impl<'c> RowColumns<'c> {
    pub(crate) const fn new(prefix: &'c str, columns: &'c mut Vec<Wanted>) -> Self {
        Self { prefix, columns }
    }

    /// Adds the column of a field.
    pub fn column(&mut self, name: &'static str) {
        self.columns.push(Wanted::new(self.prefix, name, None));
    }

    /// Adds the columns of a flattened field.
    pub fn flattened<T>(&mut self, flat: &Flat<T>, prefix: &str) {
        (flat.columns)(&format!("{}{prefix}", self.prefix), self.columns);
    }
}

/// What a field with `#[row(flatten)]` can be.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be flattened into a row",
    label = "has no columns with names of its own",
    note = "a field with `#[row(flatten)]` is a struct with `#[derive(Model)]` or `#[derive(Row)]`, or an `Option` of one"
)]
pub trait Flattened: Sized + 'static {
    /// How it is read.
    #[doc(hidden)]
    const FLAT: &'static Flat<Self>;
}

#[diagnostic::do_not_recommend]
impl<T: FromRow<Reader: NamedReader<T>>> Flattened for T {
    const FLAT: &'static Flat<T> =
        &Flat { width: T::Reader::WIDTH, columns: T::Reader::columns, decode: T::Reader::decode };
}

/// How a flattened field is read.
pub struct Flat<T> {
    /// How many columns it has.
    pub width: usize,
    columns: fn(&str, &mut Vec<Wanted>),
    pub(super) decode: fn(&RowRef<'_>) -> Result<T>,
}

/// How a field of this type is read. Everything that needs to know says so by these very words, so that the compiler reports a
/// type that cannot be flattened once.
pub const fn flattened<T: Flattened>() -> &'static Flat<T> {
    T::FLAT
}

/// The columns of a result.
pub struct ResultColumns<'s> {
    headings: Arc<[Heading]>,
    statement: Described<'s>,
}

impl<'s> ResultColumns<'s> {
    pub(crate) fn new(statement: Described<'s>) -> Self {
        let names = statement.names().into_iter().map(|name| Heading::named(name.to_owned()));
        Self { headings: names.collect(), statement }
    }

    pub(super) const fn headings(&self) -> &Arc<[Heading]> {
        &self.headings
    }

    /// The table that each column comes from, if it comes straight from one.
    pub(super) fn tables(&self) -> Vec<Option<String>> {
        self.statement.tables()
    }
}

/// For each wanted column its position among the names. As in SQL, names are told apart without the case of ASCII
/// letters. Of several columns of one name, that of a model is the one that comes from its table.
///
/// # Errors
///
/// [`Error::MissingColumn`]; [`Error::AmbiguousColumn`] when a wanted one comes more than once; [`Error::ColumnReadTwice`].
pub(crate) fn positions(
    wanted: &[Wanted],
    names: &[impl AsRef<str>],
    tables: &dyn Fn() -> Vec<Option<String>>,
) -> Result<Vec<usize>> {
    let mut known: Option<Vec<Option<String>>> = None;
    let mut positions: Vec<usize> = Vec::with_capacity(wanted.len());
    for Wanted { name, table } in wanted {
        let is_named = |at: &usize| names.get(*at).is_some_and(|it| it.as_ref().eq_ignore_ascii_case(name));
        let mut found = (0..names.len()).filter(is_named);
        let position = match (found.next(), found.next()) {
            (Some(position), None) => position,
            (None, _) => return Err(Error::missing_column(name, names)),
            (Some(_), Some(_)) => {
                let known = known.get_or_insert_with(tables);
                let is_of = |at: &usize, table: &str| {
                    known.get(*at).and_then(Option::as_deref).is_some_and(|it| it.eq_ignore_ascii_case(table))
                };
                let mut own = (0..names.len()).filter(|at| is_named(at) && table.is_some_and(|table| is_of(at, table)));
                match (own.next(), own.next()) {
                    (Some(position), None) => position,
                    (None, _) | (Some(_), Some(_)) => return Err(Error::ambiguous_column(name, names)),
                }
            }
        };
        if positions.contains(&position) {
            return Err(Error::column_read_twice(name, names));
        }
        positions.push(position);
    }
    Ok(positions)
}
