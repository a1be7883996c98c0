//! Copies of the database, every night and when somebody asks.

use std::io;
use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, Days, NaiveTime, Utc};
use serde::Serialize;
use sqliter::Db;
use utoipa::ToSchema;

use crate::error::AppResult;

/// How many are kept.
const KEPT: usize = 14;

#[derive(Debug, Serialize, ToSchema)]
pub struct Backup {
    /// The name of the file in the folder of the backups.
    file: String,
    bytes: u64,
}

/// Copies the database into a new file of the folder, while the service goes on, and deletes the oldest copies beyond those
/// that are kept.
pub async fn back_up(db: &Db, folder: &Path) -> AppResult<Backup> {
    tokio::fs::create_dir_all(folder).await?;
    let file = format!("library-{}.db", Utc::now().format("%Y-%m-%dT%H-%M-%S%.3f"));
    let path = folder.join(&file);
    db.backup(&path).await?;
    let bytes = tokio::fs::metadata(&path).await?.len();
    forget_oldest(folder).await?;
    tracing::info!(file, bytes, "the database was backed up");
    Ok(Backup { file, bytes })
}

async fn forget_oldest(folder: &Path) -> io::Result<()> {
    let mut files = Vec::new();
    let mut entries = tokio::fs::read_dir(folder).await?;
    while let Some(entry) = entries.next_entry().await? {
        let name = entry.file_name();
        if name.to_str().is_some_and(|name| name.starts_with("library-") && name.ends_with(".db")) {
            files.push(entry.path());
        }
    }
    // The names begin with the time.
    files.sort();
    let many = files.len().saturating_sub(KEPT);
    for old in files.into_iter().take(many) {
        tokio::fs::remove_file(old).await?;
    }
    Ok(())
}

/// Makes a backup every day at this time in UTC, as long as it is polled. One that fails is told in the log, and the next
/// night tries anew.
pub async fn every_night(db: Db, folder: &Path, at: NaiveTime) {
    loop {
        tokio::time::sleep(until(at, Utc::now())).await;
        if let Err(error) = back_up(&db, folder).await {
            tracing::error!(%error, "the backup has failed");
        }
    }
}

/// How long it is until that time of the day.
fn until(at: NaiveTime, now: DateTime<Utc>) -> Duration {
    let today = now.date_naive().and_time(at).and_utc();
    let next = if today > now { today } else { today + Days::new(1) };
    (next - now).to_std().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_night_is_waited_for() {
        let at = NaiveTime::from_hms_opt(3, 0, 0).unwrap();
        let hours = |now: &str| until(at, now.parse().unwrap()).as_secs() / 3600;
        assert_eq!(hours("2026-01-31T01:00:00Z"), 2);
        assert_eq!(hours("2026-01-31T03:00:00Z"), 24);
        assert_eq!(hours("2026-01-31T22:00:00Z"), 5);
    }
}
