//! The description of a model.

use syn::ext::IdentExt;
use syn::parse::Parse;
use syn::punctuated::Punctuated;
use syn::{Attribute, Data, DataStruct, DeriveInput, Field, Fields, Ident, Path, Token, Visibility};

use crate::attributes::{Item, ItemValue, Mistakes, checked_name, items};
use crate::field::{self, FieldSpec, Role};
use crate::names::{suggestion, table_name};
use crate::relation::{self, RelationSpec};

/// A model, as the attributes and fields of its struct say. All of it is consistent.
pub(crate) struct ModelSpec {
    /// The name of the struct.
    pub(crate) ident: Ident,
    /// The visibility of the struct and of all that is generated beside it.
    pub(crate) vis: Visibility,
    /// The name of the table.
    pub(crate) table: String,
    /// Whether the table is STRICT.
    pub(crate) strict: bool,
    /// The fields, in their order.
    pub(crate) fields: Vec<FieldSpec>,
    /// The position of the primary key among the fields.
    pub(crate) key: usize,
    /// The indexes, but for those on foreign keys.
    pub(crate) indexes: Vec<IndexSpec>,
    /// The relations, in the order of their numbers.
    pub(crate) relations: Vec<RelationSpec>,
    /// The name of the struct of what an insert needs.
    pub(crate) new_name: Ident,
    /// The derives of that struct.
    pub(crate) new_derives: Vec<Path>,
}

/// An index over columns.
#[derive(PartialEq, Eq)]
pub(crate) struct IndexSpec {
    /// The names of the columns.
    pub(crate) columns: Vec<String>,
    /// Whether they are unique together.
    pub(crate) unique: bool,
}

const KNOWN: [&str; 8] = ["table", "index", "unique", "strict", "new", "has_many", "has_one", "many_to_many"];

/// What the items of the struct say.
#[derive(Default)]
struct Raw {
    table: Option<String>,
    strict: Option<bool>,
    /// The fields of each index, and whether it is unique.
    indexes: Vec<(Vec<Ident>, bool)>,
    relations: Vec<RelationSpec>,
    new_name: Option<Ident>,
    new_derives: Vec<Path>,
}

/// The description, unless the mistakes leave it open what the model is, and the mistakes. What has a description is
/// expanded in spite of mistakes, so that the rest of the program is not reported for them.
pub(crate) fn describe(input: &DeriveInput) -> (Option<ModelSpec>, Option<syn::Error>) {
    let fields = match named_fields(input) {
        Ok(fields) => fields,
        Err(error) => return (None, Some(error)),
    };
    let mut mistakes = Mistakes::default();
    let name = &input.ident;
    let raw = read(&input.attrs, &mut mistakes);
    let fields: Vec<FieldSpec> = fields
        .iter()
        .filter_map(|field| field.ident.as_ref().map(|ident| field::describe(field, ident, name, &mut mistakes)))
        .collect();
    let key = key(name, &fields, &mut mistakes);
    check_columns(&fields, &mut mistakes);
    check_timestamps(&fields, &mut mistakes);
    let mut relations = relation::of_fields(&fields, &mut mistakes);
    relations.extend(raw.relations.into_iter().map(|relation| relation.of(name)));
    let relations = relation::with_own_names(relations, &fields, &mut mistakes);
    relation::check_tables_of_pairs(&relations, &mut mistakes);
    let indexes = indexes(&raw.indexes, &fields, &mut mistakes);
    let plain_name = name.unraw().to_string();
    let spec = ModelSpec {
        ident: name.clone(),
        vis: input.vis.clone(),
        table: raw.table.unwrap_or_else(|| table_name(&plain_name)),
        strict: raw.strict.unwrap_or(true),
        key: key.unwrap_or_default(),
        indexes,
        relations,
        new_name: raw.new_name.unwrap_or_else(|| Ident::new(&format!("New{plain_name}"), name.span())),
        new_derives: raw.new_derives,
        fields,
    };
    let is_clear = key.and_then(|key| spec.fields.get(key)).is_some_and(|key| key.optional.is_none());
    (is_clear.then_some(spec), mistakes.into_error())
}

fn named_fields(input: &DeriveInput) -> syn::Result<&Punctuated<Field, Token![,]>> {
    let wrong = match &input.data {
        Data::Struct(_) if !input.generics.params.is_empty() => {
            let span = syn::spanned::Spanned::span(&input.generics);
            return Err(syn::Error::new(
                span,
                "a model has no generic parameters: its table has one type for every column",
            ));
        }
        Data::Struct(DataStruct { fields: Fields::Named(fields), .. }) => return Ok(&fields.named),
        Data::Struct(_) => "a model needs named fields: `struct Book { pk: Key<Book>, … }`",
        Data::Enum(_) => "only a struct can be a model; for an enum in a column, derive `ColumnType`",
        Data::Union(_) => "only a struct can be a model",
    };
    Err(syn::Error::new(input.ident.span(), wrong))
}

fn read(attributes: &[Attribute], mistakes: &mut Mistakes) -> Raw {
    let mut raw = Raw::default();
    for item in items(attributes, "model", &["index", "unique", "has_many", "has_one", "many_to_many"], mistakes) {
        match item.name.unraw().to_string().as_str() {
            "table" => raw.table = item.text(mistakes).and_then(|text| checked_name(&text, "table", mistakes)),
            "strict" => raw.strict = boolean(&item, mistakes),
            "index" => raw.indexes.push((item.list("title, author_id", mistakes), false)),
            "unique" => raw.indexes.push((item.list("title, author_id", mistakes), true)),
            "has_many" => raw.relations.extend(relation::referrers(&item, false, mistakes)),
            "has_one" => raw.relations.extend(relation::referrers(&item, true, mistakes)),
            "many_to_many" => raw.relations.extend(relation::many_to_many(&item, mistakes)),
            "new" => {
                for inner in item.list::<Item>("derive(Debug, Clone)", mistakes) {
                    read_new(&inner, &mut raw, mistakes);
                }
            }
            _ => item.unknown("a model", &KNOWN, mistakes),
        }
    }
    raw
}

fn read_new(item: &Item, raw: &mut Raw, mistakes: &mut Mistakes) {
    match item.name.to_string().as_str() {
        "derive" => raw.new_derives = item.list("Debug, Clone", mistakes),
        "name" => {
            raw.new_name = item.text(mistakes).and_then(|text| match text.parse_with(Ident::parse) {
                Ok(ident) => Some(ident),
                Err(_) => {
                    mistakes.add(text.span(), "expected the name of a struct, as in `name = \"BookDraft\"`");
                    None
                }
            });
        }
        _ => item.unknown("`new`", &["derive", "name"], mistakes),
    }
}

fn boolean(item: &Item, mistakes: &mut Mistakes) -> Option<bool> {
    if let ItemValue::Value(syn::Expr::Lit(literal)) = &item.value
        && let syn::Lit::Bool(value) = &literal.lit
    {
        return Some(value.value);
    }
    mistakes.add(item.name.span(), format!("write `{0} = false` or `{0} = true`", item.name));
    None
}

/// The position of the one primary key.
fn key(name: &Ident, fields: &[FieldSpec], mistakes: &mut Mistakes) -> Option<usize> {
    let mut keys =
        fields.iter().enumerate().filter(|(_, field)| matches!(field.role, Role::AutoKey | Role::NaturalKey));
    let Some((position, first)) = keys.next() else {
        let hint = match fields.iter().find(|field| field.ident == "id") {
            Some(_) => "mark `id` with `#[model(pk)]`".to_owned(),
            None => format!("add `pk: Key<{name}>`, or mark a field with `#[model(pk)]`"),
        };
        mistakes.add(name.span(), format!("`{name}` has no primary key: {hint}"));
        return None;
    };
    for (_, second) in keys {
        let message = format!(
            "a model has one primary key, and `{}` is it already; for a unique pair of columns write \
             `#[model(unique(…))]` on the struct",
            first.ident
        );
        mistakes.add(second.ident.span(), message);
    }
    Some(position)
}

fn check_columns(fields: &[FieldSpec], mistakes: &mut Mistakes) {
    for (i, field) in fields.iter().enumerate() {
        // SQLite does not tell names apart by the case of ASCII letters.
        let same = |other: &&FieldSpec| other.column.eq_ignore_ascii_case(&field.column);
        if let Some(other) = fields.iter().take(i).find(same) {
            let message = format!(
                "the column `{}` belongs to the field `{}` already; give this one another with `column = \"…\"`",
                field.column, other.ident
            );
            mistakes.add(field.ident.span(), message);
        }
    }
}

fn check_timestamps(fields: &[FieldSpec], mistakes: &mut Mistakes) {
    for role in [Role::CreatedAt, Role::UpdatedAt] {
        let mut all = fields.iter().filter(|field| field.role == role);
        if let Some(first) = all.next() {
            for second in all {
                let time = if role == Role::CreatedAt { "insert" } else { "update" };
                let message = format!(
                    "`{}` holds the time of the {time} already; `#[model(plain)]` makes a field an ordinary column",
                    first.ident
                );
                mistakes.add(second.ident.span(), message);
            }
        }
    }
}

/// The indexes of the struct and of its fields, each once.
fn indexes(declared: &[(Vec<Ident>, bool)], fields: &[FieldSpec], mistakes: &mut Mistakes) -> Vec<IndexSpec> {
    let mut indexes: Vec<IndexSpec> = Vec::new();
    for (names, unique) in declared {
        let mut columns = Vec::new();
        for name in names {
            match fields.iter().find(|field| field.ident.unraw() == name.unraw()) {
                Some(field) if columns.contains(&field.column) => {
                    mistakes.add(name.span(), format!("`{name}` is in the index already"));
                }
                Some(field) => columns.push(field.column.clone()),
                None => unknown_field(name, fields, mistakes),
            }
        }
        add_index(IndexSpec { columns, unique: *unique }, &mut indexes, names.first(), mistakes);
    }
    for field in fields.iter().filter(|field| field.index) {
        let index = IndexSpec { columns: vec![field.column.clone()], unique: false };
        add_index(index, &mut indexes, Some(&field.ident), mistakes);
    }
    indexes
}

fn add_index(index: IndexSpec, indexes: &mut Vec<IndexSpec>, place: Option<&Ident>, mistakes: &mut Mistakes) {
    if index.columns.is_empty() || indexes.contains(&index) {
        return;
    }
    let same_name =
        |other: &&IndexSpec| other.unique == index.unique && other.columns.join("_") == index.columns.join("_");
    if let (Some(other), Some(place)) = (indexes.iter().find(same_name), place) {
        let message = format!(
            "this index would have the same name as the index over {}; rename a column with `column = \"…\"`",
            other.columns.join(", ")
        );
        mistakes.add(place.span(), message);
        return;
    }
    indexes.push(index);
}

fn unknown_field(name: &Ident, fields: &[FieldSpec], mistakes: &mut Mistakes) {
    let known: Vec<String> = fields.iter().map(|field| field.ident.unraw().to_string()).collect();
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let hint = match suggestion(&name.to_string(), &known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the fields are {}", crate::attributes::listed(&known)),
    };
    mistakes.add(name.span(), format!("there is no field `{name}`: {hint}"));
}
