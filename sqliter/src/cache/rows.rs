//! The rows of a result as they are kept.

use std::mem::size_of;
use std::sync::Arc;

use super::MANY_BYTES;
use crate::engine::RowRef;
use crate::value::{Value, ValueRef};

/// The rows of a result.
#[derive(Clone)]
pub(crate) struct Rows {
    pub(crate) rows: Arc<[Vec<Value>]>,
    pub(super) bytes: usize,
}

/// The rows of a result as they are read, as long as they may be kept.
pub(crate) struct Keeping {
    rows: Vec<Vec<Value>>,
    pub(super) bytes: usize,
    most: usize,
}

impl Keeping {
    pub(super) const fn new(most: usize) -> Self {
        Self { rows: Vec::new(), bytes: 0, most }
    }

    /// Another one, empty.
    pub(crate) const fn again(&self) -> Self {
        Self::new(self.most)
    }

    /// Keeps another row; gives nothing when that is too much, or a value is none that could be kept.
    pub(crate) fn and(mut self, row: &RowRef<'_>, width: usize) -> Option<Self> {
        self.bytes += size_of::<Vec<Value>>();
        let values = row.values(width, |value| {
            self.bytes += size_of_value(value);
            self.bytes <= self.most
        })?;
        self.rows.push(values);
        Some(self)
    }

    pub(crate) fn done(self) -> Rows {
        Rows { rows: self.rows.into(), bytes: self.bytes }
    }
}

impl Rows {
    /// Whether decoding or dropping them takes longer than a thread of the program may be kept.
    pub(crate) fn are_many(&self) -> bool {
        const MANY_ROWS: usize = 256;
        self.rows.len() > MANY_ROWS || self.bytes > MANY_BYTES
    }
}

fn size_of_value(value: ValueRef<'_>) -> usize {
    let content = match value {
        ValueRef::Text(text) => text.len(),
        ValueRef::Blob(bytes) => bytes.len(),
        ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => 0,
    };
    size_of::<Value>() + content
}
