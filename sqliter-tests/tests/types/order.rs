//! The order of stored dates, times and instants is their order in time, and what sqlx writes through the pool is what the
//! library writes, or is refused.
//!
//! `ORDER_PAIRS=1000000 cargo test --release -p sqliter-tests --test types_order` compares as many pairs of each type.

use std::cmp::Ordering;
use std::fmt::Debug;

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use rusqlite::Connection;
use sqliter::prelude::*;
use sqliter::{ColumnType, Error, Value};

/// Numbers that look random, from Marsaglia's xorshift.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }

    /// Seconds and nanoseconds since 1970, in the years 0 to 9999; fractions of all lengths, many of them alike.
    fn instant(&mut self, near: (i64, u32)) -> (i64, u32) {
        let seconds = match self.below(3) {
            0 => near.0,
            1 => (near.0 + self.below(3) as i64 - 1).clamp(FIRST, LAST),
            _ => FIRST + self.below((LAST - FIRST + 1) as u64) as i64,
        };
        let unit = 10_u32.pow(self.below(10) as u32);
        let nanos = match self.below(3) {
            0 => near.1 / unit * unit,
            1 => 0,
            _ => (self.below(1_000_000_000) as u32) / unit * unit,
        };
        (seconds, nanos)
    }
}

const FIRST: i64 = -62_167_219_200;
const LAST: i64 = 253_402_300_799;
/// The last instant of `jiff`.
const LAST_TIMESTAMP: i64 = 253_402_207_200;

/// Compares the stored forms in SQLite, and stores some in a table with the `CHECK` of the type.
fn sorts_as_time<T: ColumnType + PartialEq + Debug>(
    seed: u64,
    make: impl Fn((i64, u32), i32) -> T,
    order: impl Fn(&T, &T) -> Ordering,
) {
    let pairs = std::env::var("ORDER_PAIRS").ok().and_then(|pairs| pairs.parse().ok()).unwrap_or(20_000);
    let sqlite = Connection::open_in_memory().unwrap();
    let check = T::check("x").unwrap();
    sqlite.execute_batch(&format!("CREATE TABLE t (x TEXT CHECK ({check})) STRICT")).unwrap();
    let mut insert = sqlite.prepare("INSERT INTO t VALUES (?1)").unwrap();
    let mut compare = sqlite.prepare("SELECT (?1 > ?2) - (?1 < ?2)").unwrap();
    let text = |value: &T| match value.encode().unwrap().into_value() {
        Value::Text(text) => text,
        other => panic!("{other:?}"),
    };
    let mut random = Random(seed);
    let mut previous = (0, 0);
    for i in 0..pairs {
        let offset = random.below(2 * 86_399) as i32 - 86_399;
        let (left, right) = (random.instant(previous), random.instant(previous));
        previous = right;
        let (left, right) = (make(left, offset), make(right, -offset / 2));
        let (left_text, right_text) = (text(&left), text(&right));
        let found: i64 = compare.query_row([&left_text, &right_text], |row| row.get(0)).unwrap();
        assert_eq!(found.cmp(&0), order(&left, &right), "{left_text} {right_text}");
        if i % 16 == 0 {
            insert.execute([&left_text]).unwrap();
            assert_eq!(T::decode(Value::Text(left_text.clone()).as_ref()), Ok(left), "{left_text}");
        }
    }
}

fn utc((seconds, nanos): (i64, u32)) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, nanos).unwrap()
}

fn time_utc((seconds, nanos): (i64, u32)) -> time::OffsetDateTime {
    time::OffsetDateTime::from_unix_timestamp(seconds).unwrap().replace_nanosecond(nanos).unwrap()
}

fn jiff_utc((seconds, nanos): (i64, u32)) -> jiff::Timestamp {
    jiff::Timestamp::new(seconds.min(LAST_TIMESTAMP), nanos as i32).unwrap()
}

fn jiff_civil(instant: (i64, u32)) -> jiff::civil::DateTime {
    jiff::tz::Offset::UTC.to_datetime(jiff_utc(instant))
}

#[test]
fn the_order_of_text_is_the_order_in_time_for_chrono() {
    sorts_as_time(1, |instant, _| utc(instant), DateTime::cmp);
    sorts_as_time(2, |instant, _| utc(instant).naive_utc(), NaiveDateTime::cmp);
    sorts_as_time(3, |instant, _| utc(instant).time(), NaiveTime::cmp);
    sorts_as_time(4, |instant, _| utc(instant).date_naive(), NaiveDate::cmp);
    let zoned = |instant, offset| utc(instant).with_timezone(&FixedOffset::east_opt(offset).unwrap());
    sorts_as_time(5, zoned, DateTime::cmp);
}

#[test]
fn the_order_of_text_is_the_order_in_time_for_time() {
    let zoned = |(seconds, nanos): (i64, u32), offset| {
        // `time` has no local times outside its range of years.
        let inside = seconds.clamp(FIRST + 100_000, LAST - 100_000);
        time_utc((inside, nanos)).to_offset(time::UtcOffset::from_whole_seconds(offset).unwrap())
    };
    sorts_as_time(6, zoned, time::OffsetDateTime::cmp);
    let naive = |instant| time::PrimitiveDateTime::new(time_utc(instant).date(), time_utc(instant).time());
    sorts_as_time(7, |instant, _| naive(instant), time::PrimitiveDateTime::cmp);
    sorts_as_time(8, |instant, _| time_utc(instant).time(), time::Time::cmp);
    sorts_as_time(9, |instant, _| time_utc(instant).date(), time::Date::cmp);
}

#[test]
fn the_order_of_text_is_the_order_in_time_for_jiff() {
    sorts_as_time(10, |instant, _| jiff_utc(instant), jiff::Timestamp::cmp);
    sorts_as_time(11, |instant, _| jiff_civil(instant), jiff::civil::DateTime::cmp);
    sorts_as_time(12, |instant, _| jiff_civil(instant).time(), jiff::civil::Time::cmp);
    sorts_as_time(13, |instant, _| jiff_civil(instant).date(), jiff::civil::Date::cmp);
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(new(derive(Clone)))]
struct Moment {
    pk: Key<Moment>,
    date: NaiveDate,
    time: NaiveTime,
    naive: NaiveDateTime,
    utc: DateTime<Utc>,
    zoned: DateTime<FixedOffset>,
    time_date: time::Date,
    time_time: time::Time,
    time_naive: time::PrimitiveDateTime,
    time_utc: time::OffsetDateTime,
    id: uuid::Uuid,
    list: sqliter::Json<Vec<Option<f64>>>,
}

fn moment(instant: (i64, u32)) -> NewMoment {
    let (utc, time_utc) = (utc(instant), time_utc(instant));
    NewMoment {
        date: utc.date_naive(),
        time: utc.time(),
        naive: utc.naive_utc(),
        utc,
        zoned: utc.fixed_offset(),
        time_date: time_utc.date(),
        time_time: time_utc.time(),
        time_naive: time::PrimitiveDateTime::new(time_utc.date(), time_utc.time()),
        time_utc,
        id: uuid::Uuid::from_u128(u128::from(instant.1)),
        list: sqliter::Json(vec![Some(f64::from(instant.1) / 3.0), None]),
    }
}

#[tokio::test]
async fn sqlx_writes_what_the_library_writes() {
    let db = Db::memory().await.unwrap();
    db.create_table::<Moment>().await.unwrap();
    let mut random = Random(14);
    let mut instant = (0, 0);
    for _ in 0..200 {
        instant = random.instant(instant);
        let new = moment(instant);
        let ours = db.insert(new.clone()).await.unwrap();
        let sql = "INSERT INTO moments (date, time, naive, utc, zoned, time_date, time_time, time_naive, time_utc, id, list) \
                   VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
        sqlx::query(sql)
            .bind(new.date)
            .bind(new.time)
            .bind(new.naive)
            .bind(new.utc)
            .bind(new.zoned)
            .bind(new.time_date)
            .bind(new.time_time)
            .bind(new.time_naive)
            // The one type whose form of sqlx does not sort.
            .bind(new.utc)
            .bind(new.id.hyphenated())
            .bind(sqlx::types::Json(&new.list.0))
            .execute(&db.pool())
            .await
            .unwrap();
        let stored = db.query::<sqliter::Record>("SELECT * FROM moments ORDER BY pk").fetch_all().await.unwrap();
        let [own, theirs] = stored.as_slice() else { panic!("{stored:?}") };
        for (column, value) in own.iter().filter(|(column, _)| *column != "pk") {
            assert_eq!(theirs.get(column), Some(value), "{column}");
        }
        // And reads it.
        let sql = "SELECT date, time, naive, utc, zoned FROM moments LIMIT 1";
        let read: (NaiveDate, NaiveTime, NaiveDateTime, DateTime<Utc>, DateTime<FixedOffset>) =
            sqlx::query_as(sql).fetch_one(&db.pool()).await.unwrap();
        assert_eq!(read, (ours.date, ours.time, ours.naive, ours.utc, ours.zoned));
        let sql = "SELECT time_date, time_time, time_naive, time_utc FROM moments LIMIT 1";
        let read: (time::Date, time::Time, time::PrimitiveDateTime, time::OffsetDateTime) =
            sqlx::query_as(sql).fetch_one(&db.pool()).await.unwrap();
        assert_eq!(read, (ours.time_date, ours.time_time, ours.time_naive, ours.time_utc));
        db.select::<Moment>().delete().await.unwrap();
    }
}

#[tokio::test]
async fn what_sqlx_writes_in_another_form_is_refused() {
    let db = Db::memory().await.unwrap();
    db.create_table::<Moment>().await.unwrap();
    let moment = db.insert(moment((1_700_000_000, 500_000_000))).await.unwrap();
    let pool = db.pool();
    let refused = |error: sqlx::Error| error.as_database_error().map(|error| error.message().to_owned()).unwrap();
    let form = "must be an instant, YYYY-MM-DDTHH:MM:SS[.SSS[SSS[SSS]]]+00:00";
    let error = sqlx::query("UPDATE moments SET time_utc = ?").bind(moment.time_utc).execute(&pool).await.unwrap_err();
    assert_eq!(refused(error), format!("CHECK constraint failed: time_utc {form}"));
    let there = moment.utc.with_timezone(&FixedOffset::east_opt(7200).unwrap());
    let error = sqlx::query("UPDATE moments SET zoned = ?").bind(there).execute(&pool).await.unwrap_err();
    assert_eq!(refused(error), format!("CHECK constraint failed: zoned {form}"));
    let error = sqlx::query("UPDATE moments SET id = ?").bind(moment.id).execute(&pool).await.unwrap_err();
    assert_eq!(refused(error), "cannot store BLOB value in TEXT column moments.id");
    let error = db.execute("UPDATE moments SET utc = datetime('2026-01-01 10:00')").await.unwrap_err();
    assert!(matches!(&error, Error::CheckViolation { columns, .. } if *columns == ["utc"]), "{error:?}");
    assert_eq!(db.get(&moment).await.unwrap(), Some(moment));
}
