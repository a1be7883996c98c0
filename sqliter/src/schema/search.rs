//! The full-text searches that the library has made: an FTS5 table without texts of its own, a table of rows that may give way to
//! others, and the triggers on the table that is searched. The triggers are marked.

use super::tokens::{Token, tokens};
use super::{Decisions, Schema, SqlText, Table, TableKind, Trigger};
use crate::sql::{MARK, replaced_of, search_of_trigger};

impl Trigger {
    /// Whether it keeps a search of the library's true.
    fn is_of_search(&self) -> bool {
        self.sql.as_str().contains(MARK)
    }
}

impl Schema {
    /// The triggers of searches that its tables should not have any more.
    pub(super) fn triggers_left<'s>(&'s self, should_be: &'s Self) -> impl Iterator<Item = &'s Trigger> {
        let is_wanted =
            |trigger: &Trigger| should_be.triggers.iter().any(|other| other.name.eq_ignore_ascii_case(&trigger.name));
        let of_searches = self.triggers.iter().filter(|trigger| trigger.is_of_search());
        of_searches.filter(move |trigger| should_be.table(&trigger.table).is_some() && !is_wanted(trigger))
    }

    /// The tables of searches whose own table should not be searched any more, or goes.
    pub(super) fn search_tables_left<'s>(&'s self, should_be: &'s Self, told: &'s Decisions) -> Vec<&'s Table> {
        let goes = |table: &str| should_be.table(table).is_some() || told.drops(table);
        let left = self.search_tables(move |trigger| goes(&trigger.table));
        left.into_iter().filter(|table| should_be.table(&table.name).is_none()).collect()
    }

    /// Whether a table belongs to a search of the library's.
    pub(super) fn is_of_search(&self, name: &str) -> bool {
        self.search_tables(|_| true).iter().any(|table| table.name.eq_ignore_ascii_case(name))
    }

    /// Whether a table of both schemas notes which rows may give way to others, for a search of the library's. It is empty between two
    /// writes, so that nothing is lost with it.
    pub(super) fn notes_replaced(&self, should_be: &Self, table: &Table) -> bool {
        let is_of_search = |schema: &Self| schema.is_of_search(&table.name);
        table.kind == TableKind::Ordinary && is_of_search(self) && is_of_search(should_be)
    }

    fn search_tables(&self, of: impl Fn(&Trigger) -> bool) -> Vec<&Table> {
        let triggers = self.triggers.iter().filter(|trigger| trigger.is_of_search() && of(trigger));
        let searches: Vec<_> = triggers.filter_map(|trigger| search_of_trigger(&trigger.name)).collect();
        let is_one = |table: &&Table| {
            searches.iter().any(|search| {
                table.name.eq_ignore_ascii_case(search) || table.name.eq_ignore_ascii_case(&replaced_of(search))
            })
        };
        self.tables.iter().filter(is_one).collect()
    }

    /// The searches that must read all rows anew after these statements: they, or their triggers, were made by one of them.
    pub(super) fn searches_to_rebuild(&self, statements: &[String]) -> Vec<&Table> {
        let is_made = |sql: &SqlText| statements.iter().any(|statement| SqlText::new(statement) == *sql);
        let of = |table: &Table| {
            let triggers = self.triggers.iter().filter(|trigger| trigger.is_of_search());
            let own = triggers.filter(|trigger| search_of_trigger(&trigger.name) == Some(&table.name));
            own.map(|trigger| &trigger.sql).collect::<Vec<_>>()
        };
        let searches = self.tables.iter().filter(|table| table.has_no_texts()).map(|table| (table, of(table)));
        let made = searches.filter(|(table, triggers)| {
            is_made(&SqlText::new(&table.sql)) || triggers.iter().any(|trigger| is_made(trigger))
        });
        made.map(|(table, _)| table).collect()
    }
}

impl Table {
    /// Whether it is an FTS5 table over the texts of another table, so that nothing is lost with it.
    pub(super) fn has_no_texts(&self) -> bool {
        let tokens = tokens(&self.sql).unwrap_or_default();
        let is_fts5 = tokens.iter().any(|token| token.is("fts5"));
        let names_table = tokens.windows(3).any(|three| {
            matches!(three, [option, sign, table]
                if option.is("content") && sign.is("=") && table.name().is_some_and(|name| !name.is_empty()))
        });
        self.kind == TableKind::Virtual && is_fts5 && names_table
    }

    /// What a table of FTS5 says of itself: the columns, and the options that are given.
    pub fn search(&self) -> Option<SearchText> {
        if self.kind != TableKind::Virtual {
            return None;
        }
        let tokens = tokens(&self.sql).ok()?;
        let module = tokens.iter().position(|token| token.is("fts5"))?;
        let [open, inside @ .., close] = tokens.get(module + 1..)? else { return None };
        if !open.is("(") || !close.is(")") {
            return None;
        }
        let mut text = SearchText::default();
        for argument in inside.split(|token| token.is(",")) {
            match argument {
                [column] => text.columns.push(column.name()?),
                [option, sign, value] if sign.is("=") => text.options.push((option.name()?, value_of(value)?)),
                _ => return None,
            }
        }
        Some(text)
    }
}

fn value_of(token: &Token<'_>) -> Option<String> {
    token.name().or_else(|| Some(token.text.to_owned()))
}

/// What a table of [FTS5](https://www.sqlite.org/fts5.html) says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SearchText {
    /// Its columns.
    pub columns: Vec<String>,
    /// Its options, such as `tokenize`, each with its value.
    pub options: Vec<(String, String)>,
}

impl SearchText {
    /// The value of an option, if it is given.
    pub fn option(&self, name: &str) -> Option<&str> {
        let found = self.options.iter().find(|(option, _)| option.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}
