//! Schemas and migrations on the command line: [`manage!`] makes the program of a crate with models.
//!
//! ```no_run
//! # mod myapp {
//! #     use sqliter::prelude::*;
//! #     #[derive(Debug, Clone, Model)]
//! #     pub struct Book { pk: Key<Book>, title: String }
//! #     pub type All = (Book,);
//! # }
//! // src/bin/manage.rs
//! sqliter_cli::manage!(myapp::All);
//! ```
//!
//! Then `cargo run --bin manage -- --help` says what it can do.

pub mod manage;
#[doc(hidden)]
pub mod output;
#[doc(hidden)]
pub mod progress;
