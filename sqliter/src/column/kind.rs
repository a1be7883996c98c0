//! What SQL may do with the values of a column.
//!
//! The [`Kind`](super::ColumnType::Kind) of a column type decides which operators its columns have: text operators
//! only on [`Text`], arithmetic only on [`Integer`], [`Real`] and [`Decimal`], comparison on everything but
//! [`Json`] and [`Jsonb`].

use super::ColumnType;
pub use crate::value::{Form, Moment};

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident $(as $form:ident)?),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $name;

        impl Kind for $name {
            type Number = f64;
            type Average = f64;
            type With<K: Kind> = Self;
            type WithDecimal = Self;
            type Plus<A: ColumnType<Inner = A>, K: Kind> = f64;
            type Minus<A: ColumnType<Inner = A>, K: Kind> = f64;
            type FromMoment<A: ColumnType<Inner = A>, D: ColumnType<Inner = D>> = f64;
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
    /// What the average is: a duration of durations, else `f64`.
    #[doc(hidden)]
    type Average: ColumnType<Inner = Self::Average>;
    /// The kind of what arithmetic with another kind gives: whole numbers with each other stay whole, decimal numbers
    /// with each other and with whole numbers stay exact, and all else is floating-point.
    #[doc(hidden)]
    type With<K: Kind>: Kind;
    /// The kind of what arithmetic with a decimal number gives.
    #[doc(hidden)]
    type WithDecimal: Kind;
    /// What `+` gives between a value of the type `A`, which has this kind, and one of another kind.
    #[doc(hidden)]
    type Plus<A: ColumnType<Inner = A>, K: Kind>: ColumnType<Inner = Self::Plus<A, K>>;
    /// What `-` gives, as `Plus`.
    #[doc(hidden)]
    type Minus<A: ColumnType<Inner = A>, K: Kind>: ColumnType<Inner = Self::Minus<A, K>>;
    /// What is left when this is taken from a moment of the type `A`, whose durations are `D`: the moment before by a
    /// duration, the duration between two moments.
    #[doc(hidden)]
    type FromMoment<A: ColumnType<Inner = A>, D: ColumnType<Inner = D>>: ColumnType<Inner = Self::FromMoment<A, D>>;
    /// What the values are to the clock.
    #[doc(hidden)]
    const IN_TIME: InTime = InTime::None;
    /// Whether the numbers are decimal, which SQLite itself cannot calculate with.
    #[doc(hidden)]
    const IS_DECIMAL: bool = false;
    /// What a stored value is shown as.
    #[doc(hidden)]
    const FORM: Form = Form::Stored;
}

kinds! {
    /// True or false.
    Boolean as Boolean,
    /// Text, compared byte by byte.
    Text,
    /// Bytes.
    Blob,
    /// Keys of a table.
    Identity,
    /// Times of a day.
    Time,
    /// The values of an enum.
    Enumeration,
    /// A document in JSON.
    Json as Json,
    /// A document in SQLite's binary form of JSON.
    Jsonb as Jsonb,
}

macro_rules! numbers {
    ($($(#[$doc:meta])* $name:ident $number:ty, with $kind:ident $with:ty, with_decimal $with_decimal:ty, $is_decimal:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $name;

        impl Kind for $name {
            type Number = $number;
            type Average = f64;
            type With<$kind: Kind> = $with;
            type WithDecimal = $with_decimal;
            type Plus<A: ColumnType<Inner = A>, K: Kind> = <Self::With<K> as Kind>::Number;
            type Minus<A: ColumnType<Inner = A>, K: Kind> = <Self::With<K> as Kind>::Number;
            type FromMoment<A: ColumnType<Inner = A>, D: ColumnType<Inner = D>> = f64;
            const IS_DECIMAL: bool = $is_decimal;
        }

        impl Summed for $name {}
        impl Comparable for $name {}
        impl InDocuments for $name {}
        impl Numeric for $name {}
    )*};
}

numbers! {
    /// Whole numbers.
    Integer i64, with K K, with_decimal Decimal, false;
    /// Exact decimal numbers.
    Decimal DecimalNumber, with K K::WithDecimal, with_decimal Self, true;
    /// Floating-point numbers.
    Real f64, with K Self, with_decimal Self, false;
}

#[cfg(feature = "rust_decimal")]
type DecimalNumber = rust_decimal::Decimal;
#[cfg(not(feature = "rust_decimal"))]
type DecimalNumber = f64;

/// What values are to the clock.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InTime {
    None,
    Moment,
    Duration,
}

macro_rules! moments {
    ($($(#[$doc:meta])* $name:ident $moment:ident;)*) => {$(
        $(#[$doc])*
        ///
        /// `D` is the type of the duration between two of them; by default there is none, so that `+` and `-` do not compile.
        #[derive(Debug, Clone, Copy)]
        pub struct $name<D = String>(std::marker::PhantomData<fn() -> D>);

        impl<D: ColumnType<Inner = D>> Kind for $name<D> {
            type Number = f64;
            type Average = f64;
            type With<K: Kind> = Self;
            type WithDecimal = Self;
            type Plus<A: ColumnType<Inner = A>, K: Kind> = A;
            type Minus<A: ColumnType<Inner = A>, K: Kind> = K::FromMoment<A, D>;
            type FromMoment<A: ColumnType<Inner = A>, B: ColumnType<Inner = B>> = B;
            const IN_TIME: InTime = InTime::Moment;
        }

        impl<D: ColumnType<Inner = D>> Comparable for $name<D> {}

        impl<D: ColumnType<Inner = D>> Dated for $name<D> {
            const MOMENT: Moment = Moment::$moment;
        }

        impl<D: ColumnType<Inner = D, Kind = Duration<D>>> AddedTo<$name<D>> for Duration<D> {}
        impl<D: ColumnType<Inner = D, Kind = Duration<D>>> TakenFrom<$name<D>> for Duration<D> {}
        impl<D: ColumnType<Inner = D, Kind = Duration<D>>> TakenFrom<$name<D>> for $name<D> {}
    )*};
}

moments! {
    /// Days.
    Date Text;
    /// Days with a time, and instants.
    DateTime Text;
    /// Days and instants, as seconds since 1970.
    UnixTime UnixSeconds;
}

/// Lengths of time, of the type `D` where they are calculated.
#[derive(Debug, Clone, Copy)]
pub struct Duration<D>(std::marker::PhantomData<fn() -> D>);

impl<D: ColumnType<Inner = D>> Kind for Duration<D> {
    type Number = D;
    type Average = D;
    type With<K: Kind> = Self;
    type WithDecimal = Self;
    type Plus<A: ColumnType<Inner = A>, K: Kind> = D;
    type Minus<A: ColumnType<Inner = A>, K: Kind> = D;
    type FromMoment<A: ColumnType<Inner = A>, B: ColumnType<Inner = B>> = A;
    const IN_TIME: InTime = InTime::Duration;
}

impl<D: ColumnType<Inner = D>> Comparable for Duration<D> {}
impl<D: ColumnType<Inner = D>> AddedTo<Self> for Duration<D> {}
impl<D: ColumnType<Inner = D>> TakenFrom<Self> for Duration<D> {}

/// Kinds that `+` takes beside the kind `K`.
pub trait AddedTo<K> {}
impl<K: Numeric, N: Numeric> AddedTo<K> for N {}

/// Kinds that `-` takes behind the kind `K`.
pub trait TakenFrom<K> {}
impl<K: Numeric, N: Numeric> TakenFrom<K> for N {}

/// Kinds with a sum and an average.
pub trait Summed: Kind {}
impl<D: ColumnType<Inner = D>> Summed for Duration<D> {}

/// Kinds whose values can be compared and sorted.
#[diagnostic::on_unimplemented(
    message = "a JSON column cannot be compared",
    label = "the stored text of a document has no order and no equality",
    note = "give what is compared a column of its own"
)]
pub trait Comparable: Kind {}
impl Comparable for Boolean {}
impl Comparable for Text {}
impl Comparable for Blob {}
impl Comparable for Identity {}
impl Comparable for Time {}
impl Comparable for Enumeration {}

/// Kinds whose values a document in JSON can have.
pub trait InDocuments: Kind {
    /// Whether they are documents themselves.
    const IS_DOCUMENT: bool = false;
}
impl InDocuments for Boolean {}
impl InDocuments for Text {}
impl InDocuments for Identity {}
impl InDocuments for Time {}
impl InDocuments for Enumeration {}
impl<D: ColumnType<Inner = D>> InDocuments for Date<D> {}
impl<D: ColumnType<Inner = D>> InDocuments for DateTime<D> {}
impl InDocuments for Json {
    const IS_DOCUMENT: bool = true;
}

/// Kinds whose values are documents.
pub trait Document: Kind {
    /// Whether they are stored as JSONB.
    const IS_BINARY: bool;
}
impl Document for Json {
    const IS_BINARY: bool = false;
}
impl Document for Jsonb {
    const IS_BINARY: bool = true;
}

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

/// Kinds that have a year, a month and a day.
pub trait Dated: Kind {
    /// How the values are stored.
    const MOMENT: Moment;
}

/// Kinds that have an hour, a minute and a second.
pub trait Timed: Kind {
    /// How the values are stored.
    const MOMENT: Moment;
}

impl Timed for Time {
    const MOMENT: Moment = Moment::Text;
}

impl<D: ColumnType<Inner = D>> Timed for DateTime<D> {
    const MOMENT: Moment = Moment::Text;
}

impl<D: ColumnType<Inner = D>> Timed for UnixTime<D> {
    const MOMENT: Moment = Moment::UnixSeconds;
}
