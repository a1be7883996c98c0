//! The relations of a model: as types, among the columns, and as methods of a loaded row.

use proc_macro2::{Literal, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;

use super::{allowances, group, runtime};
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

/// The many-to-many relations that the model declares.
pub(crate) fn junctions(spec: &ModelSpec) -> impl Iterator<Item = TokenStream> + '_ {
    spec.relations.iter().filter_map(move |relation| match &relation.kind {
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
    let of_key = of_key(spec);
    quote! {
        #methods

        #of_key

        #allowances
        const _: () = {
            #(#numbered)*
        };
    }
}

/// The relation as the type with its number.
fn numbered(spec: &ModelSpec, number: usize, relation: &RelationSpec) -> TokenStream {
    let (ident, name) = (&spec.ident, relation.name.to_string());
    let number = Literal::usize_unsuffixed(number);
    let target = relation.target();
    let rt = runtime_at(target.span());
    let cardinality = match &relation.kind {
        RelationKind::ForeignKey { nullable: false, .. } => quote!(#rt::One),
        RelationKind::ForeignKey { nullable: true, .. } | RelationKind::Referrer { unique: true, .. } => {
            quote!(#rt::Optional)
        }
        _ => quote!(#rt::Many),
    };
    let (named, at) = (relation.named(), runtime_at(relation.named()));
    let others = quote_spanned!(named=> <<#target as #rt::Model>::Columns<#target> as #at::Columns>::COLUMNS);
    let link = match &relation.kind {
        RelationKind::ForeignKey { field, .. } => {
            let field = group::position(&spec.fields, *field);
            quote!(#rt::Link::ForeignKey(&<#ident as #rt::Model>::TABLE.columns[#field]))
        }
        RelationKind::Referrer { relation, unique, .. } => {
            let check = if *unique { quote!(has_one_key) } else { quote!(foreign_key) };
            quote_spanned!(named=> #at::Link::Referrer(#at::#check::<#ident, _>(#others.#relation)))
        }
        RelationKind::ManyToMany { .. } => {
            let junction = junction(spec, relation);
            quote!(#rt::Link::Junction(#junction))
        }
        RelationKind::OtherSide { relation, .. } => {
            quote_spanned!(named=> #at::Link::Junction(#at::junction::<#ident, _>(#others.#relation)))
        }
    };
    // A constant that nothing uses yet is evaluated only when it is free.
    let check = match &relation.kind {
        RelationKind::Referrer { .. } | RelationKind::OtherSide { .. } => {
            quote_spanned!(named=> const _: &#at::RelationInfo = <#ident as #rt::RelationOf<#target, #number>>::INFO;)
        }
        _ => TokenStream::new(),
    };
    let further = match &relation.kind {
        RelationKind::Referrer { unique: false, .. } => quote_spanned! {target.span()=>
            impl #rt::ReferrersOf<#target, #number> for #ident {
                type Column = #rt::ColumnAt<{
                    #rt::place_of_key(<#target as #rt::Model>::TABLE, <#ident as #rt::RelationOf<#target, #number>>::INFO)
                }>;
            }
        },
        RelationKind::ManyToMany { through: ThroughSpec::Model(model), .. } => quote_spanned! {target.span()=>
            impl #rt::PairsAre<#model, #target, #number> for #ident {}
        },
        _ => TokenStream::new(),
    };
    quote_spanned! {target.span()=>
        #check

        #further

        impl #rt::RelationOf<#target, #number> for #ident {
            type Cardinality = #cardinality;
            const INFO: &'static #rt::RelationInfo = &#rt::RelationInfo {
                name: #name,
                source: || <#ident as #rt::Model>::TABLE,
                target: || <#target as #rt::Model>::TABLE,
                link: #link,
            };
        }
    }
}

/// The hidden module of the runtime, so that what the compiler says of the code is said of this place.
fn runtime_at(span: proc_macro2::Span) -> TokenStream {
    quote_spanned!(span=> ::sqliter::__private)
}

fn junction(spec: &ModelSpec, relation: &RelationSpec) -> TokenStream {
    let rt = runtime();
    let (ident, target) = (&spec.ident, relation.target());
    let (through, symmetrical) = match &relation.kind {
        RelationKind::ManyToMany { through, symmetrical, .. } => (through, *symmetrical),
        _ => (&ThroughSpec::Default, false),
    };
    let symmetrical = match symmetrical {
        true => quote_spanned!(target.span()=> #rt::symmetrical::<#ident, #target>()),
        false => quote!(false),
    };
    let through = match through {
        ThroughSpec::Default => quote!(#rt::Through::Default),
        ThroughSpec::Table(name) => quote!(#rt::Through::Table(#name)),
        ThroughSpec::Model(model) => {
            let at = runtime_at(model.span());
            quote_spanned!(model.span()=> #at::Through::TableOf(#at::between::<#model>()))
        }
    };
    let side = |ty: &dyn quote::ToTokens, span| {
        let at = runtime_at(span);
        quote_spanned!(span=> #at::side::<#ty>())
    };
    let (owner, other) = (side(ident, ident.span()), side(target, target.span()));
    quote! {
        #rt::JunctionInfo {
            through: #through,
            symmetrical: #symmetrical,
            reversed: false,
            owner: #owner,
            other: #other,
        }
    }
}

/// What the method of a relation gives.
fn result(spec: &ModelSpec, number: usize, relation: &RelationSpec) -> TokenStream {
    let rt = runtime_at(relation.target().span());
    let (ident, target) = (&spec.ident, relation.target());
    let number = Literal::usize_unsuffixed(number);
    let at = scope_at(target.span());
    let relation_type = quote_spanned!(at=> #rt::Rel<#ident, #target, #number>);
    match &relation.kind {
        RelationKind::ForeignKey { .. } | RelationKind::Referrer { unique: true, .. } => {
            quote_spanned!(at=> #rt::LazyOne<'s, #relation_type>)
        }
        RelationKind::Referrer { unique: false, .. } => quote_spanned!(at=> #rt::Rows<'s, #relation_type>),
        RelationKind::ManyToMany { .. } | RelationKind::OtherSide { .. } => {
            quote_spanned!(at=> #rt::Links<'s, #relation_type>)
        }
    }
}

/// The related rows of the row with the key that `key` gives; of a foreign key there are none without the row.
fn by_key(spec: &ModelSpec, number: usize, relation: &RelationSpec, key: &TokenStream) -> Option<TokenStream> {
    let rt = runtime_at(relation.target().span());
    let (ident, target) = (&spec.ident, relation.target());
    let number = Literal::usize_unsuffixed(number);
    let at = scope_at(target.span());
    let relation_type = quote_spanned!(at=> #rt::Rel<#ident, #target, #number>);
    Some(match &relation.kind {
        RelationKind::ForeignKey { .. } => return None,
        RelationKind::Referrer { unique: true, .. } => quote_spanned!(at=> #rt::LazyOne::of_key(session, #key)),
        RelationKind::Referrer { unique: false, .. } => {
            quote_spanned!(at=> #rt::related_rows::<#relation_type>(session, #key))
        }
        RelationKind::ManyToMany { .. } | RelationKind::OtherSide { .. } => {
            quote_spanned!(at=> #rt::linked_rows::<#relation_type>(session, #key))
        }
    })
}

/// The place of a span, but the scope of the derive: a model may come out of a macro.
fn scope_at(span: Span) -> Span {
    Span::call_site().located_at(span)
}

/// The method of a loaded row.
fn method(spec: &ModelSpec, number: usize, relation: &RelationSpec) -> TokenStream {
    let rt = runtime_at(relation.target().span());
    let (vis, name) = (&spec.vis, &relation.name);
    let place = scope_at(name.span());
    let doc = format!("The relation `{name}` of this row.");
    let result = result(spec, number, relation);
    let key = quote!(&#rt::Model::primary_key(self));
    let body = by_key(spec, number, relation, &key).unwrap_or_else(|| quote!(#rt::LazyOne::new(session, self)));
    quote_spanned! {place=>
        #[doc = #doc]
        #vis fn #name<'s>(&self, session: &'s #rt::Session) -> #result {
            #body
        }
    }
}

/// The relations of a row of which only the key is known, as a trait of the key.
fn of_key(spec: &ModelSpec) -> Option<TokenStream> {
    let rt = runtime();
    let allowances = allowances();
    let (ident, vis) = (&spec.ident, &spec.vis);
    let name = format_ident!("{}Relations", ident.unraw(), span = ident.span());
    let methods: Vec<_> = spec
        .relations
        .iter()
        .enumerate()
        .filter_map(|(number, relation)| {
            let body = by_key(spec, number, relation, &quote!(self))?;
            let (name, result) = (&relation.name, result(spec, number, relation));
            let doc = format!("The relation `{name}` of the row with this key.");
            let declared =
                quote_spanned!(scope_at(name.span())=> fn #name<'s>(&self, session: &'s #rt::Session) -> #result);
            Some((quote!(#[doc = #doc] #declared;), quote!(#declared { #body })))
        })
        .collect();
    let example = spec.relations.iter().find(|relation| !matches!(relation.kind, RelationKind::ForeignKey { .. }))?;
    let doc = format!(
        "The relations of a [`{ident}`] of which only the key is known: `key.{}(&db)`. They read and write what the key \
         leads to; whether there is such a row is not looked at.",
        example.name
    );
    let (declared, bodies): (Vec<_>, Vec<_>) = methods.into_iter().unzip();
    Some(quote! {
        #[doc = #doc]
        #allowances
        #vis trait #name {
            #(#declared)*
        }

        #allowances
        impl #name for #rt::Key<#ident> {
            #(#bodies)*
        }
    })
}

impl RelationSpec {
    fn is_to_one(&self) -> bool {
        matches!(self.kind, RelationKind::ForeignKey { .. } | RelationKind::Referrer { unique: true, .. })
    }

    /// Where the attribute names what the relation rests on.
    fn named(&self) -> proc_macro2::Span {
        match &self.kind {
            RelationKind::Referrer { relation, .. } | RelationKind::OtherSide { relation, .. } => relation.span(),
            RelationKind::ManyToMany { target, .. } | RelationKind::ForeignKey { target, .. } => target.span(),
        }
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
