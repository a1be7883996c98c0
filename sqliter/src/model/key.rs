//! Typed keys.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Many, Model, One};
use crate::column::{ColumnType, IntoValue, Literal, kind};
use crate::error::Result;
use crate::table::TableInfo;
use crate::value::{DecodeError, EncodeError, Encoded, KeyValues, Storage, Value, ValueRef};

/// The key of a row of the model `M`: an integer, or the type of a natural key, that knows its table.
///
/// A field of type `Key<Author>` in another model is a foreign key to `Author`, an `Option<Key<Author>>` a nullable
/// one. In its own model, a field `pk: Key<Author>` is an `INTEGER PRIMARY KEY AUTOINCREMENT`: SQLite chooses the
/// value and [never uses it again](https://www.sqlite.org/autoinc.html).
///
/// Of a model whose key has several columns it holds a tuple of them, and cannot be a field of another model.
///
/// Keys of two models do not compare, in Rust or in a query.
// The value does not come last, so that `Key<M>` has a known size even when `M` is no model: one message instead of ten.
pub struct Key<M: Model>(M::RawKey, PhantomData<fn() -> M>);

impl<M: Model> Key<M> {
    pub(crate) const fn new(raw: M::RawKey) -> Self {
        Self(raw, PhantomData)
    }

    /// The value without the model.
    pub const fn raw(&self) -> &M::RawKey {
        &self.0
    }

    /// The value without the model.
    pub fn into_raw(self) -> M::RawKey {
        self.0
    }
}

/// Types that can be the primary key of a model.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a primary key",
    label = "not a key type",
    note = "a key is an integer, text, a UUID or another type that is `ColumnType + Clone + Eq + Ord + Hash + Debug`, but not an `Option`"
)]
pub trait KeyType: Clone + Eq + Ord + Hash + fmt::Debug + Send + Sync + 'static {
    /// Gives the values of the columns, in the order of the key.
    #[doc(hidden)]
    fn each_value(&self, give: &mut dyn FnMut(Result<Encoded<'_>, EncodeError>) -> Result<()>) -> Result<()>;
}

#[diagnostic::do_not_recommend]
impl<T: ColumnType<Inner = T> + Clone + Eq + Ord + Hash + fmt::Debug> KeyType for T {
    fn each_value(&self, give: &mut dyn FnMut(Result<Encoded<'_>, EncodeError>) -> Result<()>) -> Result<()> {
        give(self.encode())
    }
}

macro_rules! keys_of_several_columns {
    ($(($($name:ident)+))+) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($name: ColumnType<Inner = $name> + Clone + Eq + Ord + Hash + fmt::Debug),+> KeyType for ($($name,)+) {
            fn each_value(&self, give: &mut dyn FnMut(Result<Encoded<'_>, EncodeError>) -> Result<()>) -> Result<()> {
                #[expect(non_snake_case, reason = "the names of the types serve for the values")]
                let ($($name,)+) = self;
                $(give($name.encode())?;)+
                Ok(())
            }
        }
    )+};
}

keys_of_several_columns! {
    (A B)
    (A B C)
    (A B C D)
    (A B C D E)
    (A B C D E F)
    (A B C D E F G)
    (A B C D E F G H)
}

/// The value of a key that is one column, without the model.
#[diagnostic::on_unimplemented(
    message = "the key of the model has several columns, and no single column can hold it or refer to it",
    label = "a key of several columns",
    note = "give that model a key of one column, `pk: Key<…>`, and make the others unique with `#[model(unique(…))]` on the struct",
    note = "or give this model a field for each column of the key"
)]
pub trait SingleKey: ColumnType<Inner = Self> {}

#[diagnostic::do_not_recommend]
impl<T: ColumnType<Inner = T>> SingleKey for T {}

impl<M: Model> Key<M> {
    /// Gives the values of the key, as they are stored, in the order of its columns.
    pub(crate) fn each_stored(&self, sink: &mut dyn FnMut(Encoded<'_>) -> Result<()>) -> Result<()> {
        let mut columns = M::TABLE.key_columns();
        self.0.each_value(&mut |value| {
            let column = columns.next().map_or("", |column| column.name);
            sink(value.map_err(|error| error.at(M::TABLE.name, column))?)
        })
    }

    /// The key as it is stored.
    pub(crate) fn stored(&self) -> Result<KeyValues> {
        let mut first = None;
        let mut rest = Vec::new();
        self.each_stored(&mut |value| {
            let value = value.into_value();
            match &first {
                None => first = Some(value),
                Some(_) => rest.push(value),
            }
            Ok(())
        })?;
        Ok(KeyValues { first: first.unwrap_or_default(), rest })
    }
}

impl<M: Model> Clone for Key<M> {
    fn clone(&self) -> Self {
        Self(self.0.clone(), PhantomData)
    }
}

impl<M: Model> Copy for Key<M> where M::RawKey: Copy {}

impl<M: Model> PartialEq for Key<M> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<M: Model> Eq for Key<M> {}

impl<M: Model> PartialOrd for Key<M> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<M: Model> Ord for Key<M> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}

impl<M: Model> Hash for Key<M> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

/// As `Key(authors 7)`.
impl<M: Model> fmt::Debug for Key<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({} {:?})", M::TABLE.name, self.0)
    }
}

impl<M: Model> fmt::Display for Key<M>
where
    M::RawKey: fmt::Display,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<M: Model> From<&M> for Key<M> {
    fn from(model: &M) -> Self {
        model.primary_key()
    }
}

impl<M: Model> Serialize for Key<M>
where
    M::RawKey: Serialize,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de, M: Model> Deserialize<'de> for Key<M>
where
    M::RawKey: Deserialize<'de>,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        M::RawKey::deserialize(deserializer).map(Self::new)
    }
}

impl<M: Model> ColumnType for Key<M>
where
    M::RawKey: SingleKey,
{
    type Inner = Self;
    type Kind = kind::Identity;
    const STORAGE: Storage = M::RawKey::STORAGE;
    const COLLATION: Option<&'static str> = M::RawKey::COLLATION;
    const CANONICAL: Option<&'static str> = M::RawKey::CANONICAL;
    const REFERENCES: Option<fn() -> &'static TableInfo> = Some(|| M::TABLE);
    const EXPECTED: &'static str = M::RawKey::EXPECTED;
    const IN_REQUESTS: &'static str = M::RawKey::IN_REQUESTS;
    const STORED_AS: Option<&'static str> = M::RawKey::STORED_AS;

    fn check(column: &str) -> Option<String> {
        M::RawKey::check(column)
    }

    fn encode(&self) -> Result<Encoded<'_>, EncodeError> {
        self.0.encode()
    }

    #[inline]
    fn decode(value: ValueRef<'_>) -> Result<Self, DecodeError> {
        M::RawKey::decode(value).map(Self::new)
    }
}

#[diagnostic::do_not_recommend]
impl<M: Model> Literal for Key<M> where M::RawKey: SingleKey {}

#[diagnostic::do_not_recommend]
impl<M: Model> IntoValue<Key<M>> for &M
where
    M::RawKey: SingleKey,
{
    fn into_value(self) -> Result<Value, EncodeError> {
        Ok(self.primary_key().encode()?.into_value())
    }
}

#[diagnostic::do_not_recommend]
impl<M: Model> IntoValue<Option<Key<M>>> for &M
where
    M::RawKey: SingleKey,
{
    fn into_value(self) -> Result<Value, EncodeError> {
        Ok(self.primary_key().encode()?.into_value())
    }
}

/// What names one row: a key, or the row itself.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not name a row",
    label = "expected a `Key` or a reference to a model",
    note = "write `Author::key(1)` for the author whose key is 1, or give the author itself as `&author`"
)]
pub trait AsKey {
    /// The model of the row.
    type Model: Model;

    /// The key of the row.
    fn as_key(&self) -> Key<Self::Model>;
}

#[diagnostic::do_not_recommend]
impl<M: Model> AsKey for Key<M> {
    type Model = M;

    fn as_key(&self) -> Self {
        self.clone()
    }
}

#[diagnostic::do_not_recommend]
impl<M: Model> AsKey for &Key<M> {
    type Model = M;

    fn as_key(&self) -> Key<M> {
        (*self).clone()
    }
}

#[diagnostic::do_not_recommend]
impl<M: Model> AsKey for &M {
    type Model = M;

    fn as_key(&self) -> Key<M> {
        self.primary_key()
    }
}

/// What names rows of the model `M`: a key or a row, or any number of them. `N` tells which of both, and follows from the type.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not name rows of `{M}`",
    label = "expected a key or a row of `{M}`, or several of them",
    note = "write `.add(&tag)` or `.add(Tag::key(1))` for one, `.add([&rust, &sql])` or `.add(&tags)` for several"
)]
pub trait NamesRows<M: Model, N> {
    /// The keys as they are stored; each is one column.
    #[doc(hidden)]
    fn stored_keys(self) -> Result<Vec<Value>>;
}

#[diagnostic::do_not_recommend]
impl<M: Model, K: AsKey<Model = M>> NamesRows<M, One> for K {
    fn stored_keys(self) -> Result<Vec<Value>> {
        Ok(vec![self.as_key().stored()?.first])
    }
}

#[diagnostic::do_not_recommend]
impl<M: Model, I: IntoIterator<Item: AsKey<Model = M>>> NamesRows<M, Many> for I {
    fn stored_keys(self) -> Result<Vec<Value>> {
        self.into_iter().map(|row| Ok(row.as_key().stored()?.first)).collect()
    }
}
