//! What becomes of each table.

use std::collections::HashMap;

use sqliter::schema::{Check, Column, ForeignKey, Index, Schema, Table, TableKind};

use super::column::{self, Type};
use super::contents::{Classes, Contents};
use super::keys::{self, Key, KeyKind};
use super::names::{Members, Structs, plural, singular, snake_case, written};
use super::relations::{self, Pairs};
use super::sql;

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
    name: String,
    pub(super) key: Option<Key>,
    pub(super) fields: Vec<FieldDraft<'s>>,
    members: Members,
    attributes: Vec<String>,
    docs: Vec<String>,
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
    name: String,
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

pub(super) fn plan(schema: &Schema, contents: &Contents) -> Plan {
    let mut notes = Vec::new();
    let mut structs = Structs::default();
    let can_be_side = |name: &str| {
        let key = schema.table(name).map(|table| keys::of(table, contents));
        key.is_some_and(|key| key.is_ok_and(|key| key.columns.len() == 1))
    };
    let pairs = relations::all_pairs(schema, can_be_side);
    let is_pairs = |table: &Table| pairs.iter().any(|pairs| pairs.table.name == table.name);
    let ordinary = || schema.tables.iter().filter(|table| table.kind == TableKind::Ordinary && !is_pairs(table));
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
            let relations = std::mem::take(&mut draft.attributes);
            draft.attributes = of_table.into_iter().chain(relations).collect();
        } else {
            note_rows_only(draft);
        }
    }
    let names: Vec<String> = drafts.iter().map(|draft| draft.name.clone()).collect();
    let mut plan = Plan { structs: drafts.iter().map(|draft| finish(draft, &names)).collect(), notes: Vec::new() };
    for table in schema.tables.iter().filter(|table| table.kind == TableKind::Virtual) {
        notes.push(format!("The virtual table {} is no model: its module gives its rows.\n{};", table.name, table.sql));
    }
    add_views(schema, contents, &mut structs, &mut plan, &mut notes);
    for trigger in &schema.triggers {
        notes.push(format!("The trigger {} stays in the file; models say nothing of triggers.\n{};", trigger.name, trigger.sql));
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
                let of = |at: usize| drafts.get(at).map(|draft| (draft.name.clone(), plural(&snake_case(&draft.table.name))));
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

/// Whether no two rows have the same value in the column of a field.
fn is_unique(draft: &Draft<'_>, field: &FieldDraft<'_>) -> bool {
    (field.is_key && draft.has_single_key()) || plain_unique(draft.table, field.column)
}

/// Whether a constraint that says nothing else makes a column unique.
fn plain_unique(table: &Table, column: &Column) -> bool {
    table.unique.iter().any(|unique| {
        let [part] = unique.parts.as_slice() else { return false };
        part.column.eq_ignore_ascii_case(&column.name) && keys::is_plain(part) && unique.on_conflict.is_none()
    })
}

/// The attributes of the struct, but for relations. What has no form is told in its documentation.
fn attributes(draft: &mut Draft<'_>) -> Vec<String> {
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
        let is_of_field = is_plain && unique.parts.len() == 1 && unique.parts.first().is_some_and(|part| {
            !table.primary_key.as_ref().is_some_and(|key| key.parts.len() == 1 && key.parts.iter().any(|it| it.column == part.column))
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

/// Whether the index is the one that the foreign key of a field has by itself.
fn is_of_foreign_key(table: &Table, fields: &[FieldDraft<'_>], index: &Index) -> bool {
    fields.iter().filter(|field| field.reference.is_some()).any(|field| {
        has_own_index(table, field) && index.name == own_index(table, field)
    })
}

fn own_index(table: &Table, field: &FieldDraft<'_>) -> String {
    format!("idx_{}_{}", table.name, field.column.name)
}

/// Whether the file has the index that a foreign key has by itself, and the model would have it too.
fn has_own_index(table: &Table, field: &FieldDraft<'_>) -> bool {
    let name = own_index(table, field);
    let is_it = |index: &Index| {
        let [term] = index.terms.as_slice() else { return false };
        !index.unique
            && index.condition.is_none()
            && !term.descending
            && term.value.as_str() == field.column.name
            && term.collation.eq_ignore_ascii_case(&field.column.collation)
    };
    table.index(&name).is_some_and(is_it) && !keys::is_led_by(table, &field.column.name, &name)
}

/// Whether something else of the model finds rows by the column, so that it has no index of its own.
fn is_served(draft: &Draft<'_>, field: &FieldDraft<'_>) -> bool {
    let column = &field.column.name;
    let first = |parts: &[sqliter::schema::Part]| parts.first().is_some_and(|part| part.column.eq_ignore_ascii_case(column));
    let is_plain = |unique: &sqliter::schema::Unique| {
        unique.parts.iter().all(keys::is_plain) && unique.on_conflict.is_none() && first(&unique.parts)
    };
    let leads_index = |index: &Index| {
        index.condition.is_none()
            && index.terms.first().is_some_and(|term| {
                term.value.as_str() == *column && term.collation.eq_ignore_ascii_case(&field.column.collation)
            })
    };
    draft.key.as_ref().and_then(|key| key.columns.first()).is_some_and(|name| name.eq_ignore_ascii_case(column))
        || draft.table.unique.iter().any(is_plain)
        || draft.table.indexes.iter().any(leads_index)
}

fn index_line<'n>(index: &Index, table: &Table, name_of: &impl Fn(&str) -> Option<&'n str>) -> Result<String, String> {
    let mut parts = Vec::new();
    for term in &index.terms {
        let column = table.column(term.value.as_str());
        let default = column.map_or("BINARY", |column| column.collation.as_str());
        let name = column.and_then(|column| name_of(&column.name)).map(written);
        let direction = if term.descending { " desc" } else { "" };
        let part = match name.filter(|_| term.collation.eq_ignore_ascii_case(default)) {
            Some(name) if !parts.contains(&name) && !parts.contains(&format!("{name} desc")) => format!("{name}{direction}"),
            _ => {
                let value = match column {
                    Some(column) => sql::bare(&column.name),
                    None => sql::clean(term.value.as_str()),
                };
                if sql::has_text_in_double_quotes(&value, table) {
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
        let condition = sql::inner(condition.as_str());
        if sql::has_text_in_double_quotes(&condition, table) {
            return Err("a text in its condition stands in double quotes".to_owned());
        }
        parts.push(format!("where = {condition:?}"));
    }
    parts.push(format!("name = {:?}", index.name));
    Ok(format!("index({})", parts.join(", ")))
}

fn check_line(check: &Check, table: &Table) -> Result<String, String> {
    let condition = sql::inner(check.condition.as_str());
    if sql::has_text_in_double_quotes(&condition, table) {
        return Err(format!("The check `{condition}` has no form: a text in it stands in double quotes."));
    }
    Ok(match &check.name {
        Some(name) => format!("check(expr = {condition:?}, name = {name:?})"),
        None => format!("check = {condition:?}"),
    })
}

/// Whether the primary key stands in the definition of its column.
fn says_key_on_field(table: &Table, key: &Key) -> bool {
    let Some(primary) = &table.primary_key else { return true };
    let [part] = primary.parts.as_slice() else { return false };
    key.kind != KeyKind::Unique && part.collation.is_none()
}

/// Whether the key of several columns is one that the library declares by itself.
fn is_native_composite(draft: &Draft<'_>) -> bool {
    let (Some(primary), Some(key)) = (&draft.table.primary_key, &draft.key) else { return false };
    key.kind == KeyKind::Primary
        && key.columns.len() > 1
        && primary.parts.iter().all(keys::is_plain)
        && primary.on_conflict.is_none()
        && draft.fields.iter().filter(|field| field.is_key).all(|field| is_plain_column(draft, field) && field.column.not_null)
}

/// Whether the library declares the column of a field as the file has it.
fn is_native(draft: &Draft<'_>, field: &FieldDraft<'_>) -> bool {
    if !is_plain_column(draft, field) {
        return false;
    }
    let Some(primary) = draft.table.primary_key.as_ref().filter(|_| field.is_key) else { return !field.is_key };
    let Some(key) = &draft.key else { return true };
    let plain_key = primary.parts.iter().all(keys::is_plain) && primary.on_conflict.is_none();
    match key.kind {
        KeyKind::RowId if field.reference.is_none() => plain_key && primary.autoincrement,
        KeyKind::RowId => plain_key && !primary.autoincrement,
        KeyKind::Primary if key.columns.len() == 1 => plain_key && field.column.not_null,
        KeyKind::Primary => is_native_composite(draft),
        KeyKind::Unique => false,
    }
}

/// As [`is_native`], but for what is said of the key.
fn is_plain_column(draft: &Draft<'_>, field: &FieldDraft<'_>) -> bool {
    let FieldDraft { column, ty, .. } = field;
    let has_default = column.default.as_ref().is_some_and(|default| sql::clean(default.as_str()) != "NULL");
    let is_binary = column.collation.eq_ignore_ascii_case("BINARY");
    let is_known = ["NOCASE", "RTRIM"].iter().any(|known| known.eq_ignore_ascii_case(&column.collation));
    let is_key = field.is_key || field.reference.is_some();
    draft.table.strict
        && column.declared_type.as_str().eq_ignore_ascii_case(ty.declared())
        && (*ty != Type::Bool || column::bool_check(draft.table, column).is_some())
        && column.not_null_on_conflict.is_none()
        && (is_binary || (is_known && *ty == Type::Text && !is_key))
        && (!has_default || (!is_key && column::default_value(column, *ty).is_some()))
        && column.generated.as_ref().is_none_or(|generated| !sql::has_text_in_double_quotes(generated.expression.as_str(), draft.table))
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

fn row_field(name: &str, column: &str, ty: Type, is_nullable: bool) -> Field {
    let attributes = if name == column { Vec::new() } else { vec![format!("column = {column:?}")] };
    let ty = if is_nullable { format!("Option<{}>", ty.written()) } else { ty.written().to_owned() };
    Field { name: written(name), ty, attributes }
}

fn model_field(draft: &Draft<'_>, field: &FieldDraft<'_>, names: &[String]) -> Field {
    let FieldDraft { column, ty, reference, .. } = field;
    let mut attributes = Vec::new();
    let is_auto = reference.is_none() && draft.key.as_ref().is_some_and(|key| key.kind == KeyKind::RowId) && field.is_key;
    if field.is_key && !(is_auto && field.name == "pk") {
        attributes.push("pk".to_owned());
    }
    if field.name != column.name {
        attributes.push(format!("column = {:?}", column.name));
    }
    let is_native = is_native(draft, field);
    let says_key = field.is_key && draft.key.as_ref().is_some_and(|key| says_key_on_field(draft.table, key));
    let is_unique = plain_unique(draft.table, column)
        && !draft.table.primary_key.as_ref().is_some_and(|key| key.parts.len() == 1 && key.parts.iter().any(|it| it.column == column.name));
    if !is_native {
        let key = draft.table.primary_key.as_ref().filter(|_| says_key);
        attributes.push(format!("sql = {:?}", sql::definition(column, key, is_unique)));
    }
    if is_unique && !field.is_key {
        attributes.push("unique".to_owned());
    }
    if let Some(reference) = reference {
        attributes.extend(reference_attributes(draft, field, reference));
    }
    if let Some(default) = column::default_value(column, *ty).filter(|_| !field.is_key && reference.is_none()) {
        attributes.push(format!("default = {default}"));
    }
    let collation = column.collation.to_ascii_lowercase();
    if ["nocase", "rtrim"].contains(&collation.as_str()) && *ty == Type::Text && !field.is_key && reference.is_none() {
        attributes.push(format!("collate = {collation}"));
    }
    if let Some(generated) = &column.generated {
        attributes.push(format!("generated = {:?}", sql::inner(generated.expression.as_str())));
        if generated.stored {
            attributes.push("stored".to_owned());
        }
        attributes.retain(|attribute| !attribute.starts_with("default"));
    }
    let is_timestamp = ["created_at", "updated_at"].contains(&field.name.as_str());
    let is_set_by_us = is_native && *ty == Type::I64 && column.not_null && column.default.is_none() && column.generated.is_none();
    if (is_timestamp && !is_set_by_us && !field.is_key) || (field.name == "pk" && !field.is_key) {
        attributes.push("plain".to_owned());
    }
    let target = reference.as_ref().and_then(|reference| names.get(reference.target));
    let inner = match (is_auto, target) {
        (true, _) => format!("Key<{}>", draft.name),
        (false, Some(target)) => format!("Key<{target}>"),
        (false, None) => ty.written().to_owned(),
    };
    let is_nullable = !column.not_null && !field.is_key;
    let ty = if is_nullable { format!("Option<{inner}>") } else { inner };
    Field { name: written(&field.name), ty, attributes }
}

fn reference_attributes(draft: &Draft<'_>, field: &FieldDraft<'_>, reference: &Reference) -> Vec<String> {
    let mut attributes = Vec::new();
    if reference.says_relation {
        attributes.push(format!("relation = {:?}", reference.relation));
    }
    if let Some(ForeignKey { on_delete, on_update, deferred, .. }) = draft.table.foreign_keys.get(reference.key) {
        let default = if *deferred { "no_action" } else { "restrict" };
        for (name, action) in [("on_delete", on_delete), ("on_update", on_update)] {
            let action = action.to_ascii_lowercase().replace(' ', "_");
            if action != default {
                attributes.push(format!("{name} = {action}"));
            }
        }
        if *deferred {
            attributes.push("deferrable".to_owned());
        }
    }
    if !has_own_index(draft.table, field) && !is_served(draft, field) {
        attributes.push("index = false".to_owned());
    }
    attributes
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
