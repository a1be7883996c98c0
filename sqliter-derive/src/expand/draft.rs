//! The struct of what an insert needs.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::ext::IdentExt;

use super::table::default_value;
use super::{allowances, clock, codec, group, heading, runtime};
use crate::field::{FieldSpec, Role};
use crate::model::ModelSpec;

pub(crate) fn expand(spec: &ModelSpec) -> TokenStream {
    let rt = runtime();
    let allowances = allowances();
    let (ident, vis, new) = (&spec.ident, &spec.vis, &spec.new.name);
    let doc = format!("What an insert of a [`{ident}`] needs. Built by `{ident}::builder()`, or written out.");
    let heading = heading(&spec.new);
    let deserialized = spec.new.has("Deserialize");
    let mut fields = Vec::new();
    let mut defaults = Vec::new();
    for field in spec.fields.iter().filter(|field| field.is_written()) {
        let (name, ty, docs, further) = (&field.ident, &field.ty, &field.docs, &field.new_attributes);
        let mut serde = None;
        if let (Some(default), true) = (&field.default, deserialized) {
            let function = format_ident!("default_{}", name.unraw());
            let path = format!("{new}::{function}");
            let value = default_value(field, default);
            serde = Some(quote!(#[serde(default = #path)]));
            defaults.push(quote!(#[doc(hidden)] fn #function() -> #ty { #value }));
        }
        fields.push(quote!(#(#docs)* #serde #(#further)* #vis #name: #ty));
    }
    let defaults = (!defaults.is_empty()).then(|| quote!(#allowances impl #new { #(#defaults)* }));
    let written = written(spec);
    let into_model = match spec.fields.iter().any(|field| field.generated.is_some()) {
        true => quote!(::core::option::Option::None),
        false => {
            let moved = spec.fields.iter().map(|field| moved(field, spec));
            quote!(::core::option::Option::Some(#ident { #(#moved),* }))
        }
    };
    quote! {
        #[doc = #doc]
        #heading
        #allowances
        #vis struct #new {
            #(#fields),*
        }

        #defaults

        #allowances
        const _: () = {
            #[diagnostic::do_not_recommend]
            impl #rt::Draft for #new {
                type Model = #ident;

                fn build(self) -> Self {
                    self
                }
            }

            impl #rt::NewModel for #new {
                type Model = #ident;

                fn write(&self, arguments: &mut #rt::Arguments<'_>) -> #rt::Result<()> {
                    #(#written)*
                    ::core::result::Result::Ok(())
                }

                fn into_model(
                    self,
                    row_id: ::core::primitive::i64,
                    now: ::std::time::SystemTime,
                ) -> ::core::option::Option<#ident> {
                    #into_model
                }
            }
        };
    }
}

fn written(spec: &ModelSpec) -> impl Iterator<Item = TokenStream> + '_ {
    let rt = runtime();
    let written = |field: &FieldSpec| field.role != Role::AutoKey && field.generated.is_none();
    spec.fields.iter().enumerate().filter(move |(_, field)| written(field)).map(move |(i, field)| {
        let (name, i) = (&field.ident, group::position_value(&spec.fields, i));
        if field.embed.is_some() {
            let group = group::group(&field.ty);
            return quote!(#group.write(&self.#name, arguments, #i)?;);
        }
        let codec = codec(&field.ty);
        match field.role {
            Role::CreatedAt | Role::UpdatedAt => {
                let clock = clock(&field.ty);
                quote!(#rt::Arguments::now(arguments, #codec, #clock, #i)?;)
            }
            Role::Version => quote!(#rt::Arguments::value(arguments, #codec, #i, &1)?;),
            Role::DeletedAt => {
                quote!(#rt::Arguments::value(arguments, #codec, #i, &::core::option::Option::None)?;)
            }
            Role::AutoKey | Role::NaturalKey | Role::Column => {
                quote!(#rt::Arguments::value(arguments, #codec, #i, &self.#name)?;)
            }
        }
    })
}

fn moved(field: &FieldSpec, spec: &ModelSpec) -> TokenStream {
    let rt = runtime();
    let (name, ident) = (&field.ident, &spec.ident);
    match field.role {
        Role::AutoKey => quote!(#name: <#ident as #rt::Model>::key(row_id)),
        Role::CreatedAt | Role::UpdatedAt => {
            let clock = clock(&field.ty);
            quote!(#name: (#clock.now)(now))
        }
        Role::Version => quote!(#name: 1),
        Role::DeletedAt => quote!(#name: ::core::option::Option::None),
        Role::Column | Role::NaturalKey => quote!(#name: self.#name),
    }
}
