//! Inserts and upserts that give back what they have written.

use std::time::{Duration, UNIX_EPOCH};

use sqliter::prelude::*;
use sqliter::{Error, Operation};
use sqliter_tests::listener::{single, told_in};

#[derive(Debug, Clone, PartialEq, Model)]
struct Author {
    pk: Key<Author>,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Tag {
    pk: Key<Tag>,
    #[model(unique)]
    name: String,
    #[model(default = 1)]
    uses: i64,
    #[model(generated = "upper(name)")]
    loud: String,
    owner_id: Option<Key<Author>>,
    updated_at: i64,
}

async fn empty() -> Db {
    let db = Db::options().clock(|| UNIX_EPOCH + Duration::from_secs(1000)).open().await.unwrap();
    db.create_tables::<(Author, Tag)>().await.unwrap();
    db
}

fn tag(name: &str) -> NewTag {
    Tag::builder().name(name).build()
}

#[tokio::test]
async fn an_insert_gives_what_sqlite_has_chosen_and_computed() -> sqliter::Result<()> {
    let db = empty().await;
    let (key, loud): (Key<Tag>, String) = db.insert(tag("rust")).returning(|t| (t.pk, t.loud)).fetch_required().await?;
    assert_eq!((key, loud.as_str()), (Tag::key(1), "RUST"));
    let row = db.insert(tag("sql")).returning_rows().fetch_only().await?;
    assert_eq!(db.get(row.pk).await?, Some(row));
    let given = db.insert_with(tag("c"), |t| (t.pk.given(Tag::key(9)), t.updated_at.given(5)));
    assert_eq!(given.returning(|t| (t.pk, t.updated_at + 1_i64)).fetch_all().await?, [(Tag::key(9), 6)]);
    // A model without generated columns, too.
    let author = db.insert(Author::builder().name("Ada")).returning(|a| (a.pk, a.name.length())).fetch_one().await?;
    assert_eq!(author, Some((Author::key(1), 3)));
    Ok(())
}

#[tokio::test]
async fn the_rows_of_a_bulk_insert_come_in_the_order_of_the_drafts() -> sqliter::Result<()> {
    let db = empty().await;
    let names: Vec<String> = (0..500).map(|i| format!("t{}", (i * 7) % 500)).collect();
    let rows = db.bulk_insert(names.iter().map(|name| tag(name))).returning(|t| t.name).fetch_all().await?;
    assert_eq!(rows.into_iter().map(|(name,)| name).collect::<Vec<_>>(), names);
    assert_eq!(db.bulk_insert([] as [NewTag; 0]).returning_rows().fetch_all().await?, []);
    let with = db.bulk_insert_with([("x", 7000), ("y", 6000)].map(|(name, key)| (tag(name), key)), |t, key| {
        t.pk.given(Tag::key(key))
    });
    assert_eq!(with.returning(|t| t.pk).fetch_all().await?, [(Tag::key(7000),), (Tag::key(6000),)]);
    // More than one row is refused when one is wanted, and nothing is kept.
    let several = db.bulk_insert(["v", "w"].map(tag)).returning(|t| t.pk).fetch_only().await;
    assert!(matches!(several, Err(Error::SeveralRecords { found: 2, .. })));
    assert_eq!(db.select::<Tag>().count().await?, 502);
    Ok(())
}

#[tokio::test]
async fn an_upsert_gives_the_row_that_it_has_written() -> sqliter::Result<()> {
    let db = empty().await;
    let first = db.upsert(tag("rust"), |t| t.name).update(|t| t.uses.add(1)).returning(|t| (t.pk, t.uses));
    assert_eq!(first.fetch_required().await?, (Tag::key(1), 1));
    let second = db.upsert(tag("rust"), |t| t.name).update(|t| t.uses.add(1)).returning(|t| (t.pk, t.uses));
    assert_eq!(second.fetch_required().await?, (Tag::key(1), 2));
    let ignored = db.upsert(tag("rust"), |t| t.name).ignore().returning(|t| t.pk);
    assert_eq!(ignored.fetch_one().await?, None);
    let ignored = db.upsert(tag("rust"), |t| t.name).ignore().returning_rows();
    assert!(matches!(ignored.fetch_required().await, Err(Error::RecordNotFound { .. })));
    // With nothing to write, the row that is there is given as it is.
    let kept = db.upsert(tag("rust"), |t| t.name).update(|_| ()).returning(|t| (t.uses, t.loud));
    assert_eq!(kept.fetch_only().await?, (2, "RUST".to_owned()));
    Ok(())
}

#[tokio::test]
async fn a_bulk_upsert_inserts_or_updates_each_row() -> sqliter::Result<()> {
    let db = empty().await;
    db.insert(tag("b")).await?;
    assert_eq!(db.bulk_upsert(["a", "b", "c"].map(tag), |t| t.name).ignore().await?, 2);
    assert_eq!(db.bulk_upsert(["b", "c", "d", "d"].map(tag), |t| t.name).update(|t| t.uses.add(10)).await?, 4);
    let uses = db.select::<Tag>().order(|t| t.name.asc()).fields(|t| (t.name, t.uses)).fetch_all().await?;
    let expected = [("a", 1), ("b", 11), ("c", 11), ("d", 11)].map(|(name, uses)| (name.to_owned(), uses));
    assert_eq!(uses, expected);
    let rows = db.bulk_upsert(["e", "a"].map(tag), |t| t.name).update(|t| t.name).returning_rows().fetch_all().await?;
    assert_eq!(rows.iter().map(|tag| tag.name.as_str()).collect::<Vec<_>>(), ["e", "a"]);
    assert_eq!(db.get(rows[1].pk).await?, Some(rows[1].clone()));
    // What is given is what was written: with `ignore` the new rows, with nothing to write all.
    let new = db.bulk_upsert(["a", "f", "b"].map(tag), |t| t.name).ignore().returning(|t| t.name).fetch_all().await?;
    assert_eq!(new, [("f".to_owned(),)]);
    let all = db.bulk_upsert(["a", "g", "b"].map(tag), |t| t.name).update(|_| ()).returning(|t| t.name);
    assert_eq!(all.fetch_all().await?, ["a", "g", "b"].map(|name| (name.to_owned(),)));
    assert_eq!(db.bulk_upsert([] as [NewTag; 0], |t| t.name).update(|t| t.name).await?, 0);
    let columns = db.bulk_upsert(["a"].map(tag), |t| t.uses).ignore().await;
    assert!(matches!(columns, Err(Error::ConflictColumns { .. })));
    Ok(())
}

#[tokio::test]
async fn get_or_create_tells_for_each_row_whether_it_was_created() -> sqliter::Result<()> {
    let db = empty().await;
    db.insert(tag("b")).await?;
    let found = db.bulk_get_or_create(["a", "b", "c", "a"].map(tag), |t| t.name).await?;
    let told: Vec<_> = found.iter().map(|(tag, created)| (tag.name.as_str(), *created)).collect();
    assert_eq!(told, [("a", true), ("b", false), ("c", true), ("a", false)]);
    assert_eq!(found[0].0, found[3].0);
    let (one, created) = db.get_or_create(tag("a"), |t| t.name).await?;
    assert_eq!((&one, created), (&found[0].0, false));
    let (one, created) = db.get_or_create(tag("z"), |t| t.name).await?;
    assert_eq!((one.loud.as_str(), created), ("Z", true));
    // Rows that are there use up no keys.
    db.bulk_get_or_create(["a", "b", "z"].map(tag), |t| t.name).await?;
    assert_eq!(db.insert(tag("next")).await?.pk.raw(), &(one.pk.raw() + 1));
    Ok(())
}

#[tokio::test]
async fn update_or_create_tells_which_of_both_it_was() -> sqliter::Result<()> {
    let db = empty().await;
    for (created, uses) in [(true, 1), (false, 2), (false, 3)] {
        let (tag, told) = db.update_or_create(tag("a"), |t| t.name, |t| t.uses.add(1)).await?;
        assert_eq!((told, tag.uses), (created, uses));
    }
    // The row that the connection has inserted last is no measure of it.
    let (_, created) = db.update_or_create(tag("b"), |t| t.name, |t| t.uses).await?;
    let (_, again) = db.update_or_create(tag("b"), |t| t.name, |t| t.uses).await?;
    let (kept, nothing) = db.update_or_create(tag("b"), |t| t.name, |_| ()).await?;
    assert_eq!((created, again, nothing, kept.uses), (true, false, false, 1));
    Ok(())
}

#[tokio::test]
async fn a_refused_row_undoes_all_and_is_named() -> sqliter::Result<()> {
    let db = empty().await;
    db.insert(tag("c")).await?;
    let nobody = |name: &str| Tag::builder().name(name).owner_id(Author::key(77)).build();
    let unique = db.bulk_insert(["a", "b", "c"].map(tag)).await.unwrap_err();
    assert!(matches!(unique, Error::UniqueViolation { operation: Operation::Insert, .. }));
    let row = unique.refused_row().unwrap();
    assert_eq!((row.index, &row.values[..]), (2, &[("name".to_owned(), "'c'".to_owned())][..]));
    assert_eq!(unique.to_string(), "insert violates uniqueness of tags (name): the row at index 2, where name = 'c'");
    let nowhere = db.bulk_upsert([tag("c"), nobody("d")], |t| t.name).update(|t| t.uses).await.unwrap_err();
    assert_eq!(
        nowhere.to_string(),
        "cannot insert tags: owner_id refers to a row that does not exist: the row at index 1, where name = 'd'"
    );
    let nowhere = db.bulk_get_or_create([tag("c"), tag("e"), nobody("d")], |t| t.name).await.unwrap_err();
    assert_eq!(nowhere.refused_row().map(|row| row.index), Some(2));
    let returned = db.bulk_insert([tag("e"), tag("e")]).returning(|t| t.pk).fetch_all().await.unwrap_err();
    assert_eq!(returned.refused_row().map(|row| row.index), Some(1));
    // A single row needs no name.
    assert!(db.insert(tag("c")).await.unwrap_err().refused_row().is_none());
    assert_eq!(db.select::<Tag>().count().await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_refused_row_of_a_bulk_update_or_delete_is_named() -> sqliter::Result<()> {
    let db = empty().await;
    let mut tags = db.bulk_insert(["a", "b", "c"].map(tag)).await?;
    tags[2].name = "a".to_owned();
    let error = db.bulk_update(&mut tags).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "update violates uniqueness of tags (name): the row at index 2, where pk = 3, name = 'a'"
    );
    let ada = db.insert(Author::builder().name("Ada")).await?;
    let bob = db.insert(Author::builder().name("Bob")).await?;
    tags[2].name = "c".to_owned();
    tags[2].owner_id = Some(bob.pk);
    db.bulk_update(&mut tags).await?;
    let error = db.bulk_delete([&ada, &bob]).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot delete authors: tags.owner_id still refers to it: the row at index 1, where pk = 2"
    );
    match db.bulk_delete([ada.pk, Author::key(9)]).await {
        Err(Error::RecordNotFound { key, .. }) => assert_eq!(key.as_deref(), Some("9")),
        other => panic!("{other:?}"),
    }
    assert_eq!(db.select::<Author>().count().await?, 2, "all or nothing");
    db.bulk_delete([ada.pk, ada.pk]).await?;
    db.bulk_delete([] as [Key<Author>; 0]).await?;
    db.transaction(async |tx| {
        assert!(tx.bulk_delete([Tag::key(1), Tag::key(9)]).await.is_err());
        tx.bulk_delete(&tags[1..]).await
    })
    .await?;
    assert_eq!(db.select::<Tag>().only(|t| t.name).fetch_all().await?, ["a"]);
    Ok(())
}

#[tokio::test]
async fn rows_are_got_in_the_order_of_their_keys() -> sqliter::Result<()> {
    let db = empty().await;
    let tags = db.bulk_insert((0..300).map(|i| tag(&i.to_string()))).await?;
    let keys = [7, 999, 1, 7].map(Tag::key);
    let expected = [Some(tags[6].clone()), None, Some(tags[0].clone()), Some(tags[6].clone())];
    let statements = db.statement_count();
    assert_eq!(db.bulk_get(keys).await?, expected);
    assert_eq!(db.statement_count() - statements, 3, "one, between the beginning and the end of a read");
    assert_eq!(db.bulk_get(&tags).await?, tags.iter().cloned().map(Some).collect::<Vec<_>>());
    assert_eq!(db.bulk_get([] as [Key<Tag>; 0]).await?, []);
    db.snapshot(async |s| {
        assert_eq!(s.bulk_get(keys).await?, expected);
        Ok(())
    })
    .await
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Line {
    #[model(pk)]
    order_id: i64,
    #[model(pk)]
    number: i64,
    text: String,
}

#[tokio::test]
async fn keys_of_several_columns_do_too() -> sqliter::Result<()> {
    let db = Db::memory().await?;
    db.create_table::<Line>().await?;
    let line = |order: i64, number: i64| Line::builder().order_id(order).number(number).text("x");
    let lines = db.bulk_insert([line(1, 1), line(1, 2), line(2, 1)]).await?;
    let found = db.bulk_get([Line::key((2, 1)), Line::key((2, 2))]).await?;
    assert_eq!(found, [Some(lines[2].clone()), None]);
    let error = db.bulk_insert([line(3, 1), line(1, 2)]).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "insert violates uniqueness of lines (order_id, number): the row at index 1, where order_id = 1, number = 2"
    );
    db.bulk_delete([Line::key((1, 1)), Line::key((2, 1))]).await?;
    assert_eq!(db.select::<Line>().fetch_all().await?, [lines[1].clone()]);
    let upserted =
        db.bulk_upsert([line(1, 2), line(5, 5)], |l| (l.order_id, l.number)).ignore().returning(|l| l.order_id);
    assert_eq!(upserted.fetch_all().await?, [(5,)]);
    Ok(())
}

#[tokio::test]
async fn an_upsert_into_a_table_of_another_program_looks_before_it_writes() -> sqliter::Result<()> {
    let db = Db::memory().await?;
    db.execute(
        "CREATE TABLE tags (pk INTEGER PRIMARY KEY, name TEXT COLLATE NOCASE, uses, loud TEXT AS (upper(name)), owner_id, updated_at)",
    )
    .await?;
    db.execute("CREATE UNIQUE INDEX by_name ON tags (name COLLATE BINARY)").await?;
    db.bulk_insert(["a", "A"].map(tag)).await?;
    let found = db.bulk_get_or_create(["a", "b", "A"].map(tag), |t| t.name).await?;
    let told: Vec<_> = found.iter().map(|(tag, created)| (tag.name.as_str(), *created)).collect();
    assert_eq!(told, [("a", false), ("b", true), ("A", false)]);
    let rows =
        db.bulk_upsert(["A", "c"].map(tag), |t| t.name).update(|t| t.uses.add(1)).returning(|t| (t.name, t.uses));
    assert_eq!(rows.fetch_all().await?, [("A".to_owned(), 2), ("c".to_owned(), 1)]);
    assert_eq!(db.bulk_upsert(["A", "d"].map(tag), |t| t.name).ignore().await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_row_that_the_schema_ignores_is_an_error_of_a_bulk_upsert() -> sqliter::Result<()> {
    let db = empty().await;
    db.execute("CREATE TRIGGER no_x BEFORE INSERT ON tags WHEN new.name = 'x' BEGIN SELECT RAISE(IGNORE); END").await?;
    db.execute("CREATE TRIGGER keep_y BEFORE UPDATE ON tags WHEN old.name = 'y' BEGIN SELECT RAISE(IGNORE); END")
        .await?;
    db.insert(tag("y")).await?;
    let refused = |result: sqliter::Result<u64>, on: Operation, at: usize| match result {
        Err(Error::Ignored { operation, row: Some(row), .. }) => assert_eq!((operation, row.index), (on, at)),
        other => panic!("{other:?}"),
    };
    refused(db.bulk_upsert(["a", "x"].map(tag), |t| t.name).ignore().await, Operation::Insert, 1);
    refused(db.bulk_upsert(["a", "x"].map(tag), |t| t.name).update(|t| t.uses).await, Operation::Insert, 1);
    refused(db.bulk_upsert(["a", "b", "y"].map(tag), |t| t.name).update(|t| t.uses).await, Operation::Update, 2);
    assert!(matches!(db.bulk_get_or_create(["a", "x"].map(tag), |t| t.name).await, Err(Error::Ignored { .. })));
    assert_eq!(db.select::<Tag>().count().await?, 1);
    assert_eq!(db.bulk_upsert(["a", "y"].map(tag), |t| t.name).ignore().await?, 1);
    Ok(())
}

#[test]
fn the_statements_are_one_for_each_kind_of_row() {
    let events = told_in(&single(), async {
        let db = Db::memory().await?;
        db.create_tables::<(Author, Tag)>().await?;
        db.transaction(async |tx| {
            tx.upsert(Author::builder().name("x").build(), |a| a.pk).ignore().await.unwrap_err();
            tx.insert(tag("a")).returning(|t| t.pk).fetch_required().await?;
            tx.bulk_upsert(["a", "b", "c"].map(tag), |t| t.name)
                .update(|t| t.name)
                .returning(|t| t.pk)
                .fetch_all()
                .await?;
            tx.bulk_upsert(["c", "d"].map(tag), |t| t.name).ignore().await?;
            tx.bulk_get_or_create(["d", "e"].map(tag), |t| t.name).await?;
            tx.bulk_delete([Tag::key(1)]).await
        })
        .await
    });
    // What has no time left where it is asked for runs anew on a thread, within its savepoint.
    let mut seen: Vec<_> = events
        .iter()
        .filter(|event| !event.operation().contains("table") && !event.sql().contains(" work"))
        .map(|event| format!("{}: {}", event.operation(), event.sql()))
        .collect();
    seen.dedup();
    insta::assert_snapshot!(seen.join("\n"), @r#"
    execute(): BEGIN IMMEDIATE
    insert(tags): INSERT INTO "tags" ("name", "uses", "owner_id", "updated_at") VALUES (?, ?, ?, ?) RETURNING "pk"
    insert(tags): INSERT INTO "tags" AS t0 ("name", "uses", "owner_id", "updated_at") VALUES (?, ?, ?, ?) ON CONFLICT ("name") DO UPDATE SET "name" = excluded."name", "updated_at" = excluded."updated_at" RETURNING "pk"
    insert(tags): INSERT INTO "tags" AS t0 ("name", "uses", "owner_id", "updated_at") VALUES (?, ?, ?, ?) ON CONFLICT ("name") DO NOTHING
    insert(tags): SELECT "pk", "name", "uses", "loud", "owner_id", "updated_at" FROM "tags" WHERE "name" = ?
    insert(tags): INSERT INTO "tags" AS t0 ("name", "uses", "owner_id", "updated_at") VALUES (?, ?, ?, ?) ON CONFLICT ("name") DO NOTHING RETURNING "pk", "name", "uses", "loud", "owner_id", "updated_at"
    delete(tags): DELETE FROM "tags" WHERE "pk" = ?
    execute(): COMMIT
    "#);
}
