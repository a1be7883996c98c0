//! The implementation of a row.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Ident, Type};

use super::{allowances, codec, runtime};
use crate::row::{RowSpec, Source};

pub(crate) fn expand(spec: &RowSpec) -> TokenStream {
    let widths = spec.fields.iter().map(|field| match &field.source {
        Source::Column(_) => quote!(1),
        Source::Flattened(_) => {
            let flat = flattened(&field.ty);
            quote!(#flat.width)
        }
    });
    let columns = spec.fields.iter().map(|field| match &field.source {
        Source::Column(name) => quote!(columns.column(#name);),
        Source::Flattened(prefix) => {
            let flat = flattened(&field.ty);
            quote!(columns.flattened(#flat, #prefix);)
        }
    });
    let decoded = spec.fields.iter().map(|field| {
        let ident = &field.ident;
        match &field.source {
            Source::Column(name) => {
                let codec = codec(&field.ty);
                quote!(#ident: row.next(#codec, #name, &mut next)?)
            }
            Source::Flattened(prefix) => {
                let flat = flattened(&field.ty);
                quote!(#ident: row.next_flattened(#flat, #prefix, &mut next)?)
            }
        }
    });
    let decode = quote! {
        let mut next = 0;
        ::core::result::Result::Ok(Self { #(#decoded),* })
    };
    implementation(&spec.ident, &quote!(0 #(+ #widths)*), &quote!(#(#columns)*), &decode)
}

/// How a flattened field is read, always by these very tokens, as its codec is.
fn flattened(ty: &Type) -> TokenStream {
    let rt = runtime();
    quote_spanned!(ty.span()=> #rt::flattened::<#ty>())
}

/// What has mistakes is a row all the same, lest every query that reads it be reported too.
pub(crate) fn unfinished(ident: &Ident) -> TokenStream {
    implementation(ident, &quote!(0), &quote!(), &quote!(::core::unreachable!()))
}

fn implementation(ident: &Ident, width: &TokenStream, columns: &TokenStream, decode: &TokenStream) -> TokenStream {
    let rt = runtime();
    let allowances = allowances();
    quote! {
        #allowances
        const _: () = {
            #[diagnostic::do_not_recommend]
            impl #rt::Row for #ident {
                const WIDTH: ::core::primitive::usize = #width;

                fn columns(columns: &mut #rt::RowColumns<'_>) {
                    #columns
                }

                fn decode(row: &#rt::RowRef<'_>) -> #rt::Result<Self> {
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
