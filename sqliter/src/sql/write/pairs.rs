//! The SQL that writes the pairs of a many-to-many relation.

use std::sync::Arc;

use super::SqlWriter;
use crate::sql::Argument;
use crate::table::{Junction, Link, RelationInfo, Seen};
use crate::value::Value;

/// Which pairs of a key.
#[derive(Debug)]
pub(crate) enum ChosenPairs {
    All,
    /// Those with one of these keys of the other side.
    With(Arc<[Value]>),
    /// Those with any other key.
    Without(Arc<[Value]>),
}

impl SqlWriter {
    /// Opens a statement about the pairs of a relation.
    fn pairs_of(&mut self, relation: &'static RelationInfo) -> Option<Junction> {
        let Link::Junction(junction) = relation.link else { return None };
        self.seen.push(Seen::Pairs(relation));
        Some(junction.names())
    }

    /// Inserts a pair unless it is there. What is bound later are the keys of the source and the target, then the values of
    /// the further columns.
    pub(crate) fn insert_pair(&mut self, relation: &'static RelationInfo, further: &[&str]) {
        let Some(names) = self.pairs_of(relation) else { return };
        let looks = self.lets_in_pairs_twice(relation);
        self.push("INSERT INTO ");
        self.name(&names.table);
        self.push(" (");
        self.name(&names.source);
        self.push(", ");
        self.name(&names.target);
        for column in further {
            self.push(", ");
            self.name(column);
        }
        if !looks {
            return self.push(") VALUES (?, ?) ON CONFLICT DO NOTHING");
        }
        self.push(") SELECT ?1, ?2");
        for i in 0..further.len() {
            self.push(", ?");
            self.number(i + 3);
        }
        self.push(" WHERE NOT EXISTS (SELECT 1 FROM ");
        self.name(&names.table);
        self.push(" WHERE ");
        self.is_pair(relation, &names, "?1", "?2");
        self.push(")");
    }

    /// Counts the keys that are in no pair with a key.
    pub(crate) fn count_missing_pairs(&mut self, relation: &'static RelationInfo, key: &Value, others: Arc<[Value]>) {
        let Some(names) = self.pairs_of(relation) else { return };
        self.push("SELECT COUNT(*) FROM rarray(?1) AS k WHERE NOT EXISTS (SELECT 1 FROM ");
        self.name(&names.table);
        self.push(" WHERE ");
        self.is_pair(relation, &names, "?2", "k.value");
        self.push(")");
        self.arguments.extend([Argument::List(others), Argument::Value(key.clone())]);
    }

    /// The condition that a pair is one of these two keys.
    fn is_pair(&mut self, relation: &'static RelationInfo, names: &Junction, key: &str, other: &str) {
        let (source, target) = self.compared_sides(relation, names);
        let directions: &[_] = if names.symmetrical { &[(key, other), (other, key)] } else { &[(key, other)] };
        for (i, (key, other)) in directions.iter().enumerate() {
            self.push(if i == 0 { "" } else { " OR " });
            for part in [&source, " = ", key, " AND ", &target, " = ", other] {
                self.push(part);
            }
        }
    }

    /// Deletes pairs of a key.
    pub(crate) fn delete_pairs(&mut self, relation: &'static RelationInfo, key: &Value, chosen: &ChosenPairs) {
        self.push("DELETE");
        self.chosen_pairs(relation, key, chosen);
    }

    /// Whether there are such pairs.
    pub(crate) fn exist_pairs(&mut self, relation: &'static RelationInfo, key: &Value, chosen: &ChosenPairs) {
        self.push("SELECT EXISTS (SELECT 1");
        self.chosen_pairs(relation, key, chosen);
        self.push(")");
    }

    fn chosen_pairs(&mut self, relation: &'static RelationInfo, key: &Value, chosen: &ChosenPairs) {
        let Some(names) = self.pairs_of(relation) else { return };
        let (source, target) = self.compared_sides(relation, &names);
        self.push(" FROM ");
        self.name(&names.table);
        self.push(" WHERE ");
        self.is_chosen(&source, &target, key, chosen);
        if names.symmetrical {
            self.push(" OR ");
            self.is_chosen(&target, &source, key, chosen);
        }
    }

    fn is_chosen(&mut self, from: &str, to: &str, key: &Value, chosen: &ChosenPairs) {
        let (others, test) = match chosen {
            ChosenPairs::All => (None, ""),
            ChosenPairs::With(others) => (Some(others), " IN rarray("),
            ChosenPairs::Without(others) => (Some(others), " NOT IN rarray("),
        };
        self.push(if others.is_some() { "(" } else { "" });
        self.push(from);
        self.push(" = ");
        self.bind(key.clone());
        if let Some(others) = others {
            self.push(" AND ");
            self.push(to);
            self.push(test);
            self.bind_list(Arc::clone(others));
            self.push("))");
        }
    }
}
