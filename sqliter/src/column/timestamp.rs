//! The types that `created_at` and `updated_at` may have.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::ColumnType;

/// A column type that can hold the time of an insert or update.
///
/// `i64` holds whole seconds since 1970-01-01 00:00 UTC. The instants of `chrono`, `time` and `jiff`, and
/// [`Unix`](crate::Unix) of them, work behind their features.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot hold the time of an insert, update or deletion",
    label = "not a timestamp type",
    note = "use `i64` (Unix seconds) or an instant of chrono, time or jiff; `#[model(plain)]` makes `created_at` and `updated_at` ordinary columns"
)]
pub trait Timestamp: ColumnType + Clone {
    /// The instant as this type; what is finer than the type holds is cut off.
    fn from_system_time(time: SystemTime) -> Self;
}

/// Whole Unix seconds, rounded down.
impl Timestamp for i64 {
    fn from_system_time(time: SystemTime) -> Self {
        unix_parts(time).0
    }
}

/// A nullable timestamp is set all the same; only other programs leave it `NULL`.
impl<T: Timestamp + ColumnType<Inner = T>> Timestamp for Option<T> {
    fn from_system_time(time: SystemTime) -> Self {
        Some(T::from_system_time(time))
    }
}

/// Seconds since 1970, rounded down, and the nanoseconds above them.
pub(crate) fn unix_parts(time: SystemTime) -> (i64, u32) {
    let whole = |duration: Duration| i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => (whole(after), after.subsec_nanos()),
        Err(error) => {
            let before = error.duration();
            match before.subsec_nanos() {
                0 => (-whole(before), 0),
                nanos => (-whole(before) - 1, 1_000_000_000 - nanos),
            }
        }
    }
}

/// Lengths of time that [`now`](crate::now) takes: `std::time::Duration`, chrono's `TimeDelta`, time's `Duration`, jiff's
/// `SignedDuration`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a duration",
    label = "expected a duration",
    note = "`now() - TimeDelta::days(7)` of chrono, `Duration` of time and of the standard library, `SignedDuration` of jiff",
    note = "of a column, the time since then is `now() - i.created_at`, if its type is an instant"
)]
pub trait AnyDuration {
    /// The number of nanoseconds.
    #[doc(hidden)]
    fn in_nanoseconds(&self) -> i128;
}

impl AnyDuration for Duration {
    fn in_nanoseconds(&self) -> i128 {
        i128::try_from(self.as_nanos()).unwrap_or(i128::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_before_1970_round_down() {
        assert_eq!(unix_parts(UNIX_EPOCH - Duration::from_millis(250)), (-1, 750_000_000));
        assert_eq!(unix_parts(UNIX_EPOCH - Duration::from_secs(2)), (-2, 0));
        assert_eq!(unix_parts(UNIX_EPOCH + Duration::from_millis(1500)), (1, 500_000_000));
    }
}
