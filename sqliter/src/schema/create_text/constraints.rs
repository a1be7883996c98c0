//! The constraints of columns and of tables.

use super::reader::Reader;
use super::{Constraint, ConstraintKind};
use crate::schema::{Check, ForeignKey, Generated, OnConflict, Part, PrimaryKey, Unique};

impl Reader<'_> {
    pub(super) fn column_constraint(&mut self, column: &str, name: Option<&String>) -> Result<ConstraintKind, String> {
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
    pub(super) fn table_constraints(&mut self) -> Result<Vec<Constraint>, String> {
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
