//! What paths of documents mean, in plain Rust.

use std::cmp::Ordering;

use serde_json::Value;

/// A step of a path.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Step {
    Key(&'static str),
    At(usize),
    /// So many before the end, which is 0.
    FromEnd(usize),
}

use Step::{At, FromEnd, Key};

/// Paths as SQLite has them, with their steps.
pub const PATHS: [(&str, &[Step]); 9] = [
    ("$.n", &[Key("n")]),
    ("$.t", &[Key("t")]),
    ("$.\"a b.c\"", &[Key("a b.c")]),
    ("$.size.width", &[Key("size"), Key("width")]),
    ("$.size", &[Key("size")]),
    ("$.list[0]", &[Key("list"), At(0)]),
    ("$.list[#-1]", &[Key("list"), FromEnd(1)]),
    ("$.list", &[Key("list")]),
    ("$", &[]),
];

/// Paths at which something is set.
pub const PLACES: [(&str, &[Step]); 8] = [
    ("$.n", &[Key("n")]),
    ("$.\"a b.c\"", &[Key("a b.c")]),
    ("$.size.width", &[Key("size"), Key("width")]),
    ("$.size.unit.name", &[Key("size"), Key("unit"), Key("name")]),
    ("$.list[0]", &[Key("list"), At(0)]),
    ("$.list[#]", &[Key("list"), FromEnd(0)]),
    ("$.list[#-1]", &[Key("list"), FromEnd(1)]),
    ("$.list", &[Key("list")]),
];

/// A value as SQLite compares it.
#[derive(Debug, Clone, PartialEq)]
pub enum Stored {
    Null,
    Number(f64),
    Text(String),
}

impl Stored {
    /// Unknown with `NULL`; a text is greater than every number.
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Null, _) | (_, Self::Null) => None,
            (Self::Number(a), Self::Number(b)) => a.partial_cmp(b),
            (Self::Text(a), Self::Text(b)) => Some(a.as_bytes().cmp(b.as_bytes())),
            (Self::Number(_), Self::Text(_)) => Some(Ordering::Less),
            (Self::Text(_), Self::Number(_)) => Some(Ordering::Greater),
        }
    }

    /// The order of rows.
    pub fn sort(&self, other: &Self) -> Ordering {
        self.compare(other).unwrap_or_else(|| (*self != Self::Null).cmp(&(*other != Self::Null)))
    }
}

pub fn stored(value: Option<&Value>) -> Stored {
    match value {
        None | Some(Value::Null) => Stored::Null,
        Some(Value::Bool(truth)) => Stored::Number(f64::from(u8::from(*truth))),
        Some(Value::Number(number)) => Stored::Number(number.as_f64().unwrap()),
        Some(Value::String(text)) => Stored::Text(text.clone()),
        Some(document) => Stored::Text(document.to_string()),
    }
}

pub fn at<'v>(document: &'v Value, path: &[Step]) -> Option<&'v Value> {
    path.iter().try_fold(document, |value, step| match (step, value) {
        (Key(key), Value::Object(all)) => all.get(*key),
        (At(index), Value::Array(all)) => all.get(*index),
        (FromEnd(index), Value::Array(all)) => all.get(all.len().checked_sub(*index)?),
        _ => None,
    })
}

/// Sets a value, or does nothing where the path leads through something else.
pub fn set(document: &mut Value, path: &[Step], new: &Value) {
    let _ = set_in(document, path, new);
}

fn set_in(document: &mut Value, path: &[Step], new: &Value) -> Option<()> {
    let Some((step, rest)) = path.split_first() else {
        *document = new.clone();
        return Some(());
    };
    let made = || {
        let mut value = match rest.first() {
            None => return Some(new.clone()),
            Some(Key(_)) => Value::Object(serde_json::Map::new()),
            Some(At(_) | FromEnd(_)) => Value::Array(Vec::new()),
        };
        set_in(&mut value, rest, new).map(|()| value)
    };
    match (step, document) {
        (Key(key), Value::Object(all)) => match all.get_mut(*key) {
            Some(value) => set_in(value, rest, new),
            None => {
                all.insert((*key).to_owned(), made()?);
                Some(())
            }
        },
        (At(_) | FromEnd(_), Value::Array(all)) => {
            let index = match step {
                At(index) => *index,
                FromEnd(index) => all.len().checked_sub(*index)?,
                Key(_) => return None,
            };
            if index < all.len() {
                return set_in(&mut all[index], rest, new);
            }
            if index == all.len() {
                all.push(made()?);
            }
            Some(())
        }
        _ => None,
    }
}

pub fn remove(document: &mut Value, path: &[Step]) {
    let Some((last, before)) = path.split_last() else { return };
    let mut value = document;
    for step in before {
        let next = match (step, value) {
            (Key(key), Value::Object(all)) => all.get_mut(*key),
            (At(index), Value::Array(all)) => all.get_mut(*index),
            _ => None,
        };
        let Some(next) = next else { return };
        value = next;
    }
    match (last, value) {
        (Key(key), Value::Object(all)) => drop(all.remove(*key)),
        (At(index), Value::Array(all)) if *index < all.len() => drop(all.remove(*index)),
        (FromEnd(index), Value::Array(all)) if *index > 0 && *index <= all.len() => {
            all.remove(all.len() - *index);
        }
        _ => {}
    }
}

/// RFC 7396.
pub fn merge(document: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *document = patch.clone();
        return;
    };
    if !document.is_object() {
        *document = Value::Object(serde_json::Map::new());
    }
    let Value::Object(all) = document else { return };
    for (key, value) in patch {
        if value.is_null() {
            all.remove(key);
        } else {
            merge(all.entry(key.clone()).or_insert(Value::Null), value);
        }
    }
}
