//! The types of `time`.

use time::{Date, Duration, Month, OffsetDateTime, PrimitiveDateTime, Time};

use super::date_text::{self, date_column, duration_column, instant_column, moment_column, time_column};

date_column! {
    Date, Duration,
    |date| date_text::Date { year: date.year().into(), month: date.month().into(), day: date.day() },
    |date| {
        let (year, month) = (i32::try_from(date.year).ok()?, Month::try_from(date.month).ok()?);
        Date::from_calendar_date(year, month, date.day).ok()
    },
}

time_column! {
    /// `10:00:00.0`, with the fewest digits after the second that are exact, but one at least.
    Time: SHORT_TIME,
    |time| date_text::Time {
        hour: time.hour(),
        minute: time.minute(),
        second: time.second(),
        nanos: time.nanosecond(),
    },
    |time| Time::from_hms_nano(time.hour, time.minute, time.second, time.nanos).ok(),
}

instant_column! {
    /// The instant is stored, the offset is not: what is read is in UTC. What sqlx writes for this type ends in `Z` or in
    /// another offset; that does not sort by time, and the `CHECK` refuses it.
    OffsetDateTime, Duration,
    |instant| (instant.unix_timestamp(), instant.nanosecond()),
    instant,
    PrimitiveDateTime::MIN.assume_utc(),
    PrimitiveDateTime::MAX.assume_utc(),
}

moment_column! {
    /// Stored as text, `2026-01-01 10:00:00.0`, with the fewest digits after the second that are exact, but one at least.
    ///
    /// The value is taken to be in UTC.
    PrimitiveDateTime: SHORT_DATE_TIME, Duration,
    |primitive| (primitive.assume_utc().unix_timestamp(), primitive.nanosecond()),
    |seconds, nanos| instant(seconds, nanos).map(|instant| PrimitiveDateTime::new(instant.date(), instant.time())),
    PrimitiveDateTime::MIN,
    PrimitiveDateTime::MAX,
}

duration_column! {
    Duration,
    |duration| duration.whole_nanoseconds(),
    |seconds, nanos| Duration::seconds(seconds).checked_add(Duration::nanoseconds(nanos.into())),
}

fn instant(seconds: i64, nanos: u32) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp(seconds).ok()?.replace_nanosecond(nanos).ok()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use time::UtcOffset;

    use super::*;
    use crate::column::{ColumnType, Timestamp, UnixTime};
    use crate::value::{Encoded, ValueRef};

    fn stored<T: ColumnType + PartialEq + std::fmt::Debug>(value: &T) -> String {
        let Ok(Encoded::Text(text)) = value.encode() else { panic!("{value:?} is not stored as text") };
        assert_eq!(T::decode(ValueRef::Text(&text)).as_ref(), Ok(value));
        text.into_owned()
    }

    fn offset(hours: i8) -> UtcOffset {
        UtcOffset::from_hms(hours, 0, 0).unwrap()
    }

    #[test]
    fn text_is_lossless_and_in_utc() {
        let there = instant(1_717_201_800, 123_456_789).unwrap().to_offset(offset(-1));
        assert_eq!(stored(&there), "2024-06-01T00:30:00.123456789+00:00");
        assert_eq!(stored(&there.date()), "2024-05-31");
        assert_eq!(stored(&there.time()), "23:30:00.123456789");
        assert_eq!(stored(&PrimitiveDateTime::new(there.date(), there.time())), "2024-05-31 23:30:00.123456789");
        assert_eq!(stored(&PrimitiveDateTime::MAX), "9999-12-31 23:59:59.999999999");
        assert_eq!(stored(&instant(-1, 500_000_000).unwrap()), "1969-12-31T23:59:59.500+00:00");
        let noon = Time::from_hms(12, 0, 0).unwrap();
        assert_eq!((stored(&noon).as_str(), stored(&Time::MIDNIGHT).as_str()), ("12:00:00.0", "00:00:00.0"));
        assert_eq!(stored(&PrimitiveDateTime::new(there.date(), noon)), "2024-05-31 12:00:00.0");
        let read = OffsetDateTime::decode(ValueRef::Text("2024-05-31 10:00+02:00")).unwrap();
        assert_eq!((read.hour(), read.offset()), (8, UtcOffset::UTC));
    }

    #[test]
    fn what_has_no_text_is_an_error() {
        assert!(Date::MIN.encode().is_err() && PrimitiveDateTime::MIN.encode().is_err());
        assert!(PrimitiveDateTime::MAX.assume_offset(offset(-1)).encode().is_err());
        assert!(PrimitiveDateTime::MIN.assume_offset(offset(1)).encode().is_err());
    }

    #[test]
    fn unix_seconds_round_down() {
        let before = instant(-1, 750_000_000).unwrap();
        assert_eq!((before.to_unix_seconds(), before.date().to_unix_seconds()), (-1, -86_400));
        assert_eq!(PrimitiveDateTime::new(before.date(), before.time()).to_unix_seconds(), -1);
        assert_eq!(Date::from_unix_seconds(-1), Some(before.date()));
        assert_eq!((Date::from_unix_seconds(i64::MAX), OffsetDateTime::from_unix_seconds(i64::MIN)), (None, None));
    }

    #[test]
    fn system_time_keeps_its_nanoseconds_and_its_range() {
        let expected = instant(-1, 999_999_999).unwrap();
        assert_eq!(OffsetDateTime::from_system_time(UNIX_EPOCH - Duration::from_nanos(1)), expected);
        let far = UNIX_EPOCH + Duration::from_secs(1 << 50);
        assert_eq!(PrimitiveDateTime::from_system_time(far), PrimitiveDateTime::MAX);
    }
}
