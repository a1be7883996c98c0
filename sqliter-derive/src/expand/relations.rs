//! The relations of a model: as types, among the columns, and as methods of a row in hand.

use proc_macro2::{Literal, TokenStream};
use quote::{quote, quote_spanned};

use super::{allowances, runtime};
use crate::model::ModelSpec;
use crate::relation::{RelationKind, RelationSpec, ThroughSpec};

/// The fields of the struct of columns.
pub(crate) fn column_fields(spec: &ModelSpec) -> impl Iterator<Item = TokenStream> + '_ {
    let rt = runtime();
    let (ident, vis) = (&spec.ident, &spec.vis);
    spec.relations.iter().enumerate().map(move |(number, relation)| {
        let (name, target, number) = (&relation.name, relation.target(), Literal::usize_unsuffixed(number));
        let ty = match relation.is_to_one() {
            true => quote!(#rt::ToOne<Path_, #rt::Rel<#ident, #target, #number>>),
            false => quote!(#rt::ToMany<Path_, #rt::Rel<#ident, #target, #number>>),
        };
        let doc = format!("The relation `{name}`.");
        quote!(#[doc = #doc] #vis #name: #ty)
    })
}

/// The values of these fields.
pub(crate) fn column_values(spec: &ModelSpec) -> impl Iterator<Item = TokenStream> + '_ {
    let rt = runtime();
    spec.relations.iter().map(move |relation| {
        let name = &relation.name;
        match relation.is_to_one() {
            true => quote!(#name: #rt::ToOne::new()),
            false => quote!(#name: #rt::ToMany::new()),
        }
    })
}

/// The tables of pairs that are created with the table of the model.
pub(crate) fn junctions(spec: &ModelSpec) -> impl Iterator<Item = TokenStream> + '_ {
    spec.relations.iter().filter_map(move |relation| match &relation.kind {
        RelationKind::ManyToMany { through: ThroughSpec::Model(_), .. } => None,
        RelationKind::ManyToMany { .. } => Some(junction(spec, relation)),
        _ => None,
    })
}

pub(crate) fn expand(spec: &ModelSpec) -> TokenStream {
    let allowances = allowances();
    let ident = &spec.ident;
    let numbered = spec.relations.iter().enumerate().map(|(number, relation)| numbered(spec, number, relation));
    let methods: Vec<_> =
        spec.relations.iter().enumerate().map(|(number, relation)| method(spec, number, relation)).collect();
    let methods = (!methods.is_empty()).then(|| quote!(#allowances impl #ident { #(#methods)* }));
    quote! {
        #methods

        #allowances
        const _: () = {
            #(#numbered)*
        };
    }
}

/// The relation as the type with its number.
fn numbered(spec: &ModelSpec, number: usize, relation: &RelationSpec) -> TokenStream {
    let rt = runtime();
    let (ident, name) = (&spec.ident, relation.name.to_string());
    let number = Literal::usize_unsuffixed(number);
    let target = relation.target();
    let arity = match &relation.kind {
        RelationKind::ForeignKey { nullable: false, .. } => quote!(#rt::One),
        RelationKind::ForeignKey { nullable: true, .. } | RelationKind::Referrer { unique: true, .. } => {
            quote!(#rt::Maybe)
        }
        _ => quote!(#rt::Many),
    };
    let others = quote!(<<#target as #rt::Model>::Columns<#target> as #rt::Columns>::COLUMNS);
    let link = match &relation.kind {
        RelationKind::ForeignKey { field, .. } => {
            quote!(#rt::Link::ForeignKey(&<#ident as #rt::Model>::TABLE.columns[#field]))
        }
        RelationKind::Referrer { relation, unique, .. } => {
            let check = if *unique { quote!(has_one_key) } else { quote!(foreign_key) };
            quote_spanned!(relation.span()=> #rt::Link::Referrer(#rt::#check::<#ident, #target, _>(#others.#relation)))
        }
        RelationKind::ManyToMany { .. } => {
            let junction = junction(spec, relation);
            quote!(#rt::Link::Junction(#junction))
        }
        RelationKind::OtherSide { relation, .. } => {
            quote_spanned!(relation.span()=> #rt::Link::Junction(#rt::junction::<#ident, #target, _>(#others.#relation)))
        }
    };
    quote! {
        impl #rt::RelationOf<#target, #number> for #ident {
            type Arity = #arity;
            const INFO: &'static #rt::RelationInfo = &#rt::RelationInfo {
                name: #name,
                source: || <#ident as #rt::Model>::TABLE,
                target: || <#target as #rt::Model>::TABLE,
                link: #link,
            };
        }
    }
}

fn junction(spec: &ModelSpec, relation: &RelationSpec) -> TokenStream {
    let rt = runtime();
    let (ident, target) = (&spec.ident, relation.target());
    let (through, symmetrical) = match &relation.kind {
        RelationKind::ManyToMany { through, symmetrical, .. } => (through, *symmetrical),
        _ => (&ThroughSpec::Default, false),
    };
    let through = match through {
        ThroughSpec::Default => quote!(#rt::Through::Default),
        ThroughSpec::Table(name) => quote!(#rt::Through::Table(#name)),
        ThroughSpec::Model(model) => quote!(#rt::Through::TableOf(|| <#model as #rt::Model>::TABLE)),
    };
    quote! {
        #rt::JunctionInfo {
            through: #through,
            symmetrical: #symmetrical,
            reversed: false,
            owner: || <#ident as #rt::Model>::TABLE,
            other: || <#target as #rt::Model>::TABLE,
        }
    }
}

/// The method of a row in hand.
fn method(spec: &ModelSpec, number: usize, relation: &RelationSpec) -> TokenStream {
    let rt = runtime();
    let (ident, vis, name, target) = (&spec.ident, &spec.vis, &relation.name, relation.target());
    let number = Literal::usize_unsuffixed(number);
    let relation_type = quote!(#rt::Rel<#ident, #target, #number>);
    let doc = format!("The relation `{name}` of this row.");
    let (result, body) = match &relation.kind {
        RelationKind::ForeignKey { .. } | RelationKind::Referrer { unique: true, .. } => {
            (quote!(#rt::Related<'s, #relation_type>), quote!(#rt::Related::new(session, self)))
        }
        RelationKind::Referrer { unique: false, .. } => {
            (quote!(#rt::Select<'s, #target>), quote!(#rt::related_rows::<#relation_type>(session, self)))
        }
        RelationKind::ManyToMany { .. } | RelationKind::OtherSide { .. } => {
            (quote!(#rt::Links<'s, #relation_type>), quote!(#rt::Links::new(session, self)))
        }
    };
    quote_spanned! {name.span()=>
        #[doc = #doc]
        #vis fn #name<'s>(&self, session: &'s #rt::Session) -> #result {
            #body
        }
    }
}

impl RelationSpec {
    fn is_to_one(&self) -> bool {
        matches!(self.kind, RelationKind::ForeignKey { .. } | RelationKind::Referrer { unique: true, .. })
    }

    fn target(&self) -> &syn::Type {
        match &self.kind {
            RelationKind::ForeignKey { target, .. }
            | RelationKind::Referrer { target, .. }
            | RelationKind::ManyToMany { target, .. }
            | RelationKind::OtherSide { target, .. } => target,
        }
    }
}
