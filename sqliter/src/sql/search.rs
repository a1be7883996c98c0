//! Conditions and values of full-text searches, as plain data.

use super::ast::Expr;
use crate::table::{PathNode, SearchInfo, TableInfo};

/// A condition or a value of the full-text search of a table that is reached by a path.
#[derive(Debug, Clone, PartialEq)]
pub struct Search {
    pub(crate) path: Option<&'static PathNode>,
    pub(crate) table: &'static TableInfo,
    pub(crate) info: &'static SearchInfo,
    pub(crate) what: SearchValue,
}

/// What is asked of a search.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum SearchValue {
    /// Whether a row matches, in the words of FTS5.
    Matches(String),
    /// How well it does: the smaller, the better. With a weight for each column, if there are any.
    Rank(Vec<Expr>),
    /// A piece of a text around what matches; of the column that has most of it without one.
    Snippet { column: Option<usize>, marks: [String; 2], ellipsis: String, tokens: u8 },
    /// A whole text with marks around what matches.
    Highlight { column: usize, marks: [String; 2] },
}

impl Search {
    /// Whether it is a condition.
    pub(crate) const fn is_condition(&self) -> bool {
        match self.what {
            SearchValue::Matches(_) => true,
            SearchValue::Rank(_) | SearchValue::Snippet { .. } | SearchValue::Highlight { .. } => false,
        }
    }

    /// Whether SQLite computes it from the very row of the search that it stands at, and no later: not of groups, and not behind a
    /// window.
    pub(crate) fn is_of_row_at_hand(&self) -> bool {
        match &self.what {
            SearchValue::Matches(_) => false,
            SearchValue::Rank(weights) => !weights.is_empty(),
            SearchValue::Snippet { .. } | SearchValue::Highlight { .. } => true,
        }
    }

    /// Whether both are of the same rows.
    pub(crate) fn is_of_same(&self, other: &Self) -> bool {
        self.path == other.path && self.table == other.table
    }

    /// What the value is called where it is given no name.
    pub(crate) fn name(&self) -> &'static str {
        let column = |number: usize| self.info.columns_of(self.table).nth(number).map(|column| column.name);
        match self.what {
            SearchValue::Matches(_) => "value",
            SearchValue::Rank(_) => "rank",
            SearchValue::Snippet { column: None, .. } => "snippet",
            SearchValue::Snippet { column: Some(number), .. } | SearchValue::Highlight { column: number, .. } => {
                column(number).unwrap_or("value")
            }
        }
    }
}

impl Expr {
    /// Visits the values of searches that the expression has, but not those in its subqueries.
    pub(crate) fn each_search_value(&self, visit: &mut dyn FnMut(&Search)) {
        if let Self::Search(search) = self
            && !search.is_condition()
        {
            visit(search);
        }
        self.each_part(&mut |part| part.each_search_value(visit));
    }

    /// The first value in it that SQLite computes only from the very row of a search. Sorting a window by it is possible.
    pub(crate) fn search_of_row_at_hand(&self) -> Option<Search> {
        let mut found = match self {
            Self::Search(search) if search.is_of_row_at_hand() => Some((**search).clone()),
            _ => None,
        };
        if !matches!(self, Self::Window(_)) {
            self.each_part(&mut |part| found = found.take().or_else(|| part.search_of_row_at_hand()));
        }
        found
    }

    /// Whether it has such a value.
    pub(crate) fn has_search_value(&self) -> bool {
        let mut has = false;
        self.each_search_value(&mut |_| has = true);
        has
    }

    /// Visits the searches that a row must match for the condition to be true.
    pub(crate) fn each_match(&self, visit: &mut dyn FnMut(&Search)) {
        if let Self::And(parts) = self {
            parts.iter().for_each(|part| part.each_match(visit));
        }
        if let Self::Search(search) = self
            && search.is_condition()
        {
            visit(search);
        }
    }
}
