//! Fields with their types and attributes.

use sqliter::schema::ForeignKey;

use super::column::{self, Type};
use super::keys::KeyKind;
use super::names::written;
use super::native::{has_own_index, is_native, is_served, plain_unique, says_key_on_field};
use super::plan::{Draft, Field, FieldDraft, Reference};
use super::sql;

pub(super) fn row_field(name: &str, column: &str, ty: Type, is_nullable: bool) -> Field {
    let attributes = if name == column { Vec::new() } else { vec![format!("column = {column:?}")] };
    let ty = if is_nullable { format!("Option<{}>", ty.written()) } else { ty.written().to_owned() };
    Field { name: written(name), ty, attributes }
}

pub(super) fn model_field(draft: &Draft<'_>, field: &FieldDraft<'_>, names: &[String]) -> Field {
    let FieldDraft { column, ty, reference, .. } = field;
    let mut attributes = Vec::new();
    let is_auto =
        reference.is_none() && draft.key.as_ref().is_some_and(|key| key.kind == KeyKind::RowId) && field.is_key;
    if field.is_key && !(is_auto && field.name == "pk") {
        attributes.push("pk".to_owned());
    }
    if field.name != column.name {
        attributes.push(format!("column = {:?}", column.name));
    }
    let is_native = is_native(draft, field);
    let says_key = field.is_key && draft.key.as_ref().is_some_and(|key| says_key_on_field(draft.table, key));
    let is_unique = plain_unique(draft.table, column)
        && !draft
            .table
            .primary_key
            .as_ref()
            .is_some_and(|key| key.parts.len() == 1 && key.parts.iter().any(|it| it.column == column.name));
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
        attributes.push(format!("generated = {:?}", generated.expression.plain()));
        if generated.stored {
            attributes.push("stored".to_owned());
        }
        attributes.retain(|attribute| !attribute.starts_with("default"));
    }
    let is_timestamp = ["created_at", "updated_at"].contains(&field.name.as_str());
    let is_set_by_us =
        is_native && *ty == Type::I64 && column.not_null && column.default.is_none() && column.generated.is_none();
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
