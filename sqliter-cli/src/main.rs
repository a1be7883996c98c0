//! The program `sqliter`: what can be done with a database file without its models.

mod alone;

use std::process::ExitCode;

fn main() -> ExitCode {
    alone::main()
}
