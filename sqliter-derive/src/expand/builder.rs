//! The builder of what an insert needs. Each required field is a type parameter: until its setter is called, it is a
//! marker, and the trait that its bound asks for names it in the compiler's message.

use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Ident, Type};

use super::table::default_value;
use super::{allowances, group, runtime};
use crate::field::FieldSpec;
use crate::model::ModelSpec;
use crate::relation::RelationKind;

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

/// The trait of a required field that has been set, for the sake of its message.
fn set_trait(field: &FieldSpec) -> Ident {
    format_ident!("IsSet_{}", field.ident.unraw())
}

fn set_traits(spec: &ModelSpec) -> impl Iterator<Item = TokenStream> + '_ {
    let rt = runtime();
    required(spec).map(move |field| {
        let (set_trait, ty) = (set_trait(field), &field.ty);
        let message = format!("the required field `{}` of `{}` is not set", field.ident.unraw(), spec.ident.unraw());
        let label = format!("`.{}(…)` is missing", field.ident);
        quote! {
            #[diagnostic::on_unimplemented(message = #message, label = #label)]
            pub trait #set_trait: #rt::IsSet<#ty> {}
            impl #set_trait for #rt::Set<#ty> {}
        }
    })
}

/// The type of the builder with no field set.
pub(crate) fn initial_type(spec: &ModelSpec) -> TokenStream {
    let rt = runtime();
    let builder = name(spec);
    let missing = required(spec).map(|_| quote!(#rt::Missing));
    quote!(#builder<#(#missing),*>)
}

/// The builder with no field set.
pub(crate) fn initial_value(spec: &ModelSpec) -> TokenStream {
    let rt = runtime();
    let builder = name(spec);
    let fields = written(spec).map(|field| {
        let name = &field.ident;
        match field.is_required() {
            true => quote!(#name: #rt::Missing),
            false => quote!(#name: ::core::option::Option::None),
        }
    });
    quote!(#builder { #(#fields),* })
}

pub(crate) fn expand(spec: &ModelSpec) -> TokenStream {
    let rt = runtime();
    let allowances = allowances();
    let (ident, vis, new) = (&spec.ident, &spec.vis, &spec.new.name);
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
    let bounds: Vec<_> = required(spec)
        .map(|field| {
            let (parameter, set_trait) = (parameter(field), set_trait(field));
            quote!(#parameter: #set_trait)
        })
        .collect();
    let set_traits = set_traits(spec);
    // A setter of that name comes first; the method of `Draft` does the same.
    let build = written(spec).all(|field| field.ident.unraw() != "build").then(|| {
        quote! {
            /// What an insert needs, once all required fields are set.
            #vis fn build(self) -> #new
            where
                #(#bounds),*
            {
                #rt::Draft::build(self)
            }
        }
    });
    // At the place of the struct's name, so that a missing field is not blamed on the derive.
    let draft_for = quote_spanned!(ident.span()=> ::sqliter::__private::Draft for #builder<#(#parameters),*>);
    let built = written(spec).map(|field| {
        let (name, ty) = (&field.ident, &field.ty);
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
            (None, None) => quote!(#rt::IsSet::<#ty>::into_value(self.#name)),
        };
        quote!(#name: #value)
    });
    let referring = referring(spec);
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

                #build
            }

            #(#set_traits)*

            impl<#(#bounds),*> #draft_for {
                type Model = #ident;

                fn build(self) -> #new {
                    #new { #(#built),* }
                }
            }

            #(#referring)*
        };
    }
}

/// The drafts of rows that refer to a row, whose foreign key need not be set: one implementation for each foreign key.
fn referring(spec: &ModelSpec) -> impl Iterator<Item = TokenStream> + '_ {
    let rt = runtime();
    let (ident, new, builder) = (&spec.ident, &spec.new.name, name(spec));
    spec.relations.iter().filter_map(move |relation| {
        let RelationKind::ForeignKey { field: place, target, .. } = &relation.kind else { return None };
        let key = spec.fields.get(*place).filter(|field| field.is_written())?;
        let parameters: Vec<_> = required(spec).map(parameter).collect();
        let bounds = required(spec).map(|field| {
            let (parameter, set_trait) = (parameter(field), set_trait(field));
            match field.ident == key.ident {
                true => quote!(#parameter: ::core::marker::Send + 'static),
                false => quote!(#parameter: #set_trait),
            }
        });
        let fields = written(spec).map(|field| {
            let name = &field.ident;
            match (*name == key.ident, field.is_required(), &field.optional) {
                (false, ..) => quote!(#name: self.#name),
                (true, true, _) => quote!(#name: #rt::Set(key)),
                (true, false, None) => quote!(#name: ::core::option::Option::Some(key)),
                (true, false, Some(_)) => {
                    quote!(#name: ::core::option::Option::Some(::core::option::Option::Some(key)))
                }
            }
        });
        let name = &key.ident;
        let value = match &key.optional {
            Some(_) => quote!(::core::option::Option::Some(key)),
            None => quote!(key),
        };
        let place = match group::any(spec.fields.get(..*place).unwrap_or_default()) {
            true => {
                let place = group::position(&spec.fields, *place);
                quote!({ #place })
            }
            false => Literal::usize_unsuffixed(*place).into_token_stream(),
        };
        let draft_of = quote_spanned! {ident.span()=>
            ::sqliter::__private::DraftOf<#rt::ColumnAt<#place>, #rt::Key<#target>>
        };
        Some(quote! {
            impl<#(#bounds),*> #draft_of for #builder<#(#parameters),*> {
                type Model = #ident;

                fn build_for(self, key: #rt::Key<#target>) -> #new {
                    #rt::Draft::build(#builder { #(#fields),* })
                }
            }

            #[diagnostic::do_not_recommend]
            impl #draft_of for #new {
                type Model = #ident;

                fn build_for(mut self, key: #rt::Key<#target>) -> Self {
                    self.#name = #value;
                    self
                }
            }
        })
    })
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
        None => (quote!(impl #rt::IntoField<#ty>), quote!(#rt::IntoField::<#ty>::into_field(value))),
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
