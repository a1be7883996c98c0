//! The files of the migrations.

use std::io::{ErrorKind, Write};
use std::path::PathBuf;

use sqliter::sqlx::migrate::{Migration, MigrationSource as _, MigrationType, Migrator};
use sqliter::sqlx::{AssertSqlSafe, SqlSafeStr as _};
use sqliter::{Db, Migrations};

use super::Program;
use crate::output::{Failure, Result};

/// A migration that is not written yet.
#[derive(Debug, Clone)]
pub(super) struct NewMigration {
    pub(super) version: i64,
    /// As it stands in the names of the files, with underscores.
    pub(super) name: String,
    pub(super) up: String,
    /// How it is undone, if it can be.
    pub(super) down: Option<String>,
}

impl Program {
    /// The files, and the migrations in Rust with them.
    pub(super) async fn migrations(&self) -> Result<Migrations> {
        Ok(self.with_rust(self.files().await?))
    }

    /// The migrations of the folder.
    pub(super) async fn files(&self) -> Result<Vec<Migration>> {
        let folder = &self.folder;
        if !folder.is_dir() {
            return Err(Failure::Other(format!(
                "there is no folder {}: say with `--migrations DIR` where the migrations are; `diff NAME` makes the folder with \
                 the first one",
                folder.display()
            )));
        }
        folder
            .clone()
            .resolve()
            .await
            .map_err(|error| Failure::Other(format!("cannot read the migrations in {}: {error}", folder.display())))
    }

    pub(super) fn with_rust(&self, files: Vec<Migration>) -> Migrations {
        (self.add)(Migrations::from(Migrator::with_migrations(files)))
    }

    /// Writes the files of a migration: both or none. Gives their paths.
    pub(super) fn write(&self, migration: &NewMigration) -> Result<Vec<PathBuf>> {
        let failed = |path: &PathBuf, error| Failure::Other(format!("cannot write {}: {error}", path.display()));
        std::fs::create_dir_all(&self.folder).map_err(|error| failed(&self.folder, error))?;
        let mut written = Vec::new();
        for (name, text) in migration.files() {
            let path = self.folder.join(name);
            let file = std::fs::OpenOptions::new().write(true).create_new(true).open(&path);
            let is_ours = !matches!(&file, Err(error) if error.kind() == ErrorKind::AlreadyExists);
            if let Err(error) = file.and_then(|mut file| file.write_all(text.as_bytes())) {
                if is_ours {
                    written.push(path.clone());
                }
                // The one without the other would be taken for the whole.
                for path in &written {
                    let _ = std::fs::remove_file(path);
                }
                return Err(failed(&path, error));
            }
            written.push(path);
        }
        Ok(written)
    }
}

impl NewMigration {
    fn files(&self) -> Vec<(String, &str)> {
        let start = format!("{:04}_{}", self.version, self.name);
        match &self.down {
            Some(down) => vec![(format!("{start}.up.sql"), &self.up), (format!("{start}.down.sql"), down)],
            None => vec![(format!("{start}.sql"), &self.up)],
        }
    }

    /// The migrations that sqlx will read from the files.
    pub(super) fn read(&self) -> Vec<Migration> {
        let (up, down) = match &self.down {
            Some(down) => (MigrationType::ReversibleUp, Some(down)),
            None => (MigrationType::Simple, None),
        };
        let read = |kind, text: &String| {
            let description = self.name.replace('_', " ").into();
            Migration::new(self.version, description, kind, AssertSqlSafe(text.clone()).into_sql_str(), false)
        };
        let down = down.map(|text| read(MigrationType::ReversibleDown, text));
        std::iter::once(read(up, &self.up)).chain(down).collect()
    }
}

/// The name of a file, from what a person calls the migration.
pub(super) fn file_name(name: &str) -> Result<String> {
    let words: Vec<_> = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    match words.is_empty() {
        true => Err(Failure::Usage(format!("`{name}` is no name for a migration: give it words, as \"add isbn\""))),
        false => Ok(words.join("_").to_lowercase()),
    }
}

/// The version of the next migration: the time, as sqlx writes it, or the next number where versions are small numbers.
pub(super) async fn next_version(db: &Db, migrations: &Migrations) -> Result<i64> {
    const FIRST_TIME: i64 = 19_700_000_000_000;
    let last = migrations.iter().map(|(version, _)| version).max();
    let next = last.map(|last| last.saturating_add(1));
    if let Some(next) = next.filter(|next| *next < FIRST_TIME) {
        return Ok(next);
    }
    let now: (i64,) = db.query("SELECT CAST(strftime('%Y%m%d%H%M%S', 'now') AS INTEGER)").fetch_required().await?;
    Ok(next.map_or(now.0, |next| next.max(now.0)))
}
