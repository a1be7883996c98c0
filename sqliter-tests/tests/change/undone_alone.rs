//! What gives back a row that does not fit has written nothing, and the transaction around it goes on.

use sqliter::Error;
use sqliter::prelude::*;

#[derive(Debug, Clone, PartialEq, Model)]
#[model(patch, many_to_many(friends = Person, symmetrical))]
struct Person {
    pk: Key<Person>,
    #[model(unique)]
    email: String,
    name: String,
    #[model(soft_delete)]
    deleted_at: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Item {
    pk: Key<Item>,
    name: String,
    #[model(generated = "pk + 1")]
    next: i64,
}

/// Makes numbers of texts that look like one, which no `String` takes then.
const TABLES: [&str; 5] = [
    "CREATE TABLE people (pk INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, name INTEGER NOT NULL, deleted_at INTEGER)",
    "CREATE TABLE people_people (people_pk_left INTEGER REFERENCES people, people_pk_right INTEGER REFERENCES people, \
     UNIQUE (people_pk_left, people_pk_right))",
    "INSERT INTO people VALUES (1, 'a', 'Ada', NULL), (2, 'b', '7', NULL), (3, 'c', '7', 9)",
    "CREATE TABLE items (pk INTEGER PRIMARY KEY, name INTEGER NOT NULL, next INTEGER AS (pk + 1))",
    "INSERT INTO items (pk, name) VALUES (1, 'x'), (2, 'y')",
];

async fn open() -> Db {
    let db = Db::memory().await.unwrap();
    for sql in TABLES {
        db.execute(sql).await.unwrap();
    }
    db
}

fn draft(email: &str, name: &str) -> NewPerson {
    Person::builder().email(email).name(name).build()
}

/// All that is stored.
async fn stored(session: &Session) -> String {
    let rows = "SELECT (SELECT group_concat(pk || quote(email) || quote(name) || quote(deleted_at)) FROM people) || \
                (SELECT group_concat(pk || quote(name)) FROM items) || (SELECT COUNT(*) FROM people_people)";
    session.query::<String>(rows).fetch_required().await.unwrap()
}

#[tokio::test]
async fn a_write_that_gives_back_what_does_not_fit_is_undone_alone() -> sqliter::Result<()> {
    let db = open().await;
    let before = stored(&db).await;
    let mut items = db.select::<Item>().order(|i| i.pk.asc()).fetch_all().await?;
    let mut item = items[0].clone();
    item.name = "7".into();
    items[0].name = "z".into();
    items[1].name = "7".into();
    let name = |name: &str| PersonPatch { name: Some(name.to_owned()), ..Default::default() };
    let email = || PersonPatch { email: Some("z".to_owned()), ..Default::default() };
    let (ada, bob) = (Person::key(1), Person::key(2));
    db.transaction(async |tx| {
        tx.insert(draft("d", "Dan")).await?;
        let inside = stored(tx).await;
        macro_rules! undone {
            ($($write:expr;)*) => {$(
                let written = $write.await.map(drop);
                assert!(matches!(written, Err(Error::Decode { .. })), "{}: {written:?}", stringify!($write));
                assert_eq!(stored(tx).await, inside, "{}", stringify!($write));
            )*};
        }
        let people = || tx.select::<Person>();
        undone! {
            tx.patch(ada, name("7"));
            tx.patch(bob, email());
            tx.restore(Person::key(3));
            tx.insert_with(draft("n", "7"), |p| p.pk.given(Person::key(9)));
            tx.insert(draft("n", "7")).returning_rows().fetch_all();
            tx.bulk_insert([draft("n", "x"), draft("m", "7")]).returning(|p| p.name).fetch_all();
            tx.bulk_insert_with([(draft("n", "x"), 8), (draft("m", "7"), 9)], |p, key| p.pk.given(Person::key(key)));
            tx.upsert(draft("b", "x"), |p| p.email).update(|p| p.email);
            tx.upsert(draft("n", "7"), |p| p.email).ignore().returning_rows().fetch_all();
            tx.update_or_create(draft("n", "7"), |p| p.email, |p| p.name);
            tx.update_or_create(draft("a", "7"), |p| p.email, |p| p.name);
            tx.bulk_upsert([draft("a", "x"), draft("n", "7")], |p| p.email).update(|p| p.name).returning_rows().fetch_all();
            tx.bulk_get_or_create([draft("a", "x"), draft("n", "y"), draft("m", "7")], |p| p.email);
            tx.bulk_get_or_create([draft("n", "7")], |p| p.email);
            tx.get_or_create(draft("b", "x"), |p| p.email);
            tx.delete(bob).returning_rows().fetch_all();
            tx.delete_for_good(bob).returning(|p| p.name).fetch_all();
            tx.bulk_delete([ada, bob]).returning_rows().fetch_all();
            people().filter(|p| p.pk.eq(ada)).update(|p| p.name.set("7")).returning_rows().fetch_all();
            people().delete().returning_rows().fetch_all();
            people().delete_for_good().returning(|p| p.name).fetch_all();
            ada.friends(tx).create(draft("n", "7"));
            ada.friends(tx).get_or_create(draft("n", "7"), |p| p.email);
            ada.friends(tx).bulk_get_or_create([draft("n", "x"), draft("b", "x")], |p| p.email);
            tx.update(&mut item);
            tx.bulk_update(&mut items);
        }
        // Of too many rows, too.
        let both = people().update(|p| p.name.set("x")).returning(|p| p.pk).fetch_only().await;
        assert!(matches!(both, Err(Error::SeveralRecords { .. })));
        assert_eq!(stored(tx).await, inside);
        Ok(())
    })
    .await?;
    assert_ne!(stored(&db).await, before, "what the transaction did besides is kept");
    Ok(())
}
