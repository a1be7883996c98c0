//! Lengths of time as text: a number of seconds.
#![cfg(any(feature = "chrono", feature = "jiff", feature = "time"))]

use std::cmp::Ordering;

use crate::value::{DecodeError, ValueRef};

pub(crate) const COLLATION: &str = "duration";
pub(crate) const CANONICAL: &str = "canonical_duration";
pub(crate) const EXPECTED: &str = "a duration, as a number of seconds";
pub(crate) const STORED_AS: &str =
    "a number of seconds without needless zeros, such as -12.5, with up to nine digits after the point";

pub(crate) const NANOS_PER_SECOND: i128 = 1_000_000_000;

/// The text of a number of nanoseconds.
pub(crate) fn write(nanos: i128) -> String {
    let sign = if nanos < 0 { "-" } else { "" };
    let (seconds, fraction) = (nanos.unsigned_abs() / 1_000_000_000, nanos.unsigned_abs() % 1_000_000_000);
    if fraction == 0 {
        return format!("{sign}{seconds}");
    }
    let text = format!("{sign}{seconds}.{fraction:09}");
    text.trim_end_matches('0').to_owned()
}

/// The nanoseconds of a stored value. Digits behind the ninth of a fraction are cut off.
pub(crate) fn read(value: ValueRef<'_>) -> Result<i128, DecodeError> {
    let read = match value {
        ValueRef::Integer(seconds) => Some(i128::from(seconds) * NANOS_PER_SECOND),
        ValueRef::Real(seconds) => parse(&seconds.to_string()),
        ValueRef::Text(text) => parse(text),
        ValueRef::Null | ValueRef::Blob(_) => None,
    };
    read.ok_or_else(DecodeError::unfit)
}

fn parse(text: &str) -> Option<i128> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    if whole.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits = fraction.bytes().chain(std::iter::repeat(b'0')).take(9);
    let fraction = digits.fold(0, |number: i128, digit| number * 10 + i128::from(digit - b'0'));
    let nanos = whole.parse::<i128>().ok()?.checked_mul(NANOS_PER_SECOND)?.checked_add(fraction)?;
    Some(if unsigned.len() < text.len() { -nanos } else { nanos })
}

/// Whole seconds and the nanoseconds beside them, both with one sign.
pub(crate) const fn parts(nanos: i128) -> (i128, i32) {
    (nanos / NANOS_PER_SECOND, (nanos % NANOS_PER_SECOND) as i32)
}

/// The condition that exactly the texts that are written meet, and `NULL`. The longest is that of a number of seconds in 64
/// bits; the comparison with it refuses a character NUL too, at which `GLOB` stops.
pub(crate) fn check(column: &str) -> String {
    format!(
        "{column} = substr({column}, 1, 30) AND {column} NOT GLOB '?*[^.0-9]*' AND {column} NOT GLOB '*.*.*' \
         AND ({column} GLOB '[1-9]*' OR {column} GLOB '-[1-9]*' OR {column} GLOB '0.*' OR {column} GLOB '-0.*' \
         OR {column} = '0') AND ({column} GLOB '*.*[1-9]' OR {column} NOT GLOB '*.*') AND {column} NOT GLOB '*.??????????*'"
    )
}

/// Compares two texts as durations: the collating sequence `duration`. What is none comes after all that are, byte by byte, which
/// makes the order total.
pub(crate) fn compare(a: &str, b: &str) -> Ordering {
    match (parse(a), parse(b)) {
        (Some(a), Some(b)) => a.cmp(&b),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => a.cmp(b),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_duration_has_one_text() {
        let samples = [
            (0, "0"),
            (1, "0.000000001"),
            (-1, "-0.000000001"),
            (500_000_000, "0.5"),
            (-1_500_000_000, "-1.5"),
            (10_000_000_000, "10"),
            (i128::from(i64::MIN) * NANOS_PER_SECOND - 999_999_999, "-9223372036854775808.999999999"),
        ];
        let db = rusqlite::Connection::open_in_memory().unwrap();
        let sql = format!("SELECT {} FROM (SELECT ?1 AS x)", check("x"));
        let accepts = |text: &str| db.query_row(&sql, [text], |row| row.get::<_, bool>(0)).unwrap();
        for (nanos, text) in samples {
            assert_eq!(write(nanos), text);
            assert_eq!(read(ValueRef::Text(text)), Ok(nanos));
            assert!(accepts(text), "{text}");
            for (i, _) in text.char_indices().chain([(text.len(), ' ')]) {
                for new in ["0", "1", "9", ".", "-", "+", " ", "e", "\0", "٣", "0000000000", ""] {
                    for near in [
                        format!("{}{new}{}", &text[..i], &text[i..]),
                        format!("{}{new}{}", &text[..i], text.get(i + 1..).unwrap_or("")),
                    ] {
                        let canonical = parse(&near)
                            .is_some_and(|nanos| write(nanos) == near && i64::try_from(parts(nanos).0).is_ok());
                        // A number of more than 64 bits may be short enough for the check, and fails when it is read.
                        let large = parse(&near).is_some_and(|nanos| i64::try_from(parts(nanos).0).is_err());
                        assert!(large || accepts(&near) == canonical, "{near:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_read_is_a_number_of_seconds() {
        assert_eq!(read(ValueRef::Integer(-2)), Ok(-2 * NANOS_PER_SECOND));
        assert_eq!(read(ValueRef::Real(0.1)), Ok(100_000_000));
        for wrong in ["", "-", ".5", "1e3", "PT1S", "--1", "1.2.3"] {
            assert!(read(ValueRef::Text(wrong)).is_err(), "{wrong}");
        }
        assert!(read(ValueRef::Real(f64::INFINITY)).is_err());
        assert!(read(ValueRef::Text("99999999999999999999999999999999999999")).is_err());
    }
}
