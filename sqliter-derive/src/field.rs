//! The description of one field.

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::Parse;
use syn::spanned::Spanned;
use syn::{Attribute, Expr, Field, GenericArgument, Ident, PathArguments, Type};

use crate::attributes::{Item, ItemValue, Mistakes, checked_name, docs, items, listed, words};
use crate::beside::further;
use crate::declared::{self, CheckSpec, GeneratedSpec};
use crate::names::suggestion;

/// A column, as the attributes and the type of its field say.
pub(crate) struct FieldSpec {
    /// The name of the field.
    pub(crate) ident: Ident,
    /// The type of the field.
    pub(crate) ty: Type,
    /// The doc comments of the field.
    pub(crate) docs: Vec<Attribute>,
    /// The name of the column.
    pub(crate) column: String,
    /// What the columns are called, if the field is an embedded struct.
    pub(crate) embed: Option<EmbedSpec>,
    /// What the field is there for.
    pub(crate) role: Role,
    /// The type inside the `Option`, if it is one.
    pub(crate) optional: Option<Type>,
    /// Whether the column has a `UNIQUE` constraint.
    pub(crate) unique: bool,
    /// Whether the column has an index of its own.
    pub(crate) index: bool,
    /// Whether the column has no index, though it is a foreign key.
    pub(crate) no_index: bool,
    /// The definition of the column in SQL, instead of what the type says.
    pub(crate) sql: Option<String>,
    /// What a builder fills in when the field is left out.
    pub(crate) default: Option<Expr>,
    /// The name of the relation of a foreign key, if it is given.
    pub(crate) relation: Option<Ident>,
    /// `ON DELETE` and `ON UPDATE`.
    pub(crate) actions: Option<(Action, Action)>,
    /// Whether the foreign key is looked at when the transaction ends.
    pub(crate) deferrable: bool,
    /// The collating sequence of the column.
    pub(crate) collation: Option<Collation>,
    /// The conditions on the column.
    pub(crate) checks: Vec<CheckSpec>,
    /// How SQLite computes the column, if it does.
    pub(crate) generated: Option<GeneratedSpec>,
    /// The name that the column had before.
    pub(crate) renamed_from: Option<String>,
    /// What is said of the field of the patch.
    pub(crate) patch: PatchOfField,
    /// Further attributes of the field of what an insert needs.
    pub(crate) new_attributes: Vec<TokenStream>,
}

/// An embedded struct: a field that is a group of columns.
#[derive(Clone)]
pub(crate) struct EmbedSpec {
    /// What the names of the columns begin with.
    pub(crate) prefix: String,
    /// Whether the attribute says so.
    is_named: bool,
    /// What they began with before.
    pub(crate) renamed_from: Option<String>,
}

/// Where a field stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// In the model of a table.
    Table,
    /// In the model of a view.
    View,
    /// In a struct that is embedded.
    Embedded,
}

/// What `patch(…)` on a field says.
#[derive(Clone, Default)]
pub(crate) struct PatchOfField {
    /// Where it stands, if it does.
    pub(crate) span: Option<Span>,
    /// Where it says that the patch does not have the field.
    pub(crate) skip: Option<Span>,
    /// Further attributes of the field of the patch.
    pub(crate) attributes: Vec<TokenStream>,
}

/// What a field is there for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// The key that SQLite chooses.
    AutoKey,
    /// The key that the program gives.
    NaturalKey,
    /// Set on insert.
    CreatedAt,
    /// Set on insert and update.
    UpdatedAt,
    /// Raised with every update.
    Version,
    /// Set by a soft deletion.
    DeletedAt,
    /// Everything else.
    Column,
}

/// What a foreign key does when its target goes or changes.
#[derive(Clone, Copy, PartialEq, Eq)]
#[expect(clippy::enum_variant_names, reason = "the names are those of SQL")]
pub(crate) enum Action {
    Restrict,
    Cascade,
    SetNull,
    SetDefault,
    NoAction,
}

const ACTIONS: [(&str, Action); 5] = [
    ("restrict", Action::Restrict),
    ("cascade", Action::Cascade),
    ("set_null", Action::SetNull),
    ("set_default", Action::SetDefault),
    ("no_action", Action::NoAction),
];

/// By what text is compared and sorted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Collation {
    Binary,
    NoCase,
    Rtrim,
}

const COLLATIONS: [(&str, Collation); 3] =
    [("binary", Collation::Binary), ("nocase", Collation::NoCase), ("rtrim", Collation::Rtrim)];

words! {
    /// The attributes of a field.
    Word {
        "pk" => Pk,
        "embed" => Embed,
        "unique" => Unique,
        "index" => Index,
        "default" => Default,
        "column" => Column,
        "on_delete" => OnDelete,
        "on_update" => OnUpdate,
        "created_at" => CreatedAt,
        "updated_at" => UpdatedAt,
        "version" => Version,
        "soft_delete" => SoftDelete,
        "plain" => Plain,
        "patch" => Patch,
        "new" => New,
        "relation" => Relation,
        "deferrable" => Deferrable,
        "check" => Check,
        "collate" => Collate,
        "generated" => Generated,
        "stored" => Stored,
        "renamed_from" => RenamedFrom,
        "sql" => Sql,
    }
}

/// Those that say how a column is read.
const OF_VIEWS: [Word; 5] = [Word::Pk, Word::Column, Word::Embed, Word::Plain, Word::Relation];

/// Those that say what a column of an embedded struct is.
const OF_EMBEDDED: [Word; 10] = [
    Word::Check,
    Word::Collate,
    Word::Column,
    Word::Default,
    Word::Deferrable,
    Word::Embed,
    Word::OnDelete,
    Word::OnUpdate,
    Word::RenamedFrom,
    Word::Unique,
];

/// Those that a field which is an embedded struct can have.
const OF_GROUPS: [Word; 4] = [Word::Default, Word::Embed, Word::New, Word::Patch];

impl FieldSpec {
    /// Whether a builder must be given the field.
    pub(crate) fn is_required(&self) -> bool {
        self.is_written() && self.default.is_none() && self.optional.is_none()
    }

    /// Whether the field is part of what an insert is given.
    pub(crate) fn is_written(&self) -> bool {
        matches!(self.role, Role::Column | Role::NaturalKey) && self.generated.is_none()
    }
}

/// What the items of a field say, before it is known how they fit together.
#[derive(Default)]
struct Raw {
    key: Option<Span>,
    created_at: Option<Span>,
    updated_at: Option<Span>,
    version: Option<Span>,
    soft_delete: Option<Span>,
    plain: bool,
    embed: Option<EmbedSpec>,
    patch: PatchOfField,
    new: Option<Span>,
    new_attributes: Vec<TokenStream>,
    unique: Option<Span>,
    index: bool,
    no_index: Option<Span>,
    sql: Option<(String, Span)>,
    default: Option<Expr>,
    column: Option<String>,
    relation: Option<Ident>,
    on_delete: Option<(Action, Span)>,
    on_update: Option<(Action, Span)>,
    deferrable: Option<Span>,
    collation: Option<(Collation, Span)>,
    checks: Vec<CheckSpec>,
    generated: Option<(String, Span)>,
    stored: Option<Span>,
    renamed_from: Option<String>,
}

/// The description of a field of the struct `owner`.
pub(crate) fn describe(
    field: &Field,
    ident: &Ident,
    owner: &Ident,
    place: Place,
    mistakes: &mut Mistakes,
) -> FieldSpec {
    let field = &Field { ty: without_self(&field.ty, owner), ..field.clone() };
    let mut raw = Raw::default();
    let items = items(&field.attrs, "model", &["check"], mistakes);
    let is_group = items.iter().any(|item| item.name == "embed");
    for item in items {
        let Some(word) = Word::of(&item, "a field", mistakes) else { continue };
        match refused(word, &item, ident, place, is_group) {
            Some(reason) => mistakes.add(item.name.span(), reason),
            None => read(word, &item, &mut raw, mistakes),
        }
    }
    // What a view shows of the time of an insert or update is as the table has it.
    raw.plain |= place == Place::View && ident != "pk" || place == Place::Embedded || is_group;
    if let Some(embed) = &mut raw.embed
        && embed.prefix.is_empty()
        && !embed.is_named
    {
        embed.prefix = format!("{}_", ident.unraw());
    }
    let name = ident.unraw().to_string();
    let optional = inner_type(&field.ty, "Option").cloned();
    let role = role(&raw, &name, field, owner, mistakes);
    let is_key = matches!(role, Role::AutoKey | Role::NaturalKey)
        || inner_type(optional.as_ref().unwrap_or(&field.ty), "Key").is_some();
    let spec = FieldSpec {
        ident: ident.clone(),
        ty: field.ty.clone(),
        docs: docs(&field.attrs),
        column: raw.column.clone().unwrap_or(name),
        embed: raw.embed.take(),
        role,
        unique: raw.unique.is_some(),
        index: raw.index,
        no_index: raw.no_index.is_some(),
        sql: raw.sql.as_ref().map(|(sql, _)| sql.clone()),
        relation: raw.relation.clone(),
        actions: actions(&raw, &field.ty, optional.as_ref(), mistakes),
        default: raw.default.as_ref().map(|default| without_self(default, owner)),
        optional,
        deferrable: raw.deferrable.is_some(),
        collation: raw.collation.map(|(collation, _)| collation).filter(|_| !is_key),
        checks: std::mem::take(&mut raw.checks),
        generated: raw
            .generated
            .as_ref()
            .map(|(expression, _)| GeneratedSpec { expression: expression.clone(), stored: raw.stored.is_some() }),
        renamed_from: raw.renamed_from.clone(),
        patch: std::mem::take(&mut raw.patch),
        new_attributes: std::mem::take(&mut raw.new_attributes),
    };
    check(&raw, &spec, mistakes);
    spec
}

/// Why an attribute does not go on a field, if that is so.
fn refused(word: Word, item: &Item, field: &Ident, place: Place, is_group: bool) -> Option<String> {
    let name = item.name.unraw();
    if place == Place::View && !OF_VIEWS.contains(&word) {
        return Some(format!("a view is only read, so a field of it has no `{name}`"));
    }
    if is_group && !OF_GROUPS.contains(&word) {
        return Some(match word {
            Word::Unique | Word::Index => format!(
                "`{field}` is several columns: write `#[model({name}({field}.…))]` on the model, with a field of the embedded struct"
            ),
            Word::Column => {
                format!("`{field}` is several columns: `embed(prefix = \"…\")` says what their names begin with")
            }
            Word::RenamedFrom => format!(
                "`{field}` is several columns: `embed(renamed_from = \"…\")` says what their names began with before"
            ),
            _ => format!("`{field}` is several columns: `{name}` is for a single one"),
        });
    }
    if place == Place::Embedded && !OF_EMBEDDED.contains(&word) {
        return Some(match word {
            Word::Index => {
                "an index is declared on the model that embeds the struct: `#[model(index(address.city))]`".to_owned()
            }
            Word::Pk => "a primary key is a field of the model itself, not of an embedded struct".to_owned(),
            Word::CreatedAt | Word::UpdatedAt | Word::Version | Word::SoftDelete => {
                format!("`{name}` is about the whole row: it is a field of the model itself, not of an embedded struct")
            }
            Word::Relation => {
                "a foreign key in an embedded struct gives no relation: make it a field of the model itself".to_owned()
            }
            _ => {
                let known = Word::ALL.iter().filter(|(_, word)| OF_EMBEDDED.contains(word));
                let mut known: Vec<&str> = known.map(|(name, _)| *name).collect();
                known.sort_unstable();
                format!("a field of an embedded struct has no `{name}`: known are {}", listed(&known))
            }
        });
    }
    None
}

words! {
    /// What `embed(…)` says.
    InEmbed {
        "prefix" => Prefix,
        "renamed_from" => RenamedFrom,
    }
}

/// What `embed` or `embed(prefix = "…")` says.
fn embed(item: &Item, mistakes: &mut Mistakes) -> EmbedSpec {
    let mut embed = EmbedSpec { prefix: String::new(), is_named: false, renamed_from: None };
    if matches!(item.value, ItemValue::Flag) {
        return embed;
    }
    for inner in item.list::<Item>("prefix = \"…\"", mistakes) {
        let Some(word) = InEmbed::of(&inner, "`embed`", mistakes) else { continue };
        let Some(text) = inner.text(mistakes) else { continue };
        if text.value().contains('\0') {
            mistakes.add(text.span(), "names in the database have no NUL characters");
            continue;
        }
        match word {
            InEmbed::Prefix => {
                embed.prefix = text.value();
                embed.is_named = true;
            }
            InEmbed::RenamedFrom => embed.renamed_from = Some(text.value()),
        }
    }
    embed
}

/// The same with the name of the struct for `Self`, which means something else in the generated structs.
pub(crate) fn without_self<T: ToTokens + Parse + Clone>(tokens: &T, owner: &Ident) -> T {
    fn replace(tokens: TokenStream, owner: &Ident) -> TokenStream {
        let replaced = tokens.into_iter().map(|token| match token {
            TokenTree::Ident(ident) if ident == "Self" => {
                let mut owner = owner.clone();
                owner.set_span(ident.span());
                owner.into()
            }
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), replace(group.stream(), owner));
                inner.set_span(group.span());
                inner.into()
            }
            other => other,
        });
        replaced.collect()
    }
    syn::parse2(replace(tokens.to_token_stream(), owner)).unwrap_or_else(|_| tokens.clone())
}

fn read(word: Word, item: &Item, raw: &mut Raw, mistakes: &mut Mistakes) {
    let span = item.name.span();
    match word {
        Word::Pk => raw.key = item.flag(mistakes).then_some(span),
        Word::CreatedAt => raw.created_at = item.flag(mistakes).then_some(span),
        Word::UpdatedAt => raw.updated_at = item.flag(mistakes).then_some(span),
        Word::Version => raw.version = item.flag(mistakes).then_some(span),
        Word::SoftDelete => raw.soft_delete = item.flag(mistakes).then_some(span),
        Word::Plain => raw.plain = item.flag(mistakes),
        Word::Embed => raw.embed = Some(embed(item, mistakes)),
        Word::Patch => {
            raw.patch.span = Some(span);
            for inner in item.list::<Item>("skip", mistakes) {
                match inner.name.to_string().as_str() {
                    "skip" if inner.flag(mistakes) => raw.patch.skip = Some(inner.name.span()),
                    "skip" => {}
                    _ => raw.patch.attributes.extend(further(&inner, "`patch` of a field", &["skip"], mistakes)),
                }
            }
        }
        Word::New => {
            raw.new = Some(span);
            for inner in item.list::<Item>("serde(rename = \"…\")", mistakes) {
                raw.new_attributes.extend(further(&inner, "`new` of a field", &[], mistakes));
            }
        }
        Word::Unique => raw.unique = item.flag(mistakes).then_some(span),
        Word::Index if matches!(item.value, ItemValue::List(_)) => {
            mistakes.add(span, "on a field `index` stands alone: write `index(…)` with more than that on the struct");
        }
        Word::Index if matches!(item.value, ItemValue::Value(_)) => match item.boolean(mistakes) {
            Some(true) => raw.index = true,
            Some(false) => raw.no_index = Some(span),
            None => {}
        },
        Word::Index => raw.index = item.flag(mistakes),
        Word::Sql => {
            let sql = item.text(mistakes).and_then(|text| declared::definition(&text, "one column", mistakes));
            raw.sql = sql.map(|sql| (sql, span));
        }
        Word::Default => raw.default = item.value(mistakes).cloned(),
        Word::Column => raw.column = item.text(mistakes).and_then(|text| checked_name(&text, "column", mistakes)),
        Word::Relation => {
            raw.relation = item.text(mistakes).and_then(|text| {
                text.parse()
                    .map_err(|_| mistakes.add(text.span(), "a relation is named like a field: `relation = \"author\"`"))
                    .ok()
            });
        }
        Word::OnDelete => raw.on_delete = action(item, mistakes).map(|action| (action, span)),
        Word::OnUpdate => raw.on_update = action(item, mistakes).map(|action| (action, span)),
        Word::Deferrable => raw.deferrable = item.flag(mistakes).then_some(span),
        Word::Check => raw.checks.extend(declared::check(item, mistakes)),
        Word::Collate => {
            raw.collation = chosen(item, "collating sequence", &COLLATIONS, mistakes).map(|known| (known, span))
        }
        Word::Generated => {
            let expression = item.text(mistakes).and_then(|text| declared::sql(&text, mistakes));
            raw.generated = expression.map(|expression| (expression, span));
        }
        Word::Stored => raw.stored = item.flag(mistakes).then_some(span),
        Word::RenamedFrom => {
            raw.renamed_from = item.text(mistakes).and_then(|text| checked_name(&text, "column", mistakes));
        }
    }
}

fn action(item: &Item, mistakes: &mut Mistakes) -> Option<Action> {
    chosen(item, "action", &ACTIONS, mistakes)
}

/// What the word after `name =` stands for.
fn chosen<T: Copy>(item: &Item, what: &str, words: &[(&str, T)], mistakes: &mut Mistakes) -> Option<T> {
    let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    let value = item.value(mistakes)?;
    let Expr::Path(path) = value else {
        mistakes.add(value.span(), format!("`{}` takes one of {}", item.name, listed(&known)));
        return None;
    };
    let word = path.path.get_ident().map(Ident::to_string).unwrap_or_default();
    if let Some((_, meant)) = words.iter().find(|(name, _)| *name == word) {
        return Some(*meant);
    }
    let hint = match suggestion(&word, &known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known are {}", listed(&known)),
    };
    mistakes.add(value.span(), format!("unknown {what} `{word}`: {hint}"));
    None
}

fn role(raw: &Raw, name: &str, field: &Field, owner: &Ident, mistakes: &mut Mistakes) -> Role {
    let key_of = inner_type(&field.ty, "Key");
    let is_own_key = key_of.is_some_and(|target| is_named(target, &owner.to_string()) || is_named(target, "Self"));
    if raw.key.is_some() || (name == "pk" && !raw.plain) {
        if inner_type(&field.ty, "Option").is_some() {
            let hint = match raw.key {
                Some(_) => format!("write the type of `{name}` without `Option`"),
                None => format!("write `{name}: Key<{owner}>` without `Option`"),
            };
            mistakes.add(field.ty.span(), format!("a primary key is never NULL: {hint}"));
        } else if raw.key.is_none() && !is_own_key {
            mistakes.add(
                field.ty.span(),
                format!(
                    "write `pk: Key<{owner}>` for a key that SQLite chooses; for a key that the program gives, mark \
                     the field `#[model(pk)]`"
                ),
            );
        }
        return if is_own_key { Role::AutoKey } else { Role::NaturalKey };
    }
    if let (Some(_), Some(span)) = (raw.created_at, raw.updated_at) {
        mistakes.add(span, "a field is either `created_at` or `updated_at`");
    }
    if let Some(span) = raw.version {
        if raw.created_at.or(raw.updated_at).is_some() {
            mistakes.add(span, "a version is not a timestamp");
        }
        if is_named(&field.ty, "i64") {
            return Role::Version;
        }
        mistakes.add(field.ty.span(), format!("a version is a number that is raised by 1: write `{name}: i64`"));
        return Role::Column;
    }
    if let Some(span) = raw.soft_delete {
        if raw.created_at.or(raw.updated_at).or(raw.version).is_some() {
            mistakes.add(span, "the time of a deletion is neither another timestamp nor a version");
        }
        if inner_type(&field.ty, "Option").is_some() {
            return Role::DeletedAt;
        }
        let hint = format!("write `{name}: Option<…>`");
        mistakes.add(field.ty.span(), format!("a row that is not deleted has no time of its deletion: {hint}"));
        return Role::Column;
    }
    let named = |wanted: &str| name == wanted && !raw.plain;
    if raw.created_at.is_some() || named("created_at") && raw.updated_at.is_none() {
        Role::CreatedAt
    } else if raw.updated_at.is_some() || named("updated_at") {
        Role::UpdatedAt
    } else {
        Role::Column
    }
}

fn actions(raw: &Raw, ty: &Type, optional: Option<&Type>, mistakes: &mut Mistakes) -> Option<(Action, Action)> {
    let given = [raw.on_delete, raw.on_update];
    let is_key = inner_type(optional.unwrap_or(ty), "Key").is_some();
    for (action, span) in given.iter().flatten() {
        if !is_key {
            mistakes.add(*span, "only a foreign key has actions: a field of type `Key<Model>` or `Option<Key<Model>>`");
        } else if *action == Action::SetNull && optional.is_none() {
            mistakes.add(*span, "`set_null` needs a nullable foreign key: write the type as `Option<Key<…>>`");
        } else if *action == Action::SetDefault && raw.default.is_none() {
            mistakes.add(*span, "`set_default` needs a default: add `default = …`");
        }
    }
    if let (Some(span), false) = (raw.deferrable, is_key) {
        mistakes.add(span, "only a foreign key is deferrable: a field of type `Key<Model>` or `Option<Key<Model>>`");
    }
    if raw.on_delete.is_none() && raw.on_update.is_none() && raw.deferrable.is_none() {
        return None;
    }
    // What restricts does not wait for the end of the transaction.
    let default = if raw.deferrable.is_some() { Action::NoAction } else { Action::Restrict };
    let or_default = |given: Option<(Action, Span)>| given.map_or(default, |(action, _)| action);
    Some((or_default(raw.on_delete), or_default(raw.on_update)))
}

/// Why an insert is not given the field, if that is so.
fn why_not_given(spec: &FieldSpec) -> Option<&'static str> {
    match spec.role {
        Role::AutoKey => Some("SQLite chooses the key"),
        Role::CreatedAt | Role::UpdatedAt => Some("a timestamp is set automatically"),
        Role::Version => Some("a version begins with 1"),
        Role::DeletedAt => Some("a new row is not deleted"),
        Role::NaturalKey | Role::Column if spec.generated.is_some() => Some("SQLite computes the column"),
        Role::NaturalKey | Role::Column => None,
    }
}

/// What does not go together.
fn check(raw: &Raw, spec: &FieldSpec, mistakes: &mut Mistakes) {
    let is_key = matches!(spec.role, Role::AutoKey | Role::NaturalKey);
    if let (true, Some(span)) = (is_key, raw.unique) {
        mistakes.add(span, "a primary key is unique already");
    }
    if let Some(default) = &spec.default {
        if is_key {
            mistakes.add(default.span(), "a primary key has no default");
        } else if matches!(spec.role, Role::CreatedAt | Role::UpdatedAt) {
            mistakes.add(default.span(), "a timestamp is set automatically and has no default");
        } else if spec.role == Role::Version {
            mistakes.add(default.span(), "a version begins with 1 and has no default");
        } else if spec.role == Role::DeletedAt {
            mistakes.add(default.span(), "a new row is not deleted: its time of deletion has no default");
        }
    }
    if let (Some(span), Some(reason)) = (raw.new, why_not_given(spec)) {
        mistakes.add(span, format!("`{}` is not part of the draft: {reason}", spec.ident));
    }
    if let (Some(span), true) = (raw.key, raw.created_at.or(raw.updated_at).is_some()) {
        mistakes.add(span, "a primary key is not a timestamp");
    }
    if let (Some(span), true) = (raw.version, is_key) {
        mistakes.add(span, "a primary key is not a version: it stays as it is");
    }
    if let (Some(span), true) = (raw.soft_delete, is_key) {
        mistakes.add(span, "a primary key is not the time of a deletion");
    }
    let is_foreign_key = inner_type(spec.optional.as_ref().unwrap_or(&spec.ty), "Key").is_some();
    if let Some((_, span)) = raw.collation
        && (is_key || is_foreign_key)
    {
        mistakes.add(
            span,
            "keys are compared by their bytes: give the text that is compared otherwise a column of its own",
        );
    }
    if let (Some(span), false) = (raw.no_index, is_foreign_key) {
        mistakes.add(span, "only a foreign key has an index by default: leave `index` out for a column without one");
    }
    match (&raw.generated, raw.stored) {
        (None, Some(span)) => {
            mistakes.add(span, "only a generated column is `stored`: add `generated = \"…\"`");
        }
        (Some((_, span)), _) => check_generated(*span, is_key, is_foreign_key, spec, mistakes),
        (None, None) => {}
    }
}

/// What a generated column cannot be.
fn check_generated(span: Span, is_key: bool, is_foreign_key: bool, spec: &FieldSpec, mistakes: &mut Mistakes) {
    if is_key {
        mistakes.add(span, "a primary key is not generated: SQLite does not allow it");
    } else if is_foreign_key {
        mistakes.add(span, "a foreign key is not generated: its actions could not change it");
    } else if spec.role == Role::DeletedAt {
        mistakes.add(span, "the time of a deletion is not generated: `delete` sets it");
    } else if spec.role == Role::Version {
        mistakes.add(span, "a version is not generated: every update raises it");
    } else if spec.role != Role::Column {
        mistakes.add(span, "a timestamp is set automatically; `#[model(plain)]` makes the field an ordinary column");
    } else if spec.default.is_some() {
        mistakes.add(span, "a generated column has no default: it is always computed");
    }
}

/// Whether the default is the same value at all times, so that it can stand in the `DEFAULT` clause.
pub(crate) fn is_constant(default: &Expr) -> bool {
    match default {
        Expr::Lit(_) | Expr::Path(_) => true,
        Expr::Unary(unary) => is_constant(&unary.expr),
        Expr::Paren(inner) => is_constant(&inner.expr),
        _ => false,
    }
}

/// The `T` of `Wrapper<T>`, however the wrapper is qualified.
pub(crate) fn inner_type<'a>(ty: &'a Type, wrapper: &str) -> Option<&'a Type> {
    let Type::Path(path) = without_group(ty) else { return None };
    let last = path.path.segments.last()?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match (last.ident == wrapper, arguments.args.len(), arguments.args.first()) {
        (true, 1, Some(GenericArgument::Type(inner))) => Some(without_group(inner)),
        _ => None,
    }
}

/// What a `macro_rules` macro passes on stands in an invisible group.
fn without_group(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => without_group(&group.elem),
        ty => ty,
    }
}

pub(crate) fn is_named(ty: &Type, name: &str) -> bool {
    matches!(without_group(ty), Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == name))
}

/// Reports the name of a field that there is none of.
pub(crate) fn unknown_field(name: &Ident, fields: &[FieldSpec], mistakes: &mut Mistakes) {
    let known: Vec<String> = fields.iter().map(|field| field.ident.unraw().to_string()).collect();
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let hint = match suggestion(&name.to_string(), &known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the fields are {}", listed(&known)),
    };
    mistakes.add(name.span(), format!("there is no field `{name}`: {hint}"));
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
