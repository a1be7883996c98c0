//! sqliter, opened with its defaults.

use std::process::ExitCode;

use bench_sqliter::Sqliter;

fn main() -> ExitCode {
    common::main::<Sqliter<false>>()
}
