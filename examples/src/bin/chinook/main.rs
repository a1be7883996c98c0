//! A digital music store: eleven tables from real data, and questions to them.
//!
//! Run it with `cargo run --release`. It writes a database file into the system's folder for temporary files, or where
//! its argument says: `cargo run --release -- store.db`.

mod load;
mod models;
mod questions;
mod relations;
mod report;
mod table;
#[cfg(test)]
mod tests;

use std::error::Error;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use sqliter::prelude::*;

const USAGE: &str = "usage: chinook [DATABASE FILE]\n\nThe file is made anew: tables that it has are dropped.";

const NEXT: &str = "
What to do next:
  read the guide     cargo doc --open -p sqliter                              (the module guide)
  start a service    cargo run --release -p sqliter-examples --bin service    (a library to copy)
";

#[tokio::main]
async fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let path = match (arguments.next(), arguments.next()) {
        (None, _) => std::env::temp_dir().join("sqliter-chinook.db"),
        (Some(path), None) if !path.to_string_lossy().starts_with('-') => PathBuf::from(path),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::FAILURE;
        }
    };
    match run(&path).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(path: &Path) -> Result<(), Box<dyn Error>> {
    let mut steps = Steps::start();

    let db = Db::options().path(path).reset().open().await?;
    steps.done("opening the database");

    db.create_tables::<models::AllModels>().await?;
    steps.done("creating the tables");

    let rows = load::load(&db, &load::data_folder()).await?;
    steps.done(&format!("loading {rows} rows"));

    let report = report::report(&db).await?;
    steps.done("answering the questions");

    db.close().await?;
    steps.done("closing the database");

    let (times, path) = (steps.report(), path.display());
    write!(io::stdout(), "{times}{report}\nThe database is in {path}\n{NEXT}")?;
    Ok(())
}

/// What was done, and how long it took.
struct Steps {
    done: Vec<(String, Duration)>,
    since: Instant,
}

impl Steps {
    fn start() -> Self {
        Self { done: Vec::new(), since: Instant::now() }
    }

    fn done(&mut self, step: &str) {
        self.done.push((step.to_owned(), self.since.elapsed()));
        self.since = Instant::now();
    }

    fn report(self) -> String {
        let rows = self.done.into_iter().map(|(step, time)| [step, format!("{:.1}", time.as_secs_f64() * 1000.0)]);
        table::draw("How long it took", ["Step", "Milliseconds"], rows)
    }
}
