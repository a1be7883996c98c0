//! Any serde type in a column, as JSON text.

use std::borrow::Cow;
use std::ops::{Deref, DerefMut};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::fingerprint::{fingerprint, has_json};
use super::{ColumnType, kind};
use crate::value::{DecodeError, EncodeError, Encoded, Storage, Value, ValueRef};

/// A value of any serde type, stored as JSON text: lists, maps, sets, structs, enums.
///
/// In queries, [`path`](crate::Column::path) is a value inside the document, and [`items`](crate::Column::items) are the elements of
/// an array; SQLite's [JSON functions](https://www.sqlite.org/json1.html) work on the column. `Json` derefs to the value and is
/// transparent to serde.
///
/// What is written is read back as it was, to the last bit of a floating-point number. Each document is read back before
/// it is stored, and a value that would come back as another one is an [`Error::Encode`](crate::Error::Encode): NaN and
/// infinities, `Some(None)`, keys of a map that JSON has no text for, more than 127 levels. Only what the type itself keeps
/// from serde, such as a field with `#[serde(skip)]`, is not looked at.
///
/// ```
/// use sqliter::Json;
/// use sqliter::prelude::*;
///
/// #[derive(Debug, Clone, PartialEq, Model)]
/// struct Track {
///     pk: Key<Track>,
///     moods: Json<Vec<String>>,
/// }
///
/// # #[tokio::main]
/// # async fn main() -> sqliter::Result<()> {
/// let db = Db::memory().await?;
/// db.create_table::<Track>().await?;
/// let track = db.insert(Track::builder().moods(vec!["calm".to_owned()])).await?;
/// assert_eq!(track.moods.len(), 1);
/// # Ok(())
/// # }
/// ```
///
/// An enum that carries data is stored so too. With serde's `tag`, a filter goes by the variant, and by what it holds:
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use sqliter::Json;
/// use sqliter::prelude::*;
///
/// #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
/// #[serde(tag = "by", rename_all = "snake_case")]
/// enum Payment {
///     Card { number: String, expires: i64 },
///     Invoice { days: i64 },
///     Cash,
/// }
///
/// #[derive(Debug, Clone, PartialEq, Model)]
/// struct Order {
///     pk: Key<Order>,
///     payment: Json<Payment>,
/// }
///
/// # #[tokio::main]
/// # async fn main() -> sqliter::Result<()> {
/// let db = Db::memory().await?;
/// db.create_table::<Order>().await?;
/// for payment in [Payment::Invoice { days: 14 }, Payment::Invoice { days: 60 }, Payment::Cash] {
///     db.insert(Order::builder().payment(payment)).await?;
/// }
/// let late = db
///     .select::<Order>()
///     .filter(|o| o.payment.path::<String>("$.by").eq("invoice") & o.payment.path::<i64>("$.days").gt(30))
///     .fetch_required()
///     .await?;
/// assert_eq!(*late.payment, Payment::Invoice { days: 60 });
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Json<T>(pub T);

impl<T> Deref for Json<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Json<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T> From<T> for Json<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T> ColumnType for Json<T>
where
    T: Serialize + DeserializeOwned + Send + Sync + 'static,
{
    type Inner = Self;
    type Kind = kind::Json;
    const STORAGE: Storage = Storage::Text;
    const EXPECTED: &'static str = "JSON of the field's type";

    fn encode(&self) -> Result<Encoded<'_>, EncodeError> {
        faithful_text(&self.0).map(|text| Encoded::Text(Cow::Owned(text)))
    }

    fn decode(value: ValueRef<'_>) -> Result<Self, DecodeError> {
        let parsed = match value {
            ValueRef::Text(text) => serde_json::from_str(text),
            ValueRef::Blob(bytes) => serde_json::from_slice(bytes),
            _ => return Err(DecodeError::unfit()),
        };
        parsed.map(Self).map_err(|error| DecodeError::because(error.to_string()))
    }
}

/// The JSON text of a value, which is read back as the same value.
pub(super) fn faithful_text<T: Serialize + DeserializeOwned>(value: &T) -> Result<String, EncodeError> {
    let unwritable = |error: &dyn std::fmt::Display| EncodeError::new(format!("no JSON can be written: {error}"));
    let given = fingerprint(value).map_err(|error| unwritable(&error))?;
    let text = serde_json::to_string(value).map_err(|error| unwritable(&error))?;
    let read: T = serde_json::from_str(&text).map_err(|error| {
        EncodeError::new(format!("its JSON cannot be read back, as with NaN and infinities, which have none: {error}"))
    })?;
    if fingerprint(&read) != Ok(given) {
        return Err(EncodeError::new(
            "its JSON would be read back as another value, as with infinities and `Some(None)`, which become `null`",
        ));
    }
    Ok(text)
}

/// The JSON text of a value that becomes a part of a document.
pub(crate) fn json_text<T: Serialize + ?Sized>(value: &T) -> Result<Value, EncodeError> {
    let unwritable = |error: &dyn std::fmt::Display| EncodeError::new(format!("no JSON can be written: {error}"));
    has_json(value).map_err(|error| unwritable(&error))?;
    serde_json::to_string(value).map(Value::Text).map_err(|error| unwritable(&error))
}
