//! The description of the table, as a constant.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Expr, Ident};

use super::{clock, codec, group, option, runtime, search};
use crate::declared::{CheckSpec, GeneratedSpec};
use crate::field::{Action, Collation, FieldSpec, Role, is_constant};
use crate::model::{IndexPart, IndexSpec, ModelSpec};

pub(crate) fn expand(spec: &ModelSpec) -> TokenStream {
    let rt = runtime();
    let is_single_key = spec.key.len() == 1;
    let columns = match group::any(&spec.fields) {
        true => quote!(&COLUMNS_),
        false => {
            let columns = spec.fields.iter().map(|field| column(field, is_single_key));
            quote!(&[#(#columns),*])
        }
    };
    let groups = group::groups(&spec.fields);
    let (name, strict) = (&spec.table, spec.strict);
    let key = spec.key.iter().map(|key| group::position(&spec.fields, *key));
    let has_auto_key = spec.fields.iter().any(|field| spec.is_key(field) && field.role == Role::AutoKey);
    let auto_key = has_auto_key && spec.view.is_none();
    let model = spec.ident.unraw().to_string();
    let without_rowid = spec.without_rowid;
    let view = option(spec.view.as_deref());
    let renamed_from = option(spec.renamed_from.as_deref());
    let checks = spec.checks.iter().map(check);
    let constraints = &spec.constraints;
    let indexes = spec.indexes.iter().map(|declared| index(spec, declared));
    let soft_delete = position(spec, Role::DeletedAt);
    let version = position(spec, Role::Version);
    let junctions = super::relations::junctions(spec);
    let search = search::info(spec);
    quote! {
        &#rt::TableInfo {
            model: #model,
            name: #name,
            view: #view,
            renamed_from: #renamed_from,
            columns: #columns,
            groups: &[#(#groups),*],
            key: &[#(#key),*],
            auto_key: #auto_key,
            version: #version,
            soft_delete: #soft_delete,
            strict: #strict,
            without_rowid: #without_rowid,
            checks: &[#(#checks),*],
            constraints: &[#(#constraints),*],
            indexes: &[#(#indexes),*],
            junctions: &[#(#junctions),*],
            search: #search,
        }
    }
}

fn position(spec: &ModelSpec, role: Role) -> TokenStream {
    let position = spec.fields.iter().position(|field| field.role == role);
    match position.map(|position| group::position(&spec.fields, position)) {
        Some(position) => quote!(::core::option::Option::Some(#position)),
        None => quote!(::core::option::Option::None),
    }
}

fn check(check: &CheckSpec) -> TokenStream {
    let rt = runtime();
    let (name, condition) = (option(check.name.as_deref()), &check.condition);
    quote!(#rt::CheckInfo { name: #name, condition: #condition })
}

fn index(spec: &ModelSpec, index: &IndexSpec) -> TokenStream {
    let rt = runtime();
    let (name, filter) = (option(index.name.as_deref()), option(index.filter.as_deref()));
    let (unique, constraint, live) = (index.unique, index.constraint, index.live);
    let parts = index.parts.iter().map(|part| match part {
        IndexPart::Column(column, descending) => {
            quote!(#rt::IndexPart { value: #rt::Indexed::Column(#column), descending: #descending })
        }
        IndexPart::Embedded(field, names, descending) => {
            let column = inside(spec, *field, names);
            quote!(#rt::IndexPart { value: #rt::Indexed::Column(#column), descending: #descending })
        }
        IndexPart::Expression(sql) => {
            quote!(#rt::IndexPart { value: #rt::Indexed::Expression(#sql), descending: false })
        }
    });
    quote! {
        #rt::IndexInfo {
            name: #name,
            parts: &[#(#parts),*],
            unique: #unique,
            constraint: #constraint,
            filter: #filter,
            live: #live,
        }
    }
}

/// The name of a column of an embedded struct.
fn inside(spec: &ModelSpec, field: usize, names: &[Ident]) -> TokenStream {
    let Some(ty) = spec.fields.get(field).map(|field| &field.ty) else { return quote!("") };
    let (start, group) = (group::position(&spec.fields, field), group::group(ty));
    let names = names.iter().map(|name| name.unraw().to_string());
    // That there is such a column, the compiler says of `named_inside`.
    quote!(match #group.embed.place(&[#(#names),*]) {
        ::core::option::Option::Some(place) => COLUMNS_[#start + place].name,
        ::core::option::Option::None => "",
    })
}

pub(super) fn column(field: &FieldSpec, is_single_key: bool) -> TokenStream {
    let rt = runtime();
    let (name, codec) = (&field.column, codec(&field.ty));
    let mut column = quote!(#rt::ColumnInfo::new(#name, #codec));
    if field.unique || field.role == Role::NaturalKey && is_single_key {
        column.extend(quote!(.unique()));
    }
    if let Some((on_delete, on_update)) = field.actions {
        let (on_delete, on_update) = (action(on_delete), action(on_update));
        column.extend(quote!(.actions(#on_delete, #on_update)));
    }
    if field.deferrable {
        column.extend(quote!(.deferrable()));
    }
    if let Some(collation) = field.collation {
        let (ty, collation) = (&field.ty, self::collation(collation));
        column.extend(quote_spanned!(ty.span()=> .collate(#rt::collated::<#ty>(#collation))));
    }
    if let Some(GeneratedSpec { expression, stored }) = &field.generated {
        column.extend(quote!(.generated(#rt::Generated { expression: #expression, stored: #stored })));
    }
    if !field.checks.is_empty() {
        let checks = field.checks.iter().map(check);
        column.extend(quote!(.checks(&[#(#checks),*])));
    }
    if let Some(sql) = &field.sql {
        column.extend(quote!(.defined_by(#sql)));
    }
    if field.no_index {
        column.extend(quote!(.without_index()));
    }
    if let Some(name) = &field.renamed_from {
        column.extend(quote!(.renamed_from(#name)));
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
    if let (Role::DeletedAt, Some(time)) = (field.role, &field.optional) {
        let clock = clock(time);
        column.extend(quote!(.soft_delete(#clock)));
    }
    if field.role == Role::Version {
        column.extend(quote!(.default_value(|| #rt::default_value(#codec, &1))));
    }
    // `ON DELETE SET DEFAULT` sets what stands in the schema, so that even a computed default must stand there.
    let sets_default = field.actions.is_some_and(|(delete, update)| [delete, update].contains(&Action::SetDefault));
    if let Some(default) = field.default.as_ref().filter(|default| sets_default || is_constant(default)) {
        let value = default_value(field, default);
        column.extend(quote!(.default_value(|| #rt::default_value(#codec, &#value))));
    }
    column
}

fn collation(collation: Collation) -> TokenStream {
    let rt = runtime();
    match collation {
        Collation::Binary => quote!(#rt::Collation::Binary),
        Collation::NoCase => quote!(#rt::Collation::NoCase),
        Collation::Rtrim => quote!(#rt::Collation::Rtrim),
    }
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
