//! The code of a row trips no lint and minds no name of the user.
#![deny(warnings, missing_docs, missing_debug_implementations, unreachable_pub, unused, unused_qualifications)]
#![deny(unused_results, unused_lifetimes, single_use_lifetimes, elided_lifetimes_in_paths, private_interfaces)]

mod models {
    #![allow(dead_code, non_camel_case_types)]

    struct Result;
    struct String;
    struct Option;
    struct str;
    struct usize;
    mod core {}
    mod std {}
    trait Row {}
    trait FromRow {}

    #[derive(::core::fmt::Debug, ::core::cmp::PartialEq, ::sqliter::Row)]
    pub(crate) struct Total {
        pub(crate) country: ::std::string::String,
        pub(crate) total: ::core::option::Option<::core::primitive::f64>,
    }

    #[derive(::core::fmt::Debug, ::core::cmp::PartialEq, ::sqliter::Model)]
    pub(crate) struct Sale {
        pub(crate) pk: ::sqliter::Key<Sale>,
        pub(crate) country: ::std::string::String,
    }
}

use sqliter::{Json, Row};
use sqliter::prelude::*;

/// A row with awkward names.
#[derive(Debug, Clone, PartialEq, Row)]
pub struct Odd {
    /// A keyword.
    pub r#type: String,
    /// The name of an argument of generated code.
    pub row: i64,
    /// Another.
    pub positions: Json<Vec<i64>>,
}

macro_rules! row {
    ($name:ident { $($field:ident: $ty:ty),* }) => {
        #[derive(Debug, PartialEq, Row)]
        struct $name {
            $($field: $ty),*
        }
    };
}

row!(Made { number: i64, text: Option<String> });

#[tokio::main]
async fn main() -> sqliter::Result<()> {
    let db = Db::memory().await?;
    let total = db.query::<models::Total>("SELECT 'at' AS country, 1.5 AS total").fetch_required().await?;
    assert_eq!((total.country.as_str(), total.total), ("at", Some(1.5)));
    let sale = db.query::<models::Sale>("SELECT 'at' AS country, 7 AS pk").fetch_required().await?;
    assert_eq!((sale.pk, sale.country.as_str()), (models::Sale::key(7), "at"));
    let odd = db.query::<Odd>("SELECT 'a' AS type, 1 AS \"row\", '[]' AS positions").fetch_required().await?;
    assert_eq!(odd, Odd { r#type: "a".into(), row: 1, positions: Json(vec![]) });
    let made = db.query::<Made>("SELECT 1 AS number, NULL AS text").fetch_required().await?;
    assert_eq!(made, Made { number: 1, text: None });
    Ok(())
}
