//! The types of `jiff`, without `Zoned`: text with the name of a zone would not sort by time.

use jiff::civil::{Date, DateTime, Time};
use jiff::{SignedDuration, Timestamp};

use super::date_text::{self, date_column, duration_column, instant_column, moment_column, time_column};

date_column!(Date, SignedDuration, from_date, to_date);

time_column! {
    /// `10:00:00`, with 3, 6 or 9 digits after the second where it has a fraction.
    Time: TIME, from_time, to_time
}

instant_column! {
    /// A stored instant after 9999-12-30 22:00 is out of the range of the type.
    Timestamp, SignedDuration,
    |instant| match (instant.as_second(), instant.subsec_nanosecond()) {
        (seconds, nanos @ 0..) => (seconds, nanos as u32),
        (seconds, nanos) => (seconds - 1, (nanos + 1_000_000_000) as u32),
    },
    |seconds, nanos| Timestamp::new(seconds, nanos as i32).ok(),
    Timestamp::MIN,
    Timestamp::MAX,
}

moment_column! {
    /// Stored as text, `2026-01-01 10:00:00`, with 3, 6 or 9 digits after the second where it has a fraction.
    ///
    /// The value is taken to be in UTC.
    DateTime: DATE_TIME, SignedDuration,
    |civil| {
        let parts = date_text::DateTime { date: from_date(&civil.date()), time: from_time(&civil.time()) };
        (parts.unix_seconds(), parts.time.nanos)
    },
    |seconds, nanos| {
        let parts = date_text::DateTime::from_unix(seconds, nanos);
        Some(DateTime::from_parts(to_date(parts.date)?, to_time(parts.time)?))
    },
    DateTime::MIN,
    DateTime::MAX,
}

duration_column! {
    SignedDuration,
    |duration| duration.as_nanos(),
    |seconds, nanos| Some(SignedDuration::new(seconds, nanos)),
}

fn from_date(date: &Date) -> date_text::Date {
    date_text::Date { year: date.year().into(), month: date.month() as u8, day: date.day() as u8 }
}

fn to_date(date: date_text::Date) -> Option<Date> {
    Date::new(i16::try_from(date.year).ok()?, date.month as i8, date.day as i8).ok()
}

fn from_time(time: &Time) -> date_text::Time {
    date_text::Time {
        hour: time.hour() as u8,
        minute: time.minute() as u8,
        second: time.second() as u8,
        nanos: time.subsec_nanosecond() as u32,
    }
}

fn to_time(time: date_text::Time) -> Option<Time> {
    Time::new(time.hour as i8, time.minute as i8, time.second as i8, time.nanos as i32).ok()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use jiff::tz::Offset;

    use super::*;
    use crate::column::{ColumnType, Timestamp as _, UnixTime};
    use crate::value::{Encoded, ValueRef};

    fn stored<T: ColumnType + PartialEq + std::fmt::Debug>(value: &T) -> String {
        let Ok(Encoded::Text(text)) = value.encode() else { panic!("{value:?} is not stored as text") };
        assert_eq!(T::decode(ValueRef::Text(&text)).as_ref(), Ok(value));
        text.into_owned()
    }

    fn instant(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn text_is_lossless_and_in_utc() {
        assert_eq!(stored(&instant("2024-05-31T23:30:00.123456789-01:00")), "2024-06-01T00:30:00.123456789+00:00");
        assert_eq!(stored(&instant("1969-12-31T23:59:59.5Z")), "1969-12-31T23:59:59.500+00:00");
        let civil: DateTime = "2024-05-31T23:30:00.123456789".parse().unwrap();
        assert_eq!(stored(&civil), "2024-05-31 23:30:00.123456789");
        assert_eq!(stored(&civil.date()), "2024-05-31");
        assert_eq!(stored(&civil.time()), "23:30:00.123456789");
        assert_eq!(stored(&Timestamp::MAX), "9999-12-30T22:00:00.999999999+00:00");
        assert_eq!(stored(&DateTime::MAX), "9999-12-31 23:59:59.999999999");
    }

    #[test]
    fn what_does_not_fit_is_an_error() {
        assert!(Date::MIN.encode().is_err() && DateTime::MIN.encode().is_err() && Timestamp::MIN.encode().is_err());
        let error = Timestamp::decode(ValueRef::Text("9999-12-31 23:00")).unwrap_err();
        assert_eq!(error.to_string(), "it is out of the range of the field's type");
    }

    #[test]
    fn unix_seconds_round_down() {
        let before = instant("1969-12-31T23:59:59.75Z");
        let civil = Offset::UTC.to_datetime(before);
        assert_eq!((before.to_unix_seconds(), civil.to_unix_seconds()), (-1, -1));
        assert_eq!(instant("1969-12-31T23:59:59Z").to_unix_seconds(), -1);
        assert_eq!(civil.date().to_unix_seconds(), -86_400);
        assert_eq!(Date::from_unix_seconds(-1), Some(civil.date()));
        assert_eq!((DateTime::from_unix_seconds(i64::MAX), Timestamp::from_unix_seconds(i64::MIN)), (None, None));
    }

    #[test]
    fn system_time_keeps_its_nanoseconds_and_its_range() {
        let expected = instant("1969-12-31T23:59:59.999999999Z");
        let time = UNIX_EPOCH - Duration::from_nanos(1);
        assert_eq!(Timestamp::from_system_time(time), expected);
        assert_eq!(DateTime::from_system_time(time), Offset::UTC.to_datetime(expected));
        assert_eq!(Timestamp::from_system_time(UNIX_EPOCH + Duration::from_secs(1 << 50)), Timestamp::MAX);
    }
}
