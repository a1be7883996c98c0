//! Updates whose values come from other rows: from the rows as they were before the update, whatever the table.

use sqliter::prelude::*;
use sqliter::{Error, Select};

/// A tree with what can be known of each node from the nodes around it.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(children = Node::parent, mirrored = Node::mirror), index(label))]
struct Node {
    pk: Key<Node>,
    #[model(unique)]
    name: String,
    label: String,
    depth: i64,
    note: Option<String>,
    #[model(on_delete = cascade)]
    parent_id: Option<Key<Node>>,
    #[model(on_delete = set_null)]
    mirror_id: Option<Key<Node>>,
    owner_id: Key<Owner>,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(nodes = Node::owner))]
struct Owner {
    #[model(pk)]
    code: String,
    score: i64,
}

/// A chain of five nodes, each below the one before, with a second child of the first.
async fn tree() -> Db {
    let db = Db::memory().await.unwrap();
    db.create_tables::<(Owner, Node)>().await.unwrap();
    let owner = db.insert(Owner::builder().code("x").score(7)).await.unwrap();
    let mut parent: Option<Key<Node>> = None;
    let draft = |name: String, parent| {
        Node::builder().label(name.clone()).name(name).depth(0).parent_id(parent).mirror_id(parent).owner_id(&owner)
    };
    for i in 1..=5 {
        parent = Some(db.insert(draft(format!("n{i}"), parent)).await.unwrap().pk);
    }
    db.insert(draft("n6".to_owned(), Some(Node::key(1)))).await.unwrap();
    db
}

async fn depths(session: &Session) -> Vec<i64> {
    session.select::<Node>().order(|n| n.pk.asc()).only(|n| n.depth).fetch_all().await.unwrap()
}

fn nodes(session: &Session) -> Select<'_, Node> {
    session.select::<Node>()
}

#[tokio::test]
async fn a_parent_counts_as_it_was_before_the_update() -> sqliter::Result<()> {
    let db = tree().await;
    let below = nodes(&db).filter(|n| n.parent_id.is_not_null());
    assert_eq!(below.clone().update(|n| n.depth.set(n.parent.depth.coalesce(0) + 1_i64)).await?, 5);
    assert_eq!(depths(&db).await, [0, 1, 1, 1, 1, 1]);
    assert_eq!(below.clone().update(|n| n.depth.set(n.parent.depth.coalesce(0) + 1_i64)).await?, 5);
    assert_eq!(depths(&db).await, [0, 1, 2, 2, 2, 1]);
    // Two steps up, and by another relation to the same table.
    below.update(|n| n.depth.set(n.parent.parent.depth.coalesce(9) * 10_i64 + n.mirror.depth.coalesce(0))).await?;
    assert_eq!(depths(&db).await, [0, 90, 1, 12, 22, 90]);
    Ok(())
}

#[tokio::test]
async fn the_order_of_the_keys_and_of_an_index_does_not_matter() -> sqliter::Result<()> {
    let db = tree().await;
    // From the leaves up, and while the index that finds the rows is changed.
    nodes(&db).filter(|n| n.label.ge("n1")).update(|n| n.label.set(n.parent.label.coalesce("n0"))).await?;
    let labels = nodes(&db).order(|n| n.pk.asc()).only(|n| n.label).fetch_all().await?;
    assert_eq!(labels, ["n0", "n1", "n2", "n3", "n4", "n1"]);
    nodes(&db).update(|n| n.depth.set(n.children.count())).await?;
    assert_eq!(depths(&db).await, [2, 1, 1, 1, 0, 0]);
    nodes(&db).update(|n| n.depth.set(n.children.aggregate(|c| c.depth.sum()).coalesce(0) + n.depth)).await?;
    assert_eq!(depths(&db).await, [3, 2, 2, 1, 0, 0]);
    // A key that the update changes itself.
    nodes(&db).filter(|n| n.parent_id.is_not_null()).update(|n| n.parent_id.set(n.parent.parent_id)).await?;
    let parents = nodes(&db).order(|n| n.pk.asc()).only(|n| n.parent_id).fetch_all().await?;
    assert_eq!(parents, [None, None, Some(1), Some(2), Some(3), None].map(|key| key.map(Node::key)));
    Ok(())
}

#[tokio::test]
async fn values_of_all_columns_are_those_before_the_update() -> sqliter::Result<()> {
    let db = tree().await;
    let changed = nodes(&db)
        .update(|n| {
            (
                n.depth.set(n.depth + n.owner.score),
                n.label.set(n.name),
                n.name.set(case_when(n.depth.eq(0), n.parent.name.coalesce("root")).otherwise("late").lower()),
                n.note.set(case_when(n.owner_id.eq(Owner::key("x")), "x").end()),
            )
        })
        .await;
    // All but two nodes have parents of their own, whose names are taken until they change.
    assert!(matches!(changed, Err(Error::UniqueViolation { .. })));
    nodes(&db)
        .update(|n| (n.depth.set(n.owner.score), n.note.set(n.name), n.label.set(n.note.coalesce(n.label))))
        .await?;
    let first = nodes(&db).fetch_first().await?.unwrap();
    assert_eq!((first.depth, first.note.as_deref(), first.label.as_str()), (7, Some("n1"), "n1"));
    nodes(&db).update(|n| (n.label.set(n.note.coalesce("")), n.note.set(n.mirror.label))).await?;
    let last = nodes(&db).filter(|n| n.name.eq("n6")).fetch_required().await?;
    assert_eq!((last.label.as_str(), last.note.as_deref()), ("n6", Some("n1")));
    Ok(())
}

#[tokio::test]
async fn exactly_the_rows_of_the_chain_are_changed() -> sqliter::Result<()> {
    let db = tree().await;
    let limited = nodes(&db).order(|n| n.name.desc()).limit(2).offset(1);
    assert_eq!(limited.update(|n| n.depth.set(n.owner.score)).await?, 2);
    assert_eq!(depths(&db).await, [0, 0, 0, 7, 7, 0]);
    let related = nodes(&db).filter(|n| n.parent.name.eq("n1") & n.children.none(|c| c.depth.eq(0)));
    assert_eq!(related.update(|n| n.depth.set(n.owner.score + 1_i64)).await?, 1);
    assert_eq!(depths(&db).await, [0, 0, 0, 7, 7, 8]);
    assert_eq!(nodes(&db).limit(0).update(|n| n.depth.set(n.owner.score)).await?, 0);
    assert_eq!(nodes(&db).filter(|n| n.owner.score.lt(0)).update(|n| n.depth.set(n.owner.score)).await?, 0);
    // NULL where there is no related row.
    nodes(&db).update(|n| n.note.set(n.parent.name)).await?;
    assert_eq!(nodes(&db).filter(|n| n.note.is_null()).count().await?, 1);
    // A related table, with a natural key.
    let owners = db.select::<Owner>().update(|o| o.score.set(o.nodes.aggregate(|n| n.depth.max()).coalesce(0))).await?;
    assert_eq!((owners, db.select::<Owner>().fetch_required().await?.score), (1, 8));
    Ok(())
}

#[tokio::test]
async fn an_upsert_looks_at_the_rows_before_it_too() -> sqliter::Result<()> {
    let db = tree().await;
    nodes(&db).update(|n| n.depth.set(n.parent.depth.coalesce(0) + 1_i64)).await?;
    let draft = |name: &str| Node::builder().name(name).label("new").depth(100).owner_id(Owner::key("x"));
    let third = db.upsert(draft("n3"), |n| n.name).update(|n| {
        (
            n.depth.set(n.parent.depth.coalesce(0) + n.children.count() * 10_i64 + n.owner.score),
            n.note.set(n.parent.name),
            n.label,
        )
    });
    let third = third.await?;
    assert_eq!((third.depth, third.note.as_deref(), third.label.as_str()), (18, Some("n2"), "new"));
    // A node that is its own parent.
    nodes(&db).filter(|n| n.name.eq("n1")).update(|n| n.parent_id.set(Some(Node::key(1)))).await?;
    let own = db
        .upsert(draft("n1"), |n| n.name)
        .update(|n| (n.depth.set(n.parent.depth.coalesce(0) + 5_i64), n.label.set(n.parent.name.coalesce(""))))
        .await?;
    assert_eq!((own.depth, own.label.as_str()), (6, "n1"));
    Ok(())
}

#[tokio::test]
async fn one_statement_computes_all_values_before_it_changes_a_row() {
    let db = tree().await;
    let before = db.statement_count();
    nodes(&db).update(|n| n.depth.set(n.parent.depth.coalesce(0) + 1_i64)).await.unwrap();
    assert_eq!(db.statement_count() - before, 1);
}
