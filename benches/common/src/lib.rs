//! The work that every benchmark program does, and how it is timed.
//!
//! A program implements [`Library`] for one library and calls [`main`]. Everything that could differ between programs
//! by accident is here: the data, the arguments of every call, how often it is made, and what its result must be.

pub mod data;
mod library;
mod measure;
mod run;

use std::path::PathBuf;
use std::process::ExitCode;

pub use library::{CityStats, Library, at_once, pool_size};
pub use measure::{Case, Measurement, median};

/// What a benchmark fails with.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// The result of a call.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The whole program: `PROGRAM DATABASE [--quick]` runs all cases on a copy of the database, and prints one line of
/// JSON for each. It runs in a task on a multi-thread runtime with the default number of workers.
pub fn main<L: Library>() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let Some(path) = arguments.next().map(PathBuf::from) else {
        eprintln!("usage: PROGRAM DATABASE [--quick]");
        return ExitCode::FAILURE;
    };
    let quick = arguments.next().is_some_and(|argument| argument == "--quick");
    report(L::NAME, measure_all::<L>(path, quick))
}

fn measure_all<L: Library>(path: PathBuf, quick: bool) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async move { tokio::spawn(run::run::<L>(path, quick)).await? })
}

/// The exit code of a program, after its error was printed.
pub fn report(name: &str, result: Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{name}: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Fails with the message unless the condition holds.
///
/// # Errors
///
/// The message.
pub fn ensure(condition: bool, message: impl FnOnce() -> String) -> Result<()> {
    if condition { Ok(()) } else { Err(message().into()) }
}
