//! Dropping tables whose rows refer to each other, and what is in the way of it.

use sqliter::prelude::*;
use sqliter::{Error, Operation, sqlx};

#[derive(Debug, Clone, PartialEq, Model)]
struct Node {
    pk: Key<Node>,
    parent_id: Option<Key<Node>>,
}

/// Every row has one above it, the first one itself.
#[derive(Debug, Clone, PartialEq, Model)]
struct Rank {
    #[model(pk)]
    name: String,
    above: Key<Rank>,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Hen {
    pk: Key<Hen>,
    egg_id: Option<Key<Egg>>,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Egg {
    pk: Key<Egg>,
    hen_id: Key<Hen>,
}

/// Another table that refers to a tree.
#[derive(Debug, Clone, PartialEq, Model)]
struct Leaf {
    pk: Key<Leaf>,
    node_id: Key<Node>,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Bird {
    pk: Key<Bird>,
    #[model(on_delete = cascade)]
    node_id: Option<Key<Node>>,
    #[model(on_delete = set_null)]
    rests_on_id: Option<Key<Node>>,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(many_to_many(groups = Group))]
struct User {
    pk: Key<User>,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Group {
    pk: Key<Group>,
}

/// By its form a table of pairs of users and groups.
#[derive(Debug, Clone, PartialEq, Model)]
struct Membership {
    #[model(column = "id")]
    pk: Key<Membership>,
    #[model(column = "users_pk", on_delete = cascade)]
    user_id: Key<User>,
    #[model(column = "groups_pk", on_delete = cascade)]
    group_id: Key<Group>,
}

async fn tree(db: &Session) -> sqliter::Result<Node> {
    let mut above = None;
    for _ in 0..4 {
        above = Some(db.insert(Node::builder().parent_id(above)).await?.pk);
    }
    // The root below a leaf: a ring.
    let root = db.select::<Node>().fetch_first().await?.unwrap();
    db.select::<Node>().filter(|n| n.pk.eq(root.pk)).update(|n| n.parent_id.set(above)).await?;
    Ok(root)
}

async fn hen_and_egg(db: &Session) -> sqliter::Result<(Hen, Egg)> {
    let hen = db.insert(Hen::builder()).await?;
    let egg = db.insert(Egg::builder().hen_id(&hen)).await?;
    db.select::<Hen>().update(|h| h.egg_id.set(egg.pk)).await?;
    Ok((hen, egg))
}

/// Foreign keys are on and checked at once.
async fn is_as_before(db: &Session) {
    assert_eq!(db.query::<i64>("PRAGMA foreign_keys").fetch_required().await.unwrap(), 1);
    let deferred = "INSERT INTO nodes (parent_id) VALUES (99) RETURNING pk";
    let error = db.query::<i64>(deferred).fetch_all().await.unwrap_err();
    assert!(matches!(error, Error::ForeignKeyViolation { .. }), "{error:?}");
}

#[tokio::test]
async fn a_tree_and_a_ring_go_with_their_table() -> sqliter::Result<()> {
    let db = Db::memory().await?;
    db.create_tables::<(Node, Rank)>().await?;
    tree(&db).await?;
    db.create_table::<Node>().force().await?;
    assert_eq!(db.select::<Node>().count().await?, 0);
    is_as_before(&db).await;
    tree(&db).await?;
    db.drop_table::<Node>().await?;
    let king = db.insert(Rank::builder().name("king").above(Rank::key("king"))).await?;
    db.insert(Rank::builder().name("pawn").above(&king)).await?;
    db.drop_table::<Rank>().await?;
    assert_eq!(db.table_names().await?, [""; 0]);
    Ok(())
}

#[tokio::test]
async fn tables_that_refer_to_each_other_go_together() -> sqliter::Result<()> {
    let db = Db::memory().await?;
    db.create_tables::<(Node, Hen, Egg)>().await?;
    for _ in 0..2 {
        hen_and_egg(&db).await?;
        db.create_tables::<(Hen, Egg)>().force().await?;
        assert_eq!((db.select::<Hen>().count().await?, db.select::<Egg>().count().await?), (0, 0));
    }
    is_as_before(&db).await;
    // One alone is still referred to.
    hen_and_egg(&db).await?;
    let error = db.drop_table::<Hen>().await.unwrap_err();
    let Error::ForeignKeyViolation { operation: Operation::DropTable, table, columns, .. } = &error else {
        panic!("{error:?}")
    };
    assert_eq!((table.as_str(), columns.as_slice()), ("hens", &["eggs.hen_id".to_owned()][..]));
    assert_eq!(error.to_string(), "cannot drop table hens: eggs.hen_id still refers to it");
    let error = db.create_table::<Egg>().force().await.unwrap_err();
    assert!(
        matches!(&error, Error::ForeignKeyViolation { table, columns, .. } if table == "eggs" && *columns == ["hens.egg_id"]),
        "{error:?}"
    );
    assert_eq!((db.select::<Hen>().count().await?, db.select::<Egg>().count().await?), (1, 1));
    is_as_before(&db).await;
    Ok(())
}

#[tokio::test]
async fn inside_a_transaction_and_a_savepoint_it_is_the_same() -> sqliter::Result<()> {
    let db = Db::memory().await?;
    db.create_tables::<(Node, Hen, Egg, Leaf)>().await?;
    let root = tree(&db).await?;
    hen_and_egg(&db).await?;
    let tx = db.begin().await?;
    let inner = tx.begin().await?;
    inner.create_tables::<(Hen, Egg)>().force().await?;
    inner.create_table::<Node>().force().await?;
    is_as_before(&inner).await;
    inner.rollback().await?;
    assert_eq!((tx.select::<Hen>().count().await?, tx.select::<Node>().count().await?), (1, 4));
    tx.insert(Leaf::builder().node_id(&root)).await?;
    let error = tx.drop_table::<Node>().await.unwrap_err();
    assert!(
        matches!(&error, Error::ForeignKeyViolation { columns, .. } if *columns == ["leaves.node_id"]),
        "{error:?}"
    );
    // What failed is undone, and the transaction goes on as it was.
    is_as_before(&tx).await;
    assert_eq!(tx.select::<Node>().count().await?, 4);
    tx.create_tables::<(Node, Leaf)>().force().await?;
    tx.commit().await?;
    assert_eq!((db.select::<Hen>().count().await?, db.select::<Node>().count().await?), (1, 0));
    is_as_before(&db).await;
    Ok(())
}

#[tokio::test]
async fn rows_of_other_tables_follow_their_foreign_keys() -> sqliter::Result<()> {
    let db = Db::memory().await?;
    db.create_tables::<(Node, Bird)>().await?;
    let root = tree(&db).await?;
    db.insert(Bird::builder().node_id(Some(root.pk))).await?;
    let kept = db.insert(Bird::builder().rests_on_id(Some(root.pk))).await?;
    db.create_table::<Node>().force().await?;
    assert_eq!(db.select::<Bird>().fetch_all().await?, [Bird { rests_on_id: None, ..kept }]);
    // One that would be deleted with them may be referred to itself.
    let sql = "CREATE TABLE feathers (bird REFERENCES birds ON DELETE RESTRICT)";
    db.execute(sql).await?;
    let root = tree(&db).await?;
    let bird = db.insert(Bird::builder().node_id(Some(root.pk))).await?;
    db.execute("INSERT INTO feathers VALUES (?)").bind(&bird).await?;
    let error = db.drop_table::<Node>().await.unwrap_err();
    assert!(matches!(&error, Error::ForeignKeyViolation { columns, .. } if *columns == ["feathers.bird"]), "{error:?}");
    assert_eq!((db.select::<Node>().count().await?, db.select::<Bird>().count().await?), (4, 2));
    Ok(())
}

#[tokio::test]
async fn references_that_the_program_defers_are_not_forgotten() -> sqliter::Result<()> {
    let db = Db::memory().await?;
    db.create_tables::<(Node, Leaf, Hen, Egg)>().await?;
    db.execute("CREATE TABLE late (node REFERENCES nodes DEFERRABLE INITIALLY DEFERRED)").await?;
    let tx = db.begin().await?;
    tx.execute("INSERT INTO late VALUES (99)").await?;
    tx.create_table::<Hen>().force().await?;
    assert!(matches!(tx.commit().await, Err(Error::ForeignKeyViolation { .. })));
    let tx = db.begin().await?;
    tx.execute("PRAGMA defer_foreign_keys = ON").await?;
    tx.create_table::<Hen>().force().await?;
    tx.execute("INSERT INTO leaves (node_id) VALUES (1)").await?;
    tx.execute("INSERT INTO nodes (pk) VALUES (1)").await?;
    tx.commit().await?;
    assert_eq!(db.select::<Leaf>().count().await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_model_whose_table_looks_like_a_table_of_pairs_is_not_dropped_with_its_neighbour() -> sqliter::Result<()> {
    let db = Db::memory().await?;
    db.create_tables::<(User, Group, Membership)>().await?;
    let user = db.insert(User::builder().name("a")).await?;
    let group = db.insert(Group::builder()).await?;
    db.insert(Membership::builder().user_id(&user).group_id(&group)).await?;
    user.groups(&db).add([&group]).await?;
    for error in [db.drop_table::<User>().await.unwrap_err(), db.drop_table::<Group>().await.unwrap_err()] {
        assert!(matches!(&error, Error::TableDeletion { .. }), "{error:?}");
        assert!(error.to_string().contains("memberships has the form of a table of pairs"), "{error}");
    }
    assert_eq!((db.select::<Membership>().count().await?, user.groups(&db).count().await?), (1, 1));
    // Where the table comes back at once, its rows go as those of any other.
    db.create_table::<Group>().force().await?;
    assert_eq!((db.select::<Membership>().count().await?, user.groups(&db).count().await?), (0, 0));
    db.create_tables::<(User, Group, Membership)>().force().await?;
    db.drop_table::<Membership>().await?;
    db.drop_table::<Group>().await?;
    assert_eq!(db.table_names().await?, ["users"]);
    Ok(())
}

#[tokio::test]
async fn a_table_of_pairs_without_a_mark_goes_with_the_model_that_declares_it() -> sqliter::Result<()> {
    let db = Db::memory().await?;
    db.create_tables::<(User, Group)>().await?;
    // As an older program has made it.
    let made: String = sqlx::query_scalar("SELECT sql FROM sqlite_schema WHERE name = 'groups_users'")
        .fetch_one(&db.pool())
        .await
        .unwrap();
    let unmarked = made.replace("/* sqliter: table of pairs */ ", "");
    assert_ne!(made, unmarked);
    db.execute("DROP TABLE groups_users").await?;
    db.execute(unmarked).await?;
    db.create_tables::<(User, Group)>().await?;
    let error = db.drop_table::<Group>().await.unwrap_err();
    assert!(error.to_string().contains("groups_users has the form of a table of pairs"), "{error}");
    assert_eq!(db.table_names().await?.len(), 3);
    // The other side does not know it: it stays, empty.
    let user = db.insert(User::builder().name("a")).await?;
    let group = db.insert(Group::builder()).await?;
    user.groups(&db).add([&group]).await?;
    db.create_table::<Group>().force().await?;
    assert_eq!(user.groups(&db).count().await?, 0);
    db.drop_table::<User>().await?;
    assert_eq!(db.table_names().await?, ["groups"]);
    Ok(())
}

#[tokio::test]
async fn the_mark_survives_changes_of_the_tables() -> sqliter::Result<()> {
    let db = Db::memory().await?;
    db.create_tables::<(User, Group)>().await?;
    db.execute("ALTER TABLE groups_users RENAME TO who_is_where").await?;
    db.execute("ALTER TABLE who_is_where ADD COLUMN since TEXT").await?;
    db.execute("ALTER TABLE groups RENAME COLUMN pk TO id").await?;
    db.execute("VACUUM").await?;
    db.drop_table::<Group>().await?;
    assert_eq!(db.table_names().await?, ["users"]);
    Ok(())
}
