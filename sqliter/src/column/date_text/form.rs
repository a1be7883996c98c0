//! The one text that each value is stored as, which is also what sqlx writes for the same type (but for the instants of
//! `time`), and the `CHECK` that lets nothing else in.
//!
//! The order of the texts is the order in time. Texts of one form have the same characters around their digits up to the
//! second, and years have four digits, so that unequal seconds decide. For the same second, let the fractions be `f`
//! and `g`. If neither begins with the other, the first digit in which they differ decides, as it does between the
//! numbers. Else let `f` be the shorter: what follows it is the end of the text or `+`, what follows in `g` is `.` or a
//! digit, and both are above `+` (0x2B) in ASCII; and `g` is the larger number, as it ends neither in `000` nor, in the
//! shortest form, in `0`. The fraction `0` of the shortest form is no exception: `01` follows `0`, `1` differs from it.

use super::calendar::{Date, DateTime, Time, YEARS};
use crate::value::EncodeError;

/// What a text consists of.
pub(crate) struct Form {
    date: bool,
    /// What is written between the date and the time.
    separator: &'static str,
    time: Option<Fraction>,
    offset: &'static str,
    /// What a stored text must be.
    pub(crate) words: &'static str,
    /// The SQL function that gives it.
    pub(crate) canonical: &'static str,
}

/// How a part of a second is written.
enum Fraction {
    /// With 3, 6 or 9 digits, the fewest that are exact, and not at all when it is zero.
    Groups,
    /// With the fewest digits that are exact, but one at least.
    #[cfg(feature = "time")]
    Shortest,
}

impl Form {
    pub(crate) const DATE: Self = Self {
        date: true,
        separator: "",
        time: None,
        offset: "",
        words: "a day, YYYY-MM-DD",
        canonical: "canonical_date",
    };

    pub(crate) const TIME: Self = Self {
        date: false,
        separator: "",
        time: Some(Fraction::Groups),
        offset: "",
        words: "a time of day, HH:MM:SS[.SSS[SSS[SSS]]]",
        canonical: "canonical_time",
    };

    #[cfg(any(feature = "chrono", feature = "jiff"))]
    pub(crate) const DATE_TIME: Self = Self {
        date: true,
        separator: " ",
        time: Some(Fraction::Groups),
        offset: "",
        words: "YYYY-MM-DD HH:MM:SS[.SSS[SSS[SSS]]]",
        canonical: "canonical_date_time",
    };

    pub(crate) const INSTANT: Self = Self {
        date: true,
        separator: "T",
        time: Some(Fraction::Groups),
        offset: "+00:00",
        words: "an instant, YYYY-MM-DDTHH:MM:SS[.SSS[SSS[SSS]]]+00:00",
        canonical: "canonical_instant",
    };

    /// As the crate `time` writes a time of day.
    #[cfg(feature = "time")]
    pub(crate) const SHORT_TIME: Self = Self {
        date: false,
        separator: "",
        time: Some(Fraction::Shortest),
        offset: "",
        words: "a time of day, HH:MM:SS.S with up to nine digits",
        canonical: "canonical_short_time",
    };

    /// As the crate `time` writes a date with a time.
    #[cfg(feature = "time")]
    pub(crate) const SHORT_DATE_TIME: Self = Self {
        date: true,
        separator: " ",
        time: Some(Fraction::Shortest),
        offset: "",
        words: "YYYY-MM-DD HH:MM:SS.S with up to nine digits",
        canonical: "canonical_short_date_time",
    };

    /// The text of a value.
    pub(crate) fn write(&self, value: impl Into<DateTime>) -> Result<String, EncodeError> {
        let DateTime { date, time } = value.into();
        let mut text = String::with_capacity(35);
        if self.date {
            append_date(&mut text, date)?;
            text.push_str(self.separator);
        }
        if let Some(fraction) = &self.time {
            append_time(&mut text, time, fraction)?;
            text.push_str(self.offset);
        }
        Ok(text)
    }

    /// The text of a value for a message.
    pub(super) fn shown(&self, value: impl Into<DateTime>) -> String {
        self.write(value).unwrap_or_default()
    }

    /// The condition that exactly the texts of this form meet, and `NULL`.
    ///
    /// `date()` alone would do for the calendar, but takes a fraction that rounds up to the year 10000 for no date in
    /// some versions of SQLite, hence `substr`. `IN` with more than two values costs a microsecond each time; `GLOB` and
    /// `length` of text stop at a character NUL, where a length in bytes does not.
    pub(crate) fn check(&self, column: &str) -> String {
        let day = format!("substr({column}, 1, 10)");
        let Some(fraction) = &self.time else { return format!("{column} IS date({day})") };
        let before = if self.date { format!("??????????{}", self.separator) } else { String::new() };
        let clock = format!("{before}[0-2][0-9]:[0-5][0-9]:[0-5][0-9]");
        let mut conditions = Vec::new();
        if self.date {
            conditions.push(format!("{day} IS date({day})"));
        }
        let hour = format!("{column} NOT GLOB '{before}2[4-9]*'");
        let whole = before.len() + "HH:MM:SS".len();
        match fraction {
            Fraction::Groups => {
                let offset = self.offset;
                let rest = if offset.is_empty() { "" } else { "+*" };
                let (length, digits) = (whole + offset.len(), "[0-9][0-9][0-9]");
                conditions.push(format!("{column} GLOB '{clock}*{offset}'"));
                conditions.push(hour);
                let branches: String = (1..=3)
                    .map(|groups| {
                        let bytes = length + 1 + 3 * groups;
                        format!(" WHEN {bytes} THEN {column} GLOB '*.{}{rest}'", digits.repeat(groups))
                    })
                    .collect();
                conditions.push(format!(
                    "CASE length(CAST({column} AS BLOB)) WHEN {length} THEN 1{branches} ELSE {column} IS NULL END"
                ));
                conditions.push(format!("{column} NOT GLOB '*.*000{rest}'"));
            }
            #[cfg(feature = "time")]
            Fraction::Shortest => {
                conditions.push(format!("{column} GLOB '{clock}.[0-9]*'"));
                conditions.push(hour);
                conditions.push(format!("{column} NOT GLOB '*.*[^0-9]*'"));
                conditions.push(format!("({column} GLOB '*.0' OR {column} NOT GLOB '*0')"));
                conditions.push(format!("{column} = substr({column}, 1, {})", whole + 10));
            }
        }
        conditions.join(" AND ")
    }
}

impl From<Date> for DateTime {
    fn from(date: Date) -> Self {
        Self { date, time: Time::MIDNIGHT }
    }
}

impl From<Time> for DateTime {
    fn from(time: Time) -> Self {
        Self { date: Date { year: 2000, month: 1, day: 1 }, time }
    }
}

fn append_date(text: &mut String, date: Date) -> Result<(), EncodeError> {
    if !YEARS.contains(&date.year) {
        return Err(EncodeError::new(format!(
            "the year {} is outside 0000 to 9999, the years of SQLite's dates",
            date.year
        )));
    }
    append_two(text, (date.year / 100) as u8);
    append_two(text, (date.year % 100) as u8);
    text.push('-');
    append_two(text, date.month);
    text.push('-');
    append_two(text, date.day);
    Ok(())
}

fn append_time(text: &mut String, time: Time, fraction: &Fraction) -> Result<(), EncodeError> {
    if time.nanos > 999_999_999 {
        return Err(EncodeError::new("a leap second has no form in SQLite's dates"));
    }
    append_two(text, time.hour);
    text.push(':');
    append_two(text, time.minute);
    text.push(':');
    append_two(text, time.second);
    let digits = match fraction {
        Fraction::Groups if time.nanos == 0 => return Ok(()),
        Fraction::Groups if time.nanos.is_multiple_of(1_000_000) => 3,
        Fraction::Groups if time.nanos.is_multiple_of(1_000) => 6,
        Fraction::Groups => 9,
        #[cfg(feature = "time")]
        Fraction::Shortest => (1..9).find(|digits| time.nanos.is_multiple_of(10_u32.pow(9 - digits))).unwrap_or(9),
    };
    text.push('.');
    let mut unit = 100_000_000;
    for _ in 0..digits {
        text.push(digit((time.nanos / unit % 10) as u8));
        unit /= 10;
    }
    Ok(())
}

fn append_two(text: &mut String, value: u8) {
    text.push(digit(value / 10));
    text.push(digit(value));
}

fn digit(value: u8) -> char {
    char::from(b'0' + value % 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::ValueRef;

    #[cfg(feature = "time")]
    const FORMS: [&Form; 6] =
        [&Form::DATE, &Form::TIME, &Form::DATE_TIME, &Form::INSTANT, &Form::SHORT_TIME, &Form::SHORT_DATE_TIME];
    #[cfg(not(feature = "time"))]
    const FORMS: [&Form; 4] = [&Form::DATE, &Form::TIME, &Form::DATE_TIME, &Form::INSTANT];

    fn accepts(db: &rusqlite::Connection, form: &Form, text: &str) -> bool {
        let sql = format!("SELECT {} FROM (SELECT ?1 AS \"x\")", form.check("\"x\""));
        db.query_row(&sql, [text], |row| row.get::<_, Option<bool>>(0)).unwrap_or(Some(false)).unwrap_or(true)
    }

    #[test]
    fn text_order_is_time_order() {
        for form in FORMS {
            let mut previous = String::new();
            for nanos in [0, 1, 10, 99_999_999, 100_000_000, 120_000_000, 123_456_000, 500_000_000, 999_999_999] {
                let instant = DateTime::from_unix(1_700_000_000, nanos);
                let text = form.write(instant).unwrap();
                assert!(previous < text || form.time.is_none(), "{previous} {text}");
                if form.date && form.time.is_some() {
                    assert_eq!(DateTime::read(ValueRef::Text(&text)), Ok(instant));
                }
                previous = text;
            }
        }
    }

    /// What the check lets through is what is written for the value that it is read as, whatever a character is
    /// exchanged for, left out or put in.
    #[test]
    fn the_check_accepts_what_is_written_and_nothing_near_it() {
        let db = rusqlite::Connection::open_in_memory().unwrap();
        let instants = [
            DateTime::from_unix(-62_167_219_200, 0),
            DateTime::from_unix(253_402_300_799, 999_999_999),
            DateTime::from_unix(1_709_204_400, 120_000_000),
            DateTime::from_unix(1_709_238_600, 1_000),
        ];
        for form in FORMS {
            let null = form.check("(SELECT NULL)");
            let null: Option<bool> = db.query_row(&format!("SELECT {null}"), [], |row| row.get(0)).unwrap();
            assert_ne!(null, Some(false), "{}", form.words);
            for instant in instants {
                let text = form.write(instant).unwrap();
                assert!(accepts(&db, form, &text), "{text}");
                let mut near = vec![String::new(), format!("{text}\0"), format!("{text}\0x"), format!("{text} ")];
                for (i, _) in text.char_indices().chain([(text.len(), ' ')]) {
                    for new in
                        ["0", "1", "2", "3", "4", "9", ".", ":", "-", "+", " ", "T", "Z", "000", "\0", "٣", "é", ""]
                    {
                        near.push(format!("{}{new}{}", &text[..i], &text[i..]));
                        if i < text.len() {
                            near.push(format!("{}{new}{}", &text[..i], &text[i + 1..]));
                        }
                    }
                }
                for near in near {
                    let value = ValueRef::Text(&near);
                    let written = match (form.date, &form.time) {
                        (true, None) => Date::read(value).ok().and_then(|date| form.write(date).ok()),
                        (false, _) => Time::read(value).ok().and_then(|time| form.write(time).ok()),
                        (true, _) => DateTime::read(value).ok().and_then(|both| form.write(both).ok()),
                    };
                    let canonical = written.as_ref() == Some(&near);
                    assert_eq!(accepts(&db, form, &near), canonical, "{near:?}, which is read as {written:?}");
                }
            }
        }
    }

    #[test]
    fn years_that_text_cannot_hold_are_errors() {
        let error = Form::INSTANT.write(DateTime::from_unix(253_402_300_800, 0)).unwrap_err();
        assert_eq!(error.to_string(), "the year 10000 is outside 0000 to 9999, the years of SQLite's dates");
        assert!(Form::DATE.write(Date { year: -1, month: 12, day: 31 }).is_err());
    }
}
