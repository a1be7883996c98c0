//! Where a page ends.

use std::fmt::{self, Write as _};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::{Error, Result};
use crate::sql::{Statement, ast::SortKey};
use crate::value::Value;

/// Where a page of rows begins or ends, for [`Select::page_after`](crate::Select::page_after) and
/// [`page_before`](crate::Select::page_before).
///
/// It holds what the row at the edge of the page is sorted by. Its text, by `Display` and `FromStr` and in serde, consists of
/// letters, digits, `.` and `-`, so that it fits a URL. It is not encrypted, and whoever changes it only changes where
/// the next page begins, or gets [`Error::Cursor`].
///
/// It belongs to chains over the same model with the same order, the values in it included; their filters may differ.
#[derive(Debug, Clone, PartialEq)]
pub struct Cursor {
    /// Tells the order that the values belong to.
    pub(super) order: u64,
    pub(super) values: Vec<Value>,
    /// Whether the row with these values belongs to the page.
    pub(super) with_row: bool,
}

impl Cursor {
    pub(super) fn new(order: &Statement, values: Vec<Value>) -> Self {
        Self { order: fingerprint(order), values, with_row: false }
    }

    /// The same place for the pages on the other side of it, which have the row there if those on this side do not.
    pub(super) fn on_the_other_side(&self) -> Self {
        Self { with_row: !self.with_row, ..self.clone() }
    }

    /// Refuses a cursor whose values do not belong to the order, or do not fit its keys.
    pub(super) fn check(&self, order: &Statement, keys: &[SortKey]) -> Result<()> {
        let misfit = |reason: &str| Err(Error::Cursor { reason: reason.to_owned() });
        if self.order != fingerprint(order) {
            return misfit("it belongs to a query over another model, or with another order");
        }
        if self.values.len() != keys.len() {
            return misfit("it was changed: it has more values than the order has keys, or fewer");
        }
        for (key, value) in keys.iter().zip(&self.values) {
            if !key.value.facts().may_be(value) {
                return misfit("it was changed: one of its values is none that the rows could be sorted by");
            }
        }
        Ok(())
    }
}

/// Of the text and the arguments of a statement.
fn fingerprint(statement: &Statement) -> u64 {
    hash(&statement.to_string())
}

/// [FNV-1a](https://datatracker.ietf.org/doc/html/rfc9923), which stays the same in all versions and on all machines.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}", self.order)?;
        for value in &self.values {
            match value {
                Value::Null => f.write_str(".n")?,
                Value::Integer(i) => write!(f, ".i{i}")?,
                Value::Real(r) => write!(f, ".r{:x}", r.to_bits())?,
                Value::Text(text) => write_bytes(f, 't', text.as_bytes())?,
                Value::Blob(bytes) => write_bytes(f, 'b', bytes)?,
            }
        }
        f.write_str(if self.with_row { WITH_ROW } else { "" })
    }
}

/// What ends the text of a cursor whose row belongs to the page.
const WITH_ROW: &str = ".w";

fn write_bytes(f: &mut fmt::Formatter<'_>, tag: char, bytes: &[u8]) -> fmt::Result {
    f.write_char('.')?;
    f.write_char(tag)?;
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

impl FromStr for Cursor {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        read(text).ok_or_else(|| Error::Cursor { reason: "its text is malformed".to_owned() })
    }
}

fn read(text: &str) -> Option<Cursor> {
    let (text, with_row) = text.strip_suffix(WITH_ROW).map_or((text, false), |text| (text, true));
    let mut parts = text.split('.');
    let order = u64::from_str_radix(parts.next()?, 16).ok()?;
    let values = parts.map(read_value).collect::<Option<_>>()?;
    Some(Cursor { order, values, with_row })
}

fn read_value(text: &str) -> Option<Value> {
    let mut rest = text.chars();
    let tag = rest.next()?;
    let rest = rest.as_str();
    Some(match tag {
        'n' if rest.is_empty() => Value::Null,
        'i' => Value::Integer(rest.parse().ok()?),
        'r' => Value::Real(Some(f64::from_bits(u64::from_str_radix(rest, 16).ok()?)).filter(|real| !real.is_nan())?),
        't' => Value::Text(String::from_utf8(read_bytes(rest)?).ok()?),
        'b' => Value::Blob(read_bytes(rest)?),
        _ => return None,
    })
}

fn read_bytes(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    text.as_bytes()
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => u8::try_from(digit(high)? * 16 + digit(low)?).ok(),
            _ => None,
        })
        .collect()
}

impl Serialize for Cursor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Cursor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_its_text() {
        let values = vec![
            Value::Null,
            Value::Integer(i64::MIN),
            Value::Real(-0.1),
            Value::Text("é. ".to_owned()),
            Value::Text(String::new()),
            Value::Blob(vec![0, 255]),
        ];
        for with_row in [false, true] {
            let cursor = Cursor { order: 7, values: values.clone(), with_row };
            assert_eq!(cursor.to_string().parse::<Cursor>().unwrap(), cursor);
            assert!(cursor.to_string().bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte)));
        }
    }

    #[test]
    fn malformed_texts_are_refused() {
        for text in [
            "",
            "x",
            "1.",
            "1.n0",
            "1.q",
            "1.i",
            "1.t0",
            "1.tzz",
            "1.tff",
            "1.r7ff8000000000000",
            "1.é",
            "1.w.w",
            "1.w.n",
            ".w",
        ] {
            assert!(matches!(text.parse::<Cursor>(), Err(Error::Cursor { .. })), "{text}");
        }
    }
}
