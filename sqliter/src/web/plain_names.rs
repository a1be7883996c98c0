//! Names of schemas that a reader of an OpenAPI document expects.

use std::collections::BTreeMap;

use serde_json::Value;
use utoipa::Modify;
use utoipa::openapi::OpenApi;

/// Gives the schemas of an OpenAPI document plain names: `BookKey` and `BookPage` in the place of `Key_Book` and `Page_Book`, as utoipa names what
/// stands between `<` and `>`, and `Size` in the place of `Json_Size`. A name that another schema has is not taken.
///
/// ```
/// use serde::Serialize;
/// use sqliter::prelude::*;
/// use sqliter::{Page, web::PlainNames};
/// use utoipa::{OpenApi, ToSchema};
///
/// #[derive(Debug, Clone, PartialEq, Serialize, ToSchema, Model)]
/// struct Book {
///     pk: Key<Book>,
///     title: String,
/// }
///
/// #[utoipa::path(get, path = "/books", responses((status = 200, body = Page<Book>)))]
/// async fn books() {}
///
/// #[derive(OpenApi)]
/// #[openapi(paths(books), modifiers(&PlainNames))]
/// struct Api;
///
/// let document = Api::openapi();
/// let names: Vec<_> = document.components.unwrap().schemas.into_keys().collect();
/// assert_eq!(names, ["Book", "BookKey", "BookPage"]);
/// ```
///
/// Where the routes come later than the document, as with `utoipa-axum`, call `PlainNames.modify(&mut document)` of utoipa's `Modify` when
/// they are all there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PlainNames;

impl Modify for PlainNames {
    fn modify(&self, document: &mut OpenApi) {
        // References stand in a hundred places of the document; in JSON they look the same everywhere.
        let renamed = serde_json::to_value(&*document).and_then(|mut json| {
            rename(&mut json);
            serde_json::from_value(json)
        });
        match renamed {
            Ok(renamed) => *document = renamed,
            // The document is right as it is.
            Err(error) => tracing::warn!(target: "sqliter", %error, "the schemas keep the names of utoipa"),
        }
    }
}

const PLACE: &str = "#/components/schemas/";

fn rename(document: &mut Value) {
    let Some(Value::Object(schemas)) = document.pointer_mut("/components/schemas") else { return };
    let mut names = BTreeMap::new();
    for old in schemas.keys().cloned().collect::<Vec<_>>() {
        let Some(new) = plain(&old) else { continue };
        match schemas.get(&new) {
            Some(other) if schemas.get(&old) != Some(other) => continue,
            _ => {}
        }
        if let Some(schema) = schemas.remove(&old) {
            schemas.insert(new.clone(), schema);
            names.insert(old, new);
        }
    }
    refer(document, &names);
}

/// Makes the references lead to the new names.
fn refer(value: &mut Value, names: &BTreeMap<String, String>) {
    match value {
        Value::String(text) => {
            if let Some(new) = text.strip_prefix(PLACE).and_then(|old| names.get(old)) {
                *text = format!("{PLACE}{new}");
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| refer(value, names)),
        Value::Object(fields) => fields.values_mut().for_each(|value| refer(value, names)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// `BookKey` for `Key_Book`; nothing for a name that is plain already.
fn plain(name: &str) -> Option<String> {
    let (kind, inner) = match name.split_once(".Key_") {
        // A key of several columns, which the name of the table is put before.
        Some((_, model)) => ("Key", model),
        None => match name.split_once('_')? {
            ("Json" | "Jsonb", inner) => ("", inner),
            ("Page", row) => ("Page", row),
            ("Key" | "NumberKey" | "TextKey" | "UuidKey" | "AnyKey", model) => ("Key", model),
            _ => return None,
        },
    };
    let inner = plain(inner).unwrap_or_else(|| inner.to_owned());
    Some(format!("{inner}{kind}"))
}
