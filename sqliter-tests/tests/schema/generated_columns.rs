//! Columns that SQLite computes.

use super::kept::{sql, table};
use sqliter::Error;
use sqliter::prelude::*;

#[derive(Debug, Clone, PartialEq, Model)]
#[model(index(total))]
struct Item {
    pk: Key<Item>,
    #[model(unique)]
    name: String,
    price: i64,
    #[model(default = 1)]
    amount: i64,
    #[model(generated = "price * amount", check = "total < 1000")]
    total: i64,
    #[model(generated = "upper(name)", stored, collate = nocase)]
    shown: String,
    #[model(generated = "nullif(amount, 1)")]
    several: Option<i64>,
    updated_at: i64,
}

#[tokio::test]
async fn the_table_declares_them() {
    assert_eq!(
        sql(&table::<Item>().await, "items").await,
        "CREATE TABLE \"items\" (\"pk\" INTEGER PRIMARY KEY AUTOINCREMENT, \"name\" TEXT NOT NULL UNIQUE, \
         \"price\" INTEGER NOT NULL, \"amount\" INTEGER NOT NULL DEFAULT 1, \
         \"total\" INTEGER GENERATED ALWAYS AS (price * amount) VIRTUAL NOT NULL CHECK (total < 1000), \
         \"shown\" TEXT COLLATE NOCASE GENERATED ALWAYS AS (upper(name)) STORED NOT NULL, \
         \"several\" INTEGER GENERATED ALWAYS AS (nullif(amount, 1)) VIRTUAL, \"updated_at\" INTEGER NOT NULL) STRICT"
    );
}

fn pen() -> impl Draft<Model = Item> {
    Item::builder().name("pen").price(3).amount(4)
}

#[tokio::test]
async fn whatever_inserts_gives_them_back() {
    let db = table::<Item>().await;
    let item = db.insert(pen()).await.unwrap();
    assert_eq!((item.total, item.shown.as_str(), item.several), (12, "PEN", Some(4)));
    assert_eq!(db.get(item.pk).await.unwrap().as_ref(), Some(&item));
    let drafts = (1..=3).map(|i| Item::builder().name(format!("book {i}")).price(i));
    let books = db.bulk_insert(drafts).await.unwrap();
    assert_eq!(
        books.iter().map(|book| (book.total, book.several)).collect::<Vec<_>>(),
        [(1, None), (2, None), (3, None)]
    );
    assert_eq!(db.get_or_create(pen(), |i| i.name).await.unwrap(), (item.clone(), false));
    let (ink, created) = db.get_or_create(Item::builder().name("ink").price(5), |i| i.name).await.unwrap();
    assert_eq!((ink.shown.as_str(), ink.total, created), ("INK", 5, true));
    let dearer = db.upsert(Item::builder().name("pen").price(5), |i| i.name).update(|i| i.price).await.unwrap();
    assert_eq!(dearer.total, 20);
    let given = db.insert_with(Item::builder().name("cap").price(7), |i| i.pk.given(Item::key(70))).await.unwrap();
    assert_eq!((given.pk, given.total), (Item::key(70), 7));
    assert_eq!(db.upsert(Item::builder().name("map").price(9), |i| i.name).ignore().await.unwrap().unwrap().total, 9);
}

#[tokio::test]
async fn an_update_of_a_row_refreshes_them() {
    let db = table::<Item>().await;
    let mut item = db.insert(pen()).await.unwrap();
    item.price = 10;
    // What the model says of them does not count.
    item.total = -1;
    db.update(&mut item).await.unwrap();
    assert_eq!(item.total, 40);
    assert_eq!(db.get(item.pk).await.unwrap(), Some(item.clone()));
    let mut items = db.bulk_insert((0..3).map(|i| Item::builder().name(format!("book {i}")).price(i))).await.unwrap();
    items.iter_mut().for_each(|item| item.amount = 100);
    db.bulk_update(&mut items).await.unwrap();
    assert_eq!(items.iter().map(|item| item.total).collect::<Vec<_>>(), [0, 100, 200]);
    item.price = 999;
    let before = item.clone();
    let error = db.update(&mut item).await.unwrap_err();
    assert!(matches!(&error, Error::CheckViolation { constraint, .. } if constraint == "total < 1000"), "{error:?}");
    assert_eq!(item, before);
    db.delete(item.pk).await.unwrap();
    assert!(matches!(db.update(&mut item).await.unwrap_err(), Error::RecordNotFound { .. }));
}

#[tokio::test]
async fn queries_use_them_like_any_column() {
    let db = table::<Item>().await;
    db.insert(pen()).await.unwrap();
    db.insert(Item::builder().name("ink").price(2)).await.unwrap();
    let names = db.select::<Item>().filter(|i| i.total.gt(5)).order(|i| i.total.desc()).only(|i| i.shown);
    assert_eq!(names.fetch_all().await.unwrap(), ["PEN"]);
    assert_eq!(db.select::<Item>().filter(|i| i.shown.eq("ink")).count().await.unwrap(), 1);
    db.select::<Item>().update(|i| i.price.set(i.total)).await.unwrap();
    let sum = db.select::<Item>().annotate(|i| i.total.sum()).fetch_all().await.unwrap();
    assert_eq!(sum, [Some(50)]);
    let rows: Vec<Item> = db.query("SELECT * FROM items ORDER BY pk").fetch_all().await.unwrap();
    assert_eq!(rows, db.select::<Item>().fetch_all().await.unwrap());
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Word {
    #[model(pk)]
    text: String,
    #[model(generated = "length(text)")]
    length: i64,
}

#[tokio::test]
async fn a_model_may_have_nothing_else_than_its_key() {
    let db = table::<Word>().await;
    let mut word = db.insert(Word::builder().text("four")).await.unwrap();
    assert_eq!(word.length, 4);
    db.update(&mut word).await.unwrap();
    assert_eq!(db.get(Word::key("four")).await.unwrap(), Some(word));
}
