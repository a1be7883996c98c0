//! What services that speak HTTP need beside the database: errors as responses, and the schemas of the library's types.

#[cfg(feature = "axum")]
mod axum;
#[cfg(feature = "schemars")]
mod json_schema;
#[cfg(feature = "utoipa")]
mod openapi;
mod problem;

pub use problem::{Problem, ProblemField};
