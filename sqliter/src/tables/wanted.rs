//! What the models want to be in the file, in which order.

use crate::sql::Index;
use crate::table::TableInfo;

/// The indexes on foreign keys, then those that the model declares, each once.
pub(super) fn indexes(table: &TableInfo) -> Vec<Index> {
    let keys = table.columns.iter().enumerate().filter(|(i, column)| *i != table.key && column.references.is_some());
    let mut indexes: Vec<Index> = keys.map(|(_, column)| index(table.name, &[column.name], false)).collect();
    for declared in table.indexes {
        let declared = index(table.name, declared.columns, declared.unique);
        if !indexes.contains(&declared) {
            indexes.push(declared);
        }
    }
    indexes
}

pub(super) fn index(table: &str, columns: &[&str], unique: bool) -> Index {
    let name = format!("idx_{table}_{}{}", columns.join("_"), if unique { "_unique" } else { "" });
    Index { name, table: table.to_owned(), columns: columns.iter().map(|name| (*name).to_owned()).collect(), unique }
}

/// The tables so that each comes after those that it refers to, as far as there are no cycles.
pub(super) fn in_dependency_order(tables: &[&'static TableInfo]) -> Vec<&'static TableInfo> {
    let mut ordered: Vec<&'static TableInfo> = Vec::with_capacity(tables.len());
    let mut waiting = tables.to_vec();
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
    ordered
}
