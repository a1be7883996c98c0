//! Which database is meant, and how it is opened.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use sqliter::schema::Schema;
use sqliter::sqlx::sqlite::SqliteConnectOptions;

use super::Program;
use crate::output::{Failure, Result};

impl Program {
    /// The file of `--database`, or of `DATABASE_URL`.
    pub(super) fn database(&self) -> Result<PathBuf> {
        match &self.database {
            Some(file) => path(file),
            None => match std::env::var("DATABASE_URL") {
                Ok(url) if !url.is_empty() => path(&url),
                _ => Err(Failure::Usage(
                    "which database? Say it with `--database FILE`, or set DATABASE_URL to its path or sqlite://PATH"
                        .to_owned(),
                )),
            },
        }
    }
}

/// The path of a file, or of a URL.
pub(super) fn path(text: &str) -> Result<PathBuf> {
    let wrong = |reason: String| Err(Failure::Usage(format!("`{text}` is no database file: {reason}")));
    if text.is_empty() || text.contains(":memory:") || text.contains("mode=memory") {
        return wrong("a database in memory is gone when the program ends".to_owned());
    }
    if text.starts_with("sqlite:") {
        return match SqliteConnectOptions::from_str(text) {
            Ok(options) => Ok(options.get_filename().to_path_buf()),
            Err(error) => wrong(error.to_string()),
        };
    }
    match text.split_once("://") {
        Some((scheme, _)) => wrong(format!("{scheme} is another kind of database; give a path, or sqlite://PATH")),
        None => Ok(PathBuf::from(text)),
    }
}

/// Refuses a file that is not there.
pub(super) fn must_exist(path: &Path) -> Result<()> {
    match std::fs::metadata(path) {
        Ok(found) if found.is_file() => Ok(()),
        Ok(_) => Err(Failure::Other(format!("{} is no file", path.display()))),
        Err(error) => Err(Failure::Other(format!("there is no database {}: {error}", path.display()))),
    }
}

/// The schema of a file that is only read.
pub(super) fn schema(path: &Path) -> Result<Schema> {
    must_exist(path)?;
    Ok(Schema::from_file(path)?)
}
