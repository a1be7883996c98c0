//! Rows as dictionaries.

use std::borrow::Cow;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::Value;

/// One row by column name, in the order of the columns.
///
/// Serialises as a map, so that `serde_json::to_string(&records)` gives an array of objects.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Record {
    entries: Vec<(Cow<'static, str>, Value)>,
}

impl Record {
    pub(crate) const fn new(entries: Vec<(Cow<'static, str>, Value)>) -> Self {
        Self { entries }
    }

    /// The value of a column, or `None` when the record has no such column.
    pub fn get(&self, column: &str) -> Option<&Value> {
        self.entries.iter().find(|(name, _)| *name == column).map(|(_, value)| value)
    }

    /// The names and values, in the order of the columns.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Value)> {
        self.entries.iter().map(|(name, value)| (name.as_ref(), value))
    }

    /// The number of columns.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no column.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl Serialize for Record {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.entries.len()))?;
        for (name, value) in &self.entries {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}
