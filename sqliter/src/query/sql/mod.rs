//! Writing SQL.

mod fitted;
mod related;
mod text;
mod uses;
mod values;

use std::fmt::Write as _;
use std::sync::Arc;

use self::uses::{Uses, is_required};
use self::values::collation;
use super::Query;
use crate::engine::{Argument, Statement};
use crate::error::{Error, Result};
use crate::expr::PathNode;
use crate::expr::ast::{ColumnRef, Comparison, Expr, Nulls, Selected, Set, SortKey};
use crate::model::{ColumnInfo, Fits, Seen, TableInfo};
use crate::value::Value;

/// How many conditions stand side by side before they are nested.
const MOST_IN_A_ROW: usize = 100;

/// A statement in the making. Values are always bound; names are always quoted.
pub(crate) struct SqlWriter {
    text: String,
    arguments: Vec<Argument>,
    /// The first value that has no form in SQLite.
    error: Option<Error>,
    table: &'static TableInfo,
    /// The queries that are open, the innermost last.
    scopes: Vec<Scope>,
    /// How many aliases are taken.
    aliases: usize,
    /// What the tables of the file are, where they are not as described.
    fits: Option<Arc<Fits>>,
    /// The tables that the statement is about.
    seen: Vec<Seen>,
}

/// One query with the relations that it joins.
struct Scope {
    root: &'static TableInfo,
    /// Each path once, after the one before it.
    joins: Vec<&'static PathNode>,
    /// The number of the alias of the root; the joined tables have the next. `None` when columns need no table.
    alias: Option<usize>,
}

impl Scope {
    /// The alias of the table at the end of a path.
    fn alias(&self, path: Option<&'static PathNode>) -> Option<usize> {
        let offset = match path {
            None => 0,
            Some(path) => 1 + self.joins.iter().position(|join| join.is_same(path))?,
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
            aliases: 0,
            fits: None,
            seen: Vec::new(),
        }
    }

    /// For tables that are not as their models describe them.
    pub(crate) fn fitting(mut self, fits: Arc<Fits>) -> Self {
        self.fits = Some(fits);
        self
    }

    pub(crate) fn finish(self) -> Result<Statement> {
        match self.error {
            Some(error) => Err(error),
            None => Ok(Statement { text: self.text, arguments: self.arguments }),
        }
    }

    /// The statement, and the tables that it is about.
    pub(crate) fn finish_seen(mut self) -> Result<(Statement, Vec<Seen>)> {
        let seen = std::mem::take(&mut self.seen);
        Ok((self.finish()?, seen))
    }

    pub(crate) fn push(&mut self, sql: &str) {
        self.text.push_str(sql);
    }

    /// A name in double quotes, those inside doubled.
    pub(crate) fn name(&mut self, name: &str) {
        self.text.push('"');
        if name.bytes().any(|byte| byte == b'"') {
            self.text.push_str(&name.replace('"', "\"\""));
        } else {
            self.text.push_str(name);
        }
        self.text.push('"');
    }

    /// Names separated by commas.
    pub(crate) fn names(&mut self, columns: impl IntoIterator<Item = &'static ColumnInfo>) {
        for (i, column) in columns.into_iter().enumerate() {
            if i > 0 {
                self.text.push_str(", ");
            }
            self.name(column.name);
        }
    }

    pub(crate) fn bind(&mut self, value: Value) {
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

    /// Opens a query. Columns are written with their table where more than one is there.
    fn enter(&mut self, root: &'static TableInfo, uses: Uses) {
        let qualified = uses.subqueries || !uses.joins.is_empty() || !self.scopes.is_empty();
        self.enter_as(root, uses, qualified);
    }

    fn enter_as(&mut self, root: &'static TableInfo, uses: Uses, qualified: bool) {
        self.seen.push(Seen::Table(root));
        self.seen.extend(uses.joins.iter().map(|path| Seen::Table((path.relation.target)())));
        let alias = qualified.then_some(self.aliases);
        if qualified {
            self.aliases += 1 + uses.joins.len();
        }
        self.scopes.push(Scope { root, joins: uses.joins, alias });
    }

    fn leave(&mut self) {
        self.scopes.pop();
    }

    /// The alias of the table at the end of a path, in the innermost query.
    fn alias(&self, path: Option<&'static PathNode>) -> Option<usize> {
        self.scopes.last()?.alias(path)
    }

    fn column(&mut self, column: ColumnRef) {
        if let Some(alias) = self.alias(column.path) {
            self.push("t");
            self.number(alias);
            self.push(".");
        }
        self.name(column.column.name);
    }

    /// The table of the innermost query.
    fn from(&mut self) {
        let Some(Scope { root, alias, .. }) = self.scopes.last() else { return };
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
        if let Some(innermost) = self.scopes.len().checked_sub(1) {
            self.joins_of(innermost);
        }
    }

    /// The tables that a query joins: `JOIN` as long as every foreign key on the way must be set, else `LEFT JOIN`,
    /// which loses no row.
    fn joins_of(&mut self, scope: usize) {
        let Some(scope) = self.scopes.get(scope) else { return };
        let joins: Vec<_> =
            scope.joins.iter().map(|path| (*path, scope.alias(path.before), scope.alias(Some(path)))).collect();
        for (path, source, target) in joins {
            let (Some(source), Some(target)) = (source, target) else { continue };
            let relation = path.relation;
            self.push(if is_required(path) { " JOIN " } else { " LEFT JOIN " });
            self.name((relation.target)().name);
            self.push(" AS t");
            self.number(target);
            self.push(" ON ");
            self.check_unique_key((relation.target)());
            self.linking((relation.target)(), relation.target_column(), target);
            self.push(" = ");
            self.linking((relation.source)(), relation.source_column(), source);
        }
    }

    /// `SELECT columns FROM table` with everything that the query says.
    pub(crate) fn select(&mut self, columns: &[Selected], query: &Query) {
        self.enter(query.table, Uses::query(columns.iter().map(|column| &column.expr), query));
        self.push("SELECT ");
        self.columns(columns);
        self.rows_of(query);
        self.order(&query.order);
        self.end_of_order(query);
        self.limit(query);
        self.leave();
    }

    /// The keys of the rows that the query would fetch.
    pub(crate) fn select_keys(&mut self, query: &Query) {
        self.select(&[Selected::new(Expr::column(None, query.table.key_column()))], query);
    }

    /// What tells the rows apart that the query would fetch.
    fn select_identity(&mut self, query: &Query) {
        self.enter(query.table, Uses::query([], query));
        self.push("SELECT ");
        self.identity_columns(query.table, self.alias(None));
        self.rows_of(query);
        self.order(&query.order);
        self.end_of_order(query);
        self.limit(query);
        self.leave();
    }

    /// The order of a query alone.
    pub(crate) fn order_of(&mut self, query: &Query) {
        self.enter(query.table, Uses::query([], query));
        self.order(&query.order);
        self.leave();
    }

    /// Everything between the columns and the order.
    fn rows_of(&mut self, query: &Query) {
        self.push(" FROM ");
        self.from();
        self.filters(&query.filters);
        let Some(grouping) = &query.grouping else { return };
        for (i, key) in grouping.keys.iter().enumerate() {
            self.push(if i == 0 { " GROUP BY " } else { ", " });
            self.comparable(key);
        }
        for (i, condition) in grouping.having.iter().enumerate() {
            self.push(if i == 0 { " HAVING " } else { " AND " });
            self.part(condition);
        }
    }

    fn columns(&mut self, columns: &[Selected]) {
        for (i, column) in columns.iter().enumerate() {
            if i > 0 {
                self.push(", ");
            }
            self.selected(column);
            if let Some(alias) = &column.alias {
                self.push(" AS ");
                self.name(alias);
            }
        }
    }

    /// `SELECT COUNT(*)` of the rows that the query would fetch.
    pub(crate) fn count(&mut self, query: &Query) {
        self.push("SELECT COUNT(*)");
        if query.is_unlimited() && query.grouping.is_none() {
            self.enter(query.table, Uses::rows(query));
            self.rows_of(query);
            self.leave();
        } else {
            self.push(" FROM (");
            self.ones(query);
            self.push(")");
        }
    }

    /// `SELECT EXISTS` of the rows that the query would fetch.
    pub(crate) fn exists(&mut self, query: &Query) {
        self.push("SELECT EXISTS (");
        self.ones(query);
        self.push(")");
    }

    /// A row for each; the order does not matter for how many there are.
    fn ones(&mut self, query: &Query) {
        self.enter(query.table, Uses::rows(query));
        // An aggregate makes one group of all rows when there are no keys.
        self.push(if query.grouping.is_some() { "SELECT COUNT(*)" } else { "SELECT 1" });
        self.rows_of(query);
        self.limit(query);
        self.leave();
    }

    /// `DELETE` of the rows that the query would fetch.
    pub(crate) fn delete(&mut self, query: &Query) {
        self.seen.push(Seen::Table(query.table));
        self.push("DELETE FROM ");
        self.name(query.table.name);
        self.chosen(query);
    }

    /// `UPDATE` of the rows that the query would fetch.
    pub(crate) fn update(&mut self, query: &Query, sets: &[Set]) {
        self.seen.push(Seen::Table(query.table));
        self.push("UPDATE ");
        self.name(query.table.name);
        self.push(" SET ");
        for (i, set) in sets.iter().enumerate() {
            if i > 0 {
                self.push(", ");
            }
            self.name(set.column.name);
            self.push(" = ");
            self.assigned(query.table, &set.value);
        }
        self.chosen(query);
    }

    /// What a column is set to; a column of a related row is looked up for each row.
    pub(crate) fn assigned(&mut self, table: &'static TableInfo, value: &Expr) {
        let uses = Uses::of(value);
        if uses.joins.is_empty() && !uses.subqueries {
            return self.operand(value);
        }
        self.push("(SELECT ");
        self.enter_as(table, uses, true);
        self.operand(value);
        self.push(" FROM ");
        self.from();
        self.push(" WHERE ");
        self.identity(table, self.alias(None));
        self.push(" = ");
        self.leave();
        self.identity_of(table, table.name);
        self.push(")");
    }

    /// The condition that exactly the rows of the query meet.
    fn chosen(&mut self, query: &Query) {
        let uses = Uses::rows(query);
        if query.is_unlimited() && uses.joins.is_empty() && !uses.subqueries {
            self.filters(&query.filters);
            return;
        }
        self.push(" WHERE ");
        self.identity(query.table, None);
        self.push(" IN (");
        // Which rows a limit leaves depends on the order, so there is always one.
        let query = if query.is_unlimited() { query.clone() } else { query.clone().ordered() };
        self.select_identity(&query);
        self.push(")");
    }

    fn filters(&mut self, filters: &[Expr]) {
        if filters.len() > MOST_IN_A_ROW {
            self.push(" WHERE ");
            return self.joined(filters, " AND ");
        }
        for (i, filter) in filters.iter().enumerate() {
            self.push(if i == 0 { " WHERE " } else { " AND " });
            match filter {
                Expr::Or(_) if filters.len() > 1 => self.parenthesised(filter),
                _ => self.condition(filter),
            }
        }
    }

    fn order(&mut self, keys: &[SortKey]) {
        for (i, key) in keys.iter().enumerate() {
            self.push(if i == 0 { " ORDER BY " } else { ", " });
            self.comparable(&key.value);
            if key.descending {
                self.push(" DESC");
            }
            match key.nulls {
                Some(Nulls::First) => self.push(" NULLS FIRST"),
                Some(Nulls::Last) => self.push(" NULLS LAST"),
                None => {}
            }
        }
    }

    /// Limits are written as numbers: a bound limit makes SQLite prepare the statement anew at every execution.
    fn limit(&mut self, query: &Query) {
        match query.limit {
            Some(limit) => {
                self.push(" LIMIT ");
                self.number(clamp(limit));
            }
            None if query.offset > 0 => self.push(" LIMIT -1"),
            None => {}
        }
        if query.offset > 0 {
            self.push(" OFFSET ");
            self.number(clamp(query.offset));
        }
    }

    fn parenthesised(&mut self, expr: &Expr) {
        self.push("(");
        self.condition(expr);
        self.push(")");
    }

    /// A part of a larger condition.
    fn part(&mut self, expr: &Expr) {
        match expr {
            Expr::And(_) | Expr::Or(_) | Expr::Not(_) | Expr::Between { .. } => self.parenthesised(expr),
            _ => self.condition(expr),
        }
    }

    /// Many parts are nested in halves: SQLite takes a chain of operators as a tree as deep as the chain is long, and
    /// [limits the depth](https://www.sqlite.org/limits.html#max_expr_depth) to 1000.
    fn joined(&mut self, parts: &[Expr], operator: &str) {
        if parts.len() > MOST_IN_A_ROW {
            let (left, right) = parts.split_at(parts.len() / 2);
            self.push("(");
            self.joined(left, operator);
            self.push(")");
            self.push(operator);
            self.push("(");
            self.joined(right, operator);
            self.push(")");
            return;
        }
        for (i, part) in parts.iter().enumerate() {
            if i > 0 {
                self.push(operator);
            }
            self.part(part);
        }
    }

    fn condition(&mut self, expr: &Expr) {
        match expr {
            Expr::Compare { left, operator, right } => {
                match operator {
                    Comparison::Equal | Comparison::NotEqual => self.equated(left, Some(right)),
                    _ => self.compared(left, &[right]),
                }
                self.push(operator.as_sql());
                self.operand(right);
            }
            Expr::Between { value, low, high } => {
                self.compared(value, &[low, high]);
                self.push(" BETWEEN ");
                self.operand(low);
                self.push(" AND ");
                self.operand(high);
            }
            Expr::InList { value, list, negated } => {
                self.equated(value, None);
                self.push(if *negated { " NOT IN rarray(" } else { " IN rarray(" });
                self.bind_list(Arc::clone(list));
                self.push(")");
            }
            Expr::IsNull { value, negated } => {
                self.stored(value);
                self.push(if *negated { " IS NOT NULL" } else { " IS NULL" });
            }
            Expr::Text { value, test } => self.text_test(value, test),
            Expr::And(parts) => self.joined(parts, " AND "),
            Expr::Or(parts) => self.joined(parts, " OR "),
            Expr::Not(inner) => {
                // Not SQL's NOT, for which unknown stays unknown.
                self.parenthesised(inner);
                self.push(" IS NOT TRUE");
            }
            Expr::Related { path, relation, condition, test } => {
                self.related_test(*path, relation, condition, *test);
            }
            Expr::Linked { relation, key } => self.linked(relation, key),
            _ => self.operand(expr),
        }
    }

    /// A value to compare, group or sort by, with the collating sequence of its column.
    fn comparable(&mut self, expr: &Expr) {
        self.compared(expr, &[]);
    }

    /// A value that is tested for being another one, or one of a list of values. Where values have one form, equal ones
    /// have equal bytes, and an index that knows no collating sequence of ours serves.
    fn equated(&mut self, expr: &Expr, other: Option<&Expr>) {
        let has_one_form = |expr: &Expr| match expr {
            Expr::Value(_) => true,
            Expr::Column(ColumnRef { column, .. }) => column.has_one_form(),
            _ => false,
        };
        let by_bytes = matches!(expr, Expr::Column(_)) && has_one_form(expr) && other.is_none_or(has_one_form);
        let others = other.as_slice();
        match by_bytes {
            true => self.collated(expr, self.collation_to_say(expr, others)),
            false => self.compared(expr, others),
        }
    }

    /// As [`comparable`](Self::comparable), beside others.
    fn compared(&mut self, expr: &Expr, others: &[&Expr]) {
        self.collated(expr, collation(expr).or_else(|| self.collation_to_say(expr, others)));
    }

    fn collated(&mut self, expr: &Expr, collation: Option<&'static str>) {
        self.operand(expr);
        if let Some(collation) = collation {
            self.push(" COLLATE ");
            self.name(collation);
        }
    }

    fn operand(&mut self, expr: &Expr) {
        match expr {
            Expr::Column(column) => self.by_value(*column),
            Expr::Value(value) => self.bind(value.clone()),
            Expr::Unencodable { place, error } => {
                self.push("NULL");
                self.error.get_or_insert_with(|| error.clone().at(self.table.name, place));
            }
            Expr::Arithmetic { left, operator, right } => {
                self.factor(left);
                self.push(operator.as_sql());
                self.factor(right);
            }
            Expr::Call { function, arguments } => {
                self.push(function.as_sql());
                self.push("(");
                self.listed(arguments);
                self.push(")");
            }
            Expr::DatePart { value, part, moment } => self.date_part(value, *part, *moment),
            Expr::Case { branches, otherwise } => self.case(branches, otherwise.as_deref()),
            Expr::Aggregate(aggregate) => self.aggregate(aggregate),
            Expr::RelatedValue { hops, value, distinct } => self.related_value(hops, value, *distinct),
            condition => self.parenthesised(condition),
        }
    }
}

fn clamp(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
