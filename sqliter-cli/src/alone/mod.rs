//! The commands of the program `sqliter`.

mod backup;
mod check;
mod failure;
mod file;
mod models;
mod query;
mod schema;
mod table;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use failure::Failure;
use sqliter_cli::output::Output;

/// Looks at SQLite database files: their schema as SQL or as Rust models, their soundness, their rows.
///
/// No models are needed. A file is opened read-only by every command but `query --write`, and never created. A file that another
/// program writes is waited for, five seconds at most.
#[derive(Debug, Parser)]
#[command(name = "sqliter", version, after_help = EXIT_CODES)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// Print JSON, for programs.
    #[arg(long, global = true)]
    json: bool,
}

const EXIT_CODES: &str = "Exit codes:
  0  done; `check` has found nothing
  1  `check` has found something
  2  the arguments are wrong
  3  it failed: the file is missing or no database, SQLite refuses, something cannot be written";

#[derive(Debug, Subcommand)]
enum Command {
    /// Print the tables of a database as Rust models for sqliter.
    ///
    /// The source compiles as it is, and the schema of the models is that of the file. What has no form in a model stands there as a
    /// comment that says why. The rows are read once, for the types of columns that SQLite leaves open.
    Models(models::Models),
    /// Print the schema as SQL.
    Schema(File),
    /// Look for damage, broken foreign keys and values that do not fit the type of their column.
    ///
    /// The exit code is 1 when something is found.
    Check(File),
    /// Copy a database into another file while it is in use.
    ///
    /// The copy is the database as it is at one moment. Its file has its name only when it is whole.
    Backup(backup::Backup),
    /// Run one SQL statement and print its rows.
    Query(query::Query),
}

#[derive(Debug, Args)]
struct File {
    /// The database file.
    file: PathBuf,
}

pub(crate) fn main() -> ExitCode {
    let Arguments { command, json } = Arguments::parse();
    let output = Output::new(json);
    let done = match &command {
        Command::Models(models) => models.run(output),
        Command::Schema(File { file }) => schema::run(file, output),
        Command::Check(File { file }) => check::run(file, output),
        Command::Backup(backup) => backup.run(output),
        Command::Query(query) => query.run(output),
    };
    output.end(done.map_err(Into::into))
}

/// Prints text as it is.
fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}
