//! What can be bound to a placeholder of raw SQL.

use crate::column::ColumnType;
use crate::model::{Model, SingleKey};
use crate::value::{EncodeError, Value};

/// In which way something is a value to bind, for [`IntoArgument`]. The compiler finds it; programs name it only where
/// they pass on what they are given.
pub mod by {
    /// It is of a type that fits a column.
    #[derive(Debug)]
    pub struct Value;
    /// It refers to such a value.
    #[derive(Debug)]
    pub struct Reference;
    /// It refers to such a value, or is none.
    #[derive(Debug)]
    pub struct Optional;
    /// It is borrowed text.
    #[derive(Debug)]
    pub struct Text;
    /// It is borrowed text, or none.
    #[derive(Debug)]
    pub struct OptionalText;
    /// It is borrowed bytes.
    #[derive(Debug)]
    pub struct Bytes;
    /// It is a row, and the value its key.
    #[derive(Debug)]
    pub struct Key;
    /// It is a value as SQLite stores it.
    #[derive(Debug)]
    pub struct Stored;
}

/// What can be bound to a placeholder of [raw SQL](crate::Session::query): a value of any [`ColumnType`] or a reference
/// to one, text as `&str`, bytes as `&[u8]`, an `Option` of each, a reference to a model for its key, a [`Value`].
///
/// `By` follows from the value.
///
/// A list of values is bound as its JSON, and [`json_each`](https://www.sqlite.org/json1.html#jeach) makes rows of it:
///
/// ```
/// # use sqliter::Json;
/// # use sqliter::prelude::*;
/// # #[tokio::main]
/// # async fn main() -> sqliter::Result<()> {
/// # let db = Db::memory().await?;
/// let sql = "SELECT 7 IN (SELECT value FROM json_each(?))";
/// assert!(db.query::<bool>(sql).bind(Json(vec![5, 7])).fetch_required().await?);
/// # Ok(())
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be bound to a placeholder",
    label = "not a value for SQL",
    note = "bind a value of a type that fits a column, such as a number, text, a key, a date or `Json<…>`, an `Option` of \
            one, a reference to one, or a reference to a model for its key",
    note = "a list is bound as its JSON: `pk IN (SELECT value FROM json_each(?))` with `.bind(Json(keys))`"
)]
pub trait IntoArgument<By> {
    /// The value to bind.
    ///
    /// # Errors
    ///
    /// When the value has no faithful form in SQLite.
    fn into_argument(self) -> Result<Value, EncodeError>;
}

#[diagnostic::do_not_recommend]
impl<T: ColumnType> IntoArgument<by::Value> for T {
    fn into_argument(self) -> Result<Value, EncodeError> {
        Ok(self.encode()?.into_value())
    }
}

#[diagnostic::do_not_recommend]
impl<T: ColumnType> IntoArgument<by::Reference> for &T {
    fn into_argument(self) -> Result<Value, EncodeError> {
        Ok(self.encode()?.into_value())
    }
}

#[diagnostic::do_not_recommend]
impl<T: ColumnType<Inner = T>> IntoArgument<by::Optional> for Option<&T> {
    fn into_argument(self) -> Result<Value, EncodeError> {
        self.map_or(Ok(Value::Null), IntoArgument::into_argument)
    }
}

#[diagnostic::do_not_recommend]
impl IntoArgument<by::Text> for &str {
    fn into_argument(self) -> Result<Value, EncodeError> {
        Ok(Value::Text(self.to_owned()))
    }
}

#[diagnostic::do_not_recommend]
impl IntoArgument<by::Text> for &&str {
    fn into_argument(self) -> Result<Value, EncodeError> {
        (*self).into_argument()
    }
}

#[diagnostic::do_not_recommend]
impl IntoArgument<by::OptionalText> for Option<&str> {
    fn into_argument(self) -> Result<Value, EncodeError> {
        self.map_or(Ok(Value::Null), IntoArgument::into_argument)
    }
}

#[diagnostic::do_not_recommend]
impl IntoArgument<by::Bytes> for &[u8] {
    fn into_argument(self) -> Result<Value, EncodeError> {
        Ok(Value::Blob(self.to_owned()))
    }
}

#[diagnostic::do_not_recommend]
impl<M: Model> IntoArgument<by::Key> for &M
where
    M::RawKey: SingleKey,
{
    fn into_argument(self) -> Result<Value, EncodeError> {
        self.primary_key().into_argument()
    }
}

#[diagnostic::do_not_recommend]
impl<M: Model> IntoArgument<by::Key> for Option<&M>
where
    M::RawKey: SingleKey,
{
    fn into_argument(self) -> Result<Value, EncodeError> {
        self.map_or(Ok(Value::Null), IntoArgument::into_argument)
    }
}

#[diagnostic::do_not_recommend]
impl IntoArgument<by::Stored> for Value {
    fn into_argument(self) -> Result<Value, EncodeError> {
        match self {
            Self::Real(number) => number.into_argument(),
            value => Ok(value),
        }
    }
}

#[diagnostic::do_not_recommend]
impl IntoArgument<by::Stored> for &Value {
    fn into_argument(self) -> Result<Value, EncodeError> {
        self.clone().into_argument()
    }
}
