//! What can be chosen when the service is started.

use std::path::PathBuf;
use std::time::Duration;

use chrono::NaiveTime;
use clap::Parser;

/// A lending library over HTTP, on a SQLite database.
#[derive(Debug, Parser)]
pub struct Options {
    /// Where to listen; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:3000")]
    pub address: String,
    /// The database file, which is made if it is not there; without this, one in the folder for temporary files
    #[arg(long)]
    database: Option<PathBuf>,
    /// Puts no sample data into an empty database
    #[arg(long)]
    pub empty: bool,
    /// The folder for backups; without this, `backups` beside the database
    #[arg(long)]
    backups: Option<PathBuf>,
    /// When to make a backup every day, in UTC
    #[arg(long, default_value = "03:00:00")]
    pub backup_at: NaiveTime,
    /// How many milliseconds a request waits for the database before it is told to come again
    #[arg(long, default_value_t = 2000)]
    wait: u64,
    /// How many milliseconds a report may take
    #[arg(long, default_value_t = 5000)]
    report_limit: u64,
}

impl Options {
    pub fn database(&self) -> PathBuf {
        self.database.clone().unwrap_or_else(|| std::env::temp_dir().join("sqliter-library.db"))
    }

    pub fn backups(&self) -> PathBuf {
        self.backups.clone().unwrap_or_else(|| self.database().with_file_name("backups"))
    }

    pub fn wait(&self) -> Duration {
        Duration::from_millis(self.wait)
    }

    pub fn report_limit(&self) -> Duration {
        Duration::from_millis(self.report_limit)
    }
}
