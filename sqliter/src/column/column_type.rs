//! The one trait of types that fit a column.

use super::HasNullability;
use super::kind::Kind;
use crate::table::TableInfo;
use crate::value::{DecodeError, EncodeError, Encoded, Storage, ValueRef};

/// A Rust type that fits one column.
///
/// Built in are `bool`, the integers, `f32`, `f64`, `String`, `Vec<u8>`, [`Key`](crate::Key), [`Json`](crate::Json),
/// [`Unix`](crate::Unix), the types of `chrono`, `time`, `jiff`, `uuid` and `rust_decimal` behind the features of
/// those names, and `Option` of each, which is the nullable column. Enums without fields and newtypes get it by
/// `#[derive(ColumnType)]`.
///
/// A type that implements it by hand is given `impl Literal` too if its values shall begin an expression: see
/// [`Literal`](crate::bounds::Literal).
///
/// ```
/// use sqliter::prelude::*;
///
/// #[derive(Debug, Clone, Copy, PartialEq, ColumnType)]
/// enum Status {
///     Open,     // stored as 'open'
///     InReview, // stored as 'in_review'
/// }
///
/// #[derive(Debug, Clone, PartialEq, ColumnType)]
/// struct Email(String);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not fit a column",
    label = "not a column type",
    note = "wrap what serde can write in `Json<…>`, or derive `ColumnType` for a fieldless enum or a newtype",
    note = "the types of chrono, time, jiff, uuid and rust_decimal need sqliter's feature of that name"
)]
pub trait ColumnType: Sized + Send + Sync + 'static + HasNullability<<Self as ColumnType>::Inner> {
    /// The type without its `Option`; `Self` for all other types.
    type Inner: ColumnType<Inner = Self::Inner>;
    /// What SQL may do with the column: see [`kind`](super::kind).
    type Kind: Kind;
    /// The declared type of the column.
    const STORAGE: Storage;
    /// Whether the column may hold `NULL`.
    const NULLABLE: bool = false;
    /// The collating sequence that comparisons and sorting use, if it is not SQLite's `BINARY`.
    const COLLATION: Option<&'static str> = None;
    /// The SQL function that gives the stored form of a value that another program may have stored in another form, for
    /// types that have several.
    #[doc(hidden)]
    const CANONICAL: Option<&'static str> = None;
    /// The table that values of the type refer to: set for keys.
    #[doc(hidden)]
    const REFERENCES: Option<fn() -> &'static TableInfo> = None;
    /// What a stored value must be, in words for [`Error::Decode`](crate::Error::Decode).
    const EXPECTED: &'static str;
    /// What a parameter of a request must be, which serde reads, in words for [`Error::Parameters`](crate::Error::Parameters).
    #[doc(hidden)]
    const IN_REQUESTS: &'static str = Self::EXPECTED;

    /// What [`check`](Self::check) asks for, in words, where its SQL is no message for people: a violated constraint is
    /// reported as "`column` must be" these words.
    const STORED_AS: Option<&'static str> = None;
    /// The SQL function that refuses what the type cannot hold, for values that an update computes.
    #[doc(hidden)]
    const CHECKED_BY: Option<&'static str> = None;

    /// The condition of a `CHECK` constraint on the column, given the quoted name of the column. It holds for exactly
    /// the forms that [`encode`](Self::encode) gives, so that equal values are equal to SQLite, and does not fail for
    /// `NULL`. Every program that writes the table runs it: it must not use functions of the library.
    fn check(_column: &str) -> Option<String> {
        None
    }

    /// The value to store.
    ///
    /// # Errors
    ///
    /// When the value has no faithful form in SQLite, as NaN or a `u64` above `i64::MAX`.
    fn encode(&self) -> Result<Encoded<'_>, EncodeError>;

    /// The Rust value of a stored one.
    ///
    /// # Errors
    ///
    /// When the stored value is of a wrong storage class, malformed or out of range.
    fn decode(value: ValueRef<'_>) -> Result<Self, DecodeError>;
}

/// The condition that a column is one of these SQL literals, for [`ColumnType::check`].
///
/// With three or more values SQLite puts a list into a temporary table, again for each row: that takes a microsecond,
/// comparisons some ten nanoseconds each. It refuses a chain of more than a thousand of them.
pub fn one_of(column: &str, literals: &[impl AsRef<str>]) -> String {
    let literals = literals.iter().map(AsRef::as_ref);
    match literals.len() {
        3..=900 => literals.map(|literal| format!("{column} = {literal}")).collect::<Vec<_>>().join(" OR "),
        _ => format!("{column} IN ({})", literals.collect::<Vec<_>>().join(", ")),
    }
}

impl<T: ColumnType<Inner = T>> ColumnType for Option<T> {
    type Inner = T;
    type Kind = T::Kind;
    const STORAGE: Storage = T::STORAGE;
    const NULLABLE: bool = true;
    const COLLATION: Option<&'static str> = T::COLLATION;
    const CANONICAL: Option<&'static str> = T::CANONICAL;
    const REFERENCES: Option<fn() -> &'static TableInfo> = T::REFERENCES;
    const EXPECTED: &'static str = T::EXPECTED;
    const IN_REQUESTS: &'static str = T::IN_REQUESTS;
    const STORED_AS: Option<&'static str> = T::STORED_AS;
    const CHECKED_BY: Option<&'static str> = T::CHECKED_BY;

    fn check(column: &str) -> Option<String> {
        T::check(column)
    }

    fn encode(&self) -> Result<Encoded<'_>, EncodeError> {
        match self {
            Some(value) => value.encode(),
            None => Ok(Encoded::Null),
        }
    }

    #[inline]
    fn decode(value: ValueRef<'_>) -> Result<Self, DecodeError> {
        match value {
            ValueRef::Null => Ok(None),
            value => T::decode(value).map(Some),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::one_of;

    #[test]
    fn sqlite_takes_any_number_of_values() {
        for number in [1, 2, 3, 900, 901, 5_000] {
            let literals: Vec<_> = (0..number).map(|i: i64| i.to_string()).collect();
            let db = rusqlite::Connection::open_in_memory().unwrap();
            db.execute_batch(&format!("CREATE TABLE t (a CHECK (({})))", one_of("a", &literals))).unwrap();
            for (value, is_taken) in [(Some(0), true), (Some(number - 1), true), (None, true), (Some(number), false)] {
                assert_eq!(db.execute("INSERT INTO t VALUES (?)", [value]).is_ok(), is_taken, "{number}: {value:?}");
            }
        }
    }
}
