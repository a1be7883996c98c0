//! Foreign keys as typed keys, and tables of pairs.

use sqliter::schema::{ForeignKey, Schema, Table};

use super::keys::KeyKind;
use super::plan::{Draft, Reference};
use super::sql;

/// Stands in the text of every table of pairs that the library makes.
const MARK: &str = "/* pairs, by sqliter */";

/// A table of pairs as the library makes it.
#[derive(Debug)]
pub(super) struct Pairs<'s> {
    pub(super) table: &'s Table,
    /// The tables of both sides, in the order of the columns.
    pub(super) sides: [&'s str; 2],
}

/// What a table of pairs joins, if it is exactly as the library makes it.
pub(super) fn pairs(table: &Table) -> Option<Pairs<'_>> {
    let [first, second] = table.foreign_keys.as_slice() else { return None };
    let [id, a, b] = table.columns.as_slice() else { return None };
    let sides = [first.table.as_str(), second.table.as_str()];
    let names = match sides[0] == sides[1] {
        true => [format!("{}_pk_left", sides[0]), format!("{}_pk_right", sides[1])],
        false => sides.map(|side| format!("{side}_pk")),
    };
    let [index] = table.indexes.as_slice() else { return None };
    let is_made_by_us = table.sql.contains(MARK)
        && sides[0] <= sides[1]
        && id.name == "id"
        && [&a.name, &b.name] == [&names[0], &names[1]]
        && [&first.columns, &second.columns] == [&vec![names[0].clone()], &vec![names[1].clone()]]
        && index.name == format!("idx_{}_{}", table.name, names[1]);
    is_made_by_us.then_some(Pairs { table, sides })
}

/// The name that the library gives a table of pairs.
pub(super) fn default_name(sides: [&str; 2]) -> String {
    format!("{}_{}", sides[0], sides[1])
}

/// The foreign keys that become typed keys: of one column, to the key of another model.
pub(super) fn find(drafts: &mut [Draft<'_>]) {
    let mut found: Vec<(usize, usize, Reference)> = Vec::new();
    for (i, draft) in drafts.iter().enumerate().filter(|(_, draft)| draft.key.is_some()) {
        for (number, key) in draft.table.foreign_keys.iter().enumerate() {
            if let Some((field, target)) = resolve(draft, key, drafts) {
                found.push((
                    i,
                    field,
                    Reference { key: number, target, relation: String::new(), says_relation: false },
                ));
            }
        }
    }
    for (i, field, reference) in found {
        let goes_round = is_key_alone(drafts, i, field) && leads_to(drafts, reference.target, i);
        if let Some(field) = drafts.get_mut(i).and_then(|draft| draft.fields.get_mut(field))
            && !goes_round
        {
            field.reference = Some(reference);
        }
    }
}

/// The field and the model that a foreign key joins.
fn resolve(draft: &Draft<'_>, key: &ForeignKey, drafts: &[Draft<'_>]) -> Option<(usize, usize)> {
    let [column] = key.columns.as_slice() else { return None };
    let names = |other: &&ForeignKey| other.columns.iter().any(|name| name.eq_ignore_ascii_case(column));
    if draft.table.foreign_keys.iter().filter(names).count() != 1 {
        return None;
    }
    let position = draft.fields.iter().position(|field| field.column.name.eq_ignore_ascii_case(column))?;
    let field = draft.fields.get(position)?;
    let target = drafts.iter().position(|other| other.table.name.eq_ignore_ascii_case(&key.table))?;
    let other = drafts.get(target)?;
    let their = other.key.as_ref()?;
    let [their_column] = their.columns.as_slice() else { return None };
    let is_their_key = match key.references.as_slice() {
        [] => their.kind != KeyKind::Unique,
        [name] => name.eq_ignore_ascii_case(their_column),
        _ => false,
    };
    let their_type = other.fields.iter().find(|field| field.column.name.eq_ignore_ascii_case(their_column))?.ty;
    let is_nullable = !field.column.not_null && !field.is_key;
    let has_form = |action: &str| match action.to_ascii_uppercase().as_str() {
        "SET DEFAULT" => false,
        "SET NULL" => is_nullable,
        _ => true,
    };
    let is_self_key = draft.table.name == other.table.name && field.is_key && draft.has_single_key();
    let fits = is_their_key
        && !is_self_key
        && their_type.is_key()
        && their_type.reads(field.found)
        && field.column.generated.is_none()
        && has_form(&key.on_delete)
        && has_form(&key.on_update);
    fits.then_some((position, target))
}

fn is_key_alone(drafts: &[Draft<'_>], draft: usize, field: usize) -> bool {
    drafts.get(draft).is_some_and(|draft| draft.has_single_key() && draft.fields.get(field).is_some_and(|it| it.is_key))
}

/// Whether the type of a key is made, over any number of models, of the key of another one.
fn leads_to(drafts: &[Draft<'_>], from: usize, to: usize) -> bool {
    let mut at = from;
    for _ in 0..drafts.len() {
        if at == to {
            return true;
        }
        let Some(draft) = drafts.get(at).filter(|draft| draft.has_single_key()) else { return false };
        let key = draft.fields.iter().find(|field| field.is_key);
        let Some(reference) = key.and_then(|field| field.reference.as_ref()) else { return false };
        at = reference.target;
    }
    true
}

/// The foreign keys of a model that stay SQL.
pub(super) fn others<'t>(draft: &'t Draft<'_>) -> impl Iterator<Item = String> + 't {
    let is_typed = |number: usize| {
        draft.fields.iter().any(|field| field.reference.as_ref().is_some_and(|reference| reference.key == number))
    };
    let keys = draft.table.foreign_keys.iter().enumerate().filter(move |(number, _)| !is_typed(*number));
    keys.map(|(_, key)| sql::foreign_key(key))
}

/// Whether a model does nothing but join two others.
pub(super) fn joins(draft: &Draft<'_>) -> Option<[(usize, usize); 2]> {
    let references =
        draft.fields.iter().enumerate().filter_map(|(i, field)| Some((i, field.reference.as_ref()?.target)));
    let references: Vec<(usize, usize)> = references.collect();
    let [(a, first), (b, second)] = references.as_slice() else { return None };
    if first == second {
        return None;
    }
    let names = [a, b].map(|at| draft.fields.get(*at).map(|field| field.column.name.as_str()));
    let is_both = |columns: &[&str]| {
        columns.len() == 2
            && names.iter().flatten().all(|name| columns.iter().any(|column| column.eq_ignore_ascii_case(name)))
    };
    let key: Vec<&str> = draft.key.iter().flat_map(|key| key.columns.iter().map(String::as_str)).collect();
    let is_unique = draft
        .table
        .unique
        .iter()
        .any(|unique| is_both(&unique.parts.iter().map(|part| part.column.as_str()).collect::<Vec<_>>()));
    (is_both(&key) || is_unique).then_some([(*a, *first), (*b, *second)])
}

/// The tables of pairs of a schema whose both sides can be models.
pub(super) fn all_pairs<'s>(schema: &'s Schema, can_be_side: impl Fn(&str) -> bool) -> Vec<Pairs<'s>> {
    let pairs = schema.tables.iter().filter_map(pairs);
    pairs.filter(|pairs| pairs.sides.iter().all(|side| can_be_side(side))).collect()
}
