//! The struct of columns that closures get.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt;

use super::{allowances, relations, runtime, search};
use crate::field::Role;
use crate::model::ModelSpec;

/// The name of the struct.
pub(crate) fn name(spec: &ModelSpec) -> Ident {
    format_ident!("{}Columns", spec.ident.unraw(), span = spec.ident.span())
}

pub(crate) fn expand(spec: &ModelSpec) -> TokenStream {
    let rt = runtime();
    let allowances = allowances();
    let (ident, vis) = (&spec.ident, &spec.vis);
    let columns = name(spec);
    let doc = format!("The columns of [`{ident}`] as the closures of a query get them, reached by the path `Path_`.");
    let fields = spec.fields.iter().map(|field| {
        let (name, ty, docs) = (&field.ident, &field.ty, &field.docs);
        let path = match field.role {
            Role::AutoKey | Role::NaturalKey => quote!(#rt::KeyOf<Path_>),
            Role::Version => quote!(#rt::VersionOf<Path_>),
            _ if field.generated.is_some() || spec.view.is_some() => quote!(#rt::GeneratedOf<Path_>),
            _ => quote!(Path_),
        };
        quote!(#(#docs)* #vis #name: #rt::Column<#path, #ty>)
    });
    let fields = fields.chain(relations::column_fields(spec)).chain(search::column_field(spec));
    let values = spec.fields.iter().enumerate().map(|(i, field)| {
        let name = &field.ident;
        quote!(#name: #rt::Column::new(&<#ident as #rt::Model>::TABLE.columns[#i]))
    });
    let values = values.chain(relations::column_values(spec)).chain(search::column_value(spec));
    quote! {
        #[doc = #doc]
        #allowances
        #vis struct #columns<Path_> {
            #(#fields),*
        }

        #allowances
        const _: () = {
            impl<Path_: #rt::Path> #rt::Columns for #columns<Path_> {
                const COLUMNS: &'static Self = &Self { #(#values),* };
            }
        };
    }
}
