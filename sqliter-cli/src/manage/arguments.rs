//! What can be said on the command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

const EXIT_CODES: &str = "\
Exit codes:
  0  done, and all is as it should be
  1  something was found or is left to do: differences, pending migrations (`status --check`), questions (`diff`)
  2  a mistake on the command line
  3  it failed; nothing is half done";

/// Manage the database of this program: its schema and its migrations.
#[derive(Debug, Parser)]
#[command(name = "manage", after_help = EXIT_CODES)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,

    /// The database file; without this, DATABASE_URL says which (a path, or sqlite://PATH)
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) database: Option<String>,

    /// The folder of the migrations [default: migrations/ beside the Cargo.toml of the program]
    #[arg(long, global = true, value_name = "DIR")]
    pub(super) migrations: Option<PathBuf>,

    /// Print JSON, for programs
    #[arg(long, global = true)]
    pub(super) json: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Apply the migrations that are pending: all of them, or none if one fails
    #[command(visible_alias = "up")]
    Migrate(MigrateArguments),

    /// Undo the last migration, or all after a version
    #[command(visible_aliases = ["revert", "down"])]
    Undo(UndoArguments),

    /// Say which migrations are applied, pending, changed or missing
    Status {
        /// End with exit code 1 unless all are applied
        #[arg(long)]
        check: bool,
    },

    /// Write the migration that leads from the present migrations to the models
    Diff(Box<DiffArguments>),

    /// For CI: do the migrations lead to the models, and is the SQL in attributes right?
    Check,

    /// Compare a database file with the models; the file is only read
    Drift {
        /// The file [default: the one of --database or DATABASE_URL]
        file: Option<String>,
    },

    /// Print the SQL of the models
    Schema,

    /// Print the tables of the models and how they refer to each other, as a Mermaid diagram
    Graph,
}

#[derive(Debug, Args)]
pub(super) struct MigrateArguments {
    /// The last version to apply
    #[arg(long, value_name = "VERSION", visible_alias = "target-version")]
    pub(super) to: Option<i64>,

    /// Copy the database to this file first; a file that is there is not overwritten
    #[arg(long, value_name = "FILE")]
    pub(super) backup_to: Option<PathBuf>,

    /// Only say what would be applied
    #[arg(long)]
    pub(super) dry_run: bool,
}

#[derive(Debug, Args)]
pub(super) struct UndoArguments {
    /// The last version that stays; 0 undoes all
    #[arg(long, value_name = "VERSION", visible_alias = "target-version")]
    pub(super) to: Option<i64>,

    /// Copy the database to this file first; a file that is there is not overwritten
    #[arg(long, value_name = "FILE")]
    pub(super) backup_to: Option<PathBuf>,

    /// Only say what would be undone
    #[arg(long)]
    pub(super) dry_run: bool,
}

/// Nothing is guessed. What must be told is asked for on a terminal; elsewhere these options tell it.
#[derive(Debug, Clone, Args)]
pub(super) struct DiffArguments {
    /// What the migration is called, as "add isbn"
    pub(super) name: String,

    /// A column or a table has another name now; OLD is TABLE.COLUMN or TABLE
    #[arg(long, value_name = "OLD=NEW", visible_alias = "renamed")]
    pub(super) rename: Vec<String>,

    /// This goes, with what it holds: TABLE.COLUMN, or a table, index, view or trigger
    #[arg(long, value_name = "NAME")]
    pub(super) drop: Vec<String>,

    /// This stays although no model has it: TABLE.COLUMN, or an index or table
    #[arg(long, value_name = "NAME")]
    pub(super) keep: Vec<String>,

    /// What the rows that exist get in a column: TABLE.COLUMN=SQL, an expression over the columns of the row
    #[arg(long, value_name = "COLUMN=SQL", visible_alias = "default")]
    pub(super) value: Vec<String>,

    /// The rows of this table satisfy its new constraints; if they do not, the migration fails and changes nothing
    #[arg(long, value_name = "TABLE")]
    pub(super) rows_satisfy: Vec<String>,

    /// Print the SQL, and write no file
    #[arg(long)]
    pub(super) dry_run: bool,
}
