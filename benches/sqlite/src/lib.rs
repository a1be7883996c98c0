//! The bindings and the SQLite of libsqlite3-sys 0.37.

#![no_std]

pub use same::*;
