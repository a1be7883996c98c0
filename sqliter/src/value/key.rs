//! The values of a key.

use std::fmt;
use std::iter;

use super::Value;

/// The values of a key, in the order of its columns. Most keys have one.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct KeyValues {
    pub(crate) first: Value,
    pub(crate) rest: Vec<Value>,
}

impl KeyValues {
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Value> {
        iter::once(&self.first).chain(&self.rest)
    }
}

impl From<Value> for KeyValues {
    fn from(first: Value) -> Self {
        Self { first, rest: Vec::new() }
    }
}

/// The key of nothing when there are no values.
impl FromIterator<Value> for KeyValues {
    fn from_iter<I: IntoIterator<Item = Value>>(values: I) -> Self {
        let mut values = values.into_iter();
        Self { first: values.next().unwrap_or_default(), rest: values.collect() }
    }
}

/// As `7`, or as `(7, 'a')`.
impl fmt::Display for KeyValues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.rest.is_empty() {
            return self.first.fmt(f);
        }
        write!(f, "({}", self.first)?;
        self.rest.iter().try_for_each(|value| write!(f, ", {value}"))?;
        f.write_str(")")
    }
}
