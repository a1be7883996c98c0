//! The implementation of a model: a row in, a row out.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::Ident;
use syn::spanned::Spanned;

use super::{allowances, builder, clock, codec, columns, draft, group, patch, relations, runtime, search, table};
use crate::field::{FieldSpec, Role};
use crate::model::ModelSpec;

pub(crate) fn expand(spec: &ModelSpec) -> TokenStream {
    let draft = spec.view.is_none().then(|| draft::expand(spec));
    let builder = spec.view.is_none().then(|| builder::expand(spec));
    let patch = patch::expand(spec);
    let columns = columns::expand(spec);
    let model = model(spec);
    let relations = relations::expand(spec);
    let search = search::expand(spec);
    quote! {
        #draft
        #builder
        #patch
        #columns
        #model
        #relations
        #search
    }
}

fn model(spec: &ModelSpec) -> TokenStream {
    let rt = runtime();
    let allowances = allowances();
    let ident = &spec.ident;
    let columns = columns::name(spec);
    let is_view = spec.view.is_some();
    let (new, access, builder_type, builder_value) = if is_view {
        (quote!(#rt::Unfinished<Self>), quote!(#rt::OfView), quote!(#rt::RowsOfViews), quote!(#rt::RowsOfViews))
    } else {
        let new = &spec.new.name;
        (quote!(#new), quote!(#rt::OfTable), builder::initial_type(spec), builder::initial_value(spec))
    };
    let table = table::expand(spec);
    let embedded = group::any(&spec.fields).then(|| {
        let is_single_key = spec.key.len() == 1;
        let columns = group::columns(&spec.fields, |field| table::column(field, is_single_key));
        let named_inside = columns::named_inside(spec);
        quote!(#columns #named_inside)
    });
    let implementation = implementation(spec);
    let readings = readings(ident);
    let soft_delete = soft_delete(spec);
    let keys: Vec<&FieldSpec> = spec.fields.iter().filter(|field| spec.is_key(field)).collect();
    let (raw_key, primary_key) = match keys.as_slice() {
        [field] if field.role == Role::AutoKey => {
            let name = &field.ident;
            (quote!(::core::primitive::i64), quote!(::core::clone::Clone::clone(&self.#name)))
        }
        [field] => {
            let (name, ty) = (&field.ident, &field.ty);
            (
                quote_spanned!(ty.span()=> #ty),
                quote!(<Self as #rt::Model>::key(::core::clone::Clone::clone(&self.#name))),
            )
        }
        fields => {
            let names = fields.iter().map(|field| &field.ident);
            let types: Vec<_> = fields.iter().map(|field| &field.ty).collect();
            let place = types.first().map_or_else(proc_macro2::Span::call_site, |ty| ty.span());
            (
                quote_spanned!(place=> (#(#types),*)),
                quote!(<Self as #rt::Model>::key((#(::core::clone::Clone::clone(&self.#names)),*))),
            )
        }
    };
    quote! {
        #allowances
        const _: () = {
            #embedded

            #[diagnostic::do_not_recommend]
            impl #rt::Model for #ident {
                type RawKey = #raw_key;
                type New = #new;
                type Builder = #builder_type;
                type Columns<Path_: #rt::Path> = #columns<Path_>;
                type Access = #access;
                const TABLE: &'static #rt::TableInfo = #table;

                fn builder() -> Self::Builder {
                    #builder_value
                }

                fn primary_key(&self) -> #rt::Key<Self> {
                    #primary_key
                }
            }

            #implementation

            #soft_delete

            #readings
        };
    }
}

/// The trait of models whose rows are deleted softly.
fn soft_delete(spec: &ModelSpec) -> Option<TokenStream> {
    let rt = runtime();
    let (ident, columns) = (&spec.ident, columns::name(spec));
    let field = spec.fields.iter().find(|field| field.role == Role::DeletedAt)?;
    let (name, time) = (&field.ident, field.optional.as_ref()?);
    Some(quote! {
        #[diagnostic::do_not_recommend]
        impl #rt::SoftDelete for #ident {
            type Time = #time;

            fn deleted_at<Path_: #rt::Path>(
                columns: &#columns<Path_>,
            ) -> #rt::Column<Path_, ::core::option::Option<Self::Time>> {
                columns.#name
            }
        }
    })
}

fn implementation(spec: &ModelSpec) -> TokenStream {
    let rt = runtime();
    let ident = &spec.ident;
    let decoded = spec.fields.iter().enumerate().map(|(i, field)| {
        let (name, at) = (&field.ident, group::position_value(&spec.fields, i));
        if field.embed.is_some() {
            let group = group::group(&field.ty);
            return quote!(#name: #group.decode_at(#at, row, <Self as #rt::Model>::TABLE, #at)?);
        }
        let codec = codec(&field.ty);
        quote!(#name: row.get(#codec, <Self as #rt::Model>::TABLE, #at)?)
    });
    let is_written = |i: usize, field: &FieldSpec| !spec.key.contains(&i) && field.generated.is_none();
    let written = spec.fields.iter().enumerate().filter(|(i, field)| is_written(*i, field)).map(|(i, field)| {
        let (name, at) = (&field.ident, group::position_value(&spec.fields, i));
        if field.embed.is_some() {
            let group = group::group(&field.ty);
            return quote!(#group.write(&self.#name, arguments, #at)?;);
        }
        let codec = codec(&field.ty);
        match field.role {
            Role::UpdatedAt => {
                let clock = clock(&field.ty);
                quote!(arguments.now(#codec, #clock, #at)?;)
            }
            Role::Version => quote!(arguments.next_version(#codec, #at, self.#name)?;),
            Role::AutoKey | Role::NaturalKey | Role::CreatedAt | Role::DeletedAt | Role::Column => {
                quote!(arguments.value(#codec, #at, &self.#name)?;)
            }
        }
    });
    let positions = spec.fields.iter().enumerate().map(|(i, field)| {
        let (name, at) = (&field.ident, group::position_value(&spec.fields, i));
        if field.embed.is_some() {
            let group = group::group(&field.ty);
            return quote! {
                position if position >= #at && position - #at < #group.width() => {
                    #group.write_one(&self.#name, position - #at, arguments, #at)
                }
            };
        }
        let codec = codec(&field.ty);
        match group::any(spec.fields.get(..i).unwrap_or_default()) {
            true => quote!(position if position == #at => arguments.value(#codec, #at, &self.#name),),
            false => quote!(#i => arguments.value(#codec, #i, &self.#name),),
        }
    });
    let touched = spec.fields.iter().filter_map(|field| {
        let name = &field.ident;
        match field.role {
            Role::UpdatedAt => {
                let clock = clock(&field.ty);
                Some(quote!(self.#name = (#clock.now)(now);))
            }
            Role::Version => Some(quote!(self.#name = self.#name.saturating_add(1);)),
            Role::AutoKey | Role::NaturalKey | Role::CreatedAt | Role::DeletedAt | Role::Column => None,
        }
    });
    let generated: Vec<_> =
        spec.fields.iter().filter(|field| field.generated.is_some()).map(|field| &field.ident).collect();
    let take_generated = (!generated.is_empty()).then(|| {
        quote! {
            fn take_generated(&mut self, stored: Self) {
                #(self.#generated = stored.#generated;)*
            }
        }
    });
    let version = spec.fields.iter().find(|field| field.role == Role::Version).map(|field| {
        let name = &field.ident;
        quote! {
            fn current_version(&self) -> ::core::option::Option<::core::primitive::i64> {
                ::core::option::Option::Some(self.#name)
            }
        }
    });
    quote! {
        impl #rt::ModelImpl for #ident {
            fn decode(row: &#rt::RowRef<'_>) -> #rt::Result<Self> {
                ::core::result::Result::Ok(Self { #(#decoded),* })
            }

            fn write(&self, arguments: &mut #rt::Arguments<'_>) -> #rt::Result<()> {
                #(#written)*
                ::core::result::Result::Ok(())
            }

            fn write_one(&self, position: ::core::primitive::usize, arguments: &mut #rt::Arguments<'_>) -> #rt::Result<()> {
                match position {
                    #(#positions)*
                    _ => ::core::result::Result::Ok(()),
                }
            }

            fn touch(&mut self, now: ::std::time::SystemTime) {
                #(#touched)*
            }

            #version

            #take_generated

            fn cached_sql() -> &'static #rt::CachedSql {
                static SQL: #rt::CachedSql = #rt::CachedSql::new();
                &SQL
            }
        }
    }
}

/// A struct whose attributes have mistakes is a model all the same, lest every `Key` of it be reported too.
pub(crate) fn unfinished(ident: &Ident) -> TokenStream {
    let rt = runtime();
    let allowances = allowances();
    let readings = readings(ident);
    quote! {
        #allowances
        const _: () = {
            #[diagnostic::do_not_recommend]
            impl #rt::Model for #ident {
                type RawKey = ::core::primitive::i64;
                type New = #rt::Unfinished<Self>;
                type Builder = #rt::UnfinishedColumns;
                type Columns<Path_: #rt::Path> = #rt::UnfinishedColumns;
                type Access = #rt::OfTable;
                const TABLE: &'static #rt::TableInfo = #rt::UNFINISHED;

                fn builder() -> Self::Builder {
                    #rt::UnfinishedColumns
                }

                fn primary_key(&self) -> #rt::Key<Self> {
                    ::core::unreachable!()
                }
            }

            impl #rt::ModelImpl for #ident {
                fn decode(_: &#rt::RowRef<'_>) -> #rt::Result<Self> {
                    ::core::unreachable!()
                }

                fn write(&self, _: &mut #rt::Arguments<'_>) -> #rt::Result<()> {
                    ::core::unreachable!()
                }

                fn write_one(&self, _: ::core::primitive::usize, _: &mut #rt::Arguments<'_>) -> #rt::Result<()> {
                    ::core::unreachable!()
                }

                fn touch(&mut self, _: ::std::time::SystemTime) {}

                fn cached_sql() -> &'static #rt::CachedSql {
                    ::core::unreachable!()
                }
            }

            #readings
        };
    }
}

/// How rows of raw SQL become the model: those of the library and those of sqlx.
fn readings(ident: &Ident) -> TokenStream {
    let rt = runtime();
    quote! {
        #[diagnostic::do_not_recommend]
        impl #rt::FromRow for #ident {
            type Reader = #rt::ModelReader;
        }

        impl<'row_> #rt::FromSqlxRow<'row_, #rt::SqliteRow> for #ident {
            fn from_row(row: &'row_ #rt::SqliteRow) -> ::core::result::Result<Self, #rt::SqlxError> {
                #rt::from_sqlx_row(row)
            }
        }
    }
}
