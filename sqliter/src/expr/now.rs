//! The present time in a query.

use std::ops::{Add, Sub};
use std::time::{Duration, SystemTime};

use super::arithmetic::{Difference, Either, SubtractsFrom, calculated};
use super::{Column, Computed, Term};
use crate::column::{AnyDuration, ColumnType, Nullability, NullabilityOf, Required, Timestamp};
use crate::model::Path;
use crate::sql::ast::{Arithmetic, Expr};
use crate::value::EncodeError;

/// The time of this call, as a value of whatever column it is compared with or set into.
///
/// It takes the form that the column has: an instant of chrono, time or jiff to the nanosecond in UTC, `Unix<…>` and `i64` in whole
/// seconds since 1970. So it is a bound value, which an index serves, and a query that runs later keeps the time at which
/// `now()` was called. A duration of any crate is added to it or taken from it, and the time since a moment is
/// `now() - i.created_at`.
///
/// ```
/// use sqliter::prelude::*;
/// use std::time::Duration;
///
/// #[derive(Debug, Clone, PartialEq, Model)]
/// struct Login {
///     pk: Key<Login>,
///     expires: i64, // Unix seconds
/// }
///
/// # #[tokio::main]
/// # async fn main() -> sqliter::Result<()> {
/// # let db = Db::memory().await?;
/// # db.create_table::<Login>().await?;
/// db.insert(Login::builder().expires(1_000_000_000)).await?;
/// let ended = db.select::<Login>().filter(|l| l.expires.lt(now() - Duration::from_secs(60)));
/// assert_eq!(ended.update(|l| l.expires.set(now() + Duration::from_secs(3600))).await?, 1);
/// assert_eq!(db.select::<Login>().filter(|l| l.expires.lt(now())).count().await?, 0);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// A sum outside the years 0000 to 9999 is [`Error::Encode`](crate::Error::Encode) when the query is about to run.
pub fn now() -> Now {
    Now { time: Some(SystemTime::now()) }
}

/// The present time, or one at some distance from it; from [`now`].
#[derive(Debug, Clone, Copy)]
#[must_use = "a value does nothing until something is compared with it"]
pub struct Now {
    /// `None` where the system knows no such time.
    time: Option<SystemTime>,
}

impl Now {
    fn later(self, nanos: i128) -> Self {
        let seconds = u64::try_from(nanos.unsigned_abs() / 1_000_000_000).unwrap_or(u64::MAX);
        let by = Duration::new(seconds, (nanos.unsigned_abs() % 1_000_000_000) as u32);
        let time = self.time.and_then(|time| if nanos < 0 { time.checked_sub(by) } else { time.checked_add(by) });
        Self { time }
    }

    fn as_value_of<T: Timestamp>(self, place: &'static str) -> Expr {
        let far = || EncodeError::new("the time is outside the years 0000 to 9999, the years of SQLite's dates");
        let time = self.time.ok_or_else(far);
        Expr::value(time.and_then(|time| Ok(T::from_system_time(time).encode()?.into_value())), place)
    }
}

#[diagnostic::do_not_recommend]
impl<T: Timestamp> Term<T> for Now {
    type Root<M> = M;
    type Level<L> = L;
    type Inner = T::Inner;
    type Nullability = Required;

    fn into_expr(self, place: &'static str) -> Expr {
        self.as_value_of::<T>(place)
    }
}

/// A later time.
impl<D: AnyDuration> Add<D> for Now {
    type Output = Self;

    fn add(self, duration: D) -> Self {
        self.later(duration.in_nanoseconds())
    }
}

/// An earlier time.
impl<D: AnyDuration> Sub<D> for Now {
    type Output = Self;

    fn sub(self, duration: D) -> Self {
        self.later(duration.in_nanoseconds().saturating_neg())
    }
}

/// The time since the moment: a duration; of a column of Unix seconds their number.
impl<P: Path, T: ColumnType<Inner: Timestamp + SubtractsFrom<T::Inner>>> Sub<Column<P, T>> for Now {
    type Output = Computed<
        P::Root,
        Either<Difference<T::Inner, T::Inner>, <P::Nullability as Nullability>::And<NullabilityOf<T>>, Required>,
    >;

    fn sub(self, moment: Column<P, T>) -> Self::Output {
        let now = self.as_value_of::<T::Inner>(moment.place());
        Computed::new(calculated::<T::Inner, T::Inner>(now, Arithmetic::Subtract, moment.expr()))
    }
}
