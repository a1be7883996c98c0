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

/// The whole program: `PROGRAM DATABASE [--quick] [--only CASE] [--samples N]` runs all cases, or the one, on a copy of the
/// database, and prints one line of JSON for each. It runs in a task on a multi-thread runtime with the default number of
/// workers.
pub fn main<L: Library>() -> ExitCode {
    report(L::NAME, Choice::of_arguments().and_then(measure_all::<L>))
}

/// What a program was asked to run.
pub(crate) struct Choice {
    pub path: PathBuf,
    /// Of all cases.
    pub only: Option<String>,
    /// Instead of the number that each case has.
    pub samples: Option<usize>,
}

impl Choice {
    fn of_arguments() -> Result<Self> {
        const USAGE: &str = "usage: PROGRAM DATABASE [--quick] [--only CASE] [--samples N]";
        let mut arguments = std::env::args().skip(1);
        let path = arguments.next().ok_or(USAGE)?.into();
        let mut choice = Self { path, only: None, samples: None };
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--quick" => choice.samples = Some(2),
                "--samples" => choice.samples = Some(arguments.next().ok_or(USAGE)?.parse()?),
                "--only" => {
                    let name = arguments.next().ok_or(USAGE)?;
                    ensure(Case::ALL.iter().any(|case| case.name == name), || format!("there is no case {name}"))?;
                    choice.only = Some(name);
                }
                _ => return Err(USAGE.into()),
            }
        }
        Ok(choice)
    }
}

fn measure_all<L: Library>(choice: Choice) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async move { tokio::spawn(run::run::<L>(choice)).await? })
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
