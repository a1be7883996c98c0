//! The tokens of a statement, read one after another.

use std::ops::Range;

use super::{ColumnText, Constraint};
use crate::schema::SqlText;
use crate::schema::tokens::{Token, depth_after, tokens};

/// What begins a constraint of a column.
const OF_COLUMNS: [&str; 12] = [
    "CONSTRAINT",
    "PRIMARY",
    "NOT",
    "NULL",
    "UNIQUE",
    "CHECK",
    "DEFAULT",
    "COLLATE",
    "REFERENCES",
    "GENERATED",
    "AS",
    "DEFERRABLE",
];

/// Reads tokens one after another.
pub(super) struct Reader<'t> {
    sql: &'t str,
    pub(super) tokens: Vec<Token<'t>>,
    pub(super) at: usize,
}

impl<'t> Reader<'t> {
    pub(super) fn new(sql: &'t str) -> Result<Self, String> {
        Ok(Self { sql, tokens: tokens(sql)?, at: 0 })
    }

    pub(super) fn rest(&self) -> &[Token<'t>] {
        self.tokens.get(self.at..).unwrap_or_default()
    }

    pub(super) fn at(&self, words: &[&str]) -> bool {
        self.rest().first().is_some_and(|token| token.is_one_of(words))
    }

    pub(super) fn next_is(&self, words: &[&str]) -> bool {
        self.rest().get(1).is_some_and(|token| token.is_one_of(words))
    }

    /// Passes one of these words, if it is there.
    pub(super) fn skip(&mut self, words: &[&str]) -> bool {
        let found = self.at(words);
        self.at += usize::from(found);
        found
    }

    /// Passes these words, which must be there.
    pub(super) fn pass(&mut self, words: &[&str]) -> Result<(), String> {
        for word in words {
            if !self.skip(&[word]) {
                return Err(format!("expected {word} {}", self.place()));
            }
        }
        Ok(())
    }

    pub(super) fn place(&self) -> String {
        match self.rest().first() {
            Some(token) => format!("at byte {}, and found {}", token.range.start, token.text),
            None => "at its end".to_owned(),
        }
    }

    pub(super) fn name(&mut self) -> Result<String, String> {
        let name = self.rest().first().and_then(Token::name);
        self.at += 1;
        name.ok_or_else(|| {
            self.at -= 1;
            format!("expected a name {}", self.place())
        })
    }

    /// Passes the name of what is created, and gives the place of it without the schema.
    pub(super) fn object_name(&mut self) -> Result<Range<usize>, String> {
        if self.at(&["IF"]) && self.next_is(&["NOT"]) {
            self.pass(&["IF", "NOT", "EXISTS"])?;
        }
        if self.next_is(&["."]) {
            self.name()?;
            self.pass(&["."])?;
        }
        let range = self.rest().first().map(|token| token.range.clone()).unwrap_or_default();
        self.name()?;
        Ok(range)
    }

    /// The tokens up to a comma or a closing parenthesis on the level where it begins.
    pub(super) fn until_comma(&mut self) -> Range<usize> {
        let start = self.at;
        let mut depth = 0;
        while let Some(token) = self.tokens.get(self.at) {
            if depth == 0 && token.is_one_of(&[",", ")"]) {
                break;
            }
            depth += depth_after(token);
            self.at += 1;
        }
        start..self.at
    }

    /// Passes what stands in parentheses, and gives it without them.
    pub(super) fn in_parentheses(&mut self) -> Result<SqlText, String> {
        self.pass(&["("])?;
        let start = self.at;
        let mut depth = 1;
        while let Some(token) = self.tokens.get(self.at) {
            depth += depth_after(token);
            self.at += 1;
            if depth == 0 {
                let inside = self.tokens.get(start..self.at - 1).unwrap_or_default();
                return Ok(self.text_of(inside));
            }
        }
        Err("a parenthesis is not closed".to_owned())
    }

    pub(super) fn text_of(&self, tokens: &[Token<'_>]) -> SqlText {
        let range =
            tokens.first().map_or(0, |token| token.range.start)..tokens.last().map_or(0, |token| token.range.end);
        SqlText::new(self.sql.get(range).unwrap_or_default())
    }

    /// The place from a token on, up to where it is now.
    pub(super) fn since(&self, start: usize) -> Range<usize> {
        let begin = self.tokens.get(start).map_or(0, |token| token.range.start);
        let end = self.at.checked_sub(1).and_then(|last| self.tokens.get(last)).map_or(begin, |token| token.range.end);
        begin..end
    }

    pub(super) fn column(&mut self) -> Result<ColumnText, String> {
        let start = self.at;
        let name = self.name()?;
        // The type, which may be any words, also quoted ones, with numbers in parentheses.
        while !self.at(&[",", ")"]) && !self.rest().is_empty() && !self.begins_constraint() {
            if self.at(&["("]) {
                self.in_parentheses()?;
            } else {
                self.at += 1;
            }
        }
        let mut constraints = Vec::new();
        // A name holds for all that follows in the definition: https://www.sqlite.org/src/file/src/parse.y
        let mut constraint_name = None;
        while !self.at(&[",", ")"]) {
            let start = self.at;
            while self.skip(&["CONSTRAINT"]) {
                constraint_name = Some(self.name()?);
            }
            if self.at(&[",", ")"]) {
                break;
            }
            let kind = self.column_constraint(&name, constraint_name.as_ref())?;
            constraints.push(Constraint { range: self.since(start), kind });
        }
        Ok(ColumnText { name, range: self.since(start), constraints })
    }

    fn begins_constraint(&self) -> bool {
        match self.at(&["GENERATED"]) {
            true => self.next_is(&["ALWAYS"]),
            false => self.at(&OF_COLUMNS),
        }
    }
}
