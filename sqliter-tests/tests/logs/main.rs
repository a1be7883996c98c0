//! What is told through `tracing`. One listener hears the whole program, so these tests stand apart.

mod models;
mod options;
mod panics;
mod shared_commits;
mod statements;
#[path = "../steady/together.rs"]
mod together;
mod values;
