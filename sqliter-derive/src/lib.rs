//! The derive macros of sqliter. Use them through the crate `sqliter`, which documents them.
//!
//! Each is a pipeline: the attributes are parsed into items, the items are checked and become a description in plain
//! data, and the description is expanded. All mistakes in a struct are reported at once, each where it stands.

mod attributes;
mod column_type;
mod expand;
mod field;
mod model;
mod names;
mod relation;
mod row;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Makes a struct the row of a table.
///
/// Every field is a column of a type that implements `ColumnType`; a field of type `Key<Other>` or
/// `Option<Key<Other>>` is a foreign key. The primary key is the field `pk`, of type `Key<Self>`, whose value SQLite
/// chooses, or a field marked `#[model(pk)]`, of any key type, whose value the program gives.
///
/// A foreign key `author_id` gives the relation `author`: the field `b.author` of the columns, and the method
/// `book.author(&db)`. What the other side calls it, and relations over a table of pairs, are declared on the struct.
///
/// Besides the implementation of `Model`, a struct `Book` gets `NewBook` (what an insert needs), `BookBuilder` (which
/// builds it) and `BookColumns` (what closures get).
///
/// # On the struct
///
/// | attribute | meaning |
/// |---|---|
/// | `table = "name"` | the name of the table; else the plural of the struct's name in snake_case, without `Model` |
/// | `index(a, b)` | an index over the columns of these fields |
/// | `unique(a, b)` | a unique index over the columns of these fields |
/// | `has_many(books = Book::author)` | the relation `books` to the rows whose foreign key, here the relation `author` of `Book`, refers to this one |
/// | `has_one(profile = Profile::user)` | the same for a foreign key that is unique |
/// | `many_to_many(tags = Tag)` | the relation `tags` over a table of pairs, which is created with the table of this model |
/// | `many_to_many(books = Book::tags)` | the other side of the relation `tags` that `Book` declares |
/// | `many_to_many(tags = Tag, through = "taggings")` | the same with a name for the table of pairs; `through = Tagging` names a model that stands between both |
/// | `many_to_many(friends = Person, symmetrical)` | between rows of one model: a pair counts in both directions and is stored once |
/// | `strict = false` | the table is not created as STRICT, and checks the storage class of each value instead |
/// | `new(derive(Debug, Clone))` | derives for the `New…` struct; with `Deserialize`, fields with a default may be left out |
/// | `new(name = "Draft")` | another name for the `New…` struct |
///
/// # On a field
///
/// | attribute | meaning |
/// |---|---|
/// | `pk` | the primary key, with a value that the program gives |
/// | `unique` | no two rows have the same value |
/// | `index` | an index over the column |
/// | `default = value` | may be left out of the builder; literals and constants become the `DEFAULT` clause too |
/// | `column = "name"` | the name of the column; else that of the field |
/// | `relation = "name"` | the name of the relation of a foreign key; else that of the field without `_id` |
/// | `on_delete = action`, `on_update = action` | of a foreign key: `restrict` (the default), `cascade`, `set_null`, `set_default`, `no_action` |
/// | `created_at`, `updated_at` | set on insert, or on insert and update; fields of these names are so by themselves |
/// | `plain` | an ordinary column, though its name is `created_at` or `updated_at` |
///
/// ```
/// use sqliter::prelude::*;
///
/// #[derive(Debug, Clone, PartialEq, Model)]
/// #[model(many_to_many(tags = Tag), index(title), unique(title, author_id), new(derive(Debug, Clone)))]
/// pub struct Book {
///     pub pk: Key<Book>,
///     pub title: String,
///     #[model(default = 0)]
///     pub pages: i64,
///     #[model(on_delete = cascade)]
///     pub author_id: Key<Author>,
///     pub created_at: i64,
/// }
///
/// #[derive(Debug, Clone, PartialEq, Model)]
/// #[model(has_many(books = Book::author))]
/// pub struct Author {
///     pub pk: Key<Author>,
///     #[model(unique)]
///     pub name: String,
/// }
///
/// #[derive(Debug, Clone, PartialEq, Model)]
/// #[model(many_to_many(books = Book::tags))]
/// pub struct Tag {
///     pub pk: Key<Tag>,
///     pub name: String,
/// }
/// ```
#[proc_macro_derive(Model, attributes(model))]
pub fn derive_model(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    let (description, mistakes) = model::describe(&input);
    let mut tokens = match &description {
        Some(description) => expand::model::expand(description),
        None if input.generics.params.is_empty() => expand::model::unfinished(&input.ident),
        None => TokenStream::new().into(),
    };
    tokens.extend(mistakes.map(syn::Error::into_compile_error));
    tokens.into()
}

/// Makes a struct readable from the rows of any statement: every field from the column of its name.
///
/// The fields are of types that implement `ColumnType`; columns without a field are left alone. A field that has another
/// name than its column says so with `#[row(column = "name")]`.
///
/// ```
/// use sqliter::Row;
/// use sqliter::prelude::*;
///
/// #[derive(Debug, Clone, PartialEq, Row)]
/// struct CountryTotal {
///     country: String,
///     #[row(column = "sum(total)")]
///     total: Option<f64>,
/// }
/// ```
#[proc_macro_derive(Row, attributes(row))]
pub fn derive_row(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    let (description, mistakes) = row::describe(&input);
    let mut tokens = match &description {
        Some(description) => expand::row::expand(description),
        None if input.generics.params.is_empty() => expand::row::unfinished(&input.ident),
        None => TokenStream::new().into(),
    };
    tokens.extend(mistakes.map(syn::Error::into_compile_error));
    tokens.into()
}

/// Makes an enum without fields, or a struct around one value, the type of a column.
///
/// An enum is stored as the name of its variant in snake_case, or as its number with `#[column(integer)]` on the enum;
/// `#[column(name = "…")]` on a variant stores another text. A `CHECK` constraint keeps all other values out. A struct
/// around one value is stored as that value.
///
/// ```
/// use sqliter::prelude::*;
///
/// #[derive(Debug, Clone, Copy, PartialEq, ColumnType)]
/// enum Status {
///     Open,
///     #[column(name = "on hold")]
///     OnHold,
/// }
///
/// #[derive(Debug, Clone, Copy, PartialEq, ColumnType)]
/// #[column(integer)]
/// enum Priority {
///     Low = 1,
///     High = 2,
/// }
///
/// #[derive(Debug, Clone, PartialEq, ColumnType)]
/// struct Email(String);
/// ```
#[proc_macro_derive(ColumnType, attributes(column))]
pub fn derive_column_type(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    match column_type::describe(&input) {
        Ok(description) => expand::column_type::expand(&description),
        Err(error) => error.into_compile_error(),
    }
    .into()
}
