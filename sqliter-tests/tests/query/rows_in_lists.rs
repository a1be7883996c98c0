//! Several columns together that are one of a list of rows.

use insta::assert_snapshot;
use rust_decimal::Decimal;
use sqliter::prelude::*;

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(lines = Line::order))]
struct Order {
    pk: Key<Order>,
    customer: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Line {
    #[model(pk, on_delete = cascade)]
    order_id: Key<Order>,
    #[model(pk)]
    number: i64,
    item: String,
    price: Decimal,
    note: Option<String>,
}

/// | order | number | item | price | note |
/// |-------|--------|------|-------|------|
/// | 1 Ada | 1      | a    | 1.50  | x    |
/// | 1 Ada | 2      | b    | 10    |      |
/// | 2 Bob | 1      | a    | 2     | x    |
async fn orders() -> Db {
    let db = Db::memory().await.unwrap();
    db.create_tables::<(Order, Line)>().await.unwrap();
    let orders = db.bulk_insert(["Ada", "Bob"].map(|name| Order::builder().customer(name))).await.unwrap();
    let lines = [(0, 1, "a", "1.50", Some("x")), (0, 2, "b", "10", None), (1, 1, "a", "2", Some("x"))];
    let line = |(order, number, item, price, note): (usize, i64, &str, &str, Option<&str>)| {
        let price: Decimal = price.parse().unwrap();
        let line = Line::builder().order_id(&orders[order]).number(number).item(item);
        line.price(price).note(note.map(str::to_owned))
    };
    db.bulk_insert(lines.map(line)).await.unwrap();
    db
}

async fn numbers(chain: sqliter::Select<'_, Line>) -> Vec<(i64, i64)> {
    let keys = chain.order(|l| (l.order_id.asc(), l.number.asc())).fields(|l| (l.order_id, l.number));
    keys.fetch_all().await.unwrap().into_iter().map(|(order, number)| (*order.raw(), number)).collect()
}

#[tokio::test]
async fn values_together_are_those_of_one_row_of_the_list() -> sqliter::Result<()> {
    let db = orders().await;
    let lines = db.select::<Line>();
    let wanted = [(1, "a"), (2, "a"), (1, "c")];
    let found = lines.clone().filter(|l| (l.number, l.item).is_in(wanted));
    assert_snapshot!(found.clone().only(|l| l.number).to_sql()?.text, @r#"SELECT "number" FROM "lines" WHERE ("number", "item") IN (SELECT v0, v1 FROM (SELECT rowid AS n, value AS v0, lead(value) OVER (ORDER BY rowid) AS v1 FROM rarray(?)) WHERE n % 2 = 1)"#);
    assert_eq!(numbers(found).await, [(1, 1), (2, 1)]);
    // A list by reference, an empty one, a long one, and none of them.
    let wanted = vec![(Order::key(1), 2), (Order::key(2), 2), (Order::key(2), 1)];
    assert_eq!(numbers(lines.clone().filter(|l| (l.order_id, l.number).is_in(&wanted))).await, [(1, 2), (2, 1)]);
    let none: [(i64, String); 0] = [];
    assert_eq!(lines.clone().filter(|l| (l.number, l.item).is_in(&none)).count().await?, 0);
    assert_eq!(lines.clone().filter(|l| !(l.number, l.item).is_in(none)).count().await?, 3);
    let long = (0..50_000).map(|n| (n, "a"));
    assert_eq!(lines.clone().filter(|l| (l.number, l.item).is_in(long)).count().await?, 2);
    // A row of the list is not put together of two.
    let crossed = [(1, "b"), (2, "a")];
    assert_eq!(lines.clone().filter(|l| (l.number, l.item).is_in(crossed)).count().await?, 0);
    // More than two, of related rows, computed, and decimal numbers, which compare as numbers.
    let price = |text: &str| text.parse::<Decimal>().unwrap();
    let rows = [("ADA", 2, price("10.0")), ("BOB", 2, price("1"))];
    let three = lines.clone().filter(|l| (l.order.customer.upper(), l.number, l.price).is_in(rows));
    assert_snapshot!(three.clone().only(|l| l.number).to_sql()?.text, @r#"SELECT t0."number" FROM "lines" AS t0 LEFT JOIN "orders" AS t1 ON t1."pk" = t0."order_id" WHERE (upper_case(t1."customer"), t0."number", t0."price") IN (SELECT v0, v1, v2 FROM (SELECT rowid AS n, value AS v0, lead(value) OVER (ORDER BY rowid) AS v1, lead(value, 2) OVER (ORDER BY rowid) AS v2 FROM rarray(?)) WHERE n % 3 = 1)"#);
    assert_eq!(numbers(three).await, [(1, 2)]);
    // NULL is in no list.
    let noted = lines.clone().filter(|l| (l.number, l.note).is_in([(1, "x"), (2, "x")]));
    assert_eq!(numbers(noted.clone()).await, [(1, 1), (2, 1)]);
    assert_eq!(noted.update(|l| l.item.set("z")).await?, 2);
    assert_eq!(lines.filter(|l| (l.number, l.item).is_in([(1, "z")]) | l.number.eq(2)).delete().await?, 3);
    Ok(())
}

#[tokio::test]
async fn keys_of_several_columns_are_rows() -> sqliter::Result<()> {
    let db = orders().await;
    let keys = [Line::key((Order::key(1), 2)), Line::key((Order::key(2), 1)), Line::key((Order::key(9), 1))];
    let found = db.select::<Line>().filter(|l| (l.order_id, l.number).is_in(keys));
    assert_eq!(numbers(found.clone()).await, [(1, 2), (2, 1)]);
    assert!(found.explain().await?.to_string().contains("SEARCH"), "{}", found.explain().await?);
    let others = db.select::<Order>().filter(|o| o.lines.any(|l| (l.order_id, l.number).is_in(keys)));
    assert_eq!(others.count().await?, 2);
    Ok(())
}

#[tokio::test]
async fn a_chain_of_several_values_is_a_list() -> sqliter::Result<()> {
    let db = orders().await;
    let noted = db.select::<Line>().filter(|l| l.note.is_not_null()).fields(|l| (l.item, l.number));
    let same = db.select::<Line>().filter(|l| (l.item, l.number).is_in(noted.clone()));
    assert_snapshot!(same.clone().only(|l| l.number).to_sql()?.text, @r#"SELECT t0."number" FROM "lines" AS t0 WHERE (t0."item", t0."number") IN (SELECT t1."item", t1."number" FROM "lines" AS t1 WHERE t1."note" IS NOT NULL)"#);
    assert_eq!(numbers(same).await, [(1, 1), (2, 1)]);
    assert_eq!(db.select::<Line>().filter(|l| (l.item, l.number).is_in(noted.distinct())).count().await?, 2);
    // The last line of each order, by groups.
    let last = db.select::<Line>().group_by(|l| l.order_id).annotate(|l| l.number.max());
    let lines = db.select::<Line>().filter(|l| (l.order_id, l.number).is_in(last));
    assert_snapshot!(lines.clone().only(|l| l.number).to_sql()?.text, @r#"SELECT t0."number" FROM "lines" AS t0 WHERE (t0."order_id", t0."number") IN (SELECT t1."order_id", MAX(t1."number") FROM "lines" AS t1 GROUP BY t1."order_id")"#);
    assert_eq!(numbers(lines).await, [(1, 2), (2, 1)]);
    // With what a row around has.
    let dear = db.select::<Order>().filter(|o| {
        let lines = db.select::<Line>().filter(|l| l.price.gt(Decimal::from(5)) & l.order_id.eq(outer(o.pk)));
        (o.customer, o.pk).is_in(lines.fields(|l| (l.order.customer, l.order_id)))
    });
    assert_eq!(dear.only(|o| o.customer).fetch_all().await?, ["Ada"]);
    // The order of the list may depend on the row around too.
    let first = db.select::<Order>().filter(|o| {
        let lines = db.select::<Line>().order(|l| (l.number * outer(o.lines.count())).desc()).limit(1);
        (o.customer, o.pk).is_in(lines.fields(|l| (l.order.customer, l.order_id)))
    });
    assert_eq!(first.only(|o| o.customer).fetch_all().await?, ["Ada"]);
    Ok(())
}
