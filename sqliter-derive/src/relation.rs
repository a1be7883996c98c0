//! The description of relations.

use quote::ToTokens;
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Expr, Ident, Path, Type};

use crate::attributes::{Item, ItemValue, Mistakes, checked_name};
use crate::field::{FieldSpec, Role, inner_type, without_self};
use crate::names::suggestion;

/// A relation to another model.
pub(crate) struct RelationSpec {
    /// The name of the relation, of its field among the columns and of its method.
    pub(crate) name: Ident,
    /// What it rests on.
    pub(crate) kind: RelationKind,
}

impl RelationSpec {
    /// The same with the name of the model for `Self`, which means nothing outside of its struct.
    pub(crate) fn of(mut self, owner: &Ident) -> Self {
        let (RelationKind::ForeignKey { target, .. }
        | RelationKind::Referrer { target, .. }
        | RelationKind::ManyToMany { target, .. }
        | RelationKind::OtherSide { target, .. }) = &mut self.kind;
        **target = without_self(&**target, owner);
        self
    }
}

/// What a relation rests on.
pub(crate) enum RelationKind {
    /// A foreign key of this model: the position of its field, and the model that it refers to.
    ForeignKey { field: usize, target: Box<Type>, nullable: bool },
    /// A foreign key of another model that refers to this one: that model and its relation.
    Referrer { target: Box<Type>, relation: Ident, unique: bool },
    /// A table of pairs with another model.
    ManyToMany { target: Box<Type>, through: ThroughSpec, symmetrical: bool },
    /// The table of pairs that another model declares: that model and its relation.
    OtherSide { target: Box<Type>, relation: Ident },
}

/// Where the pairs of a many-to-many relation are.
pub(crate) enum ThroughSpec {
    /// In a table named after both.
    Default,
    /// In a table of this name.
    Table(String),
    /// In the table of this model.
    Model(Box<Type>),
}

/// The relations of foreign keys: a field `author_id` gives the relation `author`.
pub(crate) fn of_fields(fields: &[FieldSpec], mistakes: &mut Mistakes) -> Vec<RelationSpec> {
    let mut relations = Vec::new();
    for (position, field) in
        fields.iter().enumerate().filter(|(_, field)| field.role != Role::AutoKey && field.embed.is_none())
    {
        let Some(target) = inner_type(field.optional.as_ref().unwrap_or(&field.ty), "Key") else {
            if let Some(name) = &field.relation {
                mistakes.add(
                    name.span(),
                    "only a foreign key has a relation: a field of type `Key<Model>` or `Option<Key<Model>>`",
                );
            }
            continue;
        };
        let default = field.ident.unraw().to_string();
        let name = match (&field.relation, default.strip_suffix("_id")) {
            (Some(name), _) => name.clone(),
            (None, Some(name)) if !name.is_empty() => relation_name(name, field),
            (None, _) => continue,
        };
        let kind = RelationKind::ForeignKey {
            field: position,
            target: Box::new(target.clone()),
            nullable: field.optional.is_some(),
        };
        relations.push(RelationSpec { name, kind });
    }
    relations
}

/// `has_many(books = Book::author)` or `has_one(profile = Profile::user)`.
pub(crate) fn referrers(item: &Item, unique: bool, mistakes: &mut Mistakes) -> Vec<RelationSpec> {
    let example = if unique { "profile = Profile::user" } else { "books = Book::author" };
    let mut relations = Vec::new();
    for inner in item.list::<Item>(example, mistakes) {
        let wrong = format!("name the relation of the other model: `{}({example})`", item.name);
        let (span, named) = match &inner.value {
            ItemValue::Value(Expr::Path(path)) => (path.span(), owner_and_relation(&path.path)),
            ItemValue::Value(value) => (value.span(), None),
            ItemValue::Flag | ItemValue::List(_) => (inner.name.span(), None),
        };
        match named {
            Some((target, relation)) => {
                let kind = RelationKind::Referrer { target, relation, unique };
                relations.push(RelationSpec { name: inner.name, kind });
            }
            None => mistakes.add(span, wrong),
        }
    }
    relations
}

/// `many_to_many(tags = Tag)` or, on the other side, `many_to_many(books = Book::tags)`.
pub(crate) fn many_to_many(item: &Item, mistakes: &mut Mistakes) -> Vec<RelationSpec> {
    let mut relations = Vec::new();
    let mut through = None;
    let mut symmetrical = false;
    for inner in item.list::<Item>("tags = Tag", mistakes) {
        match inner.name.to_string().as_str() {
            "through" => through = read_through(&inner, mistakes).map(|read| (read, inner.name.span())),
            "symmetrical" => symmetrical = inner.flag(mistakes),
            _ => relations.extend(read_pair(&inner, mistakes)),
        }
    }
    if let (Some((_, span)), true) = (&through, relations.len() > 1) {
        mistakes.add(*span, "each relation through a table of its own needs a `many_to_many(…)` of its own");
    }
    let given = through.is_some() || symmetrical;
    for relation in &mut relations {
        match &mut relation.kind {
            RelationKind::ManyToMany { through: own, symmetrical: both, .. } => {
                *both = symmetrical;
                if let Some((given, _)) = through.take() {
                    *own = given;
                }
            }
            _ if given => {
                mistakes.add(
                    relation.name.span(),
                    "the table of pairs is described on the side that declares the relation",
                );
            }
            _ => {}
        }
    }
    relations
}

fn read_pair(item: &Item, mistakes: &mut Mistakes) -> Option<RelationSpec> {
    let ItemValue::Value(Expr::Path(path)) = &item.value else {
        match suggestion(&item.name.to_string(), &["through", "symmetrical"]) {
            Some(near) => {
                mistakes.add(item.name.span(), format!("unknown option `{}`: did you mean `{near}`?", item.name));
            }
            None => {
                let span = match &item.value {
                    ItemValue::Value(value) => value.span(),
                    _ => item.name.span(),
                };
                mistakes.add(
                    span,
                    "name a relation and its model, as in `many_to_many(tags = Tag)`, or the relation of the other \
                     side, as in `many_to_many(books = Book::tags)`",
                );
            }
        }
        return None;
    };
    // A relation is named like a field, a model like a type.
    let kind = match owner_and_relation(&path.path) {
        Some((target, relation)) => RelationKind::OtherSide { target, relation },
        None => {
            RelationKind::ManyToMany { target: type_of(&path.path), through: ThroughSpec::Default, symmetrical: false }
        }
    };
    Some(RelationSpec { name: item.name.clone(), kind })
}

fn read_through(item: &Item, mistakes: &mut Mistakes) -> Option<ThroughSpec> {
    match &item.value {
        ItemValue::Value(Expr::Path(path)) => Some(ThroughSpec::Model(type_of(&path.path))),
        ItemValue::Value(Expr::Lit(literal)) => match &literal.lit {
            syn::Lit::Str(text) => checked_name(text, "table", mistakes).map(ThroughSpec::Table),
            _ => {
                mistakes.add(literal.span(), "`through` takes the name of a table as text, or a model");
                None
            }
        },
        _ => {
            mistakes.add(
                item.name.span(),
                "`through` takes the name of a table, `through = \"taggings\"`, or a model, `through = Tagging`",
            );
            None
        }
    }
}

/// `Book` and `author` of `Book::author`, if the last segment is named like a relation.
fn owner_and_relation(path: &Path) -> Option<(Box<Type>, Ident)> {
    let last = path.segments.last()?;
    let is_relation = last.ident.unraw().to_string().chars().next().is_some_and(|first| !first.is_uppercase());
    if path.segments.len() < 2 || !is_relation {
        return None;
    }
    let mut owner = path.clone();
    owner.segments.pop();
    owner.segments.pop_punct();
    Some((type_of(&owner), last.ident.clone()))
}

fn type_of(path: &Path) -> Box<Type> {
    Box::new(Type::Path(syn::parse_quote!(#path)))
}

/// The relations whose names are those of no field and of no earlier relation.
pub(crate) fn with_own_names(
    relations: Vec<RelationSpec>,
    fields: &[FieldSpec],
    mistakes: &mut Mistakes,
) -> Vec<RelationSpec> {
    let mut kept: Vec<RelationSpec> = Vec::new();
    for relation in relations {
        let name = relation.name.unraw();
        let hint = match relation.kind {
            RelationKind::ForeignKey { .. } => "name the relation with `relation = \"…\"` on the foreign key",
            _ => "choose another name",
        };
        if fields.iter().any(|field| field.ident.unraw() == name) {
            mistakes.add(relation.name.span(), format!("the relation `{name}` has the name of a field: {hint}"));
        } else if kept.iter().any(|other| other.name.unraw() == name) {
            mistakes.add(relation.name.span(), format!("there is another relation `{name}`: {hint}"));
        } else {
            kept.push(relation);
        }
    }
    kept
}

/// No two relations have the same table of pairs.
pub(crate) fn check_tables_of_pairs(relations: &[RelationSpec], mistakes: &mut Mistakes) {
    let mut known: Vec<(String, &Ident)> = Vec::new();
    for relation in relations {
        let RelationKind::ManyToMany { target, through, .. } = &relation.kind else { continue };
        let table = match through {
            ThroughSpec::Default => target.to_token_stream().to_string(),
            // SQLite does not tell names apart by the case of ASCII letters.
            ThroughSpec::Table(name) => format!("\"{}\"", name.to_ascii_lowercase()),
            ThroughSpec::Model(_) => continue,
        };
        match known.iter().find(|(other, _)| *other == table) {
            Some((_, first)) => mistakes.add(
                relation.name.span(),
                format!(
                    "`{}` would have the same table of pairs as `{first}`: give one a table of its own, as in \
                     `many_to_many({} = {}, through = \"…\")`",
                    relation.name,
                    relation.name,
                    target.to_token_stream()
                ),
            ),
            None => known.push((table, &relation.name)),
        }
    }
}

/// A name that may be a keyword, as of the field `type_id`.
fn relation_name(name: &str, field: &FieldSpec) -> Ident {
    syn::parse_str::<Ident>(name)
        .map(|mut ident| {
            ident.set_span(field.ident.span());
            ident
        })
        .unwrap_or_else(|_| Ident::new_raw(name, field.ident.span()))
}
