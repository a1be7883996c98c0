//! The implementation of a view.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;

use super::{allowances, runtime};
use crate::view::{Source, Start, ViewField, ViewSpec};

/// How many values a tuple of the runtime holds.
const IN_A_TUPLE: usize = 16;

pub(crate) fn expand(spec: &ViewSpec) -> TokenStream {
    let Some(fields) = &spec.fields else { return unfinished(spec) };
    let rt = runtime();
    let allowances = allowances();
    let (ident, model, given) = (&spec.ident, &spec.model, arguments(spec));
    let (impl_generics, type_generics, conditions) = spec.generics.split_for_impl();
    let names: Vec<_> = fields.iter().map(|field| &field.ident).collect();
    let types = nested(fields.iter().map(|field| field.ty.to_token_stream()));
    let pattern = nested(names.iter().map(ToTokens::to_token_stream));
    let loaded = nested(fields.iter().map(|field| loaded(spec, field)));

    let mut with_path = spec.generics.clone();
    with_path.params.insert(0, syn::parse_quote!(Path_: #rt::PathTo<#model>));
    let (parts_generics, ..) = with_path.split_for_impl();
    let parameters: Vec<_> = spec.generics.params.iter().filter_map(parameter).collect();
    // What depends on a type parameter cannot be known here.
    let further = match parameters.is_empty() {
        true => quote!({ #rt::deferred::<#model, _, _>(parts_::<#model>) }),
        false => quote!(true),
    };
    quote! {
        #allowances
        const _: () = {
            fn parts_ #parts_generics (arguments_: #given) -> impl #rt::Shape<#model, Output = #types> #conditions {
                let columns_ = #rt::columns_at::<#model, Path_>();
                #loaded
            }

            #[diagnostic::do_not_recommend]
            impl #impl_generics #rt::View<#model> for #ident #type_generics #conditions {
                type Arguments = #given;
                type Statements = #rt::Further<#further>;

                fn shape<Path_: #rt::PathTo<#model>>(arguments_: #given) -> #rt::Viewed<#model, Self, Self::Statements> {
                    #rt::Viewed::of(|| parts_::<Path_, #(#parameters),*>(arguments_), |#pattern| Self { #(#names),* })
                }
            }
        };
    }
}

/// What has mistakes is a view all the same, lest every chain that loads it be reported too.
fn unfinished(spec: &ViewSpec) -> TokenStream {
    let rt = runtime();
    let allowances = allowances();
    let (ident, model, given) = (&spec.ident, &spec.model, arguments(spec));
    let (impl_generics, type_generics, conditions) = spec.generics.split_for_impl();
    quote! {
        #allowances
        const _: () = {
            #[diagnostic::do_not_recommend]
            impl #impl_generics #rt::View<#model> for #ident #type_generics #conditions {
                type Arguments = #given;
                type Statements = #rt::Further<false>;

                fn shape<Path_: #rt::PathTo<#model>>(_: #given) -> #rt::Viewed<#model, Self, Self::Statements> {
                    ::core::unreachable!()
                }
            }
        };
    }
}

/// The type of the arguments: of one argument that, else a tuple.
fn arguments(spec: &ViewSpec) -> TokenStream {
    let types: Vec<_> = spec.arguments.iter().map(|argument| &argument.ty).collect();
    match types.as_slice() {
        [only] => only.to_token_stream(),
        types => quote!((#(#types),*)),
    }
}

/// What a field loads.
fn loaded(spec: &ViewSpec, field: &ViewField) -> TokenStream {
    let (model, ty, given) = (&spec.model, &field.ty, &field.given);
    let rt = runtime_at(field.ident.span());
    let place = field.ident.span();
    let given = match given.as_slice() {
        [] => None,
        [only] => Some(only.to_token_stream()),
        given => Some(quote!((#(#given),*))),
    };
    let call = |name: &str, value: &Option<TokenStream>| {
        let name = syn::Ident::new(name, place);
        value.as_ref().map(|value| quote_spanned!(place=> .#name(#value)))
    };
    let from = match &field.source {
        Source::Row => {
            let (rt, given) = (runtime_at(ty.span()), given.unwrap_or_else(|| quote_spanned!(ty.span()=> ())));
            let row = quote_spanned!(ty.span()=> #rt::row::<#model, Path_, #ty, _>(#given));
            return with_arguments(spec, field, row);
        }
        Source::From(from) => start(from, place),
        Source::Rows { from, filter, order, limit, is_first } => {
            let from = start(from, place);
            let (filter, order, limit) = (call("filter", filter), call("order", order), call("limit", limit));
            let first = is_first.then(|| quote_spanned!(place=> .first()));
            quote_spanned!(place=> #rt::rows_of(#from) #filter #order #limit #first)
        }
        Source::Count { from, filter } => {
            let (from, filter) = (start(from, place), call("filter", filter));
            quote_spanned!(place=> #rt::rows_of(#from) #filter.count())
        }
    };
    let value = match given {
        None => quote_spanned!(place=> #rt::field::<#model, #ty, _>(#from)),
        Some(given) => quote_spanned!(place=> #rt::field_with::<#model, #ty, _, _>(#from, #given)),
    };
    with_arguments(spec, field, value)
}

/// What a field loads, with a clone of each argument that it names.
fn with_arguments(spec: &ViewSpec, field: &ViewField, value: TokenStream) -> TokenStream {
    let several = spec.arguments.len() > 1;
    let named: Vec<_> = spec
        .arguments
        .iter()
        .enumerate()
        .filter(|(_, argument)| field.names(&argument.ident))
        .map(|(i, argument)| {
            let (name, place) = (&argument.ident, several.then(|| syn::Index::from(i)).into_iter());
            quote!(let #name = ::core::clone::Clone::clone(&arguments_ #(.#place)*);)
        })
        .collect();
    if named.is_empty() { value } else { quote!({ #(#named)* #value }) }
}

/// A column, a value or a relation.
fn start(start: &Start, place: Span) -> TokenStream {
    match start {
        Start::Named(name) => {
            let columns = syn::Ident::new("columns_", Span::call_site().located_at(name.span()));
            quote_spanned!(name.span()=> #columns.#name)
        }
        Start::Closure(closure) => {
            let rt = runtime_at(place);
            let columns = syn::Ident::new("columns_", Span::call_site());
            quote_spanned!(closure.span()=> #rt::computed(#columns, #closure))
        }
    }
}

/// A tuple of as many elements as there are, in tuples if need be.
fn nested(elements: impl Iterator<Item = TokenStream>) -> TokenStream {
    let elements: Vec<_> = elements.collect();
    if elements.len() <= IN_A_TUPLE {
        return quote!((#(#elements,)*));
    }
    let tuples = elements.chunks(IN_A_TUPLE).map(|elements| quote!((#(#elements,)*)));
    quote!((#(#tuples,)*))
}

/// A type parameter as an argument.
fn parameter(parameter: &syn::GenericParam) -> Option<TokenStream> {
    match parameter {
        syn::GenericParam::Type(parameter) => Some(parameter.ident.to_token_stream()),
        syn::GenericParam::Const(parameter) => Some(parameter.ident.to_token_stream()),
        syn::GenericParam::Lifetime(_) => None,
    }
}

/// The hidden module of the runtime, so that what the compiler says of the code is said of this place.
fn runtime_at(span: Span) -> TokenStream {
    quote_spanned!(span=> ::sqliter::__private)
}
