//! Values that say their type by themselves.

use super::{ColumnType, Json, Jsonb, Unix, UnixTime};

/// Column types whose values can begin an expression, where no column says their type: `b.pages + 1`,
/// `case_when(b.pages.gt(400), "long")`.
///
/// Of the integers only `i64` is one, of the floating-point numbers only `f64`: so `1` and `1.5` need no suffix. The
/// derive of [`ColumnType`](macro@crate::ColumnType) gives it to enums and newtypes; for a column type that is
/// implemented by hand write `impl sqliter::bounds::Literal for Colour {}`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a value in a query",
    label = "expected a column, what is computed from columns, or a value",
    note = "numbers are `i64` and `f64` here, and others are converted: `i64::from(n)`, `i64::try_from(n)?`, `f64::from(x)`",
    note = "a column type that is implemented by hand needs `impl sqliter::bounds::Literal for …`, which the derive writes by itself"
)]
pub trait Literal: ColumnType {}

macro_rules! literals {
    ($($type:ty),* $(,)?) => {$(
        #[diagnostic::do_not_recommend]
        impl Literal for $type {}
    )*};
}

literals!(bool, i64, f64, String, Vec<u8>);

#[cfg(feature = "chrono")]
literals!(
    chrono::TimeDelta,
    chrono::NaiveDate,
    chrono::NaiveTime,
    chrono::NaiveDateTime,
    chrono::DateTime<chrono::Utc>,
    chrono::DateTime<chrono::FixedOffset>,
);
#[cfg(feature = "time")]
literals!(time::Duration, time::Date, time::Time, time::PrimitiveDateTime, time::OffsetDateTime);
#[cfg(feature = "jiff")]
literals!(jiff::SignedDuration, jiff::civil::Date, jiff::civil::Time, jiff::civil::DateTime, jiff::Timestamp);
#[cfg(feature = "uuid")]
literals!(uuid::Uuid);
#[cfg(feature = "rust_decimal")]
literals!(rust_decimal::Decimal);

#[diagnostic::do_not_recommend]
impl<T: ColumnType<Inner = T> + Literal> Literal for Option<T> {}

#[diagnostic::do_not_recommend]
impl<T> Literal for Json<T> where Self: ColumnType {}
impl<T> Literal for Jsonb<T> where Self: ColumnType {}

#[diagnostic::do_not_recommend]
impl<T: UnixTime> Literal for Unix<T> {}
