//! The description of the table, as a constant.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::Expr;
use syn::spanned::Spanned;

use super::{clock, codec, runtime};
use crate::field::{Action, FieldSpec, Role};
use crate::model::ModelSpec;

pub(crate) fn expand(spec: &ModelSpec) -> TokenStream {
    let rt = runtime();
    let columns = spec.fields.iter().map(column);
    let (name, key, strict) = (&spec.table, spec.key, spec.strict);
    let auto_key = spec.fields.get(key).is_some_and(|field| field.role == Role::AutoKey);
    let indexes = spec.indexes.iter().map(|index| {
        let (columns, unique) = (&index.columns, index.unique);
        quote!(#rt::IndexInfo { columns: &[#(#columns),*], unique: #unique })
    });
    let junctions = super::relations::junctions(spec);
    quote! {
        &#rt::TableInfo {
            name: #name,
            columns: &[#(#columns),*],
            key: #key,
            auto_key: #auto_key,
            strict: #strict,
            indexes: &[#(#indexes),*],
            junctions: &[#(#junctions),*],
        }
    }
}

fn column(field: &FieldSpec) -> TokenStream {
    let rt = runtime();
    let (name, codec) = (&field.column, codec(&field.ty));
    let mut column = quote!(#rt::ColumnInfo::new(#name, #codec));
    if field.unique || field.role == Role::NaturalKey {
        column.extend(quote!(.unique()));
    }
    if let Some((on_delete, on_update)) = field.actions {
        let (on_delete, on_update) = (action(on_delete), action(on_update));
        column.extend(quote!(.actions(#on_delete, #on_update)));
    }
    if field.role == Role::AutoKey {
        column.extend(quote!(.auto_key()));
    }
    if field.role == Role::CreatedAt {
        let clock = clock(&field.ty);
        column.extend(quote!(.created_at(#clock)));
    }
    if field.role == Role::UpdatedAt {
        let clock = clock(&field.ty);
        column.extend(quote!(.updated_at(#clock)));
    }
    // `ON DELETE SET DEFAULT` sets what stands in the schema, so that even a computed default must stand there.
    let sets_default = field.actions.is_some_and(|(delete, update)| [delete, update].contains(&Action::SetDefault));
    if let Some(default) = field.default.as_ref().filter(|default| sets_default || is_constant(default)) {
        let value = default_value(field, default);
        column.extend(quote!(.default_value(|| #rt::default_value(#codec, &#value))));
    }
    column
}

fn action(action: Action) -> TokenStream {
    let rt = runtime();
    match action {
        Action::Restrict => quote!(#rt::Action::Restrict),
        Action::Cascade => quote!(#rt::Action::Cascade),
        Action::SetNull => quote!(#rt::Action::SetNull),
        Action::SetDefault => quote!(#rt::Action::SetDefault),
        Action::NoAction => quote!(#rt::Action::NoAction),
    }
}

/// Whether the default is the same value at all times, so that it can stand in the `DEFAULT` clause.
fn is_constant(default: &Expr) -> bool {
    match default {
        Expr::Lit(_) | Expr::Path(_) => true,
        Expr::Unary(unary) => is_constant(&unary.expr),
        Expr::Paren(inner) => is_constant(&inner.expr),
        _ => false,
    }
}

/// The default as a value of the field's type: a text literal becomes any text type, and `Option` may be left out.
pub(crate) fn default_value(field: &FieldSpec, default: &Expr) -> TokenStream {
    let rt = runtime();
    let ty = &field.ty;
    match (&field.optional, default) {
        (Some(inner), _) => quote_spanned!(default.span()=> #rt::IntoOption::<#inner>::into_option(#default)),
        (None, Expr::Lit(literal)) if matches!(literal.lit, syn::Lit::Str(_)) => {
            quote_spanned!(default.span()=> #rt::IntoField::<#ty>::into_field(#default))
        }
        (None, _) => quote_spanned!(default.span()=> { let value: #ty = #default; value }),
    }
}
