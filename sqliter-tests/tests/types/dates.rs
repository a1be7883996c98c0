//! The types of chrono, time and jiff in columns.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use sqliter::Error;
use sqliter::prelude::*;

#[derive(Debug, Clone, PartialEq, Model)]
struct Moment {
    pk: Key<Moment>,
    date: NaiveDate,
    time: NaiveTime,
    naive: NaiveDateTime,
    utc: DateTime<Utc>,
    zoned: DateTime<FixedOffset>,
    unix: Unix<DateTime<Utc>>,
    unix_date: Unix<NaiveDate>,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct MaybeMoment {
    pk: Key<MaybeMoment>,
    date: Option<NaiveDate>,
    time: Option<NaiveTime>,
    naive: Option<NaiveDateTime>,
    utc: Option<DateTime<Utc>>,
    zoned: Option<DateTime<FixedOffset>>,
    unix: Option<Unix<DateTime<Utc>>>,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct TimeMoment {
    pk: Key<TimeMoment>,
    date: time::Date,
    time: time::Time,
    naive: time::PrimitiveDateTime,
    utc: time::OffsetDateTime,
    unix: Unix<time::OffsetDateTime>,
    maybe_date: Option<time::Date>,
    maybe_time: Option<time::Time>,
    maybe_naive: Option<time::PrimitiveDateTime>,
    maybe_utc: Option<time::OffsetDateTime>,
    maybe_unix: Option<Unix<time::OffsetDateTime>>,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct JiffMoment {
    pk: Key<JiffMoment>,
    date: jiff::civil::Date,
    time: jiff::civil::Time,
    naive: jiff::civil::DateTime,
    utc: jiff::Timestamp,
    unix: Unix<jiff::Timestamp>,
    maybe_date: Option<jiff::civil::Date>,
    maybe_time: Option<jiff::civil::Time>,
    maybe_naive: Option<jiff::civil::DateTime>,
    maybe_utc: Option<jiff::Timestamp>,
    maybe_unix: Option<Unix<jiff::Timestamp>>,
}

async fn open() -> sqliter::Result<Db> {
    let db = Db::memory().await?;
    db.create_tables::<(Moment, MaybeMoment, TimeMoment, JiffMoment)>().await?;
    Ok(db)
}

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn moment(instant: DateTime<Utc>) -> NewMoment {
    NewMoment {
        date: instant.date_naive(),
        time: instant.time(),
        naive: instant.naive_utc(),
        utc: instant,
        zoned: instant.fixed_offset(),
        unix: Unix(DateTime::from_timestamp(instant.timestamp(), 0).unwrap()),
        unix_date: Unix(instant.date_naive()),
    }
}

/// Years 0 to 9999, before 1970, after 2038, with every precision of the fraction.
const INSTANTS: [&str; 10] = [
    "0000-01-01T00:00:00Z",
    "0001-01-01T00:00:00.000000001Z",
    "1969-12-31T23:59:59.999999999Z",
    "1970-01-01T00:00:00Z",
    "2000-02-29T12:00:00.5Z",
    "2024-06-01T10:20:30.123456Z",
    "2038-01-19T03:14:08Z",
    "2100-01-01T00:00:00Z",
    "2700-01-01T00:00:00.001Z",
    "9999-12-31T23:59:59.999999999Z",
];

#[tokio::test(flavor = "multi_thread")]
async fn chrono_round_trips_to_the_nanosecond() -> sqliter::Result<()> {
    let db = open().await?;
    for text in INSTANTS {
        let row = db.insert(moment(utc(text))).await?;
        assert_eq!(db.get(row.pk).await?.as_ref(), Some(&row), "{text}");
        let maybe = db
            .insert(
                MaybeMoment::builder()
                    .date(row.date)
                    .time(row.time)
                    .naive(row.naive)
                    .utc(row.utc)
                    .zoned(row.zoned)
                    .unix(row.unix),
            )
            .await?;
        assert_eq!(maybe.utc, Some(row.utc));
        assert_eq!(db.get(maybe.pk).await?.as_ref(), Some(&maybe), "{text}");
    }
    let none = db.insert(MaybeMoment::builder()).await?;
    assert_eq!(db.get(none.pk).await?, Some(none));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn time_round_trips_to_the_nanosecond() -> sqliter::Result<()> {
    let db = open().await?;
    for text in INSTANTS {
        let source = utc(text);
        let instant = time::OffsetDateTime::from_unix_timestamp(source.timestamp()).unwrap();
        let whole = Unix(instant);
        let instant = instant.replace_nanosecond(source.timestamp_subsec_nanos()).unwrap();
        let naive = time::PrimitiveDateTime::new(instant.date(), instant.time());
        let new =
            || TimeMoment::builder().date(instant.date()).time(instant.time()).naive(naive).utc(instant).unix(whole);
        let required = db.insert(new()).await?;
        assert_eq!(db.get(required.pk).await?.as_ref(), Some(&required), "{text}");
        assert_eq!(required.maybe_utc, None);
        let all = new()
            .maybe_date(instant.date())
            .maybe_time(instant.time())
            .maybe_naive(naive)
            .maybe_utc(instant)
            .maybe_unix(whole);
        let all = db.insert(all).await?;
        assert_eq!(db.get(all.pk).await?.as_ref(), Some(&all), "{text}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn jiff_round_trips_to_the_nanosecond() -> sqliter::Result<()> {
    let db = open().await?;
    for text in INSTANTS.into_iter().filter(|text| !text.starts_with("9999")) {
        let instant: jiff::Timestamp = text.parse().unwrap();
        let civil = jiff::tz::TimeZone::UTC.to_datetime(instant);
        let whole = Unix(jiff::Timestamp::from_second(utc(text).timestamp()).unwrap());
        let new = || JiffMoment::builder().date(civil.date()).time(civil.time()).naive(civil).utc(instant).unix(whole);
        let required = db.insert(new()).await?;
        assert_eq!(db.get(required.pk).await?.as_ref(), Some(&required), "{text}");
        let all = new()
            .maybe_date(civil.date())
            .maybe_time(civil.time())
            .maybe_naive(civil)
            .maybe_utc(instant)
            .maybe_unix(whole);
        let all = db.insert(all).await?;
        assert_eq!(db.get(all.pk).await?.as_ref(), Some(&all), "{text}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn dates_are_encoded_in_filters_and_sort_as_days() -> sqliter::Result<()> {
    let db = open().await?;
    for text in INSTANTS.iter().rev() {
        db.insert(moment(utc(text))).await?;
    }
    let all = || db.select::<Moment>();
    let mut instants: Vec<_> = INSTANTS.iter().map(|text| utc(text)).collect();
    instants.sort();
    assert_eq!(all().order(|m| m.utc.asc()).only(|m| m.utc).fetch_all().await?, instants);
    let days: Vec<_> = instants.iter().map(DateTime::date_naive).collect();
    assert_eq!(all().order(|m| m.date.asc()).only(|m| m.date).fetch_all().await?, days);
    let seconds: Vec<_> = instants.iter().map(DateTime::timestamp).collect();
    let unix = all().order(|m| m.unix.asc()).only(|m| m.unix).fetch_all().await?;
    assert_eq!(unix.iter().map(|unix| unix.timestamp()).collect::<Vec<_>>(), seconds);

    let day = NaiveDate::from_ymd_opt(2024, 6, 1).unwrap();
    assert_eq!(all().filter(|m| m.date.eq(day)).count().await?, 1);
    assert_eq!(all().filter(|m| m.unix_date.eq(Unix(day))).count().await?, 1);
    assert_eq!(all().filter(|m| m.date.lt(NaiveDate::from_ymd_opt(1900, 1, 1).unwrap())).count().await?, 2);
    assert_eq!(all().filter(|m| m.unix.lt(Unix(DateTime::UNIX_EPOCH))).count().await?, 3);
    assert_eq!(all().filter(|m| m.utc.between(instants[2], instants[4])).count().await?, 3);
    assert_eq!(all().filter(|m| m.utc.is_in([instants[5], instants[9]])).count().await?, 2);
    // A fraction sorts after the whole second.
    assert_eq!(all().filter(|m| m.utc.gt(utc("2000-02-29T12:00:00Z")) & m.utc.lt(instants[5])).count().await?, 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn unix_seconds_are_rounded_down() -> sqliter::Result<()> {
    let db = open().await?;
    for (text, seconds) in [
        ("1969-12-31T23:59:59.25Z", -1),
        ("1970-01-01T00:00:00.999999999Z", 0),
        ("2024-01-01T00:00:00.5Z", 1_704_067_200),
    ] {
        let instant = utc(text);
        let row = db.insert(NewMoment { unix: Unix(instant), ..moment(instant) }).await?;
        assert_eq!(db.get(row.pk).await?.unwrap().unix.timestamp(), seconds, "{text}");
        let stored: (i64,) = sqliter::sqlx::query_as("SELECT unix FROM moments WHERE pk = ?")
            .bind(row.pk.raw())
            .fetch_one(&db.pool())
            .await
            .unwrap();
        assert_eq!(stored.0, seconds);
        let found = db.select::<Moment>().filter(|m| m.unix.eq(Unix(instant)) & m.pk.eq(row.pk)).count();
        assert_eq!(found.await?, 1);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zone_is_converted_to_the_same_instant() -> sqliter::Result<()> {
    let db = open().await?;
    let there = DateTime::parse_from_rfc3339("2024-05-31T23:30:00-01:00").unwrap();
    let here = DateTime::parse_from_rfc3339("2024-06-01T10:30:00+10:00").unwrap();
    let row = db.insert(NewMoment { zoned: there, ..moment(there.to_utc()) }).await?;
    let read = db.get(row.pk).await?.unwrap();
    assert_eq!((read.zoned, read.zoned.offset().local_minus_utc()), (there, 0));
    assert_eq!(db.select::<Moment>().filter(|m| m.zoned.eq(here)).count().await?, 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_no_text_form_is_refused() -> sqliter::Result<()> {
    let db = open().await?;
    let good = || moment(DateTime::UNIX_EPOCH);
    let far = NaiveDate::from_ymd_opt(10_000, 1, 1).unwrap();
    let before = NaiveDate::from_ymd_opt(-1, 12, 31).unwrap();
    let leap = NaiveTime::from_hms_nano_opt(23, 59, 59, 1_500_000_000).unwrap();
    for (column, new) in [
        ("date", NewMoment { date: far, ..good() }),
        ("date", NewMoment { date: before, ..good() }),
        ("time", NewMoment { time: leap, ..good() }),
        ("unix_date", NewMoment { unix_date: Unix(far), ..good() }),
        ("unix_date", NewMoment { unix_date: Unix(before), ..good() }),
        ("naive", NewMoment { naive: far.and_time(NaiveTime::MIN), ..good() }),
        ("utc", NewMoment { utc: DateTime::<Utc>::MAX_UTC, ..good() }),
        ("zoned", NewMoment { zoned: before.and_time(leap).and_utc().fixed_offset(), ..good() }),
    ] {
        let error = db.insert(new).await.unwrap_err();
        let Error::Encode { table, column: named, .. } = &error else { panic!("{error:?}") };
        assert_eq!((table.as_str(), named.as_str()), ("moments", column));
    }
    let error = db.select::<Moment>().filter(|m| m.date.lt(far)).count().await.unwrap_err();
    assert!(matches!(error, Error::Encode { .. }), "{error:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_form_of_the_date_functions_is_read() -> sqliter::Result<()> {
    let db = Db::memory().await?;
    // Tables that the library creates refuse them.
    db.execute("CREATE TABLE maybe_moments (pk INTEGER PRIMARY KEY, date TEXT, time TEXT, naive TEXT, utc TEXT, zoned TEXT, unix INTEGER)").await?;
    let row = db.insert(MaybeMoment::builder()).await?;
    for (literal, expected) in [
        ("'2024-06-01'", "2024-06-01T00:00:00Z"),
        ("'2024-06-01 10:20'", "2024-06-01T10:20:00Z"),
        ("'2024-06-01T10:20:30Z'", "2024-06-01T10:20:30Z"),
        ("'2024-06-01 10:20:30.123+02:00'", "2024-06-01T08:20:30.123Z"),
        ("'2024-06-01T00:00:00.1234567891-14:00'", "2024-06-01T14:00:00.123456789Z"),
        ("'10:20'", "2000-01-01T10:20:00Z"),
        ("2460462.5", "2024-06-01T00:00:00Z"),
        ("1717201800", "2024-06-01T00:30:00Z"),
        ("-1", "1969-12-31T23:59:59Z"),
        ("datetime('2024-01-31', '+1 month')", "2024-03-02T00:00:00Z"),
        ("julianday('2024-06-01 12:00')", "2024-06-01T12:00:00Z"),
        ("unixepoch('2024-06-01 12:00')", "2024-06-01T12:00:00Z"),
    ] {
        // Numbers become text in the column, as they do in a table of the Python original.
        db.execute(format!("UPDATE maybe_moments SET utc = {literal}, zoned = {literal}, naive = {literal}")).await?;
        let read = db.get(row.pk).await?.unwrap();
        assert_eq!(read.utc, Some(utc(expected)), "{literal}");
        assert_eq!(read.zoned, Some(utc(expected).fixed_offset()), "{literal}");
        assert_eq!(read.naive, Some(utc(expected).naive_utc()), "{literal}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn changing_dates_stores_the_new_values_and_leaves_others_alone() -> sqliter::Result<()> {
    let db = open().await?;
    let mut rows = db.bulk_insert([moment(utc(INSTANTS[4])), moment(utc(INSTANTS[5]))]).await?;
    rows[0].date = NaiveDate::from_ymd_opt(1815, 12, 10).unwrap();
    rows[0].utc = utc(INSTANTS[2]);
    db.update(&mut rows[0]).await?;
    assert_eq!(db.select::<Moment>().order(|m| m.pk.asc()).fetch_all().await?, rows);
    let day = NaiveDate::from_ymd_opt(2020, 2, 29).unwrap();
    assert_eq!(db.select::<Moment>().filter(|m| m.pk.eq(rows[1].pk)).update(|m| m.date.set(day)).await?, 1);
    rows[1].date = day;
    assert_eq!(db.select::<Moment>().order(|m| m.pk.asc()).fetch_all().await?, rows);
    Ok(())
}
