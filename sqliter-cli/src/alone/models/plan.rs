//! What becomes of each table.

use sqliter::schema::{Column, Schema, Table, TableKind};

use super::attributes::attributes;
use super::column::{self, Type};
use super::contents::{Classes, Contents};
use super::fields::{model_field, row_field};
use super::keys::{self, Key};
use super::names::{Members, Structs, plural, singular, snake_case, written};
use super::native::is_unique;
use super::relations::{self, Pairs};
use super::searches::Searches;

/// The source in parts.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) structs: Vec<Struct>,
    /// What has no form, and why.
    pub(super) notes: Vec<String>,
}

/// A struct of the source.
#[derive(Debug)]
pub(super) struct Struct {
    pub(super) name: String,
    /// The name of the table or view.
    pub(super) table: String,
    /// Whether it is a model; else it is a row that is read only.
    pub(super) is_model: bool,
    pub(super) docs: Vec<String>,
    /// What stands in its attributes, one a line.
    pub(super) attributes: Vec<String>,
    pub(super) fields: Vec<Field>,
}

/// A field of the source.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) ty: String,
    pub(super) attributes: Vec<String>,
}

/// A table on its way to a struct.
#[derive(Debug)]
pub(super) struct Draft<'s> {
    pub(super) table: &'s Table,
    pub(super) name: String,
    pub(super) key: Option<Key>,
    pub(super) fields: Vec<FieldDraft<'s>>,
    members: Members,
    attributes: Vec<String>,
    pub(super) docs: Vec<String>,
}

impl Draft<'_> {
    pub(super) fn has_single_key(&self) -> bool {
        self.key.as_ref().is_some_and(|key| key.columns.len() == 1)
    }
}

/// A column on its way to a field.
#[derive(Debug)]
pub(super) struct FieldDraft<'s> {
    pub(super) column: &'s Column,
    pub(super) found: Classes,
    pub(super) ty: Type,
    pub(super) is_key: bool,
    pub(super) reference: Option<Reference>,
    pub(super) name: String,
}

/// A foreign key that is a typed key.
#[derive(Debug)]
pub(super) struct Reference {
    /// Its position among the foreign keys of the table.
    pub(super) key: usize,
    /// The position of the model that it refers to.
    pub(super) target: usize,
    pub(super) relation: String,
    /// Whether the name of the relation has to be said.
    pub(super) says_relation: bool,
}

/// The table in which sqlx writes which migrations were applied: it creates it itself.
const APPLIED: &str = "_sqlx_migrations";

pub(super) fn plan(schema: &Schema, contents: &Contents) -> Plan {
    let mut notes = Vec::new();
    let mut structs = Structs::default();
    let can_be_side = |name: &str| {
        let key = schema.table(name).map(|table| keys::of(table, contents));
        key.is_some_and(|key| key.is_ok_and(|key| key.columns.len() == 1))
    };
    let pairs = relations::all_pairs(schema, can_be_side);
    let is_pairs = |table: &Table| pairs.iter().any(|pairs| pairs.table.name == table.name);
    let searches = Searches::of(schema);
    let is_model = |table: &Table| {
        !is_pairs(table) && !searches.has_table(&table.name) && !table.name.eq_ignore_ascii_case(APPLIED)
    };
    let ordinary = || schema.tables.iter().filter(|table| table.kind == TableKind::Ordinary && is_model(table));
    for table in ordinary().filter(|table| !is_nameable(table)) {
        let reason = "the name of a column is empty or begins with sqlite_";
        notes.push(format!("The table {} has no form: {reason}.\n{};", table.name, table.sql));
    }
    let ordinary = ordinary().filter(|table| is_nameable(table));
    let mut drafts: Vec<Draft<'_>> = ordinary.map(|table| draft(table, contents, &mut structs)).collect();
    relations::find(&mut drafts);
    drafts.iter_mut().for_each(name_members);
    add_relations(&mut drafts, &pairs);
    for draft in &mut drafts {
        if draft.key.is_some() {
            let of_table = attributes(draft);
            let of_table = of_table.into_iter().chain(searches.line_of(draft));
            let relations = std::mem::take(&mut draft.attributes);
            draft.attributes = of_table.chain(relations).collect();
        } else {
            note_rows_only(draft);
        }
    }
    let names: Vec<String> = drafts.iter().map(|draft| draft.name.clone()).collect();
    let mut plan = Plan { structs: drafts.iter().map(|draft| finish(draft, &names)).collect(), notes: Vec::new() };
    let is_other = |table: &&Table| table.kind == TableKind::Virtual && !searches.has_table(&table.name);
    for table in schema.tables.iter().filter(is_other) {
        notes.push(format!("The virtual table {} is no model: its module gives its rows.\n{};", table.name, table.sql));
    }
    add_views(schema, contents, &mut structs, &mut plan, &mut notes);
    for trigger in schema.triggers.iter().filter(|trigger| !searches.has_trigger(&trigger.name)) {
        notes.push(format!(
            "The trigger {} stays in the file; models say nothing of triggers.\n{};",
            trigger.name, trigger.sql
        ));
    }
    plan.notes = notes;
    plan
}

fn draft<'s>(table: &'s Table, contents: &Contents, structs: &mut Structs) -> Draft<'s> {
    let mut docs = vec![format!("A row of the table `{}`.", table.name)];
    let key = match keys::of(table, contents) {
        Ok(key) => Some(key),
        Err(reason) => {
            docs.push(String::new());
            docs.push(format!("It is no model, as {reason}."));
            None
        }
    };
    let position = |name: &str| {
        let columns = key.iter().flat_map(|key| &key.columns);
        columns.into_iter().position(|column| column.eq_ignore_ascii_case(name))
    };
    let mut fields: Vec<FieldDraft<'_>> = table
        .columns
        .iter()
        .map(|column| {
            let found = contents.of(&table.name, &column.name);
            let is_key = position(&column.name).is_some();
            let ty = match column::of(table, column, found) {
                Type::Bool if is_key => Type::I64,
                ty => ty,
            };
            FieldDraft { column, found, ty, is_key, reference: None, name: String::new() }
        })
        .collect();
    // The fields of a key stand in its order.
    let mut key_fields: Vec<usize> = (0..fields.len()).filter(|i| fields.get(*i).is_some_and(|it| it.is_key)).collect();
    let places = key_fields.clone();
    key_fields.sort_by_key(|i| fields.get(*i).and_then(|field| position(&field.column.name)));
    if key_fields != places {
        fields.sort_by_key(|field| position(&field.column.name).unwrap_or(usize::MAX));
    }
    let name = structs.name(&table.name);
    Draft { table, name, key, fields, members: Members::new(), attributes: Vec::new(), docs }
}

/// Whether attributes can name all columns.
fn is_nameable(table: &Table) -> bool {
    let is_reserved = |name: &str| name.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("sqlite_"));
    table.columns.iter().all(|column| !column.name.is_empty() && !is_reserved(&column.name))
}

/// Names the fields and the relations of foreign keys.
fn name_members(draft: &mut Draft<'_>) {
    // Who has a name in Rust's own form keeps it.
    for is_as_in_rust in [true, false] {
        for field in draft.fields.iter_mut().filter(|field| field.reference.is_none()) {
            if (snake_case(&field.column.name) == field.column.name) == is_as_in_rust {
                field.name = draft.members.field(&field.column.name);
            }
        }
    }
    for field in &mut draft.fields {
        let Some(reference) = &mut field.reference else { continue };
        let name = snake_case(&field.column.name);
        let endings = ["_id", "_pk", "_fk", "_key", "_uuid", "_rowid"];
        let stem = endings.iter().find_map(|ending| name.strip_suffix(ending)).filter(|stem| !stem.is_empty());
        // A key that is the key of another table too is called after that table.
        let of_target = ["id", "pk"].contains(&name.as_str());
        let keeps_name = stem.is_some() || of_target;
        field.name = draft.members.field(&if keeps_name { name.clone() } else { format!("{name}_id") });
        let target = draft.table.foreign_keys.get(reference.key).filter(|_| of_target);
        let target = target.map(|key| singular(&snake_case(&key.table)));
        let mut relation = target.unwrap_or_else(|| stem.unwrap_or(&name).to_owned());
        if written(&relation) != relation {
            relation.push_str("_row");
        }
        reference.relation = draft.members.relation(&relation);
        reference.says_relation = field.name.strip_suffix("_id") != Some(reference.relation.as_str());
    }
}

/// What other tables are to a model: `has_many`, `has_one`, `many_to_many`.
fn add_relations(drafts: &mut [Draft<'_>], pairs: &[Pairs<'_>]) {
    let mut lines: Vec<(usize, String, Found)> = Vec::new();
    for draft in drafts.iter() {
        let targets: Vec<usize> =
            draft.fields.iter().filter_map(|field| field.reference.as_ref().map(|it| it.target)).collect();
        for field in &draft.fields {
            let Some(reference) = &field.reference else { continue };
            let is_only = targets.iter().filter(|target| **target == reference.target).count() == 1;
            let is_own = drafts.get(reference.target).is_some_and(|target| target.table.name == draft.table.name);
            let one = is_unique(draft, field);
            let base = snake_case(&draft.table.name);
            let base = if one { singular(&base) } else { plural(&base) };
            let wanted = match is_only && !is_own {
                true => base,
                false => format!("{base}_by_{}", reference.relation),
            };
            let path = format!("{}::{}", draft.name, reference.relation);
            lines.push((reference.target, wanted, if one { Found::One(path) } else { Found::Many(path) }));
        }
        if let Some([(_, first), (_, second)]) = relations::joins(draft) {
            let through = format!(", through = {}", draft.name);
            lines.push((first, String::new(), Found::Pairs { other: second, through }));
        }
    }
    for pairs in pairs {
        let position = |name: &str| drafts.iter().position(|draft| draft.table.name == name);
        let [Some(first), Some(second)] = pairs.sides.map(position) else { continue };
        let through = match relations::default_name(pairs.sides) == pairs.table.name {
            true => String::new(),
            false => format!(", through = {:?}", pairs.table.name),
        };
        lines.push((first, String::new(), Found::Pairs { other: second, through }));
    }
    for (target, wanted, found) in lines {
        match found {
            Found::Many(path) => add_relation(drafts, target, &wanted, |name| format!("has_many({name} = {path})")),
            Found::One(path) => add_relation(drafts, target, &wanted, |name| format!("has_one({name} = {path})")),
            Found::Pairs { other, through } => {
                let of = |at: usize| {
                    drafts.get(at).map(|draft| (draft.name.clone(), plural(&snake_case(&draft.table.name))))
                };
                let (Some((owner, owners)), Some((target_name, targets))) = (of(target), of(other)) else { continue };
                let line = |name: &str| format!("many_to_many({name} = {target_name}{through})");
                let name = add_relation(drafts, target, &targets, line);
                if let (Some(name), true) = (name, target != other) {
                    add_relation(drafts, other, &owners, |other| format!("many_to_many({other} = {owner}::{name})"));
                }
                continue;
            }
        };
    }
}

enum Found {
    Many(String),
    One(String),
    Pairs { other: usize, through: String },
}

/// Adds a relation under a name of its own, which it gives back.
fn add_relation(
    drafts: &mut [Draft<'_>],
    to: usize,
    wanted: &str,
    line: impl FnOnce(&str) -> String,
) -> Option<String> {
    let draft = drafts.get_mut(to)?;
    let wanted = if written(wanted) == wanted { wanted.to_owned() } else { format!("{wanted}_rows") };
    let name = draft.members.relation(&wanted);
    draft.attributes.push(line(&name));
    Some(name)
}

fn note_rows_only(draft: &mut Draft<'_>) {
    draft.docs.push(String::new());
    draft.docs.push(format!("```sql\n{}\n```", draft.table));
}

fn finish(draft: &Draft<'_>, names: &[String]) -> Struct {
    let is_model = draft.key.is_some();
    let fields = draft.fields.iter().map(|field| match is_model {
        true => model_field(draft, field, names),
        false => row_field(&field.name, &field.column.name, field.ty, !field.column.not_null),
    });
    Struct {
        name: draft.name.clone(),
        table: draft.table.name.clone(),
        is_model,
        docs: draft.docs.clone(),
        attributes: draft.attributes.clone(),
        fields: fields.collect(),
    }
}

/// Views as rows that are read.
fn add_views(schema: &Schema, contents: &Contents, structs: &mut Structs, plan: &mut Plan, notes: &mut Vec<String>) {
    for view in &contents.views {
        let sql = schema.view(&view.name).map(|view| view.sql.to_string()).unwrap_or_default();
        let columns = match &view.columns {
            Ok(columns) => columns,
            Err(reason) => {
                notes.push(format!("The view {} cannot be read: {reason}\n{sql};", view.name));
                continue;
            }
        };
        let mut members = Members::new();
        let fields = columns.iter().map(|(name, declared)| {
            let ty = column::of_declared(declared, false, contents.of(&view.name, name));
            row_field(&members.field(name), name, ty, true)
        });
        let fields = fields.collect();
        let docs = vec![
            format!("A row of the view `{}`.", view.name),
            String::new(),
            format!("It is no model, as nothing tells its rows apart for sure.\n\n```sql\n{sql};\n```"),
        ];
        let (name, table) = (structs.name(&view.name), view.name.clone());
        plan.structs.push(Struct { name, table, is_model: false, docs, attributes: Vec::new(), fields });
    }
}
