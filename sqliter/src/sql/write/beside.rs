//! The SQL of related rows that are joined to the rows of a query.

use super::fitted::name_of_identity;
use super::uses::Uses;
use super::{Scope, SqlWriter};
use crate::sql::{Beside, Query};
use crate::table::{Link, RelationInfo, TableInfo};

impl SqlWriter {
    /// Joins related rows, with this alias, to those of a scope.
    pub(super) fn join_beside(&mut self, beside: &Beside, inner: bool, scope: usize, alias: usize) {
        let here = self.here.replace(scope);
        let Beside { path, rows, .. } = beside;
        let relation = path.relation;
        let key = self.source_of(path.before, relation);
        self.push(if inner { " JOIN " } else { " LEFT JOIN " });
        if !rows.is_unlimited() || rows.filters.iter().any(|filter| !Uses::of(filter).joins.is_empty()) {
            self.joined_by_query(relation, &key, rows, alias);
        } else {
            self.joined_by_link(relation, &key, inner, alias);
            self.conditions_of_alias(rows, alias);
        }
        self.here = here;
    }

    /// Those that a query of the related rows of each row gives.
    fn joined_by_query(&mut self, relation: &'static RelationInfo, key: &str, rows: &Query, alias: usize) {
        self.table_as(rows.table, alias);
        self.push(" ON ");
        self.identity(rows.table, Some(alias));
        self.push(if rows.limit == Some(1) { " = (SELECT " } else { " IN (SELECT " });
        let looks_outside = rows.is_arranged_by_outer();
        if looks_outside {
            let names: Vec<_> = (0..self.names_of_identity(rows.table).len()).map(name_of_identity).collect();
            self.push(&names.join(", "));
            self.push(" FROM (SELECT ");
        }
        self.enter(rows.table, Uses::query([], rows));
        let inside = self.alias(None).unwrap_or_default();
        if looks_outside {
            let columns = self.named_identity(rows.table).len();
            self.outer_keys(columns, rows);
        } else {
            self.identity_columns(rows.table, Some(inside));
        }
        self.rows_of_key(relation, key, rows, inside);
        self.leave();
        self.push(if looks_outside { "))" } else { ")" });
    }

    /// All that the relation leads to, each once.
    fn joined_by_link(&mut self, relation: &'static RelationInfo, key: &str, inner: bool, alias: usize) {
        let target = (relation.target)();
        match relation.link {
            // SQLite may begin with either side.
            Link::Junction(junction) if inner && !junction.symmetrical && !self.lets_in_pairs_twice(relation) => {
                self.link_from(relation, key, alias);
                self.push(" AND ");
                self.link_condition(relation, key, alias);
            }
            Link::Junction(junction) => {
                self.table_as(target, alias);
                self.push(" ON ");
                self.linking(target, target.key_column(), alias);
                self.in_pairs(relation, &junction.names(), key);
            }
            Link::ForeignKey(_) | Link::Referrer(_) => {
                self.link_from(relation, key, alias);
                self.push(" ON ");
                self.link_condition(relation, key, alias);
            }
        }
    }

    fn table_as(&mut self, table: &'static TableInfo, alias: usize) {
        self.name(table.name);
        self.push(" AS t");
        self.number(alias);
    }

    /// The conditions of a query over a table that is there already, with this alias.
    fn conditions_of_alias(&mut self, rows: &Query, alias: usize) {
        let (root, around) = (rows.table, self.here);
        self.scopes.push(Scope {
            root,
            joins: Vec::new(),
            searches: Vec::new(),
            alias: Some(alias),
            around,
            before: around,
            key: None,
            groups: Vec::new(),
            sorts: Vec::new(),
            windows: None,
            has_depth: false,
        });
        self.here = Some(self.scopes.len() - 1);
        for filter in &rows.filters {
            self.check_depth(&Uses::of(filter));
            self.push(" AND ");
            self.nested(filter);
        }
        if let Some((column, only)) = rows.deleted_test() {
            self.push(" AND ");
            self.is_deleted(column, Some(alias), only);
        }
        self.leave();
    }
}
