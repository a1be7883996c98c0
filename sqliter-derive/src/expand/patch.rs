//! The struct of what an update of a row may change.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::{allowances, codec, group, heading, runtime};
use crate::beside::{StructSpec, is_named};
use crate::field::{FieldSpec, Role};
use crate::model::ModelSpec;

pub(crate) fn expand(spec: &ModelSpec) -> Option<TokenStream> {
    let patch = spec.patch.as_ref()?;
    let rt = runtime();
    let allowances = allowances();
    let (ident, vis, name) = (&spec.ident, &spec.vis, &patch.generated.name);
    let doc = format!(
        "What an update of a [`{ident}`] changes, by `db.patch(key, patch)`: a field that is `None` stays as it is."
    );
    let heading = heading(&patch.generated);
    // Of `Option`s only, whatever their types are.
    let default = (!patch.generated.derives.iter().any(|path| is_named(path, "Default")))
        .then(|| quote!(#[derive(::core::default::Default)]));
    let chosen: Vec<(usize, &FieldSpec)> =
        patch.fields.iter().filter_map(|position| Some((*position, spec.fields.get(*position)?))).collect();
    let fields = chosen.iter().map(|(_, field)| {
        let (name, ty, docs, further) = (&field.ident, &field.ty, &field.docs, &field.patch.attributes);
        let serde = serde(&patch.generated);
        let ty = quote_spanned!(name.span()=> ::core::option::Option<#ty>);
        quote!(#(#docs)* #serde #(#further)* #vis #name: #ty)
    });
    let version = spec.fields.iter().find(|field| field.role == Role::Version);
    let expected = version.map(|field| {
        let (name, docs, serde) = (&field.ident, &field.docs, serde(&patch.generated));
        let further = &field.patch.attributes;
        let doc = format!(
            "The version that the row must have, else the patch is an `Error::Stale`; `None`: whichever it has. The patch \
             raises it.{}",
            if docs.is_empty() { "" } else { "\n" }
        );
        let ty = quote_spanned!(name.span()=> ::core::option::Option<::core::primitive::i64>);
        quote!(#[doc = #doc] #(#docs)* #serde #(#further)* #vis #name: #ty)
    });
    let expected_version = version.map(|field| {
        let name = &field.ident;
        quote! {
            fn expected_version(&self) -> ::core::option::Option<::core::primitive::i64> {
                self.#name
            }
        }
    });
    let written = chosen.iter().map(|(i, field)| {
        let (name, i) = (&field.ident, group::position_value(&spec.fields, *i));
        if field.embed.is_some() {
            let group = group::group(&field.ty);
            return quote!(#rt::Changes::group(changes, #group, #i, &self.#name)?;);
        }
        let codec = codec(&field.ty);
        quote!(#rt::Changes::value(changes, #codec, #i, &self.#name)?;)
    });
    let fields = fields.chain(expected);
    Some(quote! {
        #[doc = #doc]
        #default
        #heading
        #allowances
        #vis struct #name {
            #(#fields),*
        }

        #allowances
        const _: () = {
            #[diagnostic::do_not_recommend]
            impl #rt::Patch<#ident> for #name {
                fn write(&self, changes: &mut #rt::Changes) -> #rt::Result<()> {
                    #(#written)*
                    ::core::result::Result::Ok(())
                }

                #expected_version
            }
        };
    })
}

/// What tells serde that a field may be absent, which is not the same as `null`.
fn serde(generated: &StructSpec) -> TokenStream {
    let read = generated
        .has("Deserialize")
        .then(|| quote!(#[serde(default, deserialize_with = "::sqliter::__private::present")]));
    let write =
        generated.has("Serialize").then(|| quote!(#[serde(skip_serializing_if = "::core::option::Option::is_none")]));
    quote!(#read #write)
}
