//! `Jsonb`: documents in SQLite's binary form of JSON.

use std::collections::BTreeMap;
use std::future::IntoFuture;

use insta::assert_snapshot;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::test_runner::{Config, TestRunner};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqliter::prelude::*;
use sqliter::{Error, Json, Jsonb};
use sqliter_tests::listener::sql_of;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Meta {
    width: i64,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    size: Option<Size>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Size {
    height: f64,
}

#[derive(Debug, Clone, PartialEq, ColumnType)]
struct Notes(Jsonb<Vec<String>>);

#[derive(Debug, Clone, PartialEq, Model)]
#[model(index(expr = "meta ->> '$.width'"))]
struct Image {
    pk: Key<Image>,
    #[model(unique)]
    name: String,
    meta: Jsonb<Meta>,
    more: Option<Jsonb<BTreeMap<String, Value>>>,
    #[model(default = Notes(Jsonb(vec![])))]
    notes: Notes,
}

/// Whatever it is.
#[derive(Debug, Clone, PartialEq, Model)]
struct Document {
    pk: Key<Document>,
    value: Jsonb<Value>,
}

fn meta(width: i64, tags: &[&str]) -> Meta {
    Meta { width, tags: tags.iter().map(|tag| (*tag).to_owned()).collect(), size: Some(Size { height: -0.5e-300 }) }
}

async fn open() -> Db {
    let db = Db::memory().await.unwrap();
    db.create_tables::<(Image, Document)>().await.unwrap();
    db.bulk_insert([
        Image::builder().name("sea").meta(meta(640, &["é \"q\"", "b\\\n\0"])),
        Image::builder().name("hill").meta(meta(1_000, &[])).more(Jsonb(BTreeMap::from([("a".to_owned(), json!(1))]))),
    ])
    .await
    .unwrap();
    db
}

/// Any document, with numbers and texts of many lengths.
fn documents() -> impl Strategy<Value = Value> {
    let text = prop_oneof![".{0,14}", ".{250,260}", Just("x".repeat(65_540)), Just("\"\\\u{1}\u{7f}é🦀".to_owned())];
    let number = any::<f64>().prop_map(|x| json!(x));
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        number,
        text.prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 64, 12, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..14).prop_map(Value::from),
            proptest::collection::btree_map(".{0,5}", inner, 0..6).prop_map(|map| map.into_iter().collect()),
        ]
    })
}

/// Byte for byte, so that all of SQLite's functions take it for their own.
#[test]
fn documents_are_written_as_sqlite_writes_them_and_read_back() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let db = runtime.block_on(open());
    let mut runner = TestRunner::new(Config { cases: 300, failure_persistence: None, ..Config::default() });
    let round = |value: Value| {
        runtime.block_on(async {
            let text = value.to_string();
            let row = db.insert(Document::builder().value(value)).await.unwrap();
            let stored = "SELECT value = jsonb(?1) AND json_valid(value, 8), json(value) FROM documents WHERE pk = ?2";
            let stored = db.query::<(bool, String)>(stored).bind(&text).bind(row.pk);
            assert_eq!(stored.fetch_required().await.unwrap(), (true, text.clone()), "{text}");
            assert_eq!(db.get(row.pk).await.unwrap().unwrap(), row);
        });
        Ok(())
    };
    runner.run(&documents(), round).unwrap();
}

/// JSON5, and kinds of elements that are not written here.
#[tokio::test]
async fn what_other_programs_write_is_read() {
    let db = open().await;
    let written = r#"INSERT INTO documents (value) VALUES (jsonb('{a: +1, "b": [.5, -5., 0x1F, -0xA, 1e3, 1.e2], ''c"'': ''it\''s "\x41\v\0\u00e9\
on'' , $d: null, e: [], f: {}, g: [true, false]}'))"#;
    db.execute(written).await.unwrap();
    let row = db.select::<Document>().fetch_required().await.unwrap();
    let expected = json!({
        "a": 1, "b": [0.5, -5.0, 31, -10, 1000.0, 100.0], "c\"": "it's \"A\u{b}\0éon",
        "$d": null, "e": [], "f": {}, "g": [true, false],
    });
    assert_eq!(row.value.0, expected);
    // A text as its value, with characters that JSON escapes.
    let raw = "UPDATE documents SET value = jsonb_set(value, '$.a', char(34, 92, 10, 233))";
    db.execute(raw).await.unwrap();
    let row = db.select::<Document>().fetch_required().await.unwrap();
    assert_eq!(row.value.0["a"], "\"\\\né");
}

#[tokio::test]
async fn what_is_no_document_does_not_get_in() {
    let db = open().await;
    for wrong in
        ["x''", "x'FF'", "x'0000'", "x'C7'", "CAST(jsonb('[1]') || x'00' AS BLOB)", "CAST('[1]' AS BLOB)", "x'1C'"]
    {
        let error = db.execute(format!("INSERT INTO documents (value) VALUES ({wrong})")).await.unwrap_err();
        assert!(error.to_string().contains("value must be a document in JSONB"), "{wrong}: {error}");
    }
    assert!(db.execute("INSERT INTO documents (value) VALUES ('[1]')").await.is_err(), "a text");
    assert!(db.execute("INSERT INTO images (name, meta, notes) VALUES ('x', jsonb('{}'), x'')").await.is_err());
}

/// Whatever the bytes are, they are a document or an error.
#[tokio::test]
async fn bytes_that_are_no_document_are_errors_when_they_are_read() {
    let db = open().await;
    for wrong in [
        "x''",
        "x'FF'",
        "x'0000'",
        "x'C7'",
        "x'F7FFFFFFFFFFFFFFFF'",
        "x'1D'",
        "x'13'",
        "x'2331'",
        "x'17FF'",
        "x'2C0031'",
    ] {
        let read = db.query::<Jsonb<Value>>(format!("SELECT {wrong}")).fetch_required().await.unwrap_err();
        assert!(matches!(read, Error::Decode { .. }), "{wrong}: {read}");
    }
    let wrong = db.query::<Jsonb<Meta>>("SELECT jsonb('{\"width\": \"x\"}')").fetch_required().await.unwrap_err();
    assert!(wrong.to_string().contains("JSONB of the field's type"), "{wrong}");
    let document = db.query::<Vec<u8>>("SELECT jsonb(?)").bind(Json(meta(3, &["a\"", "b"]))).fetch_required();
    let document = document.await.unwrap();
    for at in 0..document.len() {
        for byte in [0, 1, 0x7f, 0x80, 0xff, document[at].wrapping_add(1), document[at].wrapping_add(16)] {
            let mut changed = document.clone();
            changed[at] = byte;
            // Some of them are other documents. SQLite does not look whether a text is one.
            let read = db.query::<Jsonb<Value>>("SELECT ?").bind(changed.clone()).fetch_required().await;
            let valid = db.query::<bool>("SELECT json_valid(?, 8)").bind(changed).fetch_required().await.unwrap();
            let is_no_text = read.as_ref().is_err_and(|error| error.to_string().contains("a text that is none"));
            assert!(!valid || read.is_ok() || is_no_text, "{read:?}");
        }
        let cut = db.query::<Jsonb<Value>>("SELECT ?").bind(document[..at].to_vec()).fetch_required().await;
        assert!(cut.is_err());
    }
}

#[tokio::test]
async fn the_column_is_a_blob_that_is_a_document() {
    let db = open().await;
    let table = db.query::<String>("SELECT sql FROM sqlite_schema WHERE name = 'documents'").fetch_required();
    assert_snapshot!(table.await.unwrap(), @r#"CREATE TABLE "documents" ("pk" INTEGER PRIMARY KEY AUTOINCREMENT, "value" BLOB NOT NULL CONSTRAINT "value must be a document in JSONB" CHECK (json_valid("value", 8))) STRICT"#);
    assert!(db.schema_diff::<(Image, Document)>().await.unwrap().is_empty());
    // As the column of the same name in text.
    mod text {
        use super::{Json, Key, Model, Value};

        #[derive(Debug, Model)]
        pub struct Document {
            pk: Key<Document>,
            value: Json<Value>,
        }
    }
    let diff = db.schema_diff::<(Image, text::Document)>().await.unwrap();
    assert!(diff.to_string().contains("value"), "{diff}");
}

#[tokio::test]
async fn paths_lead_into_it_and_an_index_serves() {
    let db = open().await;
    let all = db.select::<Image>();
    let wide = all.clone().filter(|i| i.meta.path::<i64>("$.width").gt(700)).only(|i| i.pk);
    assert_snapshot!(wide.clone().to_sql().unwrap().text, @r#"SELECT "pk" FROM "images" WHERE ("meta" ->> '$.width') > ?"#);
    let plan = wide.clone().explain().await.unwrap().to_string();
    assert!(plan.contains("SEARCH images USING COVERING INDEX idx_images_meta_width"), "{plan}");
    assert_eq!(wide.count().await.unwrap(), 1);
    let rows = all.clone().order(|i| i.pk.asc()).fields(|i| {
        (
            i.meta.path::<Json<Size>>("$.size").path::<f64>("$.height"),
            i.meta.path::<Json<Vec<String>>>("$.tags"),
            i.meta.items::<String>("$.tags").len(),
            i.more.path::<i64>("$.a"),
            i.notes.path::<String>("$[0]"),
        )
    });
    let rows = rows.fetch_all().await.unwrap();
    let tags = Json(vec!["é \"q\"".to_owned(), "b\\\n\0".to_owned()]);
    assert_eq!(rows[0], (Some(-0.5e-300), Some(tags), Some(2), None, None));
    assert_eq!(rows[1], (Some(-0.5e-300), Some(Json(vec![])), Some(0), Some(1), None));
    let tagged = all.filter(|i| i.meta.items::<String>("$.tags").contains("é \"q\""));
    assert_eq!(tagged.only(|i| i.name).fetch_all().await.unwrap(), ["sea"]);
}

#[tokio::test]
async fn changes_keep_its_form() {
    let db = open().await;
    let sea = db.select::<Image>().filter(|i| i.name.eq("sea"));
    let changed = sea.clone().update(|i| {
        (
            i.meta.set_path("$.size", Size { height: 2.5 }),
            i.meta.remove_path("$.tags[0]"),
            i.meta.merge(json!({"width": 7, "new": [1]})),
            i.notes.set_path("$[#]", "first"),
            i.more.set_path("$.x", 1),
        )
    });
    let (changed, sql) = sql_of(changed.into_future()).await;
    assert_eq!(changed.unwrap(), 1);
    assert_snapshot!(sql.last().unwrap(), @r#"UPDATE "images" SET "meta" = jsonb_patch(jsonb_remove(jsonb_set("meta", '$.size', json(?)), '$.tags[0]'), json(?)), "notes" = jsonb_set("notes", '$[#]', json(?)), "more" = jsonb_set("more", '$.x', json(?)) WHERE "name" = ?"#);
    let read = sea.clone().fields(|i| (i.meta.path::<String>("$.new"), i.meta)).fetch_required();
    let (new, returned): (Option<String>, Jsonb<Meta>) = read.await.unwrap();
    assert_eq!((new.as_deref(), returned.width), (Some("[1]"), 7));
    let row = sea.clone().fetch_required().await.unwrap();
    assert_eq!(row.meta.0, Meta { width: 7, tags: vec!["b\\\n\0".into()], size: Some(Size { height: 2.5 }) });
    assert_eq!((row.notes, row.more), (Notes(Jsonb(vec!["first".into()])), None));
    let valid = db.query::<bool>("SELECT min(json_valid(meta, 8) AND json_valid(notes, 8)) FROM images");
    assert!(valid.fetch_required().await.unwrap());
    // As a whole.
    assert_eq!(sea.clone().update(|i| i.meta.set(Jsonb(meta(1, &[])))).await.unwrap(), 1);
    let mut row = sea.fetch_required().await.unwrap();
    row.meta.width += 1;
    db.update(&mut row).await.unwrap();
    assert_eq!(db.get(row.pk).await.unwrap().unwrap().meta.width, 2);
}

/// The change is one of the document that the same upsert writes.
#[tokio::test]
async fn an_upsert_writes_the_new_document_with_changes() {
    let db = open().await;
    let new = |width| Image::builder().name("sea").meta(meta(width, &["new"]));
    let both = db
        .upsert(new(1), |i| i.name)
        .update(|i| (i.meta, i.meta.set_path("$.width", 50), i.meta.remove_path("$.size")));
    let (row, sql) = sql_of(both.into_future()).await;
    let row = row.unwrap();
    assert_snapshot!(sql.iter().find(|sql| sql.starts_with("INSERT")).unwrap(), @r#"INSERT INTO "images" AS t0 ("name", "meta", "more", "notes") VALUES (?, ?, ?, ?) ON CONFLICT ("name") DO UPDATE SET "meta" = jsonb_remove(jsonb_set(excluded."meta", '$.width', json(?)), '$.size') RETURNING "pk", "name", "meta", "more", "notes""#);
    assert_eq!(row.meta.0, Meta { width: 50, tags: vec!["new".into()], size: None });
    // The stored one.
    let row = db.upsert(new(2), |i| i.name).update(|i| i.meta.set_path("$.width", 60)).await.unwrap();
    assert_eq!(row.meta.0, Meta { width: 60, tags: vec!["new".into()], size: None });
    // The last counts.
    let row = db.upsert(new(3), |i| i.name).update(|i| (i.meta.set_path("$.width", 70), i.meta)).await.unwrap();
    assert_eq!(row.meta.0, meta(3, &["new"]));
    let rows =
        db.bulk_upsert([new(4), new(5)], |i| i.name).update(|i| (i.meta, i.meta.set_path("$.tags[#]", "more"))).await;
    rows.unwrap();
    let row = db.select::<Image>().filter(|i| i.name.eq("sea")).fetch_required().await.unwrap();
    assert_eq!(row.meta.0, meta(5, &["new", "more"]));
}

#[tokio::test]
async fn raw_sql_and_records_have_the_document() {
    let db = open().await;
    let read = db.query::<Jsonb<Meta>>("SELECT meta FROM images WHERE name = ?").bind("hill").fetch_required();
    assert_eq!(read.await.unwrap().width, 1_000);
    let text = db.query::<Json<Meta>>("SELECT json(meta) FROM images WHERE name = 'hill'").fetch_required();
    assert_eq!(text.await.unwrap().width, 1_000);
    let bound = db.execute("UPDATE images SET meta = ? WHERE name = 'hill'").bind(Jsonb(meta(2, &["x"]))).await;
    assert_eq!(bound.unwrap(), 1);
    let records = db.select::<Image>().filter(|i| i.name.eq("hill")).fetch_dicts().await.unwrap();
    let shown = serde_json::to_value(&records).unwrap();
    assert_eq!(shown[0]["meta"], json!({"width": 2, "tags": ["x"], "size": {"height": -0.5e-300}}));
    assert_eq!(shown[0]["more"], json!({"a": 1}));
    let by_sqlx: String = sqliter::sqlx::query_scalar("SELECT json(meta) FROM images WHERE name = 'sea'")
        .fetch_one(&db.pool())
        .await
        .unwrap();
    assert!(by_sqlx.starts_with("{\"width\":640"), "{by_sqlx}");
}
