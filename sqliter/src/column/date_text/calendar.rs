//! Days and times of day as plain numbers.

/// The seconds of a day.
const SECONDS_PER_DAY: i64 = 86_400;
/// The years that the text forms have; others are refused in both directions, so that what is read can be written.
pub(crate) const YEARS: std::ops::RangeInclusive<i64> = 0..=9999;

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
    pub(super) fn in_calendar(self) -> bool {
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
    pub(super) const MIDNIGHT: Self = Self { hour: 0, minute: 0, second: 0, nanos: 0 };
}

impl DateTime {
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
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
