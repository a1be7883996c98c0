//! The program of a crate with models: `manage`.

mod arguments;
mod back;
mod compare;
mod database;
mod decide;
mod diff;
mod files;
mod graph;
mod run;
mod script;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use sqliter::Migrations;
use sqliter::bounds::Models;
use sqliter::schema::{Schema, SchemaDiff};

use crate::output::{Failure, Output, Result};
use arguments::{Arguments, Command};

/// Makes the `main` of the program that manages the database of a crate: `src/bin/manage.rs` is this one line.
///
/// ```no_run
/// # mod myapp {
/// #     use sqliter::prelude::*;
/// #     #[derive(Debug, Clone, Model)]
/// #     pub struct Book { pk: Key<Book>, title: String }
/// #     pub type All = (Book,);
/// # }
/// sqliter_cli::manage!(myapp::All);
/// ```
///
/// The models are a tuple of all that the database holds. Migrations are files in the format of sqlx, in the folder `migrations`
/// beside the `Cargo.toml` of the crate, or where `--migrations` says. They are read when the program runs.
///
/// Migrations in Rust stand between them with a function that adds them:
///
/// ```no_run
/// # mod myapp {
/// #     use sqliter::prelude::*;
/// #     #[derive(Debug, Clone, Model)]
/// #     pub struct Book { pk: Key<Book>, title: String }
/// #     pub type All = (Book,);
/// # }
/// use sqliter::{Migration, Migrations};
///
/// fn in_rust(files: Migrations) -> Migrations {
///     files.with(Migration::rust(3, "split names", async |tx| {
///         tx.execute("UPDATE books SET title = trim(title)").await.map(drop)
///     }))
/// }
///
/// sqliter_cli::manage!(myapp::All, in_rust);
/// ```
#[macro_export]
macro_rules! manage {
    ($models:ty $(,)?) => {
        $crate::manage!($models, ::core::convert::identity);
    };
    ($models:ty, $add:expr $(,)?) => {
        fn main() -> ::std::process::ExitCode {
            let folder = ::core::concat!(::core::env!("CARGO_MANIFEST_DIR"), "/migrations");
            $crate::manage::run::<$models>(folder, $add)
        }
    };
}

/// What is known of the program.
pub(crate) struct Program {
    /// The schema of its models.
    schema: fn() -> sqliter::Result<Schema>,
    /// The differences between its models and a schema.
    diff: fn(&Schema) -> sqliter::Result<SchemaDiff>,
    /// Adds its migrations in Rust.
    add: fn(Migrations) -> Migrations,
    folder: PathBuf,
    database: Option<String>,
    output: Output,
}

/// Runs the command that the arguments of the program name. [`manage!`](crate::manage!) calls this.
///
/// `folder` is where the migrations are, `add` gives them together with those in Rust.
pub fn run<T: Models>(folder: &str, add: fn(Migrations) -> Migrations) -> ExitCode {
    // A mistake on the command line ends the program here, with the exit code 2.
    let Arguments { command, database, migrations, json } = Arguments::parse();
    let program = Program {
        schema: Schema::of::<T>,
        diff: Schema::diff_models::<T>,
        add,
        folder: migrations.unwrap_or_else(|| Path::new(folder).to_path_buf()),
        database,
        output: Output::new(json),
    };
    program.output.end(program.run(command))
}

impl Program {
    fn run(&self, command: Command) -> Result {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_time()
            .build()
            .map_err(|error| Failure::Other(format!("cannot start the runtime: {error}")))?;
        runtime.block_on(async {
            match command {
                Command::Migrate(arguments) => self.migrate(arguments).await,
                Command::Undo(arguments) => self.undo(arguments).await,
                Command::Status { check } => self.status(check).await,
                Command::Diff(arguments) => self.diff(arguments).await,
                Command::Check => self.check().await,
                Command::Drift { file } => self.drift(file).await,
                Command::Schema => self.print_schema(),
                Command::Graph => self.print_graph(),
            }
        })
    }
}
