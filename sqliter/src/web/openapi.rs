//! Schemas of the library's types in OpenAPI, by utoipa.
//!
//! What `#[derive(ToSchema)]` writes for a field of a generic type calls `ComposeSchema`, so that is implemented here.

use std::any::type_name;
use std::borrow::Cow;

use utoipa::__dev::ComposeSchema;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{
    ArrayBuilder, ArrayItems, KnownFormat, ObjectBuilder, Schema, SchemaFormat, SchemaType, Type,
};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use super::{ListRequest, Problem, ProblemField};
use crate::column::{Json, Jsonb, Unix, UnixTime};
use crate::model::{Key, Model};
use crate::query::{Cursor, Page};
use crate::table::ColumnInfo;
use crate::value::Storage;

type AnySchema = RefOr<Schema>;

/// As the value of the key: a number of a model with an integer key, a text of one with a text or a UUID, an array of a key of
/// several columns. A `Key<Book>` has the name `Key_Book`, or `BookKey` by [`PlainNames`](super::PlainNames), for which utoipa needs `ToSchema` of `Book` too. Where `Book` is not to
/// derive it, the field says `#[schema(value_type = i64)]`. In `params(…)` of a path write `inline(Key<Book>)`, as utoipa adds no
/// schemas to the document for what stands there.
impl<M: Model> ComposeSchema for Key<M> {
    fn compose(_: Vec<AnySchema>) -> AnySchema {
        let mut columns = M::TABLE.key_columns().map(held_by);
        let first = columns.next().unwrap_or_default();
        let others: Vec<_> = columns.map(|column| column.build().into()).collect();
        if others.is_empty() {
            return first.into();
        }
        let all: Vec<Schema> = std::iter::once(first.build().into()).chain(others).collect();
        ArrayBuilder::new().items(ArrayItems::False).prefix_items(all).into()
    }
}

impl<M: Model> ToSchema for Key<M> {
    /// What stands before the name of the model. An alias of the type, `type BookKey = Key<Book>`, has no more than this, so that it
    /// is the same only for what is the same.
    fn name() -> Cow<'static, str> {
        let mut columns = M::TABLE.key_columns();
        let (Some(column), None) = (columns.next(), columns.next()) else {
            return Cow::Owned(format!("{}.Key", M::TABLE.name));
        };
        Cow::Borrowed(match column.storage {
            Storage::Integer => "Key",
            Storage::Real => "NumberKey",
            Storage::Text if is_uuid(column) => "UuidKey",
            Storage::Text => "TextKey",
            Storage::Blob | Storage::Any => "AnyKey",
        })
    }
}

/// What JSON has for a column of a key.
fn held_by(column: &ColumnInfo) -> ObjectBuilder {
    match column.storage {
        Storage::Integer => ObjectBuilder::new().schema_type(Type::Integer).format(known(KnownFormat::Int64)),
        Storage::Real => ObjectBuilder::new().schema_type(Type::Number).format(known(KnownFormat::Double)),
        Storage::Text if is_uuid(column) => text().format(Some(SchemaFormat::Custom("uuid".to_owned()))),
        Storage::Text => text(),
        Storage::Blob | Storage::Any => ObjectBuilder::new().schema_type(SchemaType::AnyValue),
    }
}

/// No other type has this function.
fn is_uuid(column: &ColumnInfo) -> bool {
    column.canonical == Some("canonical_uuid")
}

const fn known(format: KnownFormat) -> Option<SchemaFormat> {
    Some(SchemaFormat::KnownFormat(format))
}

/// As the value inside.
impl<T: ToSchema> ComposeSchema for Json<T> {
    fn compose(generics: Vec<AnySchema>) -> AnySchema {
        generics.into_iter().next().unwrap_or_else(T::schema)
    }
}

impl<T: ToSchema> ToSchema for Json<T> {
    fn schemas(schemas: &mut Vec<(String, AnySchema)>) {
        T::schemas(schemas);
    }
}

/// As the value inside.
impl<T: ToSchema> ComposeSchema for Jsonb<T> {
    fn compose(generics: Vec<AnySchema>) -> AnySchema {
        generics.into_iter().next().unwrap_or_else(T::schema)
    }
}

impl<T: ToSchema> ToSchema for Jsonb<T> {
    fn schemas(schemas: &mut Vec<(String, AnySchema)>) {
        T::schemas(schemas);
    }
}

/// As a text: a date, or an instant in the form of RFC 3339.
impl<T: UnixTime> ComposeSchema for Unix<T> {
    fn compose(_: Vec<AnySchema>) -> AnySchema {
        let format = if is_date::<T>() { KnownFormat::Date } else { KnownFormat::DateTime };
        ObjectBuilder::new().schema_type(Type::String).format(known(format)).into()
    }
}

impl<T: UnixTime> ToSchema for Unix<T> {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed(if is_date::<T>() { "UnixDate" } else { "Unix" })
    }
}

/// A date keeps no seconds.
fn is_date<T: UnixTime>() -> bool {
    T::from_unix_seconds(1).is_some_and(|time| time.to_unix_seconds() != 1)
}

impl PartialSchema for Cursor {
    fn schema() -> AnySchema {
        let about = "Where a page begins or ends: give it back as it is, as the parameter after or before";
        text().description(Some(about)).into()
    }
}

impl ToSchema for Cursor {}

impl<T: ToSchema> ComposeSchema for Page<T> {
    fn compose(generics: Vec<AnySchema>) -> AnySchema {
        let row = if is_named::<T>() {
            Ref::from_schema_name(T::name()).into()
        } else {
            generics.into_iter().next().unwrap_or_else(T::schema)
        };
        let cursor = |about: &str| {
            ObjectBuilder::new().schema_type(SchemaType::from_iter([Type::String, Type::Null])).description(Some(about))
        };
        let total = ObjectBuilder::new()
            .schema_type(Type::Integer)
            .format(known(KnownFormat::Int64))
            .minimum(Some(0))
            .description(Some("How many rows all pages have together, where that was asked for"));
        ObjectBuilder::new()
            .property("rows", ArrayBuilder::new().items(row))
            .property(
                "next",
                cursor("Where the next page begins: the parameter after of its request; null on the last page"),
            )
            .property(
                "previous",
                cursor("Where the previous page ends: the parameter before of its request; null on the first page"),
            )
            .property("total", total)
            .required("rows")
            .required("next")
            .required("previous")
            .into()
    }
}

impl<T: ToSchema> ToSchema for Page<T> {
    fn schemas(schemas: &mut Vec<(String, AnySchema)>) {
        if is_named::<T>() {
            schemas.push((T::name().into_owned(), T::schema()));
        }
        T::schemas(schemas);
    }
}

/// Whether there is a schema under the name of a row's type. The name of a generic type is known only where the type is written,
/// and numbers and texts have none.
fn is_named<T: ToSchema>() -> bool {
    if type_name::<T>().contains('<') {
        return false;
    }
    match T::schema() {
        RefOr::T(Schema::Object(object)) => !object.properties.is_empty() || object.enum_values.is_some(),
        _ => true,
    }
}

impl PartialSchema for Problem {
    fn schema() -> AnySchema {
        let status = ObjectBuilder::new()
            .schema_type(Type::Integer)
            .format(known(KnownFormat::Int32))
            .description(Some("The status of the response"));
        ObjectBuilder::new()
            .property("title", text().description(Some("What the status means, such as Not Found")))
            .property("status", status)
            .property("detail", text().description(Some("What is wrong with this request")))
            .property("errors", ArrayBuilder::new().items(Ref::from_schema_name(ProblemField::name())))
            .required("title")
            .required("status")
            .required("detail")
            .description(Some("What went wrong, as RFC 9457 has it"))
            .into()
    }
}

impl ToSchema for Problem {
    fn schemas(schemas: &mut Vec<(String, AnySchema)>) {
        schemas.push((ProblemField::name().into_owned(), ProblemField::schema()));
    }
}

impl PartialSchema for ProblemField {
    fn schema() -> AnySchema {
        ObjectBuilder::new()
            .property("name", text().description(Some("The field or the parameter of the request")))
            .property("detail", text().description(Some("What is wrong with it")))
            .property(
                "allowed",
                ArrayBuilder::new()
                    .items(text())
                    .description(Some("What it could be instead, where there is a choice")),
            )
            .required("name")
            .required("detail")
            .into()
    }
}

impl ToSchema for ProblemField {}

/// The parameters `sort`, `after`, `before`, `limit` and `total`; filters are the program's own, and stand beside it.
impl<const ROWS: u64, const MOST_ROWS: u64> IntoParams for ListRequest<ROWS, MOST_ROWS> {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let parameter = |name: &str, about: &str, schema: ObjectBuilder| {
            ParameterBuilder::new()
                .name(name)
                .parameter_in(ParameterIn::Query)
                .required(utoipa::openapi::Required::False)
                .description(Some(about))
                .schema(Some(schema))
                .build()
        };
        let limit = ObjectBuilder::new()
            .schema_type(Type::Integer)
            .format(known(KnownFormat::Int64))
            .minimum(Some(0))
            .default(Some(ROWS.into()));
        let total = ObjectBuilder::new().schema_type(Type::Boolean).default(Some(false.into()));
        let most = format!("How many rows the page may have; {MOST_ROWS} at most, whatever stands here");
        vec![
            parameter("sort", "The order: names with commas between them, a - before one turns it round", text()),
            parameter("after", "The rows after a page: what it gave as next", text()),
            parameter("before", "The rows before a page: what it gave as previous", text()),
            parameter("limit", &most, limit),
            parameter("total", "Whether to count the rows of all pages too", total),
        ]
    }
}

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}
