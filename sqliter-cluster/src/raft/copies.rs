//! Copies of the database, which stand for the log up to an entry.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags, Result};

use crate::applied::Version;

/// For how long a lock on the database is waited for at a time. Whoever holds one longer is waited for again.
const BUSY: Duration = Duration::from_secs(1);

/// The number of the last entry that the database has; 0 when there is no database yet.
pub(super) fn applied(database: &Path) -> Result<u64> {
    if !database.exists() {
        return Ok(0);
    }
    let connection = Connection::open(database)?;
    connection.busy_timeout(BUSY)?;
    number(&connection)
}

/// Copies the database as it is at one moment, and gives the number of the last entry in the copy, which is on disk.
pub(super) fn copy_out(database: &Path, to: &Path) -> Result<u64> {
    remove(to).map_err(failed)?;
    let from = Connection::open(database)?;
    let mut copy = Connection::open(to)?;
    copy.pragma_update(None, "synchronous", "full")?;
    copy_pages(&from, &mut copy)?;
    copy.close().map_err(|(_, error)| error)?;
    number(&of_copy(to)?)
}

/// The number of the last entry in a copy.
pub(super) fn applied_in_copy(copy: &Path) -> Result<u64> {
    number(&of_copy(copy)?)
}

/// Makes the database what a copy is. Whoever reads it meanwhile goes on reading what was there.
pub(super) fn copy_in(copy: &Path, database: &Path) -> Result<()> {
    let from = of_copy(copy)?;
    let mut into = Connection::open(database)?;
    into.pragma_update(None, "journal_mode", "wal")?;
    copy_pages(&from, &mut into)
}

/// Pages, not rows: row ids that nobody sees stay what they are.
fn copy_pages(from: &Connection, into: &mut Connection) -> Result<()> {
    into.busy_timeout(BUSY)?;
    from.busy_timeout(BUSY)?;
    let backup = Backup::new(from, into)?;
    loop {
        match backup.step(-1)? {
            StepResult::Done => return Ok(()),
            StepResult::Busy | StepResult::Locked => std::thread::sleep(Duration::from_millis(5)),
            _ => {}
        }
    }
}

/// A copy never changes, and nobody writes a `-wal` beside it.
fn of_copy(copy: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    let path = copy.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    Connection::open_with_flags(format!("file:{path}?immutable=1"), flags)
}

fn number(connection: &Connection) -> Result<u64> {
    Ok(Version::read(connection)?.applied.cast_unsigned())
}

/// The copy whose last entry has a number.
pub(super) fn copy_of(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("snapshot-{number}.db"))
}

/// Gives a file that is complete its name. It is on disk then.
pub(super) fn keep(file: &Path, name: &Path) -> io::Result<()> {
    File::open(file)?.sync_all()?;
    std::fs::rename(file, name)?;
    sync(name.parent().unwrap_or(Path::new(".")))
}

/// The names of files in a folder are on disk.
pub(super) fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Removes copies that are needed no more.
pub(super) fn remove_others(folder: &Path, kept: Option<u64>) -> io::Result<()> {
    let kept = kept.map(|number| copy_of(folder, number));
    for file in std::fs::read_dir(folder)? {
        let file = file?.path();
        let is_copy = file.extension().is_some_and(|it| it == "db")
            && file.file_name().is_some_and(|name| name.to_string_lossy().starts_with("snapshot-"));
        if is_copy && Some(&file) != kept.as_ref() {
            remove(&file)?;
        }
    }
    Ok(())
}

/// Removes what a machine that was killed has left of copies.
pub(super) fn remove_parts(folder: &Path) -> io::Result<()> {
    for file in std::fs::read_dir(folder)? {
        let file = file?.path();
        if file.extension().is_some_and(|it| it == "part") {
            remove(&file)?;
        }
    }
    Ok(())
}

pub(super) fn remove(file: &Path) -> io::Result<()> {
    match std::fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn failed(error: io::Error) -> rusqlite::Error {
    rusqlite::Error::ToSqlConversionFailure(error.into())
}
