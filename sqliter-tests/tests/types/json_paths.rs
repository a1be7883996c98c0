//! Values at paths of documents: read, compared, indexed, changed.

use chrono::{DateTime, NaiveDate, Utc};
use insta::assert_snapshot;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use sqliter::prelude::*;
use sqliter::{Error, Json, Select, sql};

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
struct Meta {
    size: Option<Size>,
    tags: Vec<String>,
    #[serde(default)]
    public: Option<bool>,
    #[serde(default, rename = "a.b \"c\" é")]
    odd: Option<i64>,
    #[serde(default, rename = "x.y z")]
    pointed: Option<String>,
    #[serde(default)]
    taken: Option<DateTime<Utc>>,
    #[serde(default)]
    day: Option<NaiveDate>,
    #[serde(default)]
    people: Vec<Person>,
    #[serde(default)]
    big: Option<u64>,
    #[serde(default)]
    ratio: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Size {
    width: i64,
    height: i64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Person {
    name: String,
    nicknames: Vec<String>,
}

/// The columns have the names of those of `json_each`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(index(expr = "meta ->> '$.size.width'"))]
struct Image {
    pk: Key<Image>,
    value: String,
    key: i64,
    #[model(on_delete = cascade)]
    album_id: Key<Album>,
    meta: Json<Meta>,
    more: Option<Json<Meta>>,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(images = Image::album))]
struct Album {
    pk: Key<Album>,
    info: Json<Vec<Json<Option<i64>>>>,
}

fn meta(width: Option<i64>, tags: &[&str]) -> Meta {
    Meta {
        size: width.map(|width| Size { width, height: 2 * width }),
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        ..Meta::default()
    }
}

async fn open() -> Db {
    let db = Db::memory().await.unwrap();
    db.create_tables::<(Album, Image)>().await.unwrap();
    let album = db.insert(Album::builder().info(vec![Json(Some(3)), Json(None)])).await.unwrap();
    let people = vec![
        Person { name: "Ada".into(), nicknames: vec!["A".into(), "Countess".into()] },
        Person { name: "Bob".into(), nicknames: vec![] },
    ];
    let first = Meta {
        public: Some(true),
        odd: Some(7),
        pointed: Some("it's".into()),
        taken: Some("2026-01-31T12:00:00+02:00".parse().unwrap()),
        day: NaiveDate::from_ymd_opt(2026, 1, 31),
        people,
        big: Some(u64::MAX),
        ratio: Some(3.0),
        ..meta(Some(640), &["sea", "it's \"q\" é"])
    };
    let second = Meta { public: Some(false), ..meta(Some(1_000), &["hill"]) };
    for (value, document) in [("one", first.clone()), ("two", second), ("three", meta(None, &[]))] {
        let more = (value == "one").then(|| Json(first.clone()));
        db.insert(Image::builder().value(value).key(1).album_id(&album).meta(document).more(more)).await.unwrap();
    }
    db
}

async fn names(chain: Select<'_, Image>) -> Vec<String> {
    chain.order(|i| i.pk.asc()).only(|i| i.value).fetch_all().await.unwrap()
}

#[tokio::test]
async fn a_path_is_a_nullable_value_of_its_type() {
    let db = open().await;
    let all = db.select::<Image>().order(|i| i.pk.asc());
    let rows: Vec<(Option<i64>, Option<String>, Option<bool>, Option<Json<Size>>, Option<f64>)> = all
        .clone()
        .fields(|i| {
            (
                i.meta.path("$.size.width"),
                i.meta.path("$.tags[#-1]"),
                i.meta.path("$.public"),
                i.meta.path("$.size"),
                i.meta.path("$.ratio"),
            )
        })
        .fetch_all()
        .await
        .unwrap();
    let size = |width| Some(Json(Size { width, height: 2 * width }));
    assert_eq!(rows[0], (Some(640), Some("it's \"q\" é".into()), Some(true), size(640), Some(3.0)));
    assert_eq!(rows[1], (Some(1_000), Some("hill".into()), Some(false), size(1_000), None));
    assert_eq!(rows[2], (None, None, None, None, None));
    let of_more: Vec<Option<i64>> = all.clone().only(|i| i.more.path::<i64>("$.size.width")).fetch_all().await.unwrap();
    assert_eq!(of_more, [Some(640), None, None]);
    let sql = all.clone().fields(|i| (i.meta.path::<i64>("$.size.width"), i.meta.path::<Json<Size>>("$.it's")));
    assert_snapshot!(sql.to_sql().unwrap().text, @r#"SELECT ("meta" ->> '$.size.width'), nullif("meta" -> '$.it''s', 'null') FROM "images" ORDER BY "pk""#);
    let times = all.clone().fields(|i| (i.meta.path::<DateTime<Utc>>("$.taken"), i.meta.path::<NaiveDate>("$.day")));
    let times: Vec<(Option<DateTime<Utc>>, Option<NaiveDate>)> = times.fetch_all().await.unwrap();
    assert_eq!(times[0], ("2026-01-31T10:00:00Z".parse().ok(), NaiveDate::from_ymd_opt(2026, 1, 31)));
    let inside: Vec<Option<i64>> =
        all.clone().only(|i| i.meta.path::<Json<Size>>("$.size").path::<i64>("$.width")).fetch_all().await.unwrap();
    assert_eq!(inside, [Some(640), Some(1_000), None]);
    let sum: (Option<i64>, Option<i64>) = db
        .select::<Image>()
        .annotate(|i| (i.meta.path::<i64>("$.size.width").sum(), (i.meta.path::<i64>("$.size.width") + 1).max()))
        .fetch_required()
        .await
        .unwrap();
    assert_eq!(sum, (Some(1_640), Some(1_001)));
    let grouped: Vec<(Option<bool>, i64)> = db
        .select::<Image>()
        .group_by(|i| i.meta.path::<bool>("$.public"))
        .annotate(|_| count())
        .fetch_all()
        .await
        .unwrap();
    assert_eq!(grouped, [(None, 1), (Some(false), 1), (Some(true), 1)]);
}

#[tokio::test]
async fn paths_are_compared_and_sorted_by() {
    let db = open().await;
    let all = db.select::<Image>();
    assert_eq!(names(all.clone().filter(|i| i.meta.path::<i64>("$.size.width").gt(640))).await, ["two"]);
    assert_eq!(names(all.clone().filter(|i| i.meta.path::<bool>("$.public").eq(true))).await, ["one"]);
    assert_eq!(names(all.clone().filter(|i| i.meta.path::<bool>("$.public").is_null())).await, ["three"]);
    assert_eq!(names(all.clone().filter(|i| i.meta.path::<String>("$.tags[0]").starts_with("h"))).await, ["two"]);
    assert_eq!(names(all.clone().filter(|i| i.meta.path::<String>("$.\"x.y z\"").eq("it's"))).await, ["one"]);
    assert_eq!(names(all.clone().filter(|i| i.meta.path::<f64>("$.ratio").eq(3))).await, ["one"]);
    let taken: DateTime<Utc> = "2026-01-31T10:00:00Z".parse().unwrap();
    assert_eq!(names(all.clone().filter(|i| i.meta.path::<DateTime<Utc>>("$.taken").eq(taken))).await, ["one"]);
    assert_eq!(names(all.clone().filter(|i| i.meta.path::<Decimal>("$.size.width").lt(700))).await, ["one"]);
    let sorted = all.clone().order(|i| i.meta.path::<i64>("$.size.width").desc()).only(|i| i.value);
    assert_eq!(sorted.fetch_all().await.unwrap(), ["two", "one", "three"]);
    let page = all.clone().order(|i| i.meta.path::<i64>("$.size.width").asc()).page_after(None, 2).await.unwrap();
    let rest = all.clone().order(|i| i.meta.path::<i64>("$.size.width").asc()).page_after(page.next, 2).await.unwrap();
    assert_eq!(rest.rows[0].value, "two");
    // Through relations, too.
    let albums = db.select::<Album>().filter(|a| a.images.any(|i| i.meta.path::<i64>("$.size.width").eq(640)));
    assert_eq!(albums.count().await.unwrap(), 1);
    let of_album =
        all.clone().filter(|i| i.album.info.path::<i64>("$[0]").eq(3) & i.meta.path::<i64>("$.size.width").ge(1_000));
    assert_eq!(names(of_album).await, ["two"]);
    let deleted = all.filter(|i| i.meta.path::<i64>("$.size.width").is_null()).delete().await.unwrap();
    assert_eq!(deleted, 1);
}

#[tokio::test]
async fn an_index_over_the_same_text_serves() {
    let db = open().await;
    let wide = db.select::<Image>().filter(|i| i.meta.path::<i64>("$.size.width").gt(700)).only(|i| i.pk);
    assert_snapshot!(wide.clone().to_sql().unwrap().to_string(), @r#"SELECT "pk" FROM "images" WHERE ("meta" ->> '$.size.width') > ? -- 700"#);
    let plan = wide.explain().await.unwrap().to_string();
    assert!(plan.contains("SEARCH images USING COVERING INDEX idx_images_meta_size_width"), "{plan}");
    assert!(db.schema_diff::<(Album, Image)>().await.unwrap().is_empty());
}

#[tokio::test]
async fn values_of_another_type_are_errors_with_their_path() {
    let db = open().await;
    let all = db.select::<Image>().order(|i| i.pk.asc());
    let error = all.clone().only(|i| i.meta.path::<i64>("$.tags")).fetch_all().await.unwrap_err();
    assert!(matches!(&error, Error::Decode { column, .. } if column == "$.tags"), "{error:?}");
    let error = all.clone().only(|i| i.meta.path::<u64>("$.big")).fetch_all().await.unwrap_err();
    assert!(matches!(&error, Error::Decode { column, .. } if column == "$.big"), "{error:?}");
    let big: Vec<Option<f64>> = all.clone().only(|i| i.meta.path::<f64>("$.big")).fetch_all().await.unwrap();
    assert_eq!(big[0], Some(u64::MAX as f64));
    let error = all.clone().filter(|i| i.meta.path::<NaiveDate>("$.tags[0]").is_in([NaiveDate::MIN])).fetch_all().await;
    assert!(error.is_err());
    let error = all.clone().filter(|i| i.meta.path::<Decimal>("$.tags[0]").gt(1)).fetch_all().await.unwrap_err();
    assert!(error.to_string().contains("$.tags[0] holds"), "{error}");
    for wrong in ["", "size", "$size", "$.", "$.a.", "$[", "$.a\"b\""] {
        let error = all.clone().filter(|i| i.meta.path::<i64>(wrong).gt(1)).fetch_all().await.unwrap_err();
        assert!(matches!(&error, Error::JsonPath { path, .. } if path == wrong), "{error:?}");
        let error = all.clone().update(|i| i.meta.remove_path(wrong)).await.unwrap_err();
        assert!(matches!(&error, Error::JsonPath { .. }), "{error:?}");
    }
    assert_eq!(
        all.filter(|i| i.meta.path::<i64>("size").gt(1)).to_sql().unwrap_err().to_string(),
        "the JSON path `size` does not begin with `$`, which is the whole document"
    );
}

#[tokio::test]
async fn pages_go_on_behind_values_of_another_type() {
    let db = open().await;
    let by_path = db.select::<Image>().order(|i| i.meta.path::<i64>("$.tags[0]").desc());
    let by_sql = db.select::<Image>().order(|i| sql::<Option<i64>>("? ->> '$.tags[0]'", (i.meta,)).desc());
    for chain in [by_path, by_sql] {
        let (mut read, mut cursor) = (Vec::new(), None);
        loop {
            let page = chain.clone().page_after(cursor, 1).await.unwrap();
            read.extend(page.rows);
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(read, chain.fetch_all().await.unwrap());
        assert_eq!(read.len(), 3);
    }
}

#[tokio::test]
async fn arrays_are_asked_for_their_elements() {
    let db = open().await;
    let all = db.select::<Image>();
    assert_eq!(names(all.clone().filter(|i| i.meta.items::<String>("$.tags").contains("sea"))).await, ["one"]);
    assert_eq!(
        names(all.clone().filter(|i| i.meta.items::<String>("$.tags").any(|tag| tag.ends_with("l")))).await,
        ["two"]
    );
    assert_eq!(
        names(all.clone().filter(|i| i.meta.items::<String>("$.tags").none(|tag| tag.eq("sea")))).await,
        ["two", "three"]
    );
    assert_eq!(
        names(all.clone().filter(|i| i.meta.items::<String>("$.tags").all(|tag| tag.eq("hill")))).await,
        ["two", "three"]
    );
    assert_eq!(names(all.clone().filter(|i| i.meta.items::<String>("$.tags").len().eq(0))).await, ["three"]);
    assert_eq!(
        names(all.clone().filter(|i| i.meta.items::<i64>("$.nothing").len().is_null())).await,
        ["one", "two", "three"]
    );
    // What is no array has no elements.
    assert_eq!(
        names(all.clone().filter(|i| i.meta.items::<i64>("$.size").any(|item| item.is_not_null()))).await,
        [""; 0]
    );
    assert_eq!(
        names(all.clone().filter(|i| i.meta.items::<i64>("$.size").all(|item| item.lt(0)))).await,
        ["one", "two", "three"]
    );
    // Columns of the row are there, whatever they are called, and arrays inside of elements.
    let own = all.clone().filter(|i| i.meta.items::<String>("$.tags").any(|tag| tag.ne(i.value) & i.key.eq(1)));
    assert_snapshot!(own.clone().only(|i| i.pk).to_sql().unwrap().text, @r#"SELECT t0."pk" FROM "images" AS t0 WHERE +EXISTS (SELECT 1 FROM json_each(t0."meta", '$.tags') AS j0 WHERE typeof(j0."key") = 'integer' AND (j0."value" <> t0."value" AND t0."key" = ?))"#);
    assert_eq!(names(own).await, ["one", "two"]);
    let deep = all.clone().filter(|i| {
        i.meta.items::<Json<Person>>("$.people").any(|person| {
            person
                .clone()
                .items::<String>("$.nicknames")
                .any(|name| name.eq("Countess") & person.path::<String>("$.name").eq("Ada"))
        })
    });
    assert_eq!(names(deep.clone()).await, ["one"]);
    // The element itself as the document: a text, a null.
    let ones = db.select::<Album>().filter(|a| a.info.items::<i64>("$").contains(3));
    assert_eq!(ones.count().await.unwrap(), 1);
    let nulls = db.select::<Album>().filter(|a| a.info.items::<Json<i64>>("$").any(|item| item.is_null()));
    assert_eq!(nulls.count().await.unwrap(), 1);
    // In a condition on related rows, and in updates and deletions.
    let albums = db.select::<Album>().filter(|a| a.images.any(|i| i.meta.items::<String>("$.tags").contains("hill")));
    assert_eq!(albums.count().await.unwrap(), 1);
    assert_eq!(deep.update(|i| i.key.set(9)).await.unwrap(), 1);
    let gone = all.filter(|i| i.meta.items::<String>("$.tags").contains("hill")).delete().await.unwrap();
    assert_eq!(gone, 1);
}

#[tokio::test]
async fn an_element_outside_of_its_closure_is_refused() {
    let db = open().await;
    let mut kept = None;
    let all = db.select::<Image>().filter(|i| {
        i.meta.items::<String>("$.tags").any(|tag| {
            kept = Some(tag.clone());
            tag.eq("sea")
        })
    });
    assert_eq!(all.count().await.unwrap(), 1);
    let error = db.select::<Image>().filter(|_| kept.unwrap().eq("sea")).count().await.unwrap_err();
    assert!(matches!(error, Error::NotInQuery { .. }), "{error:?}");
}

#[tokio::test]
async fn documents_are_changed_in_place() {
    let db = open().await;
    let one = db.select::<Image>().filter(|i| i.value.eq("one"));
    let statement = one.clone().update(|i| (i.meta.set_path("$.size.width", 3), i.meta.remove_path("$.tags[0]")));
    assert_eq!(statement.await.unwrap(), 1);
    let row = one.clone().fetch_required().await.unwrap();
    assert_eq!(
        (row.meta.size.as_ref().unwrap().width, row.meta.tags.as_slice()),
        (3, ["it's \"q\" é".to_owned()].as_slice())
    );
    assert_eq!(row.meta.big, Some(u64::MAX), "what is not changed keeps its digits");
    one.clone()
        .update(|i| {
            (
                i.meta.set_path("$.public", false),
                i.meta.set_path("$.tags[#]", "new"),
                i.meta.set_path("$.size", Size { width: 1, height: 2 }),
                i.meta.set_path("$.taken", None::<DateTime<Utc>>),
                i.more.merge(serde_json::json!({"size": null, "tags": ["x"]})),
                i.key.add(1),
            )
        })
        .await
        .unwrap();
    let row = one.clone().fetch_required().await.unwrap();
    assert_eq!(row.meta.public, Some(false));
    assert_eq!(row.meta.tags, ["it's \"q\" é", "new"]);
    assert_eq!(row.meta.size, Some(Size { width: 1, height: 2 }));
    assert_eq!((row.meta.taken, row.key), (None, 2));
    let more = row.more.unwrap();
    assert_eq!((&more.size, more.tags.as_slice()), (&None, ["x".to_owned()].as_slice()));
    let three = db.select::<Image>().filter(|i| i.value.eq("three"));
    three
        .clone()
        .update(|i| {
            (i.meta.set_path("$.size.width", 5), i.meta.set_path("$.extra.deep", 5), i.more.set_path("$.public", true))
        })
        .await
        .unwrap();
    let raw: (Option<String>, String, Option<String>) = db
        .query("SELECT meta ->> '$.size', meta ->> '$.extra', more FROM images WHERE value = 'three'")
        .fetch_required()
        .await
        .unwrap();
    // A path through a null leads nowhere, one through nothing makes what is missing, and NULL stays NULL.
    assert_eq!(raw, (None, r#"{"deep":5}"#.to_owned(), None));
    // What was set before is what is changed.
    three
        .clone()
        .update(|i| (i.meta.set(Json(meta(Some(1), &[]))), i.meta.set_path("$.size.height", 9)))
        .await
        .unwrap();
    assert_eq!(three.clone().fetch_required().await.unwrap().meta.size, Some(Size { width: 1, height: 9 }));
    // As many as are made up at run time.
    let changes = [("$.size.width", 7), ("$.size.height", 8), ("$.odd", 9)];
    three.clone().update(|i| Vec::from(changes.map(|(path, value)| i.meta.set_path(path, value)))).await.unwrap();
    let raw: (String,) =
        db.query("SELECT meta ->> '$.size' FROM images WHERE value = 'three'").fetch_required().await.unwrap();
    assert_eq!(raw.0, r#"{"width":7,"height":8}"#);
    let error = one.clone().update(|i| i.meta.set_path("$.ratio", f64::NAN)).await.unwrap_err();
    assert!(matches!(error, Error::Encode { .. }), "{error:?}");
    let returned: Vec<(Option<i64>,)> = one
        .update(|i| i.meta.set_path("$.size.width", 77))
        .returning(|i| i.meta.path::<i64>("$.size.width"))
        .fetch_all()
        .await
        .unwrap();
    assert_eq!(returned, [(Some(77),)]);
}

#[derive(Debug, Clone, PartialEq, View)]
#[view(Image)]
struct Card {
    value: String,
    #[view(with = |i| i.meta.path::<i64>("$.size.width"))]
    width: Option<i64>,
    #[view(with = |i| i.meta.items::<String>("$.tags").contains("sea"))]
    at_sea: bool,
    #[view(with = |i| i.album.info.path::<i64>("$[0]"))]
    of_album: Option<i64>,
}

#[tokio::test]
async fn a_view_reads_values_at_paths() {
    let db = open().await;
    let cards = db.select::<Image>().order(|i| i.pk.asc()).limit(2).view::<Card>();
    assert_snapshot!(cards.to_sql().unwrap().text, @r#"SELECT t0."value", (t0."meta" ->> '$.size.width'), +EXISTS (SELECT 1 FROM json_each(t0."meta", '$.tags') AS j0 WHERE typeof(j0."key") = 'integer' AND j0."value" = ?), (t1."info" ->> '$[0]') FROM "images" AS t0 LEFT JOIN "albums" AS t1 ON t1."pk" = t0."album_id" ORDER BY t0."pk" LIMIT 2"#);
    let card = |value: &str, width, at_sea| Card { value: value.into(), width: Some(width), at_sea, of_album: Some(3) };
    assert_eq!(cards.fetch_all().await.unwrap(), [card("one", 640, true), card("two", 1_000, false)]);
}
