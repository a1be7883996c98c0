//! A copy of the rows that a thread of the engine writes, of what the caller has lent.
//!
//! They are copied where the future is polled, since they belong to the caller, and other tasks have their turn meanwhile.

use std::borrow::Cow;
use std::time::{Duration, Instant};

use super::update::{Rows, Sink};
use crate::error::Result;
use crate::table::TableInfo;
use crate::value::{Encoded, KeyValues, Value};

/// How many bytes of a value are copied at a time.
const PIECE: usize = 256 * 1024;

/// The turns of a future that works where it is polled.
#[derive(Default)]
pub(super) struct Turns {
    steps: u8,
    since: Option<Instant>,
}

impl Turns {
    /// Lets other tasks go on, if this one has had the thread for as long as it may. Called after each small step.
    pub(super) async fn give_way(&mut self) {
        // The clock takes longer than a step.
        const STEPS: u8 = 32;
        self.steps += 1;
        if self.steps >= STEPS {
            self.look().await;
        }
    }

    /// The same after a step that takes longer than to look at the clock.
    async fn look(&mut self) {
        const BUDGET: Duration = Duration::from_micros(200);
        self.steps = 0;
        if self.since.get_or_insert_with(Instant::now).elapsed() > BUDGET {
            tokio::task::yield_now().await;
            self.since = None;
        }
    }
}

/// A copy of what is written of the rows: of each the values, then the key, and the version.
pub(super) struct CopiedRows {
    values: Vec<Value>,
    width: usize,
    /// How many of the values are the key.
    of_key: usize,
    /// How many of them are the version: one or none.
    of_version: usize,
}

impl CopiedRows {
    pub(super) async fn of(rows: &dyn Rows, table: &TableInfo) -> Result<Self> {
        let (of_key, of_version) = (table.key.len(), usize::from(table.version.is_some()));
        let width = table.updated().count() + of_key + of_version;
        let mut values = Vec::with_capacity(rows.number() * width);
        let mut turns = Turns::default();
        for row in 0..rows.number() {
            let start = values.len();
            let mut large = Vec::new();
            rows.write(row, &mut |value| {
                let is_large = match &value {
                    Encoded::Text(Cow::Borrowed(text)) => text.len() > PIECE,
                    Encoded::Blob(Cow::Borrowed(bytes)) => bytes.len() > PIECE,
                    // What was made for this is moved.
                    _ => false,
                };
                if is_large {
                    large.push(values.len());
                }
                values.push(if is_large { room_for(&value) } else { value.into_value() });
                Ok(())
            })
            .map_err(|error| if rows.number() > 1 { error.in_row(row, Vec::new) } else { error })?;
            for at in large {
                while let Some(into) = values.get_mut(at)
                    && copy_piece(rows, row, at - start, into)? > 0
                {
                    turns.look().await;
                }
            }
            turns.give_way().await;
        }
        Ok(Self { values, width, of_key, of_version })
    }

    pub(super) fn row(&self, row: usize) -> &[Value] {
        self.values.chunks_exact(self.width).nth(row).unwrap_or_default()
    }
}

/// The beginning of a copy.
fn room_for(value: &Encoded<'_>) -> Value {
    match value {
        Encoded::Text(text) => Value::Text(String::with_capacity(text.len())),
        Encoded::Blob(bytes) => Value::Blob(Vec::with_capacity(bytes.len())),
        Encoded::Null | Encoded::Integer(_) | Encoded::Real(_) => Value::Null,
    }
}

/// Appends the next piece of a column to its copy; gives its length.
fn copy_piece(rows: &dyn Rows, row: usize, column: usize, copy: &mut Value) -> Result<usize> {
    let (mut at, mut copied) = (0, 0);
    rows.write(row, &mut |value| {
        match (&mut *copy, &value) {
            _ if at != column => {}
            (Value::Text(copy), Encoded::Text(text)) => {
                let start = copy.len();
                let end = text.floor_char_boundary(start + PIECE);
                copy.push_str(text.get(start..end).unwrap_or_default());
                copied = copy.len() - start;
            }
            (Value::Blob(copy), Encoded::Blob(bytes)) => {
                let start = copy.len();
                copy.extend_from_slice(bytes.get(start..bytes.len().min(start + PIECE)).unwrap_or_default());
                copied = copy.len() - start;
            }
            // A field that gives another value each time.
            (copy, _) => *copy = value.into_value(),
        }
        at += 1;
        Ok(())
    })?;
    Ok(copied)
}

impl Rows for CopiedRows {
    fn number(&self) -> usize {
        self.values.len() / self.width
    }

    fn key(&self, row: usize) -> Result<KeyValues> {
        let others = self.width - self.of_key - self.of_version;
        Ok(self.row(row).iter().skip(others).take(self.of_key).cloned().collect())
    }

    fn version(&self, row: usize) -> Option<i64> {
        match self.row(row).last() {
            Some(Value::Integer(version)) if self.of_version == 1 => Some(*version),
            _ => None,
        }
    }

    fn write(&self, row: usize, sink: Sink<'_>) -> Result<()> {
        self.row(row).iter().try_for_each(|value| sink(value.as_encoded()))
    }
}
