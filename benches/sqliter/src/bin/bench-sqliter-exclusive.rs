//! sqliter with the file for itself.

use std::process::ExitCode;

use bench_sqliter::Sqliter;

fn main() -> ExitCode {
    common::main::<Sqliter<true>>()
}
