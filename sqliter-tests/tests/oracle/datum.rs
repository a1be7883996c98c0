//! A value as the oracle knows it: by what it means, not by how it is stored.

use std::cmp::Ordering;
use std::fmt;

use rust_decimal::Decimal;
use uuid::Uuid;

#[derive(Clone)]
pub enum Datum {
    Null,
    Bool(bool),
    Int(i64),
    Real(f64),
    Text(String),
    Blob(Vec<u8>),
    Decimal(Decimal),
    Uuid(Uuid),
    /// Days since 1970-01-01.
    Day(i32),
    /// Nanoseconds since midnight.
    Clock(i64),
    /// Nanoseconds since 1970 of a date with a time and without a zone.
    Local(i128),
    /// Nanoseconds since 1970 in UTC.
    Instant(i128),
}

impl Datum {
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// SQL's comparison: unknown with `NULL`.
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        Some(match (self, other) {
            (Self::Null, _) | (_, Self::Null) => return None,
            (Self::Bool(a), Self::Bool(b)) => a.cmp(b),
            (Self::Int(a), Self::Int(b)) => a.cmp(b),
            (Self::Real(a), Self::Real(b)) => a.partial_cmp(b).expect("no NaN is stored"),
            (Self::Text(a), Self::Text(b)) => a.as_bytes().cmp(b.as_bytes()),
            (Self::Blob(a), Self::Blob(b)) => a.cmp(b),
            (Self::Decimal(a), Self::Decimal(b)) => a.cmp(b),
            (Self::Uuid(a), Self::Uuid(b)) => a.cmp(b),
            (Self::Day(a), Self::Day(b)) => a.cmp(b),
            (Self::Clock(a), Self::Clock(b)) => a.cmp(b),
            (Self::Local(a), Self::Local(b)) | (Self::Instant(a), Self::Instant(b)) => a.cmp(b),
            (a, b) => panic!("{a:?} and {b:?} are not of one type"),
        })
    }

    /// The order of rows: `NULL` before everything.
    pub fn sort(&self, other: &Self) -> Ordering {
        self.compare(other).unwrap_or_else(|| (!self.is_null()).cmp(&!other.is_null()))
    }
}

/// The same value; `NULL` is itself.
impl PartialEq for Datum {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Real(a), Self::Real(b)) => a == b || (a - b).abs() <= 1e-9 * a.abs().max(b.abs()),
            _ => self.sort(other) == Ordering::Equal,
        }
    }
}

impl fmt::Debug for Datum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("NULL"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Int(value) => write!(f, "{value}"),
            Self::Real(value) => write!(f, "{value:?}"),
            Self::Text(value) => write!(f, "{value:?}"),
            Self::Blob(value) => write!(f, "{value:?}"),
            Self::Decimal(value) => write!(f, "decimal({value})"),
            Self::Uuid(value) => write!(f, "uuid({value})"),
            Self::Day(days) => write!(f, "day({})", local(i128::from(*days) * DAY).date()),
            Self::Clock(nanos) => write!(f, "clock({})", local(i128::from(*nanos)).time()),
            Self::Local(nanos) => write!(f, "local({})", local(*nanos)),
            Self::Instant(nanos) => write!(f, "instant({}Z)", local(*nanos)),
        }
    }
}

pub const SECOND: i128 = 1_000_000_000;
pub const DAY: i128 = 86_400 * SECOND;

/// A date with a time, by chrono.
pub fn local(nanos: i128) -> chrono::NaiveDateTime {
    let seconds = i64::try_from(nanos.div_euclid(SECOND)).unwrap();
    let nanos = u32::try_from(nanos.rem_euclid(SECOND)).unwrap();
    chrono::DateTime::from_timestamp(seconds, nanos).unwrap().naive_utc()
}
