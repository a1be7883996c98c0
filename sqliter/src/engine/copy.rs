//! A copy of the database in another file, by SQLite's [backup API](https://www.sqlite.org/backup.html).

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::backup::{Backup, StepResult};

use super::Connection;
use super::connection::report;
use super::limits::must_stop;
use crate::error::{Error, Result, SqliteError, code};

/// How many pages are copied between two looks at whether anybody still waits for the copy.
const PAGES: i32 = 512;

impl Connection {
    /// Copies the database into a file that does not exist yet. `tell` gets how many of how many pages are copied. The file has
    /// its name when it is whole and on the disk, and not before.
    ///
    /// SQLite copies nothing for a connection that writes; so where others may write, another one keeps them from it.
    pub(crate) fn copy_to(&mut self, path: &Path, tell: &mut dyn FnMut(u64, u64)) -> Result<()> {
        let failed = |reason: String, source| Error::Backup { path: path.display().to_string(), reason, source };
        if fs::symlink_metadata(path).is_ok() {
            let reason = "there is a file of this name already, which is not overwritten".to_owned();
            return Err(failed(reason, None));
        }
        let mut partial = OsString::from(path);
        partial.push(".partial");
        let partial = PathBuf::from(partial);
        let copied = self.copy(&partial, tell).map_err(|source| failed(source.to_string(), Some(source)));
        let named = copied.and_then(|()| finish(&partial, path).map_err(|error| failed(error.to_string(), None)));
        if named.is_err() {
            // What cannot be removed is told by the error that is on its way.
            let _ = fs::remove_file(&partial);
        }
        named
    }

    fn copy(&self, path: &Path, tell: &mut dyn FnMut(u64, u64)) -> Result<(), SqliteError> {
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(SqliteError { code: code::CANNOT_OPEN, message: error.to_string() });
            }
            Ok(()) | Err(_) => {}
        }
        let mut copy = rusqlite::Connection::open(path).map_err(report)?;
        {
            let backup = Backup::new(self.sqlite(), &mut copy).map_err(report)?;
            loop {
                if must_stop() {
                    return Err(SqliteError { code: code::INTERRUPT, message: "interrupted".to_owned() });
                }
                let step = backup.step(PAGES).map_err(report)?;
                let pages = backup.progress();
                let count = |pages: i32| u64::try_from(pages).unwrap_or(0);
                tell(count(pages.pagecount - pages.remaining), count(pages.pagecount));
                match step {
                    StepResult::Done => break,
                    StepResult::More => {}
                    // In the log, whoever reads waits for nobody.
                    other => {
                        let message = format!("the copy cannot be made: {other:?}");
                        return Err(SqliteError { code: code::ERROR, message });
                    }
                }
            }
        }
        copy.close().map_err(|(_, error)| report(error))
    }
}

/// Gives the copy its name when it is on the disk.
fn finish(partial: &Path, path: &Path) -> io::Result<()> {
    File::open(partial)?.sync_all()?;
    fs::rename(partial, path)?;
    // So that the name survives too, where the system can be asked for that.
    if let Some(folder) = path.parent() {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
    }
    Ok(())
}
