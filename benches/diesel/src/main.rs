//! Diesel in place: synchronous calls on one connection.

use std::process::ExitCode;

use bench_diesel::{InPlace, Program};

fn main() -> ExitCode {
    common::main::<Program<InPlace>>()
}
