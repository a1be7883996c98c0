//! The struct of columns that closures get.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;

use super::{allowances, group, relations, runtime, search};
use crate::field::Role;
use crate::model::{IndexPart, ModelSpec};

/// The name of the struct.
pub(crate) fn name(spec: &ModelSpec) -> Ident {
    format_ident!("{}Columns", spec.ident.unraw(), span = spec.ident.span())
}

pub(crate) fn expand(spec: &ModelSpec) -> TokenStream {
    let rt = runtime();
    let allowances = allowances();
    let (ident, vis) = (&spec.ident, &spec.vis);
    let columns = name(spec);
    let doc = format!("The columns of [`{ident}`] as the closures of a query get them, reached by the path `Path_`.");
    let fields = spec.fields.iter().enumerate().map(|(i, field)| {
        let (name, ty, docs) = (&field.ident, &field.ty, &field.docs);
        let path = match field.role {
            Role::AutoKey | Role::NaturalKey => quote!(#rt::KeyOf<Path_>),
            Role::Version => quote!(#rt::VersionOf<Path_>),
            _ if field.generated.is_some() || spec.view.is_some() => quote!(#rt::GeneratedOf<Path_>),
            _ => quote!(Path_),
        };
        if field.embed.is_some() {
            let number = group::number(&spec.fields, i);
            return quote!(#(#docs)* #vis #name: #rt::Group<#path, #ty, #rt::GroupAt<#number>>);
        }
        quote!(#(#docs)* #vis #name: #rt::Column<#path, #ty>)
    });
    let fields = fields.chain(relations::column_fields(spec)).chain(search::column_field(spec));
    let values = spec.fields.iter().enumerate().map(|(i, field)| {
        let (name, position) = (&field.ident, group::position(&spec.fields, i));
        if field.embed.is_some() {
            return quote!(#name: #rt::Group::new());
        }
        quote!(#name: #rt::Column::new(&<#ident as #rt::Model>::TABLE.columns[#position]))
    });
    let values = values.chain(relations::column_values(spec)).chain(search::column_value(spec));
    quote! {
        #[doc = #doc]
        #allowances
        #vis struct #columns<Path_> {
            #(#fields),*
        }

        #allowances
        const _: () = {
            impl<Path_: #rt::Path> #rt::Columns for #columns<Path_> {
                const COLUMNS: &'static Self = &Self { #(#values),* };
            }
        };
    }
}

/// What the compiler checks of the fields of embedded structs that indexes name.
pub(crate) fn named_inside(spec: &ModelSpec) -> TokenStream {
    let (ident, columns) = (&spec.ident, name(spec));
    let parts = spec.indexes.iter().flat_map(|index| &index.parts).filter_map(|part| match part {
        IndexPart::Embedded(field, names, _) => Some((spec.fields.get(*field)?, names)),
        IndexPart::Column(..) | IndexPart::Expression(_) => None,
    });
    let named: Vec<_> = parts
        .map(|(field, names)| {
            let place = names.last().map_or_else(Span::call_site, |last| Span::call_site().located_at(last.span()));
            let at = |name: &Ident| {
                let mut name = name.clone();
                name.set_span(place);
                name
            };
            let (first, rest) = (at(&field.ident), names.iter().map(at));
            quote_spanned!(place=> ::sqliter::__private::one_column(columns_.#first #(.#rest)*);)
        })
        .collect();
    match named.is_empty() {
        true => TokenStream::new(),
        false => {
            let argument = Ident::new("columns_", Span::call_site());
            quote!(fn named_inside_(#argument: &#columns<#ident>) { #(#named)* })
        }
    }
}
