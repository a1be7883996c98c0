//! The description of a row.

use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Field, Fields, Ident, Type};

use crate::attributes::{Item, Mistakes, items, words};

/// A struct that is read from the columns of a statement by their names.
pub(crate) struct RowSpec {
    /// The name of the struct.
    pub(crate) ident: Ident,
    /// The fields, in their order.
    pub(crate) fields: Vec<RowField>,
}

/// A field with what it is read from.
pub(crate) struct RowField {
    /// The name of the field.
    pub(crate) ident: Ident,
    /// The type of the field.
    pub(crate) ty: Type,
    /// What it is read from.
    pub(crate) source: Source,
}

/// What a field is read from.
pub(crate) enum Source {
    /// The column of this name.
    Column(String),
    /// All columns of its type, whose names begin with this prefix.
    Flattened(String),
}

/// The description, unless the mistakes leave it open what the fields are, and the mistakes. What has a description is
/// expanded in spite of mistakes, so that the rest of the program is not reported for them.
pub(crate) fn describe(input: &DeriveInput) -> (Option<RowSpec>, Option<syn::Error>) {
    let mut mistakes = Mistakes::default();
    for item in items(&input.attrs, "row", &[], &mut mistakes) {
        let message = format!(
            "`{}` does not go on the struct: only a field takes attributes, as `#[row(column = \"…\")]`",
            item.name.unraw()
        );
        mistakes.add(item.name.span(), message);
    }
    let fields = match &input.data {
        _ if !input.generics.params.is_empty() => {
            mistakes.add(input.generics.span(), "a row has no generic parameters: each column is read as one type");
            None
        }
        Data::Struct(data) => named(&data.fields, input, &mut mistakes),
        Data::Enum(_) => {
            mistakes
                .add(input.ident.span(), "only a struct can be a row; for an enum in a column, derive `ColumnType`");
            None
        }
        Data::Union(_) => {
            mistakes.add(input.ident.span(), "only a struct can be a row");
            None
        }
    };
    let spec = fields.map(|fields| RowSpec { ident: input.ident.clone(), fields });
    (spec, mistakes.into_error())
}

fn named(fields: &Fields, input: &DeriveInput, mistakes: &mut Mistakes) -> Option<Vec<RowField>> {
    let fields = match fields {
        Fields::Named(fields) if !fields.named.is_empty() => &fields.named,
        Fields::Unnamed(fields) if !fields.unnamed.is_empty() => {
            let message = "a row needs named fields, which are read from the columns of these names; for values by \
                           position read a tuple, as in `query::<(String, i64)>(…)`";
            mistakes.add(input.ident.span(), message);
            return None;
        }
        _ => {
            mistakes.add(input.ident.span(), "a row needs a field, which is read from the column of its name");
            return None;
        }
    };
    let mut known: Vec<RowField> = Vec::new();
    for field in fields {
        let Some(ident) = &field.ident else { continue };
        let source = source(field, ident, mistakes);
        // SQLite does not tell names apart by the case of ASCII letters.
        let has_it = |other: &&RowField| match (&other.source, &source) {
            (Source::Column(other), Source::Column(own)) => other.eq_ignore_ascii_case(own),
            _ => false,
        };
        if let (Some(other), Source::Column(column)) = (known.iter().find(has_it), &source) {
            let message = format!(
                "the column `{column}` is read into the field `{}` already; give this one another with `column = \"…\"`",
                other.ident
            );
            mistakes.add(ident.span(), message);
        }
        known.push(RowField { ident: ident.clone(), ty: field.ty.clone(), source });
    }
    Some(known)
}

words! {
    /// The attributes of a field.
    Word {
        "column" => Column,
        "flatten" => Flatten,
        "prefix" => Prefix,
    }
}

fn source(field: &Field, ident: &Ident, mistakes: &mut Mistakes) -> Source {
    let (mut column, mut flatten, mut prefix) = (None, None, None);
    for item in items(&field.attrs, "row", &[], mistakes) {
        match Word::of(&item, "a field of a row", mistakes) {
            Some(Word::Column) => {
                column = name(&item, "the name of a column", mistakes).map(|name| (item.name.span(), name));
            }
            Some(Word::Flatten) => {
                item.flag(mistakes);
                flatten = Some(item.name.span());
            }
            Some(Word::Prefix) => prefix = name(&item, "a prefix", mistakes).map(|name| (item.name.span(), name)),
            None => {}
        }
    }
    match (column, flatten, prefix) {
        (Some((span, _)), Some(_), _) => {
            let message = "a flattened field is read from several columns; `prefix = \"…\"` says how their names begin";
            mistakes.add(span, message);
            Source::Flattened(String::new())
        }
        (None, Some(_), prefix) => Source::Flattened(prefix.map(|(_, text)| text).unwrap_or_default()),
        (None, None, Some((span, prefix))) => {
            let message = "`prefix` goes with `flatten`: write `#[row(flatten, prefix = \"…\")]`; the name of one column is \
                           given with `column = \"…\"`";
            mistakes.add(span, message);
            Source::Flattened(prefix)
        }
        (Some((_, column)), None, prefix) => {
            if let Some((span, _)) = prefix {
                mistakes.add(span, "`column` is the whole name of the column, and takes no prefix");
            }
            Source::Column(column)
        }
        (None, None, None) => Source::Column(ident.unraw().to_string()),
    }
}

/// The text of an attribute about names.
fn name(item: &Item, what: &str, mistakes: &mut Mistakes) -> Option<String> {
    let text = item.text(mistakes)?;
    let name = text.value();
    if name.is_empty() || name.contains('\0') {
        mistakes.add(text.span(), format!("{what} must be text without NUL characters, and not empty"));
        return None;
    }
    Some(name)
}
