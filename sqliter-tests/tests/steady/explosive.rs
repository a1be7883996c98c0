//! A type of a column that panics.
#![allow(unreachable_pub, reason = "each test program uses a part")]

use sqliter::ColumnType;
use sqliter::types::ValueRef;
use sqliter::types::{DecodeError, EncodeError, Encoded, Storage, kind};

/// Panics when it is written as a negative number, and when it is read as 13.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Explosive(pub i64);

impl ColumnType for Explosive {
    type Inner = Self;
    type Kind = kind::Integer;
    const STORAGE: Storage = Storage::Integer;
    const EXPECTED: &'static str = "a number that does not explode";

    fn encode(&self) -> Result<Encoded<'_>, EncodeError> {
        assert!(self.0 >= 0, "exploded while it was written");
        Ok(Encoded::Integer(self.0))
    }

    fn decode(value: ValueRef<'_>) -> Result<Self, DecodeError> {
        let number = i64::decode(value)?;
        assert!(number != 13, "exploded while it was read");
        Ok(Self(number))
    }
}
