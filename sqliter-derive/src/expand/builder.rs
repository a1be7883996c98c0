//! The builder of what an insert needs. Each required field is a type parameter: until its setter is called, it is a
//! type with the name of the field, so that the compiler's message names it.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Ident, Type};

use super::table::default_value;
use super::{allowances, runtime};
use crate::field::FieldSpec;
use crate::model::ModelSpec;

fn name(spec: &ModelSpec) -> Ident {
    format_ident!("{}Builder", spec.ident.unraw(), span = spec.ident.span())
}

fn written(spec: &ModelSpec) -> impl Iterator<Item = &FieldSpec> {
    spec.fields.iter().filter(|field| field.is_written())
}

fn required(spec: &ModelSpec) -> impl Iterator<Item = &FieldSpec> {
    written(spec).filter(|field| field.is_required())
}

/// The type parameter of a required field.
fn parameter(field: &FieldSpec) -> Ident {
    format_ident!("S_{}", field.ident.unraw(), span = field.ident.span())
}

/// The types of required fields that are not set.
pub(crate) fn missing(spec: &ModelSpec) -> TokenStream {
    let names = required(spec).map(|field| &field.ident);
    quote! {
        pub mod missing {
            #(pub struct #names;)*
        }
    }
}

/// The type of the builder with no field set.
pub(crate) fn initial_type(spec: &ModelSpec) -> TokenStream {
    let builder = name(spec);
    let names = required(spec).map(|field| &field.ident);
    quote!(#builder<#(missing::#names),*>)
}

/// The builder with no field set.
pub(crate) fn initial_value(spec: &ModelSpec) -> TokenStream {
    let builder = name(spec);
    let fields = written(spec).map(|field| {
        let name = &field.ident;
        match field.is_required() {
            true => quote!(#name: missing::#name),
            false => quote!(#name: ::core::option::Option::None),
        }
    });
    quote!(#builder { #(#fields),* })
}

pub(crate) fn expand(spec: &ModelSpec) -> TokenStream {
    let rt = runtime();
    let allowances = allowances();
    let (ident, vis, new) = (&spec.ident, &spec.vis, &spec.new_name);
    let builder = name(spec);
    let doc =
        format!("Builds a [`{new}`], from `{ident}::builder()`. It can be inserted once all required fields are set.");
    let parameters: Vec<_> = required(spec).map(parameter).collect();
    let fields = written(spec).map(|field| {
        let (name, ty) = (&field.ident, &field.ty);
        match field.is_required() {
            true => {
                let parameter = parameter(field);
                quote!(#name: #parameter)
            }
            false => quote!(#name: ::core::option::Option<#ty>),
        }
    });
    let setters = written(spec).map(|field| setter(field, spec));
    let bounds = required(spec).map(|field| {
        let (parameter, ty) = (parameter(field), &field.ty);
        quote!(#parameter: #rt::IsSet<#ty>)
    });
    let built = written(spec).map(|field| {
        let name = &field.ident;
        let value = match (&field.default, &field.optional) {
            (Some(default), _) => {
                let default = default_value(field, default);
                quote!(match self.#name {
                    ::core::option::Option::Some(value) => value,
                    ::core::option::Option::None => #default,
                })
            }
            (None, Some(_)) => quote!(match self.#name {
                ::core::option::Option::Some(value) => value,
                ::core::option::Option::None => ::core::option::Option::None,
            }),
            (None, None) => quote!(#rt::IsSet::into_value(self.#name)),
        };
        quote!(#name: #value)
    });
    quote! {
        #[doc = #doc]
        #allowances
        #[must_use]
        #vis struct #builder<#(#parameters),*> {
            #(#fields),*
        }

        #allowances
        const _: () = {
            impl<#(#parameters),*> #builder<#(#parameters),*> {
                #(#setters)*
            }

            impl<#(#bounds),*> #rt::Draft for #builder<#(#parameters),*> {
                type Model = #ident;

                fn build(self) -> #new {
                    #new { #(#built),* }
                }
            }
        };
    }
}

fn setter(field: &FieldSpec, spec: &ModelSpec) -> TokenStream {
    let rt = runtime();
    let builder = name(spec);
    let (vis, name, ty, docs) = (&spec.vis, &field.ident, &field.ty, &field.docs);
    let (argument, value) = match &field.optional {
        Some(inner) => (
            quote_spanned!(ty.span()=> impl #rt::IntoOption<#inner>),
            quote!(#rt::IntoOption::<#inner>::into_option(value)),
        ),
        None if takes_itself(ty) => (quote!(#ty), quote!(value)),
        None => (quote!(impl ::core::convert::Into<#ty>), quote!(::core::convert::Into::<#ty>::into(value))),
    };
    let result = required(spec).map(|other| match other.ident == *name {
        true => quote!(#rt::Set<#ty>),
        false => {
            let parameter = parameter(other);
            quote!(#parameter)
        }
    });
    let fields = written(spec).map(|other| {
        let other_name = &other.ident;
        match (other.ident == *name, field.is_required()) {
            (true, true) => quote!(#other_name: #rt::Set(value)),
            (true, false) => quote!(#other_name: ::core::option::Option::Some(value)),
            (false, _) => quote!(#other_name: self.#other_name),
        }
    });
    quote! {
        #(#docs)*
        #vis fn #name(self, value: #argument) -> #builder<#(#result),*> {
            let value = #value;
            #builder { #(#fields),* }
        }
    }
}

/// Number types whose literals `impl Into<T>` would not infer: a literal is an `i32` or `f64` there.
fn takes_itself(ty: &Type) -> bool {
    const TYPES: [&str; 9] = ["i8", "i16", "isize", "u8", "u16", "u32", "u64", "usize", "f32"];
    matches!(ty, Type::Path(path) if path.path.get_ident().is_some_and(|ident| TYPES.iter().any(|name| ident == name)))
}
