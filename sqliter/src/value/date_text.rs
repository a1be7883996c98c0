//! The text forms of dates and times that [SQLite's date functions](https://www.sqlite.org/lang_datefunc.html) know,
//! read into and written from plain numbers. The files of the date crates only convert to and from these.
#![cfg(any(feature = "chrono", feature = "jiff", feature = "time"))]

use super::{DecodeError, EncodeError, ValueRef};

const SECONDS_PER_DAY: i64 = 86_400;
/// The years that the text forms have; others are refused in both directions, so that what is read can be written.
const YEARS: std::ops::RangeInclusive<i64> = 0..=9999;
/// A number below this, and not below zero, is a Julian day.
const JULIAN_DAYS_END: f64 = 5_373_484.5;
/// Any other number in this range is seconds since 1970-01-01 00:00 UTC.
const UNIX_SECONDS: std::ops::RangeInclusive<f64> = -210_866_760_000.0..=253_402_300_799.0;
/// 1970-01-01 00:00 UTC as a Julian day, in milliseconds.
const EPOCH_JULIAN_MILLIS: i64 = 210_866_760_000_000;

/// A day of the Gregorian calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Date {
    pub(crate) year: i64,
    pub(crate) month: u8,
    pub(crate) day: u8,
}

/// A time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Time {
    pub(crate) hour: u8,
    pub(crate) minute: u8,
    pub(crate) second: u8,
    pub(crate) nanos: u32,
}

/// Both, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct DateTime {
    pub(crate) date: Date,
    pub(crate) time: Time,
}

impl Date {
    pub(crate) const EXPECTED: &'static str = "a date, YYYY-MM-DD";
    pub(crate) const CANONICAL: &'static str = "canonical_date";

    /// The date of a stored value, which must not have a time other than midnight.
    pub(crate) fn read(value: ValueRef<'_>) -> Result<Self, DecodeError> {
        let DateTime { date, time } = DateTime::read(value)?;
        if time == Time::MIDNIGHT {
            return Ok(date);
        }
        let time = time.write().unwrap_or_default();
        Err(DecodeError::because(format!("it has a time of day, {time}, which a date cannot hold")))
    }

    /// `YYYY-MM-DD`.
    pub(crate) fn write(self) -> Result<String, EncodeError> {
        let mut text = String::with_capacity(10);
        self.append(&mut text)?;
        Ok(text)
    }

    fn append(self, text: &mut String) -> Result<(), EncodeError> {
        if !YEARS.contains(&self.year) {
            let reason = format!("the year {} is outside 0000 to 9999, the years of SQLite's dates", self.year);
            return Err(EncodeError::new(reason));
        }
        append_digits(text, (self.year / 100) as u8);
        append_digits(text, (self.year % 100) as u8);
        text.push('-');
        append_digits(text, self.month);
        text.push('-');
        append_digits(text, self.day);
        Ok(())
    }

    fn in_calendar(self) -> bool {
        let leap = self.year % 4 == 0 && (self.year % 100 != 0 || self.year % 400 == 0);
        let days = match self.month {
            2 if leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        (1..=12).contains(&self.month) && (1..=days).contains(&self.day)
    }

    /// Days since 1970-01-01. Years are counted from March, which puts the leap day at their end.
    fn days(self) -> i64 {
        let month = (i64::from(self.month) + 9) % 12;
        let year = self.year - i64::from(self.month < 3);
        let (cycle, year) = (year.div_euclid(400), year.rem_euclid(400));
        let day = (153 * month + 2) / 5 + i64::from(self.day) - 1;
        cycle * 146_097 + year * 365 + year / 4 - year / 100 + day - 719_468
    }

    fn from_days(days: i64) -> Self {
        let days = days + 719_468;
        let (cycle, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (year * 365 + year / 4 - year / 100);
        let month = (5 * day + 2) / 153;
        let day = day - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        Self { year: cycle * 400 + year + i64::from(month < 3), month: month as u8, day: day as u8 }
    }

    /// The midnight in UTC, in seconds since 1970.
    pub(crate) fn unix_seconds(self) -> i64 {
        self.days() * SECONDS_PER_DAY
    }

    /// The day in UTC of an instant in seconds since 1970.
    pub(crate) fn from_unix_seconds(seconds: i64) -> Self {
        Self::from_days(seconds.div_euclid(SECONDS_PER_DAY))
    }
}

impl Time {
    pub(crate) const EXPECTED: &'static str = "a time of day, HH:MM:SS";
    pub(crate) const CANONICAL: &'static str = "canonical_time";
    const MIDNIGHT: Self = Self { hour: 0, minute: 0, second: 0, nanos: 0 };

    /// The time of a stored text without a date; one with an offset is moved to UTC.
    pub(crate) fn read(value: ValueRef<'_>) -> Result<Self, DecodeError> {
        let ValueRef::Text(text) = value else {
            return Err(DecodeError::unfit());
        };
        match Form::parse(text) {
            Some(Form { date: None, time, .. }) if time.hour == 24 => {
                Err(DecodeError::because("a time of day ends before 24:00"))
            }
            Some(Form { date: None, time, offset: 0 }) => Ok(time),
            Some(form @ Form { date: None, .. }) => Ok(form.to_utc()?.time),
            Some(_) => Err(DecodeError::because("it has a date, which a time of day cannot hold")),
            None => Err(DecodeError::unfit()),
        }
    }

    /// `HH:MM:SS`, then the fraction without zeros at its end.
    pub(crate) fn write(self) -> Result<String, EncodeError> {
        let mut text = String::with_capacity(18);
        self.append(&mut text)?;
        Ok(text)
    }

    fn append(self, text: &mut String) -> Result<(), EncodeError> {
        if self.nanos > 999_999_999 {
            return Err(EncodeError::new("a leap second has no form in SQLite's dates"));
        }
        append_digits(text, self.hour);
        text.push(':');
        append_digits(text, self.minute);
        text.push(':');
        append_digits(text, self.second);
        if self.nanos > 0 {
            text.push('.');
            let (mut rest, mut unit) = (self.nanos, 100_000_000);
            while rest > 0 {
                text.push(digit((rest / unit) as u8));
                rest %= unit;
                unit /= 10;
            }
        }
        Ok(())
    }
}

impl DateTime {
    pub(crate) const EXPECTED: &'static str = "a date and time, YYYY-MM-DD HH:MM:SS";
    pub(crate) const CANONICAL: &'static str = "canonical_instant";

    /// The instant of a stored value: UTC unless the text has an offset; midnight without a time; 2000-01-01 without
    /// a date. Of numbers, those from 0 to 5373484.499999 are Julian days, all others seconds since 1970.
    pub(crate) fn read(value: ValueRef<'_>) -> Result<Self, DecodeError> {
        match value {
            ValueRef::Text(text) => match Form::parse(text) {
                Some(form) => form.to_utc(),
                None => Self::from_number(text.trim_matches(|c: char| u8::try_from(c).is_ok_and(is_space))),
            },
            ValueRef::Real(real) => Self::from_number(&real.to_string()),
            ValueRef::Integer(integer) => Self::from_number(&integer.to_string()),
            _ => Err(DecodeError::unfit()),
        }
    }

    /// `YYYY-MM-DD HH:MM:SS`, then the fraction without zeros at its end.
    pub(crate) fn write(self) -> Result<String, EncodeError> {
        let mut text = String::with_capacity(29);
        self.date.append(&mut text)?;
        text.push(' ');
        self.time.append(&mut text)?;
        Ok(text)
    }

    /// Seconds since 1970-01-01 00:00 UTC, rounded down.
    pub(crate) fn unix_seconds(self) -> i64 {
        let Time { hour, minute, second, .. } = self.time;
        self.date.unix_seconds() + i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second)
    }

    /// The instant of `seconds` since 1970-01-01 00:00 UTC and the nanoseconds above them.
    pub(crate) fn from_unix(seconds: i64, nanos: u32) -> Self {
        let second = seconds.rem_euclid(SECONDS_PER_DAY);
        let [hour, minute, second] = [second / 3600, second / 60 % 60, second % 60].map(|part| part as u8);
        Self { date: Date::from_unix_seconds(seconds), time: Time { hour, minute, second, nanos } }
    }

    /// Takes a number as SQLite's modifier `auto` does. Julian days are rounded to milliseconds, as there; seconds
    /// keep the digits that are written.
    fn from_number(text: &str) -> Result<Self, DecodeError> {
        if !text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E')) {
            return Err(DecodeError::unfit());
        }
        let Ok(number) = text.parse::<f64>() else {
            return Err(DecodeError::unfit());
        };
        let instant = if (0.0..JULIAN_DAYS_END).contains(&number) {
            let millis = (number * 86_400_000.0 + 0.5) as i64 - EPOCH_JULIAN_MILLIS;
            Self::from_unix(millis.div_euclid(1000), millis.rem_euclid(1000) as u32 * 1_000_000)
        } else if !UNIX_SECONDS.contains(&number) {
            return Err(DecodeError::because(
                "the number is neither a Julian day nor Unix seconds up to the year 9999",
            ));
        } else {
            let parts = if text.contains(['e', 'E']) { unix_parts(&number.to_string()) } else { unix_parts(text) };
            parts.map(|(seconds, nanos)| Self::from_unix(seconds, nanos)).ok_or_else(DecodeError::unfit)?
        };
        instant.checked()
    }

    fn checked(self) -> Result<Self, DecodeError> {
        if YEARS.contains(&self.date.year) {
            return Ok(self);
        }
        Err(DecodeError::because(format!("the year {} is outside 0000 to 9999", self.date.year)))
    }
}

/// Whole seconds, rounded down, and the nanoseconds above them, of a number without an exponent.
fn unix_parts(number: &str) -> Option<(i64, u32)> {
    let (negative, number) = match number.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, number),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let seconds: i64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let nanos = nanos(fraction.as_bytes());
    Some(match (negative, nanos) {
        (false, nanos) => (seconds, nanos),
        (true, 0) => (-seconds, 0),
        (true, nanos) => (-seconds - 1, 1_000_000_000 - nanos),
    })
}

/// The digits after a decimal point as nanoseconds; from the tenth on they are cut off.
fn nanos(digits: &[u8]) -> u32 {
    let digits = digits.iter().copied().chain(std::iter::repeat(b'0'));
    digits.take(9).fold(0, |nanos, digit| nanos * 10 + u32::from(digit - b'0'))
}

fn digit(value: u8) -> char {
    char::from(b'0' + value % 10)
}

fn append_digits(text: &mut String, value: u8) {
    text.push(digit(value / 10));
    text.push(digit(value));
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

/// What a text says, before its offset is applied. The hour may be 24, as in SQLite.
struct Form {
    date: Option<Date>,
    time: Time,
    offset: i16,
}

impl Form {
    /// The text as one of SQLite's forms that are no number.
    fn parse(text: &str) -> Option<Self> {
        let mut scanner = Scanner { rest: text.as_bytes() };
        let mut date = None;
        if text.as_bytes().get(2) != Some(&b':') {
            date = Some(scanner.date()?);
            scanner.skip(|byte| is_space(byte) || byte == b'T');
            if scanner.rest.is_empty() {
                return Some(Self { date, time: Time::MIDNIGHT, offset: 0 });
            }
        }
        let time = scanner.time()?;
        let offset = scanner.offset()?;
        scanner.rest.is_empty().then_some(Self { date, time, offset })
    }

    /// SQLite lets the day 31 pass in every month and counts on into the next; a day that is not in the calendar is
    /// refused here.
    fn to_utc(&self) -> Result<DateTime, DecodeError> {
        let date = self.date.unwrap_or(Date { year: 2000, month: 1, day: 1 });
        if !date.in_calendar() {
            let date = date.write().unwrap_or_default();
            return Err(DecodeError::because(format!("{date} is not in the calendar")));
        }
        let local = DateTime { date, time: self.time };
        if self.offset == 0 && self.time.hour < 24 {
            return Ok(local);
        }
        DateTime::from_unix(local.unix_seconds() - i64::from(self.offset) * 60, self.time.nanos).checked()
    }
}

struct Scanner<'a> {
    rest: &'a [u8],
}

impl Scanner<'_> {
    fn eat(&mut self, byte: u8) -> Option<()> {
        self.rest = self.rest.strip_prefix(&[byte])?;
        Some(())
    }

    fn skip(&mut self, skipped: impl Fn(u8) -> bool) {
        while let [byte, rest @ ..] = self.rest
            && skipped(*byte)
        {
            self.rest = rest;
        }
    }

    /// Two digits of at most `max`.
    fn two(&mut self, max: u8) -> Option<u8> {
        let [tens @ b'0'..=b'9', ones @ b'0'..=b'9', rest @ ..] = self.rest else {
            return None;
        };
        self.rest = rest;
        Some((tens - b'0') * 10 + (ones - b'0')).filter(|value| *value <= max)
    }

    fn date(&mut self) -> Option<Date> {
        let year = i64::from(self.two(99)?) * 100 + i64::from(self.two(99)?);
        self.eat(b'-')?;
        let month = self.two(12)?;
        self.eat(b'-')?;
        let day = self.two(31)?;
        Some(Date { year, month, day })
    }

    fn time(&mut self) -> Option<Time> {
        let hour = self.two(24)?;
        self.eat(b':')?;
        let minute = self.two(59)?;
        let mut time = Time { hour, minute, ..Time::MIDNIGHT };
        if self.eat(b':').is_some() {
            time.second = self.two(59)?;
            if let [b'.', b'0'..=b'9', ..] = self.rest {
                self.eat(b'.')?;
                let digits = self.rest;
                self.skip(|byte| byte.is_ascii_digit());
                time.nanos = nanos(digits.get(..digits.len() - self.rest.len())?);
            }
        }
        Some(time)
    }

    /// The minutes east of UTC of a suffix `Z`, `+HH:MM` or `-HH:MM`, or zero without one, with spaces around it.
    fn offset(&mut self) -> Option<i16> {
        self.skip(is_space);
        let mut offset = 0;
        if let Some((&sign @ (b'+' | b'-'), rest)) = self.rest.split_first() {
            self.rest = rest;
            let hours = i16::from(self.two(14)?);
            self.eat(b':')?;
            let minutes = hours * 60 + i16::from(self.two(59)?);
            offset = if sign == b'-' { -minutes } else { minutes };
        } else if let [b'Z' | b'z', rest @ ..] = self.rest {
            self.rest = rest;
        }
        self.skip(is_space);
        Some(offset)
    }
}

/// `ColumnType` by the functions `read` and `write` of a type above, given how to convert to it and back.
macro_rules! text_column {
    ($(#[$doc:meta])* $type:ty: $form:ident, $to:expr, $from:expr $(,)?) => {
        $(#[$doc])*
        impl $crate::value::ColumnType for $type {
            type Inner = Self;
            type Kind = $crate::value::kind::$form;
            const STORAGE: $crate::value::Storage = $crate::value::Storage::Text;
            const EXPECTED: &'static str = $crate::value::date_text::$form::EXPECTED;
            const CANONICAL: Option<&'static str> = Some($crate::value::date_text::$form::CANONICAL);

            fn encode(&self) -> Result<$crate::value::Encoded<'_>, $crate::value::EncodeError> {
                let to: fn(&Self) -> $crate::value::date_text::$form = $to;
                to(self).write().map(|text| $crate::value::Encoded::Text(text.into()))
            }

            fn decode(value: $crate::value::ValueRef<'_>) -> Result<Self, $crate::value::DecodeError> {
                let from: fn($crate::value::date_text::$form) -> Option<Self> = $from;
                from($crate::value::date_text::$form::read(value)?)
                    .ok_or_else(|| $crate::value::DecodeError::because("it is out of the range of the field's type"))
            }
        }
    };
}

/// All that a date can do in a column.
macro_rules! date_column {
    ($(#[$doc:meta])* $type:ty, $to:expr, $from:expr $(,)?) => {
        $crate::value::date_text::text_column! {
            /// Stored as text, `YYYY-MM-DD`, so that the order of the text is the order of the days.
            ///
            /// Years outside 0000 to 9999 cannot be stored. Read is every form of
            /// [SQLite's date functions](https://www.sqlite.org/lang_datefunc.html), in UTC, unless it has a time
            /// other than midnight, which would be lost.
            $(#[$doc])*
            $type: Date, $to, $from
        }

        /// The midnight in UTC; of an instant, the day in UTC.
        impl $crate::value::UnixTime for $type {
            fn to_unix_seconds(&self) -> i64 {
                let to: fn(&Self) -> $crate::value::date_text::Date = $to;
                to(self).unix_seconds()
            }

            fn from_unix_seconds(seconds: i64) -> Option<Self> {
                let from: fn($crate::value::date_text::Date) -> Option<Self> = $from;
                from($crate::value::date_text::Date::from_unix_seconds(seconds))
            }
        }
    };
}

/// All that a time of day can do in a column.
macro_rules! time_column {
    ($(#[$doc:meta])* $type:ty, $to:expr, $from:expr $(,)?) => {
        $crate::value::date_text::text_column! {
            /// Stored as text, `HH:MM:SS` and the fraction of the second, if it has one, to the nanosecond.
            ///
            /// Read are `HH:MM`, `HH:MM:SS` and `HH:MM:SS.SSS` with any number of digits, of which nine count. A time
            /// with an offset is moved to UTC, as
            /// [SQLite's date functions](https://www.sqlite.org/lang_datefunc.html) do; one with a date is refused.
            $(#[$doc])*
            $type: Time, $to, $from
        }
    };
}

/// All that an instant can do in a column, given how to convert to and from Unix seconds and nanoseconds, and the
/// first and the last instant of the type.
macro_rules! instant_column {
    ($(#[$doc:meta])* $type:ty, $to:expr, $from:expr, $first:expr, $last:expr $(,)?) => {
        $crate::value::date_text::text_column! {
            /// Stored as text in UTC, `YYYY-MM-DD HH:MM:SS` and the fraction of the second, if it has one, to the
            /// nanosecond. The order of the text is the order in time, and without a fraction it is what SQLite's
            /// `datetime()` gives.
            ///
            /// Years outside 0000 to 9999 cannot be stored. Read is every form of
            /// [SQLite's date functions](https://www.sqlite.org/lang_datefunc.html): text in UTC or with an offset,
            /// up to nine digits of a fraction (the rest is cut off), a date alone as its midnight, a time alone on
            /// 2000-01-01, and numbers as the modifier `auto` takes them: Julian days from 0 to 5373484.499999, else
            /// Unix seconds. Days that are not in the calendar, such as February 30, are refused.
            $(#[$doc])*
            $type: DateTime,
            |instant| {
                let to: fn(&Self) -> (i64, u32) = $to;
                let (seconds, nanos) = to(instant);
                $crate::value::date_text::DateTime::from_unix(seconds, nanos)
            },
            |stored| {
                let from: fn(i64, u32) -> Option<Self> = $from;
                from(stored.unix_seconds(), stored.time.nanos)
            }
        }

        impl $crate::value::UnixTime for $type {
            fn to_unix_seconds(&self) -> i64 {
                let to: fn(&Self) -> (i64, u32) = $to;
                to(self).0
            }

            fn from_unix_seconds(seconds: i64) -> Option<Self> {
                let from: fn(i64, u32) -> Option<Self> = $from;
                from(seconds, 0)
            }
        }

        /// In UTC, to the nanosecond. A time out of the range of the type becomes its first or last instant.
        impl $crate::value::Timestamp for $type {
            fn from_system_time(time: ::std::time::SystemTime) -> Self {
                let from: fn(i64, u32) -> Option<Self> = $from;
                let (seconds, nanos) = $crate::value::timestamp::unix_parts(time);
                from(seconds, nanos).unwrap_or(if seconds < 0 { $first } else { $last })
            }
        }
    };
}

pub(crate) use {date_column, instant_column, text_column, time_column};

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        DateTime::read(ValueRef::Text(text)).ok().and_then(|read| read.write().ok())
    }

    /// Adding no days makes SQLite normalise the hour 24.
    fn sqlite(db: &rusqlite::Connection, text: &str) -> Option<String> {
        db.query_row("SELECT datetime(?1, 'auto', '+0 days')", [text], |row| row.get(0)).unwrap()
    }

    #[test]
    fn text_is_read_as_sqlite_reads_it() {
        let db = rusqlite::Connection::open_in_memory().unwrap();
        let accepted = [
            "2024-02-29",
            "2024-02-29 ",
            "2024-02-29T",
            "2024-05-31 23:59",
            "2024-05-31T23:59:58",
            "2024-05-31 T 23:59:58",
            "2024-05-3123:59",
            "2024-05-31 23:59:58Z",
            "2024-05-31 23:59:58 z ",
            "2024-12-31 23:59:58 -00:30",
            "2024-01-01 00:00\t+14:59\n",
            "0000-01-01 00:00:00",
            "9999-12-31 23:59:59",
            "2023-12-31 24:00",
            "12:34",
            "12:34:56",
            "12:34:56 +13:00",
            "00:30+01:00",
            "2459945.5",
            " 2459945.75 ",
            "2459946",
            "1721059.5",
            "5373484.499999",
            "5373484.5",
            "-1",
            "-0.5",
            "1.7e9",
            "+1700000000",
            "1700000000.",
            "253402300799",
        ];
        for text in accepted {
            assert!(read(text).is_some(), "{text}");
            assert_eq!(read(text).map(|read| read[..19].to_owned()), sqlite(&db, text), "{text}");
        }
        let refused = [
            "",
            " ",
            "now!",
            "2024-5-31",
            "2024-00-10",
            "2024-13-10",
            "2024-05-00",
            "2024-05-32",
            "2024-05-31Z",
            "2024-05-31t10:00",
            " 2024-05-31",
            "2024-05-31 25:00",
            "2024-05-31 10:60",
            "2024-05-31 10:00:60",
            "2024-05-31 10:00:00.",
            "2024-05-31 10:00.5",
            "2024-05-31 10:00 +15:00",
            "2024-05-31 10:00 +1:00",
            "2024-05-31 10:00 +01:60",
            "2024-05-31 10:00ZZ",
            "2024-05-31 1٣:00",
            "253402300800",
            "-210866760001",
            "nan",
            "inf",
            "0x10",
            "1 2",
        ];
        for text in refused {
            assert_eq!((read(text), sqlite(&db, text)), (None, None), "{text}");
        }
    }

    #[test]
    fn what_sqlite_takes_and_we_refuse() {
        for text in ["now", "subsec", "2023-02-29", "2023-02-30", "2023-04-31", "1900-02-29", "-0001-01-01"] {
            assert_eq!(read(text), None, "{text}");
        }
        for text in ["0000-01-01 00:00+01:00", "9999-12-31 24:00", "0", "1721059.4", "-70000000000"] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(
            DateTime::read(ValueRef::Text("2023-02-30")),
            Err(DecodeError::because("2023-02-30 is not in the calendar"))
        );
    }

    #[test]
    fn fractions_keep_nine_digits() {
        for (text, expected) in [
            ("2024-05-31 10:00:00.1234567899", "2024-05-31 10:00:00.123456789"),
            ("2024-05-31 10:00:00.9999999999999999999999999999", "2024-05-31 10:00:00.999999999"),
            ("2024-05-31 10:00:00.000000001 +00:01", "2024-05-31 09:59:00.000000001"),
            ("2024-05-31 10:00:00.500", "2024-05-31 10:00:00.5"),
            ("1700000000.123456789", "2023-11-14 22:13:20.123456789"),
            ("-0.25", "1969-12-31 23:59:59.75"),
            ("2459945.500011574", "2023-01-01 00:00:01"),
        ] {
            assert_eq!(read(text).as_deref(), Some(expected), "{text}");
        }
        let real = DateTime::read(ValueRef::Real(1_700_000_000.123456)).unwrap();
        assert_eq!(real.time.nanos, 123_456_000);
    }

    #[test]
    fn numbers_follow_the_modifier_auto() {
        let db = rusqlite::Connection::open_in_memory().unwrap();
        for integer in [1_721_060, 2_459_946, 5_373_484, 5_373_485, 1_700_000_000, -1, -1_000_000_000] {
            let expected: String = db.query_row("SELECT datetime(?1, 'auto')", [integer], |row| row.get(0)).unwrap();
            assert_eq!(DateTime::read(ValueRef::Integer(integer)).unwrap().write(), Ok(expected));
        }
        for real in [f64::NAN, f64::INFINITY, -f64::INFINITY, 1e300, f64::MIN_POSITIVE, 253_402_300_799.5] {
            assert!(DateTime::read(ValueRef::Real(real)).is_err(), "{real}");
        }
        for integer in [i64::MIN, i64::MAX, 253_402_300_800] {
            assert!(DateTime::read(ValueRef::Integer(integer)).is_err(), "{integer}");
        }
    }

    #[test]
    fn every_day_counts_one() {
        let mut previous = Date::from_days(-719_529);
        assert_eq!(previous, Date { year: -1, month: 12, day: 31 });
        for days in -719_528..=2_932_896 {
            let date = Date::from_days(days);
            assert!(previous < date && date.in_calendar() && date.days() == days, "{date:?}");
            previous = date;
        }
        assert_eq!(previous, Date { year: 9999, month: 12, day: 31 });
    }

    #[test]
    fn text_order_is_time_order() {
        let mut previous = String::new();
        for nanos in [0, 1, 10, 99_999_999, 100_000_000, 120_000_000, 500_000_000, 999_999_999] {
            let instant = DateTime::from_unix(1_700_000_000, nanos);
            let text = instant.write().unwrap();
            assert!(previous < text, "{previous} {text}");
            assert_eq!(DateTime::read(ValueRef::Text(&text)), Ok(instant));
            previous = text;
        }
    }

    #[test]
    fn nothing_is_dropped_in_silence() {
        assert!(Date::read(ValueRef::Text("2024-05-31 00:00:00.000")).is_ok());
        assert!(Date::read(ValueRef::Text("2024-05-31 02:00 +02:00")).is_ok());
        assert_eq!(
            Date::read(ValueRef::Text("2024-05-31 00:00:00.001")),
            Err(DecodeError::because("it has a time of day, 00:00:00.001, which a date cannot hold"))
        );
        assert!(Date::read(ValueRef::Text("12:34")).is_err());
        for text in ["2024-05-31", "2024-05-31 10:00", "24:00", "0.5", "x"] {
            assert!(Time::read(ValueRef::Text(text)).is_err(), "{text}");
        }
        assert_eq!(Time::read(ValueRef::Text("00:30:00.5 +01:00")).unwrap().write().unwrap(), "23:30:00.5");
        assert!(Time::read(ValueRef::Integer(1)).is_err());
        assert!(DateTime::read(ValueRef::Blob(b"2024-05-31")).is_err());
    }

    #[test]
    fn years_that_text_cannot_hold_are_errors() {
        let error = DateTime::from_unix(253_402_300_800, 0).write().unwrap_err();
        assert_eq!(error.to_string(), "the year 10000 is outside 0000 to 9999, the years of SQLite's dates");
        assert!(Date { year: -1, month: 12, day: 31 }.write().is_err());
    }
}
