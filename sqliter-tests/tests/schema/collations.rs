//! Columns with a collating sequence of their own.

use super::kept::{sql, table};
use sqliter::prelude::*;
use sqliter::{Error, Select};

#[derive(Debug, Clone, PartialEq, ColumnType)]
struct Nick(String);

#[derive(Debug, Clone, PartialEq, Model)]
struct User {
    pk: Key<User>,
    #[model(collate = nocase, unique)]
    email: String,
    #[model(collate = rtrim)]
    city: Option<String>,
    #[model(collate = binary)]
    name: String,
    #[model(collate = nocase)]
    nick: Option<Nick>,
}

async fn users() -> Db {
    let db = table::<User>().await;
    for (email, city, name) in [("ada@x", "Rome", "Ada"), ("BEA@X", "Rome  ", "bea"), ("cleo@x", "Oslo", "Cleo")] {
        let nick = Nick(name.to_owned());
        db.insert(User::builder().email(email).city(city).name(name).nick(nick)).await.unwrap();
    }
    db
}

async fn emails(chain: Select<'_, User>) -> Vec<String> {
    chain.only(|u| u.email).fetch_all().await.unwrap()
}

async fn number(chain: Select<'_, User>) -> u64 {
    chain.count().await.unwrap()
}

#[tokio::test]
async fn the_table_declares_them() {
    assert_eq!(
        sql(&users().await, "users").await,
        "CREATE TABLE \"users\" (\"pk\" INTEGER PRIMARY KEY AUTOINCREMENT, \"email\" TEXT COLLATE NOCASE NOT NULL UNIQUE, \
         \"city\" TEXT COLLATE RTRIM, \"name\" TEXT NOT NULL, \"nick\" TEXT COLLATE NOCASE) STRICT"
    );
}

#[tokio::test]
async fn comparisons_and_orders_are_as_the_column_says() {
    let db = users().await;
    let all = || db.select::<User>();
    assert_eq!(emails(all().filter(|u| u.email.eq("ADA@x"))).await, ["ada@x"]);
    assert_eq!(emails(all().filter(|u| u.email.ne("ADA@x"))).await, ["BEA@X", "cleo@x"]);
    assert_eq!(emails(all().filter(|u| u.email.is_in(["ADA@X", "bea@x"]))).await, ["ada@x", "BEA@X"]);
    assert_eq!(emails(all().filter(|u| u.email.between("B", "c"))).await, ["BEA@X"]);
    assert_eq!(emails(all().filter(|u| u.email.lt("B"))).await, ["ada@x"]);
    assert_eq!(emails(all().filter(|u| u.name.eq("ADA"))).await, Vec::<String>::new());
    assert_eq!(emails(all().filter(|u| u.nick.eq(Nick("BEA".to_owned())))).await, ["BEA@X"]);
    assert_eq!(emails(all().filter(|u| u.city.eq("Rome"))).await, ["ada@x", "BEA@X"]);
    // Of two columns the first says how they are compared.
    db.select::<User>().filter(|u| u.name.eq("bea")).update(|u| u.city.set("BEA@x")).await.unwrap();
    assert_eq!(emails(all().filter(|u| u.email.eq(u.city))).await, ["BEA@X"]);
    assert_eq!(emails(all().filter(|u| u.city.eq(u.email))).await, Vec::<String>::new());
    db.select::<User>().filter(|u| u.name.eq("bea")).update(|u| u.city.set("Rome ")).await.unwrap();
    assert_eq!(emails(all().order(|u| u.email.asc())).await, ["ada@x", "BEA@X", "cleo@x"]);
    assert_eq!(emails(all().order(|u| u.name.asc())).await, ["ada@x", "cleo@x", "BEA@X"]);
    let last = all().order(|u| u.email.asc()).limit(2).fetch_last().await.unwrap().unwrap();
    assert_eq!(last.email, "BEA@X");
    let cities = db.select::<User>().group_by(|u| u.city).annotate(|_| count()).fetch_all().await.unwrap();
    assert_eq!(cities.iter().map(|(_, number)| *number).collect::<Vec<_>>(), [1, 2]);
}

#[tokio::test]
async fn pages_go_on_where_the_last_one_ended() {
    let db = users().await;
    let chain = || db.select::<User>().order(|u| u.email.asc());
    let first = chain().page_after(None, 2).await.unwrap();
    assert_eq!(first.rows[1].email, "BEA@X");
    let second = chain().page_after(first.next, 2).await.unwrap();
    assert_eq!(second.rows.iter().map(|user| user.email.as_str()).collect::<Vec<_>>(), ["cleo@x"]);
}

#[tokio::test]
async fn parts_of_a_text_are_found_exactly_unless_an_i_form_asks() {
    let db = users().await;
    let all = || db.select::<User>();
    let sql = all().filter(|u| u.email.starts_with("bea")).to_sql().unwrap();
    assert!(
        sql.text.contains("\"email\" COLLATE \"BINARY\" >= ? AND \"email\" COLLATE \"BINARY\" < ?"),
        "{}",
        sql.text
    );
    assert_eq!(number(all().filter(|u| u.email.starts_with("bea"))).await, 0);
    assert_eq!(number(all().filter(|u| u.email.starts_with("BEA"))).await, 1);
    assert_eq!(number(all().filter(|u| u.email.ends_with("@x"))).await, 2);
    assert_eq!(number(all().filter(|u| u.email.contains("bea"))).await, 0);
    assert_eq!(number(all().filter(|u| u.email.istarts_with("bea"))).await, 1);
    assert_eq!(number(all().filter(|u| u.email.iends_with("@X"))).await, 3);
    assert_eq!(number(all().filter(|u| u.email.icontains("EA@"))).await, 1);
}

#[tokio::test]
async fn unique_columns_and_upserts_are_as_the_column_says() {
    let db = users().await;
    let draft = || User::builder().email("ADA@X").name("Ada Lovelace");
    let error = db.insert(draft()).await.unwrap_err();
    assert!(matches!(&error, Error::UniqueViolation { columns, .. } if *columns == ["email"]), "{error:?}");
    assert!(!db.get_or_create(draft(), |u| u.email).await.unwrap().1);
    let ada = db.upsert(draft(), |u| u.email).update(|u| u.name).await.unwrap();
    assert_eq!((ada.email.as_str(), ada.name.as_str()), ("ada@x", "Ada Lovelace"));
    assert_eq!(db.upsert(draft(), |u| u.email).ignore().await.unwrap(), None);
}

#[tokio::test]
async fn a_table_of_another_program_that_compares_otherwise_is_compared_as_the_model_says() {
    let db = Db::memory().await.unwrap();
    db.execute(
        "CREATE TABLE users (pk INTEGER PRIMARY KEY AUTOINCREMENT, email TEXT NOT NULL, city TEXT COLLATE NOCASE, \
         name TEXT NOT NULL COLLATE NOCASE, nick TEXT)",
    )
    .await
    .unwrap();
    db.execute("INSERT INTO users (email, city, name) VALUES ('Ada@x', 'Rome ', 'ada'), ('bea@x', 'rome', 'Bea')")
        .await
        .unwrap();
    let all = || db.select::<User>();
    assert_eq!(number(all().filter(|u| u.email.eq("ada@X"))).await, 1);
    assert_eq!(number(all().filter(|u| u.city.eq("Rome"))).await, 1);
    assert_eq!(number(all().filter(|u| u.name.eq("Ada"))).await, 0);
    assert_eq!(number(all().filter(|u| u.email.eq(u.name))).await, 0);
    assert_eq!(number(all().filter(|u| u.email.starts_with("ada"))).await, 0);
    assert!(!db.get_or_create(User::builder().email("ADA@X").name("x"), |u| u.email).await.unwrap().1);
    let found = db.upsert(User::builder().email("BEA@X").name("B"), |u| u.email).update(|u| u.name).await.unwrap();
    assert_eq!((found.email.as_str(), found.name.as_str()), ("bea@x", "B"));
}
