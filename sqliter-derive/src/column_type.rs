//! The description of a column type.

use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Fields, Ident, Type, Variant};

use crate::attributes::{Mistakes, items, words};
use crate::field::inner_type;
use crate::names::snake_case;

/// An enum or a newtype that fits a column.
pub(crate) enum ColumnTypeSpec {
    /// A struct around one value.
    Newtype {
        /// The name of the struct.
        ident: Ident,
        /// The type of the value.
        inner: Box<Type>,
    },
    /// An enum stored as text.
    Text {
        /// The name of the enum.
        ident: Ident,
        /// Each variant with the text that it is stored as.
        variants: Vec<(Ident, String)>,
        /// Whether a `CHECK` constraint keeps all other values out.
        checked: bool,
    },
    /// An enum stored as its number.
    Integer {
        /// The name of the enum.
        ident: Ident,
        /// The variants.
        variants: Vec<Ident>,
        /// Whether a `CHECK` constraint keeps all other values out.
        checked: bool,
    },
}

words! {
    /// The attributes of an enum.
    OfEnum {
        "integer" => Integer,
        "check" => Check,
    }
}

words! {
    /// The attributes of a variant.
    OfVariant {
        "name" => Name,
    }
}

pub(crate) fn describe(input: &DeriveInput) -> syn::Result<ColumnTypeSpec> {
    if !input.generics.params.is_empty() {
        return Err(syn::Error::new(input.generics.span(), "a column type has no generic parameters"));
    }
    let mut mistakes = Mistakes::default();
    let spec = match &input.data {
        Data::Struct(data) => newtype(input, &data.fields, &mut mistakes)?,
        Data::Enum(data) => {
            let (mut integer, mut checked) = (false, true);
            for item in items(&input.attrs, "column", &[], &mut mistakes) {
                match OfEnum::of(&item, "an enum", &mut mistakes) {
                    Some(OfEnum::Integer) => integer = item.flag(&mut mistakes),
                    Some(OfEnum::Check) => checked = item.boolean(&mut mistakes).unwrap_or(true),
                    None => {}
                }
            }
            enumeration(&input.ident, data.variants.iter(), integer, checked, &mut mistakes)
        }
        Data::Union(_) => return Err(syn::Error::new(input.ident.span(), "a union does not fit a column")),
    };
    mistakes.or(spec)
}

fn newtype(input: &DeriveInput, fields: &Fields, mistakes: &mut Mistakes) -> syn::Result<ColumnTypeSpec> {
    let wrong = "only a struct around one value fits a column, as `struct Email(String);`; store other structs as \
                 `Json<…>`";
    let (Fields::Unnamed(unnamed), 1) = (fields, fields.len()) else {
        return Err(syn::Error::new(input.ident.span(), wrong));
    };
    let Some(field) = unnamed.unnamed.first() else {
        return Err(syn::Error::new(input.ident.span(), wrong));
    };
    for item in items(&input.attrs, "column", &[], mistakes) {
        mistakes.add(item.name.span(), "a newtype is stored as its value and takes no attribute");
    }
    if inner_type(&field.ty, "Option").is_some() {
        mistakes.add(field.ty.span(), "leave the `Option` to the field of the model: `Option<…>` of this type");
    }
    Ok(ColumnTypeSpec::Newtype { ident: input.ident.clone(), inner: Box::new(field.ty.clone()) })
}

fn enumeration<'a>(
    ident: &Ident,
    variants: impl Iterator<Item = &'a Variant>,
    integer: bool,
    checked: bool,
    mistakes: &mut Mistakes,
) -> ColumnTypeSpec {
    let mut named: Vec<(Ident, String)> = Vec::new();
    for variant in variants {
        if !matches!(variant.fields, Fields::Unit) {
            mistakes.add(variant.span(), "a variant with fields does not fit a column; store the enum as `Json<…>`");
        }
        let text = text_of(variant, integer, mistakes);
        if let (Some((other, _)), false) = (named.iter().find(|(_, known)| *known == text), integer) {
            mistakes.add(
                variant.ident.span(),
                format!("`{other}` is stored as '{text}' already; choose another text with `#[column(name = \"…\")]`"),
            );
        }
        named.push((variant.ident.clone(), text));
    }
    if named.is_empty() {
        mistakes.add(ident.span(), "an enum without variants has no value to store");
    }
    let ident = ident.clone();
    match integer {
        true => {
            let variants = named.into_iter().map(|(variant, _)| variant).collect();
            ColumnTypeSpec::Integer { ident, variants, checked }
        }
        false => ColumnTypeSpec::Text { ident, variants: named, checked },
    }
}

fn text_of(variant: &Variant, integer: bool, mistakes: &mut Mistakes) -> String {
    let mut text = snake_case(&variant.ident.unraw().to_string());
    for item in items(&variant.attrs, "column", &[], mistakes) {
        match OfVariant::of(&item, "a variant", mistakes) {
            Some(OfVariant::Name) if integer => {
                mistakes
                    .add(item.name.span(), "an enum stored as its number has no names; leave `integer` or `name` out");
            }
            Some(OfVariant::Name) => text = item.text(mistakes).map_or(text, |name| name.value()),
            None => {}
        }
    }
    text
}
