//! From a description to code. Generated code names only `sqliter::__private`.

pub(crate) mod builder;
pub(crate) mod column_type;
pub(crate) mod columns;
pub(crate) mod draft;
pub(crate) mod embed;
pub(crate) mod group;
pub(crate) mod model;
pub(crate) mod patch;
pub(crate) mod relations;
pub(crate) mod row;
pub(crate) mod search;
pub(crate) mod table;
pub(crate) mod view;

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::Type;
use syn::spanned::Spanned;

use crate::beside::StructSpec;

/// The hidden module of the runtime.
pub(crate) fn runtime() -> TokenStream {
    quote!(::sqliter::__private)
}

/// A text that there may be.
pub(crate) fn option(text: Option<&str>) -> TokenStream {
    match text {
        Some(text) => quote!(::core::option::Option::Some(#text)),
        None => quote!(::core::option::Option::None),
    }
}

/// The codec of a field's type. Everything that needs the type to fit a column says so by these very tokens, so that
/// the compiler's reports of a type that does not fit are the same one.
pub(crate) fn codec(ty: &Type) -> TokenStream {
    let rt = runtime();
    quote_spanned!(ty.span()=> #rt::codec::<#ty>())
}

/// The clock of a timestamp's type, likewise.
pub(crate) fn clock(ty: &Type) -> TokenStream {
    let rt = runtime();
    quote_spanned!(ty.span()=> #rt::clock::<#ty>())
}

/// What stands before a generated struct: its derives and their attributes.
pub(crate) fn heading(spec: &StructSpec) -> TokenStream {
    let (derives, attributes) = (&spec.derives, &spec.attributes);
    let derives = (!derives.is_empty()).then(|| quote!(#[derive(#(#derives),*)]));
    quote!(#derives #(#attributes)*)
}

/// Allowances for generated items: what the user's lints say of them is not the user's fault.
pub(crate) fn allowances() -> TokenStream {
    quote! {
        #[allow(
            dead_code,
            missing_docs,
            missing_debug_implementations,
            non_camel_case_types,
            non_snake_case,
            private_bounds,
            private_interfaces,
            unreachable_pub,
            clippy::all,
            clippy::pedantic,
            clippy::nursery,
            clippy::restriction
        )]
    }
}
