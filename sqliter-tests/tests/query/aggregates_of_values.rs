//! Aggregates of what a chain gives: of groups, of different values, of the values of some rows.

use insta::assert_snapshot;
use rust_decimal::Decimal;
use sqliter::Error;
use sqliter::prelude::*;
use sqliter_tests::listener::sql_of;

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(sales = Sale::shop))]
struct Shop {
    pk: Key<Shop>,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Sale {
    pk: Key<Sale>,
    item: String,
    amount: i64,
    price: Decimal,
    rebate: Option<f64>,
    shop_id: Key<Shop>,
}

/// | shop  | item   | amount | price | rebate |
/// |-------|--------|--------|-------|--------|
/// | one   | tea    | 1      | 9.5   |        |
/// | one   | tea    | 2      | 10.5  | 0.5    |
/// | two   | coffee | 7      | 100   | 1.5    |
/// | three |        |        |       |        |
async fn shops() -> Db {
    let db = Db::memory().await.unwrap();
    db.create_tables::<(Shop, Sale)>().await.unwrap();
    let shops = db.bulk_insert(["one", "two", "three"].map(|name| Shop::builder().name(name))).await.unwrap();
    let sales = [("tea", 1, "9.5", None, 0), ("tea", 2, "10.5", Some(0.5), 0), ("coffee", 7, "100", Some(1.5), 1)];
    let sale = |(item, amount, price, rebate, shop): (&str, i64, &str, Option<f64>, usize)| {
        let price: Decimal = price.parse().unwrap();
        Sale::builder().item(item).amount(amount).price(price).rebate(rebate).shop_id(&shops[shop])
    };
    db.bulk_insert(sales.map(sale)).await.unwrap();
    db
}

#[tokio::test]
async fn groups_are_counted_and_compared() -> sqliter::Result<()> {
    let db = shops().await;
    let groups = db.select::<Sale>().group_by(|s| s.shop.name).annotate(|s| (s.amount.sum(), s.price.max()));
    let work = groups.clone().aggregate(|(name, sold, dearest)| {
        (count(), name.max(), sold.clone().max(), sold.avg(), dearest.clone().min(), dearest.sum())
    });
    let (all, statements) = sql_of(work).await;
    let ten: Decimal = "10.5".parse().unwrap();
    let sum: Decimal = "110.5".parse().unwrap();
    assert_eq!(all?, (2, Some("two".to_owned()), Some(7), Some(5.0), Some(ten), Some(sum)));
    assert_snapshot!(statements.join("\n"), @r#"SELECT COUNT(*), MAX((c0)), MAX((c1)), AVG((c1)), MIN((c2) COLLATE "decimal"), decimal_sum((c2) COLLATE "decimal") FROM (SELECT t1."name" AS c0, SUM(t0."amount") AS c1, MAX(t0."price" COLLATE "decimal") AS c2 FROM "sales" AS t0 LEFT JOIN "shops" AS t1 ON t1."pk" = t0."shop_id" GROUP BY t1."name")"#);
    // Of some of the groups, and of those that a limit leaves.
    let big = groups.clone().having(|s| s.amount.sum().gt(5));
    assert_eq!(big.aggregate(|(_, sold, _)| (count(), sold.sum())).await?, (1, Some(7)));
    let first = groups.clone().order(|s| s.shop.name.asc()).limit(1);
    assert_eq!(first.aggregate(|(name, _, _)| name.group_concat(",")).await?, Some("one".to_owned()));
    // Conditions and arithmetic.
    let some = groups.clone().aggregate(|(_, sold, _)| (count().filter(sold.clone().gt(3)), (sold * 2).sum() + 1));
    assert_eq!(some.await?, (1, Some(21)));
    // Of no groups.
    let none = groups.filter(|s| s.amount.gt(100)).aggregate(|(_, sold, _)| (count(), sold.max()));
    assert_eq!(none.await?, (0, None));
    // What groups do not have in common cannot sort them here either.
    let unsorted = db.select::<Sale>().group_by(|s| s.item).annotate(|_| count()).order(|s| s.item.asc());
    assert_eq!(unsorted.aggregate(|(_, n)| n.max()).await?, Some(2));
    Ok(())
}

#[tokio::test]
async fn values_of_rows_are_aggregated_by_one_statement() -> sqliter::Result<()> {
    let db = shops().await;
    let shops = db.select::<Shop>();
    let (most, average) = shops.clone().only(|s| s.sales.count()).aggregate(|n| (n.clone().max(), n.avg())).await?;
    assert_eq!((most, average), (Some(2), Some(1.0)));
    let sums = shops.clone().fields(|s| (s.name.length(), s.sales.aggregate(|x| x.amount.sum())));
    assert_eq!(
        sums.aggregate(|(length, sold)| (length.max(), sold.clone().count(), sold.sum())).await?,
        (Some(5), 2, Some(10))
    );
    let different = db.select::<Sale>().only(|s| s.item).distinct();
    assert_eq!(different.aggregate(|item| (count(), item.min())).await?, (2, Some("coffee".to_owned())));
    let slice = db.select::<Sale>().order(|s| s.amount.desc()).limit(2).offset(1).only(|s| s.rebate);
    let work = slice.aggregate(|rebate| (count(), rebate.clone().count(), rebate.total()));
    let (given, statements) = sql_of(work).await;
    assert_eq!(given?, (2, 1, 0.5));
    assert_snapshot!(statements.join("\n"), @r#"SELECT COUNT(*), COUNT((c0)), TOTAL((c0)) FROM (SELECT "rebate" AS c0 FROM "sales" ORDER BY "amount" DESC, "pk" DESC LIMIT 2 OFFSET 1)"#);
    let pairs = shops.join_related(|s| s.sales).fields(|s, x| (s.name, x.amount));
    assert_eq!(pairs.aggregate(|(name, amount)| (name.distinct().count(), amount.sum())).await?, (2, Some(10)));
    Ok(())
}

#[tokio::test]
async fn a_column_that_is_none_of_the_values_is_not_there() {
    let db = shops().await;
    let mut taken = None;
    let sales = db.select::<Sale>().filter(|s| {
        taken = Some(s.amount);
        s.amount.gt(1)
    });
    let Some(amount) = taken else { return };
    let strange = sales.group_by(|s| s.item).annotate(|_| count()).aggregate(|_| amount.max()).await;
    assert!(
        matches!(&strange, Err(Error::RecordFetch { source, .. }) if source.message.contains("no such column")),
        "{strange:?}"
    );
}
