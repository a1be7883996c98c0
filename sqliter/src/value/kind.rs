//! What SQL may do with the values of a column.
//!
//! The [`Kind`](super::ColumnType::Kind) of a column type decides which operators its columns have: text operators
//! only on [`Text`], arithmetic only on [`Integer`], [`Real`] and [`Decimal`], comparison on everything but
//! [`Json`].

use super::ColumnType;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $name;
        impl Kind for $name {}
    )*};
}

/// One of the kinds in this module.
pub trait Kind: 'static {}

kinds! {
    /// True or false.
    Boolean,
    /// Whole numbers.
    Integer,
    /// Floating-point numbers.
    Real,
    /// Text, compared byte by byte.
    Text,
    /// Bytes.
    Blob,
    /// Keys of a table.
    Identity,
    /// Days.
    Date,
    /// Times of a day.
    Time,
    /// Days with a time, and instants.
    DateTime,
    /// Days and instants, as seconds since 1970.
    UnixTime,
    /// Exact decimal numbers.
    Decimal,
    /// The values of an enum.
    Enumeration,
    /// A document in JSON.
    Json,
}

/// Kinds whose values can be compared and sorted.
#[diagnostic::on_unimplemented(
    message = "a JSON column cannot be compared",
    label = "the stored text of a document has no order and no equality",
    note = "give what is compared a column of its own"
)]
pub trait Comparable: Kind {}
impl Comparable for Boolean {}
impl Comparable for Integer {}
impl Comparable for Real {}
impl Comparable for Text {}
impl Comparable for Blob {}
impl Comparable for Identity {}
impl Comparable for Date {}
impl Comparable for Time {}
impl Comparable for DateTime {}
impl Comparable for UnixTime {}
impl Comparable for Decimal {}
impl Comparable for Enumeration {}

/// Kinds with the text operators: `like`, `starts_with`, `contains`, `regex` and so on.
#[diagnostic::on_unimplemented(
    message = "text operators need a column that holds text, not `{Self}` values",
    label = "no text column",
    note = "`like`, `starts_with`, `ends_with`, `contains`, their `i` forms and `regex` work on `String` and newtypes of it"
)]
pub trait Textual: Kind {}
impl Textual for Text {}

/// Kinds with arithmetic.
#[diagnostic::on_unimplemented(
    message = "arithmetic needs a column that holds numbers, not `{Self}` values",
    label = "no numeric column",
    note = "it works on integers, floating-point numbers and `Decimal`"
)]
pub trait Numeric: Kind {
    /// What arithmetic with another kind gives: whole numbers with each other stay whole, decimal numbers with each
    /// other and with whole numbers stay exact, and all else is floating-point.
    type With<K: Numeric>: Numeric;
    /// What arithmetic of a decimal number with one of this kind gives.
    #[doc(hidden)]
    type WithDecimal: Numeric;
    /// What results of this kind are: `i64`, `f64` or `Decimal`.
    type Number: ColumnType<Inner = Self::Number>;
    /// Whether the numbers are decimal, which SQLite itself cannot calculate with.
    const IS_DECIMAL: bool = false;
}

#[cfg(feature = "rust_decimal")]
type DecimalKind = Decimal;
#[cfg(not(feature = "rust_decimal"))]
type DecimalKind = Real;

impl Numeric for Integer {
    type With<K: Numeric> = K;
    type WithDecimal = DecimalKind;
    type Number = i64;
}

impl Numeric for Real {
    type With<K: Numeric> = Self;
    type WithDecimal = Self;
    type Number = f64;
}

#[cfg(feature = "rust_decimal")]
impl Numeric for Decimal {
    type With<K: Numeric> = K::WithDecimal;
    type WithDecimal = Self;
    type Number = rust_decimal::Decimal;
    const IS_DECIMAL: bool = true;
}

/// How SQLite's date functions read a stored value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// As text.
    Text,
    /// As seconds since 1970.
    UnixSeconds,
}

/// Kinds that have a year, a month and a day.
pub trait Dated: Kind {
    /// How the values are stored.
    const MOMENT: Moment;
}

impl Dated for Date {
    const MOMENT: Moment = Moment::Text;
}

impl Dated for DateTime {
    const MOMENT: Moment = Moment::Text;
}

impl Dated for UnixTime {
    const MOMENT: Moment = Moment::UnixSeconds;
}

/// Kinds that have an hour, a minute and a second.
pub trait Timed: Kind {
    /// How the values are stored.
    const MOMENT: Moment;
}

impl Timed for Time {
    const MOMENT: Moment = Moment::Text;
}

impl Timed for DateTime {
    const MOMENT: Moment = Moment::Text;
}

impl Timed for UnixTime {
    const MOMENT: Moment = Moment::UnixSeconds;
}
