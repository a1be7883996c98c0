//! The implementation of a struct that can be embedded.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::Ident;
use syn::ext::IdentExt;

use super::group::{self, group};
use super::{allowances, codec, runtime, table};
use crate::embed::EmbedStruct;

pub(crate) fn expand(spec: &EmbedStruct) -> TokenStream {
    let rt = runtime();
    let allowances = allowances();
    let ident = &spec.ident;
    let fields = spec.fields.as_slice();
    let columns_struct = columns_struct(spec);
    let columns_type = columns_type(spec, &quote!(Path_));
    let name = ident.unraw().to_string();
    let columns = group::columns(fields, |field| {
        let column = table::column(field, false);
        quote!(#column.embedded())
    });
    let places = fields.iter().enumerate().map(|(i, field)| {
        let (name, start) = (field.ident.unraw().to_string(), group::position(fields, i));
        quote!(#rt::FieldPlace { name: #name, start: #start })
    });
    let groups = group::groups(fields);
    let decoded = fields.iter().enumerate().map(|(i, field)| {
        let (name, at) = (&field.ident, group::position_value(fields, i));
        match &field.embed {
            None => {
                let codec = codec(&field.ty);
                quote!(#name: row.get_of(#codec, table, start, #at)?)
            }
            Some(_) => {
                let group = group(&field.ty);
                quote!(#name: #group.decode_at(#at, row, table, start + #at)?)
            }
        }
    });
    let written = fields.iter().enumerate().map(|(i, field)| {
        let (name, at) = (&field.ident, group::position_value(fields, i));
        match &field.embed {
            None => {
                let codec = codec(&field.ty);
                quote!(if position == #at { return arguments.value(#codec, start + position, &self.#name); })
            }
            Some(_) => {
                let group = group(&field.ty);
                quote! {
                    if position >= #at && position - #at < #group.width() {
                        return #group.write_one(&self.#name, position - #at, arguments, start + #at);
                    }
                }
            }
        }
    });
    quote! {
        #columns_struct

        #allowances
        const _: () = {
            #columns

            #[diagnostic::do_not_recommend]
            impl #rt::Embed for #ident {
                type Columns<Path_: #rt::Path, Place_: 'static> = #columns_type;
                const INFO: &'static #rt::EmbedInfo = &#rt::EmbedInfo {
                    name: #name,
                    columns: &COLUMNS_,
                    fields: &[#(#places),*],
                    groups: &[#(#groups),*],
                };

                fn decode(
                    row: &#rt::RowRef<'_>,
                    table: &'static #rt::TableInfo,
                    start: ::core::primitive::usize,
                ) -> #rt::Result<Self> {
                    ::core::result::Result::Ok(Self { #(#decoded),* })
                }

                fn write_one(
                    &self,
                    position: ::core::primitive::usize,
                    arguments: &mut #rt::Arguments<'_>,
                    start: ::core::primitive::usize,
                ) -> #rt::Result<()> {
                    #(#written)*
                    ::core::result::Result::Ok(())
                }
            }

            #[diagnostic::do_not_recommend]
            impl #rt::FromRow for #ident {
                type Reader = #rt::EmbedReader;
            }
        };
    }
}

fn name(spec: &EmbedStruct) -> Ident {
    format_ident!("{}Columns", spec.ident.unraw(), span = spec.ident.span())
}

/// The struct of columns. It knows its place where the columns of another one stand in it.
fn columns_type(spec: &EmbedStruct, path: &TokenStream) -> TokenStream {
    let name = name(spec);
    match group::any(&spec.fields) {
        true => quote!(#name<#path, Place_>),
        false => quote!(#name<#path>),
    }
}

fn columns_struct(spec: &EmbedStruct) -> TokenStream {
    let rt = runtime();
    let allowances = allowances();
    let (ident, vis) = (&spec.ident, &spec.vis);
    let fields = spec.fields.as_slice();
    let columns = columns_type(spec, &quote!(Path_));
    let doc = format!(
        "The columns of an embedded [`{ident}`] as the closures of a query get them, reached by the path `Path_`."
    );
    let typed = fields.iter().enumerate().map(|(i, field)| {
        let (name, ty, docs) = (&field.ident, &field.ty, &field.docs);
        match &field.embed {
            None => quote!(#(#docs)* #vis #name: #rt::Column<Path_, #ty>),
            Some(_) => {
                let number = group::number(fields, i);
                quote!(#(#docs)* #vis #name: #rt::Group<Path_, #ty, #rt::Inside<Place_, #ident, #number>>)
            }
        }
    });
    let values = fields.iter().enumerate().map(|(i, field)| {
        let name = &field.ident;
        match &field.embed {
            None => {
                let at = group::position(fields, i);
                let table = quote!(<<Path_ as #rt::Path>::Model as #rt::Model>::TABLE);
                let start = quote!(<Place_ as #rt::At<<Path_ as #rt::Path>::Model>>::START);
                quote!(#name: #rt::Column::new(&#table.columns[#start + #at]))
            }
            Some(_) => quote!(#name: #rt::Group::new()),
        }
    });
    quote! {
        #[doc = #doc]
        #allowances
        #vis struct #columns {
            #(#typed),*
        }

        #allowances
        const _: () = {
            impl<Path_: #rt::Path, Place_: #rt::At<<Path_ as #rt::Path>::Model>> #rt::GroupColumns<Place_> for #columns {
                const COLUMNS: &'static Self = &Self { #(#values),* };
            }
        };
    }
}

/// What has mistakes can be embedded all the same, lest every model that embeds it be reported too.
pub(crate) fn unfinished(ident: &Ident) -> TokenStream {
    let rt = runtime();
    let allowances = allowances();
    quote! {
        #allowances
        const _: () = {
            #[diagnostic::do_not_recommend]
            impl #rt::Embed for #ident {
                type Columns<Path_: #rt::Path, Place_: 'static> = #rt::UnfinishedColumns;
                const INFO: &'static #rt::EmbedInfo =
                    &#rt::EmbedInfo { name: "", columns: &[], fields: &[], groups: &[] };

                fn decode(
                    _: &#rt::RowRef<'_>,
                    _: &'static #rt::TableInfo,
                    _: ::core::primitive::usize,
                ) -> #rt::Result<Self> {
                    ::core::unreachable!()
                }

                fn write_one(
                    &self,
                    _: ::core::primitive::usize,
                    _: &mut #rt::Arguments<'_>,
                    _: ::core::primitive::usize,
                ) -> #rt::Result<()> {
                    ::core::unreachable!()
                }
            }

            #[diagnostic::do_not_recommend]
            impl #rt::FromRow for #ident {
                type Reader = #rt::EmbedReader;
            }
        };
    }
}
