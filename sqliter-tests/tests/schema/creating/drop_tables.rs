//! Dropping tables whose rows refer to each other, and what belongs to a table.

use sqliter::prelude::*;
use sqliter::{Error, Operation};

#[derive(Debug, Clone, PartialEq, Model)]
struct Node {
    pk: Key<Node>,
    parent_id: Option<Key<Node>>,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Hen {
    pk: Key<Hen>,
    egg_id: Option<Key<Egg>>,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Egg {
    pk: Key<Egg>,
    hen_id: Option<Key<Hen>>,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(many_to_many(groups = Group))]
struct User {
    pk: Key<User>,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(many_to_many(users = User::groups))]
struct Group {
    pk: Key<Group>,
    name: String,
}

/// Looks like the table of pairs of users and groups, and is a model.
#[derive(Debug, Clone, PartialEq, Model)]
struct Membership {
    #[model(column = "id")]
    pk: Key<Membership>,
    #[model(column = "users_pk", on_delete = cascade)]
    user_id: Key<User>,
    #[model(column = "groups_pk", on_delete = cascade)]
    group_id: Key<Group>,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Note {
    pk: Key<Note>,
    user_id: Key<User>,
}

async fn tree(db: &Db) -> Key<Node> {
    let mut parent = None;
    for _ in 0..4 {
        parent = Some(db.insert(Node::builder().parent_id(parent)).await.unwrap().pk);
    }
    // And a row that is its own parent.
    let own = db.insert(Node::builder().parent_id(None)).await.unwrap().pk;
    db.select::<Node>().filter(|n| n.pk.eq(own)).update(|n| n.parent_id.set(Some(own))).await.unwrap();
    own
}

async fn cycle(db: &Db) {
    let hen = db.insert(Hen::builder().egg_id(None)).await.unwrap();
    let egg = db.insert(Egg::builder().hen_id(Some(hen.pk))).await.unwrap();
    db.select::<Hen>().update(|h| h.egg_id.set(Some(egg.pk))).await.unwrap();
}

#[tokio::test]
async fn a_tree_and_a_cycle_of_rows_go_as_a_whole() {
    let db = Db::memory().await.unwrap();
    db.create_tables::<(Node, Hen, Egg)>().await.unwrap();
    for _ in 0..2 {
        tree(&db).await;
        cycle(&db).await;
        db.create_table::<Node>().force().await.unwrap();
        db.create_tables::<(Hen, Egg)>().force().await.unwrap();
        assert_eq!(db.select::<Node>().count().await.unwrap(), 0);
        assert_eq!(db.select::<Egg>().count().await.unwrap(), 0);
    }
    tree(&db).await;
    db.drop_table::<Node>().await.unwrap();
    assert_eq!(db.table_names().await.unwrap(), ["hens", "eggs"]);
}

#[tokio::test]
async fn inside_a_transaction_too_and_foreign_keys_are_enforced_afterwards() {
    let db = Db::memory().await.unwrap();
    db.create_tables::<(Node, Hen, Egg, User, Group, Note)>().await.unwrap();
    tree(&db).await;
    cycle(&db).await;
    let user = db.insert(User::builder().name("a")).await.unwrap();
    db.insert(Note::builder().user_id(&user)).await.unwrap();
    db.transaction(async |tx| {
        tx.drop_table::<Node>().await?;
        tx.create_tables::<(Hen, Egg)>().force().await?;
        // A restricting key still restricts, at once.
        let refused = tx.delete(&user).await.unwrap_err();
        assert!(matches!(refused, Error::ForeignKeyViolation { .. }), "{refused:?}");
        tx.transaction(async |inner| inner.create_table::<Hen>().force().await).await
    })
    .await
    .unwrap();
    let refused = db.delete(&user).await.unwrap_err();
    assert!(
        matches!(&refused, Error::ForeignKeyViolation { columns, .. } if columns == &["notes.user_id"]),
        "{refused:?}"
    );
}

#[tokio::test]
async fn rows_of_other_tables_still_restrict_the_drop() {
    let db = Db::memory().await.unwrap();
    db.create_tables::<(User, Group, Note, Hen, Egg)>().await.unwrap();
    let user = db.insert(User::builder().name("a")).await.unwrap();
    db.insert(Note::builder().user_id(&user)).await.unwrap();
    cycle(&db).await;
    let dropped = db.drop_table::<User>().await.unwrap_err();
    let forced = db.create_tables::<(User, Group)>().force().await.unwrap_err();
    // One of the two tables of the cycle alone.
    let half = db.create_table::<Hen>().force().await.unwrap_err();
    for (error, dropped, column) in
        [(dropped, "users", "notes.user_id"), (forced, "users", "notes.user_id"), (half, "hens", "eggs.hen_id")]
    {
        assert!(
            matches!(&error, Error::ForeignKeyViolation { operation: Operation::DropTable, table, columns, .. }
                if table == dropped && columns == &[column]),
            "{error:?}"
        );
    }
    assert_eq!((db.select::<User>().count().await.unwrap(), db.select::<Hen>().count().await.unwrap()), (1, 1));
    // Together with those that refer to them they go.
    db.create_tables::<(User, Note)>().force().await.unwrap();
    assert_eq!(db.select::<Note>().count().await.unwrap(), 0);
}

#[tokio::test]
async fn a_model_that_looks_like_pairs_is_left_alone() {
    let db = Db::memory().await.unwrap();
    db.create_tables::<(User, Group, Membership)>().await.unwrap();
    let user = db.insert(User::builder().name("a")).await.unwrap();
    let group = db.insert(Group::builder().name("g")).await.unwrap();
    user.groups(&db).add([&group]).await.unwrap();
    // Either side takes the pairs with it, and nothing else.
    db.drop_table::<Group>().await.unwrap();
    assert_eq!(db.table_names().await.unwrap(), ["users", "memberships"]);
    assert_eq!(db.select::<Membership>().count().await.unwrap(), 0);
    db.create_table::<Group>().await.unwrap();
    db.create_table::<User>().await.unwrap();
    assert_eq!(db.table_names().await.unwrap(), ["users", "memberships", "groups", "groups_users"]);
    db.create_table::<Group>().force().await.unwrap();
    let mut names = db.table_names().await.unwrap();
    names.sort();
    assert_eq!(names, ["groups", "groups_users", "memberships", "users"]);
}

#[tokio::test]
async fn pairs_that_another_program_has_made_go_with_the_model_that_declares_them() {
    let db = Db::memory().await.unwrap();
    db.create_table::<Group>().await.unwrap();
    db.execute("CREATE TABLE users (pk INTEGER PRIMARY KEY, name TEXT NOT NULL)").await.unwrap();
    db.execute(
        "CREATE TABLE groups_users (id INTEGER PRIMARY KEY, groups_pk INTEGER NOT NULL REFERENCES groups(pk) ON DELETE CASCADE, \
         users_pk INTEGER NOT NULL REFERENCES users(pk) ON DELETE CASCADE)",
    )
    .await
    .unwrap();
    db.drop_table::<Group>().await.unwrap();
    assert!(db.table_names().await.unwrap().contains(&"groups_users".to_owned()));
    db.create_table::<Group>().await.unwrap();
    db.drop_table::<User>().await.unwrap();
    assert_eq!(db.table_names().await.unwrap(), ["groups"]);
}

#[tokio::test]
async fn an_error_about_a_missing_table_says_what_refers_to_it() {
    let db = Db::memory().await.unwrap();
    db.create_table::<Note>().await.unwrap();
    let error = db.insert(Note::builder().user_id(User::key(1))).await.unwrap_err().to_string();
    assert!(error.contains("no such table: main.users, to which the foreign key notes.user_id refers"), "{error}");
    let error = db.select::<User>().fetch_all().await.unwrap_err().to_string();
    assert!(error.ends_with("create it with `create_table`, or migrate the file"), "{error}");
    db.create_tables::<(User, Group)>().await.unwrap();
    db.execute("CREATE TRIGGER told AFTER INSERT ON users BEGIN INSERT INTO news VALUES (1); END").await.unwrap();
    let error = db.insert(User::builder().name("a")).await.unwrap_err().to_string();
    assert!(error.contains("no such table: main.news, to which the trigger told refers"), "{error}");
    let key =
        db.query::<i64>("INSERT INTO \"groups\" (name) VALUES ('g') RETURNING pk").fetch_required().await.unwrap();
    db.execute(
        "CREATE TABLE reviews (id INTEGER PRIMARY KEY, group_id INTEGER REFERENCES \"groups\"(pk) ON DELETE CASCADE, \
         shop INTEGER REFERENCES shops(id))",
    )
    .await
    .unwrap();
    let error = db.delete(Group::key(key)).await.unwrap_err().to_string();
    assert!(error.contains("no such table: main.shops, to which the foreign key reviews.shop refers"), "{error}");
    db.execute("CREATE TABLE likes (id INTEGER PRIMARY KEY, user INTEGER REFERENCES users(absent))").await.unwrap();
    db.execute("DROP TRIGGER told").await.unwrap();
    let user = db.insert(User::builder().name("a")).await.unwrap();
    let error = db.delete(&user).await.unwrap_err().to_string();
    assert!(
        error.contains("\"likes\" referencing \"users\"") && error.contains("must refer to the primary key"),
        "{error}"
    );
    db.drop_table::<User>().await.unwrap();
}

#[tokio::test]
async fn references_that_the_program_defers_are_not_forgotten() {
    let db = Db::memory().await.unwrap();
    db.create_tables::<(User, Group, Note, Hen, Egg)>().await.unwrap();
    db.execute("CREATE TABLE late (user REFERENCES users DEFERRABLE INITIALLY DEFERRED)").await.unwrap();
    let tx = db.begin().await.unwrap();
    tx.execute("INSERT INTO late VALUES (99)").await.unwrap();
    tx.create_tables::<(Hen, Egg)>().force().await.unwrap();
    let broken = tx.commit().await;
    assert!(matches!(broken, Err(Error::ForeignKeyViolation { .. })), "{broken:?}");
    // All keys wait for the commit: they still do afterwards, and what is broken by then is an error.
    for is_mended in [true, false] {
        let tx = db.begin().await.unwrap();
        tx.execute("PRAGMA defer_foreign_keys = ON").await.unwrap();
        tx.execute("INSERT INTO notes (user_id) VALUES (1)").await.unwrap();
        tx.create_tables::<(Hen, Egg)>().force().await.unwrap();
        tx.execute("INSERT INTO notes (user_id) VALUES (1)").await.unwrap();
        if is_mended {
            tx.execute("INSERT INTO users (pk, name) VALUES (1, 'a')").await.unwrap();
        } else {
            tx.execute("DELETE FROM users").await.unwrap();
        }
        let committed = tx.commit().await;
        assert_eq!(committed.is_ok(), is_mended, "{committed:?}");
    }
    assert_eq!(db.select::<Note>().count().await.unwrap(), 2);
}

/// Keys of other programs: to a unique column of a table without a primary key, and with a default that takes the place.
#[tokio::test]
async fn a_drop_never_leaves_a_reference_to_nothing() {
    for (users, notes) in [
        (
            "CREATE TABLE users (pk INTEGER UNIQUE NOT NULL, name TEXT NOT NULL)",
            "CREATE TABLE notes (pk INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users(pk))",
        ),
        (
            "CREATE TABLE users (pk INTEGER PRIMARY KEY, name TEXT NOT NULL)",
            "CREATE TABLE notes (pk INTEGER PRIMARY KEY, \
             user_id INTEGER NOT NULL DEFAULT 7 REFERENCES users(pk) ON DELETE SET DEFAULT)",
        ),
        (
            "CREATE TABLE users (pk INTEGER NOT NULL, name TEXT NOT NULL, PRIMARY KEY (pk, name))",
            "CREATE TABLE notes (pk INTEGER PRIMARY KEY, user_id INTEGER NOT NULL, name TEXT NOT NULL DEFAULT 'a', \
             FOREIGN KEY (user_id, name) REFERENCES users(pk, name))",
        ),
    ] {
        let db = Db::memory().await.unwrap();
        for sql in [users, notes, "INSERT INTO users VALUES (1, 'a')", "INSERT INTO notes (pk, user_id) VALUES (1, 1)"]
        {
            db.execute(sql).await.unwrap();
        }
        let tx = db.begin().await.unwrap();
        for result in [tx.drop_table::<User>().await, tx.create_table::<User>().force().await] {
            assert!(matches!(&result, Err(Error::ForeignKeyViolation { table, .. }) if table == "users"), "{result:?}");
        }
        tx.commit().await.unwrap();
        assert_eq!((db.select::<User>().count().await.unwrap(), db.select::<Note>().count().await.unwrap()), (1, 1));
        // Together with those that refer to them they go.
        db.create_tables::<(User, Note)>().force().await.unwrap();
        assert_eq!(db.table_names().await.unwrap().len(), 3);
    }
}
