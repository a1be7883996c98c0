//! What only the text of a `CREATE` statement says.
//!
//! SQLite has accepted the text, so its grammar is not checked again. What is read here is where each definition and each
//! constraint stands, as SQLite's own [grammar](https://www.sqlite.org/lang_createtable.html) has them.

use std::ops::Range;

use super::tokens::{Token, depth_after, tokens};
use super::{Check, ForeignKey, Generated, OnConflict, Part, PrimaryKey, SqlText, Unique};

/// The text of `CREATE TABLE`.
#[derive(Debug)]
pub(super) struct TableText {
    /// Where the name stands.
    pub(super) name: Range<usize>,
    pub(super) columns: Vec<ColumnText>,
    /// The constraints that belong to no column.
    pub(super) constraints: Vec<Constraint>,
}

/// The definition of a column.
#[derive(Debug)]
pub(super) struct ColumnText {
    pub(super) name: String,
    /// Where it stands, with its constraints.
    pub(super) range: Range<usize>,
    pub(super) constraints: Vec<Constraint>,
}

/// A constraint of a column or of a table.
#[derive(Debug)]
pub(super) struct Constraint {
    /// Where it stands, with its name.
    pub(super) range: Range<usize>,
    pub(super) kind: ConstraintKind,
}

#[derive(Debug)]
pub(super) enum ConstraintKind {
    PrimaryKey(PrimaryKey),
    /// Also `NULL`, which says nothing.
    Null(Option<OnConflict>),
    Unique(Unique),
    Check(Check),
    Default,
    Collate(String),
    ForeignKey(ForeignKey),
    /// Whether the foreign key before it is deferred, where something else stands between them.
    Deferred(bool),
    Generated(Generated),
}

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

/// What begins a constraint of a table.
const OF_TABLES: [&str; 5] = ["CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"];

/// Reads `CREATE TABLE name (…)`.
pub(super) fn table(sql: &str) -> Result<TableText, String> {
    let mut text = Reader::new(sql)?;
    text.pass(&["CREATE"])?;
    text.skip(&["TEMP", "TEMPORARY"]);
    text.pass(&["TABLE"])?;
    let name = text.object_name()?;
    text.pass(&["("])?;
    let mut columns = Vec::new();
    let mut constraints = Vec::new();
    loop {
        if text.at(&OF_TABLES) {
            constraints.extend(text.table_constraints()?);
        } else {
            columns.push(text.column()?);
        }
        if !text.skip(&[","]) {
            break;
        }
    }
    text.pass(&[")"])?;
    Ok(TableText { name, columns, constraints })
}

/// The terms and the condition of `CREATE INDEX name ON table (…) WHERE …`; a term is without its collating sequence and its
/// direction.
pub(super) fn index(sql: &str) -> Result<(Vec<SqlText>, Option<SqlText>), String> {
    let mut text = Reader::new(sql)?;
    text.pass(&["CREATE"])?;
    text.skip(&["UNIQUE"]);
    text.pass(&["INDEX"])?;
    text.object_name()?;
    text.pass(&["ON"])?;
    text.name()?;
    text.pass(&["("])?;
    let mut terms = Vec::new();
    loop {
        let range = text.until_comma();
        let mut term = text.tokens.get(range).unwrap_or_default();
        if let [rest @ .., last] = term
            && last.is_one_of(&["ASC", "DESC"])
            && !rest.is_empty()
        {
            term = rest;
        }
        while let [rest @ .., collate, _] = term
            && collate.is("COLLATE")
        {
            term = rest;
        }
        terms.push(text.text_of(term));
        if !text.skip(&[","]) {
            break;
        }
    }
    text.pass(&[")"])?;
    let condition = text.skip(&["WHERE"]).then(|| text.text_of(text.rest()));
    Ok((terms, condition))
}

/// Reads tokens one after another.
struct Reader<'t> {
    sql: &'t str,
    tokens: Vec<Token<'t>>,
    at: usize,
}

impl<'t> Reader<'t> {
    fn new(sql: &'t str) -> Result<Self, String> {
        Ok(Self { sql, tokens: tokens(sql)?, at: 0 })
    }

    fn rest(&self) -> &[Token<'t>] {
        self.tokens.get(self.at..).unwrap_or_default()
    }

    fn at(&self, words: &[&str]) -> bool {
        self.rest().first().is_some_and(|token| token.is_one_of(words))
    }

    fn next_is(&self, words: &[&str]) -> bool {
        self.rest().get(1).is_some_and(|token| token.is_one_of(words))
    }

    /// Passes one of these words, if it is there.
    fn skip(&mut self, words: &[&str]) -> bool {
        let found = self.at(words);
        self.at += usize::from(found);
        found
    }

    /// Passes these words, which must be there.
    fn pass(&mut self, words: &[&str]) -> Result<(), String> {
        for word in words {
            if !self.skip(&[word]) {
                return Err(format!("expected {word} {}", self.place()));
            }
        }
        Ok(())
    }

    fn place(&self) -> String {
        match self.rest().first() {
            Some(token) => format!("at byte {}, and found {}", token.range.start, token.text),
            None => "at its end".to_owned(),
        }
    }

    fn name(&mut self) -> Result<String, String> {
        let name = self.rest().first().and_then(Token::name);
        self.at += 1;
        name.ok_or_else(|| {
            self.at -= 1;
            format!("expected a name {}", self.place())
        })
    }

    /// Passes the name of what is created, and gives the place of it without the schema.
    fn object_name(&mut self) -> Result<Range<usize>, String> {
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
    fn until_comma(&mut self) -> Range<usize> {
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
    fn in_parentheses(&mut self) -> Result<SqlText, String> {
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

    fn text_of(&self, tokens: &[Token<'_>]) -> SqlText {
        let range =
            tokens.first().map_or(0, |token| token.range.start)..tokens.last().map_or(0, |token| token.range.end);
        SqlText::new(self.sql.get(range).unwrap_or_default())
    }

    /// The place from a token on, up to where it is now.
    fn since(&self, start: usize) -> Range<usize> {
        let begin = self.tokens.get(start).map_or(0, |token| token.range.start);
        let end = self.at.checked_sub(1).and_then(|last| self.tokens.get(last)).map_or(begin, |token| token.range.end);
        begin..end
    }

    fn column(&mut self) -> Result<ColumnText, String> {
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

    fn column_constraint(&mut self, column: &str, name: Option<&String>) -> Result<ConstraintKind, String> {
        let only = |descending| vec![Part { column: column.to_owned(), collation: None, descending }];
        if self.skip(&["PRIMARY"]) {
            self.pass(&["KEY"])?;
            let descending = self.direction();
            let on_conflict = self.on_conflict()?;
            let autoincrement = self.skip(&["AUTOINCREMENT"]);
            return Ok(ConstraintKind::PrimaryKey(PrimaryKey { parts: only(descending), autoincrement, on_conflict }));
        }
        if let Some(deferred) = self.deferred()? {
            return Ok(ConstraintKind::Deferred(deferred));
        }
        if self.skip(&["NOT"]) {
            self.pass(&["NULL"])?;
            return Ok(ConstraintKind::Null(self.on_conflict()?));
        }
        if self.skip(&["NULL"]) {
            self.on_conflict()?;
            return Ok(ConstraintKind::Null(None));
        }
        if self.skip(&["UNIQUE"]) {
            return Ok(ConstraintKind::Unique(Unique { parts: only(false), on_conflict: self.on_conflict()? }));
        }
        if self.skip(&["CHECK"]) {
            return self.check(name);
        }
        if self.skip(&["DEFAULT"]) {
            if self.at(&["("]) {
                self.in_parentheses()?;
            } else {
                self.skip(&["+", "-"]);
                self.at += 1;
            }
            return Ok(ConstraintKind::Default);
        }
        if self.skip(&["COLLATE"]) {
            return Ok(ConstraintKind::Collate(self.name()?));
        }
        if self.at(&["REFERENCES"]) {
            return self.references(vec![column.to_owned()]);
        }
        if self.skip(&["GENERATED"]) {
            self.pass(&["ALWAYS"])?;
        }
        self.pass(&["AS"])?;
        let expression = self.in_parentheses()?;
        let stored = self.skip(&["STORED"]);
        self.skip(&["VIRTUAL"]);
        Ok(ConstraintKind::Generated(Generated { expression, stored }))
    }

    /// The constraints of a table up to a comma: SQLite does not ask for commas between them.
    fn table_constraints(&mut self) -> Result<Vec<Constraint>, String> {
        let mut constraints = Vec::new();
        let mut name = None;
        while !self.at(&[",", ")"]) {
            let start = self.at;
            while self.skip(&["CONSTRAINT"]) {
                name = Some(self.name()?);
            }
            let kind = if self.skip(&["PRIMARY"]) {
                self.pass(&["KEY", "("])?;
                let parts = self.parts()?;
                let autoincrement = self.skip(&["AUTOINCREMENT"]);
                self.pass(&[")"])?;
                ConstraintKind::PrimaryKey(PrimaryKey { parts, autoincrement, on_conflict: self.on_conflict()? })
            } else if self.skip(&["UNIQUE"]) {
                self.pass(&["("])?;
                let parts = self.parts()?;
                self.pass(&[")"])?;
                ConstraintKind::Unique(Unique { parts, on_conflict: self.on_conflict()? })
            } else if self.skip(&["CHECK"]) {
                self.check(name.as_ref())?
            } else if self.skip(&["FOREIGN"]) {
                self.pass(&["KEY"])?;
                let columns = self.names()?;
                self.references(columns)?
            } else if self.at(&[",", ")"]) {
                break;
            } else {
                return Err(format!("expected a constraint {}", self.place()));
            };
            constraints.push(Constraint { range: self.since(start), kind });
        }
        Ok(constraints)
    }

    fn check(&mut self, name: Option<&String>) -> Result<ConstraintKind, String> {
        let condition = self.in_parentheses()?;
        // SQLite reads this clause, and takes no notice of it.
        self.on_conflict()?;
        Ok(ConstraintKind::Check(Check { name: name.cloned(), condition }))
    }

    fn direction(&mut self) -> bool {
        let descending = self.skip(&["DESC"]);
        self.skip(&["ASC"]);
        descending
    }

    fn on_conflict(&mut self) -> Result<Option<OnConflict>, String> {
        if !(self.at(&["ON"]) && self.next_is(&["CONFLICT"])) {
            return Ok(None);
        }
        self.pass(&["ON", "CONFLICT"])?;
        const ALL: [(&str, OnConflict); 5] = [
            ("ROLLBACK", OnConflict::Rollback),
            ("ABORT", OnConflict::Abort),
            ("FAIL", OnConflict::Fail),
            ("IGNORE", OnConflict::Ignore),
            ("REPLACE", OnConflict::Replace),
        ];
        match ALL.iter().find(|(word, _)| self.at(&[word])) {
            Some((_, action)) => {
                self.at += 1;
                Ok((*action != OnConflict::Abort).then_some(*action))
            }
            None => Err(format!("expected what to do on a conflict {}", self.place())),
        }
    }

    fn parts(&mut self) -> Result<Vec<Part>, String> {
        let mut parts = Vec::new();
        loop {
            let column = self.name()?;
            let mut collation = None;
            while self.skip(&["COLLATE"]) {
                collation = Some(self.name()?);
            }
            parts.push(Part { column, collation, descending: self.direction() });
            if !self.skip(&[","]) {
                return Ok(parts);
            }
        }
    }

    fn names(&mut self) -> Result<Vec<String>, String> {
        self.pass(&["("])?;
        let names = self.parts()?.into_iter().map(|part| part.column).collect();
        self.pass(&[")"])?;
        Ok(names)
    }

    fn references(&mut self, columns: Vec<String>) -> Result<ConstraintKind, String> {
        self.pass(&["REFERENCES"])?;
        let table = self.name()?;
        let references = if self.at(&["("]) { self.names()? } else { Vec::new() };
        let mut key = ForeignKey {
            columns,
            table,
            references,
            on_delete: "NO ACTION".to_owned(),
            on_update: "NO ACTION".to_owned(),
            deferred: false,
        };
        loop {
            if self.skip(&["MATCH"]) {
                self.name()?;
            } else if self.at(&["ON"]) && self.next_is(&["DELETE", "UPDATE", "INSERT"]) {
                self.at += 1;
                let (of_delete, of_update) = (self.at(&["DELETE"]), self.at(&["UPDATE"]));
                self.at += 1;
                let action = self.action()?;
                if of_delete {
                    key.on_delete = action;
                } else if of_update {
                    key.on_update = action;
                }
            } else if let Some(deferred) = self.deferred()? {
                key.deferred = deferred;
            } else {
                return Ok(ConstraintKind::ForeignKey(key));
            }
        }
    }

    /// Passes `DEFERRABLE …`, if it is there.
    fn deferred(&mut self) -> Result<Option<bool>, String> {
        let refused = self.at(&["NOT"]) && self.next_is(&["DEFERRABLE"]);
        if !refused && !self.at(&["DEFERRABLE"]) {
            return Ok(None);
        }
        self.skip(&["NOT"]);
        self.pass(&["DEFERRABLE"])?;
        let initially = self.skip(&["INITIALLY"]);
        let deferred = initially && self.at(&["DEFERRED"]);
        if initially {
            self.skip(&["DEFERRED", "IMMEDIATE"]);
        }
        Ok(Some(deferred && !refused))
    }

    fn action(&mut self) -> Result<String, String> {
        let words: &[&str] = match () {
            () if self.at(&["NO"]) => &["NO", "ACTION"],
            () if self.at(&["SET"]) && self.next_is(&["NULL"]) => &["SET", "NULL"],
            () if self.at(&["SET"]) => &["SET", "DEFAULT"],
            () if self.at(&["CASCADE"]) => &["CASCADE"],
            () => &["RESTRICT"],
        };
        self.pass(words)?;
        Ok(words.join(" "))
    }
}
