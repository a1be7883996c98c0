//! The rows that random conditions are tried on.

use chrono::NaiveDate;
use sqliter::prelude::*;

#[derive(Debug, Clone, PartialEq, Model)]
#[model(index(count), index(text), index(due, mark))]
pub struct Row {
    pub pk: Key<Row>,
    pub whole: i64,
    pub count: Option<i64>,
    /// With NUL characters, on which `LIKE` has no defined result.
    pub text: String,
    pub note: Option<String>,
    pub flag: bool,
    pub mark: Option<bool>,
    pub real: f64,
    pub ratio: Option<f64>,
    pub day: NaiveDate,
    pub due: Option<NaiveDate>,
}

pub const INTEGERS: [i64; 8] = [i64::MIN, -2, -1, 0, 1, 2, 3, i64::MAX];
pub const REALS: [f64; 8] = [f64::NEG_INFINITY, -1.5, -0.0, 0.0, 0.1, 2.0, 1e300, f64::INFINITY];
pub const TEXTS: [&str; 24] = [
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
    "a*b",
    "a?b",
    "[a]",
    "'",
    "\"a\"",
    "ß",
    "ss",
    "SS",
    "É",
    "éa",
    "Σς",
    "\u{d7ff}b",
    "\u{e000}",
    "a\u{10ffff}",
];
pub const NULS: [&str; 4] = ["\0", "a\0b", "A\0", "a\0"];

pub fn day(i: usize) -> NaiveDate {
    [(1, 1, 1), (1969, 12, 31), (1970, 1, 1), (2024, 2, 29), (9999, 12, 31)]
        .map(|(year, month, day)| NaiveDate::from_ymd_opt(year, month, day).unwrap())[i % 5]
}

/// The same pseudo-random rows every time, from few values, so that conditions meet equal ones and `NULL`.
pub fn rows() -> Vec<NewRow> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % u64::try_from(below).unwrap()).unwrap()
    };
    let texts = [&TEXTS[..], &NULS[..]].concat();
    (0..120)
        .map(|_| NewRow {
            whole: INTEGERS[next(8)],
            count: [None, Some(INTEGERS[next(8)])][next(3).min(1)],
            text: texts[next(28)].into(),
            note: [None, Some(TEXTS[next(24)].into())][next(4).min(1)].clone(),
            flag: next(2) == 0,
            mark: [None, Some(false), Some(true)][next(3)],
            real: REALS[next(8)],
            ratio: [None, Some(REALS[next(8)])][next(3).min(1)],
            day: day(next(5)),
            due: [None, Some(day(next(5)))][next(3).min(1)],
        })
        .collect()
}
