//! `Uuid`.

use uuid::Uuid;

use super::{ColumnType, kind};
use crate::value::{DecodeError, EncodeError, Encoded, Storage, ValueRef};

/// Stored as text, 36 characters in lower case with hyphens: readable, and the order of the text is the order of the
/// values, which for version 7 is the order in time. A `CHECK` keeps other forms out of the tables that the library
/// creates. sqlx binds a `Uuid` as a blob; bind `uuid.hyphenated()` there.
///
/// Read are all text forms that `uuid` parses (either case, without hyphens, in braces, as a URN) and blobs of 16
/// bytes, so tables of other programs may hold any of these: their columns are compared by value.
impl ColumnType for Uuid {
    type Inner = Self;
    type Kind = kind::Identity;
    const STORAGE: Storage = Storage::Text;
    const CANONICAL: Option<&'static str> = Some("canonical_uuid");
    const EXPECTED: &'static str = "a UUID, as text or as a blob of 16 bytes";
    const IN_REQUESTS: &'static str = "a UUID";
    const STORED_AS: Option<&'static str> = Some("a UUID in lower case with hyphens");

    /// `GLOB` stops at a character NUL, the length in bytes does not.
    fn check(column: &str) -> Option<String> {
        let groups = [8, 4, 4, 4, 12].map(|digits| "[0-9a-f]".repeat(digits)).join("-");
        Some(format!("{column} GLOB '{groups}' AND length(CAST({column} AS BLOB)) = 36"))
    }

    fn encode(&self) -> Result<Encoded<'_>, EncodeError> {
        let mut buffer = Self::encode_buffer();
        let text: &str = self.hyphenated().encode_lower(&mut buffer);
        Ok(Encoded::Text(text.to_owned().into()))
    }

    fn decode(value: ValueRef<'_>) -> Result<Self, DecodeError> {
        match value {
            ValueRef::Text(text) => Self::parse_str(text).map_err(|error| DecodeError::because(error.to_string())),
            ValueRef::Blob(bytes) => Self::from_slice(bytes).map_err(|error| DecodeError::because(error.to_string())),
            _ => Err(DecodeError::unfit()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BYTES: [u8; 16] = [1, 144, 0, 0, 0, 0, 0x7a, 0xbc, 0x8d, 0xef, 0, 0, 0, 0, 0, 255];
    const TEXT: &str = "01900000-0000-7abc-8def-0000000000ff";

    #[test]
    fn stored_in_lower_case_with_hyphens() {
        assert_eq!(Uuid::from_bytes(BYTES).encode(), Ok(Encoded::Text(TEXT.into())));
    }

    #[test]
    fn every_usual_form_is_read() {
        let upper = TEXT.to_uppercase();
        let simple = TEXT.replace('-', "");
        for text in [TEXT, &upper, &simple, &format!("{{{TEXT}}}"), &format!("urn:uuid:{TEXT}")] {
            assert_eq!(Uuid::decode(ValueRef::Text(text)), Ok(Uuid::from_bytes(BYTES)), "{text}");
        }
        assert_eq!(Uuid::decode(ValueRef::Blob(&BYTES)), Ok(Uuid::from_bytes(BYTES)));
    }

    #[test]
    fn anything_else_is_an_error() {
        for value in [ValueRef::Text(""), ValueRef::Text(&TEXT[1..]), ValueRef::Blob(&BYTES[1..]), ValueRef::Integer(1)]
        {
            assert!(Uuid::decode(value).is_err(), "{value:?}");
        }
    }
}
