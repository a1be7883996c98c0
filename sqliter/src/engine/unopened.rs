//! Why a database could not be opened: SQLite says no more than "unable to open database file".
//!
//! The file itself is not opened to find out: closing it again would release all locks that this process has on it.

use std::ffi::CString;
use std::io;
use std::path::Path;

use super::handle::may_be_written;
use crate::error::{SqliteError, code};

/// The reason in words.
pub(super) fn reason(path: &Path, error: &sqlx::Error) -> String {
    of_the_path(path).or_else(|| of_the_rights(path, error)).unwrap_or_else(|| words(error))
}

/// SQLite's report, without what sqlx says around it.
pub(super) fn words(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(report) => match sqlite_code(error) {
            code::NOTADB => "the file is not an SQLite database".to_owned(),
            code => SqliteError { code, message: report.message().to_owned() }.to_string(),
        },
        sqlx::Error::Configuration(cause) => cause.to_string(),
        other => other.to_string(),
    }
}

/// SQLite's extended result code; 0 for an error of another kind.
pub(super) fn sqlite_code(error: &sqlx::Error) -> i32 {
    error.as_database_error().and_then(|error| error.code()?.parse().ok()).unwrap_or(0)
}

/// What is wrong with the path, whatever the file is.
fn of_the_path(path: &Path) -> Option<String> {
    if path.is_dir() {
        return Some("it is a folder".to_owned());
    }
    let folder = folder_of(path);
    match folder.metadata() {
        Ok(found) if found.is_dir() => {}
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            return Some(format!("the folder {} cannot be entered: {error}", folder.display()));
        }
        Ok(_) => return Some(format!("the folder {} does not exist, as a file has its name", folder.display())),
        Err(error) if is_absence(&error) => return Some(format!("the folder {} does not exist", folder.display())),
        Err(error) => return Some(format!("the system does not take the path: {error}")),
    }
    match path.metadata() {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            Some(format!("the folder {} cannot be entered: {error}", folder.display()))
        }
        Err(error) if !is_absence(&error) => Some(format!("the system does not take the path: {error}")),
        Ok(_) | Err(_) => None,
    }
}

fn is_absence(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// What this process may not do.
fn of_the_rights(path: &Path, error: &sqlx::Error) -> Option<String> {
    let code = code::primary(sqlite_code(error));
    if !matches!(code, code::CANTOPEN | code::READONLY | code::IOERR) {
        return None;
    }
    if let Some(error) = missing_descriptors() {
        return Some(format!(
            "no more files can be opened ({error}): raise the limit of the process, or open fewer databases and \
             connections"
        ));
    }
    if let Some(longest) = LONGEST_PATH.filter(|longest| longest < &absolute_length(path)) {
        return Some(format!("the path is longer than the {longest} bytes that SQLite takes"));
    }
    let folder = folder_of(path);
    match (path.exists(), is_writable(path)) {
        (false, _) if !is_writable(folder) => {
            Some(format!("the folder {} may not be written, so that no file can be made in it", folder.display()))
        }
        // SQLite reads what it may not write.
        (true, false) if code == code::CANTOPEN => {
            Some("permission denied: the file may neither be read nor written".to_owned())
        }
        (true, false) => Some("the file is read-only".to_owned()),
        (true, true) if !is_writable(folder) => {
            Some(format!("the folder {} is read-only, and SQLite keeps its log beside the file", folder.display()))
        }
        _ => None,
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}

fn is_writable(path: &Path) -> bool {
    path.to_str().and_then(|path| CString::new(path).ok()).is_some_and(|path| may_be_written(&path))
}

/// SQLite's limit for Unix, less what it adds to the names of the files beside the database.
const LONGEST_PATH: Option<usize> = if cfg!(unix) { Some(504) } else { None };

fn absolute_length(path: &Path) -> usize {
    std::path::absolute(path).map_or(0, |path| path.as_os_str().len())
}

/// The error of the system when not even as many files can be opened as a database needs.
fn missing_descriptors() -> Option<io::Error> {
    const NEEDED: usize = 4;
    if cfg!(not(unix)) {
        return None;
    }
    let opened: io::Result<Vec<_>> = (0..NEEDED).map(|_| std::fs::File::open("/dev/null")).collect();
    opened.err().filter(|error| !is_absence(error))
}
