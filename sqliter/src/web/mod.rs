//! What services that speak HTTP need beside the database: errors as responses, requests for lists, and the schemas of the library's types.

#[cfg(feature = "axum")]
mod axum;
#[cfg(feature = "schemars")]
mod json_schema;
mod list;
#[cfg(feature = "utoipa")]
mod openapi;
#[cfg(feature = "utoipa")]
mod plain_names;
mod problem;

pub use list::{HasPages, ListRequest};
#[cfg(feature = "utoipa")]
pub use plain_names::PlainNames;
pub use problem::{Problem, ProblemField};
