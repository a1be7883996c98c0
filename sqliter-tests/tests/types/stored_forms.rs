//! What a write stores, a read gives back equal, in the one form of its type, whatever the write and the table.

use sqliter::prelude::*;
use sqliter::{ColumnType, Error};

/// A type with values at its ends, written in every way into tables that the library creates, STRICT and not, and into
/// tables of other programs, which have no constraints.
macro_rules! written_and_read {
    ($($name:ident: $type:ty = $values:tt $(, $arithmetic:ident)?;)*) => {$(
        mod $name {
            use super::*;

            tables!(strict, #[model(table = "rows")], $type, $values $(, $arithmetic)?);
            tables!(loose, #[model(table = "rows", strict = false)], $type, $values $(, $arithmetic)?);
        }
    )*};
}

macro_rules! tables {
    ($name:ident, #[$attribute:meta], $type:ty, $values:tt $(, $arithmetic:ident)?) => {
        mod $name {
            use super::*;

            #[derive(Debug, Clone, PartialEq, Model)]
            #[$attribute]
            struct Row {
                pk: Key<Row>,
                #[model(unique)]
                id: i64,
                value: $type,
                maybe: Option<$type>,
            }

            async fn created() -> Db {
                let db = Db::memory().await.unwrap();
                db.create_table::<Row>().await.unwrap();
                db
            }

            async fn of_another_program() -> Db {
                let db = Db::memory().await.unwrap();
                let class = <$type as ColumnType>::STORAGE.as_sql();
                let strict = if Row::TABLE.strict { "STRICT" } else { "" };
                let columns = format!("id INTEGER NOT NULL UNIQUE, value {class} NOT NULL, maybe {class}");
                db.execute(format!("CREATE TABLE rows (pk INTEGER PRIMARY KEY, {columns}) {strict}")).await.unwrap();
                db
            }

            /// All rows, which can be read and are stored in the form of their values.
            async fn rows(db: &Db) -> Vec<Row> {
                let rows = db.select::<Row>().order(|r| r.id.asc()).fetch_all().await.unwrap();
                let stored = db.query::<sqliter::Record>("SELECT value, maybe FROM rows ORDER BY id").fetch_all().await.unwrap();
                for (row, stored) in rows.iter().zip(&stored) {
                    assert_eq!(stored.get("value"), Some(&row.value.encode().unwrap().into_value()), "{row:?}");
                    assert_eq!(stored.get("maybe"), Some(&row.maybe.encode().unwrap().into_value()), "{row:?}");
                }
                rows
            }

            /// The row afterwards is as it was said to be, or as it was before an error.
            async fn check<T: std::fmt::Debug>(db: &Db, result: sqliter::Result<T>, before: &[Row], after: Row) {
                let rows = rows(db).await;
                match result {
                    Ok(_) => assert!(rows.contains(&after), "{after:?} is not in {rows:?}"),
                    Err(error) => {
                        let expected = matches!(error, Error::Encode { .. });
                        assert!(expected && after.value.encode().is_err(), "{after:?}: {error:?}");
                        assert_eq!(rows, before);
                    }
                }
            }

            async fn every_write(db: Db) {
                let values: Vec<$type> = vec!$values;
                let good = values.iter().find(|value| value.encode().is_ok()).unwrap();
                let mut row = db.insert(Row::builder().id(0).value(good.clone())).await.unwrap();
                for (id, value) in (1..).zip(&values) {
                    let draft = || Row::builder().id(id).value(value.clone()).maybe(value.clone());
                    let new = |pk: i64| Row { pk: Row::key(pk), id, value: value.clone(), maybe: Some(value.clone()) };
                    let before = rows(&db).await;

                    let inserted = db.insert(draft()).await;
                    let pk = inserted.as_ref().map_or(0, |row| *row.pk.raw());
                    check(&db, inserted, &before, new(pk)).await;
                    db.select::<Row>().filter(|r| r.id.eq(id)).delete().await.unwrap();

                    let inserted = db.bulk_insert([draft()]).await;
                    let pk = inserted.as_ref().map_or(0, |rows| *rows[0].pk.raw());
                    check(&db, inserted, &before, new(pk)).await;
                    db.select::<Row>().filter(|r| r.id.eq(id)).delete().await.unwrap();

                    let blank = Row::builder().id(id).value(good.clone());
                    let inserted = db.insert_with(blank, |r| (r.value.given(value), r.maybe.given(value))).await;
                    let pk = inserted.as_ref().map_or(0, |row| *row.pk.raw());
                    check(&db, inserted, &before, new(pk)).await;
                    db.select::<Row>().filter(|r| r.id.eq(id)).delete().await.unwrap();

                    let changed = |row: &Row| Row { value: value.clone(), maybe: Some(value.clone()), ..row.clone() };
                    let reset = Row { value: good.clone(), maybe: None, ..row.clone() };
                    let mut written = changed(&row);
                    check(&db, db.update(&mut written).await, &before, changed(&row)).await;
                    db.update(&mut reset.clone()).await.unwrap();

                    check(&db, db.bulk_update(&mut [changed(&row)]).await, &before, changed(&row)).await;
                    db.bulk_update(&mut [reset.clone()]).await.unwrap();

                    let set = db.select::<Row>().update(|r| (r.value.set(value), r.maybe.set(value))).await;
                    check(&db, set, &before, changed(&row)).await;
                    db.update(&mut reset.clone()).await.unwrap();

                    let upserted = db.upsert(draft().id(0), |r| r.id).update(|r| (r.value, r.maybe)).await;
                    check(&db, upserted, &before, changed(&row)).await;
                    db.update(&mut reset.clone()).await.unwrap();

                    let upserted = db.upsert(Row::builder().id(0).value(good.clone()), |r| r.id);
                    let upserted = upserted.update(|r| (r.value.set(value), r.maybe.set(value))).await;
                    check(&db, upserted, &before, changed(&row)).await;
                    db.update(&mut reset.clone()).await.unwrap();

                    let copied = db.select::<Row>().update(|r| r.maybe.set(r.value)).await.unwrap();
                    assert_eq!(copied, 1);
                    row = rows(&db).await.remove(0);
                    assert_eq!(row.maybe.as_ref(), Some(&row.value));
                    db.update(&mut reset.clone()).await.unwrap();
                    row = rows(&db).await.remove(0);
                }
            }

            #[tokio::test]
            async fn a_table_of_ours_gives_back_what_was_written() {
                every_write(created().await).await;
            }

            #[tokio::test]
            async fn a_table_without_constraints_gives_back_what_was_written() {
                every_write(of_another_program().await).await;
            }

            $(arithmetic!($arithmetic, $type, $values);)?
        }
    };
}

macro_rules! arithmetic {
    ($oracle:ident, $type:ty, $values:tt) => {
        async fn every_calculation(db: Db) {
            let values: Vec<$type> = $values.into_iter().filter(|value: &$type| value.encode().is_ok()).collect();
            for (left, right) in values.iter().flat_map(|left| values.iter().map(move |right| (*left, *right))) {
                for operator in ['+', '-', '*'] {
                    db.select::<Row>().delete().await.unwrap();
                    db.insert(Row::builder().id(0).value(left).maybe(left)).await.unwrap();
                    let before = rows(&db).await;
                    let expected =
                        super::super::$oracle::calculated(left, operator, right).filter(|value| value.encode().is_ok());
                    for way in ["update", "update of the optional", "upsert"] {
                        let blank = || Row::builder().id(0).value(left);
                        let result = match (way, operator) {
                            ("update", '+') => db.select::<Row>().update(|r| r.value.add(right)).await.map(|_| ()),
                            ("update", '-') => db.select::<Row>().update(|r| r.value.sub(right)).await.map(|_| ()),
                            ("update", _) => db.select::<Row>().update(|r| r.value.mul(right)).await.map(|_| ()),
                            ("upsert", '+') => {
                                db.upsert(blank(), |r| r.id).update(|r| r.value.add(right)).await.map(|_| ())
                            }
                            ("upsert", '-') => {
                                db.upsert(blank(), |r| r.id).update(|r| r.value.sub(right)).await.map(|_| ())
                            }
                            ("upsert", _) => {
                                db.upsert(blank(), |r| r.id).update(|r| r.value.mul(right)).await.map(|_| ())
                            }
                            (_, '+') => db.select::<Row>().update(|r| r.maybe.add(right)).await.map(|_| ()),
                            (_, '-') => db.select::<Row>().update(|r| r.maybe.sub(right)).await.map(|_| ()),
                            (_, _) => db.select::<Row>().update(|r| r.maybe.mul(right)).await.map(|_| ()),
                        };
                        let calculation = format!("{left:?} {operator} {right:?} by {way}");
                        let after = rows(&db).await.remove(0);
                        let optional = way == "update of the optional";
                        let value = if optional { after.maybe } else { Some(after.value) };
                        match (result, expected) {
                            (Ok(()), expected) if optional => {
                                assert!(value == expected || value.is_none(), "{calculation}: {value:?}")
                            }
                            (Ok(()), expected) => assert_eq!(value, expected, "{calculation}"),
                            (Err(error), None) => {
                                let column = if optional { "maybe" } else { "value" };
                                super::super::$oracle::refused(&error, column);
                                assert_eq!(rows(&db).await, before, "{calculation}");
                            }
                            (Err(error), expected) => panic!("{calculation} is {expected:?}, not {error:?}"),
                        }
                        db.update(&mut before[0].clone()).await.unwrap();
                    }
                }
            }
        }

        #[tokio::test]
        async fn a_table_of_ours_calculates_what_fits_or_nothing() {
            every_calculation(created().await).await;
        }

        #[tokio::test]
        async fn a_table_without_constraints_calculates_what_fits_or_nothing() {
            every_calculation(of_another_program().await).await;
        }
    };
}

mod whole {
    use super::*;

    pub(super) fn calculated<T: TryInto<i128> + TryFrom<i128>>(left: T, operator: char, right: T) -> Option<T> {
        let (left, right) = (left.try_into().ok()?, right.try_into().ok()?);
        T::try_from(match operator {
            '+' => left + right,
            '-' => left - right,
            _ => left * right,
        })
        .ok()
    }

    pub(super) fn refused(error: &Error, column: &str) {
        let Error::CheckViolation { table, columns, constraint, .. } = error else { panic!("{error:?}") };
        assert_eq!((table.as_str(), columns.as_slice()), ("rows", [column.to_owned()].as_slice()), "{constraint}");
        assert!(constraint.starts_with(&format!("{column} must be an integer in the range of ")), "{constraint}");
    }
}

mod real {
    use super::*;

    /// What SQLite calculates, as the type holds it; NaN is none.
    pub(super) fn calculated<T: Real>(left: T, operator: char, right: T) -> Option<T> {
        let (left, right) = (left.wide(), right.wide());
        T::narrow(match operator {
            '+' => left + right,
            '-' => left - right,
            _ => left * right,
        })
    }

    /// NaN is NULL to SQLite.
    pub(super) fn refused(error: &Error, column: &str) {
        match error {
            Error::CheckViolation { columns, constraint, .. } => {
                assert_eq!(columns.as_slice(), [column]);
                assert!(constraint.contains(" must be a floating-point number in the range of f32, not REAL "));
            }
            error => {
                assert!(matches!(error, Error::NotNullViolation { column: named, .. } if named == column), "{error:?}")
            }
        }
    }

    pub(super) trait Real: Sized {
        fn wide(self) -> f64;
        fn narrow(wide: f64) -> Option<Self>;
    }

    impl Real for f64 {
        fn wide(self) -> f64 {
            self
        }

        fn narrow(wide: f64) -> Option<Self> {
            (!wide.is_nan()).then_some(wide)
        }
    }

    impl Real for f32 {
        fn wide(self) -> f64 {
            self.into()
        }

        fn narrow(wide: f64) -> Option<Self> {
            let narrow = wide as Self;
            (!wide.is_nan() && narrow.is_infinite() == wide.is_infinite()).then_some(narrow)
        }
    }
}

mod decimal {
    use rust_decimal::Decimal;

    use super::*;

    /// The exact result, if it has a form.
    pub(super) fn calculated(left: Decimal, operator: char, right: Decimal) -> Option<Decimal> {
        let (left, right) = (left.normalize(), right.normalize());
        match operator {
            '+' => sum(left, right),
            '-' => sum(left, -right),
            _ => product(left, right),
        }
    }

    /// `Decimal` rounds: then nothing comes back when the sum is undone.
    fn sum(left: Decimal, right: Decimal) -> Option<Decimal> {
        let sum = left.checked_add(right)?;
        (sum.checked_sub(right)? == left && sum.checked_sub(left)? == right).then_some(sum)
    }

    /// As it is done on paper.
    fn product(left: Decimal, right: Decimal) -> Option<Decimal> {
        if left.is_zero() || right.is_zero() {
            return Some(Decimal::ZERO);
        }
        let digits = |number: Decimal| -> Vec<u32> {
            let text = number.mantissa().unsigned_abs().to_string();
            text.chars().rev().filter_map(|digit| digit.to_digit(10)).collect()
        };
        let (left_digits, right_digits) = (digits(left), digits(right));
        let mut product = vec![0; left_digits.len() + right_digits.len()];
        for (i, left) in left_digits.iter().enumerate() {
            for (j, right) in right_digits.iter().enumerate() {
                product[i + j] += left * right;
            }
        }
        for i in 1..product.len() {
            product[i] += product[i - 1] / 10;
            product[i - 1] %= 10;
        }
        let mut scale = left.scale() + right.scale();
        while scale > 0 && product.first() == Some(&0) {
            product.remove(0);
            scale -= 1;
        }
        let text: String = product.iter().rev().filter_map(|digit| char::from_digit(*digit, 10)).collect();
        let mantissa: i128 = text.parse().ok()?;
        let negative = left.is_sign_negative() != right.is_sign_negative();
        Decimal::try_from_i128_with_scale(if negative { -mantissa } else { mantissa }, scale).ok()
    }

    pub(super) fn refused(error: &Error, _: &str) {
        assert!(error.to_string().contains("decimal overflow"), "{error}");
    }

    pub(super) fn dec(text: &str) -> Decimal {
        text.parse().unwrap()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, ColumnType)]
enum Status {
    Open,
    InReview,
    Closed,
}

#[derive(Debug, Clone, Copy, PartialEq, ColumnType)]
#[column(integer)]
enum Level {
    Low = -1,
    High = 10,
}

#[derive(Debug, Clone, Copy, PartialEq, ColumnType)]
struct Lives(u8);

fn utc(text: &str) -> chrono::DateTime<chrono::Utc> {
    text.parse().unwrap()
}

fn instant(text: &str) -> time::OffsetDateTime {
    let utc = utc(text);
    time::OffsetDateTime::from_unix_timestamp(utc.timestamp())
        .unwrap()
        .replace_nanosecond(utc.timestamp_subsec_nanos())
        .unwrap()
}

fn nested(levels: usize) -> serde_json::Value {
    (0..levels).fold(serde_json::json!(0.1), |inner, _| serde_json::Value::Array(vec![inner]))
}

const FIRST: &str = "0000-01-01T00:00:00Z";
const LAST: &str = "9999-12-31T23:59:59.999999999Z";
const HALF: &str = "2024-02-29T23:59:59.5Z";

written_and_read! {
    int8: i8 = [i8::MIN, -1, 0, 1, i8::MAX], whole;
    int16: i16 = [i16::MIN, 0, 181, i16::MAX], whole;
    int32: i32 = [i32::MIN, -2, 46_341, i32::MAX], whole;
    int64: i64 = [i64::MIN, -1, 0, 2, i64::MAX], whole;
    int_size: isize = [isize::MIN, -1, 3, isize::MAX], whole;
    uint8: u8 = [0, 1, 16, u8::MAX], whole;
    uint16: u16 = [0, 1, 256, u16::MAX], whole;
    uint32: u32 = [0, 1, 65_536, u32::MAX], whole;
    uint64: u64 = [0, 1, 2, i64::MAX as u64, i64::MAX as u64 + 1, u64::MAX], whole;
    uint_size: usize = [0, 1, 3, i64::MAX as usize, usize::MAX], whole;
    real32: f32 = [f32::MIN, -0.1, f32::MIN_POSITIVE, 0.1, 16_777_217.0, 1e30, f32::MAX, f32::INFINITY, f32::NAN], real;
    real64: f64 = [f64::MIN, -0.1, f64::MIN_POSITIVE, 0.3, 1e200, f64::MAX, f64::NEG_INFINITY, f64::NAN], real;
    decimals: rust_decimal::Decimal = [
        decimal::dec("-0.00"), decimal::dec("0.1"), decimal::dec("1.50"), decimal::dec("-7.25"), decimal::dec("100"),
        decimal::dec("0.4"), rust_decimal::Decimal::MAX, rust_decimal::Decimal::MIN,
        decimal::dec("0.0000000000000000000000000001"), decimal::dec("7.9228162514264337593543950335"),
    ], decimal;
    flag: bool = [false, true];
    status: Status = [Status::Open, Status::InReview, Status::Closed];
    level: Level = [Level::Low, Level::High];
    lives: Lives = [Lives(0), Lives(255)];
    text: String = [String::new(), "a\0b".to_owned(), "1.0".to_owned(), "é".to_owned()];
    bytes: Vec<u8> = [vec![], vec![0, 255], b"12".to_vec()];
    uuids: uuid::Uuid = [uuid::Uuid::nil(), uuid::Uuid::max(), uuid::Uuid::from_u128(0x0190_abcd)];
    json_numbers: sqliter::Json<Vec<Option<f64>>> = [
        sqliter::Json(vec![]),
        sqliter::Json(vec![None, Some(0.1), Some(-0.0), Some(f64::MAX), Some(f64::from_bits(1)), Some(1.7976931348623155e-20)]),
        sqliter::Json(vec![Some(f64::INFINITY)]),
        sqliter::Json(vec![None, Some(f64::NAN)]),
    ];
    json_document: sqliter::Json<serde_json::Value> = [
        sqliter::Json(serde_json::Value::Null), sqliter::Json(nested(127)), sqliter::Json(nested(128)), sqliter::Json(nested(1000)),
    ];
    json_options: sqliter::Json<Option<Option<i128>>> = [
        sqliter::Json(None), sqliter::Json(Some(None)), sqliter::Json(Some(Some(i128::MAX))),
    ];
    chrono_date: chrono::NaiveDate = [utc(FIRST).date_naive(), utc(LAST).date_naive(), chrono::NaiveDate::MAX];
    chrono_time: chrono::NaiveTime = [utc(FIRST).time(), utc(LAST).time(), utc(HALF).time()];
    chrono_naive: chrono::NaiveDateTime = [utc(FIRST).naive_utc(), utc(LAST).naive_utc(), utc(HALF).naive_utc(), chrono::NaiveDateTime::MIN];
    chrono_utc: chrono::DateTime<chrono::Utc> = [utc(FIRST), utc(LAST), utc(HALF), chrono::DateTime::<chrono::Utc>::MAX_UTC];
    chrono_fixed: chrono::DateTime<chrono::FixedOffset> = [
        utc(FIRST).fixed_offset(), "2024-02-29T23:59:59.000001-05:30".parse().unwrap(), utc(LAST).fixed_offset(),
    ];
    chrono_unix: Unix<chrono::DateTime<chrono::Utc>> = [
        Unix(utc(FIRST)), Unix(utc("9999-12-31T23:59:59Z")), Unix(utc("1969-12-31T23:59:59Z")),
        Unix(chrono::DateTime::from_timestamp(253_402_300_800, 0).unwrap()), Unix(chrono::DateTime::from_timestamp(-62_167_219_201, 0).unwrap()),
    ];
    chrono_unix_date: Unix<chrono::NaiveDate> = [Unix(utc(FIRST).date_naive()), Unix(utc(LAST).date_naive()), Unix(chrono::NaiveDate::MIN)];
    time_date: time::Date = [instant(FIRST).date(), instant(LAST).date(), time::Date::MIN];
    time_time: time::Time = [instant(FIRST).time(), instant(LAST).time(), instant(HALF).time()];
    time_naive: time::PrimitiveDateTime = [
        time::PrimitiveDateTime::new(instant(FIRST).date(), instant(FIRST).time()), time::PrimitiveDateTime::MAX, time::PrimitiveDateTime::MIN,
    ];
    time_instant: time::OffsetDateTime = [instant(FIRST), instant(LAST), instant(HALF).to_offset(time::macros::offset!(+2))];
    time_unix: Unix<time::OffsetDateTime> = [Unix(instant(FIRST)), Unix(instant("9999-12-31T23:59:59Z")), Unix(time::PrimitiveDateTime::MIN.assume_utc())];
    jiff_date: jiff::civil::Date = ["0000-01-01".parse().unwrap(), jiff::civil::Date::MAX, jiff::civil::Date::MIN];
    jiff_time: jiff::civil::Time = [jiff::civil::Time::MIN, jiff::civil::Time::MAX, "12:00:00.5".parse().unwrap()];
    jiff_naive: jiff::civil::DateTime = ["0000-01-01T00:00:00.000001".parse().unwrap(), jiff::civil::DateTime::MAX, jiff::civil::DateTime::MIN];
    jiff_instant: jiff::Timestamp = [FIRST.parse().unwrap(), jiff::Timestamp::MAX, HALF.parse().unwrap(), jiff::Timestamp::MIN];
    jiff_unix: Unix<jiff::Timestamp> = [Unix(FIRST.parse().unwrap()), Unix("9999-12-30T22:00:00Z".parse().unwrap()), Unix(jiff::Timestamp::MIN)];
}
