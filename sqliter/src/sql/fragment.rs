//! SQL of the user inside expressions.

use super::ast::Several;
use super::facts::Facts;
use crate::table::TableInfo;
use crate::value::Storage;

/// SQL of the user, with an expression in the place of each `?`.
#[derive(Debug, Clone, PartialEq)]
pub struct Fragment {
    pub(crate) text: &'static str,
    /// The text around the parts, one piece more than there are parts; else why it is refused.
    pub(super) pieces: Result<Vec<&'static str>, String>,
    pub(crate) parts: Several,
    /// The tables of the queries that the parts belong to; one that says what it is over may be in one query only.
    pub(super) roots: Vec<&'static TableInfo>,
    /// What its type says of the value.
    pub(super) nullable: bool,
    pub(super) storage: Storage,
    pub(super) collation: Option<&'static str>,
    /// The function that gives the one stored form of the value, for types whose values SQLite also has in other forms.
    pub(super) canonical: Option<&'static str>,
}

/// What a type says of a value that SQL computes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Declared {
    pub(crate) nullable: bool,
    pub(crate) storage: Storage,
    pub(crate) collation: Option<&'static str>,
    pub(crate) canonical: Option<&'static str>,
}

impl Fragment {
    /// How deep the text itself may be, as SQLite counts it.
    pub(super) const LEVELS: u16 = 40;

    pub(crate) fn new(text: &'static str, parts: Several, roots: Vec<&'static TableInfo>, declared: Declared) -> Self {
        let pieces = pieces(text).map_err(str::to_owned).and_then(|pieces| match pieces.len() - 1 {
            places if places == parts.len() => Ok(pieces),
            places => Err(format!("has {} and is given {}", counted(places, "`?`"), counted(parts.len(), "part"))),
        });
        let Declared { nullable, storage, collation, canonical } = declared;
        Self { text, pieces, parts, roots, nullable, storage, collation, canonical }
    }

    pub(super) fn facts(&self) -> Facts {
        Facts { is_loose: true, ..Facts::declared(self.nullable, self.storage, self.collation) }
    }

    /// Whether it has a query of its own, in which a name without its table would be that of a column there.
    pub(super) fn has_query(&self) -> bool {
        self.has("select") || self.has("values")
    }

    /// Whether it may call SQLite's function `format`, which gives `NULL` in the place of a text that is too long for the
    /// thread of the program.
    pub(super) fn may_format(&self) -> bool {
        self.has("format") || self.has("printf")
    }

    fn has(&self, word: &str) -> bool {
        self.text.as_bytes().windows(word.len()).any(|part| part.eq_ignore_ascii_case(word.as_bytes()))
    }
}

fn counted(number: usize, what: &str) -> String {
    let ending = if number == 1 || what.ends_with('`') { "" } else { "s" };
    match number {
        0 => format!("no {what}{ending}"),
        _ => format!("{number} {what}{ending}"),
    }
}

/// The text between the places of parts, or what is wrong with it. A `?` in quotes or in a comment is none.
fn pieces(text: &'static str) -> Result<Vec<&'static str>, &'static str> {
    let mut pieces = Vec::new();
    let (mut start, mut at, mut open) = (0, 0, 0_usize);
    let mut before = ' ';
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let Some(first) = rest.chars().next() else { break };
        let after = rest.get(first.len_utf8()..).unwrap_or_default();
        let next = after.chars().next().unwrap_or(' ');
        let until = |end: &str, from: &str| from.find(end).map(|found| found + end.len());
        let length = match (first, next) {
            ('\'' | '"' | '`', _) => 1 + until(first.encode_utf8(&mut [0; 4]), after).ok_or("ends inside quotes")?,
            ('[', _) => 1 + until("]", after).ok_or("ends inside of brackets")?,
            ('-', '-') => 1 + until("\n", after).ok_or("ends inside of a comment")?,
            ('/', '*') => 2 + after.get(1..).and_then(|after| until("*/", after)).ok_or("ends inside of a comment")?,
            ('?', '0'..='9') => return Err("has a number behind a `?`; the parts stand in their order"),
            ('?', _) => {
                pieces.push(text.get(start..at).unwrap_or_default());
                start = at + 1;
                1
            }
            (':' | '@' | '$' | '#', next) if is_in_name(next) && !is_in_name(before) => {
                return Err("has a named parameter; the place of a part is a `?`");
            }
            (';', _) => return Err("has a semicolon; it is part of a statement"),
            ('\0', _) => return Err("has a NUL character, where SQLite stops reading"),
            ('(', _) => {
                open += 1;
                1
            }
            (')', _) => {
                open = open.checked_sub(1).ok_or("closes a parenthesis that it does not open")?;
                1
            }
            _ => first.len_utf8(),
        };
        before = first;
        at += length;
    }
    if open > 0 {
        return Err("opens a parenthesis that it does not close");
    }
    if text.trim().is_empty() {
        return Err("is empty");
    }
    pieces.push(text.get(start..).unwrap_or_default());
    Ok(pieces)
}

const fn is_in_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '$') || !c.is_ascii()
}

#[cfg(test)]
mod tests {
    use super::pieces;

    #[test]
    fn a_place_is_a_question_mark_outside_of_quotes_and_comments() {
        assert_eq!(pieces("? GLOB ?"), Ok(vec!["", " GLOB ", ""]));
        assert_eq!(pieces("1"), Ok(vec!["1"]));
        assert_eq!(
            pieces("'it''s ?' || ? /* ? */ || \"?\" -- ?\n"),
            Ok(vec!["'it''s ?' || ", " /* ? */ || \"?\" -- ?\n"])
        );
        assert_eq!(pieces("[?] = `?` + ?->'$.a' + é?"), Ok(vec!["[?] = `?` + ", "->'$.a' + é", ""]));
        assert_eq!(pieces("a$b IN (?, (?))"), Ok(vec!["a$b IN (", ", (", "))"]));
    }

    #[test]
    fn what_would_change_the_statement_around_is_refused() {
        for text in [
            "'", "\"a", "`", "[", "a -- b", "/* a", "/*/", "?1", ":a", "a = @b", "$c", "1; 2", "(", ")", "1) + (2", "",
            " ", "a\0",
        ] {
            assert!(pieces(text).is_err(), "{text:?}");
        }
    }
}
