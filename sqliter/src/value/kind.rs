//! What SQL may do with the values of a column.
//!
//! The [`Kind`](super::ColumnType::Kind) of a column type decides which operators its columns have: text operators
//! only on [`Text`], arithmetic only on [`Integer`] and [`Real`], comparison on everything but [`Json`].

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident $(as $form:ident)?),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $name;
        impl Kind for $name {
            $(const FORM: Form = Form::$form;)?
        }
    )*};
}

/// One of the kinds in this module.
pub trait Kind: 'static {
    /// What a stored value is shown as.
    #[doc(hidden)]
    const FORM: Form = Form::Stored;
}

/// What a stored value is shown as where it stands for itself, in a serialised [`Record`](crate::Record).
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// As what it is stored as.
    Stored,
    /// As true or false.
    Boolean,
    /// As the document that the text is.
    Json,
}

kinds! {
    /// True or false.
    Boolean as Boolean,
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
    /// Dates, times and instants.
    DateTime,
    /// Exact decimal numbers.
    Decimal,
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
impl Comparable for DateTime {}
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
    note = "`add`, `subtract` and `multiply` work on integers and floating-point numbers"
)]
pub trait Numeric: Kind {}
impl Numeric for Integer {}
impl Numeric for Real {}
