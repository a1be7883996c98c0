//! Values as SQLite stores them.
//!
//! Everything here is plain data: no type of the database driver appears. A [`Value`] has one of
//! [SQLite's five storage classes](https://www.sqlite.org/datatype3.html).

mod error;
mod form;
mod key;

use std::borrow::Cow;
use std::fmt;

pub use error::{DecodeError, EncodeError};
pub use form::{Form, Moment};
pub(crate) use key::KeyValues;

/// The declared type of a column, as a [STRICT table](https://www.sqlite.org/stricttables.html) knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Storage {
    /// A signed 64-bit integer.
    Integer,
    /// A 64-bit floating-point number.
    Real,
    /// UTF-8 text.
    Text,
    /// Bytes.
    Blob,
    /// Whatever is stored, without conversion.
    Any,
}

impl Storage {
    /// The keyword that a `CREATE TABLE` statement uses.
    pub const fn as_sql(self) -> &'static str {
        match self {
            Self::Integer => "INTEGER",
            Self::Real => "REAL",
            Self::Text => "TEXT",
            Self::Blob => "BLOB",
            Self::Any => "ANY",
        }
    }
}

/// A value as SQLite stores it.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value {
    /// `NULL`.
    #[default]
    Null,
    /// A signed 64-bit integer.
    Integer(i64),
    /// A 64-bit floating-point number, never NaN.
    Real(f64),
    /// UTF-8 text.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
}

impl Value {
    /// The same value, borrowed.
    pub fn as_ref(&self) -> ValueRef<'_> {
        match self {
            Self::Null => ValueRef::Null,
            Self::Integer(i) => ValueRef::Integer(*i),
            Self::Real(r) => ValueRef::Real(*r),
            Self::Text(t) => ValueRef::Text(t),
            Self::Blob(b) => ValueRef::Blob(b),
        }
    }

    /// The text, if it is one.
    pub(crate) fn into_text(self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text),
            Self::Null | Self::Integer(_) | Self::Real(_) | Self::Blob(_) => None,
        }
    }

    /// The same value on its way into the database, borrowed.
    pub(crate) fn as_encoded(&self) -> Encoded<'_> {
        match self {
            Self::Null => Encoded::Null,
            Self::Integer(i) => Encoded::Integer(*i),
            Self::Real(r) => Encoded::Real(*r),
            Self::Text(t) => Encoded::Text(Cow::Borrowed(t)),
            Self::Blob(b) => Encoded::Blob(Cow::Borrowed(b)),
        }
    }
}

/// As an SQL literal: text quoted, blobs in hexadecimal.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("NULL"),
            Self::Integer(i) => write!(f, "{i}"),
            Self::Real(r) if r.is_infinite() => f.write_str(if *r > 0.0 { "9e999" } else { "-9e999" }),
            Self::Real(r) => write!(f, "{r:?}"),
            // SQLite reads a statement up to its first NUL character.
            Self::Text(t) if t.contains('\0') => {
                f.write_str("CAST(")?;
                write_blob(f, t.as_bytes())?;
                f.write_str(" AS TEXT)")
            }
            Self::Text(t) => write!(f, "'{}'", t.replace('\'', "''")),
            Self::Blob(b) => write_blob(f, b),
        }
    }
}

fn write_blob(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    f.write_str("x'")?;
    for byte in bytes {
        write!(f, "{byte:02x}")?;
    }
    f.write_str("'")
}

impl serde::Serialize for Value {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_none(),
            Self::Integer(i) => serializer.serialize_i64(*i),
            Self::Real(r) => serializer.serialize_f64(*r),
            Self::Text(t) => serializer.serialize_str(t),
            Self::Blob(b) => serializer.serialize_bytes(b),
        }
    }
}

/// A stored value on its way out: text and blobs are borrowed from the row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ValueRef<'a> {
    /// `NULL`.
    Null,
    /// A signed 64-bit integer.
    Integer(i64),
    /// A 64-bit floating-point number.
    Real(f64),
    /// UTF-8 text.
    Text(&'a str),
    /// Bytes.
    Blob(&'a [u8]),
}

impl ValueRef<'_> {
    /// An owned copy.
    pub fn to_value(self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Integer(i) => Value::Integer(i),
            Self::Real(r) => Value::Real(r),
            Self::Text(t) => Value::Text(t.to_owned()),
            Self::Blob(b) => Value::Blob(b.to_owned()),
        }
    }

    /// The storage class with a short form of the value, for error messages.
    pub(crate) fn describe(self) -> String {
        const SHOWN: usize = 40;
        match self {
            Self::Null => "NULL".to_owned(),
            Self::Integer(i) => format!("INTEGER {i}"),
            Self::Real(r) => format!("REAL {r:?}"),
            Self::Text(t) if t.chars().count() > SHOWN => {
                let start: String = t.chars().take(SHOWN).collect();
                format!("TEXT '{start}…'")
            }
            Self::Text(t) => format!("TEXT '{t}'"),
            Self::Blob(b) => format!("BLOB of {} bytes", b.len()),
        }
    }
}

/// A value on its way into the database: text and blobs are borrowed from the field where that is possible.
#[derive(Debug, Clone, PartialEq)]
pub enum Encoded<'a> {
    /// `NULL`.
    Null,
    /// A signed 64-bit integer.
    Integer(i64),
    /// A 64-bit floating-point number.
    Real(f64),
    /// UTF-8 text.
    Text(Cow<'a, str>),
    /// Bytes.
    Blob(Cow<'a, [u8]>),
}

impl Encoded<'_> {
    /// An owned copy.
    pub fn into_value(self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Integer(i) => Value::Integer(i),
            Self::Real(r) => Value::Real(r),
            Self::Text(t) => Value::Text(t.into_owned()),
            Self::Blob(b) => Value::Blob(b.into_owned()),
        }
    }
}
