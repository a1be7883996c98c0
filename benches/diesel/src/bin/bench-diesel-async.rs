//! diesel-async.

use std::process::ExitCode;

use bench_diesel::DieselAsync;

fn main() -> ExitCode {
    common::main::<DieselAsync>()
}
