//! The description of a struct that can be embedded.

use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Data, DataStruct, DeriveInput, Fields, Ident, Visibility};

use crate::attributes::{Mistakes, items, listed};
use crate::field::{self, FieldSpec, Place, is_constant, is_named};
use crate::model::check_columns;
use crate::names::suggestion;

/// A struct whose fields are columns of the models that embed it.
pub(crate) struct EmbedStruct {
    /// The name of the struct.
    pub(crate) ident: Ident,
    /// The visibility of the struct.
    pub(crate) vis: Visibility,
    /// The fields, in their order. There is at least one.
    pub(crate) fields: Vec<FieldSpec>,
}

/// The description, unless the mistakes leave it open what the fields are, and the mistakes. What has a description is
/// expanded in spite of mistakes, so that the rest of the program is not reported for them.
pub(crate) fn describe(input: &DeriveInput) -> (Option<EmbedStruct>, Option<syn::Error>) {
    let mut mistakes = Mistakes::default();
    let name = &input.ident;
    let fields = match &input.data {
        _ if !input.generics.params.is_empty() => {
            let message = "an embedded struct has no generic parameters: each of its columns has one type";
            mistakes.add(input.generics.span(), message);
            return (None, mistakes.into_error());
        }
        Data::Struct(DataStruct { fields: Fields::Named(fields), .. }) if !fields.named.is_empty() => &fields.named,
        Data::Struct(DataStruct { fields: Fields::Unnamed(fields), .. }) if fields.unnamed.len() == 1 => {
            mistakes.add(name.span(), "a struct around one value is one column: derive `ColumnType`");
            return (None, mistakes.into_error());
        }
        Data::Struct(_) => {
            mistakes.add(name.span(), "an embedded struct needs named fields, which are its columns");
            return (None, mistakes.into_error());
        }
        Data::Enum(_) => {
            let message = "only a struct can be embedded; an enum is one column: derive `ColumnType` where it has no fields, \
                           else derive serde's `Serialize` and `Deserialize`, and store it as `Json<…>`";
            mistakes.add(name.span(), message);
            return (None, mistakes.into_error());
        }
        Data::Union(_) => {
            mistakes.add(name.span(), "only a struct can be embedded");
            return (None, mistakes.into_error());
        }
    };
    for item in items(&input.attrs, "model", &[], &mut mistakes) {
        let message =
            format!("`{}` does not go on an embedded struct: write it on the model that embeds it", item.name);
        mistakes.add(item.name.span(), message);
    }
    let mut specs: Vec<FieldSpec> = fields
        .iter()
        .filter_map(|field| {
            let ident = field.ident.as_ref()?;
            Some(field::describe(field, ident, name, Place::Embedded, &mut mistakes))
        })
        .collect();
    check_columns(&specs, &mut mistakes);
    for field in &specs {
        let embedded = field.optional.as_ref().unwrap_or(&field.ty);
        if field.embed.is_some() && is_named(embedded, &name.to_string()) {
            mistakes.add(field.ty.span(), "a struct does not embed itself, as there would be no end to its columns");
            return (None, mistakes.into_error());
        }
        if let Some(default) = field.default.as_ref().filter(|default| field.embed.is_none() && !is_constant(default)) {
            let message =
                "a default here is that of the column, as a program gives the whole struct: a literal or a constant";
            mistakes.add(default.span(), message);
        }
        if let (Some(default), true) = (&field.default, field.embed.is_some()) {
            mistakes.add(default.span(), "a default is of one column: write it on a field of the struct inside");
        }
    }
    let known: Vec<(String, String)> =
        specs.iter().map(|field| (field.ident.unraw().to_string(), field.column.clone())).collect();
    for field in &mut specs {
        for check in &mut field.checks {
            match with_columns(&check.condition, &known) {
                Ok(condition) => check.condition = condition,
                Err(reason) => mistakes.add(field.ident.span(), reason),
            }
        }
    }
    (Some(EmbedStruct { ident: name.clone(), vis: input.vis.clone(), fields: specs }), mistakes.into_error())
}

/// The condition with its columns between NUL characters, which the runtime replaces by their names in a table. In the
/// attribute they are the names of fields in braces.
fn with_columns(condition: &str, known: &[(String, String)]) -> Result<String, String> {
    let fields: Vec<&str> = known.iter().map(|(field, _)| field.as_str()).collect();
    let mut written = String::new();
    let mut rest = condition;
    let mut names_any = false;
    while let Some(at) = rest.find(['{', '\'']) {
        let (before, from) = rest.split_at(at);
        written.push_str(before);
        // A literal of SQL is what it is; its end is there, which was looked at before.
        if let Some(literal) = from.strip_prefix('\'') {
            let (text, after) = literal.split_once('\'').unwrap_or((literal, ""));
            written.push_str(&format!("'{text}'"));
            rest = after;
            continue;
        }
        let after = from.strip_prefix('{').unwrap_or(from);
        match after.split_once('}') {
            Some((name, after)) if is_name(name) => {
                let Some((_, column)) = known.iter().find(|(field, _)| field == name) else {
                    let hint = match suggestion(name, &fields) {
                        Some(near) => format!("did you mean `{{{near}}}`?"),
                        None => format!("the fields are {}", listed(&fields)),
                    };
                    return Err(format!("there is no field `{name}` that this check could be about: {hint}"));
                };
                written.push_str(&format!("\0{column}\0"));
                names_any = true;
                rest = after;
            }
            _ => {
                written.push('{');
                rest = after;
            }
        }
    }
    written.push_str(rest);
    match (names_any, fields.first()) {
        (false, Some(first)) => Err(format!(
            "the name of a column depends on the field that embeds the struct: write fields in braces in its checks, as in \
             `{{{first}}} <> ''`"
        )),
        _ => Ok(written),
    }
}

fn is_name(text: &str) -> bool {
    text.chars().all(|character| character.is_alphanumeric() || character == '_')
        && text.starts_with(|first: char| first.is_alphabetic() || first == '_')
}
