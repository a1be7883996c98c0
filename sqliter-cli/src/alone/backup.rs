//! `sqliter backup`.

use std::fs;
use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use sqliter::bounds::BackupProgress;
use sqliter::{Db, Error};
use sqliter_cli::output::{GOOD, Outcome, Output};
use sqliter_cli::progress::Progress;

use super::failure::Failure;
use super::file::{self, PATIENCE};

#[derive(Debug, Args)]
pub(super) struct Backup {
    /// The database file.
    file: PathBuf,
    /// The file to copy it to.
    to: PathBuf,
    /// Replace a file that exists.
    #[arg(long)]
    force: bool,
}

impl Backup {
    pub(super) fn run(&self, output: Output) -> Result<Outcome, Failure> {
        // What is wrong with the file is told as all commands tell it.
        let encoding: String = file::read(&self.file)?
            .query_row("PRAGMA encoding", [], |row| row.get(0))
            .map_err(|error| file::of_file(&self.file, error))?;
        // The library, which copies what is in use, opens files with text in UTF-8 only.
        if encoding != "UTF-8" {
            return Err(Failure::OtherEncoding { file: self.file.clone(), to: self.to.clone(), encoding });
        }
        if !self.force && fs::symlink_metadata(&self.to).is_ok() {
            return Err(self.cannot_write("the file exists; --force replaces it"));
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
        let pages = runtime.block_on(self.copy(output)).map_err(|error| self.failure(error))?;
        let bytes = fs::metadata(&self.to).map_err(|error| self.cannot_write(error.to_string()))?.len();
        match output.is_json() {
            true => output.json(&json!({ "file": self.file.display().to_string(), "to": self.to.display().to_string(), "pages": pages, "bytes": bytes }))?,
            false => {
                let done = output.paint(GOOD, "copied");
                super::print(&format!("{done} {pages} pages, {bytes} bytes, to {}\n", self.to.display()))?;
            }
        }
        Ok(Outcome::Fine)
    }

    /// Copies the database. Gives the number of its pages.
    async fn copy(&self, output: Output) -> sqliter::Result<u64> {
        let db = Db::options().path(&self.file).read_only().busy_timeout(PATIENCE).open().await?;
        let bar = Progress::new(output);
        let mut copied = 0;
        let tell = |done: &BackupProgress| {
            copied = done.of;
            bar.count("copying", done.pages, done.of);
        };
        let copy = db.backup(&self.to).progress(tell);
        if self.force {
            copy.replace().await?
        } else {
            copy.await?
        }
        db.close().await?;
        Ok(copied)
    }

    fn failure(&self, error: Error) -> Failure {
        match error {
            Error::Backup { reason, .. } => self.cannot_write(reason),
            Error::Busy { .. } => Failure::Busy(self.file.clone()),
            Error::Connection { reason, .. } => Failure::CannotOpen { file: self.file.clone(), reason },
            other => Failure::Schema(other),
        }
    }

    fn cannot_write(&self, reason: impl Into<String>) -> Failure {
        Failure::CannotWrite { file: self.to.clone(), reason: reason.into() }
    }
}
