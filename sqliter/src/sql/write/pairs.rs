//! The SQL that writes the pairs of a many-to-many relation.

use std::sync::Arc;

use super::SqlWriter;
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

    /// Inserts the pairs of a key with others, but for those that are there, in the order of the others. The further columns
    /// get the same values in all of them.
    pub(crate) fn insert_pairs(
        &mut self,
        relation: &'static RelationInfo,
        key: &Value,
        others: &Arc<[Value]>,
        further: &[(&str, Value)],
    ) {
        let Some(names) = self.pairs_of(relation) else { return };
        let looks = self.lets_in_pairs_twice(relation);
        self.push("INSERT INTO ");
        self.name(&names.table);
        self.push(" (");
        self.name(&names.source);
        self.push(", ");
        self.name(&names.target);
        for (column, _) in further {
            self.push(", ");
            self.name(column);
        }
        // The others may have one twice, and what is inserted is not seen by the condition.
        self.push(if looks { ") SELECT DISTINCT " } else { ") SELECT " });
        if names.symmetrical {
            // A symmetrical pair is stored once, the smaller key on the left.
            self.push("min(k.value, ");
            self.bind(key.clone());
            self.push("), max(k.value, ");
            self.bind(key.clone());
            self.push(")");
        } else {
            self.bind(key.clone());
            self.push(", k.value");
        }
        for (_, value) in further {
            self.push(", ");
            self.bind(value.clone());
        }
        self.push(" FROM rarray(");
        self.bind_list(Arc::clone(others));
        self.push(") AS k WHERE ");
        if !looks {
            // Without a condition, SQLite would take the ON for that of a join.
            return self.push("true ON CONFLICT DO NOTHING");
        }
        self.push("NOT EXISTS (SELECT 1 FROM ");
        self.name(&names.table);
        self.push(" WHERE ");
        self.is_pair(relation, &names, key, "k.value");
        self.push(")");
    }

    /// Counts the keys that are in no pair with a key.
    pub(crate) fn count_missing_pairs(&mut self, relation: &'static RelationInfo, key: &Value, others: Arc<[Value]>) {
        self.push("SELECT COUNT(*)");
        self.missing_pairs(relation, key, others);
    }

    fn missing_pairs(&mut self, relation: &'static RelationInfo, key: &Value, others: Arc<[Value]>) {
        let Some(names) = self.pairs_of(relation) else { return };
        self.push(" FROM rarray(");
        self.bind_list(others);
        self.push(") AS k WHERE NOT EXISTS (SELECT 1 FROM ");
        self.name(&names.table);
        self.push(" WHERE ");
        self.is_pair(relation, &names, key, "k.value");
        self.push(")");
    }

    /// The condition that a pair is one of a key and another one, which is written as SQL.
    fn is_pair(&mut self, relation: &'static RelationInfo, names: &Junction, key: &Value, other: &str) {
        let (source, target) = self.compared_sides(relation, names);
        let mut sides = vec![(&source, &target)];
        if names.symmetrical {
            sides.push((&target, &source));
        }
        for (i, (of_key, of_other)) in sides.into_iter().enumerate() {
            self.push(if i == 0 { "" } else { " OR " });
            self.push(of_key);
            self.push(" = ");
            self.bind(key.clone());
            for part in [" AND ", of_other, " = ", other] {
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

    /// Whether a key is in pairs with any other keys, and whether one of the others is in no pair with it.
    pub(crate) fn difference_of_pairs(&mut self, relation: &'static RelationInfo, key: &Value, others: &Arc<[Value]>) {
        self.exist_pairs(relation, key, &ChosenPairs::Without(Arc::clone(others)));
        self.push(", EXISTS (SELECT 1");
        self.missing_pairs(relation, key, Arc::clone(others));
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
