//! `ColumnType` and its companions for the types of the date crates.

/// `ColumnType` by the function `read` of a type of the calendar and a form, given how to convert to the type and back.
macro_rules! text_column {
    ($(#[$doc:meta])* $type:ty: $parts:ident $(<$duration:ty>)?, $form:ident, $to:expr, $from:expr $(,)?) => {
        $(#[$doc])*
        impl $crate::column::ColumnType for $type {
            type Inner = Self;
            type Kind = $crate::column::kind::$parts$(<$duration>)?;
            const STORAGE: $crate::value::Storage = $crate::value::Storage::Text;
            const EXPECTED: &'static str = $crate::column::date_text::$parts::EXPECTED;
            const IN_REQUESTS: &'static str = $crate::column::date_text::$parts::IN_REQUESTS;
            const CANONICAL: Option<&'static str> = Some($crate::column::date_text::Form::$form.canonical);
            const STORED_AS: Option<&'static str> = Some($crate::column::date_text::Form::$form.words);

            fn check(column: &str) -> Option<String> {
                Some($crate::column::date_text::Form::$form.check(column))
            }

            fn encode(&self) -> Result<$crate::value::Encoded<'_>, $crate::value::EncodeError> {
                let to: fn(&Self) -> $crate::column::date_text::$parts = $to;
                $crate::column::date_text::Form::$form.write(to(self)).map(|text| $crate::value::Encoded::Text(text.into()))
            }

            fn decode(value: $crate::value::ValueRef<'_>) -> Result<Self, $crate::value::DecodeError> {
                let from: fn($crate::column::date_text::$parts) -> Option<Self> = $from;
                from($crate::column::date_text::$parts::read(value)?)
                    .ok_or_else(|| $crate::value::DecodeError::because("it is out of the range of the field's type"))
            }
        }
    };
}

/// All that a date can do in a column.
macro_rules! date_column {
    ($(#[$doc:meta])* $type:ty, $duration:ty, $to:expr, $from:expr $(,)?) => {
        $crate::column::date_text::text_column! {
            /// Stored as text, `YYYY-MM-DD`, so that the order of the text is the order of the days.
            ///
            /// Years outside 0000 to 9999 cannot be stored. Read is every form of
            /// [SQLite's date functions](https://www.sqlite.org/lang_datefunc.html), in UTC, unless it has a time
            /// other than midnight, which would be lost. A `CHECK` keeps other forms out of the tables that the library
            /// creates.
            $(#[$doc])*
            $type: Date<$duration>, DATE, $to, $from
        }

        /// The midnight in UTC; of an instant, the day in UTC.
        impl $crate::column::UnixTime for $type {
            type Duration = $duration;

            fn to_unix_seconds(&self) -> i64 {
                let to: fn(&Self) -> $crate::column::date_text::Date = $to;
                to(self).unix_seconds()
            }

            fn from_unix_seconds(seconds: i64) -> Option<Self> {
                let from: fn($crate::column::date_text::Date) -> Option<Self> = $from;
                from($crate::column::date_text::Date::from_unix_seconds(seconds))
            }
        }
    };
}

/// All that a time of day can do in a column.
macro_rules! time_column {
    ($(#[$doc:meta])* $type:ty: $form:ident, $to:expr, $from:expr $(,)?) => {
        $crate::column::date_text::text_column! {
            /// Stored as text that sorts as the times do.
            ///
            $(#[$doc])*
            ///
            /// Read are `HH:MM`, `HH:MM:SS` and `HH:MM:SS.SSS` with any number of digits, of which nine count. A time
            /// with an offset is moved to UTC, as
            /// [SQLite's date functions](https://www.sqlite.org/lang_datefunc.html) do; one with a date is refused. A
            /// `CHECK` keeps other forms out of the tables that the library creates.
            $type: Time, $form, $to, $from
        }
    };
}

/// All that an instant can do in a column, given how to convert to and from Unix seconds and nanoseconds, and the
/// first and the last instant of the type.
macro_rules! instant_column {
    ($(#[$doc:meta])* $type:ty, $duration:ty, $to:expr, $from:expr, $first:expr, $last:expr $(,)?) => {
        $crate::column::date_text::moment_column! {
            /// Stored as text in UTC, `2026-01-01T10:00:00+00:00`, with 3, 6 or 9 digits after the second where it has a
            /// fraction.
            ///
            $(#[$doc])*
            $type: INSTANT, $duration, $to, $from, $first, $last
        }
    };
}

/// As `instant_column`, in any form.
macro_rules! moment_column {
    ($(#[$doc:meta])* $type:ty: $form:ident, $duration:ty, $to:expr, $from:expr, $first:expr, $last:expr $(,)?) => {
        $crate::column::date_text::text_column! {
            $(#[$doc])*
            ///
            /// The order of the text is the order in time. Years outside 0000 to 9999 cannot be stored. Read is every
            /// form of [SQLite's date functions](https://www.sqlite.org/lang_datefunc.html): text in UTC or with an
            /// offset, up to nine digits of a fraction (the rest is cut off), a date alone as its midnight, a time alone
            /// on 2000-01-01, and numbers as the modifier `auto` takes them: Julian days from 0 to 5373484.499999, else
            /// Unix seconds. Days that are not in the calendar, such as February 30, are refused. A `CHECK` keeps other
            /// forms out of the tables that the library creates.
            $type: DateTime<$duration>, $form,
            |instant| {
                let to: fn(&Self) -> (i64, u32) = $to;
                let (seconds, nanos) = to(instant);
                $crate::column::date_text::DateTime::from_unix(seconds, nanos)
            },
            |stored| {
                let from: fn(i64, u32) -> Option<Self> = $from;
                from(stored.unix_seconds(), stored.time.nanos)
            }
        }

        impl $crate::column::UnixTime for $type {
            type Duration = $duration;

            fn to_unix_seconds(&self) -> i64 {
                let to: fn(&Self) -> (i64, u32) = $to;
                to(self).0
            }

            fn from_unix_seconds(seconds: i64) -> Option<Self> {
                let from: fn(i64, u32) -> Option<Self> = $from;
                from(seconds, 0)
            }
        }

        /// In UTC, to the nanosecond. A time out of the range of the type becomes its first or last instant.
        impl $crate::column::Timestamp for $type {
            fn from_system_time(time: ::std::time::SystemTime) -> Self {
                let from: fn(i64, u32) -> Option<Self> = $from;
                let (seconds, nanos) = $crate::column::timestamp::unix_parts(time);
                from(seconds, nanos).unwrap_or(if seconds < 0 { $first } else { $last })
            }
        }
    };
}

/// A type of durations, given the nanoseconds of one, and the one of seconds and the nanoseconds beside them, both with one sign.
macro_rules! duration_column {
    ($type:ty, $to:expr, $from:expr $(,)?) => {
        /// Stored as text, the number of seconds without needless zeros, `90` or `-0.5`, with up to nine digits after the point. The
        /// collating sequence `duration` compares and sorts the text by value. Read are whole and floating-point numbers of seconds
        /// too. A `CHECK` keeps other forms out of the tables that the library creates.
        impl $crate::column::ColumnType for $type {
            type Inner = Self;
            type Kind = $crate::column::kind::Duration<Self>;
            const STORAGE: $crate::value::Storage = $crate::value::Storage::Text;
            const COLLATION: Option<&'static str> = Some($crate::column::duration::COLLATION);
            const CANONICAL: Option<&'static str> = Some($crate::column::duration::CANONICAL);
            const EXPECTED: &'static str = $crate::column::duration::EXPECTED;
            const STORED_AS: Option<&'static str> = Some($crate::column::duration::STORED_AS);

            fn check(column: &str) -> Option<String> {
                Some($crate::column::duration::check(column))
            }

            fn encode(&self) -> Result<$crate::value::Encoded<'_>, $crate::value::EncodeError> {
                let nanos = $crate::column::AnyDuration::in_nanoseconds(self);
                Ok($crate::value::Encoded::Text($crate::column::duration::write(nanos).into()))
            }

            fn decode(value: $crate::value::ValueRef<'_>) -> Result<Self, $crate::value::DecodeError> {
                let from: fn(i64, i32) -> Option<Self> = $from;
                let (seconds, nanos) = $crate::column::duration::parts($crate::column::duration::read(value)?);
                let fits = i64::try_from(seconds).ok().and_then(|seconds| from(seconds, nanos));
                fits.ok_or_else(|| $crate::value::DecodeError::because("it is out of the range of the field's type"))
            }
        }

        impl $crate::column::AnyDuration for $type {
            fn in_nanoseconds(&self) -> i128 {
                let to: fn(&Self) -> i128 = $to;
                to(self)
            }
        }
    };
}

pub(crate) use {date_column, duration_column, instant_column, moment_column, text_column, time_column};
