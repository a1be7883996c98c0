//! The structs that are generated beside a model: what their attributes say of them.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Ident, Path};

use crate::attributes::{Item, ItemValue, Mistakes, listed};
use crate::names::suggestion;

/// A struct that is generated beside a model.
pub(crate) struct StructSpec {
    /// Its name.
    pub(crate) name: Ident,
    /// What it derives.
    pub(crate) derives: Vec<Path>,
    /// Its further attributes, as `serde(rename_all = "camelCase")`.
    pub(crate) attributes: Vec<TokenStream>,
}

impl StructSpec {
    pub(crate) fn new(raw: RawStruct, default_name: &str, model: &Ident) -> Self {
        let RawStruct { name, derives, attributes } = raw;
        let name = name.unwrap_or_else(|| Ident::new(default_name, model.span()));
        Self { name, derives, attributes }
    }

    /// Whether it derives what has this name, however it is qualified.
    pub(crate) fn has(&self, derive: &str) -> bool {
        self.derives.iter().any(|path| is_named(path, derive))
    }
}

pub(crate) fn is_named(path: &Path, name: &str) -> bool {
    path.segments.last().is_some_and(|last| last.ident == name)
}

/// What is said of such a struct.
#[derive(Default)]
pub(crate) struct RawStruct {
    name: Option<Ident>,
    derives: Vec<Path>,
    attributes: Vec<TokenStream>,
}

impl RawStruct {
    /// Reads an item of `new(…)` or `patch(…)`.
    pub(crate) fn read(&mut self, item: &Item, place: &str, known: &[&str], mistakes: &mut Mistakes) {
        match item.name.to_string().as_str() {
            "derive" => self.derives.extend(item.list::<Path>("Debug, Clone", mistakes)),
            "name" => {
                self.name = item.text(mistakes).and_then(|text| match text.parse() {
                    Ok(ident) => Some(ident),
                    Err(_) => {
                        mistakes.add(text.span(), "expected the name of a struct, as in `name = \"BookDraft\"`");
                        None
                    }
                });
            }
            _ => self.attributes.extend(further(item, place, known, mistakes)),
        }
    }
}

/// An attribute of another macro, which stands on the struct or field as it is given.
pub(crate) fn further(item: &Item, place: &str, known: &[&str], mistakes: &mut Mistakes) -> Option<TokenStream> {
    let name = &item.name;
    match &item.value {
        ItemValue::List(tokens) if suggestion(&name.to_string(), known).is_none() => Some(quote!(#[#name(#tokens)])),
        _ => {
            let hint = match suggestion(&name.to_string(), known) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!(
                    "known are {} and the attributes of derives, as `serde(rename_all = \"camelCase\")`",
                    listed(known)
                ),
            };
            mistakes.add(name.span(), format!("unknown attribute `{name}` on {place}: {hint}"));
            None
        }
    }
}
