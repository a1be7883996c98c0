//! Columns of fields where some are embedded structs: how many columns these have, only the compiler knows.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::Type;
use syn::ext::IdentExt;
use syn::spanned::Spanned;

use super::runtime;
use crate::field::FieldSpec;

/// How an embedded struct is read and written, in the same words everywhere, as those of [`codec`](super::codec).
pub(crate) fn group(ty: &Type) -> TokenStream {
    let rt = runtime();
    quote_spanned!(ty.span()=> #rt::group::<#ty>())
}

/// Whether there are embedded structs among the fields.
pub(crate) fn any(fields: &[FieldSpec]) -> bool {
    fields.iter().any(|field| field.embed.is_some())
}

/// The position of the column of a field, or of its first one, as a constant expression.
pub(crate) fn position(fields: &[FieldSpec], field: usize) -> TokenStream {
    let before = fields.get(..field).unwrap_or_default();
    let groups: Vec<_> = before.iter().filter(|field| field.embed.is_some()).map(|field| group(&field.ty)).collect();
    match groups.is_empty() {
        true => quote!(#field),
        false => {
            let columns = before.len() - groups.len();
            quote!((#columns #(+ #groups.width())*))
        }
    }
}

/// The same as a value, which is calculated by the compiler.
pub(crate) fn position_value(fields: &[FieldSpec], field: usize) -> TokenStream {
    let position = position(fields, field);
    match any(fields.get(..field).unwrap_or_default()) {
        true => quote!(const { #position }),
        false => position,
    }
}

/// The constant `COLUMNS_`, given the description of the column of each field that is one, and what must hold of the names.
pub(crate) fn columns(fields: &[FieldSpec], column: impl Fn(&FieldSpec) -> TokenStream) -> TokenStream {
    let rt = runtime();
    let parts = fields.iter().map(|field| match &field.embed {
        None => {
            let column = column(field);
            quote!(#rt::Part::Column(#column))
        }
        Some(embed) => {
            let (prefix, group) = (&embed.prefix, group(&field.ty));
            let before = match &embed.renamed_from {
                Some(before) => quote!(::core::option::Option::Some(#before)),
                None => quote!(::core::option::Option::None),
            };
            quote!(#rt::Part::Group { prefix: #prefix, before: #before, optional: #group.optional, embed: #group.embed })
        }
    });
    let checks = fields.iter().enumerate().filter(|(_, field)| field.embed.is_some()).map(|(i, field)| {
        let group = group(&field.ty);
        let clash = format!(
            "a column of `{}` has the name of a column of another field: choose what its columns begin with, as in \
             `#[model(embed(prefix = \"other_\"))]`",
            field.ident.unraw()
        );
        let none = format!(
            "all columns of `{}` can be NULL one by one, so that nothing would tell a value from none: write the type without \
             `Option`",
            field.ident.unraw()
        );
        let distinct = quote_spanned! {field.ident.span()=>
            const _: () = ::core::assert!(!::sqliter::__private::has_name_of_other(PARTS_, &COLUMNS_, #i), #clash);
        };
        let tells_none = quote_spanned!(field.ty.span()=> const _: () = ::core::assert!(#group.tells_none(), #none););
        quote!(#distinct #tells_none)
    });
    quote! {
        const PARTS_: &[#rt::Part] = &[#(#parts),*];
        const NAMES_: [::core::primitive::u8; #rt::length_of_names(PARTS_)] = #rt::names(PARTS_);
        const COLUMNS_: [#rt::ColumnInfo; #rt::width(PARTS_)] = #rt::columns(PARTS_, &NAMES_);
        #(#checks)*
    }
}

/// The descriptions of the embedded structs.
pub(crate) fn groups(fields: &[FieldSpec]) -> impl Iterator<Item = TokenStream> + '_ {
    let rt = runtime();
    fields.iter().enumerate().filter(|(_, field)| field.embed.is_some()).map(move |(i, field)| {
        let (name, start, group) = (field.ident.unraw().to_string(), position(fields, i), group(&field.ty));
        quote!(#rt::GroupInfo { name: #name, start: #start, optional: #group.optional, embed: #group.embed })
    })
}

/// The number of an embedded struct among those of the fields.
pub(crate) fn number(fields: &[FieldSpec], field: usize) -> usize {
    fields.iter().take(field).filter(|field| field.embed.is_some()).count()
}
