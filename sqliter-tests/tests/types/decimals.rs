//! Exact decimal numbers in queries: arithmetic, sums and comparison without rounding.

use rust_decimal::Decimal;
use sqliter::Error;
use sqliter::prelude::*;

#[derive(Debug, Clone, PartialEq, Model)]
struct Line {
    pk: Key<Line>,
    product: String,
    price: Decimal,
    discount: Option<Decimal>,
    quantity: i64,
    weight: f64,
}

fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

async fn lines() -> Db {
    let db = Db::memory().await.unwrap();
    db.create_table::<Line>().await.unwrap();
    let line = |product: &str, price: &str, discount: Option<&str>, quantity: i64| {
        let discount = discount.map(dec);
        Line::builder().product(product).price(dec(price)).discount(discount).quantity(quantity).weight(0.5)
    };
    db.bulk_insert([
        line("a", "0.10", None, 3),
        line("a", "0.2", Some("0.05"), 1),
        line("b", "1.50", Some("0.5"), 2),
        line("b", "1.5", Some("0.50"), 10),
    ])
    .await
    .unwrap();
    db
}

#[tokio::test]
async fn decimal_numbers_are_added_and_multiplied_without_rounding() {
    let db = lines().await;
    let rows: Vec<(Decimal, Decimal, Option<Decimal>, f64)> = db
        .select::<Line>()
        .fields(|l| (l.price + dec("0.2"), l.price * l.quantity, l.price - l.discount, l.price * l.weight))
        .order(|l| l.pk.asc())
        .fetch_all()
        .await
        .unwrap();
    assert_eq!(rows[0], (dec("0.30"), dec("0.30"), None, 0.05));
    assert_eq!(rows[3], (dec("1.7"), dec("15.0"), Some(dec("1.00")), 0.75));
    let parts: (Option<Decimal>, Option<Decimal>, Decimal, Decimal) = db
        .select::<Line>()
        .fields(|l| (l.price / 4, l.price % l.discount, 2 * l.price, (l.price - 9).abs()))
        .filter(|l| l.price.eq(dec("1.5")))
        .fetch_first()
        .await
        .unwrap()
        .unwrap();
    assert_eq!(parts, (Some(dec("0.375")), Some(dec("0")), dec("3"), dec("7.5")));
    let none = db.select::<Line>().only(|l| l.price / 0).fetch_first().await.unwrap();
    assert_eq!(none, Some(None));
}

#[tokio::test]
async fn sums_of_decimal_numbers_are_exact_and_compared_by_value() {
    let db = lines().await;
    let sums: Vec<(String, Option<Decimal>, Option<Decimal>, Option<Decimal>, Option<Decimal>, Option<f64>)> = db
        .select::<Line>()
        .group_by(|l| l.product)
        .annotate(|l| {
            let revenue = l.price * l.quantity;
            (revenue.sum(), l.price.distinct().sum(), l.price.min(), l.discount.max(), l.price.avg())
        })
        .having(|l| l.price.sum().lt(dec("10")) & l.price.sum().ge(dec("0.3")))
        .order(|l| (l.price * l.quantity).sum().desc())
        .fetch_all()
        .await
        .unwrap();
    let product = |name: &str| name.to_owned();
    let [b, a] = sums.as_slice() else { panic!("{sums:?}") };
    assert_eq!(b, &(product("b"), Some(dec("18.0")), Some(dec("1.5")), Some(dec("1.5")), Some(dec("0.5")), Some(1.5)));
    assert_eq!((&a.0, a.1, a.3, a.4), (&product("a"), Some(dec("0.5")), Some(dec("0.1")), Some(dec("0.05"))));
    let none = db.select::<Line>().filter(|l| l.quantity.gt(99)).annotate(|l| (l.price.sum(), l.price.total()));
    assert_eq!(none.fetch_required().await.unwrap(), (None, 0.0));
}

#[tokio::test]
async fn equal_decimal_numbers_are_one_group_and_one_value() {
    let db = lines().await;
    assert_eq!(db.select::<Line>().only(|l| l.price).distinct().count().await.unwrap(), 3);
    let groups: Vec<(Decimal, i64)> = db
        .select::<Line>()
        .group_by(|l| l.price)
        .annotate(|_| count())
        .order(|l| l.price.desc())
        .fetch_all()
        .await
        .unwrap();
    assert_eq!(groups, [(dec("1.5"), 2), (dec("0.2"), 1), (dec("0.1"), 1)]);
}

#[tokio::test]
async fn updates_calculate_exactly() {
    let db = lines().await;
    db.select::<Line>().update(|l| (l.price.add(dec("0.2")), l.discount.mul(dec("0.1")))).await.unwrap();
    let rows = db.select::<Line>().order(|l| l.pk.asc()).fields(|l| (l.price, l.discount)).fetch_all().await.unwrap();
    assert_eq!(rows[0], (dec("0.30"), None));
    assert_eq!(rows[1], (dec("0.4"), Some(dec("0.005"))));
}

#[tokio::test]
async fn a_result_out_of_range_is_an_error_and_no_wrong_number() {
    let db = lines().await;
    db.select::<Line>().update(|l| l.price.set(Decimal::MAX)).await.unwrap();
    let failures = [
        db.select::<Line>().annotate(|l| l.price.sum()).fetch_all().await.unwrap_err(),
        db.select::<Line>().annotate(|l| (l.price * 2).max()).fetch_all().await.unwrap_err(),
    ];
    for error in failures {
        assert!(matches!(error, Error::RecordFetch { .. }), "{error:?}");
        assert!(error.to_string().contains("decimal overflow"), "{error}");
    }
    let error = db.select::<Line>().update(|l| l.price.add(Decimal::MAX)).await.unwrap_err();
    assert!(error.to_string().contains("decimal overflow"), "{error}");
    let error = db.execute("UPDATE lines SET price = 'cheap' WHERE pk = 1").await.unwrap_err();
    assert!(matches!(&error, Error::CheckViolation { columns, .. } if *columns == ["price"]), "{error:?}");
    // A table of another program may hold it.
    db.execute("DROP TABLE lines").await.unwrap();
    db.execute("CREATE TABLE lines AS SELECT 1 AS pk, 'cheap' AS price").await.unwrap();
    let error = db.select::<Line>().filter(|l| l.pk.eq(Line::key(1))).annotate(|l| l.price.sum());
    let text = error.fetch_all().await.unwrap_err().to_string();
    assert!(text.contains("lines.price holds TEXT 'cheap', expected a decimal number"), "{text}");
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(uses = Use::rate))]
struct Rate {
    #[model(pk)]
    value: Decimal,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Use {
    pk: Key<Use>,
    rate_id: Key<Rate>,
    #[model(unique)]
    weight: Decimal,
}

#[tokio::test]
async fn equal_numbers_are_one_key_and_one_unique_value() {
    let db = Db::memory().await.unwrap();
    db.create_tables::<(Rate, Use)>().await.unwrap();
    db.insert(Rate::builder().value(dec("1.5")).name("one")).await.unwrap();
    for again in ["1.5", "1.50", "1.5000000000000000000000000000"] {
        let error = db.insert(Rate::builder().value(dec(again)).name("two")).await.unwrap_err();
        assert!(matches!(&error, Error::UniqueViolation { columns, .. } if *columns == ["value"]), "{error:?}");
    }
    assert_eq!(db.get(Rate::key(dec("1.50"))).await.unwrap().unwrap().name, "one");
    // A foreign key and a unique column go by value too.
    let first = db.insert(Use::builder().rate_id(Rate::key(dec("1.500"))).weight(dec("0"))).await.unwrap();
    assert_eq!(first.rate_id, Rate::key(dec("1.5")));
    let error = db.insert(Use::builder().rate_id(first.rate_id).weight(dec("-0.00"))).await.unwrap_err();
    assert!(matches!(&error, Error::UniqueViolation { columns, .. } if *columns == ["weight"]), "{error:?}");
    let found = db.get_or_create(Use::builder().rate_id(first.rate_id).weight(dec("0.0")), |u| u.weight).await.unwrap();
    assert_eq!(found, (first.clone(), false));
    let joined = db.select::<Use>().filter(|u| u.rate.name.eq("one")).fetch_all().await.unwrap();
    assert_eq!(joined, [first.clone()]);
    db.update(&mut Rate { value: dec("1.500"), name: "changed".into() }).await.unwrap();
    assert_eq!(db.get(Rate::key(dec("1.5"))).await.unwrap().unwrap().name, "changed");
    db.delete(&first).await.unwrap();
    db.delete(Rate::key(dec("1.500"))).await.unwrap();
    assert_eq!(db.select::<Rate>().count().await.unwrap(), 0);
}

#[tokio::test]
async fn arithmetic_is_exact_or_an_error() {
    let db = lines().await;
    let first = || db.select::<Line>().filter(|l| l.pk.eq(Line::key(1)));
    let set = async |price: Decimal| first().update(|l| l.price.set(price)).await.unwrap();
    set(dec("5.5")).await;
    let rests = first().fields(|l| (l.price % dec("2"), l.price % dec("-1.2"), l.price / 3));
    let thirds = dec("5.5").checked_div(dec("3"));
    assert_eq!(rests.fetch_required().await.unwrap(), (Some(dec("1.5")), Some(dec("0.7")), thirds));
    set(Decimal::MAX).await;
    let failures = [
        first().only(|l| l.price + dec("0.4")).fetch_all().await.map(|_| ()).unwrap_err(),
        first().only(|l| l.price - dec("0.0000000000000000000000000001")).fetch_all().await.map(|_| ()).unwrap_err(),
        first().only(|l| l.price * dec("1.1")).fetch_all().await.map(|_| ()).unwrap_err(),
        db.select::<Line>().annotate(|l| l.price.sum()).fetch_all().await.map(|_| ()).unwrap_err(),
        first().update(|l| l.price.add(dec("0.4"))).await.map(|_| ()).unwrap_err(),
    ];
    for error in failures {
        assert!(error.to_string().contains("decimal overflow"), "{error}");
    }
    assert_eq!(first().only(|l| l.price).fetch_required().await.unwrap(), Decimal::MAX);
    // A sum goes beyond on its way and comes back.
    db.select::<Line>().delete().await.unwrap();
    let line = |price| Line::builder().product("a").price(price).quantity(1).weight(0.0);
    db.bulk_insert([line(Decimal::MAX), line(dec("0.4")), line(Decimal::MAX), line(-Decimal::MAX), line(dec("-0.40"))])
        .await
        .unwrap();
    let sum = db.select::<Line>().annotate(|l| l.price.sum()).fetch_required().await.unwrap();
    assert_eq!(sum, Some(Decimal::MAX));
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(prices = Price::list))]
struct List {
    pk: Key<List>,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Price {
    pk: Key<Price>,
    value: Decimal,
    other: Option<Decimal>,
    chosen: i64,
    list_id: Key<List>,
}

/// Prices whose texts sort otherwise than their numbers, each in a list of its own.
async fn prices() -> Db {
    let db = Db::memory().await.unwrap();
    db.create_tables::<(List, Price)>().await.unwrap();
    for text in ["9", "100", "-20", "10", "-3", "0.5"] {
        let list = db.insert(List::builder().name(text)).await.unwrap();
        let price = Price::builder().value(dec(text)).other(Some(dec(text))).chosen(0).list_id(&list);
        db.insert(price).await.unwrap();
    }
    db
}

/// An expression whose values are those of `value` is compared, sorted and grouped as a number.
macro_rules! are_numbers {
    ($($test:ident: $value:expr;)*) => {$(
        #[tokio::test]
        async fn $test() {
            let db = prices().await;
            let value = |p: &PriceColumns<Price>| {
                let expression: fn(&PriceColumns<Price>) -> _ = $value;
                expression(p)
            };
            let chain = db.select::<Price>();
            let sorted = async |chain: sqliter::Select<'_, Price>| -> Vec<Decimal> {
                let mut found = chain.only(|p| p.value).fetch_all().await.unwrap();
                found.sort();
                found
            };
            let decs = |texts: &[&str]| texts.iter().map(|text| dec(text)).collect::<Vec<_>>();
            let all = ["-20", "-3", "0.5", "9", "10", "100"];
            assert_eq!(sorted(chain.clone().filter(|p| value(p).gt(dec("9.5")))).await, decs(&all[4..]));
            assert_eq!(sorted(chain.clone().filter(|p| value(p).le(dec("-3.0")))).await, decs(&all[..2]));
            assert_eq!(sorted(chain.clone().filter(|p| value(p).eq(dec("10.00")))).await, decs(&["10"]));
            assert_eq!(sorted(chain.clone().filter(|p| value(p).ge(value(p)))).await, decs(&all));
            assert_eq!(sorted(chain.clone().filter(|p| p.value.le(value(p)))).await, decs(&all));
            assert_eq!(sorted(chain.clone().filter(|p| value(p).lt(p.value))).await, decs(&[]));
            let between = chain.clone().filter(|p| value(p).between(dec("-5"), dec("9.0")));
            assert_eq!(sorted(between).await, decs(&all[1..4]));
            let listed = chain.clone().filter(|p| value(p).is_in([dec("10.0"), dec("0.50")]));
            assert_eq!(sorted(listed).await, decs(&["0.5", "10"]));
            let not_listed = chain.clone().filter(|p| value(p).not_in([dec("10.0"), dec("0.50")]));
            assert_eq!(sorted(not_listed).await.len(), 4);
            let ordered = chain.clone().order(|p| value(p).asc()).only(|p| p.value);
            assert_eq!(ordered.clone().fetch_all().await.unwrap(), decs(&all));
            assert_eq!(ordered.clone().limit(2).fetch_last().await.unwrap(), Some(dec("-3")));
            let first = ordered.clone().page_after(None, 3).await.unwrap();
            let second = ordered.page_after(first.next, 3).await.unwrap();
            assert_eq!(second.rows, decs(&all[3..]));
            let groups = chain.clone().group_by(value).annotate(|_| count()).order(|p| value(p).desc());
            assert_eq!(groups.clone().fetch_all().await.unwrap().len(), 6);
            assert!(format!("{:?}", groups.limit(1).fetch_last().await.unwrap()).contains("100"));
            assert_eq!(chain.clone().only(value).distinct().count().await.unwrap(), 6);
            let total = chain.clone().annotate(|p| (value(p).max(), value(p).min(), value(p).distinct().count()));
            assert_eq!(total.fetch_all().await.unwrap(), [(Some(dec("100")), Some(dec("-20")), 6)]);
            let by_list = db.select::<List>().order(|l| l.prices.aggregate(|p| value(p).max()).asc());
            let by_list = by_list.only(|l| l.name).fetch_all().await.unwrap();
            assert_eq!(by_list, all);
            let having = chain.clone().group_by(|p| p.pk).annotate(|p| value(p).min()).having(|p| value(p).max().gt(dec("9.5")));
            assert_eq!(having.count().await.unwrap(), 2);
        }
    )*};
}

are_numbers! {
    a_column_is_compared_by_value: |p| p.value;
    a_nullable_column_is_compared_by_value: |p| p.other;
    case_with_a_bound_value_first_is_compared_by_value: |p| case_when(p.chosen.eq(1), dec("5")).otherwise(p.value);
    case_with_a_bound_value_last_is_compared_by_value: |p| case_when(p.chosen.eq(0), p.value).otherwise(dec("5"));
    case_without_an_else_is_compared_by_value: |p| case_when(p.chosen.eq(1), dec("5")).when(p.chosen.eq(0), p.value).end();
    coalesce_of_a_case_is_compared_by_value: |p| case_when(p.chosen.eq(1), dec("5")).end().coalesce(p.value);
    coalesce_of_cases_is_compared_by_value: |p| case_when(p.chosen.eq(1), dec("5")).end().coalesce(case_when(p.chosen.eq(2), dec("5")).end()).coalesce(p.other);
    coalesce_with_a_bound_value_is_compared_by_value: |p| p.other.coalesce(dec("5"));
    coalesce_with_a_case_of_bound_values_is_compared_by_value: |p| p.other.coalesce(case_when(p.chosen.eq(1), dec("5")).otherwise(dec("6")));
    a_sum_is_compared_by_value: |p| p.value + dec("0");
    arithmetic_with_a_case_is_compared_by_value: |p| (case_when(p.chosen.eq(1), dec("5")).otherwise(p.value) * dec("1")) - dec("0");
    a_case_with_a_condition_on_a_case_is_compared_by_value: |p| case_when(case_when(p.chosen.eq(0), dec("1")).otherwise(dec("2")).lt(dec("1.5")), p.value).otherwise(dec("7"));
    the_maximum_of_related_rows_is_compared_by_value: |p| p.list.prices.aggregate(|q| q.value.max());
    the_minimum_of_a_case_of_related_rows_is_compared_by_value: |p| p.list.prices.aggregate(|q| case_when(q.chosen.eq(1), dec("5")).otherwise(q.value).min());
    the_sum_of_related_rows_is_compared_by_value: |p| p.list.prices.aggregate(|q| q.value.sum());
    coalesce_of_an_aggregate_of_related_rows_is_compared_by_value: |p| p.list.prices.aggregate(|q| q.value.sum().coalesce(dec("5")));
    a_case_of_bound_values_is_compared_by_value: |p| case_when(p.value.eq(dec("9")), dec("9")).when(p.value.eq(dec("10")), dec("10"))
            .when(p.value.eq(dec("100")), dec("100")).when(p.value.eq(dec("-20")), dec("-20"))
            .when(p.value.eq(dec("-3")), dec("-3")).otherwise(dec("0.5"));
}
