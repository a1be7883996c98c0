//! What the library does, by layer and subject.

mod change;
mod design;
mod errors;
mod files;
mod folders;
mod query;
mod relation;
mod schema;
mod session;
mod types;
