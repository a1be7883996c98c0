//! A copy of the database in another file, by SQLite's [backup API](https://www.sqlite.org/backup.html).

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use rusqlite::backup::{Backup, StepResult};

use super::connection::report;
use super::limits::must_stop;
use super::{Connection, locked};
use crate::error::{Context, Error, Result, SqliteError, code};

/// How many pages are copied between two looks at whether anybody still waits for the copy.
const PAGES: i32 = 512;

/// How often a copy begins anew, as others have written meanwhile, before it keeps them from that.
const PATIENCE: u32 = 8;

/// The file that a copy becomes.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) path: PathBuf,
    /// Whether a file of that name gives way to it.
    pub(crate) replaces: bool,
}

impl Target {
    pub(crate) const fn new(path: PathBuf) -> Self {
        Self { path, replaces: false }
    }

    fn failed(&self, reason: String, source: Option<SqliteError>) -> Error {
        Error::Backup { path: self.path.display().to_string(), reason, source }
    }

    /// Refuses a target that is no file of its own.
    fn check(&self, database: Option<&Path>) -> Result<()> {
        let refused = |reason: &str| Err(self.failed(reason.to_owned(), None));
        let Ok(found) = fs::symlink_metadata(&self.path) else { return Ok(()) };
        if !self.replaces {
            return refused("there is a file of this name already, which is not overwritten");
        }
        let canonical = fs::canonicalize(&self.path).ok();
        if canonical.is_some() && database.and_then(|database| fs::canonicalize(database).ok()) == canonical {
            return refused("a database is not copied to itself");
        }
        if found.is_dir() {
            return refused("it is a folder");
        }
        // What stands beside a database belongs to it, and would be taken for a part of the copy.
        let beside = ["-wal", "-journal"].into_iter().find(|ending| with_ending(&self.path, ending).exists());
        match beside {
            None => Ok(()),
            Some(ending) => refused(&format!(
                "the file of this name is a database in use, or was left so by a program that has crashed or has only read it: \
                there is a file with the ending {ending} beside it"
            )),
        }
    }

    /// Makes the copy under another name, and gives it its own when it is whole and on the disk.
    fn make(
        &self,
        database: Option<&Path>,
        stops: &dyn Fn() -> bool,
        copy: impl FnOnce(&Path) -> Result<(), SqliteError>,
    ) -> Result<()> {
        self.check(database)?;
        let partial = self.partial();
        let synced = copy(&partial).map_err(|source| self.failed(words(&source), Some(source))).and_then(|()| {
            let synced = File::open(&partial).and_then(|file| file.sync_all());
            synced.map_err(|error| self.failed(error.to_string(), None))
        });
        let named = synced.and_then(|()| {
            self.check(database)?;
            // The disk may have taken long.
            if stops() {
                let source = interrupted();
                return Err(self.failed(words(&source), Some(source)));
            }
            give_name(&partial, &self.path).map_err(|error| self.failed(error.to_string(), None))
        });
        if named.is_err() {
            // What cannot be removed is told by the error that is on its way.
            let _ = fs::remove_file(&partial);
        }
        named
    }

    /// A name for the copy until it is whole, which no other copy has at this time.
    fn partial(&self) -> PathBuf {
        static COPIES: AtomicU64 = AtomicU64::new(0);
        let number = COPIES.fetch_add(1, Ordering::Relaxed);
        with_ending(&self.path, &format!(".{}-{number}.partial", std::process::id()))
    }
}

impl Connection {
    /// Copies the database into a file. `tell` gets how many of how many pages are copied. The file has its name when it is whole
    /// and on the disk, and not before.
    ///
    /// With a write-ahead log it is the database as it is now, and others write meanwhile. Without one, what others write makes
    /// it begin anew, and after some times they wait for it.
    ///
    /// SQLite copies nothing for a connection that writes; so where others shall not write, another one keeps them from it.
    pub(crate) fn copy_to(&mut self, target: &Target, tell: &mut dyn FnMut(u64, u64)) -> Result<()> {
        let database = self.sqlite().path().filter(|path| !path.is_empty()).map(PathBuf::from);
        target.make(database.as_deref(), &must_stop, |partial| {
            let holds = self.ask::<String>("PRAGMA journal_mode")? == "wal";
            let was_open = !self.is_autocommit();
            let copied = self.copy(partial, holds, tell);
            match self.is_autocommit() || was_open {
                true => copied,
                false => copied.and(self.control("COMMIT")),
            }
        })
    }

    fn copy(&self, partial: &Path, mut holds: bool, tell: &mut dyn FnMut(u64, u64)) -> Result<(), SqliteError> {
        let (mut restarts, mut left) = (0, u64::MAX);
        let hold = || match self.is_autocommit() {
            false => Ok(()),
            true => self.control("BEGIN").and_then(|()| self.try_touch()),
        };
        write_copy(self.sqlite(), partial, &must_stop, &mut |step| match step {
            Step::Next if holds => hold(),
            Step::Next => Ok(()),
            Step::Copied(pages, of) => {
                restarts += u32::from(of - pages > left);
                left = of - pages;
                holds |= restarts >= PATIENCE;
                tell(pages, of);
                Ok(())
            }
        })
    }
}

/// All pages of a database, in memory.
pub(crate) struct Image(pub(super) Mutex<rusqlite::Connection>);

impl Image {
    /// That of the database of a connection.
    pub(crate) fn of(connection: &Connection, context: Context<'_>) -> Result<Self> {
        let copied = || {
            let mut image = rusqlite::Connection::open_in_memory().map_err(report)?;
            copy_all(connection.sqlite(), &mut image)?;
            Ok(image)
        };
        copied().map(|image| Self(Mutex::new(image))).map_err(|source| connection.error(context, source))
    }

    /// Writes it to a file, as [`Connection::copy_to`] does. It ends when `stops` says so.
    pub(crate) fn copy_to(
        &self,
        target: &Target,
        stops: &dyn Fn() -> bool,
        tell: &mut dyn FnMut(u64, u64),
    ) -> Result<()> {
        target.make(None, stops, |partial| {
            write_copy(&locked(&self.0), partial, stops, &mut |step| {
                if let Step::Copied(pages, of) = step {
                    tell(pages, of);
                }
                Ok(())
            })
        })
    }
}

/// Copies all pages at once.
pub(super) fn copy_all(from: &rusqlite::Connection, to: &mut rusqlite::Connection) -> Result<(), SqliteError> {
    const ALL: i32 = -1;
    let step = Backup::new(from, to).and_then(|backup| backup.step(ALL)).map_err(report)?;
    match step {
        StepResult::Done => Ok(()),
        other => Err(SqliteError { code: code::BUSY, message: format!("the database is in use: {other:?}") }),
    }
}

/// How far a copy is.
enum Step {
    /// Some pages are about to be copied.
    Next,
    /// So many of so many are copied.
    Copied(u64, u64),
}

/// Writes a copy to a file of that name, which is made anew.
fn write_copy(
    from: &rusqlite::Connection,
    path: &Path,
    stops: &dyn Fn() -> bool,
    each: &mut dyn FnMut(Step) -> Result<(), SqliteError>,
) -> Result<(), SqliteError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(SqliteError { code: code::CANNOT_OPEN, message: error.to_string() });
        }
        Ok(()) | Err(_) => {}
    }
    let mut copy = rusqlite::Connection::open(path).map_err(report)?;
    // A copy that is not finished is thrown away.
    copy.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF").map_err(report)?;
    {
        let backup = Backup::new(from, &mut copy).map_err(report)?;
        loop {
            if stops() {
                return Err(interrupted());
            }
            each(Step::Next)?;
            let step = backup.step(PAGES).map_err(report)?;
            let pages = backup.progress();
            let count = |pages: i32| u64::try_from(pages).unwrap_or(0);
            match step {
                StepResult::Busy | StepResult::Locked => {
                    return Err(SqliteError { code: code::BUSY, message: "database is locked".to_owned() });
                }
                StepResult::Done | StepResult::More => {
                    each(Step::Copied(count(pages.pagecount - pages.remaining), count(pages.pagecount)))?;
                }
                other => {
                    let message = format!("the copy cannot be made: {other:?}");
                    return Err(SqliteError { code: code::ERROR, message });
                }
            }
            if matches!(step, StepResult::Done) {
                break;
            }
        }
    }
    copy.close().map_err(|(_, error)| report(error))
}

fn words(source: &SqliteError) -> String {
    match source.primary_code() {
        code::BUSY => "another program keeps the database locked".to_owned(),
        _ => source.to_string(),
    }
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    PathBuf::from(name)
}

fn interrupted() -> SqliteError {
    SqliteError { code: code::INTERRUPT, message: "interrupted".to_owned() }
}

/// Gives its name to a copy that is on the disk.
fn give_name(partial: &Path, path: &Path) -> io::Result<()> {
    fs::rename(partial, path)?;
    // So that the name survives too, where the system can be asked for that.
    if let Some(folder) = path.parent() {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
    }
    Ok(())
}
