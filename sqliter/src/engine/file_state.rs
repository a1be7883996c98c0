//! What the system tells of a database file, and of what SQLite keeps beside it.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use super::wishes::FileUse;
use crate::error::{Result, SqliteError, code};

/// Why a file cannot be opened. The file itself is not opened to find out: closing it would release the locks that other
/// connections of the program have on it.
pub(super) fn reason(report: &SqliteError, path: &Path, file_use: FileUse) -> String {
    const READ_ONLY_FOLDER: i32 = 1544;
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let file = match std::fs::metadata(path) {
        Ok(file) if file.is_dir() => return "it is a folder".to_owned(),
        Ok(file) => Some(file),
        Err(missing) if matches!(missing.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => None,
        // A folder on the way that may not be entered, a name that is too long.
        Err(refused) => return refused.to_string(),
    };
    if !folder.is_dir() {
        return format!("the folder {} does not exist", folder.display());
    }
    match (report.primary_code(), file) {
        (code::NOT_A_DATABASE, _) => "the file is not an SQLite database".to_owned(),
        (code::CANNOT_OPEN | code::READ_ONLY | code::IO_ERROR, file) => {
            if let Some(reason) = limit(path, folder) {
                return reason;
            }
            if file_use.reads_only() {
                return reading_reason(report, file.as_ref(), folder);
            }
            match file {
                None => format!("this program may not create files in the folder {}", folder.display()),
                Some(file) if is_unreadable(&file) => {
                    "permission denied: this program may not read the file".to_owned()
                }
                Some(file) if file.permissions().readonly() => "the file is read-only".to_owned(),
                Some(_) if report.code == READ_ONLY_FOLDER || report.primary_code() == code::CANNOT_OPEN => format!(
                    "this program may not write the folder {}, where SQLite keeps the log beside the file",
                    folder.display()
                ),
                Some(_) => format!(
                    "this program may not write the file, or may not write the folder {}, where the log is kept",
                    folder.display()
                ),
            }
        }
        _ => report.to_string(),
    }
}

/// Why a file cannot be opened to read it.
fn reading_reason(report: &SqliteError, file: Option<&std::fs::Metadata>, folder: &Path) -> String {
    /// A transaction that was not at its end is to be rolled back, which writes.
    const HOT_JOURNAL: i32 = 776;
    match file {
        None => "the file does not exist, and nothing is created with `read_only`".to_owned(),
        Some(file) if is_unreadable(file) => "permission denied: this program may not read the file".to_owned(),
        Some(_) if report.code == HOT_JOURNAL => {
            "a program that wrote the file has ended in the midst of a transaction, and what it left in the file with the ending \
            -journal must be rolled back: open the file once for writing"
                .to_owned()
        }
        Some(_) => format!(
            "this program may not read the file, or SQLite needs files with the endings -wal and -shm beside it, which are not \
            there, and this program may not create them in the folder {}: keep the program running that writes the file, or, if \
            nobody writes it while it is open, use `DbOptions::immutable`",
            folder.display()
        ),
    }
}

/// Refuses a file that a program which writes has open, or has left so that something beside it belongs to it: who takes the
/// file for unchangeable does not look there.
pub(super) fn check_settled(path: &Path) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// https://www.sqlite.org/fileformat2.html#the_rollback_journal
    const JOURNAL: [u8; 8] = [0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7];
    let has_log = std::fs::metadata(beside(path, "-wal")).is_ok_and(|log| log.len() > 0);
    let mut begin = [0; JOURNAL.len()];
    let has_journal = File::open(beside(path, "-journal")).and_then(|mut it| it.read_exact(&mut begin)).is_ok();
    let ending = match (has_log, has_journal && begin == JOURNAL) {
        (true, _) => "-wal",
        (false, true) => "-journal",
        (false, false) => return Ok(()),
    };
    Err(format!(
        "with `immutable`, the file must hold everything, and there is a file with the ending {ending} beside it: a program that \
        writes has it open, or has left it so; open it once for writing and close it, or use `read_only`"
    )
    .into())
}

/// The file that SQLite keeps beside another one.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// A limit of the system or of SQLite that keeps the file, or what SQLite keeps beside it, from being opened.
fn limit(path: &Path, folder: &Path) -> Option<String> {
    // The file, its log, the index of the log, and one more while the database is made.
    const FILES: usize = 4;
    // https://www.sqlite.org/src/file/src/os_unix.c: MAX_PATHNAME, less the longest ending.
    const LONGEST: usize = 504;
    // Opening the folder takes a descriptor as opening the file does.
    let opened: Result<Vec<_>, _> = (0..FILES).map(|_| std::fs::File::open(folder)).collect();
    if let Err(refused) = opened
        && refused.kind() != ErrorKind::PermissionDenied
    {
        return Some(format!(
            "this program can open no more files ({refused}): raise its limit, or open fewer databases and connections"
        ));
    }
    let mut whole = [std::path::absolute(path), std::fs::canonicalize(path)].into_iter().flatten();
    if cfg!(unix) && whole.any(|path| path.as_os_str().len() > LONGEST) {
        return Some(format!("the path is longer than the {LONGEST} bytes that SQLite takes"));
    }
    ["-wal", "-shm", "-journal"].into_iter().find_map(|ending| {
        let refused =
            std::fs::metadata(beside(path, ending)).err().filter(|error| error.kind() != ErrorKind::NotFound)?;
        Some(format!("SQLite cannot open the file of this name with the ending {ending} beside it: {refused}"))
    })
}

/// Whether the rights of the file let nobody read it.
#[cfg(unix)]
fn is_unreadable(file: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    file.permissions().mode() & 0o444 == 0
}

#[cfg(not(unix))]
fn is_unreadable(_: &std::fs::Metadata) -> bool {
    false
}
