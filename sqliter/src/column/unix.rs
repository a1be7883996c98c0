//! Instants stored as whole Unix seconds.

use std::ops::{Deref, DerefMut, RangeInclusive};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::{ColumnType, Timestamp, kind};
use crate::value::{DecodeError, EncodeError, Encoded, Storage, ValueRef};

/// An instant stored as an integer, whole seconds since 1970-01-01 00:00 UTC.
///
/// `Unix<chrono::DateTime<Utc>>`, `Unix<time::OffsetDateTime>` or `Unix<jiff::Timestamp>`; fractions of a second are
/// cut off (rounded down) when the value is stored. A date may be wrapped too: it is stored as its midnight in UTC.
///
/// Years outside 0000 to 9999 cannot be stored, as SQLite's date functions know no others; a `CHECK` keeps them out of
/// the tables that the library creates.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Unix<T>(pub T);

/// Types that [`Unix`] can store.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be stored as Unix seconds",
    label = "neither an instant nor a date",
    note = "`Unix<…>` takes the instants and dates of chrono, time and jiff, each behind its feature"
)]
pub trait UnixTime: Sized + Clone + Send + Sync + 'static {
    /// The type of the time between two of them.
    type Duration: ColumnType<Inner = Self::Duration>;

    /// Whole seconds since 1970-01-01 00:00 UTC, rounded down.
    fn to_unix_seconds(&self) -> i64;

    /// The instant, or `None` when it is out of the range of the type.
    fn from_unix_seconds(seconds: i64) -> Option<Self>;
}

impl<T> Deref for Unix<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Unix<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T> From<T> for Unix<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

/// From 0000-01-01 00:00:00 to 9999-12-31 23:59:59.
const SECONDS: RangeInclusive<i64> = -62_167_219_200..=253_402_300_799;

impl<T: UnixTime> ColumnType for Unix<T> {
    type Inner = Self;
    type Kind = kind::UnixTime<T::Duration>;
    const STORAGE: Storage = Storage::Integer;
    const EXPECTED: &'static str = "whole Unix seconds in the range of the field's type";
    const IN_REQUESTS: &'static str = "a date or a time, written as in JSON";
    const STORED_AS: Option<&'static str> = Some("Unix seconds of the years 0000 to 9999");

    fn check(column: &str) -> Option<String> {
        Some(format!("{column} BETWEEN {} AND {}", SECONDS.start(), SECONDS.end()))
    }

    fn encode(&self) -> Result<Encoded<'_>, EncodeError> {
        let seconds = self.0.to_unix_seconds();
        if SECONDS.contains(&seconds) {
            return Ok(Encoded::Integer(seconds));
        }
        Err(EncodeError::new(format!(
            "{seconds} Unix seconds are outside the years 0000 to 9999, the years of SQLite's dates"
        )))
    }

    fn decode(value: ValueRef<'_>) -> Result<Self, DecodeError> {
        let seconds = i64::decode(value)?;
        T::from_unix_seconds(seconds).map(Self).ok_or_else(DecodeError::unfit)
    }
}

/// Whole seconds, rounded down: what is stored.
impl<T: UnixTime + Timestamp> Timestamp for Unix<T> {
    fn from_system_time(time: SystemTime) -> Self {
        let precise = T::from_system_time(time);
        Self(T::from_unix_seconds(precise.to_unix_seconds()).unwrap_or(precise))
    }
}
