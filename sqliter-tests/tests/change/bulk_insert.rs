//! Many rows at once: `bulk_insert`.

use sqliter::prelude::*;
use sqliter::{Error, Json, Operation};

#[derive(Debug, Clone, PartialEq, Model)]
#[model(new(derive(Clone)))]
struct Item {
    pk: Key<Item>,
    #[model(unique)]
    code: i64,
    label: Option<String>,
    weight: f64,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Part {
    pk: Key<Part>,
    item_id: Key<Item>,
    tags: Json<Vec<String>>,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Country {
    #[model(pk)]
    code: String,
}

async fn open() -> sqliter::Result<Db> {
    let db = Db::memory().await?;
    db.create_tables::<(Item, Part, Country)>().await?;
    Ok(db)
}

fn item(code: i64) -> NewItem {
    NewItem { code, label: (code % 2 == 0).then(|| format!("item {code}")), weight: 0.5 }
}

async fn codes(session: &Session) -> sqliter::Result<Vec<i64>> {
    session.select::<Item>().order(|i| i.code.asc()).only(|i| i.code).fetch_all().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_thousand_rows_in_one_call() -> sqliter::Result<()> {
    let db = open().await?;
    let rows = db.bulk_insert((0..100_000).map(|i| item(i * 3))).await?;
    assert_eq!(rows.len(), 100_000);
    for (i, row) in (0_i64..).zip(&rows) {
        assert_eq!((row.pk, row.code), (Item::key(i + 1), i * 3));
    }
    assert_eq!(db.select::<Item>().count().await?, 100_000);
    assert!(db.select::<Item>().order(|i| i.pk.asc()).fetch_all().await? == rows);
    Ok(())
}

#[tokio::test]
async fn a_file_takes_ten_thousand_rows_on_a_current_thread_runtime() -> sqliter::Result<()> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bulk.db");
    let db = Db::open(&path).await?;
    db.create_table::<Item>().await?;
    let rows = db.bulk_insert((0..10_000).map(item)).await?;
    db.close().await?;
    let reopened = Db::open(&path).await?;
    assert!(reopened.select::<Item>().order(|i| i.pk.asc()).fetch_all().await? == rows);
    reopened.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn results_keep_the_order_of_the_input_and_keys_ascend() -> sqliter::Result<()> {
    let db = open().await?;
    db.insert(item(-1)).await?;
    db.delete(Item::key(1)).await?;
    let scrambled: Vec<i64> = (0..500).map(|i| i * 7919 % 500).collect();
    let rows = db.bulk_insert(scrambled.iter().map(|code| item(*code))).await?;
    assert_eq!(rows.iter().map(|row| row.code).collect::<Vec<_>>(), scrambled);
    assert_eq!(rows.iter().map(|row| *row.pk.raw()).collect::<Vec<_>>(), (2..502).collect::<Vec<_>>());
    for row in rows.iter().step_by(50) {
        assert_eq!(db.get(row.pk).await?.as_ref(), Some(row));
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_input_gives_an_empty_list_and_runs_nothing() -> sqliter::Result<()> {
    let db = Db::memory().await?;
    // There is no table, which a statement would notice.
    assert_eq!(db.bulk_insert(Vec::<NewItem>::new()).await?, []);
    assert_eq!(db.bulk_insert(std::iter::empty::<NewItem>()).await?, []);
    let tx = db.begin().await?;
    assert_eq!(tx.bulk_insert([] as [NewItem; 0]).await?, []);
    tx.commit().await
}

#[tokio::test(flavor = "multi_thread")]
async fn anything_that_iterates_over_drafts_is_taken() -> sqliter::Result<()> {
    let db = open().await?;
    db.bulk_insert([Item::builder().code(1).weight(1.0), Item::builder().code(2).weight(2.0)]).await?;
    db.bulk_insert(vec![item(3)]).await?;
    db.bulk_insert(Some(item(4))).await?;
    db.bulk_insert((5..8).map(item).filter(|new| new.code != 6)).await?;
    let kept = [item(8), item(9)];
    db.bulk_insert(kept.iter().cloned().chain(std::iter::once(item(10)))).await?;
    assert_eq!(codes(&db).await?, [1, 2, 3, 4, 5, 7, 8, 9, 10]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_row_deep_in_the_batch_undoes_all_of_it() -> sqliter::Result<()> {
    let db = open().await?;
    db.insert(item(70_000)).await?;
    let error = db.bulk_insert((0..100_000).map(item)).await.unwrap_err();
    let Error::UniqueViolation { operation, table, columns, source, .. } = &error else { panic!("{error:?}") };
    assert_eq!((*operation, table.as_str(), source.code), (Operation::Insert, "items", 2067));
    assert_eq!(columns, &["code"]);
    assert_eq!(codes(&db).await?, [70_000]);
    // The keys of the batch are free again.
    assert_eq!(db.insert(item(1)).await?.pk, Item::key(2));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_violation_within_the_batch_itself_undoes_all_of_it() -> sqliter::Result<()> {
    let db = open().await?;
    let error = db.bulk_insert([item(1), item(2), item(1)]).await.unwrap_err();
    assert!(matches!(&error, Error::UniqueViolation { columns, .. } if columns == &["code"]), "{error:?}");
    assert!(codes(&db).await?.is_empty());
    let twice = ["FR", "DE", "FR"].map(|code| Country::builder().code(code));
    let error = db.bulk_insert(twice).await.unwrap_err();
    assert!(matches!(&error, Error::UniqueViolation { table, columns, source, .. }
        if table == "countries" && columns == &["code"] && source.code == 1555));
    assert_eq!(db.select::<Country>().count().await?, 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_key_violation_in_the_batch_is_told_apart() -> sqliter::Result<()> {
    let db = open().await?;
    let owner = db.insert(item(1)).await?;
    let part = |key: i64| Part::builder().item_id(Item::key(key)).tags(vec!["t".to_owned()]);
    let error = db.bulk_insert((0..300).map(|i| part(if i == 250 { 99 } else { 1 }))).await.unwrap_err();
    let Error::ForeignKeyViolation { operation, table, columns, source, .. } = &error else { panic!("{error:?}") };
    assert_eq!((*operation, table.as_str(), source.code), (Operation::Insert, "parts", 787));
    assert_eq!(columns, &["item_id"]);
    assert_eq!(db.select::<Part>().count().await?, 0);
    let parts = db.bulk_insert((0..300).map(|_| part(*owner.pk.raw()))).await?;
    assert_eq!(parts.len(), 300);
    Ok(())
}

/// Refers to others of its kind.
#[derive(Debug, Clone, PartialEq, Model)]
struct Node {
    #[model(pk)]
    code: String,
    parent_id: Option<Key<Node>>,
    owner_id: Option<Key<Node>>,
}

#[tokio::test]
async fn a_reference_to_a_row_of_the_same_batch_is_not_called_broken() -> sqliter::Result<()> {
    let db = Db::memory().await?;
    db.create_table::<Node>().await?;
    let nodes = || {
        let root = Node::builder().code("root");
        let leaf = Node::builder().code("leaf").parent_id(Node::key("root")).owner_id(Node::key("nobody"));
        [root.build(), leaf.build()]
    };
    let broken = |error: Error| match error {
        Error::ForeignKeyViolation { columns, .. } => columns,
        error => panic!("{error:?}"),
    };
    assert_eq!(broken(db.bulk_insert(nodes()).await.unwrap_err()), ["owner_id"]);
    let given = nodes().map(|node| (node, ()));
    assert_eq!(broken(db.bulk_insert_with(given, |_, ()| ()).await.unwrap_err()), ["owner_id"]);
    let tx = db.begin().await?;
    assert_eq!(broken(tx.bulk_insert(nodes()).await.unwrap_err()), ["owner_id"]);
    tx.rollback().await?;

    // The first update gives the second its target.
    let mut nodes = db.bulk_insert(["a", "b"].map(|code| Node::builder().code(code))).await?;
    db.execute("CREATE TRIGGER t AFTER UPDATE ON nodes WHEN new.code = 'a' BEGIN INSERT INTO nodes VALUES ('c', NULL, NULL); END").await?;
    nodes[1].parent_id = Some(Node::key("c"));
    nodes[1].owner_id = Some(Node::key("nobody"));
    assert_eq!(broken(db.bulk_update(&mut nodes).await.unwrap_err()), ["owner_id"]);
    assert_eq!(db.select::<Node>().count().await?, 2);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_cannot_be_stored_undoes_the_batch() -> sqliter::Result<()> {
    let db = open().await?;
    for at in [0, 1, 63, 64, 4_999] {
        let new = (0..5_000).map(|i| NewItem { weight: if i == at { f64::NAN } else { 1.0 }, ..item(i) });
        let error = db.bulk_insert(new).await.unwrap_err();
        assert!(matches!(&error, Error::Encode { table, column, .. } if table == "items" && column == "weight"));
        assert_eq!(db.select::<Item>().count().await?, 0);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn inside_a_transaction_the_commit_is_left_to_it() -> sqliter::Result<()> {
    let db = open().await?;
    let tx = db.begin().await?;
    let rows = tx.bulk_insert((0..100).map(item)).await?;
    assert_eq!(tx.get(rows[99].pk).await?.as_ref(), Some(&rows[99]));
    tx.rollback().await?;
    assert!(codes(&db).await?.is_empty());
    db.transaction(async |tx| tx.bulk_insert((0..100).map(item)).await).await?;
    assert_eq!(codes(&db).await?.len(), 100);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_caught_inside_a_transaction_keeps_nothing_of_the_batch() -> sqliter::Result<()> {
    let db = open().await?;
    db.transaction(async |tx| {
        tx.insert(item(1)).await?;
        let error = tx.bulk_insert([item(2), item(3), item(1), item(4)]).await.unwrap_err();
        assert!(matches!(error, Error::UniqueViolation { .. }), "{error:?}");
        let error = tx.bulk_insert([item(2), NewItem { weight: f64::NAN, ..item(3) }]).await.unwrap_err();
        assert!(matches!(error, Error::Encode { .. }), "{error:?}");
        assert_eq!(codes(tx).await?, [1]);
        tx.bulk_insert([item(5), item(6)]).await?;
        Ok::<_, Error>(())
    })
    .await?;
    assert_eq!(codes(&db).await?, [1, 5, 6]);
    Ok(())
}

#[tokio::test]
async fn the_same_inside_a_savepoint_on_a_current_thread_runtime() -> sqliter::Result<()> {
    let db = open().await?;
    let tx = db.begin().await?;
    tx.insert(item(1)).await?;
    let inner = tx.begin().await?;
    inner.insert(item(2)).await?;
    assert!(inner.bulk_insert((0..200).map(item)).await.is_err());
    assert_eq!(codes(&inner).await?, [1, 2]);
    inner.bulk_insert((3..200).map(item)).await?;
    inner.commit().await?;
    tx.commit().await?;
    assert_eq!(codes(&db).await?.len(), 199);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_and_optional_values_are_stored() -> sqliter::Result<()> {
    let db = open().await?;
    let items = db.bulk_insert((0..4).map(item)).await?;
    assert_eq!(items.iter().filter(|item| item.label.is_none()).count(), 2);
    let new = items.iter().map(|item| Part::builder().item_id(item).tags(vec![item.code.to_string(); 2]));
    let parts = db.bulk_insert(new).await?;
    assert_eq!(parts[3].tags.0, ["3", "3"]);
    assert_eq!(db.select::<Part>().order(|p| p.pk.asc()).fetch_all().await?, parts);
    assert_eq!(db.select::<Item>().order(|i| i.pk.asc()).fetch_all().await?, items);
    Ok(())
}
