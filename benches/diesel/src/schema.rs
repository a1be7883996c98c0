//! The tables, and functions that Diesel does not have, or not with a fitting type.

use diesel::sql_types::BigInt;

diesel::table! {
    users (pk) {
        pk -> BigInt,
        name -> Text,
        email -> Text,
        age -> BigInt,
        city -> Text,
        score -> Double,
        bio -> Nullable<Text>,
        created_at -> BigInt,
    }
}

diesel::table! {
    authors (pk) {
        pk -> BigInt,
        name -> Text,
        country -> Text,
        born -> Nullable<BigInt>,
    }
}

diesel::table! {
    books (pk) {
        pk -> BigInt,
        title -> Text,
        pages -> BigInt,
        published -> BigInt,
        author_id -> BigInt,
    }
}

diesel::joinable!(books -> authors (author_id));
diesel::allow_tables_to_appear_in_same_query!(authors, books);

#[diesel::declare_sql_function]
extern "SQL" {
    /// Diesel's own `avg` of integers is a decimal, which SQLite does not have.
    #[aggregate]
    #[sql_name = "avg"]
    fn average(number: BigInt) -> Nullable<Double>;

    /// The version of SQLite.
    fn sqlite_version() -> Text;
}
