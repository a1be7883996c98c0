//! Rows that give way to others by a conflict clause of the schema: what is undone with its statement is not told as done.

use sqliter::Error;
use sqliter::prelude::*;

#[derive(Debug, Clone, PartialEq, Model)]
struct Country {
    pk: Key<Country>,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct User {
    pk: Key<User>,
    #[model(unique)]
    email: String,
    country_id: Key<Country>,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Note {
    pk: Key<Note>,
    #[model(on_delete = cascade)]
    user_id: Key<User>,
}

/// A database with one user, who has notes, and gives way to another with the same address.
async fn open() -> (Db, User) {
    let db = Db::memory().await.unwrap();
    db.create_table::<Country>().await.unwrap();
    let users = "CREATE TABLE users (pk INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE ON CONFLICT REPLACE, \
                 country_id INTEGER NOT NULL REFERENCES countries) STRICT";
    db.execute(users).await.unwrap();
    db.execute("CREATE INDEX users_country ON users (country_id)").await.unwrap();
    db.create_table::<Note>().await.unwrap();
    let country = db.insert(Country::builder().name("Norway")).await.unwrap();
    let ada = db.insert(User::builder().email("ada").country_id(&country)).await.unwrap();
    for _ in 0..3 {
        db.insert(Note::builder().user_id(&ada)).await.unwrap();
    }
    (db, ada)
}

#[tokio::test]
async fn an_insert_that_fails_after_it_has_replaced_a_row_is_an_error() {
    let (db, ada) = open().await;
    let nowhere = Country::key(99);
    let failed = db.insert(User::builder().email("ada").country_id(nowhere)).await;
    assert!(matches!(failed, Err(Error::ForeignKeyViolation { .. })), "{failed:?}");
    assert_eq!(db.select::<User>().fetch_all().await.unwrap(), [ada]);
    assert_eq!(db.select::<Note>().count().await.unwrap(), 3);
}

#[tokio::test]
async fn an_update_that_fails_after_it_has_replaced_a_row_is_an_error() {
    let (db, ada) = open().await;
    let mut bea = db.insert(User::builder().email("bea").country_id(ada.country_id)).await.unwrap();
    // A statement that has run before runs alone.
    db.update(&mut bea).await.unwrap();
    let mut changed = User { email: "ada".to_owned(), country_id: Country::key(99), ..bea.clone() };
    let failed = db.update(&mut changed).await;
    assert!(matches!(failed, Err(Error::ForeignKeyViolation { .. })), "{failed:?}");
    let change = async |pk: Key<User>| {
        let user = db.select::<User>().filter(|u| u.pk.eq(pk));
        user.update(|u| (u.email.set("ada"), u.country_id.set(Country::key(99)))).await
    };
    assert_eq!(change(User::key(77)).await.unwrap(), 0);
    let failed = change(bea.pk).await;
    assert!(matches!(failed, Err(Error::ForeignKeyViolation { .. })), "{failed:?}");
    assert_eq!(db.select::<User>().fetch_all().await.unwrap(), [ada, bea]);
    assert_eq!(db.select::<Note>().count().await.unwrap(), 3);
}
