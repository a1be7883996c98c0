//! The derive macros of sqliter. Use them through the crate `sqliter`, which documents them.
//!
//! Each is a pipeline: the attributes are parsed into items, the items are checked and become a description in plain
//! data, and the description is expanded. All mistakes in a struct are reported at once, each where it stands.

mod attributes;
mod beside;
mod column_type;
mod declared;
mod embed;
mod expand;
mod field;
mod model;
mod names;
mod patch;
mod relation;
mod row;
mod search;
mod view;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Makes a struct the row of a table.
///
/// Every field is a column of a type that implements `ColumnType`; a field of type `Key<Other>` or
/// `Option<Key<Other>>` is a foreign key. The primary key is the field `pk`, of type `Key<Self>`, whose value SQLite
/// chooses, or a field marked `#[model(pk)]`, of any key type, whose value the program gives.
///
/// With `pk` on several fields, `Key<Self>` holds a tuple of them in their order, as in `Line::key((order.pk, 3))`; each may
/// be a foreign key. Such a key is no single column, so that other models cannot refer to it by a field, nor by a table of
/// pairs. They have a field for each of its columns instead, and say the foreign key in SQL,
/// `constraint = "FOREIGN KEY (order_id, number) REFERENCES lines"`: SQLite enforces it, but it gives no relation.
///
/// A foreign key `author_id` gives the relation `author`: the field `b.author` of the columns, and the method
/// `book.author(&db)`. What the other side calls it, and relations over a table of pairs, are declared on the struct.
///
/// Besides the implementation of `Model`, a struct `Book` gets `NewBook` (what an insert needs), `BookBuilder` (which
/// builds it) and `BookColumns` (what closures get). A model that others refer to, or with relations over tables of pairs, gets
/// the trait `BookRelations` too: with it in scope, a key alone has these relations, as in `Book::key(1).tags(&db)`.
///
/// # On the struct
///
/// | attribute | meaning |
/// |---|---|
/// | `table = "name"` | the name of the table; else the plural of the struct's name in snake_case, without `Model` |
/// | `index(a, b desc)` | an index over the columns of these fields, of `b` with the largest value first |
/// | `unique(a, b)` | a unique index over the columns of these fields; the same as `index(a, b, unique)` |
/// | `index(a, unique, where = "deleted_at IS NULL")` | an index over the rows that meet a condition in SQL |
/// | `unique(a, live)` | unique among the rows that are not deleted softly; `live` is for any index |
/// | `index(expr = "lower(name)", name = "…")` | an index over an expression in SQL; every index can be given a name |
/// | `search(title, body)` | a full-text search over the columns of these fields; see below |
/// | `check = "starts < ends"` | a condition in SQL that each row must meet; with a name `check(expr = "…", name = "…")` |
/// | `unique(a, b, constraint)` | a `UNIQUE` constraint of the table instead of an index with a name |
/// | `constraint = "FOREIGN KEY (a, b) REFERENCES …"` | a constraint of the table in SQL, for what has no attribute of its own |
/// | `without_rowid` | the table is [`WITHOUT ROWID`](https://www.sqlite.org/withoutrowid.html): for small rows with a key that the program gives |
/// | `view = "SELECT …"` | the model is a view, which is created with the tables and only read; see below |
/// | `renamed_from = "name"` | the name that the table had before, for migrations |
/// | `has_many(books = Book::author)` | the relation `books` to the rows whose foreign key, here the relation `author` of `Book`, refers to this one |
/// | `has_one(profile = Profile::user)` | the same for a foreign key that is unique |
/// | `many_to_many(tags = Tag)` | the relation `tags` over a table of pairs, which is created with the table of this model |
/// | `many_to_many(books = Book::tags)` | the other side of the relation `tags` that `Book` declares |
/// | `many_to_many(tags = Tag, through = "taggings")` | the same with a name for the table of pairs; `through = Tagging` names a model that stands between both |
/// | `many_to_many(friends = Person, symmetrical)` | between rows of one model: a pair counts in both directions and is stored once |
/// | `strict = false` | the table is not created as STRICT, and checks the storage class of each value instead |
/// | `new(derive(Debug, Clone))` | derives for the `New…` struct; with `Deserialize`, fields with a default may be left out |
/// | `new(name = "Draft")` | another name for the `New…` struct |
/// | `new(serde(rename_all = "camelCase"))` | an attribute of the `New…` struct, of whichever macro |
/// | `patch(derive(Debug, Deserialize))` | a struct `…Patch` of what an update may change; see below. `patch(only(title, body))` says which fields it has, `patch(serde(…))` and `patch(name = "…")` are as for `new` |
///
/// Clippy takes a column of two indexes, as in `index(a), index(a, b)`, for an attribute that is given twice. It does not where
/// one of them says `asc` or `desc`, `index(a asc)`, nor on a struct with `#[allow(clippy::duplicated_attributes)]`.
///
/// # On a field
///
/// | attribute | meaning |
/// |---|---|
/// | `pk` | the primary key, with a value that the program gives; on several fields: they are the key together |
/// | `embed` | the columns of a struct with `#[derive(Embed)]`, as `address_city`; `embed(prefix = "…")` says how their names begin |
/// | `unique` | no two rows have the same value |
/// | `index` | an index over the column; `index = false`: none, though it is a foreign key |
/// | `default = value` | may be left out of the builder; literals and constants become the `DEFAULT` clause too |
/// | `column = "name"` | the name of the column; else that of the field |
/// | `relation = "name"` | the name of the relation of a foreign key; else that of the field without `_id` |
/// | `on_delete = action`, `on_update = action` | of a foreign key: `restrict` (the default), `cascade`, `set_null`, `set_default`, `no_action` |
/// | `deferrable` | a foreign key that is checked when the transaction ends; its default action is `no_action`, as `restrict` never waits |
/// | `check = "pages > 0"` | a condition in SQL that the column must meet; with a name `check(expr = "…", name = "…")` |
/// | `collate = nocase` | text is compared and sorted without the case of `A` to `Z`; `rtrim`: without spaces at its end; `binary`: byte by byte, as by default |
/// | `generated = "price * amount"` | computed by SQLite from other columns whenever it is read; `generated = "…", stored` computes it when the row is written |
/// | `sql = "VARCHAR(80) NOT NULL"` | the definition of the column in SQL, instead of all that the type and the attributes say of it but the foreign key; see below |
/// | `renamed_from = "name"` | the name that the column had before, for migrations |
/// | `created_at`, `updated_at` | set on insert, or on insert and update; fields of these names are so without the attribute |
/// | `version` | an `i64` that begins with 1 and is raised by every update of the row; see below |
/// | `soft_delete` | an `Option` of a timestamp: `delete` sets it, and reading leaves the row out; see below |
/// | `new(serde(…))`, `patch(serde(…))` | an attribute of the field in the `New…` struct or in the patch, of whichever macro: `new(garde(length(min = 1)))` |
/// | `patch(skip)` | is not part of the patch |
/// | `plain` | an ordinary column, though its name is `created_at` or `updated_at` |
///
/// Foreign keys have an index each. An index without a name of its own is left out when another index, a unique constraint or the
/// primary key begins with its parts and finds rows as well; give it a name to have it anyway, for instance because rows are sorted
/// by its parts and then by the key, which every index ends with. A unique index with a `where` is not for `upsert` and
/// `get_or_create`: rows outside of it may have the same values.
///
/// A generated column is part of the model and of queries, but not of the builder, nor of what an insert or an update sets; an
/// insert gives it back, and `update(&mut row)` refreshes it. SQLite computes it
/// [from the other columns of the row](https://www.sqlite.org/gencol.html), with functions that give the same for the same.
///
/// With `collate`, `eq ne lt le gt ge between is_in not_in`, orders, groups and unique indexes compare as the column does;
/// of two columns, as the first one. `starts_with`, `ends_with` and `contains` stay exact, their `i` forms ignore case for all
/// of Unicode, and what is computed from a column compares by its bytes.
///
/// With `patch`, a model `Issue` gets `IssuePatch`: a struct of an `Option` for each field but the key, the timestamps and generated
/// columns. `None` leaves the column as it is; of a nullable column `Some(None)` is `NULL`. It has `Default`. `db.patch(key, patch)`
/// writes what is there by one statement and gives the row as it is then. With `Deserialize`, what the input does not name is left as it
/// is, and `null` is `NULL`, or an error for a column that takes none; with `Serialize`, what is `None` is left out.
///
/// With `version`, an update of a row by `db.update(&mut row)` or `bulk_update` is an `Error::Stale` when the row was written since it was
/// read, so that nobody writes over what they have not seen. A patch has the version as an `Option`: the one that is expected, or `None`,
/// which is not checked. Whatever else updates the row, a chain or an upsert, raises the version too. The column has `DEFAULT 1`.
/// It can be given to an insert, but not set.
///
/// With `soft_delete`, as in `#[model(soft_delete)] deleted_at: Option<DateTime<Utc>>`, a row that is deleted stays in the table. `delete`,
/// of a row and of a chain, sets the time, `updated_at` and a version; foreign keys do nothing. From then on the row is left out of
/// `select`, `get`, `update` and `patch`, of to-many relations with their counts and aggregates, of `any`, `none` and `all`, of joins and
/// prefetches. A nullable to-one relation to it is `None`. A required one still leads to it, as the row that refers to it is there and its
/// type says that there is one: a comment is shown with its author, whose `deleted_at` tells. `with_deleted()` on a chain, a prefetch or
/// `get` reads these rows too, `only_deleted()` them alone; `restore` takes a deletion back, `delete_for_good` deletes the row. Raw SQL
/// sees the table as it is. A value that is unique is taken by a deleted row too, unless the index is `unique(email, live)`; an upsert that
/// meets such a row is an `Error::UniqueViolation`.
///
/// With `search(title, body)`, on a model whose key is a whole number, there is an [FTS5](https://www.sqlite.org/fts5.html) table
/// `books_search` over the columns of the table itself, which are texts and may be `NULL`. It is created with the table, and triggers keep
/// it true whoever writes the table. `b.search.matches(words)` is a condition for `filter`; `.search(|b| b.search.matches(words))` sorts
/// the rows that match by how well they do, too. `search(title, body, tokenize = "unicode61 remove_diacritics 2")` says
/// [what a word is](https://www.sqlite.org/fts5.html#tokenizers), as `"porter unicode61"` or `"trigram"` do; `prefix = "2 3"` makes
/// searches for beginnings of two and three characters quick. The tables `books_search` and `books_search_replaced` are the library's:
/// write the table alone. A row that is replaced by another one, as by `INSERT OR REPLACE`, is removed from the search too, for everything
/// that the model says is unique, `UNIQUE` in the SQL of a `constraint` or of a column included.
///
/// A model over a view has a field for each column that it is to read, by the name that its `SELECT` gives the column, and a
/// key: a field marked `pk` whose values tell the rows apart. It is selected, filtered and related like any other, also by
/// `get` and from other models by `has_many` and `has_one`, and has no builder. What would write it does not compile.
/// `create_tables` creates views after all tables; `drop_table` drops a view.
///
/// `sql` is for tables that other programs have made: their types, `DEFAULT`s in SQL, conflict clauses. What follows the name of the
/// column is then exactly this text, the `PRIMARY KEY` of a single key included; of a key of several fields that all have `sql`, say
/// it by `constraint = "PRIMARY KEY (a, b)"`. The library adds no check: a value that does not fit the field is an error when it is
/// read. `unique`, `collate`, `generated` and `default` beside `sql` are not written to the table, but tell the library what the SQL
/// says: that `upsert` may go by the column, how it compares, that it is only read, what a builder may leave out.
///
/// SQL in attributes names columns as the database does. It is checked by SQLite when the table is created; a mistake is an
/// `Error::SqlInModel`, which names the model and the column it stands on. In a table that another program has made it is not
/// checked.
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

/// Makes a struct a group of columns in the models that have a field of it with `#[model(embed)]`.
///
/// The fields of the struct are columns of the model's table, and a field may be an embedded struct in turn. Their names begin with
/// that of the model's field, `address_city`; `#[model(embed(prefix = "home_"))]` says how they begin instead, and `prefix = ""`
/// that nothing is put before them. Queries reach them by the fields of both, `c.address.city`, as columns like any other: in
/// filters, orders, updates, views and conflict targets, and in `#[model(index(address.city))]` on the model.
///
/// A field `address: Option<Address>` is `NULL` as a whole: it is `None` where all columns are `NULL`, and the table has a `CHECK`
/// that a row has all of the columns that are no `Option` by themselves, or none. A group that another program has filled
/// incompletely is an `Error::Decode`, which names the missing column. So a struct whose fields are all `Option`s cannot be an
/// `Option`.
///
/// Builders, drafts and patches take the struct as one value, and so do `c.address.set(…)`, `c.address.eq(…)`, and, of an `Option`,
/// `is_null()` and `is_not_null()`. A view has a field `address: Address`, or single columns by
/// `#[view(with = |c| c.address.city)]`.
///
/// ```
/// use sqliter::prelude::*;
///
/// #[derive(Debug, Clone, PartialEq, Embed)]
/// struct Address {
///     street: String,
///     city: String,
///     #[model(check = "length({zip}) = 5")]
///     zip: Option<String>,
/// }
///
/// #[derive(Debug, Clone, PartialEq, Model)]
/// #[model(index(address.city))]
/// struct Customer {
///     pk: Key<Customer>,
///     name: String,
///     #[model(embed)]
///     address: Address,
///     #[model(embed(prefix = "bill_to_"))]
///     billing: Option<Address>,
/// }
///
/// # async fn example() -> sqliter::Result<()> {
/// let db = Db::memory().await?;
/// db.create_table::<Customer>().await?;
/// let home = Address { street: "Ring 1".into(), city: "Wien".into(), zip: None };
/// let ada = db.insert(Customer::builder().name("Ada").address(home.clone())).await?;
/// assert_eq!((ada.address, ada.billing), (home, None));
/// let in_wien = db.select::<Customer>().filter(|c| c.address.city.eq("Wien") & c.billing.is_null());
/// assert_eq!(in_wien.only(|c| c.address.street).fetch_all().await?, ["Ring 1"]);
/// # Ok(())
/// # }
/// ```
///
/// # On a field of the embedded struct
///
/// | attribute | meaning |
/// |---|---|
/// | `column = "name"` | the name of the column, behind that of the group |
/// | `unique`, `collate`, `renamed_from` | as in a model; the former name also follows that of the group |
/// | `default = value` | the `DEFAULT` of the column: a literal or a constant. A group that may be `NULL` as a whole has none |
/// | `check = "length({zip}) = 5"` | a condition in SQL, in which fields of the struct stand in braces, as the names of the columns depend on the model |
/// | `on_delete`, `on_update`, `deferrable` | of a field `Key<Other>`, which is a foreign key of the table. It gives no relation: that takes a field of the model itself |
/// | `embed`, `embed(prefix = "…")` | the field is an embedded struct too |
///
/// `embed(renamed_from = "…")` says what the names of the columns began with before, for migrations: `renamed_from = ""` makes the
/// columns `street` and `city` of a table a group `address`.
///
/// An enum that carries data is no group of columns. It is stored as one value, `Json<…>`, given that it derives serde's `Serialize`
/// and `Deserialize`.
#[proc_macro_derive(Embed, attributes(model))]
pub fn derive_embed(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    let (description, mistakes) = embed::describe(&input);
    let mut tokens = match &description {
        Some(description) => expand::embed::expand(description),
        None if input.generics.params.is_empty() => expand::embed::unfinished(&input.ident),
        None => TokenStream::new().into(),
    };
    tokens.extend(mistakes.map(syn::Error::into_compile_error));
    tokens.into()
}

/// Makes a struct readable from the rows of any statement: every field from the column of its name.
///
/// The fields are of types that implement `ColumnType`; columns without a field are ignored. A field that has another
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

/// Makes a struct say what is loaded of a row: `db.select::<Issue>().view::<IssueCard>()`.
///
/// `#[view(Issue)]` on the struct names the model. Each field is loaded from the column or the relation of its name; a name or a
/// type that does not fit is a compile error at the field. Only what the fields name is read: by one statement for the row and its
/// to-one relations, and one more for each to-many relation, whatever the number of rows.
///
/// # Fields
///
/// | a field | is loaded from |
/// |---|---|
/// | `title: String` | the column `title` |
/// | `project: Project` | the row that the to-one relation `project` leads to |
/// | `assignee: Option<UserName>` | the same, where there may be none; `UserName` is a view of `User` |
/// | `labels: Vec<Label>` | the rows that the to-many relation `labels` leads to, as models or as views, in the order of their keys |
///
/// # On a field
///
/// | attribute | meaning |
/// |---|---|
/// | `flatten` | the row itself: the field is of the model's type, or another view of the same model |
/// | `column = title`, `relation = comments` | the name of the column or relation, where it is not that of the field |
/// | `filter = \|c\| c.hidden.eq(false)` | only the related rows that meet the condition |
/// | `order = \|c\| c.pk.desc()` | the related rows in this order |
/// | `limit = 3` | at most this many related rows of each row |
/// | `first` | the first of the related rows that `filter` keeps, in the order that `order` says, else of their keys; the field is an `Option` |
/// | `count` | the number of the related rows, as an `i64`; of those that `filter` keeps |
/// | `with = \|i\| …` | what the closure gives: a column or a relation of a related row, a computed value, an aggregate of related rows, a value over a window (over the rows of the query; in a `Vec`, over the related rows of each row), or a condition as a `bool`, which is false where it is unknown |
/// | `args(viewer)` | what the view in this field takes as arguments |
///
/// # Arguments
///
/// `#[view(Issue, args(viewer: Key<User>))]` on the struct names values that the program gives when it loads the view:
/// `.view_with::<IssueCard>(viewer)`, of several arguments a tuple. The attributes of fields name them as owned values, of which
/// each field has a clone.
///
/// ```
/// use sqliter::prelude::*;
///
/// #[derive(Debug, Clone, PartialEq, Model)]
/// struct User {
///     pk: Key<User>,
///     name: String,
///     email: String,
/// }
///
/// #[derive(Debug, Clone, PartialEq, Model)]
/// #[model(has_many(comments = Comment::issue))]
/// struct Issue {
///     pk: Key<Issue>,
///     title: String,
///     text: String,
///     reporter_id: Key<User>,
///     assignee_id: Option<Key<User>>,
/// }
///
/// #[derive(Debug, Clone, PartialEq, Model)]
/// struct Comment {
///     pk: Key<Comment>,
///     text: String,
///     issue_id: Key<Issue>,
///     author_id: Key<User>,
/// }
///
/// #[derive(Debug, PartialEq, View)]
/// #[view(User)]
/// struct UserName {
///     name: String,
/// }
///
/// #[derive(Debug, PartialEq, View)]
/// #[view(Comment)]
/// struct Answer {
///     text: String,
///     author: UserName,
/// }
///
/// #[derive(Debug, PartialEq, View)]
/// #[view(Issue, args(viewer: Key<User>))]
/// struct IssueCard {
///     title: String,
///     assignee: Option<UserName>,
///     #[view(with = |i| i.reporter.name)]
///     reported_by: String,
///     #[view(with = |i| i.reporter_id.eq(viewer))]
///     mine: bool,
///     #[view(order = |c| c.pk.desc(), limit = 2)]
///     comments: Vec<Answer>,
///     #[view(count, relation = comments, filter = |c| c.author_id.eq(viewer))]
///     my_comments: i64,
/// }
/// ```
///
/// A view that takes more than one statement cannot be streamed, and what it gives is not kept in the cache. A related row in a view of
/// its own is read with the column that it was found by, which tells whether there is one. A required row that is not there, as another
/// program leaves it, is `Error::MissingParent`.
///
/// # Type parameters
///
/// A field may be a type parameter that is bounded as a view, so that one struct serves for several depths:
///
/// ```
/// # use sqliter::prelude::*;
/// # #[derive(Debug, Clone, PartialEq, Model)]
/// # struct User { pk: Key<User>, name: String }
/// # #[derive(Debug, Clone, PartialEq, Model)]
/// # struct Issue { pk: Key<Issue>, title: String, reporter_id: Key<User> }
/// #[derive(Debug, PartialEq, View)]
/// #[view(User)]
/// struct UserName {
///     name: String,
/// }
///
/// #[derive(Debug, PartialEq, View)]
/// #[view(Issue)]
/// struct ReportedBy<U: View<User, Arguments = ()>> {
///     title: String,
///     reporter: U,
/// }
///
/// # async fn both(db: &Db) -> sqliter::Result<()> {
/// let names = db.select::<Issue>().view::<ReportedBy<UserName>>().fetch_all().await?;
/// let whole = db.select::<Issue>().view::<ReportedBy<User>>().fetch_all().await?;
/// # let _ = (names, whole);
/// # Ok(())
/// # }
/// ```
///
/// How many statements such a view takes depends on what stands for its parameters, and is not looked at: it is treated as one that takes
/// several, even where it takes one. So it cannot be streamed (`fetch_stream` does not compile), and its results are not cached; all else
/// is as of any view. Where that matters, write the struct without parameters.
///
/// There is no end to a view that contains itself, through others too: the compiler finds such a circle, but not in views with type
/// parameters, which are `Error::EndlessView` when they are loaded.
///
/// For rows of raw SQL and for groups, whose columns no model describes, there is `#[derive(Row)]`, which goes by names when it
/// runs.
#[proc_macro_derive(View, attributes(view))]
pub fn derive_view(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    let (description, mistakes) = view::describe(&input);
    let mut tokens = description.as_ref().map(expand::view::expand).unwrap_or_default();
    tokens.extend(mistakes.map(syn::Error::into_compile_error));
    tokens.into()
}

/// Makes an enum without fields, or a struct around one value, the type of a column.
///
/// An enum is stored as the name of its variant in snake_case, or as its number with `#[column(integer)]` on the enum;
/// `#[column(name = "…")]` on a variant stores another text. A `CHECK` constraint keeps all other values out; with
/// `#[column(check = false)]` on the enum there is none, so that a variant can be added without touching the table: then a
/// value that the program does not know is an error when it is read. A struct around one value is stored as that value.
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
