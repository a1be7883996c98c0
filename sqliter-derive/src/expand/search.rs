//! The full-text search of a model: its description, and what it is among the columns.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;

use super::{allowances, group, option, runtime};
use crate::field::{FieldSpec, Role};
use crate::model::ModelSpec;
use crate::search::SearchSpec;

/// The name of the struct of its columns.
fn name(spec: &ModelSpec) -> Ident {
    format_ident!("{}SearchColumns", spec.ident.unraw(), span = spec.ident.span())
}

/// The description in the table.
pub(crate) fn info(spec: &ModelSpec) -> TokenStream {
    let rt = runtime();
    let Some(search) = &spec.search else { return quote!(::core::option::Option::None) };
    let table = format!("{}_search", spec.table);
    let replaced = format!("{}_search_replaced", spec.table);
    let columns = search.columns.iter().map(|(field, _)| group::position(&spec.fields, *field));
    let (tokenize, prefix) = (option(search.tokenize.as_deref()), option(search.prefix.as_deref()));
    quote! {
        ::core::option::Option::Some(#rt::SearchInfo {
            table: #table,
            replaced: #replaced,
            columns: &[#(#columns),*],
            tokenize: #tokenize,
            prefix: #prefix,
        })
    }
}

/// The field of the struct of columns.
pub(crate) fn column_field(spec: &ModelSpec) -> Option<TokenStream> {
    spec.search.as_ref()?;
    let (vis, name) = (&spec.vis, name(spec));
    Some(quote!(#[doc = "The full-text search."] #vis search: #name<Path_>))
}

/// The value of this field.
pub(crate) fn column_value(spec: &ModelSpec) -> Option<TokenStream> {
    let rt = runtime();
    let (ident, name) = (&spec.ident, name(spec));
    let columns = columns(spec, spec.search.as_ref()?).enumerate().map(|(number, (position, field))| {
        let (field, position) = (&field.ident, group::position(&spec.fields, position));
        quote!(#field: #rt::SearchColumn::new(&<#ident as #rt::Model>::TABLE.columns[#position], #number))
    });
    Some(quote!(search: #name { #(#columns),* }))
}

fn columns<'s>(spec: &'s ModelSpec, search: &'s SearchSpec) -> impl Iterator<Item = (usize, &'s FieldSpec)> {
    search.columns.iter().filter_map(|(position, _)| Some((*position, spec.fields.get(*position)?)))
}

/// The struct of its columns, and what must be true of their types.
pub(crate) fn expand(spec: &ModelSpec) -> Option<TokenStream> {
    let search = spec.search.as_ref()?;
    let rt = runtime();
    let allowances = allowances();
    let (ident, vis, name) = (&spec.ident, &spec.vis, name(spec));
    let doc =
        format!("The full-text search of [`{ident}`] as the closures of a query get it, reached by the path `Path_`.");
    let fields = columns(spec, search).map(|(_, field)| {
        let (name, ty, docs) = (&field.ident, &field.ty, &field.docs);
        quote!(#(#docs)* #vis #name: #rt::SearchColumn<Path_, #ty>)
    });
    let texts = search.columns.iter().filter_map(|(position, place)| {
        let ty = &spec.fields.get(*position)?.ty;
        Some(quote_spanned!(*place=> #rt::searched::<#ty>();))
    });
    let keys = spec.fields.iter().filter(|field| spec.is_key(field) && field.role == Role::NaturalKey);
    // What is wrong with a key of several fields has been said.
    let keys = keys.filter(|_| spec.key.len() == 1).map(|field| {
        let ty = &field.ty;
        quote_spanned!(search.span=> const _: () = ::sqliter::__private::found_by::<#ty>();)
    });
    Some(quote! {
        #(#keys)*

        #[doc = #doc]
        #allowances
        #vis struct #name<Path_> {
            #(#fields),*
        }

        #allowances
        const _: () = {
            #(#texts)*

            impl<Path_: #rt::Path> ::core::ops::Deref for #name<Path_> {
                type Target = #rt::Search<Path_>;

                fn deref(&self) -> &#rt::Search<Path_> {
                    #rt::Search::<Path_>::OF_PATH
                }
            }

            #[diagnostic::do_not_recommend]
            impl #rt::HasSearch for #ident {}
        };
    })
}
