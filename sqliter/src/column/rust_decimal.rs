//! `Decimal`, and the collating sequence that compares its text by value.

use std::cmp::Ordering;

use rust_decimal::Decimal;

use super::{ColumnType, kind};
use crate::value::{DecodeError, EncodeError, Encoded, Storage, ValueRef};

/// The largest mantissa of a `Decimal`.
const MAX_MANTISSA: u128 = (1 << 96) - 1;

/// Stored as text, one for each number: without zeros at the end of the fraction, so that 1.50 is stored and read back as
/// 1.5 (to Rust they are equal), and -0 as 0. So unique columns, keys and foreign keys go by value. The collating sequence
/// `decimal` compares and sorts the text by value: `9` is below `10`. A `CHECK` keeps other forms out of the tables that
/// the library creates.
///
/// Read is decimal text, also scientific such as `1.5e3`, an integer, and a floating-point number as the shortest
/// decimal number that means it (0.1 is 0.1). All must fit exactly, up to zeros at the end of the fraction: nothing is
/// rounded.
impl ColumnType for Decimal {
    type Inner = Self;
    type Kind = kind::Decimal;
    const STORAGE: Storage = Storage::Text;
    const COLLATION: Option<&'static str> = Some("decimal");
    const CANONICAL: Option<&'static str> = Some("canonical_decimal");
    const EXPECTED: &'static str = "a decimal number in the range of Decimal";
    const STORED_AS: Option<&'static str> = Some("a decimal number without needless zeros, such as -12.5");
    const CHECKED_BY: Option<&'static str> = Some("checked_decimal");

    /// The longest text has 31 characters; the comparison with it refuses a character NUL too, at which `GLOB` stops.
    fn check(column: &str) -> Option<String> {
        Some(format!(
            "{column} = substr({column}, 1, 31) AND {column} NOT GLOB '?*[^.0-9]*' AND {column} NOT GLOB '*.*.*' \
             AND ({column} GLOB '[1-9]*' OR {column} GLOB '-[1-9]*' OR {column} GLOB '0.*' OR {column} GLOB '-0.*' \
             OR {column} = '0') AND ({column} GLOB '*.*[1-9]' OR {column} NOT GLOB '*.*')"
        ))
    }

    fn encode(&self) -> Result<Encoded<'_>, EncodeError> {
        Ok(Encoded::Text(self.normalize().to_string().into()))
    }

    fn decode(value: ValueRef<'_>) -> Result<Self, DecodeError> {
        let decimal = match value {
            ValueRef::Text(text) => exact(&Number::parse(text).ok_or_else(DecodeError::unfit)?),
            ValueRef::Real(real) => exact(&Number::parse(&format!("{real:e}")).ok_or_else(DecodeError::unfit)?),
            ValueRef::Integer(integer) => return Ok(Self::from(integer)),
            _ => return Err(DecodeError::unfit()),
        };
        decimal.ok_or_else(|| DecodeError::because("it has more digits than a Decimal can hold"))
    }
}

/// Compares two texts as numbers: the collating sequence `decimal`.
///
/// Numbers may have any length, a fraction and an exponent, and are equal whatever the zeros at their ends. What is no
/// number comes after all numbers, byte by byte, which makes the order total.
pub(crate) fn compare(a: &str, b: &str) -> Ordering {
    match (Number::parse(a), Number::parse(b)) {
        (Some(a), Some(b)) => a.compare(&b),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => a.cmp(b),
    }
}

/// A decimal number as it is written.
struct Number<'a> {
    negative: bool,
    /// The digits before the point, from the first that is not zero.
    whole: &'a str,
    fraction: &'a str,
    exponent: i32,
}

impl<'a> Number<'a> {
    /// `None` for what is no number, and for an exponent out of the range of `i32`.
    fn parse(text: &'a str) -> Option<Self> {
        let negative = text.starts_with('-');
        let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse().ok()?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all_digits = whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit());
        if !all_digits || whole.len() + fraction.len() == 0 {
            return None;
        }
        Some(Self { negative, whole: whole.trim_start_matches('0'), fraction, exponent })
    }

    /// The digits from the first that is not zero.
    fn digits(&self) -> impl Iterator<Item = u8> {
        let digits = self.whole.bytes().chain(self.fraction.bytes());
        digits.skip_while(|digit| *digit == b'0')
    }

    /// Minus one, zero or one.
    fn sign(&self) -> i8 {
        match (self.digits().next(), self.negative) {
            (None, _) => 0,
            (Some(_), true) => -1,
            (Some(_), false) => 1,
        }
    }

    /// How far left of the point the first digit is that is not zero.
    fn magnitude(&self) -> i64 {
        let digits = if self.whole.is_empty() {
            -(self.fraction.bytes().take_while(|digit| *digit == b'0').count() as i64)
        } else {
            self.whole.len() as i64
        };
        digits + i64::from(self.exponent)
    }

    fn compare(&self, other: &Self) -> Ordering {
        let (sign, other_sign) = (self.sign(), other.sign());
        if sign != other_sign || sign == 0 {
            return sign.cmp(&other_sign);
        }
        let ordering = self.magnitude().cmp(&other.magnitude()).then_with(|| self.compare_digits(other));
        if self.negative { ordering.reverse() } else { ordering }
    }

    fn compare_digits(&self, other: &Self) -> Ordering {
        let (mut left, mut right) = (self.digits(), other.digits());
        loop {
            match (left.next(), right.next()) {
                (None, None) => return Ordering::Equal,
                (left, right) => match left.unwrap_or(b'0').cmp(&right.unwrap_or(b'0')) {
                    Ordering::Equal => {}
                    unequal => return unequal,
                },
            }
        }
    }
}

/// The number without rounding, with the zeros at the end of its fraction as far as they fit.
fn exact(number: &Number<'_>) -> Option<Decimal> {
    const MAX_SCALE: i64 = Decimal::MAX_SCALE as i64;
    let written = number.fraction.len() as i64 - i64::from(number.exponent);
    let scale_written = written.clamp(0, MAX_SCALE);

    // Without zeros at its end the number either fits or never does.
    let (mut mantissa, mut zeros, mut scale) = (0_u128, 0_u32, written);
    for digit in number.digits() {
        if digit == b'0' {
            zeros += 1;
            continue;
        }
        let shifted = mantissa.checked_mul(10_u128.checked_pow(zeros + 1)?)?;
        mantissa = shifted.checked_add(u128::from(digit - b'0')).filter(|mantissa| *mantissa <= MAX_MANTISSA)?;
        zeros = 0;
    }
    scale -= i64::from(zeros);
    if mantissa == 0 {
        scale = 0;
    }
    while scale < scale_written {
        match mantissa * 10 {
            longer if longer <= MAX_MANTISSA => mantissa = longer,
            _ if scale < 0 => return None,
            _ => break,
        }
        scale += 1;
    }
    let unsigned = i128::try_from(mantissa).ok()?;
    let mut decimal = Decimal::try_from_i128_with_scale(unsigned, u32::try_from(scale).ok()?).ok()?;
    decimal.set_sign_negative(number.negative);
    Some(decimal)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        Decimal::decode(ValueRef::Text(text)).ok().map(|decimal| decimal.to_string())
    }

    #[test]
    fn equal_numbers_are_stored_as_one_text() {
        let longest = format!("-0.{}", "1234567890123456789012345678");
        for (text, stored) in [
            ("1.50", "1.5"),
            ("1.5000", "1.5"),
            ("100", "100"),
            ("100.00", "100"),
            ("-0.10", "-0.1"),
            ("0", "0"),
            ("-0", "0"),
            ("-0.00", "0"),
            ("-79228162514264337593543950335", "-79228162514264337593543950335"),
            (&longest, &longest),
        ] {
            assert_eq!(read(text).as_deref(), Some(text));
            let decimal = Decimal::decode(ValueRef::Text(text)).unwrap();
            assert_eq!(decimal.encode(), Ok(Encoded::Text(stored.into())));
        }
    }

    /// What the check lets through is what is stored for the number that it is read as, whatever a character is exchanged
    /// for, left out or put in.
    #[test]
    fn the_check_accepts_what_is_written_and_nothing_near_it() {
        let db = rusqlite::Connection::open_in_memory().unwrap();
        let sql = format!("SELECT {} FROM (SELECT ?1 AS x)", Decimal::check("x").unwrap());
        let accepts = |text: &str| db.query_row(&sql, [text], |row| row.get::<_, bool>(0)).unwrap();
        let numbers = ["0", "7", "-7", "10", "0.5", "-0.05", "12.5", "-100.01", "79228162514264337593543950335"];
        for number in numbers.into_iter().chain(["-0.1234567890123456789012345678", "-7.9228162514264337593543950335"])
        {
            assert!(accepts(number), "{number}");
            for i in 0..=number.len() {
                for new in ["0", "1", "9", "00", ".", "-", "+", "e1", " ", "\0", "٣", ""] {
                    for rest in [i, (i + 1).min(number.len())] {
                        let near = format!("{}{new}{}", &number[..i], &number[rest..]);
                        let Ok(read) = Decimal::decode(ValueRef::Text(&near)) else {
                            // Numbers that are too long are errors when they are read.
                            let is_number = Number::parse(&near).is_some();
                            assert!(is_number || !accepts(&near), "{near:?} is no number");
                            continue;
                        };
                        let canonical = read.encode() == Ok(Encoded::Text(near.as_str().into()));
                        assert_eq!(accepts(&near), canonical, "{near:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn other_spellings_are_read_exactly() {
        for (text, expected) in [
            ("+1.5", "1.5"),
            (".5", "0.5"),
            ("5.", "5"),
            ("0007.10", "7.10"),
            ("1.5e3", "1500"),
            ("1.50E1", "15.0"),
            ("-25e-3", "-0.025"),
            ("1000e-30", "0.0000000000000000000000000010"),
            ("7e28", "70000000000000000000000000000"),
            ("0e99", "0"),
            ("0e-999999999", "0.0000000000000000000000000000"),
            ("79228162514264337593543950335.000", "79228162514264337593543950335"),
            ("1.00000000000000000000000000000000000000000000", "1.0000000000000000000000000000"),
        ] {
            assert_eq!(read(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn nothing_is_rounded() {
        for text in [
            "79228162514264337593543950336",
            "8e28",
            "1e29",
            "1e2147483647",
            "1e-29",
            "0.12345678901234567890123456789",
            "340282366920938463463374607431768211455",
            "340282366920938463463374607431768211459",
        ] {
            assert_eq!(
                Decimal::decode(ValueRef::Text(text)),
                Err(DecodeError::because("it has more digits than a Decimal can hold")),
                "{text}"
            );
        }
        for text in ["", "-", ".", "e5", "1e", "1e5.", "1_000", " 1", "1,5", "0x1", "inf", "1e9999999999", "١", "--1"]
        {
            assert_eq!(Decimal::decode(ValueRef::Text(text)), Err(DecodeError::unfit()), "{text}");
        }
    }

    #[test]
    fn numbers_are_read_by_their_shortest_form() {
        for (real, expected) in [(0.1, "0.1"), (-2.0, "-2"), (1e20, "100000000000000000000"), (1.5e-7, "0.00000015")] {
            assert_eq!(Decimal::decode(ValueRef::Real(real)).unwrap().to_string(), expected);
        }
        for real in [f64::NAN, f64::INFINITY, f64::MAX, f64::MIN_POSITIVE] {
            assert!(Decimal::decode(ValueRef::Real(real)).is_err(), "{real}");
        }
        assert_eq!(Decimal::decode(ValueRef::Integer(i64::MIN)).unwrap().to_string(), i64::MIN.to_string());
    }

    /// Groups of equal texts in ascending order.
    const ASCENDING: &[&[&str]] = &[
        &["-1e2147483647"],
        &["-100", "-1e2", "-0100.0"],
        &["-99.9999999999999999999999999999999999999"],
        &["-1"],
        &["-0.1", "-.1", "-1e-1"],
        &["-1e-2147483648"],
        &["0", "-0", "0.000", "0e5", "+0", "00"],
        &["0.0001", "1e-4", ".1e-3", "0000.00010"],
        &["0.1"],
        &["1.5", "1.50", "15e-1"],
        &["9"],
        &["10", "1e1", "+10.", "1000e-2"],
        &["10.00000000000000000000000000000000000000000000000001"],
        &["100000000000000000000000000000000000000000000000000", "1e50"],
        &[""],
        &[" 1"],
        &["-"],
        &["."],
        &["1e9999999999"],
        &["1x"],
        &["NaN"],
        &["é"],
    ];

    #[test]
    fn the_order_is_by_value_and_total() {
        for (i, group) in ASCENDING.iter().enumerate() {
            for (j, other) in ASCENDING.iter().enumerate() {
                for (a, b) in group.iter().flat_map(|a| other.iter().map(move |b| (a, b))) {
                    assert_eq!(compare(a, b), i.cmp(&j), "{a} {b}");
                }
            }
        }
    }
}
