//! Reading every form that [SQLite's date functions](https://www.sqlite.org/lang_datefunc.html) know.

use super::calendar::{Date, DateTime, Time, YEARS};
use super::form::Form;
use crate::value::{DecodeError, ValueRef};

/// A number below this, and not below zero, is a Julian day.
const JULIAN_DAYS_END: f64 = 5_373_484.5;
/// Any other number in this range is seconds since 1970-01-01 00:00 UTC.
const UNIX_SECONDS: std::ops::RangeInclusive<f64> = -210_866_760_000.0..=253_402_300_799.0;
/// 1970-01-01 00:00 UTC as a Julian day, in milliseconds.
const EPOCH_JULIAN_MILLIS: i64 = 210_866_760_000_000;

impl Date {
    pub(crate) const EXPECTED: &'static str = "a date, YYYY-MM-DD";
    pub(crate) const IN_REQUESTS: &'static str = Self::EXPECTED;

    /// The date of a stored value, which must not have a time other than midnight.
    pub(crate) fn read(value: ValueRef<'_>) -> Result<Self, DecodeError> {
        let DateTime { date, time } = DateTime::read(value)?;
        if time == Time::MIDNIGHT {
            return Ok(date);
        }
        let time = Form::TIME.shown(DateTime { date, time });
        Err(DecodeError::because(format!("it has a time of day, {time}, which a date cannot hold")))
    }
}

impl Time {
    pub(crate) const EXPECTED: &'static str = "a time of day, HH:MM:SS";
    pub(crate) const IN_REQUESTS: &'static str = Self::EXPECTED;

    /// The time of a stored text without a date; one with an offset is moved to UTC.
    pub(crate) fn read(value: ValueRef<'_>) -> Result<Self, DecodeError> {
        let ValueRef::Text(text) = value else {
            return Err(DecodeError::unfit());
        };
        match Parsed::parse(text) {
            Some(Parsed { date: None, time, .. }) if time.hour == 24 => {
                Err(DecodeError::because("a time of day ends before 24:00"))
            }
            Some(Parsed { date: None, time, offset: 0 }) => Ok(time),
            Some(form @ Parsed { date: None, .. }) => Ok(form.to_utc()?.time),
            Some(_) => Err(DecodeError::because("it has a date, which a time of day cannot hold")),
            None => Err(DecodeError::unfit()),
        }
    }
}

impl DateTime {
    pub(crate) const EXPECTED: &'static str = "a date and time, as SQLite's date functions take them";
    pub(crate) const IN_REQUESTS: &'static str = "a date and time, written as in JSON";

    /// The instant of a stored value: UTC unless the text has an offset; midnight without a time; 2000-01-01 without
    /// a date. Of numbers, those from 0 to 5373484.499999 are Julian days, all others seconds since 1970.
    pub(crate) fn read(value: ValueRef<'_>) -> Result<Self, DecodeError> {
        match value {
            ValueRef::Text(text) => match Parsed::parse(text) {
                Some(form) => form.to_utc(),
                None => Self::from_number(text.trim_matches(|c: char| u8::try_from(c).is_ok_and(is_space))),
            },
            ValueRef::Real(real) => Self::from_number(&real.to_string()),
            ValueRef::Integer(integer) => Self::from_number(&integer.to_string()),
            _ => Err(DecodeError::unfit()),
        }
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

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

/// What a text says, before its offset is applied. The hour may be 24, as in SQLite.
struct Parsed {
    date: Option<Date>,
    time: Time,
    offset: i16,
}

impl Parsed {
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
            let date = Form::DATE.shown(DateTime { date, time: Time::MIDNIGHT });
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

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        DateTime::read(ValueRef::Text(text)).ok().and_then(|read| Form::DATE_TIME.write(read).ok())
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
            ("2024-05-31 10:00:00.500", "2024-05-31 10:00:00.500"),
            ("1700000000.123456789", "2023-11-14 22:13:20.123456789"),
            ("-0.25", "1969-12-31 23:59:59.750"),
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
            let read = DateTime::read(ValueRef::Integer(integer)).unwrap();
            assert_eq!(Form::DATE_TIME.write(read), Ok(expected));
        }
        for real in [f64::NAN, f64::INFINITY, -f64::INFINITY, 1e300, f64::MIN_POSITIVE, 253_402_300_799.5] {
            assert!(DateTime::read(ValueRef::Real(real)).is_err(), "{real}");
        }
        for integer in [i64::MIN, i64::MAX, 253_402_300_800] {
            assert!(DateTime::read(ValueRef::Integer(integer)).is_err(), "{integer}");
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
        let time = Time::read(ValueRef::Text("00:30:00.5 +01:00")).unwrap();
        assert_eq!(Form::TIME.write(time).unwrap(), "23:30:00.500");
        assert!(Time::read(ValueRef::Integer(1)).is_err());
        assert!(DateTime::read(ValueRef::Blob(b"2024-05-31")).is_err());
    }
}
