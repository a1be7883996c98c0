//! Diesel as asynchronous programs call it: on Tokio's blocking threads, with connections of an r2d2 pool.

use std::process::ExitCode;

use bench_diesel::{Pooled, Program};

fn main() -> ExitCode {
    common::main::<Program<Pooled>>()
}
