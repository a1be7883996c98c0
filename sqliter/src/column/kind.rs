//! What SQL may do with the values of a column.
//!
//! The [`Kind`](super::ColumnType::Kind) of a column type decides which operators its columns have: text operators
//! only on [`Text`], arithmetic only on [`Integer`], [`Real`] and [`Decimal`], comparison on everything but
//! [`Json`].

use super::ColumnType;
pub use crate::value::{Form, Moment};

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident $(as $form:ident)?),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $name;

        impl Kind for $name {
            type Number = f64;
            type With<K: Kind> = Self;
            type WithDecimal = Self;
            $(const FORM: Form = Form::$form;)?
        }
    )*};
}

/// One of the kinds in this module.
pub trait Kind: 'static {
    /// What arithmetic gives: `i64`, `f64` or `Decimal`. Only [`Numeric`] kinds have arithmetic; that all have a type
    /// here keeps the bound on numbers the only thing that a wrong use violates.
    #[doc(hidden)]
    type Number: ColumnType<Inner = Self::Number>;
    /// The kind of what arithmetic with another kind gives: whole numbers with each other stay whole, decimal numbers
    /// with each other and with whole numbers stay exact, and all else is floating-point.
    #[doc(hidden)]
    type With<K: Kind>: Kind;
    /// The kind of what arithmetic with a decimal number gives.
    #[doc(hidden)]
    type WithDecimal: Kind;
    /// Whether the numbers are decimal, which SQLite itself cannot calculate with.
    #[doc(hidden)]
    const IS_DECIMAL: bool = false;
    /// What a stored value is shown as.
    #[doc(hidden)]
    const FORM: Form = Form::Stored;
}

/// Whole numbers.
#[derive(Debug, Clone, Copy)]
pub struct Integer;

impl Kind for Integer {
    type Number = i64;
    type With<K: Kind> = K;
    type WithDecimal = Decimal;
}

/// Exact decimal numbers.
#[derive(Debug, Clone, Copy)]
pub struct Decimal;

impl Kind for Decimal {
    #[cfg(feature = "rust_decimal")]
    type Number = rust_decimal::Decimal;
    #[cfg(not(feature = "rust_decimal"))]
    type Number = f64;
    type With<K: Kind> = K::WithDecimal;
    type WithDecimal = Self;
    const IS_DECIMAL: bool = true;
}

kinds! {
    /// True or false.
    Boolean as Boolean,
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
    /// The values of an enum.
    Enumeration,
    /// A document in JSON.
    Json as Json,
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
    label = "not a text column",
    note = "`like`, `starts_with`, `ends_with`, `contains`, their `i` forms and `regex` work on `String` and newtypes of it"
)]
pub trait Textual: Kind {}
impl Textual for Text {}

/// Kinds with arithmetic.
#[diagnostic::on_unimplemented(
    message = "arithmetic needs a column that holds numbers, not `{Self}` values",
    label = "not a column of numbers",
    note = "it works on integers, floating-point numbers and `Decimal`"
)]
pub trait Numeric: Kind {}
impl Numeric for Integer {}
impl Numeric for Real {}
impl Numeric for Decimal {}

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
