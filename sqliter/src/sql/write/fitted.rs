//! SQL for tables that are not as their models describe them: values in other forms, other collating sequences, keys
//! that name several rows.
//!
//! All of it asks what is known of the file's table. Of tables that are as described nothing is known, and nothing is
//! written that is not needed.

use super::SqlWriter;
use super::related::may_repeat_pairs;
use crate::error::Error;
use crate::sql::Query;
use crate::sql::ast::{ColumnRef, Expr, Selected};
use crate::table::{Collation, ColumnFit, ColumnInfo, Fit, Junction, RelationInfo, Seen, TableInfo};
use crate::value::{Storage, Value};

impl SqlWriter {
    fn fit(&self, seen: Seen) -> Option<&Fit> {
        seen.known(self.fits.as_ref()?).map(|fit| &**fit)
    }

    fn fit_of_column(&self, table: &'static TableInfo, column: &ColumnInfo) -> ColumnFit {
        let position = || table.columns.iter().position(|own| own.name == column.name);
        self.fit(Seen::Table(table)).and_then(|fit| Some(fit.column(position()?))).unwrap_or_default()
    }

    /// The table at the end of a path of the innermost query.
    fn table_of(&self, column: ColumnRef) -> &'static TableInfo {
        match column.path {
            Some(path) => (path.relation.target)(),
            None => self.scope().map_or(self.table, |scope| scope.root),
        }
    }

    /// What is selected: as it is stored, unless it is compared with other values afterwards.
    pub(super) fn selected(&mut self, column: &Selected) {
        if column.by_value { self.operand(&column.expr) } else { self.stored(&column.expr) }
    }

    /// An expression; a column as it is stored, and SQL of the user as it gives the value.
    #[expect(clippy::wildcard_enum_match_arm, reason = "what else is computed has one form")]
    pub(super) fn stored(&mut self, expr: &Expr) {
        match expr {
            Expr::Column(column) => self.column(*column),
            Expr::Fragment(fragment) => self.fragment(fragment),
            Expr::Json(json) => self.json(json),
            computed => self.operand(computed),
        }
    }

    /// A column where its value counts.
    pub(super) fn by_value(&mut self, column: ColumnRef) {
        if self.key_in_pairs(column).is_some() {
            return self.column(column);
        }
        let table = self.table_of(column);
        let fit = self.fit_of_column(table, column.column);
        self.converted(fit, table.name, column.column.name, |sql| sql.column(column));
    }

    fn converted(&mut self, fit: ColumnFit, table: &str, column: &str, write: impl FnOnce(&mut Self)) {
        let Some(function) = fit.function else { return write(self) };
        self.push(function);
        self.push("(");
        write(self);
        self.push(", ");
        self.literal(&format!("{table}.{column}"));
        self.push(")");
    }

    /// A column of the table with this alias, on one side of a link.
    pub(super) fn linking(&mut self, table: &'static TableInfo, column: &'static ColumnInfo, alias: usize) {
        let fit = self.fit_of_column(table, column);
        self.converted(fit, table.name, column.name, |sql| {
            sql.push("t");
            sql.number(alias);
            sql.push(".");
            sql.name(column.name);
        });
        self.push(self.binary_in_links(column));
    }

    /// The key of the innermost query's own table, on one side of a link.
    pub(super) fn own_key(&mut self, table: &'static TableInfo) {
        self.by_value(ColumnRef::own(table.key_column()));
        self.push(self.binary_in_links(table.key_column()));
    }

    /// Whether a column has a value, byte for byte.
    pub(super) fn has_value(&mut self, column: ColumnRef, value: &Value) {
        self.by_value(column);
        self.say(self.fit_of_column(self.table_of(column), column.column).collation);
        self.push(" = ");
        self.bind(value.clone());
    }

    /// The columns of both sides of a pair.
    pub(super) fn pair_sides(
        &mut self,
        relation: &'static RelationInfo,
        names: &Junction,
        table: &str,
    ) -> (String, String) {
        let [source, target] = self.fits_of_sides(relation);
        let mut written = |fit, name: &str| {
            let start = self.text.len();
            self.converted(fit, &names.table, name, |sql| {
                sql.push(table);
                sql.name(name);
            });
            self.text.split_off(start)
        };
        (written(source, &names.source), written(target, &names.target))
    }

    /// The same as they are compared with values.
    pub(super) fn compared_sides(&mut self, relation: &'static RelationInfo, names: &Junction) -> (String, String) {
        let (source, target) = self.pair_sides(relation, names, "");
        let [source_fit, target_fit] = self.fits_of_sides(relation);
        (source + &said_of(source_fit), target + &said_of(target_fit))
    }

    fn fits_of_sides(&self, relation: &'static RelationInfo) -> [ColumnFit; 2] {
        [0, 1].map(|side| self.fit(Seen::Pairs(relation)).map(|fit| fit.column(side)).unwrap_or_default())
    }

    /// Whether the table of pairs lets in pairs that are there already, so that the insert must look for them itself.
    pub(super) fn lets_in_pairs_twice(&self, relation: &'static RelationInfo) -> bool {
        may_repeat_pairs(relation) || self.fit(Seen::Pairs(relation)).is_some_and(|fit| !fit.is_plain)
    }

    /// Whether the table of pairs is another than described, so that its keys may be those of no row.
    pub(super) fn lets_in_pairs_of_others(&self, relation: &'static RelationInfo) -> bool {
        self.fit(Seen::Pairs(relation)).is_some_and(|fit| !fit.is_plain)
    }

    /// Keys are the same by their bytes, whatever the columns are declared with.
    pub(super) const fn binary_in_links(&self, column: &ColumnInfo) -> &'static str {
        match (&self.fits, column.storage) {
            (Some(_), Storage::Text | Storage::Any) => " COLLATE \"BINARY\"",
            (Some(_), Storage::Integer | Storage::Real | Storage::Blob) | (None, _) => "",
        }
    }

    /// The collating sequence of a comparison, where a column of the file would bring another one.
    pub(super) fn collation_to_say(&self, expr: &Expr, others: &[&Expr]) -> Option<&'static str> {
        self.fits.as_ref()?;
        let must_say = self.is_collated(expr) || others.iter().any(|other| self.is_collated(other));
        // As SQLite takes that of the first column.
        must_say.then(|| {
            declared(expr).or_else(|| others.iter().find_map(|other| declared(other))).unwrap_or_default().as_sql()
        })
    }

    /// A value that is compared by its bytes, whatever its column is declared with.
    pub(super) fn as_bytes(&mut self, expr: &Expr) {
        self.operand(expr);
        let differs = declared(expr).unwrap_or_default() != Collation::Binary;
        if differs || self.collation_to_say(expr, &[]).is_some() {
            self.say(Some(Collation::Binary.as_sql()));
        }
    }

    fn is_collated(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Column(column) => self.fit_of_column(self.table_of(*column), column.column).collation.is_some(),
            // SQLite takes the collating sequence of the value that a subquery selects.
            Expr::RelatedValue { .. } | Expr::RelatedFirst(_) | Expr::Outer(_) | Expr::Select(_) => true,
            Expr::Value(_)
            | Expr::Unencodable { .. }
            | Expr::TooDeep
            | Expr::Compare { .. }
            | Expr::Between { .. }
            | Expr::InList { .. }
            | Expr::IsNull { .. }
            | Expr::Text { .. }
            | Expr::TextBy { .. }
            | Expr::Arithmetic { .. }
            | Expr::Call { .. }
            | Expr::DatePart { .. }
            | Expr::Case(_)
            | Expr::Aggregate(_)
            | Expr::Window(_)
            | Expr::Derived(_)
            | Expr::Related { .. }
            | Expr::InSelect { .. }
            | Expr::Exists(_)
            | Expr::Row(_)
            | Expr::Fragment(_)
            | Expr::Json(_)
            | Expr::HasValue { .. }
            | Expr::Search(_)
            | Expr::Linked { .. }
            | Expr::And(_)
            | Expr::Or(_)
            | Expr::Not(_)
            | Expr::Truth(_) => {
                let mut collated = false;
                expr.each_part(&mut |part| collated |= self.is_collated(part));
                collated
            }
        }
    }

    /// A row at the end of a path to one row must be the only one with its key.
    pub(super) fn check_unique_key(&mut self, table: &'static TableInfo) {
        if let Some(fit) = self.fit(Seen::Table(table)).filter(|fit| fit.lacks_unique_key()) {
            let differences = fit.differences.clone();
            self.error.get_or_insert_with(|| Error::SchemaDiffers { table: table.name.to_owned(), differences });
        }
    }

    /// What tells rows of a table apart, in parentheses if it is several columns.
    pub(super) fn identity(&mut self, table: &'static TableInfo, alias: Option<usize>) {
        let several = self.names_of_identity(table).len() > 1;
        self.push(if several { "(" } else { "" });
        self.identity_columns(table, alias);
        self.push(if several { ")" } else { "" });
    }

    /// What tells rows of a table apart, separated by commas.
    pub(super) fn identity_columns(&mut self, table: &'static TableInfo, alias: Option<usize>) {
        for (i, name) in self.checked_identity(table).iter().enumerate() {
            self.push(if i > 0 { ", " } else { "" });
            self.aliased(alias, name);
        }
    }

    /// The same of the innermost query, each as [`name_of_identity`]. Gives the columns.
    pub(super) fn named_identity(&mut self, table: &'static TableInfo) -> Vec<String> {
        let names = self.checked_identity(table);
        for (i, name) in names.iter().enumerate() {
            self.push(if i > 0 { ", " } else { "" });
            self.aliased(self.alias(None), name);
            self.push(" AS ");
            self.push(&name_of_identity(i));
        }
        names
    }

    pub(super) fn aliased(&mut self, alias: Option<usize>, name: &str) {
        if let Some(alias) = alias {
            self.push("t");
            self.number(alias);
            self.push(".");
        }
        self.name(name);
    }

    fn checked_identity(&mut self, table: &'static TableInfo) -> Vec<String> {
        if self.fit(Seen::Table(table)).is_some_and(Fit::rows_are_untold) {
            let differences = vec!["its rows cannot be told apart".to_owned()];
            self.error.get_or_insert_with(|| Error::SchemaDiffers { table: table.name.to_owned(), differences });
        }
        self.names_of_identity(table)
    }

    pub(super) fn names_of_identity(&self, table: &'static TableInfo) -> Vec<String> {
        match self.fit(Seen::Table(table)) {
            Some(fit) if !fit.identity.is_empty() => fit.identity.clone(),
            _ => table.key_columns().map(|column| column.name.to_owned()).collect(),
        }
    }

    /// What an order must end with to leave nothing open, where the key at its end does not tell rows apart.
    pub(super) fn ends_of_order(&self, query: &Query) -> Vec<String> {
        if query.order.is_empty() || query.grouping.is_some() {
            return Vec::new();
        }
        self.fit(Seen::Table(query.table)).map(|fit| fit.identity.clone()).unwrap_or_default()
    }

    /// Ends an order by what tells rows apart.
    pub(super) fn end_of_order(&mut self, query: &Query) {
        let descending = query.order.last().is_some_and(|last| last.descending);
        for name in self.ends_of_order(query) {
            self.push(", ");
            self.aliased(self.alias(None), &name);
            self.push(if descending { " DESC" } else { "" });
        }
    }

    /// Selects what an order ends with as `e0`, `e1` and so on; gives how many these are.
    pub(super) fn named_ends_of_order(&mut self, query: &Query) -> usize {
        let ends = self.ends_of_order(query);
        for (i, name) in ends.iter().enumerate() {
            self.push(", ");
            self.aliased(self.alias(None), name);
            self.push(" AS e");
            self.number(i);
        }
        ends.len()
    }
}

/// The collating sequence that a column is declared with, of a value that is one unchanged.
#[expect(clippy::wildcard_enum_match_arm, reason = "what is computed has none")]
fn declared(expr: &Expr) -> Option<Collation> {
    match expr {
        Expr::Column(column) => Some(column.column.declared_collation),
        Expr::RelatedValue { value, .. } => declared(value),
        Expr::Outer(outer) => declared(&outer.value),
        Expr::Select(select) => select.value().and_then(declared),
        Expr::RelatedFirst(first) => first.select.value().and_then(declared),
        _ => None,
    }
}

/// What is said after a column of a table of pairs that is compared with a value.
fn said_of(fit: ColumnFit) -> String {
    fit.collation.map(|name| format!(" COLLATE \"{name}\"")).unwrap_or_default()
}

/// The name under which an inner query selects a part of what tells rows apart.
pub(super) fn name_of_identity(i: usize) -> String {
    if i == 0 { "k".to_owned() } else { format!("k{i}") }
}
