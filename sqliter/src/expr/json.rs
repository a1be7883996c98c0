//! Documents in JSON: values at a path, arrays, changes.

use std::cell::Cell;
use std::marker::PhantomData;

use serde::Serialize;

use super::computed::Types;
use super::{Assignable, Assignment, Column, Computed, Condition, Filter, HoldsComparable, Operand, PerRow};
use crate::column::kind::{Document, InDocuments};
use crate::column::{ColumnType, json_text};
use crate::model::Path;
use crate::sql::ast::{Comparison, Declared, Expr, Json, JsonChange, JsonRead, Nested};

/// Columns of documents: `Json<…>`, `Jsonb<…>`, `Option`s and newtypes of them.
#[diagnostic::on_unimplemented(
    message = "a path leads into a document, and this column holds `{Self}`",
    label = "not a column of type `Json<…>`",
    note = "`path`, `items`, `set_path`, `remove_path` and `merge` work on columns of type `Json<…>` and `Jsonb<…>`, and `Option`s of them"
)]
pub trait HoldsJson {
    /// Whether they are stored as JSONB.
    #[doc(hidden)]
    const IS_BINARY: bool;
}

#[diagnostic::do_not_recommend]
impl<T: ColumnType<Kind: Document>> HoldsJson for T {
    const IS_BINARY: bool = <T::Kind as Document>::IS_BINARY;
}

/// What a value in a document is read as: booleans, numbers, text, keys, UUIDs, decimal numbers, dates and times, enums with
/// `#[derive(ColumnType)]`, newtypes of them, and `Json<…>` for whatever serde reads.
#[diagnostic::on_unimplemented(
    message = "a value in a document cannot be read as `{Self}`",
    label = "not the type of a value in JSON",
    note = "a list, a map or a struct in a document is `Json<…>`: `i.meta.path::<Json<Size>>(\"$.size\")`",
    note = "what is missing is `None` anyway: write `path::<i64>(…)` and not `path::<Option<i64>>(…)`",
    note = "bytes, durations and `Unix<…>` have no form of their own in JSON"
)]
pub trait InJson: ColumnType<Inner = Self> {
    /// How it is read.
    #[doc(hidden)]
    fn read() -> JsonRead;
}

#[diagnostic::do_not_recommend]
impl<T: ColumnType<Inner = T, Kind: InDocuments>> InJson for T {
    fn read() -> JsonRead {
        JsonRead {
            as_document: <T::Kind as InDocuments>::IS_DOCUMENT,
            declared: Declared {
                nullable: true,
                storage: T::STORAGE,
                collation: T::COLLATION,
                canonical: T::CANONICAL,
            },
        }
    }
}

macro_rules! paths {
    ($root:ty, $level:ty) => {
        /// The value at a path of the document, such as `$.size.width`, `$.tags[0]`, `$.tags[#-1]` for the last element, or
        /// `$."a key with.points"`. It is a computed value: in filters, orders, selections and what else takes one.
        ///
        /// ```
        /// use serde::{Deserialize, Serialize};
        /// use sqliter::Json;
        /// use sqliter::prelude::*;
        ///
        /// #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        /// struct Meta {
        ///     size: Option<Size>,
        ///     tags: Vec<String>,
        /// }
        ///
        /// #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        /// struct Size {
        ///     width: i64,
        /// }
        ///
        /// #[derive(Debug, Clone, PartialEq, Model)]
        /// #[model(index(expr = "meta ->> '$.size.width'"))]
        /// struct Image {
        ///     pk: Key<Image>,
        ///     meta: Json<Meta>,
        /// }
        ///
        /// # #[tokio::main]
        /// # async fn main() -> sqliter::Result<()> {
        /// # let db = Db::memory().await?;
        /// # db.create_table::<Image>().await?;
        /// # let meta = |width: Option<i64>, tag: &str| Meta { size: width.map(|width| Size { width }), tags: vec![tag.to_owned()] };
        /// # db.bulk_insert([Image::builder().meta(meta(Some(640), "sea")), Image::builder().meta(meta(None, "hill"))]).await?;
        /// let wide = db.select::<Image>().filter(|i| i.meta.path::<i64>("$.size.width").gt(500)); // the index serves
        /// assert_eq!(wide.count().await?, 1);
        /// let tags: Vec<Option<String>> =
        ///     db.select::<Image>().only(|i| i.meta.path::<String>("$.tags[0]")).fetch_all().await?;
        /// assert_eq!(tags, [Some("sea".to_owned()), Some("hill".to_owned())]);
        /// let sea = db.select::<Image>().filter(|i| i.meta.items::<String>("$.tags").contains("sea"));
        /// assert_eq!(sea.update(|i| (i.meta.set_path("$.size.width", 800), i.meta.remove_path("$.tags[0]"))).await?, 1);
        /// # Ok(())
        /// # }
        /// ```
        ///
        /// It is `None` where there is nothing at the path, where there is a JSON `null`, and where the column is `NULL`. A
        /// value that is of another type is [`Error::Decode`](crate::Error::Decode), with the path, when it is read. Compared,
        /// it is what it is to SQLite: equal to no value of the type, and a text is greater than every number. `true` and
        /// `false` are 1 and 0, a number with a fraction or an exponent is floating-point, and so is a whole one beyond `i64`;
        /// as `String`, an object or an array is its JSON text. Dates, UUIDs and decimal numbers are compared by value, in
        /// whatever form serde has written them; a text that is not one is an error then. An enum is compared by the names of
        /// its column form.
        ///
        /// The SQL is [`meta ->> '$.size.width'`](https://www.sqlite.org/json1.html#jptr); an index over the same text,
        /// `#[model(index(expr = "meta ->> '$.size.width'"))]`, serves for booleans, numbers, text and enums.
        ///
        /// # Errors
        ///
        /// A path that SQLite would not take is [`Error::JsonPath`](crate::Error::JsonPath) when the query is about to run.
        pub fn path<U: InJson>(self, path: &'static str) -> Computed<$root, Option<U>, $level>
        where
            T: HoldsJson,
        {
            json(Json::At { document: self.expr().into(), path, read: U::read() })
        }
    };
    ($root:ty) => {
        paths!($root, PerRow);

        /// The elements of the array at a path of the document, read as a type: see [`JsonItems`](crate::bounds::JsonItems).
        /// `i.meta.items::<String>("$.tags").contains("sea")`. What is not an array has none.
        pub fn items<U: InJson>(self, path: &'static str) -> JsonItems<$root, U>
        where
            T: HoldsJson,
        {
            JsonItems { document: self.expr(), path, types: PhantomData }
        }
    };
}

/// Documents in JSON.
impl<P: Path, T: ColumnType> Column<P, T> {
    paths!(P::Root);

    /// Sets the value at a path of the document, and leaves the rest of it as it is: `i.meta.set_path("$.size.width", 3)`. The
    /// value is anything that serde can write; `None` is a JSON `null`. Objects on the way that are missing are made;
    /// `$.tags[#]` is behind the last element of an array. Where the path leads through something else, as a `null` or a
    /// number, and where the column is `NULL`, nothing changes: what is a `None` in the document is set as a whole,
    /// `i.meta.set_path("$.size", Size { width: 3 })`.
    ///
    /// Several changes of one document in one update are made one after the other. What the model's type does not read
    /// back is [`Error::Decode`](crate::Error::Decode) when the row is read, not here.
    ///
    /// # Errors
    ///
    /// When the update is about to run, [`Error::JsonPath`](crate::Error::JsonPath) of a path that SQLite would not take,
    /// and [`Error::Encode`](crate::Error::Encode) of a value without JSON, as NaN.
    pub fn set_path<V: Serialize>(self, path: &'static str, value: V) -> Assignment<P::Root>
    where
        P: Assignable,
        T: HoldsJson,
    {
        let value = Expr::value(json_text(&value), self.place()).into();
        self.changed(JsonChange::Set { path, value })
    }

    /// Removes the value at a path of the document, with its key or its place in an array; where there is none nothing changes.
    ///
    /// # Errors
    ///
    /// As [`set_path`](Self::set_path).
    pub fn remove_path(self, path: &'static str) -> Assignment<P::Root>
    where
        P: Assignable,
        T: HoldsJson,
    {
        self.changed(JsonChange::Remove { path })
    }

    /// Merges a document into this one by [RFC 7396](https://www.rfc-editor.org/rfc/rfc7396), as
    /// [`json_patch`](https://www.sqlite.org/json1.html#jpatch) does: objects key by key, where a `null` removes a key; all
    /// else, arrays too, is replaced. So the patch of a struct with `Option`s wants
    /// `#[serde(skip_serializing_if = "Option::is_none")]` for what stays.
    ///
    /// # Errors
    ///
    /// As [`set_path`](Self::set_path).
    pub fn merge<V: Serialize>(self, document: V) -> Assignment<P::Root>
    where
        P: Assignable,
        T: HoldsJson,
    {
        let value = Expr::value(json_text(&document), self.place()).into();
        self.changed(JsonChange::Merge { value })
    }

    fn changed(self, change: JsonChange) -> Assignment<P::Root>
    where
        T: HoldsJson,
    {
        let document = self.expr().into();
        self.assign(Expr::Json(Box::new(Json::Changed { document, change, is_binary: T::IS_BINARY })))
    }
}

/// Documents in JSON, as those of columns.
impl<M, T: ColumnType> Computed<M, T> {
    paths!(M);
}

fn json<M, T, L>(json: Json) -> Computed<M, T, L> {
    Computed::new(Expr::Json(Box::new(json)))
}

/// The elements of an array in a document, from `items`.
#[derive(Debug, Clone)]
#[must_use = "elements are for a condition: `.any(|item| item.eq(\"sea\"))`, `.contains(\"sea\")`"]
pub struct JsonItems<M, U> {
    document: Expr,
    path: &'static str,
    types: Types<(M, U)>,
}

thread_local! {
    /// How many closures of `any` and the like are open around this place.
    static OPEN: Cell<u16> = const { Cell::new(0) };
}

/// One more is open, until this is dropped.
struct Opened(u16);

impl Opened {
    fn new() -> Self {
        let level = OPEN.get();
        OPEN.set(level.saturating_add(1));
        Self(level)
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        OPEN.set(self.0);
    }
}

impl<M, U: InJson> JsonItems<M, U> {
    /// Whether an element meets the condition: `i.meta.items::<i64>("$.ratings").any(|rating| rating.ge(4))`. A JSON `null`
    /// among them is `NULL`.
    pub fn any<C: Filter<M>>(self, condition: impl FnOnce(Computed<M, Option<U>>) -> C) -> Condition<M> {
        let opened = Opened::new();
        let item = json(Json::Item { level: opened.0, read: U::read() });
        let condition = condition(item).into_condition().into_expr();
        self.meeting(opened.0, condition)
    }

    /// Whether no element meets the condition; so it is where there is no array.
    pub fn none<C: Filter<M>>(self, condition: impl FnOnce(Computed<M, Option<U>>) -> C) -> Condition<M> {
        !self.any(condition)
    }

    /// Whether all elements meet the condition; so it is where there are none.
    pub fn all<C: Filter<M>>(self, condition: impl FnOnce(Computed<M, Option<U>>) -> C) -> Condition<M> {
        !self.any(|item| !condition(item).into_condition())
    }

    /// Whether an element is this value: `i.meta.items::<String>("$.tags").contains("sea")`.
    pub fn contains(self, value: impl Operand<M, U>) -> Condition<M>
    where
        U: HoldsComparable,
    {
        let opened = Opened::new();
        let item = Expr::Json(Box::new(Json::Item { level: opened.0, read: U::read() }));
        let value = value.into_expr("an element of an array");
        self.meeting(opened.0, Expr::compare(item, Comparison::Equal, value))
    }

    /// The number of elements; `None` where there is nothing at the path, 0 if it is not an array.
    pub fn len(self) -> Computed<M, Option<i64>> {
        json(Json::Length { document: self.document.into(), path: self.path })
    }

    fn meeting(self, level: u16, condition: Expr) -> Condition<M> {
        let (document, condition) = (Nested::new(self.document), Nested::new(condition));
        Condition::new(Expr::Json(Box::new(Json::Any { document, path: self.path, level, condition })))
    }
}
