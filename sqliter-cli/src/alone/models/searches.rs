//! The full-text searches that models have made, as attributes.

use sqliter::schema::{Schema, SearchText, Table};

use super::names::written;
use super::plan::Draft;

/// The searches of a schema.
#[derive(Debug)]
pub(super) struct Searches(Vec<Search>);

#[derive(Debug)]
struct Search {
    /// The table that is searched.
    of: String,
    text: SearchText,
    tables: [String; 2],
    triggers: Vec<String>,
}

impl Searches {
    /// Those that consist of all that a model makes for one.
    pub(super) fn of(schema: &Schema) -> Self {
        Self(schema.tables.iter().filter_map(|table| search_of(schema, table)).collect())
    }

    /// Whether a table belongs to a search.
    pub(super) fn has_table(&self, name: &str) -> bool {
        self.0.iter().flat_map(|search| &search.tables).any(|table| table.eq_ignore_ascii_case(name))
    }

    /// Whether a trigger belongs to a search.
    pub(super) fn has_trigger(&self, name: &str) -> bool {
        self.0.iter().flat_map(|search| &search.triggers).any(|trigger| trigger.eq_ignore_ascii_case(name))
    }

    /// The attribute of a struct.
    pub(super) fn line_of(&self, draft: &Draft<'_>) -> Option<String> {
        let search = self.0.iter().find(|search| search.of.eq_ignore_ascii_case(&draft.table.name))?;
        let field = |column: &String| {
            let field = draft.fields.iter().find(|field| field.column.name.eq_ignore_ascii_case(column));
            field.map(|field| written(&field.name))
        };
        let mut parts = search.text.columns.iter().map(field).collect::<Option<Vec<_>>>()?;
        for option in ["tokenize", "prefix"] {
            parts.extend(search.text.option(option).map(|value| format!("{option} = {value:?}")));
        }
        Some(format!("search({})", parts.join(", ")))
    }
}

fn search_of(schema: &Schema, table: &Table) -> Option<Search> {
    let text = table.search()?;
    let of = schema.table(text.option("content")?)?;
    let [key] = of.primary_key.as_ref()?.parts.as_slice() else { return None };
    let tables = [format!("{}_search", of.name), format!("{}_search_replaced", of.name)];
    let is_of_key = text.option("content_rowid").is_some_and(|column| column.eq_ignore_ascii_case(&key.column));
    let known = text
        .options
        .iter()
        .all(|(option, _)| ["content", "content_rowid", "tokenize", "prefix"].contains(&option.as_str()));
    let ends = ["_insert", "_delete", "_update", "_before_insert", "_before_update"];
    let triggers: Vec<String> = ends.iter().map(|end| format!("{}{end}", table.name)).collect();
    let has_trigger = |name: &String| {
        schema.triggers.iter().any(|trigger| trigger.name == *name && trigger.table.eq_ignore_ascii_case(&of.name))
    };
    let [name, replaced] = &tables;
    let is_ours = *name == table.name && schema.table(replaced).is_some() && triggers.iter().all(has_trigger);
    (is_of_key && known && is_ours).then(|| Search { of: of.name.clone(), text, tables, triggers })
}
