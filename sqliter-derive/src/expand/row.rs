//! The implementation of a row.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Ident;

use super::{allowances, codec, runtime};
use crate::row::RowSpec;

pub(crate) fn expand(spec: &RowSpec) -> TokenStream {
    let rt = runtime();
    let columns = spec.fields.iter().map(|field| &field.column);
    let decoded = spec.fields.iter().enumerate().map(|(i, field)| {
        let (name, codec) = (&field.ident, codec(&field.ty));
        quote!(#name: row.get_named(#codec, <Self as #rt::Row>::COLUMNS, #i)?)
    });
    implementation(&spec.ident, &quote!(&[#(#columns),*]), &quote!(::core::result::Result::Ok(Self { #(#decoded),* })))
}

/// What has mistakes is a row all the same, lest every query that reads it be reported too.
pub(crate) fn unfinished(ident: &Ident) -> TokenStream {
    implementation(ident, &quote!(&[]), &quote!(::core::unreachable!()))
}

fn implementation(ident: &Ident, columns: &TokenStream, decode: &TokenStream) -> TokenStream {
    let rt = runtime();
    let allowances = allowances();
    quote! {
        #allowances
        const _: () = {
            #[diagnostic::do_not_recommend]
            impl #rt::Row for #ident {
                const COLUMNS: &'static [&'static ::core::primitive::str] = #columns;

                fn decode(row: &#rt::RawRow<'_>) -> #rt::Result<Self> {
                    #decode
                }
            }

            #[diagnostic::do_not_recommend]
            impl #rt::FromRow for #ident {
                type Reader = #rt::RowReader;
            }
        };
    }
}
