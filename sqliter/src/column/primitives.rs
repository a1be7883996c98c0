//! `bool`, floating-point numbers, text and bytes.

use std::borrow::Cow;

use super::{ColumnType, kind};
use crate::value::{DecodeError, EncodeError, Encoded, Storage, ValueRef};

/// Stored as 0 or 1, which a `CHECK` constraint enforces.
impl ColumnType for bool {
    type Inner = Self;
    type Kind = kind::Boolean;
    const STORAGE: Storage = Storage::Integer;
    const EXPECTED: &'static str = "a boolean, 0 or 1";

    fn check(column: &str) -> Option<String> {
        Some(format!("{column} IN (0, 1)"))
    }

    fn encode(&self) -> Result<Encoded<'_>, EncodeError> {
        Ok(Encoded::Integer(i64::from(*self)))
    }

    #[inline]
    fn decode(value: ValueRef<'_>) -> Result<Self, DecodeError> {
        match value {
            ValueRef::Integer(0) | ValueRef::Text("0") => Ok(false),
            ValueRef::Integer(1) | ValueRef::Text("1") => Ok(true),
            _ => Err(DecodeError::unfit()),
        }
    }
}

fn encode_real(value: f64) -> Result<Encoded<'static>, EncodeError> {
    if value.is_nan() {
        return Err(EncodeError::new("NaN cannot be stored: SQLite would store NULL instead"));
    }
    Ok(Encoded::Real(value))
}

/// The integers up to which every one has an exact `f64`.
const EXACT: i64 = 1 << f64::MANTISSA_DIGITS;

impl ColumnType for f64 {
    type Inner = Self;
    type Kind = kind::Real;
    const STORAGE: Storage = Storage::Real;
    const EXPECTED: &'static str = "a floating-point number";

    fn encode(&self) -> Result<Encoded<'_>, EncodeError> {
        encode_real(*self)
    }

    /// Takes exact integers and decimal text too, which tables without STRICT may hold.
    #[inline]
    fn decode(value: ValueRef<'_>) -> Result<Self, DecodeError> {
        match value {
            ValueRef::Real(r) => Ok(r),
            ValueRef::Integer(i) if (-EXACT..=EXACT).contains(&i) => Ok(i as Self),
            ValueRef::Text(t) => match t.parse::<Self>() {
                Ok(r) if r.is_finite() => Ok(r),
                _ => Err(DecodeError::unfit()),
            },
            _ => Err(DecodeError::unfit()),
        }
    }
}

/// Stored as a 64-bit number, which holds every `f32` exactly; a stored number that is no `f32` is rounded to one, and
/// so is what an update computes. A `CHECK` refuses finite numbers that are beyond its range.
impl ColumnType for f32 {
    type Inner = Self;
    type Kind = kind::Real;
    const STORAGE: Storage = Storage::Real;
    const EXPECTED: &'static str = "a floating-point number in the range of f32";
    const STORED_AS: Option<&'static str> = Some("in the range of f32");
    const CHECKED_BY: Option<&'static str> = Some("checked_f32");

    /// The first number is the least that is rounded to infinity.
    fn check(column: &str) -> Option<String> {
        Some(format!("abs({column}) NOT BETWEEN 3.4028235677973366e38 AND 1.7976931348623157e308"))
    }

    fn encode(&self) -> Result<Encoded<'_>, EncodeError> {
        encode_real(f64::from(*self))
    }

    #[inline]
    fn decode(value: ValueRef<'_>) -> Result<Self, DecodeError> {
        let wide = f64::decode(value)?;
        let narrow = wide as Self;
        if narrow.is_infinite() && wide.is_finite() {
            return Err(DecodeError::unfit());
        }
        Ok(narrow)
    }
}

impl ColumnType for String {
    type Inner = Self;
    type Kind = kind::Text;
    const STORAGE: Storage = Storage::Text;
    const EXPECTED: &'static str = "text";

    fn encode(&self) -> Result<Encoded<'_>, EncodeError> {
        Ok(Encoded::Text(Cow::Borrowed(self)))
    }

    #[inline]
    fn decode(value: ValueRef<'_>) -> Result<Self, DecodeError> {
        match value {
            ValueRef::Text(t) => Ok(t.to_owned()),
            _ => Err(DecodeError::unfit()),
        }
    }
}

impl ColumnType for Vec<u8> {
    type Inner = Self;
    type Kind = kind::Blob;
    const STORAGE: Storage = Storage::Blob;
    const EXPECTED: &'static str = "a blob";

    fn encode(&self) -> Result<Encoded<'_>, EncodeError> {
        Ok(Encoded::Blob(Cow::Borrowed(self)))
    }

    #[inline]
    fn decode(value: ValueRef<'_>) -> Result<Self, DecodeError> {
        match value {
            ValueRef::Blob(b) => Ok(b.to_owned()),
            _ => Err(DecodeError::unfit()),
        }
    }
}
