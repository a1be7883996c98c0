//! The constraints that keep one form of each value in the tables of the library, and what updates compute into the form of
//! the field.

use sqliter::Error;
use sqliter::prelude::*;

#[derive(Debug, Clone, Copy, PartialEq, ColumnType)]
struct Lives(u8);

#[derive(Debug, Clone, PartialEq, Model)]
struct Hero {
    pk: Key<Hero>,
    name: String,
    lives: Lives,
    power: f32,
}

#[tokio::test]
async fn an_error_of_a_calculation_names_the_column_and_what_it_can_hold() {
    let db = Db::memory().await.unwrap();
    db.create_table::<Hero>().await.unwrap();
    db.insert(Hero::builder().name("a").lives(Lives(3)).power(1e30)).await.unwrap();
    let heroes = || db.select::<Hero>();
    let query = heroes().filter(|h| h.name.eq("a")).update(|h| (h.lives.sub(Lives(4)), h.name.set("b"))).await;
    let error = query.unwrap_err();
    assert_eq!(
        error.to_string(),
        "update violates a check of heroes: lives must be an integer in the range of u8, not INTEGER -1"
    );
    let error = heroes().update(|h| h.power.mul(1e30_f32)).await.unwrap_err();
    let Error::CheckViolation { columns, source, .. } = &error else { panic!("{error:?}") };
    assert_eq!((columns.as_slice(), source.code), (["power".to_owned()].as_slice(), 275));
    assert_eq!(heroes().fields(|h| (h.name, h.lives)).fetch_all().await.unwrap(), [("a".to_owned(), Lives(3))]);
}

/// A column of each type whose table lets no other form in, with values that it refuses.
#[derive(Debug, Clone, PartialEq, Model)]
struct Formed {
    pk: Key<Formed>,
    small: Option<i16>,
    count: Option<u64>,
    single: Option<f32>,
    amount: Option<rust_decimal::Decimal>,
    id: Option<uuid::Uuid>,
    day: Option<chrono::NaiveDate>,
    time: Option<chrono::NaiveTime>,
    naive: Option<chrono::NaiveDateTime>,
    at: Option<chrono::DateTime<chrono::Utc>>,
    short_time: Option<time::Time>,
    short: Option<time::PrimitiveDateTime>,
    offset: Option<time::OffsetDateTime>,
    unix: Option<Unix<jiff::Timestamp>>,
    #[model(column = "what's \"it\"")]
    awkward: Option<jiff::civil::Date>,
}

#[tokio::test]
async fn other_forms_are_refused_with_words_and_in_every_program() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("forms.db");
    let db = Db::open(&path).await.unwrap();
    db.create_table::<Formed>().await.unwrap();
    db.insert(Formed::builder()).await.unwrap();
    // A program that knows nothing of the library.
    let other = rusqlite::Connection::open(&path).unwrap();
    for (column, literals, words) in [
        ("small", "40000 -32769", "(\"small\" BETWEEN -32768 AND 32767"),
        ("count", "-1", "(\"count\" >= 0)"),
        ("single", "3.5e38 -1e300", "single must be in the range of f32"),
        ("amount", "'1.50' '-0' '01' '.5' '1.' '1e3' '' '+1' '1,5'", "amount must be a decimal number without"),
        ("id", "'0190ABCD-0000-7000-8000-000000000000' '01900000000070008000000000000000' 'x'", "id must be a UUID"),
        ("day", "'2026-1-1' '2026-02-30' '2026-01-01T00:00' '-001-01-01' 0", "day must be a day, YYYY-MM-DD"),
        ("time", "'10:00' '24:00:00' '10:00:00.5' '10:00:00.000' '10:00:00Z'", "time must be a time of day"),
        ("naive", "'2026-01-01T10:00:00' '2026-01-01' '2026-01-01+10:00:00.5'", "naive must be YYYY-MM-DD HH:MM:SS"),
        (
            "at",
            "'2026-01-01T10:00:00Z' '2026-01-01T12:00:00+02:00' '2026-01-01T10:00:00.5+00:00' '2026-01-01T24:00:00+00:00'",
            "at must be an instant, YYYY-MM-DDTHH:MM:SS",
        ),
        ("short_time", "'10:00:00' '10:00:00.50' '10:00:00.'", "short_time must be a time of day"),
        ("short", "'2026-01-01T10:00:00.0' '2026-01-01'", "short must be YYYY-MM-DD HH:MM:SS.S"),
        ("offset", "'2026-01-01T10:00:00Z'", "offset must be an instant, YYYY-MM-DDTHH:MM:SS"),
        ("unix", "253402300800 -62167219201", "unix must be Unix seconds of the years 0000 to 9999"),
        ("what's \"it\"", "'01.02.2026'", "what's \"it\" must be a day, YYYY-MM-DD"),
    ] {
        let quoted = column.replace('"', "\"\"");
        for literal in literals.split(' ') {
            let literal = literal.replace('+', if column == "naive" { " " } else { "+" });
            let sql = format!("UPDATE formeds SET \"{quoted}\" = {literal}");
            let error = other.execute_batch(&sql).unwrap_err().to_string();
            assert!(error.starts_with(&format!("CHECK constraint failed: {words}")), "{literal}: {error}");
            let error = db.execute(sql).await.unwrap_err();
            let Error::CheckViolation { columns, .. } = &error else { panic!("{error:?}") };
            assert_eq!(columns.as_slice(), [column], "{error}");
        }
        assert!(other.execute_batch(&format!("UPDATE formeds SET \"{quoted}\" = NULL")).is_ok());
    }
}

#[tokio::test]
async fn what_is_computed_for_another_table_is_in_the_form_of_the_field() {
    #[derive(Debug, Clone, PartialEq, Model)]
    struct Price {
        pk: Key<Price>,
        gross: rust_decimal::Decimal,
        net: rust_decimal::Decimal,
        single: f32,
    }
    let db = Db::memory().await.unwrap();
    db.execute("CREATE TABLE prices (pk INTEGER PRIMARY KEY, gross TEXT, net TEXT, single REAL)").await.unwrap();
    db.execute("INSERT INTO prices VALUES (1, '1.50', '0', 0.1)").await.unwrap();
    db.select::<Price>().update(|p| (p.net.set(p.gross), p.single.add(0.2))).await.unwrap();
    let stored = db.query::<(String, f64)>("SELECT net, single FROM prices").fetch_required().await.unwrap();
    assert_eq!(stored.0, "1.5");
    // So that it is found by the number that is read.
    let price = db.select::<Price>().fetch_required().await.unwrap();
    assert_eq!(f64::from(price.single), stored.1);
    assert!(db.select::<Price>().filter(|p| p.single.eq(price.single)).exists().await.unwrap());
}
