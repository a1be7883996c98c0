//! Groups and their aggregates.

use sqliter::Condition;
use sqliter::bounds::PerGroup;
use sqliter::prelude::*;

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(sales = Sale::shop))]
struct Shop {
    pk: Key<Shop>,
    name: String,
    city: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Sale {
    pk: Key<Sale>,
    category: String,
    amount: f64,
    quantity: i64,
    discount: Option<i64>,
    express: bool,
    day: chrono::NaiveDate,
    shop_id: Key<Shop>,
}

fn day(text: &str) -> chrono::NaiveDate {
    text.parse().unwrap()
}

/// Three sales of tea and two of coffee in two shops.
async fn sales() -> Db {
    let db = Db::memory().await.unwrap();
    db.create_tables::<(Shop, Sale)>().await.unwrap();
    let corner = db.insert(Shop::builder().name("Corner").city("Oslo")).await.unwrap();
    let harbour = db.insert(Shop::builder().name("Harbour")).await.unwrap();
    let sale = |category: &str, amount: f64, quantity: i64, discount: Option<i64>, on: &str, shop: &Shop| {
        Sale::builder()
            .category(category)
            .amount(amount)
            .quantity(quantity)
            .discount(discount)
            .express(quantity > 2)
            .day(day(on))
            .shop_id(shop)
    };
    db.bulk_insert([
        sale("tea", 10.0, 1, None, "2024-01-31", &corner),
        sale("tea", 14.0, 2, Some(3), "2024-02-01", &corner),
        sale("tea", 6.0, 3, None, "2025-02-28", &harbour),
        sale("coffee", 3.0, 1, Some(1), "2025-03-01", &harbour),
        sale("coffee", 5.0, 4, Some(1), "2025-12-31", &corner),
    ])
    .await
    .unwrap();
    db
}

#[tokio::test]
async fn groups_with_counts_and_averages_come_as_tuples_in_the_order_of_the_calls() {
    let db = sales().await;
    let report: Vec<(String, i64, Option<f64>)> = db
        .select::<Sale>()
        .group_by(|s| s.category)
        .annotate(|s| (count(), s.amount.avg()))
        .having(|s| s.amount.sum().gt(20.0))
        .order(|s| s.amount.sum().desc())
        .fetch_all()
        .await
        .unwrap();
    assert_eq!(report, [("tea".to_owned(), 3, Some(10.0))]);
}

#[tokio::test]
async fn group_by_adds_up_over_calls_and_null_is_a_group() {
    let db = sales().await;
    let shops: Vec<(Option<String>, String)> = db
        .select::<Sale>()
        .group_by(|s| s.shop.city)
        .group_by(|s| s.category)
        .order(|s| (s.shop.city.asc(), s.category.asc()))
        .fetch_all()
        .await
        .unwrap();
    let oslo = || Some("Oslo".to_owned());
    let (tea, coffee) = ("tea".to_owned(), "coffee".to_owned());
    assert_eq!(shops, [(None, coffee.clone()), (None, tea.clone()), (oslo(), coffee), (oslo(), tea)]);
}

#[tokio::test]
async fn without_group_by_there_is_one_row_also_when_there_are_no_rows() {
    let db = sales().await;
    let all = db.select::<Sale>().annotate(|s| (count(), s.quantity.sum(), s.discount.sum(), s.amount.total()));
    let row: (i64, Option<i64>, Option<i64>, f64) = all.clone().fetch_required().await.unwrap();
    assert_eq!(row, (5, Some(11), Some(5), 38.0));
    let none = all.filter(|s| s.category.eq("cocoa"));
    assert_eq!(none.clone().fetch_all().await.unwrap(), [(0, None, None, 0.0)]);
    assert_eq!(none.count().await.unwrap(), 1);
    let single: Vec<i64> = db.select::<Sale>().annotate(|_| count()).fetch_all().await.unwrap();
    assert_eq!(single, [5]);
}

#[tokio::test]
async fn having_without_group_by_filters_the_single_row() {
    let db = sales().await;
    let all = db.select::<Sale>().annotate(|s| s.amount.max());
    assert_eq!(all.clone().having(|_| count().gt(4)).fetch_all().await.unwrap(), [Some(14.0)]);
    let none = all.having(|_| count().gt(5));
    assert_eq!(none.clone().fetch_all().await.unwrap(), []);
    assert_eq!(none.clone().count().await.unwrap(), 0);
    assert!(!none.exists().await.unwrap());
}

#[tokio::test]
async fn each_aggregate_takes_all_values_or_each_once() {
    let db = sales().await;
    let d = |s: &<Sale as Model>::Columns<Sale>| s.discount.distinct();
    type Row = (i64, i64, Option<i64>, Option<f64>, Option<i64>, Option<i64>, f64);
    let all: Row = db
        .select::<Sale>()
        .annotate(|s| {
            let v = s.discount;
            (count(), v.count(), v.sum(), v.avg(), v.min(), v.max(), v.total())
        })
        .fetch_required()
        .await
        .unwrap();
    assert_eq!(all, (5, 3, Some(5), Some(5.0 / 3.0), Some(1), Some(3), 5.0));
    let once: Row = db
        .select::<Sale>()
        .annotate(|s| (count(), d(s).count(), d(s).sum(), d(s).avg(), d(s).min(), d(s).max(), d(s).total()))
        .fetch_required()
        .await
        .unwrap();
    assert_eq!(once, (5, 2, Some(4), Some(2.0), Some(1), Some(3), 4.0));
    let texts: (Option<String>, Option<String>) = db
        .select::<Sale>()
        .filter(|s| s.category.eq("tea"))
        .annotate(|s| (s.category.group_concat(" | "), s.category.distinct().group_concat()))
        .fetch_required()
        .await
        .unwrap();
    assert_eq!(texts, (Some("tea | tea | tea".to_owned()), Some("tea".to_owned())));
}

#[tokio::test]
async fn the_smallest_and_the_largest_have_the_type_of_the_column() {
    let db = sales().await;
    let ends: (Option<chrono::NaiveDate>, Option<chrono::NaiveDate>, Option<Key<Shop>>, Option<bool>) = db
        .select::<Sale>()
        .annotate(|s| (s.day.min(), s.day.max(), s.shop_id.max(), s.express.max()))
        .fetch_required()
        .await
        .unwrap();
    assert_eq!(ends, (Some(day("2024-01-31")), Some(day("2025-12-31")), Some(Shop::key(2)), Some(true)));
}

#[tokio::test]
async fn aggregates_are_compared_and_calculated_with_each_other() {
    let db = sales().await;
    let rows: Vec<(String, Option<i64>, i64)> = db
        .select::<Sale>()
        .group_by(|s| s.category)
        .annotate(|s| (s.quantity.sum() / count(), s.discount.sum().coalesce(0) + count()))
        .having(|s| s.quantity.sum().gt(count()) & count().ge(s.discount.count()))
        .order(|s| s.category.asc())
        .fetch_all()
        .await
        .unwrap();
    assert_eq!(rows, [("coffee".to_owned(), Some(2), 4), ("tea".to_owned(), Some(2), 6)]);
}

#[tokio::test]
async fn a_filter_comes_before_the_groups_in_any_order_of_calls() {
    let db = sales().await;
    let before = db.select::<Sale>().filter(|s| s.quantity.gt(1)).group_by(|s| s.category).annotate(|_| count());
    let after = db.select::<Sale>().group_by(|s| s.category).annotate(|_| count()).filter(|s| s.quantity.gt(1));
    let expected = [("coffee".to_owned(), 1), ("tea".to_owned(), 2)];
    assert_eq!(before.order(|s| s.category.asc()).fetch_all().await.unwrap(), expected);
    assert_eq!(after.order(|s| s.category.asc()).fetch_all().await.unwrap(), expected);
}

#[tokio::test]
async fn limit_offset_count_and_exists_are_about_groups() {
    let db = sales().await;
    let groups = db.select::<Sale>().group_by(|s| s.day.year()).annotate(|s| s.amount.sum());
    assert_eq!(groups.clone().count().await.unwrap(), 2);
    assert_eq!(groups.clone().offset(1).count().await.unwrap(), 1);
    assert_eq!(groups.clone().limit(1).offset(1).fetch_all().await.unwrap(), [(2025, Some(14.0))]);
    assert_eq!(groups.clone().fetch_first().await.unwrap(), Some((2024, Some(24.0))));
    assert_eq!(groups.clone().fetch_last().await.unwrap(), Some((2025, Some(14.0))));
    assert!(!groups.clone().filter(|s| s.quantity.gt(100)).exists().await.unwrap());
    assert!(groups.exists().await.unwrap());
}

#[tokio::test]
async fn sorting_groups_by_what_differs_within_them_is_an_error() {
    let db = sales().await;
    let groups = db.select::<Sale>().group_by(|s| (s.category, s.day.year())).annotate(|_| count());
    let error = groups.clone().order(|s| s.amount.asc()).fetch_all().await.unwrap_err();
    assert!(matches!(&error, sqliter::Error::NotGrouped { table, value } if table == "sales" && value == "amount"));
    assert_eq!(error.to_string(), "cannot sort groups of sales by amount: it is neither grouped by nor aggregated");
    let error = groups.clone().order(|s| s.shop.sales.count().asc()).fetch_all().await.unwrap_err();
    assert!(matches!(error, sqliter::Error::NotGrouped { .. }));
    // What follows from the keys of a group is the same for all of its rows.
    let years = groups.order(|s| ((s.day.year() * 2).desc(), s.category.length().asc()));
    let rows: Vec<(String, i64, i64)> = years.fetch_all().await.unwrap();
    assert_eq!(rows.iter().map(|row| row.1).collect::<Vec<_>>(), [2025, 2025, 2024]);
}

#[tokio::test]
async fn sums_of_whole_numbers_are_whole_and_an_overflow_is_an_error() {
    let db = sales().await;
    db.select::<Sale>().update(|s| s.quantity.set(i64::MAX)).await.unwrap();
    let sum = db.select::<Sale>().annotate(|s| s.quantity.sum());
    let error = sum.fetch_all().await.unwrap_err();
    assert!(matches!(&error, sqliter::Error::RecordFetch { .. }), "{error:?}");
    assert!(error.to_string().contains("integer overflow"), "{error}");
    let total: f64 = db.select::<Sale>().annotate(|s| s.quantity.total()).fetch_required().await.unwrap();
    assert!((total - 5.0 * i64::MAX as f64).abs() < 1e6);
    // SQLite goes on with floating-point numbers where a product leaves the range: no whole number comes back.
    let product = db.select::<Sale>().only(|s| s.quantity * 2).fetch_all().await.unwrap_err();
    assert!(matches!(product, sqliter::Error::Decode { .. }), "{product:?}");
}

#[tokio::test]
async fn conditional_aggregates_take_some_rows_of_each_group() {
    let db = sales().await;
    let rows: Vec<(String, i64, i64, Option<f64>)> = db
        .select::<Sale>()
        .group_by(|s| s.category)
        .annotate(|s| {
            let large = s.quantity.ge(2);
            (count(), count().filter(large.clone()), (s.amount.sum() / s.quantity.sum()).filter(large))
        })
        .order(|s| s.category.asc())
        .fetch_all()
        .await
        .unwrap();
    assert_eq!(rows, [("coffee".to_owned(), 2, 1, Some(1.25)), ("tea".to_owned(), 3, 2, Some(4.0))]);
}

#[tokio::test]
async fn aggregates_of_products_and_over_related_columns() {
    let db = sales().await;
    let rows: Vec<(String, Option<f64>, Option<i64>)> = db
        .select::<Sale>()
        .group_by(|s| s.shop.name)
        .annotate(|s| ((s.amount * s.quantity).sum(), s.shop.name.length().max()))
        .order(|s| s.shop.name.asc())
        .fetch_all()
        .await
        .unwrap();
    assert_eq!(rows, [("Corner".to_owned(), Some(58.0), Some(6)), ("Harbour".to_owned(), Some(21.0), Some(7))]);
}

#[tokio::test]
async fn distinct_values_come_once_and_are_counted_and_limited_as_such() {
    let db = sales().await;
    let categories = db.select::<Sale>().only(|s| s.category).distinct();
    assert_eq!(categories.clone().count().await.unwrap(), 2);
    assert_eq!(categories.clone().order(|s| s.category.desc()).fetch_all().await.unwrap(), ["tea", "coffee"]);
    assert_eq!(categories.clone().limit(1).offset(1).fetch_all().await.unwrap(), ["tea"]);
    let pairs = db
        .select::<Sale>()
        .fields(|s| (s.shop.city, s.discount))
        .distinct()
        .order(|s| (s.discount.asc().nulls_last(), s.shop.city.asc()));
    let oslo = || Some("Oslo".to_owned());
    let expected = [(None, Some(1)), (oslo(), Some(1)), (oslo(), Some(3)), (None, None), (oslo(), None)];
    assert_eq!(pairs.fetch_all().await.unwrap(), expected);
    let error = categories.order(|s| s.amount.asc()).fetch_all().await.unwrap_err();
    assert!(matches!(error, sqliter::Error::NotGrouped { .. }));
}

#[tokio::test]
async fn dictionaries_of_groups_name_each_value() {
    let db = sales().await;
    let rows = db
        .select::<Sale>()
        .group_by(|s| (s.category, s.express))
        .annotate(|s| (count(), s.amount.sum(), s.amount.max().alias("most"), count().alias("n"), s.amount.sum()))
        .order(|s| (s.category.asc(), s.express.asc()))
        .fetch_dicts()
        .await
        .unwrap();
    assert_eq!(
        serde_json::to_string(&rows[..1]).unwrap(),
        r#"[{"category":"coffee","express":false,"count":1,"sum_amount":3.0,"most":3.0,"n":1}]"#
    );
}

#[tokio::test]
async fn results_of_groups_are_cached_by_all_that_they_depend_on() {
    let db = Db::options().memory().cache(CacheOptions::default()).open().await.unwrap();
    db.create_tables::<(Shop, Sale)>().await.unwrap();
    let shop = db.insert(Shop::builder().name("Corner")).await.unwrap();
    let tea = Sale::builder().category("tea").amount(1.0).quantity(1).express(false).day(day("2024-01-01"));
    db.insert(tea.shop_id(&shop)).await.unwrap();
    let count_of = db.select::<Sale>().group_by(|s| s.category).annotate(|_| count());
    for _ in 0..2 {
        assert_eq!(count_of.clone().fetch_all().await.unwrap(), [("tea".to_owned(), 1)]);
    }
    assert_eq!((db.cache_stats().hits, db.cache_stats().misses), (1, 1));
    assert_eq!(count_of.having(|_| count().gt(1)).fetch_all().await.unwrap(), []);
    assert_eq!((db.cache_stats().hits, db.cache_stats().misses), (1, 2));
}

#[tokio::test]
async fn counts_of_several_relations_do_not_multiply() {
    let db = sales().await;
    let shops: Vec<(Shop, i64, Option<f64>, i64)> = db
        .select::<Shop>()
        .with_count(|s| s.sales)
        .with_values(|s| s.sales.aggregate(|x| x.amount.sum()))
        .with_count(|s| s.sales)
        .order(|s| s.sales.count().asc())
        .fetch_all()
        .await
        .unwrap();
    let numbers: Vec<_> = shops.iter().map(|(shop, n, sum, m)| (shop.name.as_str(), *n, *sum, *m)).collect();
    assert_eq!(numbers, [("Harbour", 2, Some(9.0), 2), ("Corner", 3, Some(29.0), 3)]);
}

#[tokio::test]
async fn any_text_is_an_alias_and_one_that_is_taken_gets_a_number() {
    let db = sales().await;
    let rows = db
        .select::<Sale>()
        .group_by(|s| s.category)
        .annotate(|s| (s.quantity.sum().alias("it's \"much\""), count().alias("category"), count().alias("")))
        .order(|s| s.category.asc())
        .fetch_dicts()
        .await
        .unwrap();
    assert_eq!(
        serde_json::to_string(&rows[..1]).unwrap(),
        r#"[{"category":"coffee","it's \"much\"":5,"category_2":2,"":2}]"#
    );
}

#[tokio::test]
async fn having_takes_every_operator_and_filter_what_is_grouped_by() {
    let db = sales().await;
    let groups = db
        .select::<Sale>()
        .group_by(|s| (s.category, s.shop.city))
        .order(|s| (s.category.asc(), s.shop.city.asc().nulls_first()));
    let group = |category: &str, city: Option<&str>| (category.to_owned(), city.map(str::to_owned));
    let all = [group("coffee", None), group("coffee", Some("Oslo")), group("tea", None), group("tea", Some("Oslo"))];
    assert_eq!(groups.clone().fetch_all().await.unwrap(), all);
    let having = async |condition: fn(&SaleColumns<Sale>) -> Condition<Sale, PerGroup>| {
        groups.clone().having(condition).fetch_all().await.unwrap()
    };
    assert_eq!(having(|s| s.amount.max().between(5.0, 6.0)).await, all[1..3]);
    assert_eq!(having(|s| s.discount.sum().is_null()).await, all[2..3]);
    assert_eq!(having(|s| s.discount.sum().eq(None)).await, all[2..3]);
    assert_eq!(having(|s| !s.discount.sum().is_null() & count().lt(2)).await, all[..2]);
    assert_eq!(having(|s| s.quantity.sum().is_in([1, 4]) | count().ge(2)).await, [&all[..2], &all[3..]].concat());
    assert_eq!(having(|s| s.category.max().starts_with("te")).await, all[2..]);
    let both = groups.clone().having(|_| count().eq(1)).having(|s| s.quantity.min().gt(2));
    assert_eq!(both.fetch_all().await.unwrap(), all[1..3]);
    let keys = groups.filter(|s| s.category.eq("tea") & s.shop.city.is_null());
    assert_eq!(keys.fetch_all().await.unwrap(), all[2..3]);
}

#[tokio::test]
async fn having_means_the_aggregate_whatever_columns_are_called() {
    let db = sales().await;
    // Both tables have a `pk`, and the shop has a `name`.
    let shops = db
        .select::<Sale>()
        .filter(|s| s.shop.name.ne("Nowhere") & s.shop.sales.any(|x| x.category.eq("tea")))
        .group_by(|s| s.shop.pk)
        .annotate(|s| (s.pk.count().alias("pk"), s.shop.city.count().alias("name")))
        .order(|s| s.shop.pk.asc());
    assert_eq!(shops.clone().fetch_all().await.unwrap(), [(Shop::key(1), 3, 3), (Shop::key(2), 2, 0)]);
    let full = shops.clone().having(|s| s.pk.count().ge(3)).fetch_all().await.unwrap();
    assert_eq!(full, [(Shop::key(1), 3, 3)]);
    let nowhere = shops.having(|s| s.shop.city.count().eq(0)).fetch_all().await.unwrap();
    assert_eq!(nowhere, [(Shop::key(2), 2, 0)]);
}

#[tokio::test]
async fn a_refusal_by_sqlite_is_a_fetch_error() {
    let db = sales().await;
    db.execute("ALTER TABLE sales RENAME COLUMN amount TO price").await.unwrap();
    let sums = db.select::<Sale>().group_by(|s| s.category).annotate(|s| s.amount.sum());
    for error in [sums.clone().fetch_all().await.unwrap_err(), sums.fetch_dicts().await.unwrap_err()] {
        assert!(matches!(&error, sqliter::Error::RecordFetch { table, .. } if table == "sales"), "{error:?}");
        assert!(error.to_string().contains("no such column"), "{error}");
    }
}
