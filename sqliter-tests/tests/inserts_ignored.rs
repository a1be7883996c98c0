//! Inserts that the schema of the file ignores: no model is made up for a row that is not there.

use sqliter::prelude::*;
use sqliter::{Error, Result};

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
    assert!(matches!(&result, Err(Error::NotInserted { table }) if table == "users"), "{result:?}");
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
    for result in
        [post.tags(&db).add([Tag::key("evil")]).await, post.tags(&db).set([Tag::key("evil"), Tag::key("good")]).await]
    {
        assert!(matches!(&result, Err(Error::NotInserted { table }) if table == "posts_tags"), "{result:?}");
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
