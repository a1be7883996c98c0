//! The description of a model.

use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::punctuated::Punctuated;
use syn::{Attribute, Data, DataStruct, DeriveInput, Field, Fields, Ident, Token, Visibility};

use crate::attributes::{Item, Mistakes, checked_name, items, words};
use crate::beside::{RawStruct, StructSpec};
use crate::declared::{self, CheckSpec, IndexItem, RawIndex};
use crate::field::{self, FieldSpec, Place, Role, unknown_field};
use crate::names::{suggestion, table_name};
use crate::patch::{self, PatchSpec, RawPatch};
use crate::relation::{self, RelationSpec};
use crate::search::{self, RawSearch, SearchSpec};

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
    /// Whether the table is `WITHOUT ROWID`.
    pub(crate) without_rowid: bool,
    /// The statement of the view, if it is one.
    pub(crate) view: Option<String>,
    /// The name that the table had before.
    pub(crate) renamed_from: Option<String>,
    /// The conditions on a row as a whole.
    pub(crate) checks: Vec<CheckSpec>,
    /// The constraints of the table in SQL.
    pub(crate) constraints: Vec<String>,
    /// The fields, in their order.
    pub(crate) fields: Vec<FieldSpec>,
    /// The positions of the fields of the primary key among the fields.
    pub(crate) key: Vec<usize>,
    /// The indexes, but for those on foreign keys.
    pub(crate) indexes: Vec<IndexSpec>,
    /// The relations, in the order of their numbers.
    pub(crate) relations: Vec<RelationSpec>,
    /// The full-text search, if there is one.
    pub(crate) search: Option<SearchSpec>,
    /// The struct of what an insert needs.
    pub(crate) new: StructSpec,
    /// The struct of what an update may change, if there is one.
    pub(crate) patch: Option<PatchSpec>,
}

impl ModelSpec {
    /// Whether a field belongs to the primary key.
    pub(crate) fn is_key(&self, field: &FieldSpec) -> bool {
        self.key.iter().any(|key| self.fields.get(*key).is_some_and(|key| key.ident == field.ident))
    }
}

/// An index.
#[derive(PartialEq, Eq)]
pub(crate) struct IndexSpec {
    /// Its name, if it is given one.
    pub(crate) name: Option<String>,
    /// What is indexed.
    pub(crate) parts: Vec<IndexPart>,
    /// Whether the parts are unique together.
    pub(crate) unique: bool,
    /// Whether they are so by a constraint of the table.
    pub(crate) constraint: bool,
    /// The condition of the rows that are indexed, in SQL.
    pub(crate) filter: Option<String>,
    /// Whether these are the rows that are not deleted softly.
    pub(crate) live: bool,
}

/// A part of an index.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum IndexPart {
    /// A column, and whether its largest value comes first.
    Column(String, bool),
    /// A column of an embedded struct: the position of the field, and the fields inside of it; and whether the largest value
    /// comes first.
    Embedded(usize, Vec<Ident>, bool),
    /// An expression, in SQL.
    Expression(String),
}

words! {
    /// The attributes of the struct.
    Word {
        "table" => Table,
        "view" => View,
        "index" => Index,
        "unique" => Unique,
        "search" => Search,
        "check" => Check,
        "constraint" => Constraint,
        "strict" => Strict,
        "without_rowid" => WithoutRowid,
        "renamed_from" => RenamedFrom,
        "new" => New,
        "patch" => Patch,
        "has_many" => HasMany,
        "has_one" => HasOne,
        "many_to_many" => ManyToMany,
    }
}

/// Those that say how rows are read.
const OF_VIEWS: [Word; 4] = [Word::Table, Word::View, Word::HasMany, Word::HasOne];

/// What the items of the struct say.
#[derive(Default)]
struct Raw {
    table: Option<String>,
    strict: Option<bool>,
    without_rowid: Option<Span>,
    is_view: bool,
    view: Option<String>,
    renamed_from: Option<String>,
    checks: Vec<CheckSpec>,
    constraints: Vec<String>,
    indexes: Vec<RawIndex>,
    relations: Vec<RelationSpec>,
    search: Option<RawSearch>,
    new: RawStruct,
    patch: Option<RawPatch>,
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
    let place = if raw.is_view { Place::View } else { Place::Table };
    let fields: Vec<FieldSpec> = fields
        .iter()
        .filter_map(|field| field.ident.as_ref().map(|ident| field::describe(field, ident, name, place, &mut mistakes)))
        .collect();
    let key = key(name, &fields, &mut mistakes);
    check_columns(&fields, &mut mistakes);
    check_timestamps(&fields, &mut mistakes);
    check_versions(&fields, &mut mistakes);
    let patch = patch::describe(raw.patch, name, &fields, &mut mistakes);
    let mut relations = relation::of_fields(&fields, &mut mistakes);
    relations.extend(raw.relations.into_iter().map(|relation| relation.of(name)));
    let relations = relation::with_own_names(relations, &fields, &mut mistakes);
    relation::check_tables_of_pairs(&relations, &mut mistakes);
    let indexes = indexes(&raw.indexes, &fields, &mut mistakes);
    let auto_key = key.iter().filter_map(|key| fields.get(*key)).find(|key| key.role == Role::AutoKey);
    if let (Some(span), Some(key)) = (raw.without_rowid, auto_key) {
        let message = format!(
            "SQLite chooses keys in tables with row ids only: give `{}` another type and mark it `#[model(pk)]`, for a key \
             that the program gives",
            key.ident
        );
        mistakes.add(span, message);
    }
    let search = raw.search.and_then(|search| {
        let key: Vec<&FieldSpec> = key.iter().filter_map(|key| fields.get(*key)).collect();
        search::describe(&search, &fields, &key, &relations, raw.without_rowid.is_some(), &mut mistakes)
    });
    let plain_name = name.unraw().to_string();
    let spec = ModelSpec {
        ident: name.clone(),
        vis: input.vis.clone(),
        table: raw.table.unwrap_or_else(|| table_name(&plain_name)),
        strict: raw.strict.unwrap_or(true),
        without_rowid: raw.without_rowid.is_some(),
        view: raw.view,
        renamed_from: raw.renamed_from,
        checks: raw.checks,
        constraints: raw.constraints,
        key: key.clone(),
        indexes,
        relations,
        search,
        new: StructSpec::new(raw.new, &format!("New{plain_name}"), name),
        patch,
        fields,
    };
    let is_clear =
        !key.is_empty() && key.iter().all(|key| spec.fields.get(*key).is_some_and(|key| key.optional.is_none()));
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
    let repeatable = ["index", "unique", "check", "constraint", "has_many", "has_one", "many_to_many"];
    let items = items(attributes, "model", &repeatable, mistakes);
    raw.is_view = items.iter().any(|item| item.name == "view");
    for item in items {
        let Some(word) = Word::of(&item, "a model", mistakes) else { continue };
        if raw.is_view && !OF_VIEWS.contains(&word) {
            mistakes.add(item.name.span(), format!("a view is only read, so it has no `{}`", item.name.unraw()));
            continue;
        }
        match word {
            Word::Table => raw.table = item.text(mistakes).and_then(|text| checked_name(&text, "table", mistakes)),
            Word::Strict => raw.strict = item.boolean(mistakes),
            Word::View => raw.view = item.text(mistakes).and_then(|text| declared::sql(&text, mistakes)),
            Word::WithoutRowid => raw.without_rowid = item.flag(mistakes).then(|| item.name.span()),
            Word::RenamedFrom => {
                raw.renamed_from = item.text(mistakes).and_then(|text| checked_name(&text, "table", mistakes));
            }
            Word::Check => raw.checks.extend(declared::check(&item, mistakes)),
            Word::Constraint => {
                let sql = item.text(mistakes).and_then(|text| declared::definition(&text, "one constraint", mistakes));
                raw.constraints.extend(sql.filter(|sql| !sql.is_empty()));
            }
            Word::Index => raw.indexes.push(declared::index(&item, false, mistakes)),
            Word::Unique => raw.indexes.push(declared::index(&item, true, mistakes)),
            Word::Search => raw.search = Some(search::read(&item, mistakes)),
            Word::HasMany => raw.relations.extend(relation::referrers(&item, false, mistakes)),
            Word::HasOne => raw.relations.extend(relation::referrers(&item, true, mistakes)),
            Word::ManyToMany => raw.relations.extend(relation::many_to_many(&item, mistakes)),
            Word::New => {
                for inner in item.list::<Item>("derive(Debug, Clone)", mistakes) {
                    raw.new.read(&inner, "`new`", &["derive", "name"], mistakes);
                }
            }
            Word::Patch => raw.patch = Some(patch::read(&item, mistakes)),
        }
    }
    raw
}

/// How many columns a key has at most.
const MOST_IN_A_KEY: usize = 8;

/// The positions of the fields of the primary key; none when it is not clear what the key is.
fn key(name: &Ident, fields: &[FieldSpec], mistakes: &mut Mistakes) -> Vec<usize> {
    let is_key = |field: &FieldSpec| matches!(field.role, Role::AutoKey | Role::NaturalKey);
    let positions: Vec<usize> = (0..fields.len()).filter(|i| fields.get(*i).is_some_and(is_key)).collect();
    let keys: Vec<&FieldSpec> = fields.iter().filter(|field| is_key(field)).collect();
    let [_, others @ ..] = keys.as_slice() else {
        let hint = match fields.iter().find(|field| field.ident == "id") {
            Some(_) => "mark `id` with `#[model(pk)]`".to_owned(),
            None => format!("add `pk: Key<{name}>`, or mark a field with `#[model(pk)]`"),
        };
        mistakes.add(name.span(), format!("`{name}` has no primary key: {hint}"));
        return Vec::new();
    };
    if let (Some(chosen), false) = (keys.iter().find(|key| key.role == Role::AutoKey), others.is_empty()) {
        for other in keys.iter().filter(|key| key.ident != chosen.ident) {
            let message = format!(
                "`{}` is the primary key already, as SQLite chooses it alone; for a unique pair of columns write \
                 `#[model(unique(…))]` on the struct",
                chosen.ident
            );
            mistakes.add(other.ident.span(), message);
        }
        return positions.into_iter().take(1).collect();
    }
    if let Some(further) = others.get(MOST_IN_A_KEY - 1) {
        mistakes.add(further.ident.span(), format!("a primary key has at most {MOST_IN_A_KEY} columns"));
        return Vec::new();
    }
    positions
}

pub(crate) fn check_columns(fields: &[FieldSpec], mistakes: &mut Mistakes) {
    for (i, field) in fields.iter().enumerate().filter(|(_, field)| field.embed.is_none()) {
        // SQLite does not tell names apart by the case of ASCII letters.
        let same = |other: &&FieldSpec| other.embed.is_none() && other.column.eq_ignore_ascii_case(&field.column);
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

fn check_versions(fields: &[FieldSpec], mistakes: &mut Mistakes) {
    let mut versions = fields.iter().filter(|field| field.role == Role::Version);
    if let Some(first) = versions.next() {
        for second in versions {
            mistakes.add(second.ident.span(), format!("`{}` is the version of the row already", first.ident));
        }
    }
    let mut deletions = fields.iter().filter(|field| field.role == Role::DeletedAt);
    if let Some(first) = deletions.next() {
        for second in deletions {
            mistakes.add(second.ident.span(), format!("`{}` is the time of a deletion already", first.ident));
        }
    }
}

/// The indexes of the struct and of its fields, each once.
fn indexes(declared: &[RawIndex], fields: &[FieldSpec], mistakes: &mut Mistakes) -> Vec<IndexSpec> {
    let mut indexes: Vec<IndexSpec> = Vec::new();
    for raw in declared {
        let index = described_index(raw, fields, mistakes);
        add_index(index, &mut indexes, raw.span, mistakes);
    }
    for field in fields.iter().filter(|field| field.index) {
        let parts = vec![IndexPart::Column(field.column.clone(), false)];
        let index = IndexSpec { name: None, parts, unique: false, constraint: false, filter: None, live: false };
        add_index(index, &mut indexes, field.ident.span(), mistakes);
    }
    indexes
}

fn described_index(raw: &RawIndex, fields: &[FieldSpec], mistakes: &mut Mistakes) -> IndexSpec {
    let mut index =
        IndexSpec { name: None, parts: Vec::new(), unique: raw.unique, constraint: false, filter: None, live: false };
    let mut live = None;
    for item in &raw.items {
        match item {
            IndexItem::Inside(names, descending) => {
                index.parts.extend(inside(names, *descending, fields, mistakes));
            }
            IndexItem::Field(name, descending) => {
                let field = fields.iter().find(|field| field.ident.unraw() == name.unraw());
                match field {
                    Some(FieldSpec { embed: Some(_), .. }) => {
                        let message = format!("`{name}` is several columns: name one of them, as in `{name}.city`");
                        mistakes.add(name.span(), message);
                    }
                    Some(field) if index.names(&field.column) => {
                        mistakes.add(name.span(), format!("`{name}` is in the index already"));
                    }
                    Some(field) => index.parts.push(IndexPart::Column(field.column.clone(), *descending)),
                    None if name == "unique" && !descending => index.unique = true,
                    None if name == "constraint" && !descending => index.constraint = true,
                    None if name == "live" && !descending => live = Some(name.span()),
                    None => unknown_field(name, fields, mistakes),
                }
            }
            IndexItem::Text(name, text) => match name.to_string().as_str() {
                "expr" => index.parts.extend(declared::sql(text, mistakes).map(IndexPart::Expression)),
                "where" if index.filter.is_some() => mistakes.add(name.span(), "`where` is given twice"),
                "where" => index.filter = declared::sql(text, mistakes),
                "name" if index.name.is_some() => mistakes.add(name.span(), "`name` is given twice"),
                "name" => index.name = checked_name(text, "index", mistakes),
                word => {
                    let hint = match suggestion(word, &["expr", "where", "name"]) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => "known are `expr`, `where` and `name`".to_owned(),
                    };
                    mistakes.add(name.span(), format!("unknown option `{word}` of an index: {hint}"));
                }
            },
        }
    }
    if let Some(span) = live {
        match fields.iter().find(|field| field.role == Role::DeletedAt) {
            Some(_) if index.filter.is_some() => {
                mistakes.add(span, "`live` and `where` are both conditions: write one `where` that says all");
            }
            Some(field) => {
                let name = field.column.replace('"', "\"\"");
                index.filter = Some(format!("\"{name}\" IS NULL"));
                index.live = true;
            }
            None => {
                mistakes.add(span, "`live` is for rows that are deleted softly: mark a field `#[model(soft_delete)]`")
            }
        }
    }
    let is_part = |item: &IndexItem| match item {
        IndexItem::Field(..) | IndexItem::Inside(..) => true,
        IndexItem::Text(name, _) => name == "expr",
    };
    let is_plain = |part: &IndexPart| matches!(part, IndexPart::Column(_, false) | IndexPart::Embedded(_, _, false));
    if index.constraint
        && !(index.unique && index.name.is_none() && index.filter.is_none() && index.parts.iter().all(is_plain))
    {
        mistakes.add(
            raw.span,
            "a constraint is over fields that are unique together, and nothing else: write `unique(title, author_id, constraint)`",
        );
    }
    if !raw.items.is_empty() && !raw.items.iter().any(is_part) {
        mistakes.add(
            raw.span,
            "an index is over fields or an expression: write `index(title)` or `index(expr = \"lower(title)\")`",
        );
    }
    index
}

/// The part of an index that is a column of an embedded struct.
fn inside(names: &[Ident], descending: bool, fields: &[FieldSpec], mistakes: &mut Mistakes) -> Option<IndexPart> {
    let [first, inside @ ..] = names else { return None };
    let Some(position) = fields.iter().position(|field| field.ident.unraw() == first.unraw()) else {
        unknown_field(first, fields, mistakes);
        return None;
    };
    if fields.get(position).is_some_and(|field| field.embed.is_none()) {
        mistakes.add(
            first.span(),
            format!("`{first}` is one column: only a field with `#[model(embed)]` has columns inside"),
        );
        return None;
    }
    Some(IndexPart::Embedded(position, inside.to_vec(), descending))
}

impl IndexSpec {
    fn names(&self, column: &str) -> bool {
        self.parts.iter().any(|part| matches!(part, IndexPart::Column(known, _) if known == column))
    }

    /// What the index is over.
    fn values(&self, separator: &str) -> String {
        let values = self.parts.iter().map(|part| match part {
            IndexPart::Column(column, _) => column.clone(),
            IndexPart::Embedded(_, names, _) => names.iter().map(Ident::to_string).collect::<Vec<_>>().join("."),
            IndexPart::Expression(sql) => sql.clone(),
        });
        values.collect::<Vec<_>>().join(separator)
    }
}

fn add_index(index: IndexSpec, indexes: &mut Vec<IndexSpec>, place: Span, mistakes: &mut Mistakes) {
    if index.parts.is_empty() || indexes.contains(&index) {
        return;
    }
    // SQLite does not tell names apart by the case of ASCII letters.
    let same_name = |other: &&IndexSpec| match (&index.name, &other.name) {
        (Some(name), Some(other)) => name.eq_ignore_ascii_case(other),
        (None, None) => other.unique == index.unique && other.values("_") == index.values("_"),
        (Some(_), None) | (None, Some(_)) => false,
    };
    if let Some(other) = indexes.iter().find(same_name) {
        let message = match &index.name {
            Some(name) => format!("there is another index `{name}`: choose another name"),
            None => format!(
                "this index would have the same name as the index over {}: give it one of its own with `name = \"…\"`",
                other.values(", ")
            ),
        };
        mistakes.add(place, message);
        return;
    }
    indexes.push(index);
}

#[cfg(test)]
mod tests {
    use super::Word;

    #[test]
    fn each_attribute_is_documented() {
        let tables = include_str!("lib.rs").lines().filter(|line| line.starts_with("/// | `"));
        let code = tables.flat_map(|line| line.split('`').skip(1).step_by(2));
        let words: Vec<&str> = code.flat_map(|code| code.split(|c: char| !c.is_alphanumeric() && c != '_')).collect();
        for (word, _) in Word::ALL {
            assert!(words.contains(word), "`{word}` stands in no table of the documentation");
        }
    }
}
