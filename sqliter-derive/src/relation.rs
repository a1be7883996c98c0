//! The description of relations.

use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Expr, Ident, Path, Type};

use crate::attributes::{Item, ItemValue, Mistakes, checked_name};
use crate::field::{FieldSpec, Role, inner_type};

/// A relation to another model.
pub(crate) struct RelationSpec {
    /// The name of the relation, of its field among the columns and of its method.
    pub(crate) name: Ident,
    /// What it rests on.
    pub(crate) kind: RelationKind,
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
    for (position, field) in fields.iter().enumerate().filter(|(_, field)| field.role != Role::AutoKey) {
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
        let kind =
            RelationKind::ForeignKey { field: position, target: Box::new(target.clone()), nullable: field.optional.is_some() };
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
        let Some(Expr::Path(path)) = inner.value(mistakes) else { continue };
        match owner_and_relation(&path.path) {
            Some((target, relation)) => {
                let kind = RelationKind::Referrer { target, relation, unique };
                relations.push(RelationSpec { name: inner.name, kind });
            }
            None => mistakes.add(path.span(), wrong),
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
    let value = item.value(mistakes)?;
    let Expr::Path(path) = value else {
        mistakes.add(value.span(), "name a model, as in `many_to_many(tags = Tag)`, or the relation of the other side, as in `many_to_many(books = Book::tags)`");
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

/// No two relations, and no relation and field, have the same name.
pub(crate) fn check_names(relations: &[RelationSpec], fields: &[FieldSpec], mistakes: &mut Mistakes) {
    for (i, relation) in relations.iter().enumerate() {
        let name = relation.name.unraw();
        let hint = match relation.kind {
            RelationKind::ForeignKey { .. } => "name the relation with `relation = \"…\"` on the foreign key",
            _ => "choose another name",
        };
        if fields.iter().any(|field| field.ident.unraw() == name) {
            mistakes.add(relation.name.span(), format!("the relation `{name}` has the name of a field: {hint}"));
        } else if relations.iter().take(i).any(|other| other.name.unraw() == name) {
            mistakes.add(relation.name.span(), format!("there is another relation `{name}`: {hint}"));
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
