//! Any serde type in a column, in SQLite's binary form of JSON.

use std::borrow::Cow;
use std::ops::{Deref, DerefMut};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::json::faithful_text;
use super::{ColumnType, jsonb_form, kind};
use crate::value::{DecodeError, EncodeError, Encoded, Storage, ValueRef};

/// A value of any serde type, stored as [JSONB](https://www.sqlite.org/jsonb.html), SQLite's binary form of JSON.
///
/// In Rust and in queries it is used as [`Json`](crate::Json) is: [`path`](crate::Column::path), [`items`](crate::Column::items),
/// [`set_path`](crate::Column::set_path), [`remove_path`](crate::Column::remove_path) and [`merge`](crate::Column::merge) work on it, and
/// what is written is read back as it was.
///
/// Take it for documents of some size in which SQL looks for parts, without an index: SQLite need not read a text anew for each path
/// of each row. Where documents are mostly read as a whole, or by other programs, `Json` is plainer and no slower: JSONB is bytes,
/// which an SQL shell shows by `json(meta)`, and a program writes by `jsonb('…')`. The column is a `BLOB` whose `CHECK` lets no bytes
/// in that are no JSONB; like the form itself it needs SQLite 3.45 or later in every program that writes the table.
///
/// A column that was `Json` becomes `Jsonb` by a migration that writes `jsonb(meta)` into a new column.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use sqliter::Jsonb;
/// use sqliter::prelude::*;
///
/// #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
/// struct Meta {
///     width: i64,
///     tags: Vec<String>,
/// }
///
/// #[derive(Debug, Clone, PartialEq, Model)]
/// struct Image {
///     pk: Key<Image>,
///     meta: Jsonb<Meta>,
/// }
///
/// # #[tokio::main]
/// # async fn main() -> sqliter::Result<()> {
/// let db = Db::memory().await?;
/// db.create_table::<Image>().await?;
/// let image = db.insert(Image::builder().meta(Meta { width: 640, tags: vec!["sea".to_owned()] })).await?;
/// let wide = db.select::<Image>().filter(|i| i.meta.path::<i64>("$.width").gt(500));
/// wide.update(|i| i.meta.set_path("$.width", 800)).await?;
/// assert_eq!(db.get(image.pk).await?.unwrap().meta.width, 800);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Jsonb<T>(pub T);

impl<T> Deref for Jsonb<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Jsonb<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T> From<T> for Jsonb<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T> ColumnType for Jsonb<T>
where
    T: Serialize + DeserializeOwned + Send + Sync + 'static,
{
    type Inner = Self;
    type Kind = kind::Jsonb;
    const STORAGE: Storage = Storage::Blob;
    const EXPECTED: &'static str = "JSONB of the field's type";
    const IN_REQUESTS: &'static str = "JSON of the field's type";
    const STORED_AS: Option<&'static str> = Some("a document in JSONB");

    fn check(column: &str) -> Option<String> {
        Some(format!("json_valid({column}, 8)"))
    }

    fn encode(&self) -> Result<Encoded<'_>, EncodeError> {
        let document = jsonb_form::from_text(&faithful_text(&self.0)?);
        let document = document.ok_or_else(|| EncodeError::new("it has more levels than JSONB may have"))?;
        Ok(Encoded::Blob(Cow::Owned(document)))
    }

    fn decode(value: ValueRef<'_>) -> Result<Self, DecodeError> {
        let ValueRef::Blob(document) = value else { return Err(DecodeError::unfit()) };
        let text = jsonb_form::to_text(document).map_err(DecodeError::because)?;
        serde_json::from_str(&text).map(Self).map_err(|error| DecodeError::because(error.to_string()))
    }
}
