//! The text of the source.

use super::plan::{Plan, Struct};
use sqliter::schema::quoted;

/// How many models fit a tuple.
const MOST_IN_A_TUPLE: usize = 16;

/// How long a line may be.
const WIDTH: usize = 100;

pub(super) fn source(plan: &Plan, file: &str) -> String {
    let mut text = format!("//! The tables of {}, as `sqliter models` has read them.\n\n", one_line(file));
    let models: Vec<&Struct> = plan.structs.iter().filter(|it| it.is_model).collect();
    let uses =
        |word: &str| plan.structs.iter().flat_map(|it| &it.fields).any(|field| words(&field.ty).any(|it| it == word));
    if !models.is_empty() {
        text.push_str("// Clippy takes a column that two indexes have for an attribute that is given twice.\n");
        text.push_str("#![allow(clippy::duplicated_attributes)]\n\n");
        text.push_str("use sqliter::prelude::*;\n");
    }
    let mut names = Vec::new();
    if uses("Any") {
        names.push("Any");
    }
    if plan.structs.iter().any(|it| !it.is_model) {
        names.push("Row");
    }
    match names.as_slice() {
        [] => {}
        [name] => text.push_str(&format!("use sqliter::{name};\n")),
        names => text.push_str(&format!("use sqliter::{{{}}};\n", names.join(", "))),
    }
    for it in &plan.structs {
        text.push('\n');
        write_struct(it, &mut text);
    }
    write_all(&models, &mut text);
    for note in &plan.notes {
        text.push('\n');
        for line in note.lines() {
            text.push_str(format!("// {line}").trim_end());
            text.push('\n');
        }
    }
    text
}

fn words(ty: &str) -> impl Iterator<Item = &str> {
    ty.split(|c: char| !c.is_alphanumeric() && c != '_')
}

fn write_struct(it: &Struct, text: &mut String) {
    for docs in &it.docs {
        for line in if docs.is_empty() { vec![""] } else { docs.lines().collect() } {
            text.push_str(format!("/// {line}").trim_end());
            text.push('\n');
        }
    }
    if !it.is_model {
        let sql = format!("SELECT * FROM {}", quoted(&it.table)).replace('\\', "\\\\").replace('"', "\\\"");
        text.push_str(&format!("///\n/// Read it by `db.query::<{}>(\"{}\")`.\n", it.name, one_line(&sql)));
    }
    let derive = if it.is_model { "Model" } else { "Row" };
    let attribute = if it.is_model { "model" } else { "row" };
    text.push_str(&format!("#[derive(Debug, Clone, PartialEq, {derive})]\n"));
    for line in &it.attributes {
        text.push_str(&format!("#[model({line})]\n"));
    }
    text.push_str(&format!("pub struct {} {{\n", it.name));
    for field in &it.fields {
        if !field.attributes.is_empty() {
            text.push_str(&format!("    #[{attribute}({})]\n", field.attributes.join(", ")));
        }
        text.push_str(&format!("    pub {}: {},\n", field.name, field.ty));
    }
    text.push_str("}\n");
}

/// All models under one name, for `create_tables`, `schema_diff` and `manage!`.
fn write_all(models: &[&Struct], text: &mut String) {
    if models.is_empty() {
        return;
    }
    let names: Vec<&str> = models.iter().map(|it| it.name.as_str()).collect();
    text.push_str("\n/// All models.\n");
    if names.len() <= MOST_IN_A_TUPLE {
        let comma = if names.len() == 1 { "," } else { "" };
        let line = format!("pub type All = ({}{comma});\n", names.join(", "));
        match line.chars().count() > WIDTH {
            true => text.push_str(&format!("pub type All = (\n    {},\n);\n", names.join(",\n    "))),
            false => text.push_str(&line),
        }
        return;
    }
    // There are more than a tuple takes.
    text.push_str("pub enum All {}\n\nimpl sqliter::bounds::Models for All {\n");
    text.push_str("    fn tables() -> Vec<&'static sqliter::model::TableInfo> {\n        vec![\n");
    for name in names {
        text.push_str(&format!("            <{name} as Model>::TABLE,\n"));
    }
    text.push_str("        ]\n    }\n}\n");
}

fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
