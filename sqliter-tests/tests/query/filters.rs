//! Filters by comparison: every operator on every kind of column, `NULL`, lists, other columns, and their combination.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use sqliter::prelude::*;
use sqliter::{Error, Select};

#[derive(Debug, Clone, PartialEq, Model)]
struct Owner {
    pk: Key<Owner>,
    name: String,
}

#[derive(Debug, Clone, Copy, PartialEq, ColumnType)]
enum Fruit {
    Apple,
    BloodOrange,
    Cherry,
}

#[derive(Debug, Clone, Copy, PartialEq, ColumnType)]
#[column(integer)]
enum Level {
    Low = -5,
    Middle = 9,
    High = 10,
}

#[derive(Debug, Clone, PartialEq, ColumnType)]
struct Weight(i32);

/// Rows 1, 2 and 3 hold ascending values in every column.
#[derive(Debug, Clone, PartialEq, Model)]
struct Full {
    pk: Key<Full>,
    small: i16,
    big: i64,
    unsigned: u64,
    real: f64,
    single: f32,
    text: String,
    blob: Vec<u8>,
    day: NaiveDate,
    cost: Decimal,
    owner_id: Key<Owner>,
    fruit: Fruit,
    level: Level,
    weight: Weight,
}

/// As [`Full`] with a fourth row of nothing but `NULL`.
#[derive(Debug, Clone, PartialEq, Model)]
struct Sparse {
    pk: Key<Sparse>,
    small: Option<i16>,
    big: Option<i64>,
    unsigned: Option<u64>,
    real: Option<f64>,
    single: Option<f32>,
    text: Option<String>,
    blob: Option<Vec<u8>>,
    day: Option<NaiveDate>,
    cost: Option<Decimal>,
    owner_id: Option<Key<Owner>>,
    fruit: Option<Fruit>,
    level: Option<Level>,
    weight: Option<Weight>,
}

const BIG: [i64; 3] = [i64::MIN, 0, i64::MAX];
const REAL: [f64; 3] = [f64::NEG_INFINITY, 0.1, f64::INFINITY];
const TEXT: [&str; 3] = ["", "Z", "a"];
const BLOB: [&[u8]; 3] = [b"", b"\0", b"\0\xff"];
const FRUIT: [Fruit; 3] = [Fruit::Apple, Fruit::BloodOrange, Fruit::Cherry];
const LEVEL: [Level; 3] = [Level::Low, Level::Middle, Level::High];

fn day(i: usize) -> NaiveDate {
    [(1969, 12, 31), (2024, 2, 29), (2024, 10, 1)].map(|(y, m, d)| NaiveDate::from_ymd_opt(y, m, d).unwrap())[i]
}

fn cost(i: usize) -> Decimal {
    ["-3", "9.50", "10.25"][i].parse().unwrap()
}

async fn filled() -> Db {
    let db = Db::memory().await.unwrap();
    db.create_tables::<(Owner, Full, Sparse)>().await.unwrap();
    for i in 0..3 {
        let owner = db.insert(Owner::builder().name(format!("owner {i}"))).await.unwrap();
        let (small, unsigned, single) = ([-2, 0, 300][i], [0, 7, i64::MAX as u64][i], [-0.5, 0.1, 3.5][i]);
        let weight = || Weight([-1, 0, 1][i]);
        let full = NewFull {
            small,
            big: BIG[i],
            unsigned,
            real: REAL[i],
            single,
            text: TEXT[i].into(),
            blob: BLOB[i].into(),
            day: day(i),
            cost: cost(i),
            owner_id: owner.pk,
            fruit: FRUIT[i],
            level: LEVEL[i],
            weight: weight(),
        };
        db.insert(full).await.unwrap();
        let sparse = NewSparse {
            small: Some(small),
            big: Some(BIG[i]),
            unsigned: Some(unsigned),
            real: Some(REAL[i]),
            single: Some(single),
            text: Some(TEXT[i].into()),
            blob: Some(BLOB[i].into()),
            day: Some(day(i)),
            cost: Some(cost(i)),
            owner_id: Some(owner.pk),
            fruit: Some(FRUIT[i]),
            level: Some(LEVEL[i]),
            weight: Some(weight()),
        };
        db.insert(sparse).await.unwrap();
    }
    db.insert(Sparse::builder()).await.unwrap();
    db
}

/// The keys of the rows, sorted.
async fn keys<M: Model<RawKey = i64>>(query: Select<'_, M>) -> Vec<i64> {
    let mut keys: Vec<i64> = query.fetch_all().await.unwrap().iter().map(|row| row.primary_key().into_raw()).collect();
    keys.sort_unstable();
    keys
}

/// The keys of the rows of a model that a filter keeps.
macro_rules! kept {
    ($db:expr, $model:ident, $filter:expr) => {
        keys($db.select::<$model>().filter($filter)).await
    };
}

/// Every comparison on a column of both models, with the values of its rows 1, 2 and 3.
macro_rules! every_comparison {
    ($db:expr, $column:ident, $values:expr) => {
        every_comparison!($db, $column, $values, Full);
        every_comparison!($db, $column, $values, Sparse);
        assert_eq!(kept!($db, Sparse, |r| r.$column.is_null()), [4]);
        assert_eq!(kept!($db, Sparse, |r| r.$column.is_not_null()), [1, 2, 3]);
        assert_eq!(kept!($db, Sparse, |r| r.$column.eq(None)), [4]);
        assert_eq!(kept!($db, Sparse, |r| r.$column.ne(None)), [1, 2, 3]);
        let [_, middle, _] = $values;
        assert_eq!(kept!($db, Sparse, |r| r.$column.eq(Some(middle))), [2]);
    };
    ($db:expr, $column:ident, $values:expr, $model:ident) => {{
        let none: [i64; 0] = [];
        let [low, middle, high] = $values;
        let value = || middle.clone();
        assert_eq!(kept!($db, $model, |r| r.$column.eq(value())), [2]);
        assert_eq!(kept!($db, $model, |r| r.$column.eq(&middle)), [2]);
        assert_eq!(kept!($db, $model, |r| r.$column.ne(value())), [1, 3]);
        assert_eq!(kept!($db, $model, |r| r.$column.lt(value())), [1]);
        assert_eq!(kept!($db, $model, |r| r.$column.le(&middle)), [1, 2]);
        assert_eq!(kept!($db, $model, |r| r.$column.gt(value())), [3]);
        assert_eq!(kept!($db, $model, |r| r.$column.ge(&middle)), [2, 3]);
        assert_eq!(kept!($db, $model, |r| r.$column.between(&low, value())), [1, 2]);
        assert_eq!(kept!($db, $model, |r| r.$column.between(&high, &low)), none);
        assert_eq!(kept!($db, $model, |r| r.$column.is_in([&low, &high])), [1, 3]);
        assert_eq!(kept!($db, $model, |r| r.$column.is_in(vec![value()])), [2]);
        assert_eq!(kept!($db, $model, |r| r.$column.not_in([&low, &high])), [2]);
        assert_eq!(kept!($db, $model, |r| r.$column.eq(r.$column)), [1, 2, 3]);
        assert_eq!(kept!($db, $model, |r| r.$column.lt(r.$column)), none);
    }};
}

#[tokio::test]
async fn numbers_compare() {
    let db = filled().await;
    every_comparison!(db, small, [-2_i16, 0, 300]);
    every_comparison!(db, big, BIG);
    every_comparison!(db, unsigned, [0_u64, 7, i64::MAX as u64]);
    every_comparison!(db, real, REAL);
    every_comparison!(db, single, [-0.5_f32, 0.1, 3.5]);
}

#[tokio::test]
async fn text_and_blobs_compare_byte_by_byte() {
    let db = filled().await;
    every_comparison!(db, text, TEXT.map(String::from));
    every_comparison!(db, blob, BLOB.map(Vec::from));
    assert_eq!(kept!(db, Full, |r| r.text.eq("Z")), [2]);
    assert_eq!(kept!(db, Sparse, |r| r.text.eq("Z")), [2]);
    assert_eq!(kept!(db, Sparse, |r| r.text.ge("Z") & r.text.ne("a")), [2]);
    assert_eq!(kept!(db, Full, |r| r.text.is_in(TEXT)), [1, 2, 3]);
    assert_eq!(kept!(db, Sparse, |r| r.text.between("Y", "a")), [2, 3]);
    // Beyond ASCII, where bytes and UTF-16 units differ.
    for text in ["é", "\u{ffff}", "\u{10000}"] {
        db.insert(Sparse::builder().text(text)).await.unwrap();
    }
    assert_eq!(kept!(db, Sparse, |r| r.text.gt("zzz")), [5, 6, 7]);
    assert_eq!(kept!(db, Sparse, |r| r.text.gt("\u{ffff}")), [7]);
}

#[tokio::test]
async fn dates_decimals_enums_and_newtypes_compare_as_they_are_stored() {
    let db = filled().await;
    every_comparison!(db, day, [day(0), day(1), day(2)]);
    every_comparison!(db, cost, [cost(0), cost(1), cost(2)]);
    every_comparison!(db, fruit, FRUIT);
    every_comparison!(db, level, LEVEL);
    every_comparison!(db, weight, [-1, 0, 1].map(Weight));
    // Decimals are equal by value, whatever their digits; so in lists and ranges.
    let [short, long] = ["9.5", "9.500"].map(|text| text.parse::<Decimal>().unwrap());
    assert_eq!(kept!(db, Full, |r| r.cost.eq(short)), [2]);
    assert_eq!(kept!(db, Full, |r| r.cost.is_in([short])), [2]);
    assert_eq!(kept!(db, Full, |r| r.cost.not_in([short])), [1, 3]);
    assert_eq!(kept!(db, Full, |r| r.cost.between(short, long)), [2]);
}

#[tokio::test]
async fn keys_compare_with_keys_and_models() {
    let db = filled().await;
    every_comparison!(db, owner_id, [1, 2, 3].map(Owner::key));
    let owners = db.select::<Owner>().order(|o| o.pk.asc()).fetch_all().await.unwrap();
    assert_eq!(kept!(db, Full, |r| r.owner_id.eq(&owners[1])), [2]);
    assert_eq!(kept!(db, Full, |r| r.owner_id.gt(&owners[1])), [3]);
    assert_eq!(kept!(db, Full, |r| r.owner_id.is_in(&owners[..2])), [1, 2]);
    assert_eq!(kept!(db, Sparse, |r| r.owner_id.eq(&owners[1])), [2]);
    assert_eq!(kept!(db, Sparse, |r| r.owner_id.ne(&owners[1])), [1, 3]);
    assert_eq!(kept!(db, Sparse, |r| r.owner_id.not_in(&owners[..2])), [3]);
    assert_eq!(kept!(db, Full, |r| r.pk.between(Full::key(2), Full::key(9))), [2, 3]);
    assert_eq!(kept!(db, Full, |r| r.pk.eq(Full::key(-1))), [0_i64; 0]);
}

#[tokio::test]
async fn comparing_with_none_tests_for_null() {
    let db = filled().await;
    assert_eq!(kept!(db, Sparse, |r| r.big.eq(None)), [4]);
    assert_eq!(kept!(db, Sparse, |r| r.big.ne(None)), [1, 2, 3]);
    let [none, some] = [None, Some(0_i64)];
    assert_eq!(kept!(db, Sparse, |r| r.big.eq(none) | r.big.eq(some)), [2, 4]);
    assert_eq!(kept!(db, Sparse, |r| r.big.ne(none) & r.big.ne(some)), [1, 3]);
    let text = db.select::<Sparse>().filter(|r| r.big.eq(None) | r.big.ne(None)).to_sql().unwrap().text;
    assert!(text.ends_with(r#"WHERE "big" IS NULL OR "big" IS NOT NULL"#), "{text}");
}

#[tokio::test]
async fn comparison_with_null_is_unknown_and_not_is_the_complement() {
    let db = filled().await;
    assert_eq!(kept!(db, Sparse, |r| r.big.ne(77)), [1, 2, 3]);
    assert_eq!(kept!(db, Sparse, |r| r.big.not_in([77])), [1, 2, 3]);
    assert_eq!(kept!(db, Sparse, |r| !r.big.eq(0)), [1, 3, 4]);
    assert_eq!(kept!(db, Sparse, |r| !r.big.ne(77)), [4]);
    assert_eq!(kept!(db, Sparse, |r| !!r.big.ne(0)), [1, 3]);
    assert_eq!(kept!(db, Sparse, |r| !r.big.not_in([0])), [2, 4]);
    assert_eq!(kept!(db, Sparse, |r| !r.big.between(0, 1)), [1, 3, 4]);
    assert_eq!(kept!(db, Sparse, |r| !r.big.is_null()), [1, 2, 3]);
    assert_eq!(kept!(db, Sparse, |r| !r.text.contains("Z")), [1, 3, 4]);
    assert_eq!(kept!(db, Sparse, |r| !r.text.starts_with("Z")), [1, 3, 4]);
    assert_eq!(kept!(db, Sparse, |r| !(r.big.ge(0) & r.text.eq("Z"))), [1, 3, 4]);
    assert_eq!(kept!(db, Sparse, |r| !(r.big.ge(0) | r.text.eq("")) & r.pk.gt(Sparse::key(0))), [4]);
}

#[tokio::test]
async fn columns_compare_with_columns_and_null_equals_nothing() {
    let db = filled().await;
    for (text, owner) in [(Some("x"), None), (None, Some(Owner::key(1)))] {
        let mut new = Sparse::builder().build();
        (new.text, new.owner_id) = (text.map(Into::into), owner);
        db.insert(new).await.unwrap();
    }
    assert_eq!(kept!(db, Sparse, |r| r.text.eq(r.text)), [1, 2, 3, 5]);
    assert_eq!(kept!(db, Sparse, |r| r.text.ne(r.text)), [0_i64; 0]);
    assert_eq!(kept!(db, Sparse, |r| r.big.between(r.big, 5)), [1, 2]);
    assert_eq!(kept!(db, Full, |r| r.big.between(-1, r.big)), [2, 3]);
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Pair {
    pk: Key<Pair>,
    a: i64,
    b: Option<i64>,
    cheap: Decimal,
    dear: Option<Decimal>,
    open: bool,
    checked: Option<bool>,
}

async fn pairs() -> Db {
    let db = Db::memory().await.unwrap();
    db.create_table::<Pair>().await.unwrap();
    let rows = [(1, Some(2), false, Some(false)), (2, Some(2), true, Some(true)), (3, None, true, None)];
    for (a, b, open, checked) in rows {
        let dear = b.map(|b| Decimal::new(b * 100, 2));
        db.insert(Pair::builder().a(a).b(b).cheap(a).dear(dear).open(open).checked(checked)).await.unwrap();
    }
    db
}

#[tokio::test]
async fn a_column_compares_with_a_nullable_one() {
    let db = pairs().await;
    assert_eq!(kept!(db, Pair, |r| r.a.eq(r.b)), [2]);
    assert_eq!(kept!(db, Pair, |r| r.b.gt(r.a)), [1]);
    assert_eq!(kept!(db, Pair, |r| r.a.ne(r.b)), [1]);
    assert_eq!(kept!(db, Pair, |r| !r.a.eq(r.b)), [1, 3]);
    // 2 and 2.00 are equal, on either side.
    assert_eq!(kept!(db, Pair, |r| r.cheap.eq(r.dear)), [2]);
    assert_eq!(kept!(db, Pair, |r| r.dear.ge(r.cheap)), [1, 2]);
}

#[tokio::test]
async fn booleans_compare() {
    let db = pairs().await;
    assert_eq!(kept!(db, Pair, |r| r.open.eq(true)), [2, 3]);
    assert_eq!(kept!(db, Pair, |r| r.open.ne(true)), [1]);
    assert_eq!(kept!(db, Pair, |r| r.open.lt(true)), [1]);
    assert_eq!(kept!(db, Pair, |r| r.checked.eq(false)), [1]);
    assert_eq!(kept!(db, Pair, |r| r.checked.eq(Some(true))), [2]);
    assert_eq!(kept!(db, Pair, |r| r.checked.ne(false)), [2]);
    assert_eq!(kept!(db, Pair, |r| !r.checked.eq(false)), [2, 3]);
    assert_eq!(kept!(db, Pair, |r| r.checked.is_in([true, false])), [1, 2]);
    assert_eq!(kept!(db, Pair, |r| r.open.eq(r.checked)), [1, 2]);
}

#[tokio::test]
async fn an_empty_list_matches_nothing() {
    let db = filled().await;
    let none: [i64; 0] = [];
    assert_eq!(kept!(db, Sparse, |r| r.big.is_in(none)), none);
    assert_eq!(kept!(db, Sparse, |r| !r.big.is_in(none)), [1, 2, 3, 4]);
    assert_eq!(kept!(db, Sparse, |r| r.big.not_in(none)), [1, 2, 3, 4]);
    assert_eq!(kept!(db, Sparse, |r| r.cost.not_in(Vec::<Decimal>::new())), [1, 2, 3, 4]);
    assert_eq!(kept!(db, Full, |r| r.owner_id.is_in(Vec::<&Owner>::new())), none);
}

#[tokio::test]
async fn any_iterator_is_a_list() {
    let db = filled().await;
    assert_eq!(kept!(db, Full, |r| r.small.is_in(-10..1)), [1, 2]);
    assert_eq!(kept!(db, Full, |r| r.small.is_in(std::collections::BTreeSet::from([300_i16]))), [3]);
    assert_eq!(kept!(db, Full, |r| r.text.is_in(TEXT.iter().skip(1))), [2, 3]);
    assert_eq!(kept!(db, Full, |r| r.big.is_in(Some(0))), [2]);
    // Twice the same is once.
    assert_eq!(kept!(db, Full, |r| r.big.is_in([0, 0, 0])), [2]);
}

#[tokio::test]
async fn a_list_of_300_000_is_one_argument() {
    let db = filled().await;
    let query = db.select::<Full>().filter(|r| r.small.is_in(0..300) | r.big.not_in(1..=300_000));
    let sql = query.to_sql().unwrap();
    assert_eq!(sql.text.matches('?').count(), 2);
    assert_eq!(sql.arguments.len(), 2);
    assert_eq!(keys(query).await, [1, 2, 3]);
    assert_eq!(kept!(db, Full, |r| r.big.not_in(0..300_000)), [1, 3]);
    let texts = (0..300_000).map(|i| i.to_string()).chain(["Z".to_owned()]);
    assert_eq!(kept!(db, Full, |r| r.text.is_in(texts)), [2]);
    let changed = db.select::<Full>().filter(|r| r.big.is_in(0..300_000)).update(|r| r.small.set(5)).await;
    assert_eq!(changed.unwrap(), 1);
}

#[tokio::test]
async fn conditions_combine() {
    let db = filled().await;
    // The operators of Rust: `&` binds tighter than `|`.
    assert_eq!(kept!(db, Full, |r| r.big.eq(0) & r.text.eq("no") | r.text.eq("a")), [3]);
    assert_eq!(kept!(db, Full, |r| r.big.eq(0) & (r.text.eq("no") | r.text.eq("Z"))), [2]);
    assert_eq!(kept!(db, Full, |r| (r.text.eq("a") | r.text.eq("Z")) & r.big.eq(0)), [2]);
    assert_eq!(kept!(db, Full, |r| r.text.eq("") | r.big.between(0, 1) & r.text.eq("Z")), [1, 2]);
    assert_eq!(kept!(db, Full, |r| !(r.big.eq(0) | r.text.eq("a"))), [1]);
    // Several calls are joined by AND, whatever stands in them.
    let query = db.select::<Full>().filter(|r| r.big.eq(0) | r.text.eq("a")).filter(|r| r.big.eq(0) | r.text.eq(""));
    assert_eq!(keys(query).await, [2]);
    let query =
        db.select::<Full>().filter(|r| !r.big.eq(0)).filter(|r| r.small.between(-9, 9)).filter(|r| !r.big.gt(5));
    assert_eq!(keys(query).await, [1]);
}

#[tokio::test]
async fn thousands_of_conditions_are_one_filter() {
    let db = filled().await;
    let any = |r: &FullColumns<Full>| (0..5000).map(|i| r.big.eq(i)).reduce(|a, b| a | b).unwrap();
    assert_eq!(kept!(db, Full, any), [2]);
    let mut query = db.select::<Full>();
    for i in 1..5000 {
        query = query.filter(|r| r.big.ne(i));
    }
    assert_eq!(keys(query.clone()).await, [1, 2, 3]);
    assert_eq!(keys(query.filter(|r| r.big.ne(0))).await, [1, 3]);
}

#[tokio::test]
async fn filter_some_adds_nothing_without_a_value() {
    let db = filled().await;
    for (least, expected) in [(Some(0), vec![2, 3]), (None, vec![1, 2, 3])] {
        let query = db.select::<Full>().filter_some(least, |r, least| r.big.ge(least)).filter(|r| r.small.ge(-2));
        assert_eq!(keys(query).await, expected);
    }
}

#[tokio::test]
async fn a_value_without_a_form_in_sqlite_is_an_error_with_its_column() {
    let db = filled().await;
    let nan = db.select::<Full>().filter(|r| r.real.is_in([0.0, f64::NAN])).fetch_all().await.unwrap_err();
    assert!(matches!(&nan, Error::Encode { table, column, .. } if table == "fulls" && column == "real"), "{nan}");
    let query = db.select::<Sparse>().filter(|r| r.big.eq(0) | !r.unsigned.lt(u64::MAX));
    assert!(matches!(query.to_sql(), Err(Error::Encode { column, .. }) if column == "unsigned"));
    assert!(matches!(query.clone().count().await, Err(Error::Encode { .. })));
    assert!(matches!(query.delete().await, Err(Error::Encode { .. })));
}
