//! Writing SQL.

mod beside;
mod changes;
mod clauses;
mod conditions;
mod finished;
mod fitted;
mod json;
mod pairs;
mod reached;
mod related;
mod schema;
mod search;
mod search_tables;
mod select;
mod subqueries;
mod text;
mod together;
mod trials;
mod unique_in_sql;
mod uses;
mod values;
mod windows;

use std::fmt::Write as _;
use std::ops::Range;
use std::sync::Arc;

use self::clauses::clamp;
pub(crate) use self::finished::Facts;
pub(crate) use self::pairs::ChosenPairs;
pub(crate) use self::schema::{Index, PYTHON_COLUMN, Part, add_python_column, create_pairs, create_table};
use self::search::SearchJoin;
pub(crate) use self::search_tables::{MARK, rebuild_search, replaced_of, search_of_trigger, search_parts};
pub(crate) use self::trials::{Trial, trials};
use self::uses::{Join, Uses};
use self::windows::Windows;
use crate::error::Error;
use crate::sql::Argument;
use crate::sql::ast::{ColumnRef, MOST_DEEP};
use crate::table::{ColumnInfo, Fits, PathNode, RelationInfo, Seen, TableInfo, push_quoted};
use crate::value::Value;

/// A statement in the making. Values are always bound; names are always quoted.
pub(crate) struct SqlWriter {
    text: String,
    arguments: Vec<Argument>,
    /// The first value that has no form in SQLite.
    error: Option<Error>,
    table: &'static TableInfo,
    /// The queries that are open, the innermost last.
    scopes: Vec<Scope>,
    /// The one that columns belong to: the innermost, but while a value of a row around is written.
    here: Option<usize>,
    /// Whether SQL of the user may call SQLite's function `format`.
    may_format: bool,
    /// How many aliases are taken.
    aliases: usize,
    /// Whether what is written is a condition that many rows are chosen by: one list of those that have such related rows is
    /// quicker then than to look for the related rows of each.
    chooses: bool,
    /// Whether what is written is a condition without which no row is taken.
    must_be_true: bool,
    /// What the tables of the file are, where they are not as described.
    fits: Option<Arc<Fits>>,
    /// The tables that the statement is about.
    seen: Vec<Seen>,
    /// Where its ` WHERE …` stands, if it writes the rows of one table that meet it, and columns are without an alias there.
    chosen_by: Option<Range<usize>>,
    /// The levels of the conditions on elements of arrays that are open.
    json_items: Vec<u16>,
}

/// One query with the relations that it joins.
struct Scope {
    root: &'static TableInfo,
    joins: Vec<Join>,
    /// The full-text searches that it joins.
    searches: Vec<SearchJoin>,
    /// The number of the alias of the root; the joined tables have the next. `None` when columns need no table.
    alias: Option<usize>,
    /// The query around, whose row values inside may be of, and the one that this was entered from. They differ where one query
    /// of the user is written as several.
    around: Option<usize>,
    before: Option<usize>,
    /// The column of the table of pairs that stands for the root's key, where the root itself is not there.
    key: Option<String>,
    /// The numbers of the columns that the query groups and sorts by, where they are columns.
    groups: Vec<Option<usize>>,
    sorts: Vec<Option<usize>>,
    /// While what may be over windows is written.
    windows: Option<Windows>,
    /// Whether each row has a number of steps that lead to it.
    has_depth: bool,
}

impl Scope {
    /// The alias of the table at the end of a path.
    fn alias(&self, path: Option<&'static PathNode>) -> Option<usize> {
        let offset = match path {
            None => 0,
            Some(path) => 1 + self.joins.iter().position(|join| join.path.is_same(path))?,
        };
        self.alias.map(|first| first + offset)
    }
}

impl SqlWriter {
    pub(crate) fn new(table: &'static TableInfo) -> Self {
        Self {
            text: String::with_capacity(128),
            arguments: Vec::new(),
            error: None,
            table,
            scopes: Vec::new(),
            here: None,
            may_format: false,
            aliases: 0,
            chooses: false,
            must_be_true: false,
            fits: None,
            seen: Vec::new(),
            chosen_by: None,
            json_items: Vec::new(),
        }
    }

    /// For tables that are not as their models describe them.
    pub(crate) fn fitting(mut self, fits: Arc<Fits>) -> Self {
        self.fits = Some(fits);
        self
    }

    fn push(&mut self, sql: &str) {
        self.text.push_str(sql);
    }

    /// A name in double quotes, those inside doubled.
    fn name(&mut self, name: &str) {
        push_quoted(&mut self.text, name);
    }

    /// Names separated by commas.
    fn names(&mut self, columns: impl IntoIterator<Item = &'static ColumnInfo>) {
        for (i, column) in columns.into_iter().enumerate() {
            if i > 0 {
                self.text.push_str(", ");
            }
            self.name(column.name);
        }
    }

    fn bind(&mut self, value: Value) {
        self.text.push('?');
        self.arguments.push(Argument::Value(value));
    }

    fn bind_list(&mut self, list: Arc<[Value]>) {
        self.text.push('?');
        self.arguments.push(Argument::List(list));
    }

    fn number(&mut self, number: impl std::fmt::Display) {
        // Writing to a String cannot fail.
        let _ = write!(self.text, "{number}");
    }

    /// Text that is part of the statement, not bound.
    fn literal(&mut self, text: &str) {
        self.number(Value::Text(text.to_owned()));
    }

    /// Opens a query. Columns are written with their table where more than one is there.
    fn enter(&mut self, root: &'static TableInfo, uses: Uses) {
        let qualified = !uses.is_plain() || !self.scopes.is_empty();
        self.enter_as(root, uses, qualified);
    }

    fn enter_as(&mut self, root: &'static TableInfo, uses: Uses, qualified: bool) {
        self.check_depth(&uses);
        self.check_searches(&uses.searches, uses.search_too_late.as_ref());
        self.seen.push(Seen::Table(root));
        self.seen.extend(uses.joins.iter().map(|join| Seen::Table((join.path.relation.target)())));
        let alias = qualified.then_some(self.aliases);
        if qualified {
            self.aliases += 1 + uses.joins.len();
        }
        let has_depth = uses.has_depth;
        self.scopes.push(Scope {
            root,
            joins: uses.joins,
            searches: uses.searches,
            alias,
            around: self.here,
            before: self.here,
            key: None,
            groups: Vec::new(),
            sorts: Vec::new(),
            windows: None,
            has_depth,
        });
        self.here = Some(self.scopes.len() - 1);
    }

    fn check_depth(&mut self, uses: &Uses) {
        if let Some(path) = uses.of_another {
            self.is_not_in_query(Some((path.relation.target)()), Some((path.relation.source)()));
        }
        if uses.too_deep {
            self.too_deep();
        }
    }

    fn too_deep(&mut self) {
        let table = self.table.name;
        self.error.get_or_insert_with(|| Error::TooDeep { table: table.to_owned(), limit: MOST_DEEP });
    }

    fn leave(&mut self) {
        if let Some(scope) = self.scopes.pop() {
            self.here = scope.before;
        }
    }

    /// The query that columns belong to.
    fn scope(&self) -> Option<&Scope> {
        self.scopes.get(self.here?)
    }

    fn scope_mut(&mut self) -> Option<&mut Scope> {
        self.scopes.get_mut(self.here?)
    }

    /// Says that the query just entered is a part of the one that it was entered from.
    fn is_part(&mut self) {
        let around = self.scope().and_then(|scope| self.scopes.get(scope.before?)).and_then(|scope| scope.around);
        if let Some(scope) = self.scope_mut() {
            scope.around = around;
        }
    }

    /// The alias of the table at the end of a path, in the innermost query.
    fn alias(&self, path: Option<&'static PathNode>) -> Option<usize> {
        self.scope()?.alias(path)
    }

    fn column(&mut self, column: ColumnRef) {
        match self.key_in_pairs(column) {
            Some(key) => self.push(&key),
            None => self.aliased(self.alias(column.path), column.column.name),
        }
    }

    /// What is written for the key of the innermost query's own table, where that is not there.
    fn key_in_pairs(&self, column: ColumnRef) -> Option<String> {
        if column.path.is_some() { None } else { self.scope()?.key.clone() }
    }

    /// The table of the innermost query.
    fn from(&mut self) {
        let Some(Scope { root, alias, .. }) = self.scope() else { return };
        let (name, alias) = (root.name, *alias);
        self.name(name);
        if let Some(alias) = alias {
            self.push(" AS t");
            self.number(alias);
        }
        self.joins();
    }

    /// The tables that the innermost query joins.
    fn joins(&mut self) {
        if let Some(here) = self.here {
            self.joins_of(here);
        }
    }

    /// The tables that a query joins. A `LEFT JOIN` loses no row, whatever its key refers to: other programs delete rows
    /// without looking who refers to them. Where a filter loses these rows anyhow, `JOIN` lets SQLite choose where to
    /// begin.
    fn joins_of(&mut self, scope: usize) {
        self.search_joins_of(scope, None);
        let Some(Scope { joins, .. }) = self.scopes.get(scope) else { return };
        let places = |join: &Join| (join.path, join.inner, join.beside.clone());
        let joins: Vec<_> = joins.iter().map(places).collect();
        for (path, inner, beside) in joins {
            let alias = |path| self.scopes.get(scope).and_then(|scope| scope.alias(path));
            let (Some(source), Some(target)) = (alias(path.before), alias(Some(path))) else { continue };
            let relation = path.relation;
            if let Some(beside) = beside {
                self.join_beside(&beside, inner, scope, target);
                self.search_joins_of(scope, Some(path));
                continue;
            }
            self.push(if inner { " JOIN " } else { " LEFT JOIN " });
            self.name((relation.target)().name);
            self.push(" AS t");
            self.number(target);
            self.push(" ON ");
            self.check_unique_key((relation.target)());
            self.linking((relation.target)(), relation.target_column(), target);
            self.push(" = ");
            self.linking((relation.source)(), relation.source_column(), source);
            self.and_is_there(relation, target);
            self.search_joins_of(scope, Some(path));
        }
    }

    /// After the condition that a row of a relation meets: that it is not deleted softly.
    pub(super) fn and_is_there(&mut self, relation: &'static RelationInfo, alias: usize) {
        if let Some(column) = relation.leaves_out_deleted_by() {
            self.push(" AND ");
            self.is_deleted(column, Some(alias), false);
        }
    }

    /// Whether the row of an alias is deleted softly.
    pub(super) fn is_deleted(&mut self, column: &'static ColumnInfo, alias: Option<usize>, deleted: bool) {
        self.aliased(alias, column.name);
        self.push(if deleted { " IS NOT NULL" } else { " IS NULL" });
    }
}
