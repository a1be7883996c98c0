//! What the library declares by itself, so that it need not be said in SQL.

use sqliter::schema::{Column, Index, Part, Table, Unique};

use super::column::{self, Type};
use super::keys::{self, Key, KeyKind};
use super::plan::{Draft, FieldDraft};
use super::sql;

/// Whether no two rows have the same value in the column of a field.
pub(super) fn is_unique(draft: &Draft<'_>, field: &FieldDraft<'_>) -> bool {
    (field.is_key && draft.has_single_key()) || plain_unique(draft.table, field.column)
}

/// Whether a constraint that says nothing else makes a column unique.
pub(super) fn plain_unique(table: &Table, column: &Column) -> bool {
    table.unique.iter().any(|unique| {
        let [part] = unique.parts.as_slice() else { return false };
        part.column.eq_ignore_ascii_case(&column.name) && keys::is_plain(part) && unique.on_conflict.is_none()
    })
}

/// Whether the index is the one that the foreign key of a field has by itself.
pub(super) fn is_of_foreign_key(table: &Table, fields: &[FieldDraft<'_>], index: &Index) -> bool {
    fields
        .iter()
        .filter(|field| field.reference.is_some())
        .any(|field| has_own_index(table, field) && index.name == own_index(table, field))
}

fn own_index(table: &Table, field: &FieldDraft<'_>) -> String {
    format!("idx_{}_{}", table.name, field.column.name)
}

/// Whether the file has the index that a foreign key has by itself, and the model would have it too.
pub(super) fn has_own_index(table: &Table, field: &FieldDraft<'_>) -> bool {
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
pub(super) fn is_served(draft: &Draft<'_>, field: &FieldDraft<'_>) -> bool {
    let column = &field.column.name;
    let first = |parts: &[Part]| parts.first().is_some_and(|part| part.column.eq_ignore_ascii_case(column));
    let is_plain = |unique: &Unique| {
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

/// Whether the primary key stands in the definition of its column.
pub(super) fn says_key_on_field(table: &Table, key: &Key) -> bool {
    let Some(primary) = &table.primary_key else { return true };
    let [part] = primary.parts.as_slice() else { return false };
    key.kind != KeyKind::Unique && part.collation.is_none()
}

/// Whether the key of several columns is one that the library declares by itself.
pub(super) fn is_native_composite(draft: &Draft<'_>) -> bool {
    let (Some(primary), Some(key)) = (&draft.table.primary_key, &draft.key) else { return false };
    key.kind == KeyKind::Primary
        && key.columns.len() > 1
        && primary.parts.iter().all(keys::is_plain)
        && primary.on_conflict.is_none()
        && draft
            .fields
            .iter()
            .filter(|field| field.is_key)
            .all(|field| is_plain_column(draft, field) && field.column.not_null)
}

/// Whether the library declares the column of a field as the file has it.
pub(super) fn is_native(draft: &Draft<'_>, field: &FieldDraft<'_>) -> bool {
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
    let has_default = column.default.as_ref().is_some_and(|default| default.plain() != "NULL");
    let is_binary = column.collation.eq_ignore_ascii_case("BINARY");
    let is_known = ["NOCASE", "RTRIM"].iter().any(|known| known.eq_ignore_ascii_case(&column.collation));
    let is_key = field.is_key || field.reference.is_some();
    draft.table.strict
        && column.declared_type.as_str().eq_ignore_ascii_case(ty.declared())
        && (*ty != Type::Bool || column::bool_check(draft.table, column).is_some())
        && column.not_null_on_conflict.is_none()
        && (is_binary || (is_known && *ty == Type::Text && !is_key))
        && (!has_default || (!is_key && column::default_value(column, *ty).is_some()))
        && column
            .generated
            .as_ref()
            .is_none_or(|generated| !sql::has_text_in_double_quotes(&generated.expression, draft.table))
}
