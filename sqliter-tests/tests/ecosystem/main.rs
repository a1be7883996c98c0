//! The library beside other crates of the ecosystem: axum, utoipa, schemars, garde and fake.

mod drafts;
mod lists;
mod openapi;
mod responses;
mod schemas;
