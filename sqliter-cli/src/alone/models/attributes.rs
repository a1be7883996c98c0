//! The attributes of a struct, but for its relations.

use std::collections::HashMap;

use sqliter::schema::{Check, Index, Table};

use super::column::{self, Type};
use super::keys;
use super::names::written;
use super::native::{is_native, is_native_composite, is_of_foreign_key, says_key_on_field};
use super::plan::Draft;
use super::{relations, sql};

/// The attributes of the struct, but for relations. What has no form is told in its documentation.
pub(super) fn attributes(draft: &mut Draft<'_>) -> Vec<String> {
    let Draft { table, key, fields, .. } = &*draft;
    let table = *table;
    let mut lines = vec![format!("table = {:?}", table.name)];
    if !table.strict {
        lines.push("strict = false".to_owned());
    }
    if table.without_rowid {
        lines.push("without_rowid".to_owned());
    }
    let field_names: HashMap<String, &str> =
        fields.iter().map(|field| (field.column.name.to_ascii_lowercase(), field.name.as_str())).collect();
    let name_of = |column: &str| field_names.get(&column.to_ascii_lowercase()).copied();
    let mut docs = Vec::new();
    for index in &table.indexes {
        if is_of_foreign_key(table, fields, index) {
            continue;
        }
        match index_line(index, table, &name_of) {
            Ok(line) => lines.push(line),
            Err(reason) => docs.push(format!("The index `{}` has no form: {reason}.", index.name)),
        }
    }
    for unique in &table.unique {
        let is_plain = unique.parts.iter().all(keys::is_plain) && unique.on_conflict.is_none();
        let is_of_field = is_plain
            && unique.parts.len() == 1
            && unique.parts.first().is_some_and(|part| {
                !table
                    .primary_key
                    .as_ref()
                    .is_some_and(|key| key.parts.len() == 1 && key.parts.iter().any(|it| it.column == part.column))
            });
        if is_of_field {
            continue;
        }
        let names: Option<Vec<String>> = unique.parts.iter().map(|part| name_of(&part.column).map(written)).collect();
        lines.push(match names.filter(|names| is_plain && names.len() > 1) {
            Some(names) => format!("unique({}, constraint)", names.join(", ")),
            None => format!("constraint = {:?}", sql::unique(unique)),
        });
    }
    if let (Some(primary), Some(own)) = (&table.primary_key, key)
        && !says_key_on_field(table, own)
        && !is_native_composite(draft)
    {
        lines.push(format!("constraint = {:?}", sql::primary_key(primary)));
    }
    lines.extend(relations::others(draft).map(|sql| format!("constraint = {sql:?}")));
    let of_bools: Vec<usize> = fields
        .iter()
        .filter(|field| field.ty == Type::Bool && is_native(draft, field))
        .filter_map(|field| column::bool_check(table, field.column))
        .collect();
    for (_, check) in table.checks.iter().enumerate().filter(|(i, _)| !of_bools.contains(i)) {
        match check_line(check, table) {
            Ok(line) => lines.push(line),
            Err(reason) => docs.push(reason),
        }
    }
    if !docs.is_empty() {
        draft.docs.push(String::new());
        draft.docs.extend(docs);
    }
    lines
}

fn index_line<'n>(index: &Index, table: &Table, name_of: &impl Fn(&str) -> Option<&'n str>) -> Result<String, String> {
    let mut parts = Vec::new();
    for term in &index.terms {
        let column = table.column(term.value.as_str());
        let default = column.map_or("BINARY", |column| column.collation.as_str());
        let name = column.and_then(|column| name_of(&column.name)).map(written);
        let direction = if term.descending { " desc" } else { "" };
        let part = match name.filter(|_| term.collation.eq_ignore_ascii_case(default)) {
            Some(name) if !parts.contains(&name) && !parts.contains(&format!("{name} desc")) => {
                format!("{name}{direction}")
            }
            _ => {
                let value = match column {
                    Some(column) => sql::bare(&column.name),
                    None => term.value.plain(),
                };
                if sql::has_text_in_double_quotes(&term.value, table) {
                    return Err("a text in it stands in double quotes".to_owned());
                }
                let collation = match term.collation.eq_ignore_ascii_case(default) {
                    true => String::new(),
                    false => format!(" COLLATE {}", sql::bare(&term.collation)),
                };
                format!("expr = {:?}", format!("{value}{collation}{}", direction.to_ascii_uppercase()))
            }
        };
        parts.push(part);
    }
    if index.unique {
        parts.push("unique".to_owned());
    }
    if let Some(condition) = &index.condition {
        if sql::has_text_in_double_quotes(condition, table) {
            return Err("a text in its condition stands in double quotes".to_owned());
        }
        parts.push(format!("where = {:?}", condition.plain()));
    }
    parts.push(format!("name = {:?}", index.name));
    Ok(format!("index({})", parts.join(", ")))
}

fn check_line(check: &Check, table: &Table) -> Result<String, String> {
    let condition = check.condition.plain();
    if sql::has_text_in_double_quotes(&check.condition, table) {
        return Err(format!("The check `{condition}` has no form: a text in it stands in double quotes."));
    }
    Ok(match &check.name {
        Some(name) => format!("check(expr = {condition:?}, name = {name:?})"),
        None => format!("check = {condition:?}"),
    })
}
