//! Models, drafts, patches and pages in an OpenAPI document, by utoipa.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json, to_value};
use sqliter::web::{PlainNames, Problem};
use sqliter::{Cursor, Json, Page, prelude::*};
use utoipa::{Modify, OpenApi, PartialSchema, ToSchema};

#[derive(Debug, Clone, PartialEq, Serialize, Model, ToSchema)]
struct Author {
    pk: Key<Author>,
    name: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ColumnType, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Binding {
    Cloth,
    Paper,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
struct Size {
    width: i64,
    height: i64,
}

/// utoipa asks for the schemas of what stands between `<` and `>`, and chrono's types have none.
type Instant = Unix<chrono::DateTime<chrono::Utc>>;

/// A book of the library.
#[derive(Debug, Clone, PartialEq, Serialize, Model, ToSchema)]
#[model(new(name = "BookDraft", derive(Deserialize, ToSchema)), patch(derive(Deserialize, ToSchema)))]
struct Book {
    pk: Key<Book>,
    /// As on the cover.
    title: String,
    subtitle: Option<String>,
    #[model(default = 1)]
    pages: i64,
    binding: Binding,
    size: Json<Size>,
    words: Json<BTreeMap<String, Vec<i64>>>,
    author_id: Key<Author>,
    editor_id: Option<Key<Author>>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Unix<chrono::DateTime<chrono::Utc>>,
    updated_at: Instant,
}

#[derive(Debug, Serialize, ToSchema, View)]
#[view(Book)]
struct BookCard {
    #[view(flatten)]
    #[serde(flatten)]
    book: Book,
    author: Author,
}

#[utoipa::path(get, path = "/books", responses((status = 200, body = Page<BookCard>), (status = 422, body = Problem, content_type = "application/problem+json")))]
#[expect(dead_code, reason = "described alone")]
fn list() {}

#[utoipa::path(get, path = "/bindings", responses((status = 200, body = Page<Binding>)))]
#[expect(dead_code, reason = "described alone")]
fn bindings() {}

#[utoipa::path(get, path = "/names", responses((status = 200, body = Page<String>)))]
#[expect(dead_code, reason = "described alone")]
fn names() {}

#[utoipa::path(post, path = "/books", request_body = BookDraft, responses((status = 201, body = Book)))]
#[expect(dead_code, reason = "described alone")]
fn create() {}

#[utoipa::path(patch, path = "/books/{pk}", params(("pk" = Key<Book>, Path)), request_body = BookPatch, responses((status = 200, body = Book)))]
#[expect(dead_code, reason = "described alone")]
fn change() {}

#[utoipa::path(delete, path = "/countries/{code}", params(("code" = inline(Key<Country>), Path)), responses((status = 204)))]
#[expect(dead_code, reason = "described alone")]
fn delete() {}

#[derive(ToSchema)]
#[expect(dead_code, reason = "described alone")]
struct Keys {
    country: Key<Country>,
    device: Key<Device>,
    line: Key<Line>,
}

#[derive(OpenApi)]
#[openapi(paths(list, bindings, names, create, change, delete))]
struct Api;

fn document() -> Value {
    to_value(Api::openapi()).unwrap()
}

#[test]
fn every_schema_that_the_document_refers_to_is_in_it() {
    fn references<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    match value {
                        Value::String(text) if name == "$ref" => found.push(text),
                        value => references(value, found),
                    }
                }
            }
            Value::Array(values) => values.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }
    let document = document();
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.len() > 10, "{found:?}");
    for reference in found {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
}

#[test]
fn a_key_is_its_value_under_the_name_of_its_model() {
    let schemas = document()["components"]["schemas"].clone();
    assert_eq!(schemas["Key_Book"], json!({"type": "integer", "format": "int64"}));
    assert_eq!(schemas["Book"]["properties"]["pk"], json!({"$ref": "#/components/schemas/Key_Book"}));
    let editor = json!({"oneOf": [{"$ref": "#/components/schemas/Key_Author"}, {"type": "null"}]});
    assert_eq!(schemas["Book"]["properties"]["editor_id"], editor);
}

#[derive(Debug, Clone, PartialEq, Model, ToSchema)]
struct Country {
    #[model(pk)]
    code: String,
}

#[derive(Debug, Clone, PartialEq, Model, ToSchema)]
struct Device {
    #[model(pk)]
    #[schema(value_type = String, format = "uuid")]
    id: uuid::Uuid,
}

#[derive(Debug, Clone, PartialEq, Model, ToSchema)]
struct Line {
    #[model(pk)]
    order: i64,
    #[model(pk)]
    code: String,
}

#[test]
fn a_natural_key_is_what_its_columns_hold() {
    let schema = |schema: utoipa::openapi::RefOr<utoipa::openapi::Schema>| to_value(schema).unwrap();
    assert_eq!(schema(Key::<Country>::schema()), json!({"type": "string"}));
    assert_eq!(schema(Key::<Device>::schema()), json!({"type": "string", "format": "uuid"}));
    let line = schema(Key::<Line>::schema());
    let parts = json!([{"type": "integer", "format": "int64"}, {"type": "string"}]);
    let names: Vec<_> = {
        let mut schemas = Vec::new();
        Keys::schemas(&mut schemas);
        schemas.into_iter().map(|(name, _)| name).collect()
    };
    assert_eq!(names, ["TextKey_Country", "UuidKey_Device", "lines.Key_Line"]);
    assert_eq!((&line["type"], &line["items"], &line["prefixItems"]), (&json!("array"), &json!(false), &parts));
}

#[test]
fn json_is_what_it_holds() {
    let schemas = document()["components"]["schemas"].clone();
    let size = json!({
        "type": "object",
        "properties": {
            "width": {"type": "integer", "format": "int64"},
            "height": {"type": "integer", "format": "int64"},
        },
        "required": ["width", "height"],
    });
    assert_eq!(schemas["Json_Size"], size);
}

#[test]
fn unix_seconds_are_a_date_or_an_instant() {
    let schema = |schema: utoipa::openapi::RefOr<utoipa::openapi::Schema>| to_value(schema).unwrap();
    let instant = json!({"type": "string", "format": "date-time"});
    assert_eq!(schema(Unix::<chrono::DateTime<chrono::Utc>>::schema()), instant);
    assert_eq!(schema(Unix::<jiff::Timestamp>::schema()), instant);
    assert_eq!(schema(Unix::<chrono::NaiveDate>::schema()), json!({"type": "string", "format": "date"}));
    let schemas = document()["components"]["schemas"].clone();
    assert_eq!(schemas["Book"]["properties"]["created_at"], instant);
    assert_eq!(schemas["Book"]["properties"]["updated_at"], json!({"$ref": "#/components/schemas/Unix"}));
    assert_eq!(schemas["Unix"], instant);
}

#[test]
fn a_page_refers_to_the_schema_of_its_rows() {
    let schemas = document()["components"]["schemas"].clone();
    let page = &schemas["Page_BookCard"];
    assert_eq!(
        page["properties"]["rows"],
        json!({"type": "array", "items": {"$ref": "#/components/schemas/BookCard"}})
    );
    assert_eq!(page["properties"]["next"]["type"], json!(["string", "null"]));
    assert_eq!(page["required"], json!(["rows", "next", "previous"]));
    let rows = &schemas["Page_Binding"]["properties"]["rows"];
    assert_eq!(rows["items"], json!({"$ref": "#/components/schemas/Binding"}));
    assert_eq!(schemas["Page_String"]["properties"]["rows"]["items"], json!({"type": "string"}));
}

#[test]
fn a_draft_needs_what_an_insert_needs() {
    let draft = document()["components"]["schemas"]["BookDraft"].clone();
    let mut required: Vec<_> =
        draft["required"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    required.sort_unstable();
    assert_eq!(required, ["author_id", "binding", "size", "title", "words"]);
    assert_eq!(draft["properties"]["title"]["description"], "As on the cover.");
    assert!(draft["properties"].get("pk").is_none() && draft["properties"].get("created_at").is_none());
}

#[test]
fn a_patch_needs_nothing() {
    let patch = document()["components"]["schemas"]["BookPatch"].clone();
    assert!(patch.get("required").is_none(), "{patch}");
    assert_eq!(patch["properties"]["title"]["type"], json!(["string", "null"]));
}

#[test]
fn a_cursor_is_a_text() {
    assert_eq!(to_value(Cursor::schema()).unwrap()["type"], "string");
}

#[derive(ToSchema)]
#[expect(dead_code, reason = "described alone")]
struct All {
    country: Key<Country>,
    device: Key<Device>,
    line: Key<Line>,
    size: Json<Size>,
    own_size: Json<Own>,
    own: json_own::Own,
}

/// Another type of the name that `Json_Own` would get.
mod json_own {
    #[derive(utoipa::ToSchema)]
    #[expect(dead_code, reason = "described alone")]
    pub(super) struct Own {
        pub(super) other: i64,
    }
}

#[derive(Serialize, Deserialize, ToSchema)]
struct Own {
    one: i64,
}

#[test]
fn schemas_get_plain_names_where_the_program_wants_them() {
    #[derive(OpenApi)]
    #[openapi(paths(list, bindings, names, create, change, delete), components(schemas(All)))]
    struct Everything;

    let before = Everything::openapi();
    let mut after = before.clone();
    PlainNames.modify(&mut after);
    let json = |document: &utoipa::openapi::OpenApi| serde_json::to_string(document).unwrap();
    // Nothing but names is another: those of the schemas, and where references lead.
    let mut expected = json(&before);
    for (old, new) in [
        ("Key_Author", "AuthorKey"),
        ("Key_Book", "BookKey"),
        ("TextKey_Country", "CountryKey"),
        ("UuidKey_Device", "DeviceKey"),
        ("lines.Key_Line", "LineKey"),
        ("Page_BookCard", "BookCardPage"),
        ("Page_Binding", "BindingPage"),
        ("Page_String", "StringPage"),
        ("Json_Size", "Size"),
        ("Json_BTreeMap_String_Vec_i64", "BTreeMap_String_Vec_i64"),
    ] {
        assert!(expected.contains(&format!("\"{old}\":")), "{old}");
        expected = expected.replace(&format!("\"{old}\":"), &format!("\"{new}\":"));
        expected = expected.replace(&format!("/schemas/{old}\""), &format!("/schemas/{new}\""));
    }
    let parsed = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    assert_eq!(parsed(&json(&after)), parsed(&expected));
    let schemas = to_value(&after).unwrap()["components"]["schemas"].clone();
    assert!(schemas["Json_Own"]["properties"].get("one").is_some(), "another schema has the name: {schemas}");
    assert!(schemas["Own"]["properties"].get("other").is_some());
    PlainNames.modify(&mut after);
    assert_eq!(parsed(&json(&after)), parsed(&expected), "once is enough");
}
