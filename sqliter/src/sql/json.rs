//! Documents in JSON: their parts, tests of their arrays, and changes of them.

use std::borrow::Cow;

use super::ast::{Declared, Expr, Nested};
use super::facts::{Classes, Facts};
use super::nested::Depth;

/// Something of a document.
#[derive(Debug, Clone, PartialEq)]
pub enum Json {
    /// The value at a path.
    At { document: Nested, path: &'static str, read: JsonRead },
    /// The number of elements of the array at a path.
    Length { document: Nested, path: &'static str },
    /// Whether an element of the array at a path meets the condition. An element inside is known by the level: how many such
    /// conditions are around this one where it was written.
    Any { document: Nested, path: &'static str, level: u16, condition: Nested },
    /// The element of the array that the condition around is about.
    Item { level: u16, read: JsonRead },
    /// The document with a change; in JSONB, if it is binary.
    Changed { document: Nested, change: JsonChange, is_binary: bool },
}

/// How a value in a document is read.
#[derive(Debug, Clone, PartialEq)]
pub struct JsonRead {
    /// As a document itself.
    pub(crate) as_document: bool,
    /// What its type says of it.
    pub(crate) declared: Declared,
}

/// A change of a document. The values are JSON text.
#[derive(Debug, Clone, PartialEq)]
pub enum JsonChange {
    Set { path: &'static str, value: Nested },
    Remove { path: &'static str },
    Merge { value: Nested },
}

impl Json {
    pub(super) fn depth(&self) -> Depth {
        let deepest = Depth::of(self.parts().map(Expr::depth));
        match self {
            Self::At { .. } | Self::Length { .. } => deepest.below(4),
            Self::Any { .. } => Depth::of([deepest, Depth::LEAF.below(5)]).below(4).in_subquery(),
            Self::Item { .. } => Depth::LEAF.below(6),
            Self::Changed { .. } => deepest.below(4),
        }
    }

    /// The expressions that it consists of.
    pub(super) fn parts(&self) -> impl Iterator<Item = &Expr> {
        let (first, second): (Option<&Nested>, Option<&Nested>) = match self {
            Self::At { document, .. } | Self::Length { document, .. } => (Some(document), None),
            Self::Any { document, condition, .. } => (Some(document), Some(condition)),
            Self::Item { .. } => (None, None),
            Self::Changed { document, change, .. } => match change {
                JsonChange::Set { value, .. } | JsonChange::Merge { value } => (Some(document), Some(value)),
                JsonChange::Remove { .. } => (Some(document), None),
            },
        };
        first.into_iter().chain(second).map(|part| &**part)
    }

    pub(super) fn with_parts(self, nested: &mut dyn FnMut(Nested) -> Nested) -> Self {
        match self {
            Self::At { document, path, read } => Self::At { document: nested(document), path, read },
            Self::Length { document, path } => Self::Length { document: nested(document), path },
            Self::Any { document, path, level, condition } => {
                Self::Any { document: nested(document), path, level, condition: nested(condition) }
            }
            Self::Item { .. } => self,
            Self::Changed { document, change, is_binary } => {
                let document = nested(document);
                let change = match change {
                    JsonChange::Set { path, value } => JsonChange::Set { path, value: nested(value) },
                    JsonChange::Merge { value } => JsonChange::Merge { value: nested(value) },
                    JsonChange::Remove { .. } => change,
                };
                Self::Changed { document, change, is_binary }
            }
        }
    }

    pub(super) fn facts(&self) -> Facts {
        match self {
            Self::At { read, .. } | Self::Item { read, .. } => {
                Facts::declared(true, read.declared.storage, read.declared.collation)
            }
            Self::Length { .. } => Facts::plain(Classes::INTEGER),
            Self::Any { .. } => Facts::plain(Classes::INTEGER).never_null(),
            Self::Changed { is_binary, .. } => Facts::plain(if *is_binary { Classes::BLOB } else { Classes::TEXT }),
        }
    }

    /// Whether it is written with a query inside.
    pub(super) const fn is_query(&self) -> bool {
        match self {
            Self::Any { .. } => true,
            Self::At { .. } | Self::Length { .. } | Self::Item { .. } | Self::Changed { .. } => false,
        }
    }

    /// What it is called where it is selected: its path.
    pub(super) fn name(&self) -> Cow<'static, str> {
        match self {
            Self::At { path, .. } | Self::Length { path, .. } => (*path).into(),
            Self::Any { .. } | Self::Item { .. } | Self::Changed { .. } => "value".into(),
        }
    }
}

/// What is wrong with a [path](https://www.sqlite.org/json1.html#path_arguments), if anything is.
pub(super) fn refused(path: &str) -> Option<&'static str> {
    let Some(mut rest) = path.strip_prefix('$') else {
        return Some("does not begin with `$`, which is the whole document");
    };
    while !rest.is_empty() {
        rest = match (rest.strip_prefix('.'), rest.strip_prefix('[')) {
            (Some(rest), _) => match rest.strip_prefix('"') {
                Some(quoted) => {
                    let Some((key, rest)) = quoted.split_once('"') else { return Some("has a quote without its end") };
                    if key.contains('\\') {
                        return Some("has a backslash in a key, which SQLite does not find in every document");
                    }
                    rest
                }
                None => {
                    let end = rest.find(['.', '[']).unwrap_or(rest.len());
                    let (key, rest) = rest.split_at(end);
                    if key.is_empty() {
                        return Some("has a point without a key behind it");
                    }
                    if key.contains(['"', '\\', ']', '\0']) {
                        return Some("has a key with a quote, a backslash or a bracket; write `$.\"key\"`");
                    }
                    rest
                }
            },
            (None, Some(rest)) => {
                let Some((index, rest)) = rest.split_once(']') else { return Some("has a `[` without its `]`") };
                let number = index.strip_prefix("#-").unwrap_or(index);
                if index != "#" && (number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit())) {
                    return Some("has an index that is no number; write `[0]`, or `[#-1]` for the last element");
                }
                rest
            }
            (None, None) => {
                return Some("has neither `.` nor `[` between its parts; write `$.size.width`, `$.tags[0]`");
            }
        };
    }
    if path.contains('\0') { Some("has a NUL character") } else { None }
}

#[cfg(test)]
mod tests {
    use super::refused;

    #[test]
    fn a_path_is_keys_and_indexes() {
        for path in ["$", "$.a", "$.a.b[0]", "$[1][2].é", "$.\"a.b c\".d", "$.a b", "$[#]", "$.a[#-1].b", "$.it's"] {
            assert_eq!(refused(path), None, "{path}");
        }
        for path in [
            "", "a", ".a", "$a", "$.", "$.a.", "$..a", "$.\"a", "$.a\"b", "$[", "$[a]", "$[-1]", "$[#-]", "$.a]b",
            "$.a\\b", "$.a\0",
        ] {
            assert!(refused(path).is_some(), "{path}");
        }
    }
}
