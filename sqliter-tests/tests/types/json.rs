//! `Json`: lists, maps, sets and structs in columns.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};
use sqliter::prelude::*;
use sqliter::{Error, Json};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Address {
    street: String,
    number: Option<u32>,
    geo: (f64, f64),
    kind: Place,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Place {
    Home,
    Work { floor: i8 },
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Document {
    pk: Key<Document>,
    list: Json<Vec<String>>,
    map: Json<BTreeMap<i64, Vec<u8>>>,
    set: Json<BTreeSet<i64>>,
    address: Json<Address>,
    nested: Json<Vec<Option<Vec<i64>>>>,
    tuple: Json<(i64, String)>,
    #[model(default = Json(HashMap::new()))]
    labels: Json<HashMap<String, serde_json::Value>>,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Sparse {
    pk: Key<Sparse>,
    list: Option<Json<Vec<String>>>,
    address: Option<Json<Address>>,
    maybe: Option<Json<Option<i64>>>,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Awkward {
    pk: Key<Awkward>,
    pairs: Json<BTreeMap<(i64, i64), i64>>,
    numbers: Json<Vec<f64>>,
}

fn address() -> Address {
    Address {
        street: "Rue de l'Été\n\"12\"\0🦀".to_owned(),
        number: None,
        geo: (-0.1, 1e-300),
        kind: Place::Work { floor: -1 },
    }
}

async fn open() -> sqliter::Result<Db> {
    let db = Db::memory().await?;
    db.create_tables::<(Document, Sparse, Awkward)>().await?;
    Ok(db)
}

#[tokio::test(flavor = "multi_thread")]
async fn containers_and_structs_round_trip() -> sqliter::Result<()> {
    let db = open().await?;
    let full = db
        .insert(
            Document::builder()
                .list(vec!["a".to_owned(), String::new(), "é\0".to_owned()])
                .map(BTreeMap::from([(i64::MIN, vec![0, 255]), (7, vec![])]))
                .set(BTreeSet::from([i64::MAX, -1, 0]))
                .address(address())
                .nested(vec![None, Some(vec![]), Some(vec![1, 2])])
                .tuple((1, "one".to_owned()))
                .labels(HashMap::from([("k".to_owned(), serde_json::json!({"deep": [1, null, {"x": true}]}))])),
        )
        .await?;
    assert_eq!(db.get(full.pk).await?.as_ref(), Some(&full));
    assert_eq!(full.list.len(), 3);

    let empty = db
        .insert(
            Document::builder()
                .list(vec![])
                .map(BTreeMap::new())
                .set(BTreeSet::new())
                .address(Address { kind: Place::Home, ..address() })
                .nested(vec![])
                .tuple((0, String::new())),
        )
        .await?;
    assert_eq!(db.get(empty.pk).await?.as_ref(), Some(&empty));
    assert_eq!(db.select::<Document>().order(|d| d.pk.asc()).fetch_all().await?, [full, empty]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn updating_a_container_persists_and_leaves_others_alone() -> sqliter::Result<()> {
    let db = open().await?;
    let new = || {
        Document::builder()
            .list(vec!["a".to_owned()])
            .map(BTreeMap::new())
            .set(BTreeSet::new())
            .address(address())
            .nested(vec![])
            .tuple((1, "x".to_owned()))
    };
    let mut rows = db.bulk_insert([new(), new()]).await?;
    rows[0].list.push("b".to_owned());
    rows[0].address.number = Some(5);
    db.update(&mut rows[0]).await?;
    assert_eq!(rows[0].list.0, ["a", "b"]);
    assert_eq!(db.select::<Document>().order(|d| d.pk.asc()).fetch_all().await?, rows);

    let changed = db.select::<Document>().update(|d| d.set.set(Json(BTreeSet::from([3])))).await?;
    assert_eq!(changed, 2);
    let sets = db.select::<Document>().only(|d| d.set).fetch_all().await?;
    assert_eq!(sets, [Json(BTreeSet::from([3])), Json(BTreeSet::from([3]))]);
    assert_eq!(db.get(rows[0].pk).await?.unwrap().list, rows[0].list);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn optional_containers_round_trip() -> sqliter::Result<()> {
    let db = open().await?;
    let none = db.insert(Sparse::builder()).await?;
    let some = db
        .insert(Sparse::builder().list(Json(vec!["x".to_owned()])).address(Json(address())).maybe(Json(Some(1))))
        .await?;
    let null = db.insert(Sparse::builder().list(Json(vec![])).maybe(Json(None))).await?;
    assert_eq!(some.list, Some(Json(vec!["x".to_owned()])));
    assert_eq!(db.get(none.pk).await?.as_ref(), Some(&none));
    assert_eq!(db.get(some.pk).await?.as_ref(), Some(&some));
    // The JSON value null is not the absence of a value.
    assert_eq!(db.get(null.pk).await?.unwrap().maybe, Some(Json(None)));
    assert_eq!(none.maybe, None);
    let absent = db.select::<Sparse>().filter(|s| s.maybe.is_null()).only(|s| s.pk).fetch_all().await?;
    assert_eq!(absent, [none.pk]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_no_json_is_refused() -> sqliter::Result<()> {
    let db = open().await?;
    let awkward = |pairs, number| Awkward::builder().pairs(BTreeMap::from_iter(pairs)).numbers(vec![1.5, number]);
    for (column, new, why) in [
        ("pairs", awkward(vec![((1, 2), 3)], 0.0), "key must be a string"),
        ("numbers", awkward(vec![], f64::NAN), "NaN"),
        ("numbers", awkward(vec![], f64::NEG_INFINITY), "infinities"),
    ] {
        let error = db.insert(new).await.unwrap_err();
        let Error::Encode { table, column: named, reason, .. } = &error else { panic!("{error:?}") };
        assert_eq!((table.as_str(), named.as_str()), ("awkwards", column));
        assert!(reason.contains(why), "{reason}");
    }
    assert_eq!(db.select::<Awkward>().count().await?, 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_are_json_for_sqlite_too() -> sqliter::Result<()> {
    let db = open().await?;
    db.insert(Sparse::builder().list(Json(vec!["a".to_owned(), "b".to_owned()])).address(Json(address()))).await?;
    let read: (String, String, i64) = sqliter::sqlx::query_as(
        "SELECT list ->> 1, json_extract(address, '$.street'), json_extract(address, '$.kind.Work.floor') FROM sparses",
    )
    .fetch_one(&db.pool())
    .await
    .unwrap();
    assert_eq!((read.0.as_str(), read.2), ("b", -1));
    assert!(read.1.starts_with("Rue de l'Été\n\"12\""));
    // Written by another program, with its own spacing.
    db.execute("UPDATE sparses SET list = '[ \"c\" , \"\\u00e9\" ]'").await?;
    let row = db.select::<Sparse>().fetch_required().await?;
    assert_eq!(row.list, Some(Json(vec!["c".to_owned(), "é".to_owned()])));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_documents_are_decode_errors() -> sqliter::Result<()> {
    let db = open().await?;
    let row = db.insert(Sparse::builder()).await?;
    for (literal, found) in [
        ("''", "TEXT ''"),
        ("'[1'", "TEXT '[1'"),
        ("'{}'", "TEXT '{}'"),
        ("'[1]'", "TEXT '[1]'"),
        ("'null'", "TEXT 'null'"),
        ("CAST(x'ff' AS TEXT)", "TEXT that is not UTF-8"),
    ] {
        db.execute(format!("UPDATE sparses SET list = {literal}")).await?;
        let error = db.get(row.pk).await.unwrap_err();
        let Error::Decode { table, column, expected, found: was } = &error else { panic!("{literal}: {error:?}") };
        assert_eq!((table.as_str(), column.as_str()), ("sparses", "list"));
        assert!(expected.contains("JSON"), "{expected}");
        assert!(was.starts_with(found), "{was}");
        assert_eq!(error.to_string(), format!("sparses.list holds {was}, expected {expected}"));
    }
    Ok(())
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Faithful {
    pk: Key<Faithful>,
    reals: Json<Vec<(f64, f32)>>,
    #[model(default = Json(Doubtful::default()))]
    doubtful: Json<Doubtful>,
}

/// What JSON or serde may not give back.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Doubtful {
    maybe: Option<Option<i64>>,
    limit: Option<f64>,
    nested: serde_json::Value,
    numbers: Option<Number>,
    set: std::collections::HashSet<String>,
    map: HashMap<i64, i128>,
    inner: HashMap<String, HashMap<char, Option<f32>>>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Number {
    Small(u8),
    Large(u64),
}

#[tokio::test]
async fn floating_point_numbers_come_back_to_the_last_bit() -> sqliter::Result<()> {
    let db = Db::memory().await?;
    db.create_table::<Faithful>().await?;
    let mut state = 88_172_645_463_325_252_u64;
    let mut numbers: Vec<(f64, f32)> =
        (0..2000_u16).map(|i| (f64::from(i) * 0.001_234_567 + 0.1, f32::from(i) * 0.1)).collect();
    for _ in 0..10_000 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let (wide, narrow) = (f64::from_bits(state), f32::from_bits(state as u32));
        if wide.is_finite() && narrow.is_finite() {
            numbers.push((wide, narrow));
        }
    }
    let row = db.insert(Faithful::builder().reals(numbers.clone())).await?;
    let read = db.get(row.pk).await?.unwrap();
    for ((wide, narrow), read) in numbers.iter().zip(&read.reals.0) {
        assert_eq!((wide.to_bits(), narrow.to_bits()), (read.0.to_bits(), read.1.to_bits()), "{wide:?} {narrow:?}");
    }
    Ok(())
}

#[tokio::test]
async fn what_would_come_back_as_another_value_is_refused() -> sqliter::Result<()> {
    let db = Db::memory().await?;
    db.create_table::<Faithful>().await?;
    let nested = |levels| (0..levels).fold(serde_json::json!(1), |inner, _| serde_json::Value::Array(vec![inner]));
    let with = |doubtful: Doubtful| Faithful::builder().reals(vec![]).doubtful(doubtful);
    let fine = Doubtful {
        maybe: Some(Some(1)),
        limit: Some(f64::MAX),
        nested: nested(126),
        numbers: Some(Number::Large(u64::MAX)),
        set: (0..100).map(|i| i.to_string()).collect(),
        map: (0..100).map(|i| (i, i128::MIN + i128::from(i))).collect(),
        inner: HashMap::from([("a".to_owned(), ('a'..='z').map(|c| (c, Some(0.1))).collect())]),
    };
    let row = db.insert(with(fine.clone())).await?;
    assert_eq!(db.get(row.pk).await?, Some(row.clone()));
    for (doubtful, why) in [
        (Doubtful { limit: Some(f64::INFINITY), ..fine.clone() }, "another value, as with infinities"),
        (Doubtful { limit: Some(f64::NAN), ..fine.clone() }, "another value, as with infinities"),
        (Doubtful { maybe: Some(None), ..fine.clone() }, "`Some(None)`"),
        (Doubtful { numbers: Some(Number::Large(5)), ..fine.clone() }, "another value"),
        (Doubtful { nested: nested(127), ..fine.clone() }, "127 levels"),
        (Doubtful { nested: nested(2000), ..fine.clone() }, "127 levels"),
        (
            Doubtful { inner: HashMap::from([("a".to_owned(), [('x', Some(f32::INFINITY))].into())]), ..fine.clone() },
            "another value",
        ),
    ] {
        let mut changed = Faithful { doubtful: Json(doubtful.clone()), ..row.clone() };
        let errors = [
            db.insert(with(doubtful.clone())).await.unwrap_err(),
            db.update(&mut changed).await.unwrap_err(),
            db.select::<Faithful>().update(|f| f.doubtful.set(Json(doubtful.clone()))).await.unwrap_err(),
        ];
        for error in errors {
            let Error::Encode { table, column, reason, .. } = &error else { panic!("{error:?}") };
            assert_eq!((table.as_str(), column.as_str()), ("faithfuls", "doubtful"));
            assert!(reason.contains(why), "{reason}");
        }
        assert_eq!(db.select::<Faithful>().fetch_all().await?.as_slice(), std::slice::from_ref(&row));
    }
    Ok(())
}
