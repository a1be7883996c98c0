//! Schemas of the library's types in JSON Schema, by schemars.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::{Problem, ProblemField};
use crate::column::{Json, Jsonb, Unix};
use crate::model::{Key, Model};
use crate::query::{Cursor, Page};

/// What is to serde as what it holds has the same schema.
macro_rules! as_inside {
    ($($(#[$doc:meta])* [$($generics:tt)*] $type:ty => $inside:ty;)*) => {$(
        $(#[$doc])*
        impl<$($generics)*> JsonSchema for $type
        where
            $inside: JsonSchema,
        {
            fn inline_schema() -> bool {
                <$inside>::inline_schema()
            }

            fn schema_name() -> Cow<'static, str> {
                <$inside>::schema_name()
            }

            fn schema_id() -> Cow<'static, str> {
                <$inside>::schema_id()
            }

            fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                <$inside>::json_schema(generator)
            }
        }
    )*};
}

as_inside! {
    /// As the value of the key: a model with an integer key has an integer.
    [M: Model] Key<M> => M::RawKey;
    /// As the value inside.
    [T] Json<T> => T;
    /// As the value inside.
    [T] Jsonb<T> => T;
    /// As the date or the instant inside.
    [T] Unix<T> => T;
}

impl JsonSchema for Cursor {
    fn schema_name() -> Cow<'static, str> {
        Cow::Borrowed("Cursor")
    }

    fn schema_id() -> Cow<'static, str> {
        Cow::Borrowed("sqliter::Cursor")
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "Where a page begins or ends: give it back as it is, as the parameter after or before",
        })
    }
}

impl<T: JsonSchema> JsonSchema for Page<T> {
    fn schema_name() -> Cow<'static, str> {
        Cow::Owned(format!("Page_{}", T::schema_name()))
    }

    fn schema_id() -> Cow<'static, str> {
        Cow::Owned(format!("sqliter::Page<{}>", T::schema_id()))
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let rows = generator.subschema_for::<Vec<T>>();
        json_schema!({
            "type": "object",
            "properties": {
                "rows": rows,
                "next": {
                    "type": ["string", "null"],
                    "description": "Where the next page begins: the parameter after of its request; null on the last page",
                },
                "previous": {
                    "type": ["string", "null"],
                    "description": "Where the previous page ends: the parameter before of its request; null on the first page",
                },
                "total": {
                    "type": "integer",
                    "format": "uint64",
                    "minimum": 0,
                    "description": "How many rows all pages have together, where that was asked for",
                },
            },
            "required": ["rows", "next", "previous"],
        })
    }
}

impl JsonSchema for Problem {
    fn schema_name() -> Cow<'static, str> {
        Cow::Borrowed("Problem")
    }

    fn schema_id() -> Cow<'static, str> {
        Cow::Borrowed("sqliter::web::Problem")
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let errors = generator.subschema_for::<Vec<ProblemField>>();
        json_schema!({
            "type": "object",
            "description": "What went wrong, as RFC 9457 has it",
            "properties": {
                "title": { "type": "string", "description": "What the status means, such as Not Found" },
                "status": { "type": "integer", "format": "uint16", "description": "The status of the response" },
                "detail": { "type": "string", "description": "What is wrong with this request" },
                "errors": errors,
            },
            "required": ["title", "status", "detail"],
        })
    }
}

impl JsonSchema for ProblemField {
    fn schema_name() -> Cow<'static, str> {
        Cow::Borrowed("ProblemField")
    }

    fn schema_id() -> Cow<'static, str> {
        Cow::Borrowed("sqliter::web::ProblemField")
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "properties": {
                "name": { "type": "string", "description": "The field or the parameter of the request" },
                "detail": { "type": "string", "description": "What is wrong with it" },
                "allowed": {
                    "type": "array",
                    "items": { "type": "string" },
                    "description": "What it could be instead, where there is a choice",
                },
            },
            "required": ["name", "detail"],
        })
    }
}
