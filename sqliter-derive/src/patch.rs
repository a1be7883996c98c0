//! The description of the patch of a model.

use syn::Ident;
use syn::ext::IdentExt;

use crate::attributes::{Item, ItemValue, Mistakes, listed};
use crate::beside::{RawStruct, StructSpec};
use crate::field::{FieldSpec, Role};
use crate::names::suggestion;

/// The struct of what an update of a row may change.
pub(crate) struct PatchSpec {
    pub(crate) generated: StructSpec,
    /// The positions of its fields among those of the model.
    pub(crate) fields: Vec<usize>,
}

/// What `patch(…)` on the struct says.
#[derive(Default)]
pub(crate) struct RawPatch {
    generated: RawStruct,
    only: Vec<Ident>,
    is_limited: bool,
}

/// What a version is to a patch.
const EXPECTED: &str = "the version that the row is expected to have; where it is `None`, none is expected";

const KNOWN: [&str; 3] = ["derive", "only", "name"];

/// `patch` or `patch(…)` on the struct.
pub(crate) fn read(item: &Item, mistakes: &mut Mistakes) -> RawPatch {
    let mut raw = RawPatch::default();
    if matches!(item.value, ItemValue::Flag) {
        return raw;
    }
    for inner in item.list::<Item>("derive(Debug, Deserialize)", mistakes) {
        if inner.name == "only" {
            raw.is_limited = true;
            raw.only.extend(inner.list::<Ident>("title, body", mistakes));
        } else {
            raw.generated.read(&inner, "`patch`", &KNOWN, mistakes);
        }
    }
    raw
}

/// The patch, if the model has one.
pub(crate) fn describe(
    raw: Option<RawPatch>,
    model: &Ident,
    fields: &[FieldSpec],
    mistakes: &mut Mistakes,
) -> Option<PatchSpec> {
    let Some(RawPatch { generated, only, is_limited }) = raw else {
        for field in fields {
            if let Some(span) = field.patch.span {
                mistakes.add(span, "the model has no patch: write `#[model(patch)]` on the struct");
            }
        }
        return None;
    };
    for name in &only {
        let field = fields.iter().find(|field| field.ident.unraw() == name.unraw());
        match field {
            None => unknown_field(name, fields, mistakes),
            Some(field) => {
                if field.role == Role::Version {
                    mistakes.add(name.span(), format!("the patch has `{name}` anyway, as {EXPECTED}"));
                } else if let Some(reason) = why_left_out(field) {
                    mistakes.add(name.span(), format!("`{name}` is not part of a patch: {reason}"));
                } else if let Some(span) = field.patch.skip {
                    mistakes.add(span, format!("`only` on the struct names `{name}`: leave one of them out"));
                }
            }
        }
    }
    for field in fields {
        if field.role == Role::Version {
            if let Some(span) = field.patch.skip {
                mistakes.add(span, format!("the patch always has `{}`, as {EXPECTED}", field.ident));
            }
        } else if let (Some(span), Some(reason)) = (field.patch.span, why_left_out(field)) {
            mistakes.add(span, format!("`{}` is not part of a patch anyway: {reason}", field.ident));
        }
    }
    let is_chosen = |field: &FieldSpec| {
        let is_named = !is_limited || only.iter().any(|name| name.unraw() == field.ident.unraw());
        why_left_out(field).is_none() && field.patch.skip.is_none() && is_named
    };
    let chosen: Vec<usize> =
        fields.iter().enumerate().filter(|(_, field)| is_chosen(field)).map(|(position, _)| position).collect();
    if chosen.is_empty() && only.is_empty() {
        mistakes.add(model.span(), format!("the patch of `{model}` has no field: leave out `patch`"));
    }
    let name = format!("{}Patch", model.unraw());
    Some(PatchSpec { generated: StructSpec::new(generated, &name, model), fields: chosen })
}

/// Why a patch does not change a field, if that is so.
fn why_left_out(field: &FieldSpec) -> Option<&'static str> {
    match field.role {
        Role::AutoKey | Role::NaturalKey => Some("a primary key stays as it is"),
        Role::CreatedAt | Role::UpdatedAt => Some("a timestamp is set automatically"),
        Role::Version => Some("a version is raised automatically"),
        Role::DeletedAt => Some("rows are deleted by `delete`, and come back by `restore`"),
        Role::Column if field.generated.is_some() => Some("SQLite computes the column"),
        Role::Column => None,
    }
}

fn unknown_field(name: &Ident, fields: &[FieldSpec], mistakes: &mut Mistakes) {
    let known: Vec<String> = fields
        .iter()
        .filter(|field| why_left_out(field).is_none())
        .map(|field| field.ident.unraw().to_string())
        .collect();
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let hint = match suggestion(&name.to_string(), &known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the fields are {}", listed(&known)),
    };
    mistakes.add(name.span(), format!("there is no field `{name}`: {hint}"));
}
