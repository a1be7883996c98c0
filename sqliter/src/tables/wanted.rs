//! What the models want to be in the file, in which order.

use crate::sql::{Index, Part};
use crate::table::{IndexPart, Indexed, TableInfo};

/// The indexes on foreign keys, then those that the model declares, without those that another index or a constraint
/// makes idle.
pub(super) fn indexes(table: &TableInfo) -> Vec<Index> {
    if table.view.is_some() {
        return Vec::new();
    }
    let keys = table.columns.iter().filter(|column| column.references.is_some() && column.indexed);
    // Each with whether the model has given it a name.
    let mut all: Vec<(Index, bool)> = keys.map(|column| (on_column(table.name, column.name), false)).collect();
    for declared in table.indexes.iter().filter(|index| !index.constraint) {
        let index = Index {
            name: declared.name.map_or_else(|| name(table.name, declared.parts, declared.unique), str::to_owned),
            table: table.name.to_owned(),
            parts: declared.parts.iter().map(Part::from).collect(),
            unique: declared.unique,
            filter: declared.filter,
        };
        if !all.iter().any(|(other, _)| *other == index) {
            all.push((index, declared.name.is_some()));
        }
    }
    let mut constraints: Vec<Vec<Part>> = vec![table.key_columns().map(|column| Part::of(column.name)).collect()];
    constraints.extend(table.columns.iter().filter(|column| column.unique).map(|column| vec![Part::of(column.name)]));
    let declared = table.indexes.iter().filter(|index| index.constraint);
    constraints.extend(declared.map(|index| index.parts.iter().map(Part::from).collect()));
    let is_idle = |i: usize, (index, has_name): &(Index, bool)| {
        let mut others = all.iter().enumerate().filter(|(j, _)| *j != i);
        // Of two that serve the same the one with a name of its own stays, else the first.
        let serves = |(j, (other, named)): (usize, &(Index, bool))| {
            let is_same = other.parts.len() == index.parts.len() && other.unique == index.unique;
            other.filter.is_none() && begins_with(&other.parts, &index.parts) && (!is_same || *named || j < i)
        };
        let constrained = || {
            constraints
                .iter()
                .any(|parts| begins_with(parts, &index.parts) && (!index.unique || parts.len() == index.parts.len()))
        };
        let ordinary = !index.unique && others.any(serves);
        !has_name && index.filter.is_none() && (ordinary || constrained())
    };
    let idle: Vec<bool> = all.iter().enumerate().map(|(i, index)| is_idle(i, index)).collect();
    all.into_iter().zip(idle).filter(|(_, idle)| !idle).map(|((index, _), _)| index).collect()
}

/// Whether an index serves whatever an index over these parts does: it begins with them, all in their directions or all in
/// the opposite ones, as SQLite reads an index from either end.
fn begins_with(index: &[Part], parts: &[Part]) -> bool {
    let Some(start) = index.get(..parts.len()) else { return false };
    let pairs = || start.iter().zip(parts);
    pairs().all(|(a, b)| a.value == b.value)
        && (pairs().all(|(a, b)| a.descending == b.descending) || pairs().all(|(a, b)| a.descending != b.descending))
}

/// An index over one column.
pub(super) fn on_column(table: &str, column: &str) -> Index {
    let name = format!("idx_{table}_{column}");
    Index { name, table: table.to_owned(), parts: vec![Part::of(column)], unique: false, filter: None }
}

/// The name of an index that the model gives none: of its table and its parts, of expressions their words.
fn name(table: &str, parts: &[IndexPart], unique: bool) -> String {
    let mut name = format!("idx_{table}");
    for part in parts {
        match part.value {
            Indexed::Column(column) => {
                name.push('_');
                name.push_str(column);
            }
            Indexed::Expression(sql) => {
                let words = sql.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty());
                for word in words {
                    name.push('_');
                    name.push_str(word);
                }
            }
        }
    }
    if unique {
        name.push_str("_unique");
    }
    name
}

/// The tables so that each comes after those that it refers to, as far as there are no cycles; then the views in their order,
/// which may read all of them and the views before.
pub(super) fn in_dependency_order(tables: &[&'static TableInfo]) -> Vec<&'static TableInfo> {
    let mut ordered: Vec<&'static TableInfo> = Vec::with_capacity(tables.len());
    let (views, mut waiting): (Vec<_>, Vec<_>) = tables.iter().copied().partition(|table| table.view.is_some());
    while !waiting.is_empty() {
        let ready = waiting.iter().position(|table| {
            !table.columns.iter().filter_map(|column| column.references).any(|key| {
                let target = (key.table)().name;
                target != table.name && waiting.iter().any(|other| other.name == target)
            })
        });
        // In a cycle any is as good as the next; SQLite allows references to tables that come later.
        ordered.push(waiting.remove(ready.unwrap_or(0)));
    }
    ordered.extend(views);
    ordered
}
