//! Rows whose insert, update or delete the schema of the file ignores: nothing is made up that is not there, and what is
//! there is not called missing.

use sqliter::prelude::*;
use sqliter::{Error, Operation, Result};

#[derive(Debug, Clone, PartialEq, Model)]
struct User {
    pk: Key<User>,
    #[model(unique)]
    email: String,
    visits: i64,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(many_to_many(tags = Tag))]
struct Post {
    pk: Key<Post>,
    title: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Tag {
    #[model(pk)]
    name: String,
}

/// By a constraint, and by a trigger.
const SCHEMAS: [&[&str]; 2] = [
    &[
        "CREATE TABLE users (pk INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE ON CONFLICT IGNORE, visits INTEGER NOT NULL)",
    ],
    &[
        "CREATE TABLE users (pk INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, visits INTEGER NOT NULL)",
        "CREATE TRIGGER no_twins BEFORE INSERT ON users WHEN EXISTS (SELECT 1 FROM users WHERE email = new.email) \
         BEGIN SELECT RAISE(IGNORE); END",
    ],
];

fn ada() -> impl Draft<Model = User> {
    User::builder().email("ada").visits(1)
}

#[track_caller]
fn assert_ignored<T: std::fmt::Debug>(result: Result<T>) {
    assert_ignores(result, Operation::Insert, "users");
}

#[track_caller]
fn assert_ignores<T: std::fmt::Debug>(result: Result<T>, expected: Operation, of: &str) {
    match result {
        Err(Error::Ignored { operation, table, .. }) => assert_eq!((operation, table.as_str()), (expected, of)),
        other => panic!("{other:?}"),
    }
}

async fn keep_on(db: &Db, event: &str) {
    let condition = "WHEN old.email = 'ada'";
    let sql = format!("CREATE TRIGGER keep BEFORE {event} ON users {condition} BEGIN SELECT RAISE(IGNORE); END");
    db.execute(sql).await.unwrap();
}

#[tokio::test]
async fn an_ignored_row_is_an_error_of_every_insert() {
    for schema in SCHEMAS {
        let db = Db::memory().await.unwrap();
        for sql in schema {
            db.execute(*sql).await.unwrap();
        }
        let first = db.insert(ada()).await.unwrap();
        let others = ["bea", "cid"].map(|email| User::builder().email(email).visits(0));
        let last = db.bulk_insert(others).await.unwrap().pop().unwrap();
        assert_eq!(last.pk, User::key(3));
        assert_ignored(db.insert(ada()).await);
        assert_ignored(db.insert_with(ada(), |_| ()).await);
        assert_ignored(db.insert_with(ada(), |u| u.pk.given(User::key(9))).await);
        // A bulk is kept as a whole or not at all.
        assert_ignored(db.bulk_insert(["new", "ada"].map(|email| User::builder().email(email).visits(0))).await);
        assert_ignored(
            db.bulk_insert_with(
                [(User::builder().email("new").visits(0), ()), (User::builder().email("ada").visits(0), ())],
                |_, ()| (),
            )
            .await,
        );
        let undone = db.transaction(async |tx| {
            assert_ignored(tx.insert(ada()).await);
            tx.insert(User::builder().email("dot").visits(0)).await
        });
        assert_eq!(undone.await.unwrap().pk, User::key(4));
        assert_eq!(db.select::<User>().count().await.unwrap(), 4);
        // What is there is found, not ignored.
        assert_eq!(db.get_or_create(ada(), |u| u.email).await.unwrap(), (first, false));
    }
}

#[tokio::test]
async fn an_upsert_tells_a_row_that_is_there_from_one_that_was_ignored() {
    let db = Db::memory().await.unwrap();
    db.create_table::<User>().await.unwrap();
    db.execute(
        "CREATE TRIGGER no_evil BEFORE INSERT ON users WHEN new.email LIKE 'evil%' BEGIN SELECT RAISE(IGNORE); END",
    )
    .await
    .unwrap();
    let evil = || User::builder().email("evil@x").visits(0);
    assert_ignored(db.upsert(evil(), |u| u.email).ignore().await);
    assert_ignored(db.upsert(evil(), |u| u.email).update(|u| u.visits).await);
    assert_ignored(db.get_or_create(evil(), |u| u.email).await);
    db.insert(ada()).await.unwrap();
    assert_eq!(db.upsert(ada(), |u| u.email).ignore().await.unwrap(), None);
    assert_eq!(db.upsert(ada(), |u| u.email).update(|u| u.visits.add(1)).await.unwrap().visits, 2);
    assert_eq!(db.select::<User>().count().await.unwrap(), 1);
    keep_on(&db, "UPDATE").await;
    assert_ignores(db.upsert(ada(), |u| u.email).update(|u| u.visits).await, Operation::Update, "users");
    assert_eq!(db.upsert(ada(), |u| u.email).ignore().await.unwrap(), None);
    assert!(!db.get_or_create(ada(), |u| u.email).await.unwrap().1);
}

#[tokio::test]
async fn a_row_that_the_schema_keeps_is_not_called_missing() {
    let db = Db::memory().await.unwrap();
    db.create_table::<User>().await.unwrap();
    let kept = db.insert(ada()).await.unwrap();
    let bea = db.insert(User::builder().email("bea").visits(0)).await.unwrap();
    keep_on(&db, "UPDATE").await;
    let error = db.update(&mut kept.clone()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "update changes nothing: a trigger or an ON CONFLICT clause of users ignored the row"
    );
    let mut changed = [User { visits: 7, ..bea.clone() }, User { visits: 7, ..kept.clone() }];
    assert_ignores(db.update(&mut changed[1]).await, Operation::Update, "users");
    assert_ignores(db.bulk_update(&mut changed).await, Operation::Update, "users");
    db.execute("DROP TRIGGER keep").await.unwrap();
    keep_on(&db, "DELETE").await;
    assert_ignores(db.delete(&kept).await, Operation::Delete, "users");
    let tx = db.begin().await.unwrap();
    assert_ignores(tx.delete(kept.pk).await, Operation::Delete, "users");
    tx.commit().await.unwrap();
    assert_eq!(db.select::<User>().fetch_all().await.unwrap(), [kept, bea.clone()]);
    // Chains give the number of rows that were changed.
    assert_eq!(db.select::<User>().delete().await.unwrap(), 1);
    for result in [db.update(&mut bea.clone()).await, db.delete(&bea).await] {
        assert!(matches!(&result, Err(Error::RecordNotFound { key: Some(key), .. }) if key == "2"), "{result:?}");
    }
    let mut both = [User::key(1), bea.pk].map(|pk| User { pk, email: pk.to_string(), visits: 1 });
    let result = db.bulk_update(&mut both).await;
    assert!(matches!(&result, Err(Error::RecordNotFound { key: Some(key), .. }) if key == "2"), "{result:?}");
}

#[tokio::test]
async fn an_update_that_a_constraint_ignores_is_an_error() {
    let db = Db::memory().await.unwrap();
    db.execute(SCHEMAS[0][0]).await.unwrap();
    db.insert(ada()).await.unwrap();
    let mut bea = db.insert(User::builder().email("bea").visits(0)).await.unwrap();
    bea.email = "ada".to_owned();
    assert_ignores(db.update(&mut bea).await, Operation::Update, "users");
}

#[tokio::test]
async fn pairs_that_the_schema_keeps_are_an_error() {
    let db = Db::memory().await.unwrap();
    db.create_tables::<(Post, Tag)>().await.unwrap();
    let post = db.insert(Post::builder().title("a")).await.unwrap();
    for name in ["good", "fine"] {
        db.insert(Tag::builder().name(name)).await.unwrap();
    }
    post.tags(&db).set([Tag::key("good"), Tag::key("fine")]).await.unwrap();
    db.execute(
        "CREATE TRIGGER keep BEFORE DELETE ON posts_tags WHEN old.tags_pk = 'fine' BEGIN SELECT RAISE(IGNORE); END",
    )
    .await
    .unwrap();
    for result in [
        post.tags(&db).clear().await,
        post.tags(&db).remove([Tag::key("good"), Tag::key("fine")]).await,
        post.tags(&db).set([Tag::key("good")]).await,
    ] {
        assert_ignores(result, Operation::Delete, "posts_tags");
    }
    assert_eq!(post.tags(&db).count().await.unwrap(), 2);
    post.tags(&db).set([Tag::key("fine")]).await.unwrap();
    assert_eq!(post.tags(&db).count().await.unwrap(), 1);
}

#[tokio::test]
async fn an_ignored_pair_is_an_error_and_a_pair_that_is_there_is_none() {
    let db = Db::memory().await.unwrap();
    db.create_tables::<(Post, Tag)>().await.unwrap();
    let post = db.insert(Post::builder().title("a")).await.unwrap();
    for name in ["good", "fine", "evil"] {
        db.insert(Tag::builder().name(name)).await.unwrap();
    }
    db.execute(
        "CREATE TRIGGER no_evil BEFORE INSERT ON posts_tags WHEN new.tags_pk = 'evil' BEGIN SELECT RAISE(IGNORE); END",
    )
    .await
    .unwrap();
    post.tags(&db).add([Tag::key("good")]).await.unwrap();
    post.tags(&db).add([Tag::key("good"), Tag::key("fine")]).await.unwrap();
    let (add, set) = (post.tags(&db).add([Tag::key("evil")]), post.tags(&db).set([Tag::key("evil"), Tag::key("good")]));
    for result in [add.await, set.await] {
        assert_ignores(result, Operation::Insert, "posts_tags");
    }
    assert_eq!(post.tags(&db).count().await.unwrap(), 2);
}

#[tokio::test]
async fn a_row_that_replaces_others_has_its_own_key() {
    let db = Db::memory().await.unwrap();
    db.execute("CREATE TABLE users (pk INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE ON CONFLICT REPLACE, visits INTEGER NOT NULL)")
        .await
        .unwrap();
    db.insert(ada()).await.unwrap();
    let again = db.insert(ada()).await.unwrap();
    assert_eq!(db.select::<User>().fetch_all().await.unwrap(), [again]);
}
