//! Running the program.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Runs the program.
pub fn sqliter<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sqliter")).args(arguments).output().unwrap()
}

/// What the program prints when it succeeds.
#[track_caller]
pub fn printed<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> String {
    let output = sqliter(arguments);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {error}", output.status);
    assert_eq!(error, "");
    String::from_utf8(output.stdout).unwrap()
}

/// A file with these tables and rows.
pub fn file(folder: &Path, name: &str, sql: &str) -> PathBuf {
    let path = folder.join(name);
    let db = rusqlite::Connection::open(&path).unwrap();
    // Whatever other programs let into a file.
    db.pragma_update(None, "foreign_keys", false).unwrap();
    db.execute_batch(sql).unwrap();
    path
}
