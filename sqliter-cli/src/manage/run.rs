//! `migrate`, `undo` and `status`.

use std::path::PathBuf;

use serde::Serialize;
use sqliter::bounds::Migrate;
use sqliter::bounds::{AppliedMigration, MigrationState, MigrationStatus};
use sqliter::{Db, Migrations};

use super::Program;
use super::arguments::{MigrateArguments, UndoArguments};
use super::database::must_exist;
use crate::output::{BAD, DIM, Failure, GOOD, OPEN, Outcome, Result};
use crate::progress::Progress;

#[derive(Serialize)]
struct Named<'a> {
    version: i64,
    description: &'a str,
}

#[derive(Serialize)]
struct Done<'a> {
    version: i64,
    description: &'a str,
    seconds: f64,
}

#[derive(Serialize)]
struct Stands<'a> {
    version: i64,
    description: &'a str,
    state: &'static str,
    applied_at: Option<&'a str>,
}

impl<'a> Named<'a> {
    const fn new(status: &'a MigrationStatus) -> Self {
        Self { version: status.version, description: status.description.as_str() }
    }
}

impl Program {
    pub(super) async fn migrate(&self, arguments: MigrateArguments) -> Result {
        let MigrateArguments { to, backup_to, dry_run } = arguments;
        let migrations = self.migrations().await?;
        let path = self.database()?;
        // Looking makes no file.
        let status = if path.exists() {
            migrations.status_of_file(&path)?
        } else {
            Db::memory().await?.migration_status(migrations.clone()).await?
        };
        let wanted =
            |it: &&MigrationStatus| it.state == MigrationState::Pending && to.is_none_or(|to| it.version <= to);
        let pending: Vec<_> = status.iter().filter(wanted).collect();
        if dry_run {
            known(&migrations, to)?;
            refusals(&status)?;
            return self.would("apply", "applied", &pending);
        }
        for migration in &pending {
            self.output.line(format!("{} {}", self.output.paint(OPEN, "pending"), text(migration)))?;
        }
        let db = Db::open(&path).await?;
        self.finish(db.migrate(migrations), "applied", to, backup_to).await?;
        Ok(db.close().await.map(|()| Outcome::Fine)?)
    }

    pub(super) async fn undo(&self, arguments: UndoArguments) -> Result {
        let UndoArguments { to, backup_to, dry_run } = arguments;
        let migrations = self.migrations().await?;
        let path = self.database()?;
        must_exist(&path)?;
        if dry_run {
            known(&migrations, to)?;
            let status = migrations.status_of_file(&path)?;
            let mut applied: Vec<_> = status.iter().filter(|it| it.state != MigrationState::Pending).collect();
            applied.reverse();
            match to {
                Some(to) => applied.retain(|it| it.version > to),
                None => applied.truncate(1),
            }
            undoable(&applied)?;
            return self.would("undo", "undone", &applied);
        }
        let db = Db::open(&path).await?;
        self.finish(db.undo_migrations(migrations), "undone", to, backup_to).await?;
        Ok(db.close().await.map(|()| Outcome::Fine)?)
    }

    /// Runs what was called for, and says what was done.
    async fn finish(&self, mut call: Migrate<'_>, word: &str, to: Option<i64>, backup: Option<PathBuf>) -> Result<()> {
        if let Some(to) = to {
            call = call.to(to);
        }
        if let Some(backup) = &backup {
            call = call.backup_to(backup);
        }
        let progress = Progress::new(self.output);
        let done = call.progress(|it| progress.migration(it)).await?;
        drop(progress);
        self.tell(word, &done, backup)
    }

    /// What would be done.
    fn would(&self, verb: &str, key: &str, migrations: &[&MigrationStatus]) -> Result {
        let named: Vec<_> = migrations.iter().map(|it| Named::new(it)).collect();
        self.output.json(&serde_json::json!({ "dry_run": true, key: named }))?;
        for migration in migrations {
            self.output.line(format!("would {verb} {}", text(migration)))?;
        }
        if migrations.is_empty() {
            self.output.line(format!("nothing to {verb}"))?;
        }
        Ok(Outcome::Fine)
    }

    /// What was done.
    fn tell(&self, word: &str, done: &[AppliedMigration], backup: Option<PathBuf>) -> Result<()> {
        // Without anything to do there is no copy.
        let backup = backup.filter(|_| !done.is_empty());
        let all: Vec<_> = done
            .iter()
            .map(|it| Done { version: it.version, description: &it.description, seconds: it.took.as_secs_f64() })
            .collect();
        self.output.json(&serde_json::json!({ word: all, "backup": backup }))?;
        if let Some(backup) = backup {
            self.output.line(format!("copied the database to {}", backup.display()))?;
        }
        for AppliedMigration { version, description, took, .. } in done {
            let took = self.output.paint(DIM, format!("({} ms)", took.as_millis()));
            self.output.line(format!("{} {version} {description} {took}", self.output.paint(GOOD, word)))?;
        }
        if done.is_empty() {
            self.output.line(if word == "applied" { "nothing is pending" } else { "nothing to undo" })?;
        }
        Ok(())
    }

    pub(super) async fn status(&self, check: bool) -> Result {
        let migrations = self.migrations().await?;
        let path = self.database()?;
        must_exist(&path)?;
        let status = migrations.status_of_file(&path)?;
        let all: Vec<_> = status
            .iter()
            .map(|it| Stands {
                version: it.version,
                description: &it.description,
                state: word(it.state),
                applied_at: it.applied_at.as_deref(),
            })
            .collect();
        self.output.json(&serde_json::json!({ "migrations": all }))?;
        for migration in &status {
            let style = match migration.state {
                MigrationState::Applied => GOOD,
                MigrationState::Pending => OPEN,
                _ => BAD,
            };
            let state = self.output.paint(style, format!("{:<10}", word(migration.state)));
            let at = migration.applied_at.as_deref().map(|at| format!("  {at}")).unwrap_or_default();
            self.output.line(format!("{state} {}{}", text(migration), self.output.paint(DIM, at)))?;
        }
        if status.is_empty() {
            self.output.line("there are no migrations")?;
        }
        let is_done = status.iter().all(|it| it.state == MigrationState::Applied);
        Ok(if check && !is_done { Outcome::Found } else { Outcome::Fine })
    }
}

/// Refuses a version that there is none of, as the library does.
fn known(migrations: &Migrations, to: Option<i64>) -> Result<()> {
    match to.filter(|to| *to != 0 && migrations.iter().all(|(version, _)| version != *to)) {
        Some(to) => Err(Failure::Other(format!("cannot migrate: there is no migration {to} to go to"))),
        None => Ok(()),
    }
}

/// What the library would refuse before it runs anything.
fn refusals(status: &[MigrationStatus]) -> Result<()> {
    let refused = |it: &&MigrationStatus| !matches!(it.state, MigrationState::Applied | MigrationState::Pending);
    match status.iter().find(refused) {
        Some(it) => Err(Failure::Other(format!("would apply nothing, as {} is {}", text(it), word(it.state)))),
        None => Ok(()),
    }
}

/// What the library would refuse before it undoes anything.
fn undoable(applied: &[&MigrationStatus]) -> Result<()> {
    let would_not = |it: &MigrationStatus, reason: &str| {
        Err(Failure::Other(format!("would undo nothing, as {} {reason}", text(it))))
    };
    for it in applied {
        match it.state {
            MigrationState::Missing => return would_not(it, "is missing"),
            MigrationState::Unfinished => return would_not(it, "is unfinished"),
            _ if !it.can_be_undone => return would_not(it, "has no file `.down.sql`, and no `down` in Rust"),
            _ => {}
        }
    }
    Ok(())
}

fn text(migration: &MigrationStatus) -> String {
    format!("{} {}", migration.version, migration.description)
}

const fn word(state: MigrationState) -> &'static str {
    match state {
        MigrationState::Applied => "applied",
        MigrationState::Pending => "pending",
        MigrationState::Changed => "changed",
        MigrationState::Missing => "missing",
        MigrationState::Unfinished => "unfinished",
        _ => "unknown",
    }
}
