//! Which paths open, and how those that do not are refused.

use std::path::Path;

use crate::folders::{files, folder, wait_until};
#[cfg(unix)]
use crate::folders::{folder_to_look_at, permit, without_rights};
use sqliter::Error;
use sqliter::prelude::*;
use sqliter_tests::{full_name, process_of};

#[derive(Debug, Clone, PartialEq, Model)]
struct Note {
    pk: Key<Note>,
    text: String,
}

/// The reason why a path is refused; the error must name the path as it was given.
async fn refused(path: impl AsRef<Path>) -> String {
    let path = path.as_ref();
    match Db::open(path).await {
        Err(Error::Connection { path: named, reason, .. }) => {
            assert_eq!(named, path.display().to_string());
            reason
        }
        other => panic!("{other:?}"),
    }
}

async fn opens(path: impl AsRef<Path>) {
    let db = Db::open(&path).await.unwrap();
    assert_eq!(db.path(), Some(path.as_ref()));
    db.create_table::<Note>().await.unwrap();
    db.insert(Note::builder().text("x")).await.unwrap();
    assert_eq!(db.select::<Note>().count().await.unwrap(), 1);
    db.close().await.unwrap();
}

#[tokio::test]
async fn opening_creates_the_file() {
    let folder = folder();
    opens(folder.path().join("new.db")).await;
    assert_eq!(files(folder.path()), ["new.db"]);
}

#[tokio::test]
async fn an_empty_file_becomes_a_database() {
    let folder = folder();
    std::fs::write(folder.path().join("empty.db"), "").unwrap();
    opens(folder.path().join("empty.db")).await;
}

#[tokio::test]
async fn names_with_special_characters_are_plain_names() {
    let folder = folder();
    let names = [
        "with spaces.db",
        "what?.db",
        "a?mode=memory",
        "number #1.db",
        "100%25.db",
        "größe 数据.db",
        "file:x?mode=memory",
        ":memory:.db",
        "sqlite::memory:",
        "quote'\".db",
        "back\\slash.db",
        "line\nbreak.db",
    ];
    for name in names {
        opens(folder.path().join(name)).await;
        assert_eq!(files(folder.path()), [name]);
        std::fs::remove_file(folder.path().join(name)).unwrap();
    }
}

/// The working folder belongs to the whole process, so this is done in a process of its own.
#[test]
fn relative_paths_are_those_of_the_moment_of_opening() {
    const ROLE: &str = "SQLITER_RELATIVE_PATHS";
    if std::env::var_os(ROLE).is_none() {
        let folder = folder();
        std::fs::create_dir(folder.path().join("sub")).unwrap();
        let status = process_of(module_path!(), "relative_paths_are_those_of_the_moment_of_opening")
            .current_dir(folder.path())
            .env(ROLE, "child")
            .output()
            .unwrap();
        assert!(status.status.success(), "{}", String::from_utf8_lossy(&status.stderr));
        assert_eq!(files(folder.path()), ["b.db", "file:x?mode=memory", "sub"]);
        assert_eq!(files(&folder.path().join("sub")), ["a.db"]);
        return;
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        opens("file:x?mode=memory").await;
        opens("./sub/../b.db").await;
        assert!(refused("missing/c.db").await.contains("the folder missing does not exist"));
        let db = Db::options().path("sub/a.db").max_readers(2).open().await.unwrap();
        assert_eq!(db.path(), Some(Path::new("sub/a.db")));
        // Connections that are opened later go to the same file.
        std::env::set_current_dir("sub").unwrap();
        db.create_table::<Note>().await.unwrap();
        db.close().await.unwrap();
        db.insert(Note::builder().text("x")).await.unwrap();
        db.close().await.unwrap();
    });
}

#[tokio::test]
async fn an_empty_path_is_refused() {
    assert_eq!(refused("").await, "the path is empty");
}

#[tokio::test]
async fn a_missing_folder_is_named_and_not_made() {
    let folder = folder();
    let missing = folder.path().join("missing");
    assert_eq!(refused(missing.join("a.db")).await, format!("the folder {} does not exist", missing.display()));
    assert!(files(folder.path()).is_empty());
}

#[tokio::test]
async fn a_folder_is_no_database() {
    let folder = folder();
    assert_eq!(refused(folder.path()).await, "it is a folder");
    assert!(files(folder.path()).is_empty());
}

#[tokio::test]
async fn a_file_in_place_of_the_folder_is_refused() {
    let folder = folder();
    std::fs::write(folder.path().join("file"), "x").unwrap();
    let reason = refused(folder.path().join("file/a.db")).await;
    assert!(reason.contains("file") && reason.contains("does not exist"), "{reason}");
    assert_eq!(files(folder.path()), ["file"]);
}

#[tokio::test]
async fn other_files_are_refused_and_left_alone() {
    let folder = folder();
    let path = folder.path().join("a.db");
    let mut header = b"SQLite format 3\0".to_vec();
    // SQLite takes a file of one byte for an empty one.
    let cases: [(&str, Vec<u8>); 5] = [
        ("a line", b"this is no database\n".to_vec()),
        ("a long text", "this is no database\n".repeat(500).into_bytes()),
        ("two bytes", b"xx".to_vec()),
        ("zeros", vec![0; 5000]),
        ("a truncated header", {
            header.extend([0; 20]);
            header
        }),
    ];
    for (what, content) in cases {
        std::fs::write(&path, &content).unwrap();
        assert_eq!(refused(&path).await, "the file is not an SQLite database", "{what}");
        assert_eq!(std::fs::read(&path).unwrap(), content, "{what}");
        wait_until(|| files(folder.path()) == ["a.db"]).await;
    }
}

#[tokio::test]
async fn a_truncated_database_is_refused() {
    let folder = folder();
    let path = folder.path().join("a.db");
    opens(&path).await;
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole[..100]).unwrap();
    let reason = refused(&path).await;
    assert!(!reason.is_empty());
    assert_eq!(std::fs::read(&path).unwrap(), whole[..100]);
    wait_until(|| files(folder.path()) == ["a.db"]).await;
}

#[cfg(unix)]
#[tokio::test]
async fn names_that_sqlite_cannot_take_are_refused() {
    use std::os::unix::ffi::OsStrExt;
    let folder = folder();
    let not_unicode = folder.path().join(std::ffi::OsStr::from_bytes(b"\xff.db"));
    assert_eq!(refused(&not_unicode).await, "the path is not UTF-8, as SQLite needs it");
    let nul = folder.path().join("a\0b.db");
    assert_eq!(refused(&nul).await, "the path has a NUL character in it");
    assert!(files(folder.path()).is_empty());
}

#[tokio::test]
async fn a_file_that_vanishes_with_its_folder_is_a_connection_error_of_the_next_use() {
    let folder = folder();
    let path = folder.path().join("sub/a.db");
    std::fs::create_dir(folder.path().join("sub")).unwrap();
    let db = Db::open(&path).await.unwrap();
    db.close().await.unwrap();
    std::fs::remove_dir_all(folder.path().join("sub")).unwrap();
    for error in [
        db.select::<Note>().fetch_all().await.unwrap_err(),
        db.insert(Note::builder().text("x")).await.unwrap_err(),
        db.create_table::<Note>().await.unwrap_err(),
        db.begin().await.unwrap_err(),
    ] {
        assert!(matches!(&error, Error::Connection { reason, .. } if reason.contains("does not exist")), "{error:?}");
    }
    // The places in the queues were not lost.
    std::fs::create_dir(folder.path().join("sub")).unwrap();
    db.create_table::<Note>().await.unwrap();
    db.insert(Note::builder().text("x")).await.unwrap();
}

#[cfg(unix)]
#[test]
fn what_may_not_be_written_is_refused() {
    if let Some(folder) = folder_to_look_at() {
        return check_permissions(&folder);
    }
    let folder = folder();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    // Files that may only be read, in a folder where files may be made and in one where they may not.
    for name in ["open", "shut"] {
        let sub = folder.path().join(name);
        std::fs::create_dir(&sub).unwrap();
        runtime.block_on(opens(sub.join("wal.db")));
        let plain = rusqlite::Connection::open(sub.join("plain.db")).unwrap();
        plain.execute_batch("CREATE TABLE notes (pk INTEGER PRIMARY KEY, text TEXT)").unwrap();
        permit(&sub.join("wal.db"), 0o444);
        permit(&sub.join("plain.db"), 0o444);
    }
    std::fs::write(folder.path().join("secret.db"), "").unwrap();
    permit(&folder.path().join("secret.db"), 0o000);
    permit(&folder.path().join("open"), 0o777);
    permit(&folder.path().join("shut"), 0o555);
    without_rights(folder.path(), module_path!(), "what_may_not_be_written_is_refused", check_permissions);
    permit(&folder.path().join("shut"), 0o755);
}

#[cfg(unix)]
fn check_permissions(folder: &Path) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        for path in ["open/plain.db", "shut/plain.db", "shut/wal.db", "open/wal.db"] {
            assert_eq!(refused(folder.join(path)).await, "the file is read-only", "{path}");
        }
        let shut = folder.join("shut").display().to_string();
        assert_eq!(files(&folder.join("shut")), ["plain.db", "wal.db"]);
        // https://www.sqlite.org/wal.html#read_only_databases: a log that is made for reading stays.
        wait_until(|| files(&folder.join("open")) == ["plain.db", "wal.db", "wal.db-shm", "wal.db-wal"]).await;
        let reason = refused(folder.join("shut/new.db")).await;
        assert_eq!(reason, format!("this program may not create files in the folder {shut}"));
        let reason = refused(folder.join("secret.db")).await;
        assert_eq!(reason, "permission denied: this program may not read the file");
    });
}

#[tokio::test]
async fn a_file_with_text_in_utf_16_is_refused() {
    let folder = folder();
    let path = folder.path().join("a.db");
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("PRAGMA encoding = 'UTF-16'; CREATE TABLE notes (text TEXT)").unwrap();
    drop(other);
    let reason = "its text is stored as UTF-16, and only UTF-8 is supported: `sqlite3 old.db .dump | sqlite3 new.db` makes a file of \
                  it that opens";
    assert_eq!(refused(&path).await, reason);
}

/// The limit belongs to the whole process, so this is done in a process of its own.
#[cfg(unix)]
#[test]
fn a_program_that_can_open_no_more_files_is_told_so() {
    const ROLE: &str = "SQLITER_DESCRIPTORS";
    const NAME: &str = "a_program_that_can_open_no_more_files_is_told_so";
    let Some(path) = std::env::var_os(ROLE) else {
        let folder = folder();
        let name = full_name(module_path!(), NAME);
        let run = format!("ulimit -n 64; exec \"$0\" --exact {name} --nocapture");
        let output = std::process::Command::new("sh")
            .args(["-c", &run])
            .arg(std::env::current_exe().unwrap())
            .env(ROLE, folder.path().join("a.db"))
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
        assert!(text.contains("1 passed"), "{text}");
        return;
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        opens(&path).await;
        let mut all: Vec<_> = std::iter::from_fn(|| std::fs::File::open("/dev/null").ok()).collect();
        // Too few for the file itself, for the log beside it, for the index of the log.
        for free in 0..3 {
            let reason = refused(&path).await;
            assert!(reason.starts_with("this program can open no more files (Too many open files"), "{free}: {reason}");
            all.pop();
        }
        drop(all);
        Db::open(&path).await.unwrap();
    });
}

/// The limits of SQLite for Unix, and of most file systems there.
#[cfg(unix)]
#[tokio::test]
async fn paths_and_names_that_are_too_long_are_told_so() {
    let folder = folder();
    let mut long = folder.path().canonicalize().unwrap();
    let name = |folder: &Path, length: usize| "y".repeat(length - folder.as_os_str().len() - 1);
    while long.as_os_str().len() < 400 {
        long.push("x".repeat(80));
        std::fs::create_dir(&long).unwrap();
    }
    opens(long.join(name(&long, 504))).await;
    let reason = "the path is longer than the 504 bytes that SQLite takes";
    assert_eq!(refused(long.join(name(&long, 505))).await, reason);
    // A short path that leads to a long one.
    std::fs::write(long.join(name(&long, 505)), "").unwrap();
    std::os::unix::fs::symlink(long.join(name(&long, 505)), folder.path().join("short.db")).unwrap();
    assert_eq!(refused(folder.path().join("short.db")).await, reason);
    // The file itself could be made, but not the log beside it.
    let reason = refused(folder.path().join("n".repeat(254))).await;
    assert!(reason.contains("SQLite cannot open the file of this name with the ending -wal beside it"), "{reason}");
    assert!(refused(folder.path().join("n".repeat(300))).await.contains("name too long"));
}

#[tokio::test]
async fn a_damaged_file_is_told_from_one_that_is_no_database() {
    let folder = folder();
    let path = folder.path().join("a.db");
    opens(&path).await;
    let mut content = std::fs::read(&path).unwrap();
    content[100..].fill(0xff);
    std::fs::write(&path, &content).unwrap();
    let reason = refused(&path).await;
    assert!(
        reason.starts_with("database disk image is malformed") && reason.contains("the file is damaged"),
        "{reason}"
    );
}
