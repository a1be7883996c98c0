//! The SQL of full-text searches.

use super::SqlWriter;
use crate::error::Error;
use crate::sql::ast::{Search, SearchValue};
use crate::table::PathNode;
use crate::value::Value;

/// The search of a table that a query joins, for what it says of the rows that match.
pub(super) struct SearchJoin {
    pub(super) search: Search,
    /// Whether the filters of the query name what rows must match.
    pub(super) is_matched: bool,
}

impl SqlWriter {
    /// A condition of a search. SQLite takes one of a joined search only where it must be true.
    pub(super) fn matches(&mut self, search: &Search, words: &str, must_be_true: bool) {
        let alias = self.search_alias(search).filter(|_| must_be_true);
        match alias {
            Some(alias) => {
                self.hidden_column(alias, search);
                self.push(" MATCH ");
                self.bind(Value::Text(words.to_owned()));
            }
            None => {
                self.aliased(self.alias(search.path), search.table.key_column().name);
                self.push(" IN (SELECT rowid FROM ");
                self.name(search.info.table);
                self.push(" WHERE ");
                self.name(search.info.table);
                self.push(" MATCH ");
                self.bind(Value::Text(words.to_owned()));
                self.push(")");
            }
        }
    }

    /// What a search says of a row.
    pub(super) fn search_value(&mut self, search: &Search) {
        let Some(alias) = self.search_alias(search) else { return self.push("NULL") };
        match &search.what {
            SearchValue::Matches(words) => self.matches(search, words, false),
            SearchValue::Rank(weights) if weights.is_empty() => {
                // With a plus: FTS5 would take what the bare column is compared with for a way to rank.
                self.push("+s");
                self.number(alias);
                self.push(".\"rank\"");
            }
            SearchValue::Rank(weights) => {
                self.push("bm25(");
                self.hidden_column(alias, search);
                for weight in weights {
                    self.push(", ");
                    self.operand(weight);
                }
                self.push(")");
            }
            SearchValue::Snippet { column, marks, ellipsis, tokens } => {
                self.push("snippet(");
                self.hidden_column(alias, search);
                match column {
                    Some(column) => {
                        self.push(", ");
                        self.number(column);
                    }
                    None => self.push(", -1"),
                }
                self.texts(marks.iter().chain([ellipsis]));
                self.push(", ");
                self.number(tokens);
                self.push(")");
            }
            SearchValue::Highlight { column, marks } => {
                self.push("highlight(");
                self.hidden_column(alias, search);
                self.push(", ");
                self.number(column);
                self.texts(marks.iter());
                self.push(")");
            }
        }
    }

    fn texts<'t>(&mut self, texts: impl Iterator<Item = &'t String>) {
        for text in texts {
            self.push(", ");
            self.bind(Value::Text(text.clone()));
        }
    }

    /// The column by which FTS5 knows which of its tables is meant.
    fn hidden_column(&mut self, alias: usize, search: &Search) {
        self.push("s");
        self.number(alias);
        self.push(".");
        self.name(search.info.table);
    }

    /// The number of the alias of a search that the innermost query joins: that of the table it is of.
    fn search_alias(&self, search: &Search) -> Option<usize> {
        let scope = self.scope()?;
        let is_joined = scope.searches.iter().any(|join| join.search.is_of_same(search));
        scope.alias(search.path).filter(|_| is_joined)
    }

    /// The searches of the table at the end of a path that a query joins.
    pub(super) fn search_joins_of(&mut self, scope: usize, path: Option<&'static PathNode>) {
        let Some(scope) = self.scopes.get(scope) else { return };
        if scope.searches.is_empty() {
            return;
        }
        let Some(alias) = scope.alias(path) else { return };
        let joins = scope.searches.iter().filter(|join| join.search.path == path);
        let joins: Vec<_> = joins.map(|join| (join.search.table, join.search.info)).collect();
        for (table, info) in joins {
            self.push(" JOIN ");
            self.name(info.table);
            self.push(&format!(" AS s{alias} ON s{alias}.rowid = "));
            self.aliased(Some(alias), table.key_column().name);
        }
    }

    /// There is something to say of a row only where it was searched for.
    pub(super) fn check_searches(&mut self, joins: &[SearchJoin], too_late: Option<&Search>) {
        if let Some(search) = too_late {
            let (table, value) = (search.table.name.to_owned(), search.name().to_owned());
            self.error.get_or_insert(Error::SearchInGroups { table, value });
        }
        if let Some(join) = joins.iter().find(|join| !join.is_matched) {
            let (table, value) = (join.search.table.name.to_owned(), join.search.name().to_owned());
            self.error.get_or_insert(Error::NotSearched { table, value });
        }
    }
}
