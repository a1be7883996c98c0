//! Models, drafts, patches and pages in JSON Schema, by schemars.

use schemars::{JsonSchema, schema_for};
use serde::{Deserialize, Serialize};
use serde_json::{json, to_value};
use sqliter::web::Problem;
use sqliter::{Json, Page, prelude::*};

#[derive(Debug, Clone, PartialEq, Model)]
struct Secret {
    pk: Key<Secret>,
    word: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Size {
    width: i64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Model, JsonSchema)]
#[model(new(derive(Deserialize, JsonSchema)), patch(derive(Deserialize, JsonSchema)))]
struct Book {
    pk: Key<Book>,
    title: String,
    subtitle: Option<String>,
    #[model(default = 1)]
    pages: i64,
    size: Json<Size>,
    secret_id: Option<Key<Secret>>,
}

#[test]
fn a_key_is_its_value_and_json_is_what_it_holds() {
    let schema = to_value(schema_for!(Book)).unwrap();
    let properties = &schema["properties"];
    assert_eq!(properties["pk"], json!({"type": "integer", "format": "int64"}));
    assert_eq!(properties["secret_id"], json!({"type": ["integer", "null"], "format": "int64"}));
    assert_eq!(properties["size"], json!({"$ref": "#/$defs/Size"}));
    assert!(schema["$defs"]["Size"].is_object());
}

#[test]
fn a_draft_needs_what_an_insert_needs() {
    let schema = to_value(schema_for!(NewBook)).unwrap();
    assert_eq!(schema["required"], json!(["title", "size"]));
    assert_eq!(schema["properties"]["pages"]["default"], json!(1));
}

#[test]
fn a_patch_needs_nothing() {
    let schema = to_value(schema_for!(BookPatch)).unwrap();
    assert!(schema.get("required").is_none(), "{schema}");
    assert_eq!(schema["properties"]["title"]["type"], json!(["string", "null"]));
}

#[test]
fn a_page_is_written_as_its_schema_says() {
    let schema = to_value(schema_for!(Page<Book>)).unwrap();
    assert_eq!(schema["title"], "Page_Book");
    assert_eq!(schema["properties"]["rows"], json!({"type": "array", "items": {"$ref": "#/$defs/Book"}}));
    assert_eq!(schema["required"], json!(["rows", "next", "previous"]));
    let page = Page::<i64> { rows: vec![1], next: None, previous: None, total: Some(1) };
    let written = to_value(&page).unwrap();
    let mut names: Vec<_> = written.as_object().unwrap().keys().collect();
    names.sort_unstable();
    let mut declared: Vec<_> = schema["properties"].as_object().unwrap().keys().collect();
    declared.sort_unstable();
    assert_eq!(names, declared);
}

#[test]
fn a_problem_is_written_as_its_schema_says() {
    let schema = to_value(schema_for!(Problem)).unwrap();
    let written = to_value(Problem::new(422, "no").with_field("title", "is empty")).unwrap();
    for name in written.as_object().unwrap().keys() {
        assert!(schema["properties"][name].is_object(), "{name}");
    }
    assert!(schema["$defs"]["ProblemField"].is_object());
}
