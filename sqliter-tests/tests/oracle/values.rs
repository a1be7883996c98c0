//! The values that rows and conditions take: few, so that they meet, and those at the edges.

use rust_decimal::Decimal;
use uuid::Uuid;

use super::datum::{Datum, SECOND};
use super::random::Random;
use super::types::Type;

pub const TEXTS: [&str; 22] = [
    "\0",
    "a\0b",
    "",
    "a",
    "A",
    "b",
    "ab",
    "AB",
    "aB",
    "a%b",
    "a_b",
    r"a\b",
    "ba",
    "'",
    "\"",
    "ß",
    "ss",
    "É",
    "éa",
    "Σ",
    "\u{e000}",
    "a\u{10ffff}",
];
pub const CODES: [&str; 5] = ["at", "AT", "", "ü", "x\"y"];
/// Numbers that binary fractions hold exactly, so that sums do not depend on the order.
const DECIMALS: [&str; 12] = ["9", "10", "100", "1.5", "1.50", "0.25", "-2.5", "0", "0.0", "-10", "2", "10.0"];
pub const RATES: [&str; 5] = ["9", "10", "1.5", "-2.5", "0"];
const REALS: [f64; 9] = [-2.5, -1.0, 0.0, 0.25, 0.5, 1.0, 2.0, 9.0, 100.0];
const DAYS: [i32; 7] = [-719_162, -1, 0, 1, 11_016, 19_782, 2_932_896];
const CLOCKS: [i64; 8] =
    [0, 1, 500_000_000, 1_000_000_000, 43_200_000_000_000, 43_200_500_000_000, 43_200_500_000_001, 86_399_999_999_000];
/// Fractions of 0, 3, 6 and 9 digits at the same second, and seconds around them.
const INSTANTS: [(i64, i64); 14] = [
    (0, 0),
    (0, 500_000_000),
    (0, 123_456_000),
    (0, 123_456_789),
    (-1, 0),
    (-1, 999_999_999),
    (1, 0),
    (59, 0),
    (60, 0),
    (951_782_400, 0),
    (951_782_399, 500_000_000),
    (1_709_210_096, 789_000_000),
    (-62_135_500_000, 0),
    (253_402_200_000, 999_999_000),
];

pub fn decimal(text: &str) -> Datum {
    Datum::Decimal(text.parse::<Decimal>().unwrap())
}

fn text(random: &mut Random) -> Datum {
    Datum::Text((*random.pick(&TEXTS)).to_owned())
}

fn moment(random: &mut Random) -> i128 {
    let (seconds, nanos) = *random.pick(&INSTANTS);
    i128::from(seconds) * SECOND + i128::from(nanos)
}

/// A value of a type, never `NULL`.
pub fn value(random: &mut Random, of: Type) -> Datum {
    use Type::*;
    match of {
        Document => Datum::Text(random.pick(&["[]", "[1]", "[1, -2]"]).to_string()),
        Bool => Datum::Bool(random.chance(50)),
        Int => Datum::Int(*random.pick(&[-10, -2, -1, 0, 1, 2, 3, 9, 10, 100])),
        Small => Datum::Int(*random.pick(&[-300, -1, 0, 1, 2, 9, 10, 300])),
        Byte => Datum::Int(*random.pick(&[0, 1, 2, 3, 9, 10, 255])),
        Real | Single => Datum::Real(*random.pick(&REALS)),
        Text => text(random),
        Blob => Datum::Blob(random.pick::<&[u8]>(&[b"", b"\0", b"a", b"ab", b"\xff"]).to_vec()),
        Decimal => decimal(random.pick::<&str>(&DECIMALS)),
        Uuid => Datum::Uuid(uuid(*random.pick(&[0, 1, 0xab, 1 << 127]))),
        Status => Datum::Text(random.pick(&["open", "in Review", "done"]).to_string()),
        Level => Datum::Int(*random.pick(&[2, 10, -1])),
        ChronoDate | TimeDate | JiffDate => Datum::Day(*random.pick(&DAYS)),
        ChronoTime | TimeTime | JiffTime => Datum::Clock(*random.pick(&CLOCKS)),
        ChronoLocal | TimeLocal | JiffLocal => Datum::Local(moment(random)),
        ChronoUtc | ChronoFixed | TimeInstant | JiffInstant => Datum::Instant(moment(random)),
        Seconds => Datum::Instant(moment(random).div_euclid(SECOND) * SECOND),
        CountryKey => Datum::Text((*random.pick(&CODES)).to_owned()),
        // One of them in other digits.
        RateKey if random.chance(10) => decimal("1.50"),
        RateKey => decimal(random.pick::<&str>(&RATES)),
        PersonKey | BookKey | TagKey | ReviewKey => Datum::Int(i64::try_from(random.below(9) + 1).unwrap()),
    }
}

const fn uuid(number: u128) -> Uuid {
    Uuid::from_u128(number)
}
