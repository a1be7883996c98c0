//! A schema as a [Mermaid](https://mermaid.js.org/syntax/entityRelationshipDiagram.html) diagram.

use std::fmt::Write as _;

use sqliter::schema::{Column, ForeignKey, Schema, Table};

/// The tables with their columns, and what refers to what.
pub(super) fn mermaid(schema: &Schema) -> String {
    let mut lines = vec!["erDiagram".to_owned()];
    for table in &schema.tables {
        lines.push(format!("    {} {{", entity(&table.name)));
        lines.extend(table.columns.iter().map(|column| format!("        {}", attribute(table, column))));
        lines.push("    }".to_owned());
    }
    for table in &schema.tables {
        lines.extend(table.foreign_keys.iter().map(|key| format!("    {}", relation(table, key))));
    }
    lines.join("\n") + "\n"
}

fn relation(table: &Table, key: &ForeignKey) -> String {
    let is_required = key.columns.iter().all(|name| table.column(name).is_some_and(|column| column.not_null));
    let many = if is_unique(table, &key.columns) { "|o" } else { "}o" };
    let one = if is_required { "||" } else { "o|" };
    let label = plain(&key.columns.join(", "));
    format!("{} {many}--{one} {} : \"{label}\"", entity(&table.name), entity(&key.table))
}

/// Whether no two rows have the same values in these columns.
fn is_unique(table: &Table, columns: &[String]) -> bool {
    let is = |names: Vec<&str>| {
        names.len() == columns.len() && names.iter().all(|name| columns.iter().any(|it| it.eq_ignore_ascii_case(name)))
    };
    let parts = |parts: &[sqliter::schema::Part]| is(parts.iter().map(|part| part.column.as_str()).collect());
    table.primary_key.iter().any(|key| parts(&key.parts))
        || table.unique.iter().any(|key| parts(&key.parts))
        || table.indexes.iter().any(|index| {
            index.unique
                && index.condition.is_none()
                && is(index.terms.iter().map(|term| term.value.as_str()).collect())
        })
}

fn attribute(table: &Table, column: &Column) -> String {
    let same = |name: &String| name.eq_ignore_ascii_case(&column.name);
    let is_key = table.primary_key.iter().flat_map(|key| &key.parts).any(|part| same(&part.column));
    let refers = table.foreign_keys.iter().any(|key| key.columns.iter().any(same));
    let is_unique = is_unique(table, std::slice::from_ref(&column.name));
    let marks = [("PK", is_key), ("FK", refers), ("UK", is_unique && !is_key)];
    let marks: Vec<_> = marks.into_iter().filter(|(_, is)| *is).map(|(mark, _)| mark).collect();
    let declared = word(column.declared_type.as_str());
    let declared = if declared.is_empty() { "ANY".to_owned() } else { declared };
    let name = word(&column.name);
    let mut text = format!("{declared} {name}");
    if !marks.is_empty() {
        text = format!("{text} {}", marks.join(", "));
    }
    let mut notes = Vec::new();
    if name != column.name {
        notes.push(plain(&column.name));
    }
    if !column.not_null && !is_key {
        notes.push("or NULL".to_owned());
    }
    if column.generated.is_some() {
        notes.push("computed".to_owned());
    }
    if !notes.is_empty() {
        // Writing to a text does not fail.
        let _ = write!(text, " \"{}\"", notes.join(", "));
    }
    text
}

/// A name as Mermaid takes it for a table: any text, in quotes where it is no word.
fn entity(name: &str) -> String {
    let word = word(name);
    if word == name { word } else { format!("\"{}\"", plain(name)) }
}

/// A name as Mermaid takes it for a column, which knows no quotes.
fn word(name: &str) -> String {
    let mut word: String = name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' }).collect();
    if word.starts_with(|c: char| c.is_ascii_digit()) {
        word.insert(0, '_');
    }
    word
}

/// A text inside of quotes.
fn plain(text: &str) -> String {
    text.replace(['"', '%', '\\', '\n'], "'")
}
