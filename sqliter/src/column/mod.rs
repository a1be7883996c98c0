//! The Rust types that fit a column.
//!
//! A [`ColumnType`] turns a Rust value into a [`Value`](crate::Value) and back; a [`Codec`] is the same as plain data.

mod any;
mod codec;
mod column_info;
mod column_type;
pub(crate) mod date_text;
pub(crate) mod duration;
mod fingerprint;
mod integers;
mod into_value;
mod json;
mod jsonb;
mod jsonb_form;
pub mod kind;
mod literal;
mod nullability;
mod primitives;
pub(crate) mod timestamp;
mod unix;

#[cfg(feature = "chrono")]
mod chrono;
#[cfg(feature = "jiff")]
mod jiff;
#[cfg(feature = "rust_decimal")]
mod rust_decimal;
#[cfg(feature = "time")]
mod time;
#[cfg(feature = "uuid")]
mod uuid;

pub use any::Any;
pub use codec::{Clock, Codec, Collates, FitsColumn, FitsTimestamp, clock, codec, collated};
pub use column_type::{ColumnType, one_of};
pub use into_value::IntoValue;
pub use json::Json;
pub(crate) use json::json_text;
pub use jsonb::Jsonb;
pub(crate) use jsonb_form::to_text as text_of_jsonb;
pub use literal::Literal;
pub use nullability::{HasNullability, Nullability, NullabilityOf, Nullable, Required};
#[cfg(feature = "rust_decimal")]
pub(crate) use rust_decimal::compare as compare_decimals;
pub use timestamp::{AnyDuration, Timestamp};
pub use unix::{Unix, UnixTime};
