//! The SQL of relations: joined lists of keys, tables of pairs, subqueries over related rows.

use std::sync::Arc;

use super::uses::Uses;
use super::windows::windows_of;
use super::{SqlWriter, clamp};
use crate::sql::ast::{ColumnRef, Expr, Hop, RelatedFirst, RelatedTest, Selected};
use crate::sql::{Argument, Query};
use crate::table::{Junction, JunctionInfo, Link, PathNode, RelationInfo, Seen, Through};
use crate::value::Value;

impl SqlWriter {
    /// The rows that are related to a list of keys, each with the position of its key after the columns. Rows in the
    /// order of their own integer key come in any order: mostly in this one, and sorting takes SQLite longer than
    /// looking.
    pub(crate) fn related(
        &mut self,
        relation: &'static RelationInfo,
        columns: &[Selected],
        query: &Query,
        keys: Arc<[Value]>,
    ) {
        let query = if query.is_in_order_of_integer_key() { query.clone() } else { query.clone().ordered() };
        self.enter_as(query.table, Uses::query(columns.iter().map(|column| &column.expr), &query), true);
        let alias = self.alias(None).unwrap_or_default();
        // They are over the related rows of each key.
        let windows = windows_of(columns.iter().map(|column| &column.expr), &query);
        let windows = windows.map(|windows| windows.parted_by("k.rowid"));
        // It is said while a row is read, and not where a window numbers the rows: so these are numbered afterwards.
        let says_of_matches =
            !query.is_unlimited() && columns.iter().any(|column| column.expr.search_of_row_at_hand().is_some());
        if query.is_unlimited() {
            self.push("SELECT ");
            self.with_windows(&windows, |sql| sql.columns(columns));
            self.push(", k.rowid AS position");
        } else {
            // Columns of the model may be called `number` and `position` too.
            self.push("SELECT * FROM (SELECT ");
            if says_of_matches {
                self.push("*, row_number() OVER (PARTITION BY position");
                self.order_by_names(&query);
                self.push(") AS number FROM (SELECT ");
            }
            self.with_windows(&windows, |sql| {
                for (i, column) in columns.iter().enumerate() {
                    sql.selected(column);
                    sql.push(" AS c");
                    sql.number(i);
                    sql.push(", ");
                }
            });
            self.push("k.rowid AS position");
            if says_of_matches {
                self.named_keys(&query.order);
                self.named_ends_of_order(&query);
            } else {
                self.push(", row_number() OVER (PARTITION BY k.rowid");
                self.order(&query.order);
                self.end_of_order(&query);
                self.push(") AS number");
            }
        }
        // The list comes first, so that each of its keys is looked up in an index.
        self.push(" FROM rarray(");
        self.bind_list(keys);
        self.push(") AS k CROSS JOIN ");
        self.link_from(relation, "k.value", alias);
        self.joins();
        self.push(" WHERE ");
        self.link_condition(relation, "k.value", alias);
        if !query.filters.is_empty() {
            self.push(" AND ");
            let must_be_true = std::mem::replace(&mut self.must_be_true, true);
            self.joined(query.filters.iter(), " AND ");
            self.must_be_true = must_be_true;
        }
        if let Some((column, only)) = query.deleted_test() {
            self.push(" AND ");
            self.is_deleted(column, Some(alias), only);
        }
        if may_repeat_pairs(relation) {
            self.push(" GROUP BY k.rowid, ");
            self.identity_columns(query.table, self.alias(None));
        }
        if query.is_unlimited() {
            self.with_windows(&windows, |sql| sql.order(&query.order));
            self.end_of_order(&query);
        } else {
            self.push(if says_of_matches { "))" } else { ")" });
            self.push(" WHERE number > ");
            self.number(clamp(query.offset));
            if let Some(limit) = query.limit {
                self.push(" AND number <= ");
                self.number(clamp(limit.saturating_add(query.offset)));
            }
            self.push(" ORDER BY position, number");
        }
        self.leave();
    }

    /// The table of the related rows, with the table of pairs if there is one. Without the first, its key is that in the
    /// pairs.
    pub(super) fn link_from(&mut self, relation: &'static RelationInfo, key: &str, alias: usize) {
        let target = (relation.target)();
        self.seen.push(Seen::Table(target));
        if let Link::Junction(junction) = relation.link {
            self.seen.push(Seen::Pairs(relation));
            let names = junction.names();
            self.name(&names.table);
            self.push(" AS j");
            self.number(alias);
            if self.scope().is_some_and(|scope| scope.key.is_some()) {
                return;
            }
            self.push(" JOIN ");
            self.name(target.name);
            self.push(" AS t");
            self.number(alias);
            self.push(" ON ");
            self.linking(target, target.key_column(), alias);
            self.push(" = ");
            self.pair_target(relation, &names, key, &format!("j{alias}."));
        } else {
            self.name(target.name);
            self.push(" AS t");
            self.number(alias);
        }
    }

    /// The condition that a row is related to the key.
    pub(super) fn link_condition(&mut self, relation: &'static RelationInfo, key: &str, alias: usize) {
        if let Link::Junction(junction) = relation.link {
            self.pair_source(relation, &junction.names(), key, &format!("j{alias}."));
        } else {
            self.linking((relation.target)(), relation.target_column(), alias);
            self.push(" = ");
            self.push(key);
        }
    }

    /// The key of the related row in a pair.
    fn pair_target(&mut self, relation: &'static RelationInfo, names: &Junction, key: &str, table: &str) {
        let (source, target) = self.pair_sides(relation, names, table);
        if names.symmetrical {
            let say = self.binary_in_links((relation.target)().key_column());
            self.push(&format!("CASE {key}{say} WHEN {source} THEN {target} ELSE {source} END"));
        } else {
            self.push(&target);
        }
    }

    /// The condition that a pair belongs to the key.
    fn pair_source(&mut self, relation: &'static RelationInfo, names: &Junction, key: &str, table: &str) {
        let (source, target) = self.pair_sides(relation, names, table);
        let say = self.binary_in_links((relation.source)().key_column());
        let sides: &[&str] = if names.symmetrical { &[&source, &target] } else { &[&source] };
        self.push(if names.symmetrical { "(" } else { "" });
        for (i, side) in sides.iter().enumerate() {
            self.push(if i > 0 { " OR " } else { "" });
            self.push(side);
            self.push(say);
            self.push(" = ");
            self.push(key);
        }
        self.push(if names.symmetrical { ")" } else { "" });
    }

    /// Whether the value written just before is in a pair with the key.
    pub(super) fn in_pairs(&mut self, relation: &'static RelationInfo, names: &Junction, key: &str) {
        self.seen.push(Seen::Pairs(relation));
        self.push(" IN (SELECT ");
        self.pair_target(relation, names, key, "j.");
        self.push(" FROM ");
        self.name(&names.table);
        self.push(" AS j WHERE ");
        self.pair_source(relation, names, key, "j.");
        self.push(")");
    }

    /// The rows of the innermost query that are related to one key by a table of pairs.
    pub(super) fn is_linked_to(&mut self, relation: &'static RelationInfo, key: &Value) {
        let Link::Junction(junction) = relation.link else { return };
        let names = junction.names();
        let placeholders = if names.symmetrical { 3 } else { 1 };
        self.own_key((relation.target)());
        self.in_pairs(relation, &names, "?");
        self.arguments.extend((0..placeholders).map(|_| Argument::Value(key.clone())));
    }

    /// A test of the rows related by a path.
    pub(super) fn related_test(
        &mut self,
        path: Option<&'static PathNode>,
        relation: &'static RelationInfo,
        condition: &Expr,
        test: RelatedTest,
    ) {
        let key = self.source_of(path, relation);
        let target = (relation.target)();
        if test == RelatedTest::Any && self.chooses && leads_back(relation, condition) && !condition.looks_outside() {
            return self.is_among_related(&key, relation, condition);
        }
        // What the condition is about are few rows, those that are related to one.
        let chooses = std::mem::take(&mut self.chooses);
        match test {
            // SQLite 3.51 makes a join of a bare EXISTS, and an OFFSET then counts related rows. It leaves alone what has
            // a plus before it.
            RelatedTest::Any => {
                self.enter(target, Uses::filter(condition));
                self.push("+EXISTS (SELECT 1 FROM ");
            }
            RelatedTest::None => {
                self.enter(target, Uses::filter(condition));
                self.push("NOT EXISTS (SELECT 1 FROM ");
            }
            RelatedTest::All => {
                self.enter(target, Uses::of(condition));
                self.push("NOT EXISTS (SELECT 1 FROM ");
            }
        }
        let alias = self.alias(None).unwrap_or_default();
        self.take_key_from_pairs(relation, condition, alias);
        self.link_from(relation, &key, alias);
        self.joins();
        self.push(" WHERE ");
        self.link_condition(relation, &key, alias);
        self.and_is_there(relation, alias);
        if condition.is_always() {
            // Any related row will do.
        } else if test == RelatedTest::All {
            self.push(" AND ");
            self.parenthesised(condition);
            self.push(" IS NOT TRUE");
        } else {
            self.push(" AND ");
            self.nested(condition);
        }
        self.leave();
        self.push(")");
        self.chooses = chooses;
    }

    /// Whether a row is among those that a related row which meets the condition leads to. SQLite looks for these rows once,
    /// and may begin with them.
    fn is_among_related(&mut self, key: &str, relation: &'static RelationInfo, condition: &Expr) {
        let target = (relation.target)();
        self.push(key);
        self.push(self.binary_in_links(relation.source_column()));
        self.enter(target, Uses::filter(condition));
        let alias = self.alias(None).unwrap_or_default();
        self.take_key_from_pairs(relation, condition, alias);
        self.push(" IN (SELECT ");
        if let Link::Junction(junction) = relation.link {
            let (source, _) = self.pair_sides(relation, &junction.names(), &format!("j{alias}."));
            self.push(&source);
        } else {
            self.linking(target, relation.target_column(), alias);
        }
        self.push(" FROM ");
        self.link_from(relation, key, alias);
        self.joins();
        self.push(" WHERE ");
        if relation.leaves_out_deleted_by().is_some() {
            self.nested(condition);
            self.and_is_there(relation, alias);
        } else {
            self.condition(condition);
        }
        self.leave();
        self.push(")");
    }

    /// In a query over related rows behind a table of pairs whose condition needs their key alone: the pairs have it.
    fn take_key_from_pairs(&mut self, relation: &'static RelationInfo, condition: &Expr, alias: usize) {
        let Link::Junction(junction) = relation.link else { return };
        if junction.symmetrical
            || relation.leaves_out_deleted_by().is_some()
            || !condition.is_about_key_of((relation.target)())
            || !(relation.target)().key_column().is_equal_by_bytes_alone()
            || !junction.has_both_keys()
            || self.lets_in_pairs_of_others(relation)
        {
            return;
        }
        let (_, key) = self.pair_sides(relation, &junction.names(), &format!("j{alias}."));
        if let Some(scope) = self.scope_mut() {
            scope.key = Some(key);
        }
    }

    /// The column that a hop starts from, in the innermost query.
    pub(super) fn source_of(&mut self, path: Option<&'static PathNode>, relation: &'static RelationInfo) -> String {
        let start = self.text.len();
        self.by_value(ColumnRef { path, column: relation.source_column() });
        self.text.split_off(start)
    }

    /// A value of the first of the related rows, in the order of their query.
    pub(super) fn related_first(&mut self, first: &RelatedFirst) {
        let RelatedFirst { relation, select } = first;
        let (query, Some(value)) = (select.query(), select.value()) else { return };
        let key = self.source_of(None, relation);
        let target = (relation.target)();
        let looks_outside = query.is_arranged_by_outer();
        self.push(if looks_outside { "(SELECT v FROM (SELECT " } else { "(SELECT " });
        self.enter(target, Uses::query([value], query));
        let alias = self.alias(None).unwrap_or_default();
        self.operand(value);
        self.push(if looks_outside { " AS v" } else { "" });
        self.outer_keys(1, query);
        self.rows_of_key(relation, &key, query, alias);
        self.leave();
        self.push(if looks_outside { "))" } else { ")" });
    }

    /// Everything behind the columns of a query that has just been entered, over the rows that are related to a key.
    pub(super) fn rows_of_key(&mut self, relation: &'static RelationInfo, key: &str, query: &Query, alias: usize) {
        self.push(" FROM ");
        self.link_from(relation, key, alias);
        self.joins();
        self.push(" WHERE ");
        self.link_condition(relation, key, alias);
        let chooses = std::mem::take(&mut self.chooses);
        let must_be_true = std::mem::replace(&mut self.must_be_true, true);
        for filter in &query.filters {
            self.push(" AND ");
            self.nested(filter);
        }
        self.must_be_true = must_be_true;
        if let Some((column, only)) = query.deleted_test() {
            self.push(" AND ");
            self.is_deleted(column, Some(alias), only);
        }
        self.chooses = chooses;
        if may_repeat_pairs(relation) && query.limit != Some(1) {
            self.push(" GROUP BY ");
            self.identity_columns(query.table, Some(alias));
        }
        self.order(&query.order);
        self.end_of_order(query);
        self.limit(query);
    }

    /// An aggregate of the rows that the hops lead to.
    pub(super) fn related_value(&mut self, hops: &[Hop], value: &Expr, distinct: bool) {
        let Some(last) = hops.last() else { return };
        let target = (last.relation.target)();
        self.push("(SELECT ");
        if distinct {
            // Each row once, however many ways lead to it.
            self.enter(target, Uses::of(value));
            self.operand(value);
            self.push(" FROM ");
            self.from();
            self.push(" WHERE ");
            self.identity(target, self.alias(None));
            self.leave();
            self.push(" IN (SELECT ");
            self.through(hops, None);
            self.push(")");
        } else {
            self.through(hops, Some(value));
        }
        self.push(")");
    }

    /// The value, of the rows that the hops lead to, each as often as there are ways to it; without one, what tells
    /// these rows apart.
    fn through(&mut self, hops: &[Hop], value: Option<&Expr>) {
        let outermost = self.scopes.len();
        let around = self.here;
        let mut keys = Vec::with_capacity(hops.len());
        for (i, hop) in hops.iter().enumerate() {
            keys.push(self.source_of(hop.path, hop.relation));
            let mut uses = Uses::default();
            match hops.get(i + 1) {
                Some(next) => uses.path(next.path),
                None => value.into_iter().for_each(|value| uses.expr(value)),
            }
            hop.condition.iter().for_each(|condition| uses.expr(condition));
            self.enter((hop.relation.target)(), uses);
            if let Some(scope) = self.scope_mut() {
                scope.around = around;
            }
        }
        let aliases: Vec<usize> =
            self.scopes.iter().skip(outermost).map(|scope| scope.alias(None).unwrap_or_default()).collect();
        match (value, hops.last()) {
            (Some(value), _) => self.operand(value),
            (None, Some(last)) => self.identity_columns((last.relation.target)(), self.alias(None)),
            (None, None) => {}
        }
        for (i, ((hop, key), alias)) in hops.iter().zip(&keys).zip(&aliases).enumerate() {
            self.push(if i == 0 { " FROM " } else { ", " });
            if may_repeat_pairs(hop.relation) {
                self.name((hop.relation.target)().name);
                self.push(" AS t");
                self.number(alias);
            } else {
                self.link_from(hop.relation, key, *alias);
            }
            self.joins_of(outermost + i);
        }
        for (i, ((hop, key), alias)) in hops.iter().zip(&keys).zip(&aliases).enumerate() {
            self.push(if i == 0 { " WHERE " } else { " AND " });
            match hop.relation.link {
                Link::Junction(junction) if may_repeat_pairs(hop.relation) => {
                    let names = junction.names();
                    let target = (hop.relation.target)();
                    self.linking(target, target.key_column(), *alias);
                    self.in_pairs(hop.relation, &names, key);
                }
                Link::Junction(_) | Link::ForeignKey(_) | Link::Referrer(_) => {
                    self.link_condition(hop.relation, key, *alias);
                }
            }
            self.and_is_there(hop.relation, *alias);
            if let Some(condition) = &hop.condition {
                self.push(" AND ");
                let last = self.here.replace(outermost + i);
                self.nested(condition);
                self.here = last;
            }
        }
        self.scopes.truncate(outermost);
        self.here = around;
    }
}

/// Whether it is quick to go from the related rows that meet a condition back to what they are related to.
fn leads_back(relation: &RelationInfo, condition: &Expr) -> bool {
    match (relation.link, condition) {
        (Link::Junction(junction), _) => !junction.symmetrical && !condition.is_always(),
        (_, Expr::And(parts)) => parts.iter().any(|part| leads_back(relation, part)),
        (_, Expr::Related { path: None, relation, condition, test: RelatedTest::Any }) => {
            leads_back(relation, condition)
        }
        (_, condition) => condition.is_found_by_index((relation.target)()),
    }
}

/// Whether a pair may have several rows, as in a model between two others. They count as one.
pub(super) const fn may_repeat_pairs(relation: &RelationInfo) -> bool {
    matches!(relation.link, Link::Junction(JunctionInfo { through: Through::TableOf(_), .. }))
}
