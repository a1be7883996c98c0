//! The types of `chrono`.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Utc};

use super::date_text::{Date, Time, date_column, duration_column, instant_column, moment_column, time_column};

date_column! {
    NaiveDate, TimeDelta,
    |date| Date { year: date.year().into(), month: date.month() as u8, day: date.day() as u8 },
    |date| NaiveDate::from_ymd_opt(i32::try_from(date.year).ok()?, date.month.into(), date.day.into()),
}

time_column! {
    /// `10:00:00`, with 3, 6 or 9 digits after the second where it has a fraction. A leap second cannot be stored.
    NaiveTime: TIME,
    |time| Time {
        hour: time.hour() as u8,
        minute: time.minute() as u8,
        second: time.second() as u8,
        nanos: time.nanosecond(),
    },
    |time| NaiveTime::from_hms_nano_opt(time.hour.into(), time.minute.into(), time.second.into(), time.nanos),
}

instant_column! {
    /// A leap second cannot be stored.
    DateTime<Utc>, TimeDelta,
    |instant| (instant.timestamp(), instant.timestamp_subsec_nanos()),
    DateTime::from_timestamp,
    DateTime::<Utc>::MIN_UTC,
    DateTime::<Utc>::MAX_UTC,
}

instant_column! {
    /// The instant is stored, the offset is not: what is read has the offset zero. A leap second cannot be stored.
    DateTime<FixedOffset>, TimeDelta,
    |instant| (instant.timestamp(), instant.timestamp_subsec_nanos()),
    |seconds, nanos| Some(DateTime::from_timestamp(seconds, nanos)?.fixed_offset()),
    DateTime::<Utc>::MIN_UTC.fixed_offset(),
    DateTime::<Utc>::MAX_UTC.fixed_offset(),
}

moment_column! {
    /// Stored as text, `2026-01-01 10:00:00`, with 3, 6 or 9 digits after the second where it has a fraction.
    ///
    /// The value is taken to be in UTC. A leap second cannot be stored.
    NaiveDateTime: DATE_TIME, TimeDelta,
    |naive| (naive.and_utc().timestamp(), naive.nanosecond()),
    |seconds, nanos| Some(DateTime::from_timestamp(seconds, nanos)?.naive_utc()),
    NaiveDateTime::MIN,
    NaiveDateTime::MAX,
}

duration_column! {
    TimeDelta,
    |delta| i128::from(delta.num_seconds()) * 1_000_000_000 + i128::from(delta.subsec_nanos()),
    |seconds, nanos| TimeDelta::try_seconds(seconds)?.checked_add(&TimeDelta::nanoseconds(nanos.into())),
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;
    use crate::column::{ColumnType, Timestamp, UnixTime};
    use crate::value::{Encoded, ValueRef};

    fn stored<T: ColumnType + PartialEq + std::fmt::Debug>(value: &T) -> String {
        let Ok(Encoded::Text(text)) = value.encode() else { panic!("{value:?} is not stored as text") };
        assert_eq!(T::decode(ValueRef::Text(&text)).as_ref(), Ok(value));
        text.into_owned()
    }

    fn instant(text: &str) -> DateTime<FixedOffset> {
        DateTime::parse_from_rfc3339(text).unwrap()
    }

    #[test]
    fn text_is_lossless_and_in_utc() {
        let there = instant("2024-05-31T23:30:00.123456789-01:00");
        assert_eq!(stored(&there), "2024-06-01T00:30:00.123456789+00:00");
        assert_eq!(stored(&there.to_utc()), "2024-06-01T00:30:00.123456789+00:00");
        assert_eq!(stored(&there.naive_utc()), "2024-06-01 00:30:00.123456789");
        assert_eq!(stored(&there.date_naive()), "2024-05-31");
        assert_eq!(stored(&there.time()), "23:30:00.123456789");
        assert_eq!(stored(&instant("0000-01-01T00:00:00Z")), "0000-01-01T00:00:00+00:00");
        assert_eq!(stored(&instant("1969-12-31T23:59:59.5Z")), "1969-12-31T23:59:59.500+00:00");
    }

    #[test]
    fn the_offset_is_not_kept() {
        let read = DateTime::<FixedOffset>::decode(ValueRef::Text("2024-05-31 10:00+02:00")).unwrap();
        assert_eq!(read.to_rfc3339(), "2024-05-31T08:00:00+00:00");
    }

    #[test]
    fn what_has_no_text_is_an_error() {
        let leap = NaiveDate::from_ymd_opt(2016, 12, 31).unwrap().and_hms_nano_opt(23, 59, 59, 1_500_000_000).unwrap();
        assert!(leap.encode().is_err() && leap.time().encode().is_err() && leap.and_utc().encode().is_err());
        assert!(NaiveDate::MAX.encode().is_err() && NaiveDateTime::MIN.encode().is_err());
        assert!(
            DateTime::<Utc>::MAX_UTC.encode().is_err() && DateTime::<Utc>::MIN_UTC.fixed_offset().encode().is_err()
        );
    }

    #[test]
    fn unix_seconds_round_down() {
        let before = instant("1969-12-31T23:59:59.75Z");
        assert_eq!((before.to_unix_seconds(), before.naive_utc().to_unix_seconds()), (-1, -1));
        assert_eq!(before.date_naive().to_unix_seconds(), -86_400);
        assert_eq!(NaiveDate::from_unix_seconds(-1), Some(before.date_naive()));
        assert_eq!(NaiveDate::MIN.to_unix_seconds(), NaiveDateTime::MIN.to_unix_seconds());
        assert_eq!(NaiveDate::from_unix_seconds(i64::MAX), None);
        assert_eq!(DateTime::<Utc>::from_unix_seconds(i64::MIN), None);
    }

    #[test]
    fn system_time_keeps_its_nanoseconds() {
        let time = UNIX_EPOCH - Duration::from_nanos(1);
        let expected = instant("1969-12-31T23:59:59.999999999Z");
        assert_eq!(DateTime::<Utc>::from_system_time(time), expected.to_utc());
        assert_eq!(DateTime::<FixedOffset>::from_system_time(time), expected);
        assert_eq!(NaiveDateTime::from_system_time(time), expected.naive_utc());
    }
}
