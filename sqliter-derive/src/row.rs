//! The description of a row.

use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Field, Fields, Ident, Type};

use crate::attributes::{Mistakes, items};

/// A struct that is read from the columns of a statement by their names.
pub(crate) struct RowSpec {
    /// The name of the struct.
    pub(crate) ident: Ident,
    /// The fields, in their order.
    pub(crate) fields: Vec<RowField>,
}

/// A field with the column that it is read from.
pub(crate) struct RowField {
    /// The name of the field.
    pub(crate) ident: Ident,
    /// The type of the field.
    pub(crate) ty: Type,
    /// The name of the column.
    pub(crate) column: String,
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
        let column = column(field, ident, mistakes);
        // SQLite does not tell names apart by the case of ASCII letters.
        if let Some(other) = known.iter().find(|other| other.column.eq_ignore_ascii_case(&column)) {
            let message = format!(
                "the column `{column}` is read into the field `{}` already; give this one another with `column = \"…\"`",
                other.ident
            );
            mistakes.add(ident.span(), message);
        }
        known.push(RowField { ident: ident.clone(), ty: field.ty.clone(), column });
    }
    Some(known)
}

fn column(field: &Field, ident: &Ident, mistakes: &mut Mistakes) -> String {
    let mut column = ident.unraw().to_string();
    for item in items(&field.attrs, "row", &[], mistakes) {
        if item.name != "column" {
            item.unknown("a field of a row", &["column"], mistakes);
            continue;
        }
        let Some(text) = item.text(mistakes) else { continue };
        let name = text.value();
        if name.is_empty() || name.contains('\0') {
            mistakes.add(text.span(), "the name of a column must be text without NUL characters, and not empty");
            continue;
        }
        column = name;
    }
    column
}
