//! Rows that the schema leaves out or alone without an error: no row is given back that is not stored.

use sqliter::prelude::*;
use sqliter::{Error, Operation};

#[derive(Debug, Clone, PartialEq, Model)]
#[model(many_to_many(groups = Group), many_to_many(friends = User, through = "friendships", symmetrical))]
struct User {
    pk: Key<User>,
    #[model(unique)]
    email: String,
    #[model(unique)]
    name: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Group {
    pk: Key<Group>,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(many_to_many(groups = Group, through = Membership))]
struct Member {
    pk: Key<Member>,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Membership {
    pk: Key<Membership>,
    member_id: Key<Member>,
    group_id: Key<Group>,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Country {
    #[model(pk)]
    code: String,
    name: String,
}

fn user(email: &str) -> NewUser {
    NewUser { email: email.to_owned(), name: None }
}

/// A table that ignores what is there already, with two rows.
async fn ignoring() -> Db {
    let db = Db::memory().await.unwrap();
    let table = "CREATE TABLE users (pk INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE ON CONFLICT IGNORE, \
                 name TEXT UNIQUE ON CONFLICT IGNORE) STRICT";
    db.execute(table).await.unwrap();
    db.bulk_insert(["a", "b"].map(user)).await.unwrap();
    db
}

/// Tables of the library, with a trigger.
async fn with_trigger(sql: &str) -> Db {
    let db = Db::memory().await.unwrap();
    db.create_tables::<(User, Group, Member, Membership, Country)>().await.unwrap();
    db.bulk_insert(["a", "b"].map(user)).await.unwrap();
    db.execute(sql).await.unwrap();
    db
}

#[track_caller]
fn is_ignored<T: std::fmt::Debug>(result: sqliter::Result<T>, operation: Operation, table: &str) {
    match result {
        Err(Error::Ignored { operation: done, table: named }) => assert_eq!((done, named.as_str()), (operation, table)),
        other => panic!("{other:?}"),
    }
}

async fn emails(db: &Db) -> Vec<String> {
    db.select::<User>().order(|u| u.pk.asc()).only(|u| u.email).fetch_all().await.unwrap()
}

#[tokio::test]
async fn an_insert_that_a_constraint_ignores_is_an_error_and_nothing_of_several_is_kept() {
    let db = ignoring().await;
    is_ignored(db.insert(user("a")).await, Operation::Insert, "users");
    is_ignored(db.bulk_insert(["c", "a", "d"].map(user)).await, Operation::Insert, "users");
    is_ignored(db.insert_with(user("a"), |_| ()).await, Operation::Insert, "users");
    let rows = ["c", "a"].map(|email| (user(email), ()));
    is_ignored(db.bulk_insert_with(rows, |_, ()| ()).await, Operation::Insert, "users");
    assert_eq!(emails(&db).await, ["a", "b"]);
    let tx = db.begin().await.unwrap();
    tx.insert(user("kept")).await.unwrap();
    is_ignored(tx.insert(user("a")).await, Operation::Insert, "users");
    is_ignored(tx.bulk_insert(["c", "a"].map(user)).await, Operation::Insert, "users");
    tx.commit().await.unwrap();
    assert_eq!(emails(&db).await, ["a", "b", "kept"]);
    let error = db.insert(user("a")).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot insert into users: the schema leaves the row out, by a trigger with RAISE(IGNORE) or a constraint with ON \
         CONFLICT IGNORE"
    );
}

#[tokio::test]
async fn an_insert_that_a_trigger_ignores_is_an_error_whatever_the_key_is() {
    let db =
        with_trigger("CREATE TRIGGER few BEFORE INSERT ON users WHEN new.email = 'x' BEGIN SELECT RAISE(IGNORE); END");
    let db = db.await;
    is_ignored(db.insert(user("x")).await, Operation::Insert, "users");
    is_ignored(db.bulk_insert(["c", "x"].map(user)).await, Operation::Insert, "users");
    is_ignored(db.get_or_create(user("x"), |u| u.email).await, Operation::Insert, "users");
    assert_eq!(emails(&db).await, ["a", "b"]);
    assert_eq!(db.insert(user("c")).await.unwrap().pk, User::key(3));
    db.execute("CREATE TRIGGER none BEFORE INSERT ON countries BEGIN SELECT RAISE(IGNORE); END").await.unwrap();
    is_ignored(db.insert(Country::builder().code("FR").name("x")).await, Operation::Insert, "countries");
}

#[tokio::test]
async fn an_upsert_tells_what_is_there_from_what_the_schema_left_out() {
    let db = ignoring().await;
    assert_eq!(db.upsert(user("a"), |u| u.email).ignore().await.unwrap(), None);
    // Another constraint than the one that was named.
    db.execute("UPDATE users SET name = 'Ada' WHERE email = 'a'").await.unwrap();
    let named = || NewUser { email: "new".to_owned(), name: Some("Ada".to_owned()) };
    is_ignored(db.upsert(named(), |u| u.email).ignore().await, Operation::Insert, "users");
    is_ignored(db.upsert(named(), |u| u.email).update(|u| u.name).await, Operation::Insert, "users");
    is_ignored(db.get_or_create(named(), |u| u.email).await, Operation::Insert, "users");
    assert_eq!(emails(&db).await, ["a", "b"]);
    // The row is there, and a trigger keeps it as it is.
    let keep = "CREATE TRIGGER keep BEFORE UPDATE ON users BEGIN SELECT RAISE(IGNORE); END";
    let db = with_trigger(keep).await;
    is_ignored(db.upsert(user("a"), |u| u.email).update(|u| u.name).await, Operation::Update, "users");
    assert_eq!(db.upsert(user("a"), |u| u.email).ignore().await.unwrap(), None);
}

#[tokio::test]
async fn a_row_that_a_trigger_keeps_is_not_reported_missing() {
    let triggers = "CREATE TRIGGER keep BEFORE UPDATE ON users WHEN old.email = 'a' BEGIN SELECT RAISE(IGNORE); END";
    let db = with_trigger(triggers).await;
    let stay = "CREATE TRIGGER stay BEFORE DELETE ON users WHEN old.email = 'a' BEGIN SELECT RAISE(IGNORE); END";
    db.execute(stay).await.unwrap();
    let mut rows = db.select::<User>().order(|u| u.pk.desc()).fetch_all().await.unwrap();
    rows.iter_mut().for_each(|user| user.name = Some(user.email.clone()));
    is_ignored(db.update(&mut rows[1]).await, Operation::Update, "users");
    is_ignored(db.bulk_update(&mut rows).await, Operation::Update, "users");
    assert_eq!(db.select::<User>().filter(|u| u.name.is_not_null()).count().await.unwrap(), 0);
    is_ignored(db.delete(&rows[1]).await, Operation::Delete, "users");
    // Chains give the number of rows that were changed.
    assert_eq!(db.select::<User>().update(|u| u.name.set("x".to_owned())).await.unwrap(), 1);
    assert_eq!(db.select::<User>().delete().await.unwrap(), 1);
    for error in [db.update(&mut rows[0]).await.unwrap_err(), db.delete(&rows[0]).await.unwrap_err()] {
        assert!(matches!(&error, Error::RecordNotFound { key: Some(key), .. } if key == "2"), "{error:?}");
    }
    let tx = db.begin().await.unwrap();
    is_ignored(tx.delete(&rows[1]).await, Operation::Delete, "users");
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn pairs_that_a_trigger_leaves_out_are_an_error_and_pairs_that_are_there_are_not() {
    let db = with_trigger(
        "CREATE TRIGGER few BEFORE INSERT ON groups_users WHEN new.groups_pk = 2 BEGIN SELECT RAISE(IGNORE); END",
    );
    let db = db.await;
    let groups = db.bulk_insert((0..3).map(|_| Group::builder())).await.unwrap();
    let users = db.select::<User>().order(|u| u.pk.asc()).fetch_all().await.unwrap();
    users[0].groups(&db).add([&groups[0]]).await.unwrap();
    users[0].groups(&db).add([&groups[0], &groups[2], &groups[0]]).await.unwrap();
    is_ignored(users[1].groups(&db).add(&groups).await, Operation::Insert, "groups_users");
    is_ignored(users[0].groups(&db).set(&groups).await, Operation::Insert, "groups_users");
    assert_eq!((users[0].groups(&db).count().await.unwrap(), users[1].groups(&db).count().await.unwrap()), (2, 0));
    users[0].groups(&db).set([&groups[0]]).await.unwrap();
    // A symmetrical pair is there in either direction.
    users[0].friends(&db).add([&users[1]]).await.unwrap();
    users[1].friends(&db).add([&users[0]]).await.unwrap();
    let none = "CREATE TRIGGER none BEFORE INSERT ON friendships BEGIN SELECT RAISE(IGNORE); END";
    db.execute(none).await.unwrap();
    users[1].friends(&db).add([&users[0]]).await.unwrap();
    is_ignored(users[0].friends(&db).add([&users[0]]).await, Operation::Insert, "friendships");
    // The table of a model.
    let member = db.insert(Member::builder()).await.unwrap();
    member.groups(&db).add([&groups[0]]).await.unwrap();
    db.execute("CREATE TRIGGER closed BEFORE INSERT ON memberships BEGIN SELECT RAISE(IGNORE); END").await.unwrap();
    member.groups(&db).add([&groups[0]]).await.unwrap();
    is_ignored(member.groups(&db).add([&groups[1]]).await, Operation::Insert, "memberships");
}

#[tokio::test]
async fn the_key_is_that_of_the_row_whatever_triggers_insert_elsewhere() {
    let db = with_trigger(
        "CREATE TRIGGER noted BEFORE INSERT ON users BEGIN INSERT INTO \"groups\" (pk) VALUES (NULL); END",
    )
    .await;
    db.execute("CREATE TRIGGER noted_too AFTER INSERT ON users BEGIN INSERT INTO \"groups\" (pk) VALUES (NULL); END")
        .await
        .unwrap();
    for number in 3..6 {
        let row = db.insert(user(&number.to_string())).await.unwrap();
        assert_eq!(row.pk, User::key(number));
        assert_eq!(db.get(row.pk).await.unwrap(), Some(row));
    }
    assert_eq!(db.select::<Group>().count().await.unwrap(), 6);
    // A trigger that ignores after the row was written leaves it.
    let late = "CREATE TRIGGER late AFTER INSERT ON users BEGIN SELECT RAISE(IGNORE); END";
    db.execute(late).await.unwrap();
    let row = db.insert(user("late")).await.unwrap();
    assert_eq!(db.get(row.pk).await.unwrap(), Some(row));
}

#[tokio::test]
async fn a_row_that_takes_the_place_of_another_has_its_own_key() {
    let db = Db::memory().await.unwrap();
    let table = "CREATE TABLE users (pk INTEGER PRIMARY KEY AUTOINCREMENT, \
                 email TEXT NOT NULL UNIQUE ON CONFLICT REPLACE, name TEXT) STRICT";
    db.execute(table).await.unwrap();
    db.bulk_insert(["a", "b"].map(user)).await.unwrap();
    let row = db.insert(user("a")).await.unwrap();
    assert_eq!(row.pk, User::key(3));
    assert_eq!(db.get(row.pk).await.unwrap(), Some(row));
    assert_eq!(emails(&db).await, ["b", "a"]);
    let rows = db.bulk_insert(["b", "b"].map(user)).await.unwrap();
    assert_eq!(emails(&db).await, ["a", "b"]);
    assert_eq!(db.get(rows[1].pk).await.unwrap().as_ref(), Some(&rows[1]));
}

#[tokio::test]
async fn a_natural_key_of_a_table_without_row_ids_is_that_of_the_draft() {
    let db = Db::memory().await.unwrap();
    db.execute("CREATE TABLE countries (code TEXT PRIMARY KEY, name TEXT NOT NULL) WITHOUT ROWID").await.unwrap();
    let rows = db.bulk_insert(["FR", "NL"].map(|code| Country::builder().code(code).name("x"))).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.code.as_str()).collect::<Vec<_>>(), ["FR", "NL"]);
    assert_eq!(db.get(&rows[0]).await.unwrap().as_ref(), Some(&rows[0]));
    let error = db.insert(Country::builder().code("FR").name("y")).await.unwrap_err();
    assert!(matches!(error, Error::UniqueViolation { .. }), "{error:?}");
}

/// Writers that wait for the connection share a commit: one whose row is left out keeps nothing, the others all.
#[tokio::test(flavor = "multi_thread")]
async fn writers_that_share_a_commit_are_told_each_for_itself() {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::open(folder.path().join("a.db")).await.unwrap();
    db.create_table::<User>().await.unwrap();
    let few = "CREATE TRIGGER few BEFORE INSERT ON users WHEN new.email LIKE 'x%' BEGIN SELECT RAISE(IGNORE); END";
    db.execute(few).await.unwrap();
    let tasks: Vec<_> = (0..40)
        .map(|number| {
            let db = db.clone();
            let email = format!("{}{number}", if number % 4 == 0 { "x" } else { "y" });
            tokio::spawn(async move { (number, db.insert(user(&email)).await) })
        })
        .collect();
    for task in tasks {
        match task.await.unwrap() {
            (number, result) if number % 4 == 0 => is_ignored(result, Operation::Insert, "users"),
            (_, result) => {
                let row = result.unwrap();
                assert_eq!(db.get(row.pk).await.unwrap(), Some(row));
            }
        }
    }
    assert_eq!(db.select::<User>().count().await.unwrap(), 30);
}
