//! A number that tells values of one type apart by what they give to serde.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};

use serde::ser::{self, Serialize, Serializer};

/// A value inside more lists, maps and structs than this is not read back by serde_json.
const MOST_LEVELS: u8 = 127;

/// The same number for values that serde is given the same of. The order of elements and entries does not count: sets and
/// hash maps have another each time.
pub(super) fn fingerprint<T: Serialize>(value: &T) -> Result<u64, Unfit> {
    value.serialize(Fingerprint { levels: 0, only_finite: false })
}

/// Whether JSON has a form for the value: it has none for NaN and infinities, and for what is too deep.
pub(super) fn has_json<T: Serialize + ?Sized>(value: &T) -> Result<(), Unfit> {
    value.serialize(Fingerprint { levels: 0, only_finite: true }).map(|_| ())
}

/// Why a value has no number.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unfit {
    #[error("it is nested deeper than {MOST_LEVELS} levels, which is as deep as JSON is read back")]
    TooDeep,
    #[error("NaN and infinities have none")]
    NotFinite,
    #[error("{0}")]
    Other(String),
}

impl ser::Error for Unfit {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::Other(message.to_string())
    }
}

/// Puts two numbers together; what they were counts, and so does their order.
const fn mix(first: u64, second: u64) -> u64 {
    let mut mixed = first.rotate_left(23) ^ second.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
    (mixed ^ (mixed >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93)
}

fn hash(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

#[derive(Clone, Copy)]
struct Fingerprint {
    levels: u8,
    /// Whether NaN and infinities are an error.
    only_finite: bool,
}

impl Fingerprint {
    fn parts(self) -> Result<Parts, Unfit> {
        if self.levels == MOST_LEVELS {
            return Err(Unfit::TooDeep);
        }
        Ok(Parts { inside: Self { levels: self.levels + 1, ..self }, sum: 1, key: 0 })
    }

    fn variant(self, variant: &'static str) -> Result<Parts, Unfit> {
        let mut parts = self.parts()?;
        parts.sum = hash(variant);
        Ok(parts)
    }
}

/// A list, map, struct or variant of which some parts were seen.
struct Parts {
    inside: Fingerprint,
    sum: u64,
    /// The key that waits for its value.
    key: u64,
}

impl Parts {
    fn part<T: Serialize + ?Sized>(&mut self, name: u64, value: &T) -> Result<(), Unfit> {
        let value = value.serialize(self.inside)?;
        self.sum = self.sum.wrapping_add(mix(name, value));
        Ok(())
    }
}

macro_rules! scalars {
    ($($method:ident: $type:ty => $name:literal, $number:expr;)*) => {$(
        fn $method(self, value: $type) -> Result<u64, Unfit> {
            let number: fn($type) -> u64 = $number;
            Ok(mix($name, number(value)))
        }
    )*};
}

impl Serializer for Fingerprint {
    type Ok = u64;
    type Error = Unfit;
    type SerializeSeq = Parts;
    type SerializeTuple = Parts;
    type SerializeTupleStruct = Parts;
    type SerializeTupleVariant = Parts;
    type SerializeMap = Parts;
    type SerializeStruct = Parts;
    type SerializeStructVariant = Parts;

    scalars! {
        serialize_bool: bool => 2, u64::from;
        serialize_i8: i8 => 3, |value| value as u64;
        serialize_i16: i16 => 4, |value| value as u64;
        serialize_i32: i32 => 5, |value| value as u64;
        serialize_i64: i64 => 6, |value| value as u64;
        serialize_i128: i128 => 7, hash;
        serialize_u8: u8 => 8, u64::from;
        serialize_u16: u16 => 9, u64::from;
        serialize_u32: u32 => 10, u64::from;
        serialize_u64: u64 => 11, |value| value;
        serialize_u128: u128 => 12, hash;
        serialize_char: char => 15, |value| u32::from(value).into();
    }

    fn serialize_f32(self, value: f32) -> Result<u64, Unfit> {
        if self.only_finite && !value.is_finite() { Err(Unfit::NotFinite) } else { Ok(mix(13, value.to_bits().into())) }
    }

    fn serialize_f64(self, value: f64) -> Result<u64, Unfit> {
        if self.only_finite && !value.is_finite() { Err(Unfit::NotFinite) } else { Ok(mix(14, value.to_bits())) }
    }

    fn serialize_str(self, value: &str) -> Result<u64, Unfit> {
        Ok(mix(16, hash(value)))
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<u64, Unfit> {
        Ok(mix(17, hash(value)))
    }

    fn serialize_none(self) -> Result<u64, Unfit> {
        Ok(mix(18, 0))
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<u64, Unfit> {
        Ok(mix(19, value.serialize(self)?))
    }

    fn serialize_unit(self) -> Result<u64, Unfit> {
        Ok(mix(20, 0))
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<u64, Unfit> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<u64, Unfit> {
        Ok(mix(21, hash(variant)))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<u64, Unfit> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<u64, Unfit> {
        let mut parts = self.variant(variant)?;
        parts.part(22, value)?;
        Ok(parts.sum)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Parts, Unfit> {
        self.parts()
    }

    fn serialize_tuple(self, _: usize) -> Result<Parts, Unfit> {
        self.parts()
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Parts, Unfit> {
        self.parts()
    }

    fn serialize_tuple_variant(self, _: &'static str, _: u32, variant: &'static str, _: usize) -> Result<Parts, Unfit> {
        self.variant(variant)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Parts, Unfit> {
        self.parts()
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Parts, Unfit> {
        self.parts()
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Parts, Unfit> {
        self.variant(variant)
    }
}

macro_rules! elements {
    ($($trait:ident::$method:ident),*) => {$(
        impl ser::$trait for Parts {
            type Ok = u64;
            type Error = Unfit;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unfit> {
                self.part(23, value)
            }

            fn end(self) -> Result<u64, Unfit> {
                Ok(mix(24, self.sum))
            }
        }
    )*};
}

elements!(
    SerializeSeq::serialize_element,
    SerializeTuple::serialize_element,
    SerializeTupleStruct::serialize_field,
    SerializeTupleVariant::serialize_field
);

macro_rules! fields {
    ($($trait:ident),*) => {$(
        impl ser::$trait for Parts {
            type Ok = u64;
            type Error = Unfit;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Unfit> {
                self.part(hash(name), value)
            }

            fn end(self) -> Result<u64, Unfit> {
                Ok(mix(25, self.sum))
            }
        }
    )*};
}

fields!(SerializeStruct, SerializeStructVariant);

impl ser::SerializeMap for Parts {
    type Ok = u64;
    type Error = Unfit;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Unfit> {
        self.key = key.serialize(self.inside)?;
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unfit> {
        self.part(self.key, value)
    }

    fn end(self) -> Result<u64, Unfit> {
        Ok(mix(26, self.sum))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashMap, HashSet};

    use serde::Serialize;

    use super::*;

    #[test]
    fn what_json_does_not_tell_apart_is_told_apart() {
        #[derive(Serialize)]
        #[serde(untagged)]
        enum Number {
            Small(u8),
            Large(u64),
        }
        assert_ne!(fingerprint(&Some(Some(1))), fingerprint(&Some(None::<i32>)));
        assert_ne!(fingerprint(&Some(None::<i32>)), fingerprint(&None::<Option<i32>>));
        assert_ne!(fingerprint(&Some(())), fingerprint(&None::<()>));
        assert_ne!(fingerprint(&Some(f64::INFINITY)), fingerprint(&None::<f64>));
        assert_ne!(fingerprint(&0.0), fingerprint(&-0.0));
        assert_ne!(fingerprint(&Number::Small(5)), fingerprint(&Number::Large(5)));
        assert_ne!(fingerprint(&vec![1, 2]), fingerprint(&vec![1, 3]));
        assert_ne!(fingerprint(&BTreeMap::from([(1, 2), (2, 1)])), fingerprint(&BTreeMap::from([(1, 1), (2, 2)])));
    }

    #[test]
    fn the_order_of_sets_and_maps_does_not_count() {
        let set: HashSet<u32> = (0..1000).collect();
        let map: HashMap<String, u32> = (0..1000).map(|i| (i.to_string(), i)).collect();
        let (again, map_again) = (set.iter().copied().collect::<HashSet<_>>(), map.clone().into_iter().collect());
        assert_eq!(fingerprint(&set), fingerprint(&again));
        assert_eq!(fingerprint::<HashMap<_, _>>(&map), fingerprint::<HashMap<_, _>>(&map_again));
    }

    #[test]
    fn depth_has_an_end() {
        let nested = |levels| (0..levels).fold(serde_json::json!(1), |inner, _| serde_json::json!([inner]));
        assert!(fingerprint(&nested(127)).is_ok());
        assert_eq!(fingerprint(&nested(128)), Err(Unfit::TooDeep));
        assert!(serde_json::from_str::<serde_json::Value>(&nested(127).to_string()).is_ok());
        assert!(serde_json::from_str::<serde_json::Value>(&nested(128).to_string()).is_err());
    }
}
