//! A version of a row tells who writes over what they have not seen.

use serde::Deserialize;
use sqliter::Error;
use sqliter::prelude::*;
use sqliter_tests::listener::sql_of;

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(notes = Note::doc), patch(derive(Debug, Deserialize)), new(derive(Clone)))]
struct Doc {
    pk: Key<Doc>,
    #[model(unique)]
    name: String,
    text: String,
    /// How often it was written.
    #[model(version)]
    version: i64,
    updated_at: i64,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Note {
    pk: Key<Note>,
    text: String,
    doc_id: Key<Doc>,
}

/// With a key of several columns, a computed column and a column of another name.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(patch)]
struct Cell {
    #[model(pk)]
    x: i64,
    #[model(pk)]
    y: String,
    value: i64,
    #[model(generated = "value + 1")]
    next: i64,
    #[model(version, column = "lock_version")]
    seen: i64,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct KeyOnly {
    #[model(pk)]
    code: String,
    #[model(version)]
    version: i64,
}

async fn database() -> (Db, Doc) {
    let db = Db::memory().await.unwrap();
    db.create_tables::<(Doc, Note, Cell, KeyOnly)>().await.unwrap();
    let doc = db.insert(Doc::builder().name("a").text("one")).await.unwrap();
    (db, doc)
}

async fn version(db: &Db) -> i64 {
    db.select::<Doc>().order(|d| d.pk.asc()).limit(1).only(|d| d.version).fetch_required().await.unwrap()
}

#[tokio::test]
async fn a_new_row_has_the_version_1() -> sqliter::Result<()> {
    let (db, doc) = database().await;
    assert_eq!((doc.version, version(&db).await), (1, 1));
    // Other programs need not know of it.
    db.execute("INSERT INTO docs (name, text, updated_at) VALUES ('b', '', 0)").await?;
    assert_eq!(db.select::<Doc>().only(|d| d.version).fetch_all().await?, [1, 1]);
    // What restores a row gives its version.
    let restored = db.insert_with(Doc::builder().name("c").text(""), |d| d.version.given(7)).await?;
    assert_eq!(restored.version, 7);
    Ok(())
}

#[tokio::test]
async fn an_update_of_a_row_raises_its_version_and_looks_at_it() -> sqliter::Result<()> {
    let (db, mut doc) = database().await;
    let mut older = doc.clone();
    doc.text = "two".into();
    let (updated, statements) = sql_of(db.update(&mut doc)).await;
    updated?;
    assert_eq!(
        statements,
        [
            r#"UPDATE "docs" SET "name" = ?, "text" = ?, "version" = ?, "updated_at" = ? WHERE "pk" = ? AND "version" = ?"#
        ]
    );
    assert_eq!((doc.version, version(&db).await), (2, 2));
    // And once more with what it has now.
    db.update(&mut doc).await?;
    assert_eq!(doc.version, 3);

    older.text = "lost".into();
    match db.update(&mut older).await {
        Err(Error::Stale { table, key, expected, found }) => {
            assert_eq!((table.as_str(), key.as_str(), expected, found), ("docs", "1", 1, 3));
        }
        other => panic!("{other:?}"),
    }
    // The model is as it was, and so is the row.
    assert_eq!(older.version, 1);
    assert_eq!(db.get(doc.pk).await?, Some(doc.clone()));
    // A row that is gone is not a stale one.
    db.delete(doc.pk).await?;
    assert!(matches!(db.update(&mut doc).await, Err(Error::RecordNotFound { .. })));
    Ok(())
}

#[tokio::test]
async fn the_version_is_looked_at_in_a_transaction_and_on_a_file_too() -> sqliter::Result<()> {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::open(folder.path().join("docs.db")).await?;
    db.create_tables::<(Doc, Note)>().await?;
    let mut doc = db.insert(Doc::builder().name("a").text("one")).await?;
    let mut older = doc.clone();
    db.transaction(async |tx| tx.update(&mut doc).await).await?;
    assert_eq!(doc.version, 2);
    let refused = db.transaction(async |tx| tx.update(&mut older).await).await;
    assert!(matches!(refused, Err(Error::Stale { expected: 1, found: 2, .. })), "{refused:?}");
    // Many at once: each version is written by one.
    let mut all = Vec::new();
    for i in 0..20 {
        let (db, mut doc) = (db.clone(), doc.clone());
        doc.text = i.to_string();
        all.push(tokio::spawn(async move { db.update(&mut doc).await.is_ok() }));
    }
    let mut written = 0;
    for one in all {
        written += u32::from(one.await.unwrap());
    }
    assert_eq!(written, 1);
    Ok(())
}

#[tokio::test]
async fn updates_of_many_rows_look_at_the_version_of_each() -> sqliter::Result<()> {
    let (db, doc) = database().await;
    let other = db.insert(Doc::builder().name("b").text("")).await?;
    db.select::<Doc>().filter(|d| d.pk.eq(&other)).update(|d| d.text.set("x")).await?;
    let mut both = [doc, other];
    both[0].text = "changed".into();
    match db.bulk_update(&mut both).await {
        Err(Error::Stale { key, expected, found, .. }) => assert_eq!((key.as_str(), expected, found), ("2", 1, 2)),
        other => panic!("{other:?}"),
    }
    // All or nothing.
    assert_eq!((both[0].version, version(&db).await), (1, 1));
    both[1] = db.get(both[1].pk).await?.unwrap();
    db.bulk_update(&mut both).await?;
    assert_eq!(both.map(|doc| doc.version), [2, 3]);
    Ok(())
}

#[tokio::test]
async fn a_patch_looks_at_the_version_that_it_is_given() -> sqliter::Result<()> {
    let (db, doc) = database().await;
    let patch = |version, text: &str| DocPatch { text: Some(text.into()), version, ..Default::default() };
    // None is not looked at, and raised all the same.
    let (patched, statements) = sql_of(db.patch(doc.pk, patch(None, "x"))).await;
    assert_eq!(patched?.version, 2);
    assert_eq!(
        statements,
        [
            r#"UPDATE "docs" SET "text" = ?, "updated_at" = ?, "version" = checked_i64("version" + ?, 'version') WHERE "pk" = ? RETURNING "pk", "name", "text", "version", "updated_at""#
        ]
    );
    let (patched, statements) = sql_of(db.patch(doc.pk, patch(Some(2), "y"))).await;
    assert_eq!(patched?.version, 3);
    assert!(statements[0].contains(r#"WHERE "pk" = ? AND "version" = ?"#), "{statements:?}");
    match db.patch(doc.pk, patch(Some(2), "z")).await {
        Err(Error::Stale { expected, found, .. }) => assert_eq!((expected, found), (2, 3)),
        other => panic!("{other:?}"),
    }
    assert_eq!(db.get(doc.pk).await?.unwrap().text, "y");
    // One that changes nothing looks at it too, and raises nothing.
    let only_version = |version| DocPatch { version, ..Default::default() };
    assert_eq!(db.patch(doc.pk, only_version(Some(3))).await?.version, 3);
    assert!(matches!(db.patch(doc.pk, only_version(Some(2))).await, Err(Error::Stale { expected: 2, found: 3, .. })));
    let gone = db.patch(Doc::key(9), patch(Some(2), "z")).await;
    assert!(matches!(gone, Err(Error::RecordNotFound { .. })), "{gone:?}");
    Ok(())
}

#[test]
fn the_version_of_a_patch_is_read_as_its_other_fields_are() {
    let patch: DocPatch = serde_json::from_str(r#"{"version": 4}"#).unwrap();
    assert_eq!((patch.version, patch.text), (Some(4), None));
    assert_eq!(serde_json::from_str::<DocPatch>("{}").unwrap().version, None);
}

/// Whatever writes a row raises its version: each entry writes the row once.
#[tokio::test]
async fn whatever_updates_a_row_raises_its_version() -> sqliter::Result<()> {
    let (db, mut doc) = database().await;
    db.insert(Note::builder().text("n").doc_id(&doc)).await?;
    let draft = Doc::builder().name("a").text("new").build();
    let mut wanted = 1;
    macro_rules! raises {
        ($($write:expr;)*) => {$(
            $write;
            wanted += 1;
            assert_eq!(version(&db).await, wanted, "{}", stringify!($write));
        )*};
    }
    raises! {
        db.update(&mut doc).await?;
        db.bulk_update(std::slice::from_mut(&mut doc)).await?;
        db.patch(&doc, DocPatch { text: Some("p".into()), ..Default::default() }).await?;
        db.select::<Doc>().update(|d| d.text.set("c")).await?;
        db.select::<Doc>().order(|d| d.pk.asc()).limit(1).update(|d| d.text.set("l")).await?;
        // What is computed from other rows is written by another form of the statement.
        db.select::<Doc>().update(|d| d.text.set(d.notes.aggregate(|n| n.text.max()).coalesce(""))).await?;
        db.update_where::<Doc, _>(|d| d.name.eq("a"), |d| d.text.set("w")).await?;
        db.upsert(draft.clone(), |d| d.name).update(|d| d.text).await?;
        db.upsert(draft.clone(), |d| d.name).update(|d| d.text.set("u")).await?;
        db.transaction(async |tx| tx.select::<Doc>().update(|d| d.text.set("t")).await).await?;
    }
    // What writes nothing raises nothing.
    db.upsert(draft.clone(), |d| d.name).ignore().await?;
    db.upsert(draft.clone(), |d| d.name).update(|_| ()).await?;
    db.get_or_create(draft, |d| d.name).await?;
    db.select::<Doc>().update(|_| ()).await?;
    assert_eq!(version(&db).await, wanted);
    Ok(())
}

#[tokio::test]
async fn an_upsert_raises_the_version_without_a_unique_index_of_the_file_too() -> sqliter::Result<()> {
    let db = Db::memory().await?;
    db.execute("CREATE TABLE docs (pk INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT COLLATE NOCASE, text TEXT, version INTEGER, updated_at INTEGER)")
        .await?;
    for wanted in [1, 2, 3] {
        let doc = db.upsert(Doc::builder().name("a").text("x"), |d| d.name).update(|d| d.text).await?;
        assert_eq!(doc.version, wanted);
    }
    Ok(())
}

#[tokio::test]
async fn versions_beside_keys_of_several_columns_and_computed_columns() -> sqliter::Result<()> {
    let (db, _) = database().await;
    let mut cell = db.insert(Cell::builder().x(1).y("a").value(5)).await?;
    let mut older = cell.clone();
    cell.value = 6;
    db.update(&mut cell).await?;
    assert_eq!((cell.seen, cell.next), (2, 7));
    match db.update(&mut older).await {
        Err(Error::Stale { key, expected, found, .. }) => {
            assert_eq!((key.as_str(), expected, found), ("(1, 'a')", 1, 2))
        }
        other => panic!("{other:?}"),
    }
    let patched = db.patch(&cell, CellPatch { value: Some(8), seen: Some(2) }).await?;
    assert_eq!((patched.seen, patched.next), (3, 9));
    assert_eq!(db.get(&cell).await?, Some(patched));

    let mut only = db.insert(KeyOnly::builder().code("x")).await?;
    let mut same = only.clone();
    db.update(&mut only).await?;
    assert!(matches!(db.update(&mut same).await, Err(Error::Stale { expected: 1, found: 2, .. })));
    Ok(())
}

#[tokio::test]
async fn the_last_version_is_not_followed_by_the_first() -> sqliter::Result<()> {
    let (db, _) = database().await;
    let draft = Doc::builder().name("z").text("");
    let mut last = db.insert_with(draft, |d| d.version.given(i64::MAX)).await?;
    assert!(matches!(db.update(&mut last).await, Err(Error::Encode { .. })));
    let refused = db.patch(&last, DocPatch { text: Some("x".into()), ..Default::default() }).await;
    assert!(matches!(refused, Err(Error::CheckViolation { .. })), "{refused:?}");
    assert_eq!(db.get(last.pk).await?, Some(last));
    Ok(())
}
