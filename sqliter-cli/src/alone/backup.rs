//! `sqliter backup`.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use clap::Args;
use rusqlite::Connection;
use rusqlite::backup::{Backup as Copy, StepResult};
use serde_json::json;
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

/// How many pages are copied between two looks at the progress.
const PAGES: i32 = 512;

impl Backup {
    pub(super) fn run(&self, output: Output) -> Result<Outcome, Failure> {
        let source = file::read(&self.file)?;
        self.check_target()?;
        let partial = with_ending(&self.to, ".partial");
        let copied = self.copy(&source, &partial, output).and_then(|pages| {
            let named = fs::File::open(&partial).and_then(|copy| copy.sync_all());
            named
                .and_then(|()| fs::rename(&partial, &self.to))
                .map_err(|error| self.cannot_write(error.to_string()))?;
            Ok(pages)
        });
        if copied.is_err() {
            // The failure that is on its way tells more than one about the remains.
            let _ = fs::remove_file(&partial);
        }
        let pages = copied?;
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

    fn cannot_write(&self, reason: impl Into<String>) -> Failure {
        Failure::CannotWrite { file: self.to.clone(), reason: reason.into() }
    }

    fn check_target(&self) -> Result<(), Failure> {
        if fs::symlink_metadata(&self.to).is_err() {
            return Ok(());
        }
        let same = |a: &Path, b: &Path| matches!((fs::canonicalize(a), fs::canonicalize(b)), (Ok(a), Ok(b)) if a == b);
        if same(&self.file, &self.to) {
            return Err(self.cannot_write("a database is not copied to itself"));
        }
        if !self.force {
            return Err(self.cannot_write("the file exists; --force replaces it"));
        }
        if self.to.is_dir() {
            return Err(self.cannot_write("it is a folder"));
        }
        // What stands beside a database belongs to it, and would be taken for a part of the copy.
        match ["-wal", "-journal"].iter().find(|ending| with_ending(&self.to, ending).exists()) {
            Some(ending) => Err(self.cannot_write(format!(
                "it is a database in use, or was left by a program that crashed: there is a file with {ending} beside it"
            ))),
            None => Ok(()),
        }
    }

    fn copy(&self, source: &Connection, partial: &Path, output: Output) -> Result<i32, Failure> {
        match fs::remove_file(partial) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(self.cannot_write(error.to_string()));
            }
            Ok(()) | Err(_) => {}
        }
        let failed = |error: rusqlite::Error| self.cannot_write(error.to_string());
        let mut target = Connection::open(partial).map_err(failed)?;
        let bar = Progress::new(output);
        let mut pages = 0;
        {
            let copy = Copy::new(source, &mut target).map_err(failed)?;
            let mut waiting = None;
            loop {
                match copy.step(PAGES).map_err(|error| file::of_file(&self.file, error))? {
                    StepResult::Done => {
                        pages = copy.progress().pagecount.max(pages);
                        break;
                    }
                    StepResult::More => waiting = None,
                    _ if waiting.get_or_insert_with(Instant::now).elapsed() > PATIENCE => {
                        return Err(Failure::Busy(self.file.clone()));
                    }
                    _ => thread::sleep(Duration::from_millis(20)),
                }
                let progress = copy.progress();
                pages = progress.pagecount;
                let count = |pages: i32| u64::try_from(pages).unwrap_or(0);
                bar.count("copying", count(progress.pagecount - progress.remaining), count(progress.pagecount));
            }
        }
        drop(bar);
        target.close().map_err(|(_, error)| failed(error))?;
        Ok(pages)
    }
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    PathBuf::from(name)
}
