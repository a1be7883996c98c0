//! Which database is meant, and how it is opened.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use sqliter::Db;
use sqliter::schema::Schema;
use sqliter::sqlx::sqlite::SqliteConnectOptions;
use sqliter::sqlx::{self, ConnectOptions as _, Connection as _};

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

/// Opens a file that is there.
pub(super) async fn open(path: &Path) -> Result<Db> {
    must_exist(path)?;
    Ok(Db::open(path).await?)
}

fn must_exist(path: &Path) -> Result<()> {
    match std::fs::metadata(path) {
        Ok(found) if found.is_file() => Ok(()),
        Ok(_) => Err(Failure::Other(format!("{} is no file", path.display()))),
        Err(error) => Err(Failure::Other(format!("there is no database {}: {error}", path.display()))),
    }
}

/// The schema of a file that is only read.
pub(super) async fn schema(path: &Path) -> Result<Schema> {
    // What belongs to a virtual table comes with it.
    const STATEMENTS: &str = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
        AND tbl_name NOT IN (SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'shadow') \
        ORDER BY type = 'trigger', type = 'view', type = 'index', rowid";
    must_exist(path)?;
    let failed = |error| Failure::Other(format!("cannot read {}: {error}", path.display()));
    let options = SqliteConnectOptions::new().filename(path).read_only(true);
    let mut connection = options.connect().await.map_err(failed)?;
    let statements: Vec<String> = sqlx::query_scalar(STATEMENTS).fetch_all(&mut connection).await.map_err(failed)?;
    connection.close().await.map_err(failed)?;
    Ok(Schema::from_sql(&statements).or_else(|error| {
        // The module of a virtual table may be another program's. No model has such a table.
        let is_virtual = |sql: &&String| sql.to_ascii_uppercase().starts_with("CREATE VIRTUAL");
        let others: Vec<_> = statements.iter().filter(|sql| !is_virtual(sql)).collect();
        if others.len() == statements.len() { Err(error) } else { Schema::from_sql(others) }
    })?)
}
