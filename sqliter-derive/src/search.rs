//! The full-text search of a model.

use proc_macro2::{Ident, Span};
use syn::LitStr;
use syn::ext::IdentExt;

use crate::attributes::{Item, ItemValue, Mistakes};
use crate::declared::IndexItem;
use crate::field::{FieldSpec, Role, unknown_field};
use crate::names::suggestion;
use crate::relation::RelationSpec;

/// A full-text search over columns of the model.
pub(crate) struct SearchSpec {
    /// Where it is declared.
    pub(crate) span: Span,
    /// The positions of its columns among the fields, each with the place where it is named.
    pub(crate) columns: Vec<(usize, Span)>,
    /// How texts become words, in the words of FTS5.
    pub(crate) tokenize: Option<String>,
    /// The lengths of the prefixes that are indexed.
    pub(crate) prefix: Option<String>,
}

/// A search as it is written.
pub(crate) struct RawSearch {
    span: Span,
    items: Vec<IndexItem>,
}

const OPTIONS: [&str; 2] = ["tokenize", "prefix"];

/// FTS5 has columns of these names itself.
const RESERVED: [&str; 2] = ["rank", "rowid"];

/// `search(title, body, tokenize = "…")`.
pub(crate) fn read(item: &Item, mistakes: &mut Mistakes) -> RawSearch {
    let span = item.name.span();
    let items = match &item.value {
        ItemValue::List(tokens) => {
            let parser = syn::punctuated::Punctuated::<IndexItem, syn::Token![,]>::parse_terminated;
            match syn::parse::Parser::parse2(parser, tokens.clone()) {
                Ok(items) => items.into_iter().collect(),
                Err(error) => {
                    mistakes.push(error);
                    return RawSearch { span, items: Vec::new() };
                }
            }
        }
        ItemValue::Flag | ItemValue::Value(_) => Vec::new(),
    };
    if !items.iter().any(|item| matches!(item, IndexItem::Field(..))) {
        mistakes.add(span, "`search` is over fields that hold text: write `search(title, body)`");
    }
    RawSearch { span, items }
}

pub(crate) fn describe(
    raw: &RawSearch,
    fields: &[FieldSpec],
    key: &[&FieldSpec],
    relations: &[RelationSpec],
    without_rowid: bool,
    mistakes: &mut Mistakes,
) -> Option<SearchSpec> {
    let mut search = SearchSpec { span: raw.span, columns: Vec::new(), tokenize: None, prefix: None };
    for item in &raw.items {
        match item {
            IndexItem::Field(name, true) => {
                mistakes.add(name.span(), "a search has no direction: write the field alone")
            }
            IndexItem::Inside(names, _) => {
                for name in names.iter().take(1) {
                    mistakes
                        .add(name.span(), "a search is over columns of the model itself, not of an embedded struct");
                }
            }
            IndexItem::Field(name, false) => add_column(&mut search, name, fields, mistakes),
            IndexItem::Text(name, text) => add_option(&mut search, name, text, mistakes),
        }
    }
    let mut is_clear = !search.columns.is_empty();
    let mut refuse = |place, message| {
        mistakes.add(place, message);
        is_clear = false;
    };
    if let [_, _, ..] = key {
        refuse(
            raw.span,
            "a search needs a key of one whole number, and this model has a key of several fields: give it `pk: Key<Self>` and make \
             these fields `unique(…)`",
        );
    }
    if without_rowid {
        refuse(raw.span, "a search finds rows by their row id, which a table `without_rowid` does not have");
    }
    let taken = fields.iter().map(|field| &field.ident).chain(relations.iter().map(|relation| &relation.name));
    for taken in taken.into_iter().filter(|name| name.unraw() == "search") {
        refuse(
            taken.span(),
            "the columns have the search under this name: give the field another name, and its column by `column = \"search\"`",
        );
    }
    // What is said of a search that cannot be would be said again of the code for it.
    is_clear.then_some(search)
}

fn add_column(search: &mut SearchSpec, name: &Ident, fields: &[FieldSpec], mistakes: &mut Mistakes) {
    let Some(position) = fields.iter().position(|field| field.ident.unraw() == name.unraw()) else {
        return unknown_field(name, fields, mistakes);
    };
    let Some(field) = fields.get(position) else { return };
    if search.columns.iter().any(|(other, _)| *other == position) {
        mistakes.add(name.span(), format!("`{name}` is in the search already"));
    } else if field.embed.is_some() {
        mistakes.add(name.span(), "a search is over columns of the model itself, not of an embedded struct");
    } else if field.role == Role::AutoKey {
        mistakes.add(name.span(), "a search is over columns that hold text, and this is the key");
    } else if RESERVED.iter().any(|reserved| field.column.eq_ignore_ascii_case(reserved)) {
        let message = format!(
            "SQLite has a column `{}` of its own in every search: give this one another name with `column = \"…\"`",
            field.column
        );
        mistakes.add(name.span(), message);
    } else {
        search.columns.push((position, name.span()));
    }
}

fn add_option(search: &mut SearchSpec, name: &Ident, text: &LitStr, mistakes: &mut Mistakes) {
    let value = text.value();
    let option = match name.to_string().as_str() {
        "tokenize" => &mut search.tokenize,
        "prefix" => &mut search.prefix,
        word => {
            let hint = match suggestion(word, &OPTIONS) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "known are `tokenize` and `prefix`".to_owned(),
            };
            return mistakes.add(name.span(), format!("unknown option `{word}` of a search: {hint}"));
        }
    };
    if option.is_some() {
        return mistakes.add(name.span(), format!("`{name}` is given twice"));
    }
    if value.trim().is_empty() || value.contains('\0') {
        return mistakes.add(text.span(), format!("`{name}` must be a text without NUL characters, and not empty"));
    }
    if name == "prefix" && !value.split_whitespace().all(|length| matches!(length.parse::<u16>(), Ok(1..=999))) {
        let message = "`prefix` is a list of lengths from 1 to 999, with spaces between them: write `prefix = \"2 3\"`";
        return mistakes.add(text.span(), message);
    }
    *option = Some(value);
}
