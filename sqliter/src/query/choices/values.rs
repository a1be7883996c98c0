//! The values of a parameter, as serde reads them.

use std::fmt::{self, Display};

use serde::de::value::{SeqDeserializer, StrDeserializer};
use serde::de::{self, Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

/// Why a value cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Misread {
    pub(super) reason: String,
    /// What could be written instead.
    pub(super) allowed: Vec<String>,
    /// Whether the reason is in the words of the type that was read.
    pub(super) in_words_of_type: bool,
}

impl Misread {
    pub(super) fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), allowed: Vec::new(), in_words_of_type: false }
    }

    fn one_of(allowed: &[&str]) -> Self {
        let reason = format!("must be one of {}", allowed.join(", "));
        Self { allowed: allowed.iter().map(|&name| name.to_owned()).collect(), ..Self::new(reason) }
    }

    /// Of one value of a list.
    fn of(self, part: &str) -> Self {
        Self { reason: format!("{part} {}", self.reason), ..self }
    }
}

impl Display for Misread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for Misread {}

impl de::Error for Misread {
    fn custom<T: Display>(message: T) -> Self {
        Self { in_words_of_type: true, ..Self::new(message.to_string()) }
    }

    fn invalid_type(_: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::new(format!("must be {expected}"))
    }

    fn invalid_value(_: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::new(format!("must be {expected}"))
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self::one_of(expected)
    }
}

/// All values that a request gives a parameter: several where it comes several times. A list is written with commas, or by
/// several of them.
#[derive(Clone, Copy)]
pub(super) struct Values<'v>(pub(super) &'v [String]);

impl<'v> Values<'v> {
    fn single(self) -> Result<Single<'v>, Misread> {
        match self.0 {
            [text] => Ok(Single { text, in_list: false }),
            _ => Err(Misread::new("comes more than once, and takes one value")),
        }
    }
}

/// The methods of a deserializer that read a single value.
macro_rules! through_single {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misread> {
            self.single()?.$method(visitor)
        }
    )*};
}

impl<'de> Deserializer<'de> for Values<'_> {
    type Error = Misread;

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misread> {
        let parts = self.0.iter().flat_map(|value| value.split(',')).map(str::trim).filter(|part| !part.is_empty());
        visitor.visit_seq(SeqDeserializer::new(parts.map(|text| Single { text, in_list: true })))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misread> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Misread> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misread> {
        self.single()?.deserialize_enum(name, variants, visitor)
    }

    through_single! {
        deserialize_any deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_i128 deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
        deserialize_f32 deserialize_f64
    }

    forward_to_deserialize_any! {
        char str string bytes byte_buf unit unit_struct tuple tuple_struct map struct identifier ignored_any
    }
}

/// One value.
#[derive(Clone, Copy)]
struct Single<'v> {
    text: &'v str,
    in_list: bool,
}

impl<'v> IntoDeserializer<'_, Misread> for Single<'v> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl Single<'_> {
    /// The error, of a list with the value that it is about.
    fn named<T>(self, read: Result<T, Misread>) -> Result<T, Misread> {
        if self.in_list { read.map_err(|misread| misread.of(self.text)) } else { read }
    }
}

/// The methods of a deserializer that read a number.
macro_rules! numbers {
    ($($method:ident: $number:ty => $visit:ident, $reason:expr;)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misread> {
            // NaN, which is no number, does not compare with itself.
            let number = self.text.parse::<$number>().ok().filter(|number| number.partial_cmp(number).is_some());
            self.named(match number {
                Some(number) => visitor.$visit(number),
                None => Err(Misread::new($reason)),
            })
        }
    )*};
    ($($method:ident: $number:ident => $visit:ident;)*) => {
        numbers! {$(
            $method: $number => $visit, format!("must be a whole number from {} to {}", $number::MIN, $number::MAX);
        )*}
    };
}

impl<'de> Deserializer<'de> for Single<'_> {
    type Error = Misread;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misread> {
        self.named(visitor.visit_str(self.text))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misread> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Misread> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misread> {
        self.named(visitor.visit_enum(StrDeserializer::new(self.text)))
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misread> {
        self.named(match self.text {
            "true" | "1" => visitor.visit_bool(true),
            "false" | "0" => visitor.visit_bool(false),
            _ => Err(Misread::one_of(&["true", "false"])),
        })
    }

    numbers! {
        deserialize_i8: i8 => visit_i8;
        deserialize_i16: i16 => visit_i16;
        deserialize_i32: i32 => visit_i32;
        deserialize_i64: i64 => visit_i64;
        deserialize_i128: i128 => visit_i128;
        deserialize_u8: u8 => visit_u8;
        deserialize_u16: u16 => visit_u16;
        deserialize_u32: u32 => visit_u32;
        deserialize_u64: u64 => visit_u64;
        deserialize_u128: u128 => visit_u128;
    }

    numbers! {
        deserialize_f32: f32 => visit_f32, "must be a number";
        deserialize_f64: f64 => visit_f64, "must be a number";
    }

    forward_to_deserialize_any! {
        char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}
