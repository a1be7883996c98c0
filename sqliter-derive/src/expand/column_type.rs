//! The implementation of a column type.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Ident, Type};

use super::{allowances, runtime};
use crate::column_type::ColumnTypeSpec;

pub(crate) fn expand(spec: &ColumnTypeSpec) -> TokenStream {
    let implementation = match spec {
        ColumnTypeSpec::Newtype { ident, inner } => newtype(ident, inner),
        ColumnTypeSpec::Text { ident, variants, checked } => text(ident, variants, *checked),
        ColumnTypeSpec::Integer { ident, variants, checked } => integer(ident, variants, *checked),
    };
    let (rt, allowances) = (runtime(), allowances());
    let (ColumnTypeSpec::Newtype { ident, .. }
    | ColumnTypeSpec::Text { ident, .. }
    | ColumnTypeSpec::Integer { ident, .. }) = spec;
    quote! {
        #allowances
        const _: () = {
            #implementation

            impl #rt::Literal for #ident {}
        };
    }
}

fn newtype(ident: &Ident, inner: &Type) -> TokenStream {
    let rt = runtime();
    let as_inner = quote_spanned!(inner.span()=> <#inner as #rt::ColumnType>);
    quote! {
        impl #rt::ColumnType for #ident {
            type Inner = Self;
            type Kind = #as_inner::Kind;
            const STORAGE: #rt::Storage = #as_inner::STORAGE;
            const COLLATION: ::core::option::Option<&'static ::core::primitive::str> = #as_inner::COLLATION;
            const CANONICAL: ::core::option::Option<&'static ::core::primitive::str> = #as_inner::CANONICAL;
            const REFERENCES: ::core::option::Option<fn() -> &'static #rt::TableInfo> = #as_inner::REFERENCES;
            const EXPECTED: &'static ::core::primitive::str = #as_inner::EXPECTED;
            const IN_REQUESTS: &'static ::core::primitive::str = #as_inner::IN_REQUESTS;
            const STORED_AS: ::core::option::Option<&'static ::core::primitive::str> = #as_inner::STORED_AS;
            const CHECKED_BY: ::core::option::Option<&'static ::core::primitive::str> = #as_inner::CHECKED_BY;

            fn check(column: &::core::primitive::str) -> ::core::option::Option<::std::string::String> {
                #as_inner::check(column)
            }

            fn encode(&self) -> ::core::result::Result<#rt::Encoded<'_>, #rt::EncodeError> {
                #as_inner::encode(&self.0)
            }

            fn decode(value: #rt::ValueRef<'_>) -> ::core::result::Result<Self, #rt::DecodeError> {
                ::core::result::Result::map(#as_inner::decode(value), Self)
            }
        }
    }
}

fn text(ident: &Ident, variants: &[(Ident, String)], checked: bool) -> TokenStream {
    let rt = runtime();
    let names: Vec<_> = variants.iter().map(|(variant, _)| variant).collect();
    let texts: Vec<_> = variants.iter().map(|(_, text)| text).collect();
    let literals: Vec<_> = texts.iter().map(|text| format!("'{}'", text.replace('\'', "''"))).collect();
    let expected = format!("one of {}", literals.join(", "));
    let check = checked.then(|| {
        quote! {
            fn check(column: &::core::primitive::str) -> ::core::option::Option<::std::string::String> {
                ::core::option::Option::Some(#rt::one_of(column, &[#(#literals),*]))
            }
        }
    });
    quote! {
        impl #rt::ColumnType for #ident {
            type Inner = Self;
            type Kind = #rt::kind::Enumeration;
            const STORAGE: #rt::Storage = #rt::Storage::Text;
            const EXPECTED: &'static ::core::primitive::str = #expected;

            #check

            fn encode(&self) -> ::core::result::Result<#rt::Encoded<'_>, #rt::EncodeError> {
                let text = match self {
                    #(Self::#names => #texts,)*
                };
                ::core::result::Result::Ok(#rt::Encoded::Text(::std::borrow::Cow::Borrowed(text)))
            }

            fn decode(value: #rt::ValueRef<'_>) -> ::core::result::Result<Self, #rt::DecodeError> {
                match value {
                    #(#rt::ValueRef::Text(#texts) => ::core::result::Result::Ok(Self::#names),)*
                    _ => ::core::result::Result::Err(#rt::DecodeError::unfit()),
                }
            }
        }
    }
}

fn integer(ident: &Ident, variants: &[Ident], checked: bool) -> TokenStream {
    let rt = runtime();
    let names: Vec<_> = variants.iter().map(ToString::to_string).collect();
    let expected = format!("the number of one of {}", names.join(", "));
    let check = checked.then(|| {
        quote! {
            fn check(column: &::core::primitive::str) -> ::core::option::Option<::std::string::String> {
                let numbers = [#(Self::#variants as ::core::primitive::i64),*].map(|number| ::std::string::ToString::to_string(&number));
                ::core::option::Option::Some(#rt::one_of(column, &numbers))
            }
        }
    });
    quote! {
        impl #rt::ColumnType for #ident {
            type Inner = Self;
            type Kind = #rt::kind::Enumeration;
            const STORAGE: #rt::Storage = #rt::Storage::Integer;
            const EXPECTED: &'static ::core::primitive::str = #expected;

            #check

            fn encode(&self) -> ::core::result::Result<#rt::Encoded<'_>, #rt::EncodeError> {
                let number = match self {
                    #(Self::#variants => Self::#variants as ::core::primitive::i64,)*
                };
                ::core::result::Result::Ok(#rt::Encoded::Integer(number))
            }

            fn decode(value: #rt::ValueRef<'_>) -> ::core::result::Result<Self, #rt::DecodeError> {
                // As an `i64` is read, which may also be text.
                match <::core::primitive::i64 as #rt::ColumnType>::decode(value)? {
                    #(number if number == Self::#variants as ::core::primitive::i64 => ::core::result::Result::Ok(Self::#variants),)*
                    _ => ::core::result::Result::Err(#rt::DecodeError::unfit()),
                }
            }
        }
    }
}
