//! What queries compute from columns: arithmetic, functions, parts of dates, CASE.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use sqliter::Value;
use sqliter::prelude::*;

#[derive(Debug, Clone, PartialEq, Model)]
struct Author {
    pk: Key<Author>,
    name: String,
    nickname: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    subtitle: Option<String>,
    pages: i64,
    small: i8,
    price: f64,
    discount: Option<f64>,
    author_id: Option<Key<Author>>,
}

async fn library() -> Db {
    let db = Db::memory().await.unwrap();
    db.create_tables::<(Author, Book)>().await.unwrap();
    let ada = db.insert(Author::builder().name("Ada")).await.unwrap();
    db.bulk_insert([
        Book::builder().title("Émile ß").pages(300).small(100).price(8.0).author_id(&ada),
        Book::builder().title("Notes").subtitle("On Engines").pages(-7).small(-100).price(2.5).discount(0.5),
    ])
    .await
    .unwrap();
    db
}

#[tokio::test]
async fn arithmetic_gives_whole_numbers_unless_a_floating_point_number_is_in_it() {
    let db = library().await;
    let rows: Vec<(i64, i64, i64, f64, f64)> = db
        .select::<Book>()
        .fields(|b| (b.pages + 1, b.pages - b.small, 2 * b.pages, b.pages * b.price, 1.0 - b.price))
        .order(|b| b.pk.asc())
        .fetch_all()
        .await
        .unwrap();
    assert_eq!(rows, [(301, 200, 600, 2400.0, -7.0), (-6, 93, -14, -17.5, -1.5)]);
}

#[tokio::test]
async fn small_integers_do_not_overflow_in_arithmetic() {
    let db = library().await;
    let products: Vec<i64> = db.select::<Book>().only(|b| b.small * b.small).fetch_all().await.unwrap();
    assert_eq!(products, [10_000, 10_000]);
}

#[tokio::test]
async fn nullable_operands_and_division_give_options() {
    let db = library().await;
    let rows: Vec<(Option<f64>, Option<i64>, Option<i64>, Option<f64>)> = db
        .select::<Book>()
        .fields(|b| (b.price * b.discount, b.pages / 2, b.pages % 0, b.price / 2))
        .order(|b| b.pk.asc())
        .fetch_all()
        .await
        .unwrap();
    assert_eq!(rows, [(None, Some(150), None, Some(4.0)), (Some(1.25), Some(-3), None, Some(1.25))]);
}

#[tokio::test]
async fn nested_arithmetic_keeps_its_parentheses() {
    let db = library().await;
    let query = db.select::<Book>().only(|b| (b.pages - (b.pages - 1)) * (b.small + 2) - 5 * (b.pages + b.pages));
    let text = r#"SELECT (("pages" - ("pages" - ?)) * ("small" + ?)) - (? * ("pages" + "pages")) FROM "books""#;
    assert_eq!(query.to_sql().unwrap().text, text);
    assert_eq!(query.fetch_all().await.unwrap(), [102 - 3000_i64, -98 + 70]);
}

#[tokio::test]
async fn computed_values_filter_sort_and_update() {
    let db = library().await;
    let titles = db.select::<Book>().filter(|b| (b.pages * 2).gt(b.small + 400)).only(|b| b.title);
    assert_eq!(titles.fetch_all().await.unwrap(), ["Émile ß"]);
    let sorted = db.select::<Book>().order(|b| (b.pages.abs() % 10).desc()).only(|b| b.title.length());
    assert_eq!(sorted.fetch_all().await.unwrap(), [5, 7]);
    let absolute: Vec<i64> = db.select::<Book>().only(|b| b.pages.abs()).fetch_all().await.unwrap();
    assert_eq!(absolute, [300, 7]);
    let changed = db.select::<Book>().update(|b| (b.pages.set(b.pages.abs() + 1), b.title.set(b.title.upper())));
    assert_eq!(changed.await.unwrap(), 2);
    let rows = db.select::<Book>().fields(|b| (b.title, b.pages)).fetch_all().await.unwrap();
    assert_eq!(rows, [("ÉMILE SS".to_owned(), 301), ("NOTES".to_owned(), 8)]);
}

#[tokio::test]
async fn text_functions_work_on_all_of_unicode() {
    let db = library().await;
    let rows: Vec<(String, String, i64, Option<String>, Option<i64>)> = db
        .select::<Book>()
        .fields(|b| (b.title.lower(), b.title.upper(), b.title.length(), b.subtitle.lower(), b.subtitle.length()))
        .order(|b| b.pk.asc())
        .fetch_all()
        .await
        .unwrap();
    let text = str::to_owned;
    assert_eq!(rows[0], (text("émile ß"), text("ÉMILE SS"), 7, None, None));
    assert_eq!(rows[1], (text("notes"), text("NOTES"), 5, Some(text("on engines")), Some(10)));
    let found = db.select::<Book>().filter(|b| b.title.lower().contains("mile") | b.title.upper().eq("NOTES"));
    assert_eq!(found.count().await.unwrap(), 2);
}

#[tokio::test]
async fn coalesce_is_an_option_only_as_long_as_its_last_value_is() {
    let db = library().await;
    let rows: Vec<(String, Option<String>, String, String)> = db
        .select::<Book>()
        .fields(|b| {
            (
                b.subtitle.coalesce(b.title),
                b.subtitle.coalesce(b.author.nickname),
                b.author.nickname.coalesce(b.author.name).coalesce("nobody"),
                b.author.name.coalesce("?"),
            )
        })
        .order(|b| b.pk.asc())
        .fetch_all()
        .await
        .unwrap();
    let text = str::to_owned;
    assert_eq!(rows[0], (text("Émile ß"), None, text("Ada"), text("Ada")));
    assert_eq!(rows[1], (text("On Engines"), Some(text("On Engines")), text("nobody"), text("?")));
}

#[tokio::test]
async fn other_values_have_the_type_of_the_first() {
    let db = library().await;
    let rows: Vec<(f64, i64, Option<i64>)> = db
        .select::<Book>()
        .fields(|b| {
            (
                b.discount.coalesce(0.25),
                case_when(b.pages.gt(100), b.pages).when(b.small.lt(-100), 7).otherwise(0),
                case_when(b.pages.gt(100), b.pages).otherwise(None),
            )
        })
        .order(|b| b.pk.asc())
        .fetch_all()
        .await
        .unwrap();
    assert_eq!(rows, [(0.25, 300, Some(300)), (0.5, 0, None)]);
}

#[tokio::test]
async fn case_gives_the_value_of_the_first_true_condition() {
    let db = library().await;
    let rows: Vec<(String, Option<i64>, Option<String>)> = db
        .select::<Book>()
        .fields(|b| {
            (
                case_when(b.pages.gt(400), "long").when(b.pages.gt(100), "medium").otherwise("short"),
                case_when(b.pages.gt(100), b.pages * 2).end(),
                case_when(b.pages.gt(100), b.title).otherwise(b.subtitle),
            )
        })
        .order(|b| b.pk.asc())
        .fetch_all()
        .await
        .unwrap();
    let text = str::to_owned;
    assert_eq!(rows[0], (text("medium"), Some(600), Some(text("Émile ß"))));
    assert_eq!(rows[1], (text("short"), None, Some(text("On Engines"))));
    let sizes: Vec<(String, i64)> = db
        .select::<Book>()
        .group_by(|b| case_when(b.pages.gt(100), "long").otherwise("short").alias("size"))
        .annotate(|_| count())
        .order(|_| count().asc())
        .fetch_all()
        .await
        .unwrap();
    assert_eq!(sizes, [("long".to_owned(), 1), ("short".to_owned(), 1)]);
}

#[tokio::test]
async fn aliases_name_values_in_dictionaries() {
    let db = library().await;
    let rows = db
        .select::<Book>()
        .fields(|b| (b.title.alias("name"), b.pages * 2, b.pages + 1, (b.price + 1.0).alias("price")))
        .limit(1)
        .fetch_dicts()
        .await
        .unwrap();
    let names: Vec<_> = rows[0].iter().map(|(name, _)| name.to_owned()).collect();
    assert_eq!(names, ["name", "value", "value_2", "price"]);
    assert_eq!(rows[0].get("value_2"), Some(&Value::Integer(301)));
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Event {
    pk: Key<Event>,
    date: NaiveDate,
    time: NaiveTime,
    local: NaiveDateTime,
    instant: DateTime<Utc>,
    offset: DateTime<FixedOffset>,
    unix: Unix<DateTime<Utc>>,
    ended: Option<NaiveDate>,
}

#[tokio::test]
async fn parts_of_dates_and_times_are_in_utc() {
    let db = Db::memory().await.unwrap();
    db.create_table::<Event>().await.unwrap();
    let instant: DateTime<Utc> = "2024-02-29T23:05:09.750Z".parse().unwrap();
    let draft = Event::builder()
        .date("0099-12-31".parse::<NaiveDate>().unwrap())
        .time("07:08:09".parse::<NaiveTime>().unwrap())
        .local("2024-02-29T23:05:09.999".parse::<NaiveDateTime>().unwrap())
        .instant(instant)
        .offset("2025-01-01T00:30:00+01:00".parse::<DateTime<FixedOffset>>().unwrap())
        .unix(instant);
    db.insert(draft).await.unwrap();
    let select = || db.select::<Event>();
    let dates = select().fields(|e| (e.date.year(), e.date.month(), e.date.day(), e.date.weekday()));
    assert_eq!(dates.fetch_required().await.unwrap(), (99, 12, 31, 4));
    let times = select().fields(|e| (e.time.hour(), e.time.minute(), e.time.second()));
    assert_eq!(times.fetch_required().await.unwrap(), (7, 8, 9));
    let local = select().fields(|e| (e.local.day(), e.local.weekday(), e.local.hour(), e.local.second()));
    assert_eq!(local.fetch_required().await.unwrap(), (29, 4, 23, 9));
    let instants = select().fields(|e| (e.instant.month(), e.instant.minute(), e.unix.year(), e.unix.hour()));
    assert_eq!(instants.fetch_required().await.unwrap(), (2, 5, 2024, 23));
    let offset = select().fields(|e| (e.offset.year(), e.offset.day(), e.offset.hour(), e.ended.year()));
    assert_eq!(offset.fetch_required().await.unwrap(), (2024, 31, 23, None));
    assert_eq!(select().filter(|e| e.instant.year().eq(2024) & e.unix.month().is_in([1, 2])).count().await.unwrap(), 1);
}

#[tokio::test]
async fn a_value_without_a_form_in_sqlite_is_reported_with_its_place() {
    let db = library().await;
    let error = db.select::<Book>().only(|b| b.price * f64::NAN).fetch_all().await.unwrap_err();
    assert!(matches!(&error, sqliter::Error::Encode { table, .. } if table == "books"), "{error:?}");
    let error = db.select::<Book>().filter(|b| (b.price * 2.0).gt(f64::NAN)).fetch_all().await.unwrap_err();
    assert!(matches!(error, sqliter::Error::Encode { .. }));
}
