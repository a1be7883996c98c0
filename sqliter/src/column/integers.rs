//! The integers. All are stored as SQLite's signed 64-bit integer; out of range is an error, never a wrap.

use super::{ColumnType, kind};
use crate::value::{DecodeError, EncodeError, Encoded, Storage, ValueRef};

macro_rules! integers {
    ($($type:ident),*) => {$(
        /// Stored as an integer, whose range a `CHECK` enforces. Decimal text is read too, which tables of other programs
        /// may hold.
        impl ColumnType for $type {
            type Inner = Self;
            type Kind = kind::Integer;
            const STORAGE: Storage = Storage::Integer;
            const EXPECTED: &'static str = concat!("an integer in the range of ", stringify!($type));
            const CHECKED_BY: Option<&'static str> = Some(concat!("checked_", stringify!($type)));

            fn check(column: &str) -> Option<String> {
                let least = i64::try_from(Self::MIN).ok().filter(|least| *least != i64::MIN);
                let most = i64::try_from(Self::MAX).ok().filter(|most| *most != i64::MAX);
                match (least, most) {
                    (Some(least), Some(most)) => Some(format!("{column} BETWEEN {least} AND {most}")),
                    (Some(least), None) => Some(format!("{column} >= {least}")),
                    (None, Some(most)) => Some(format!("{column} <= {most}")),
                    (None, None) => None,
                }
            }

            fn encode(&self) -> Result<Encoded<'_>, EncodeError> {
                match i64::try_from(*self) {
                    Ok(integer) => Ok(Encoded::Integer(integer)),
                    Err(_) => Err(EncodeError::new(format!(
                        "{self} is above {}, the largest integer of SQLite",
                        i64::MAX
                    ))),
                }
            }

            #[inline]
            fn decode(value: ValueRef<'_>) -> Result<Self, DecodeError> {
                match value {
                    ValueRef::Integer(i) => Self::try_from(i).map_err(|_| DecodeError::unfit()),
                    ValueRef::Text(t) => t.parse().map_err(|_| DecodeError::unfit()),
                    _ => Err(DecodeError::unfit()),
                }
            }
        }
    )*};
}

integers!(i8, i16, i32, i64, isize, u8, u16, u32, u64, usize);
