//! The order of rows, and how many of them.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use sqliter::prelude::*;
use sqliter::{Order, Select};

#[derive(Debug, Clone, PartialEq, Model)]
#[model(index(shelf))]
struct Book {
    pk: Key<Book>,
    title: String,
    shelf: i64,
    rating: Option<i64>,
    price: Option<Decimal>,
    read_on: Option<NaiveDate>,
}

/// Titles, shelves and ratings; the key of the first is 1.
async fn books(rows: &[(&str, i64, Option<i64>)]) -> Db {
    let db = Db::memory().await.unwrap();
    db.create_table::<Book>().await.unwrap();
    db.bulk_insert(
        rows.iter().map(|(title, shelf, rating)| Book::builder().title(*title).shelf(*shelf).rating(*rating)),
    )
    .await
    .unwrap();
    db
}

async fn keys(query: Select<'_, Book>) -> Vec<i64> {
    query.only(|b| b.pk).fetch_all().await.unwrap().into_iter().map(Key::into_raw).collect()
}

const FIVE: [(&str, i64, Option<i64>); 5] =
    [("d", 2, Some(5)), ("a", 1, None), ("e", 2, Some(1)), ("b", 1, Some(5)), ("c", 2, None)];

#[tokio::test]
async fn an_order_is_ascending_or_descending() {
    let db = books(&FIVE).await;
    assert_eq!(keys(db.select::<Book>().order(|b| b.title.asc())).await, [2, 4, 5, 1, 3]);
    assert_eq!(keys(db.select::<Book>().order(|b| b.title.desc())).await, [3, 1, 5, 4, 2]);
    assert_eq!(keys(db.select::<Book>().order(|b| b.pk.desc())).await, [5, 4, 3, 2, 1]);
}

#[tokio::test]
async fn several_keys_sort_one_after_the_other() {
    let db = books(&FIVE).await;
    let expected = [4, 2, 3, 1, 5];
    assert_eq!(keys(db.select::<Book>().order(|b| (b.shelf.asc(), b.title.desc()))).await, expected);
    // Further calls append; a vector is as good as a tuple.
    assert_eq!(keys(db.select::<Book>().order(|b| b.shelf.asc()).order(|b| b.title.desc())).await, expected);
    assert_eq!(keys(db.select::<Book>().order(|b| vec![b.shelf.asc(), b.title.desc()])).await, expected);
    assert_eq!(keys(db.select::<Book>().order(|b| (b.shelf.asc(), (b.title.desc(), b.pk.asc())))).await, expected);
    let no_keys = db.select::<Book>().order(|_| Vec::<Order<Book>>::new()).order(|b| b.title.asc());
    assert_eq!(keys(no_keys).await, [2, 4, 5, 1, 3]);
}

#[tokio::test]
async fn null_comes_before_everything_unless_it_is_placed() {
    let db = books(&FIVE).await;
    assert_eq!(keys(db.select::<Book>().order(|b| (b.rating.asc(), b.pk.asc()))).await, [2, 5, 3, 1, 4]);
    assert_eq!(keys(db.select::<Book>().order(|b| (b.rating.desc(), b.pk.asc()))).await, [1, 4, 3, 2, 5]);
    assert_eq!(keys(db.select::<Book>().order(|b| (b.rating.asc().nulls_last(), b.pk.asc()))).await, [3, 1, 4, 2, 5]);
    assert_eq!(keys(db.select::<Book>().order(|b| (b.rating.desc().nulls_first(), b.pk.asc()))).await, [2, 5, 1, 4, 3]);
    assert_eq!(keys(db.select::<Book>().order(|b| (b.rating.asc().nulls_first(), b.pk.desc()))).await, [5, 2, 3, 4, 1]);
    assert_eq!(keys(db.select::<Book>().order(|b| (b.rating.desc().nulls_last(), b.pk.desc()))).await, [4, 1, 3, 5, 2]);
}

#[tokio::test]
async fn text_sorts_byte_by_byte_and_decimals_by_value() {
    let db =
        books(&[("b", 0, None), ("B", 0, None), ("é", 0, None), ("", 0, None), ("a\0", 0, None), ("a", 0, None)]).await;
    let titles = db.select::<Book>().order(|b| b.title.asc()).only(|b| b.title).fetch_all().await.unwrap();
    assert_eq!(titles, ["", "B", "a", "a\0", "b", "é"]);
    for (key, price) in ["10", "9.99", "-1", "9.990"].into_iter().enumerate() {
        let price: Decimal = price.parse().unwrap();
        let key = Book::key(key as i64 + 1);
        db.select::<Book>().filter(|b| b.pk.eq(key)).update(|b| b.price.set(price)).await.unwrap();
    }
    assert_eq!(keys(db.select::<Book>().order(|b| b.price.desc()).limit(4)).await, [1, 4, 2, 3]);
}

#[tokio::test]
async fn rows_of_equal_rank_come_in_the_order_of_the_key() {
    let db = books(&FIVE).await;
    // In the direction of the last sort key, so that the reverse order is the order reversed.
    assert_eq!(keys(db.select::<Book>().order(|b| b.shelf.asc())).await, [2, 4, 1, 3, 5]);
    assert_eq!(keys(db.select::<Book>().order(|b| b.shelf.desc())).await, [5, 3, 1, 4, 2]);
    assert_eq!(keys(db.select::<Book>().order(|b| b.rating.asc().nulls_last())).await, [3, 1, 4, 2, 5]);
    assert_eq!(keys(db.select::<Book>().order(|b| b.rating.desc().nulls_first())).await, [5, 2, 4, 1, 3]);
    // So pages neither repeat a row nor leave one out, whichever index SQLite takes.
    let mut pages = Vec::new();
    for page in 0..5 {
        pages.extend(keys(db.select::<Book>().order(|b| b.shelf.desc()).limit(1).offset(page)).await);
    }
    assert_eq!(pages, [5, 3, 1, 4, 2]);
}

#[tokio::test]
async fn a_limit_without_an_order_takes_the_first_keys() {
    let db = books(&FIVE).await;
    // The index on the shelf would give 2 and 4 first.
    assert_eq!(keys(db.select::<Book>().filter(|b| b.shelf.gt(0)).limit(2)).await, [1, 2]);
    assert_eq!(keys(db.select::<Book>().limit(3)).await, [1, 2, 3]);
    let shelves = db.select::<Book>().limit(3).only(|b| b.shelf).fetch_all().await.unwrap();
    assert_eq!(shelves, [2, 1, 2]);
}

#[tokio::test]
async fn limit_takes_at_most_so_many_rows() {
    let db = books(&FIVE).await;
    let query = db.select::<Book>().order(|b| b.title.asc());
    assert_eq!(keys(query.clone().limit(2)).await, [2, 4]);
    assert_eq!(keys(query.clone().limit(99)).await, [2, 4, 5, 1, 3]);
    assert_eq!(keys(query.clone().limit(0)).await, [0_i64; 0]);
    assert_eq!(keys(query.clone().limit(0).offset(1)).await, [0_i64; 0]);
    // The later call counts.
    assert_eq!(keys(query.clone().limit(0).limit(1)).await, [2]);
    assert_eq!(keys(query.offset(4).offset(3)).await, [1, 3]);
}

#[tokio::test]
async fn an_offset_works_without_a_limit_and_on_either_side_of_it() {
    let db = books(&FIVE).await;
    let query = db.select::<Book>().order(|b| b.title.asc());
    assert_eq!(keys(query.clone().offset(3)).await, [1, 3]);
    assert_eq!(keys(query.clone().offset(1).limit(2)).await, [4, 5]);
    assert_eq!(keys(query.clone().limit(2).offset(1)).await, [4, 5]);
    assert_eq!(keys(query.offset(0)).await, [2, 4, 5, 1, 3]);
}

#[tokio::test]
async fn an_offset_beyond_the_end_gives_no_rows() {
    let db = books(&FIVE).await;
    assert_eq!(keys(db.select::<Book>().offset(5)).await, [0_i64; 0]);
    assert_eq!(keys(db.select::<Book>().offset(u64::MAX)).await, [0_i64; 0]);
    assert_eq!(db.select::<Book>().offset(5).count().await.unwrap(), 0);
    assert_eq!(db.select::<Book>().offset(5).fetch_last().await.unwrap(), None);
}

#[tokio::test]
async fn huge_limits_are_no_limits() {
    let db = books(&FIVE).await;
    for limit in [u64::MAX, i64::MAX as u64, i64::MAX as u64 + 1] {
        let query = db.select::<Book>().order(|b| b.pk.asc()).limit(limit);
        assert_eq!(keys(query.clone()).await, [1, 2, 3, 4, 5]);
        assert_eq!(keys(query.clone().offset(3)).await, [4, 5]);
        assert_eq!(query.clone().offset(1).count().await.unwrap(), 4);
        assert!(!query.clone().offset(u64::MAX).exists().await.unwrap());
        assert_eq!(query.offset(2).update(|b| b.shelf.add(1)).await.unwrap(), 3);
    }
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Country {
    #[model(pk)]
    code: String,
    area: i64,
}

#[tokio::test]
async fn a_natural_key_is_the_order_of_last_resort() {
    let db = Db::memory().await.unwrap();
    db.create_table::<Country>().await.unwrap();
    for code in ["no", "ch", "fr"] {
        db.insert(Country::builder().code(code).area(1)).await.unwrap();
    }
    let codes = async |query: Select<'_, Country>| query.only(|c| c.code).fetch_all().await.unwrap();
    assert_eq!(codes(db.select::<Country>().order(|c| c.area.desc())).await, ["no", "fr", "ch"]);
    assert_eq!(codes(db.select::<Country>().limit(2)).await, ["ch", "fr"]);
    assert_eq!(db.select::<Country>().fetch_last().await.unwrap().unwrap().code, "no");
    assert_eq!(db.select::<Country>().limit(1).offset(1).delete().await.unwrap(), 1);
    assert_eq!(codes(db.select::<Country>().order(|c| c.code.asc())).await, ["ch", "no"]);
}

#[tokio::test]
async fn an_order_by_every_kind_of_column() {
    let db = books(&FIVE).await;
    for (key, day) in [(1, 3), (2, 1), (3, 2)] {
        let day = NaiveDate::from_ymd_opt(2024, 1, day).unwrap();
        db.select::<Book>().filter(|b| b.pk.eq(Book::key(key))).update(|b| b.read_on.set(day)).await.unwrap();
    }
    assert_eq!(keys(db.select::<Book>().order(|b| b.read_on.desc()).limit(3)).await, [1, 3, 2]);
    assert_eq!(keys(db.select::<Book>().order(|b| b.read_on.asc().nulls_last()).offset(1).limit(2)).await, [3, 1]);
}
