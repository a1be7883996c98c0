//! A folder with migrations and a database, and the programs that work there.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

/// The program of each version of the models.
pub(crate) const FIRST: &str = env!("CARGO_BIN_EXE_first");
pub(crate) const SECOND: &str = env!("CARGO_BIN_EXE_second");
pub(crate) const THIRD: &str = env!("CARGO_BIN_EXE_third");
pub(crate) const FOURTH: &str = env!("CARGO_BIN_EXE_fourth");
pub(crate) const RENAMED: &str = env!("CARGO_BIN_EXE_renamed");
pub(crate) const CONSTRAINED: &str = env!("CARGO_BIN_EXE_constrained");
pub(crate) const WIDE: &str = env!("CARGO_BIN_EXE_wide");
pub(crate) const MISTAKEN: &str = env!("CARGO_BIN_EXE_mistaken");

pub(crate) struct Place(TempDir);

/// How a program ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ended {
    #[track_caller]
    pub(crate) fn with(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:#?}");
        self
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.err, "");
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }

    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        assert!(self.out.contains(text) || self.err.contains(text), "{text:?} is not in {self:#?}");
        self
    }
}

impl Place {
    pub(crate) fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.path("library.db")
    }

    pub(crate) fn migrations(&self) -> PathBuf {
        self.path("migrations")
    }

    /// Runs a program with the database and the migrations of this place.
    pub(crate) fn run(&self, program: &str, arguments: &[&str]) -> Ended {
        let mut command = self.command(program);
        command.arg("--migrations").arg(self.migrations()).env("DATABASE_URL", self.database()).args(arguments);
        ended(&mut command)
    }

    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.0.path()).env_remove("DATABASE_URL").env_remove("NO_COLOR").env("TERM", "xterm");
        command
    }

    pub(crate) fn files(&self) -> Vec<PathBuf> {
        let mut files: Vec<_> = std::fs::read_dir(self.migrations())
            .map(|files| files.map(|file| file.unwrap().path()).collect())
            .unwrap_or_default();
        files.sort();
        files
    }

    /// The text of the only file whose name ends so.
    #[track_caller]
    pub(crate) fn file(&self, end: &str) -> String {
        let files = self.files();
        let found: Vec<_> = files.iter().filter(|file| file.to_str().unwrap().ends_with(end)).collect();
        assert_eq!(found.len(), 1, "{end} in {files:?}");
        std::fs::read_to_string(found[0]).unwrap()
    }

    pub(crate) fn write(&self, name: &str, sql: &str) {
        std::fs::create_dir_all(self.migrations()).unwrap();
        std::fs::write(self.migrations().join(name), sql).unwrap();
    }

    pub(crate) fn sql(&self, sql: &str) {
        connect(&self.database()).execute_batch(sql).unwrap();
    }

    /// The values of a query, joined.
    pub(crate) fn rows(&self, sql: &str) -> Vec<String> {
        rows(&self.database(), sql)
    }

    /// With the tables of the first models, and a book in them.
    pub(crate) fn with_a_book() -> Self {
        let place = Self::new();
        place.run(FIRST, &["diff", "create"]).with(0);
        place.run(FIRST, &["migrate"]).with(0);
        place.sql("INSERT INTO authors (pk, name) VALUES (7, 'Jane')");
        place.sql("INSERT INTO books (pk, title, pages, author_id) VALUES (3, 'Emma', 400, 7)");
        place
    }
}

pub(crate) fn ended(command: &mut Command) -> Ended {
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let (out, err) = (text(output.stdout), text(output.stderr));
    assert!(!out.contains('\x1b') && !err.contains('\x1b'), "no colours where there is no terminal: {out:?} {err:?}");
    Ended { code: output.status.code().unwrap(), out, err }
}

fn connect(path: &Path) -> rusqlite::Connection {
    let connection = rusqlite::Connection::open(path).unwrap();
    connection.execute_batch("PRAGMA foreign_keys = ON").unwrap();
    connection
}

pub(crate) fn rows(path: &Path, sql: &str) -> Vec<String> {
    let connection = connect(path);
    let mut statement = connection.prepare(sql).unwrap();
    let columns = statement.column_count();
    let row = |row: &rusqlite::Row<'_>| {
        let values = (0..columns).map(|column| match row.get_ref(column).unwrap() {
            rusqlite::types::ValueRef::Text(text) => String::from_utf8(text.to_vec()).unwrap(),
            rusqlite::types::ValueRef::Null => "NULL".to_owned(),
            rusqlite::types::ValueRef::Integer(number) => number.to_string(),
            other => format!("{other:?}"),
        });
        Ok(values.collect::<Vec<_>>().join(" "))
    };
    statement.query_map([], row).unwrap().collect::<Result<_, _>>().unwrap()
}
