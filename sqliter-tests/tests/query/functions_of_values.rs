//! Functions of values, and texts that are compared with columns.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use insta::assert_snapshot;
use sqliter::prelude::*;
use sqliter::{DateUnit, Select, Unix};

#[derive(Debug, Clone, PartialEq, Model)]
struct Word {
    pk: Key<Word>,
    text: String,
    part: Option<String>,
    size: f64,
    number: i64,
    price: Option<rust_decimal::Decimal>,
}

async fn words() -> Db {
    let db = Db::memory().await.unwrap();
    db.create_table::<Word>().await.unwrap();
    for (text, part, size, number, price) in [
        ("Äpfel ", Some("Ä"), 2.5, 7, Some("1.25")),
        (" abc_abc", Some("_abc"), -2.5, -7, None),
        ("straße", Some("STRASSE"), 0.125, 0, Some("-0.5")),
        ("x", Some(""), 1e300, i64::MAX, Some("2")),
        ("%", None, 3.0, 1, None),
    ] {
        let price = price.map(|price| price.parse().unwrap());
        let draft = Word::builder().text(text).part(part.map(str::to_owned)).size(size).number(number).price(price);
        db.insert(draft).await.unwrap();
    }
    db
}

async fn texts(chain: Select<'_, Word>) -> Vec<String> {
    chain.order(|w| w.pk.asc()).only(|w| w.text).fetch_all().await.unwrap()
}

#[tokio::test]
async fn texts_are_compared_with_columns() {
    let db = words().await;
    let all = db.select::<Word>();
    assert_eq!(texts(all.clone().filter(|w| w.text.starts_with(w.part))).await, ["Äpfel ", "x"]);
    assert_eq!(texts(all.clone().filter(|w| w.text.ends_with(w.part))).await, [" abc_abc", "x"]);
    assert_eq!(texts(all.clone().filter(|w| w.text.contains(w.part))).await, ["Äpfel ", " abc_abc", "x"]);
    assert_eq!(texts(all.clone().filter(|w| w.text.istarts_with(w.part.lower()))).await, ["Äpfel ", "straße", "x"]);
    assert_eq!(texts(all.clone().filter(|w| w.text.iends_with(w.part))).await, [" abc_abc", "straße", "x"]);
    assert_eq!(texts(all.clone().filter(|w| w.text.icontains(w.part))).await, ["Äpfel ", " abc_abc", "straße", "x"]);
    assert_eq!(texts(all.clone().filter(|w| w.text.ieq(w.part))).await, ["straße"]);
    assert_eq!(
        texts(all.clone().filter(|w| w.text.ieq("STRASSE") | w.text.trim().ieq("äPFEL"))).await,
        ["Äpfel ", "straße"]
    );
    // A wildcard in a column is literal too, and what is unknown is neither true nor, by itself, false.
    assert_eq!(texts(all.clone().filter(|w| !w.text.contains(w.part))).await, ["straße", "%"]);
    // In a related row, of the row around.
    let same = all.clone().filter(|w| {
        exists(db.select::<Word>().filter(|other| other.text.contains(outer(w.part)) & other.pk.ne(outer(w.pk))))
    });
    assert_eq!(texts(same.clone()).await, ["x"]);
    let sql = all
        .clone()
        .filter(|w| w.text.starts_with(w.part) & w.text.icontains(w.part) & w.text.ieq("Ä"))
        .to_sql()
        .unwrap();
    assert_snapshot!(sql.to_string(), @r#"SELECT "pk", "text", "part", "size", "number", "price" FROM "words" WHERE starts_with("text", "part") AND instr(fold_case("text"), fold_case("part")) > 0 AND fold_case("text") = ? -- 'ä'"#);
}

#[tokio::test]
async fn texts_are_trimmed_joined_and_converted() {
    let db = words().await;
    let all = db.select::<Word>().order(|w| w.pk.asc());
    let rows: Vec<(String, Option<String>, String, i64)> = all
        .clone()
        .limit(2)
        .fields(|w| {
            (w.text.trim(), w.part.concat("-").concat(w.text.trim()), w.number.cast::<String>(), w.size.cast::<i64>())
        })
        .fetch_all()
        .await
        .unwrap();
    let row = |text: &str, joined: &str, number: &str, size| {
        (text.to_owned(), Some(joined.to_owned()), number.to_owned(), size)
    };
    assert_eq!(rows, [row("Äpfel", "Ä-Äpfel", "7", 2), row("abc_abc", "_abc-abc_abc", "-7", -2)]);
    let joined = all.clone().only(|w| w.text.concat(w.part));
    assert_snapshot!(joined.to_sql().unwrap().text, @r#"SELECT ("text" || "part") FROM "words" ORDER BY "pk""#);
    assert_eq!(joined.fetch_all().await.unwrap()[4], None);
    let numbers: Vec<f64> = all.clone().only(|w| w.text.concat("1.5").cast::<f64>()).fetch_all().await.unwrap();
    assert_eq!(numbers, [0.0; 5]);
    assert_eq!(texts(db.select::<Word>().filter(|w| w.text.trim().concat("c").eq("abc_abcc"))).await, [" abc_abc"]);
    assert_eq!(all.filter(|w| w.part.is_null()).update(|w| w.text.set(w.text.concat("!"))).await.unwrap(), 1);
}

#[tokio::test]
async fn numbers_are_rounded() {
    let db = words().await;
    let all = db.select::<Word>().order(|w| w.pk.asc());
    let rows: Vec<(f64, f64, f64, f64)> = all
        .clone()
        .fields(|w| (w.size.round(0), w.size.round(2), w.size.floor(), w.size.ceil()))
        .fetch_all()
        .await
        .unwrap();
    assert_eq!(
        rows,
        [
            (3.0, 2.5, 2.0, 3.0),
            (-3.0, -2.5, -3.0, -2.0),
            (0.0, 0.13, 0.0, 1.0),
            (1e300, 1e300, 1e300, 1e300),
            (3.0, 3.0, 3.0, 3.0)
        ]
    );
    let whole: Vec<(f64, f64)> =
        all.clone().limit(2).fields(|w| (w.number.round(1), w.number.floor())).fetch_all().await.unwrap();
    assert_eq!(whole, [(7.0, 7.0), (-7.0, -7.0)]);
    let prices: Vec<(Option<f64>, Option<f64>)> =
        all.clone().fields(|w| (w.price.round(1), w.price.ceil())).fetch_all().await.unwrap();
    assert_eq!(
        prices,
        [(Some(1.3), Some(2.0)), (None, None), (Some(-0.5), Some(0.0)), (Some(2.0), Some(2.0)), (None, None)]
    );
    // Of an aggregate too.
    let average: f64 = db
        .select::<Word>()
        .annotate(|w| w.size.avg().filter(w.size.lt(3)).coalesce(9.0).round(1))
        .fetch_required()
        .await
        .unwrap();
    assert_eq!(average, 0.0);
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Sale {
    pk: Key<Sale>,
    day: NaiveDate,
    at: DateTime<Utc>,
    local: Option<NaiveDateTime>,
    seconds: Unix<DateTime<Utc>>,
}

#[tokio::test]
async fn dates_are_cut_to_the_beginning_of_a_part() {
    let db = Db::memory().await.unwrap();
    db.create_table::<Sale>().await.unwrap();
    let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
    for text in ["2026-02-28T23:59:59.750Z", "2026-03-01T00:00:00Z", "2024-12-31T12:30:15Z"] {
        let instant = at(text);
        let draft = Sale::builder().day(instant.date_naive()).at(instant).local(Some(instant.naive_utc()));
        let whole = DateTime::from_timestamp(instant.timestamp(), 0).unwrap();
        db.insert(draft.seconds(Unix(whole))).await.unwrap();
    }
    let months: Vec<(DateTime<Utc>, i64)> = db
        .select::<Sale>()
        .group_by(|s| s.at.date_trunc(DateUnit::Month))
        .annotate(|_| count())
        .fetch_all()
        .await
        .unwrap();
    assert_eq!(
        months,
        [(at("2024-12-01T00:00:00Z"), 1), (at("2026-02-01T00:00:00Z"), 1), (at("2026-03-01T00:00:00Z"), 1)]
    );
    for (unit, start) in [
        (DateUnit::Year, "2026-01-01T00:00:00Z"),
        (DateUnit::Month, "2026-02-01T00:00:00Z"),
        (DateUnit::Week, "2026-02-23T00:00:00Z"),
        (DateUnit::Day, "2026-02-28T00:00:00Z"),
        (DateUnit::Hour, "2026-02-28T23:00:00Z"),
        (DateUnit::Minute, "2026-02-28T23:59:00Z"),
        (DateUnit::Second, "2026-02-28T23:59:59Z"),
    ] {
        let first = db.select::<Sale>().filter(|s| s.pk.eq(Sale::key(1)));
        type Starts = (DateTime<Utc>, Option<NaiveDateTime>, Unix<DateTime<Utc>>, NaiveDate);
        let starts: Option<Starts> = first
            .fields(|s| {
                (s.at.date_trunc(unit), s.local.date_trunc(unit), s.seconds.date_trunc(unit), s.day.date_trunc(unit))
            })
            .fetch_one()
            .await
            .unwrap();
        let start = at(start);
        assert_eq!(starts, Some((start, Some(start.naive_utc()), Unix(start), start.date_naive())), "{unit:?}");
        // What is cut compares with what is stored: it has the same form.
        let same = db
            .select::<Sale>()
            .filter(|s| s.at.date_trunc(unit).eq(start) & s.day.date_trunc(unit).eq(start.date_naive()));
        assert!(same.exists().await.unwrap(), "{unit:?}");
    }
    assert_eq!(db.select::<Sale>().filter(|s| s.at.eq(s.at.date_trunc(DateUnit::Month))).count().await.unwrap(), 1);
    let sql = db.select::<Sale>().only(|s| s.day.date_trunc(DateUnit::Week)).to_sql().unwrap().text;
    assert_snapshot!(sql, @r#"SELECT canonical_date(strftime('%Y-%m-%d 00:00:00', "day", 'weekday 0', '-6 days'), 'the start of a date') FROM "sales""#);
}
