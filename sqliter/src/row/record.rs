//! Records: rows as values by the names of their columns.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::column::{ColumnType, text_of_jsonb};
use crate::error::{Error, Result};
use crate::table::ColumnInfo;
use crate::value::{Form, Value};

/// One row by column name, in the order of the columns.
///
/// Serialises as a map, so that `serde_json::to_string(&records)` gives an array of objects. A column of type `bool`
/// gives `true` or `false` there, a [`Json`](crate::Json) or [`Jsonb`](crate::Jsonb) column its document (or what is stored, when that is none), and
/// everything else what is stored: a date its text, a key its number. The columns of a raw query have no type, so that
/// they all give what is stored.
///
/// ```
/// use sqliter::{Record, Value};
/// use sqliter::prelude::*;
///
/// # #[tokio::main]
/// # async fn main() -> sqliter::Result<()> {
/// let db = Db::memory().await?;
/// let row = db.query::<Record>("SELECT 'Ada' AS name, 1815 AS born").fetch_required().await?;
/// assert_eq!(row.get("born"), Some(&Value::Integer(1815)));
/// assert_eq!(row.decode::<String>("name")?, "Ada");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
pub struct Record {
    /// Shared by all records of a result.
    headings: Arc<[Heading]>,
    /// One for each heading.
    values: Vec<Value>,
}

/// What a record knows of a column.
#[derive(Debug, Clone)]
pub struct Heading {
    name: Cow<'static, str>,
    form: Form,
}

impl Heading {
    /// A column of which only the name is known.
    pub(crate) const fn named(name: String) -> Self {
        Self { name: Cow::Owned(name), form: Form::Stored }
    }

    /// A column with its name, and the column of a model that its values come from, if any.
    pub(crate) fn new(name: Cow<'static, str>, origin: Option<&ColumnInfo>) -> Self {
        Self { name, form: origin.map_or(Form::Stored, |column| column.form) }
    }
}

impl AsRef<str> for Heading {
    fn as_ref(&self) -> &str {
        &self.name
    }
}

impl Record {
    /// A row with one value for each heading.
    pub(crate) const fn new(headings: Arc<[Heading]>, values: Vec<Value>) -> Self {
        Self { headings, values }
    }

    /// The stored value of a column, or `None` when the record has no such column.
    pub fn get(&self, column: &str) -> Option<&Value> {
        self.iter().find(|(name, _)| *name == column).map(|(_, value)| value)
    }

    /// The value of a column, read as a type that fits columns.
    ///
    /// # Errors
    ///
    /// [`Error::MissingColumn`] when the record has no such column, [`Error::Decode`] when its value does not fit the
    /// type.
    pub fn decode<T: ColumnType>(&self, column: &str) -> Result<T> {
        let Some(value) = self.get(column) else {
            return Err(Error::missing_column(column, &self.headings));
        };
        let value = value.as_ref();
        T::decode(value).map_err(|error| error.at("", column, T::EXPECTED, value.describe()))
    }

    /// The names and stored values, in the order of the columns.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Value)> {
        self.headings.iter().map(AsRef::as_ref).zip(&self.values)
    }

    /// The number of columns.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there is no column.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

/// Equal are records with the same names and stored values in the same order.
impl PartialEq for Record {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Record ")?;
        f.debug_map().entries(self.iter()).finish()
    }
}

impl Serialize for Record {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.len()))?;
        for (heading, value) in self.headings.iter().zip(&self.values) {
            map.serialize_entry(&heading.name, &Shown::new(value, heading.form))?;
        }
        map.end()
    }
}

/// A stored value in the form that its column asks for.
#[derive(Serialize)]
#[serde(untagged)]
enum Shown<'a> {
    Stored(&'a Value),
    Boolean(bool),
    Document(serde_json::Value),
}

impl<'a> Shown<'a> {
    fn new(value: &'a Value, form: Form) -> Self {
        let shown = match (form, value) {
            (Form::Boolean, value) => bool::decode(value.as_ref()).ok().map(Self::Boolean),
            (Form::Json, Value::Text(text)) => serde_json::from_str(text).ok().map(Self::Document),
            (Form::Json, Value::Blob(bytes)) => serde_json::from_slice(bytes).ok().map(Self::Document),
            (Form::Jsonb, Value::Blob(bytes)) => {
                let text = text_of_jsonb(bytes).ok();
                text.and_then(|text| serde_json::from_str(&text).ok()).map(Self::Document)
            }
            (Form::Json | Form::Jsonb | Form::Stored, _) => None,
        };
        shown.unwrap_or(Self::Stored(value))
    }
}
