//! Folders of database files.

use std::path::Path;
use std::time::{Duration, Instant};

pub fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

/// The names of the files in a folder, sorted.
pub fn files(folder: &Path) -> Vec<String> {
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<_> = names.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    names
}

/// A dropped connection closes on a thread of its own.
pub async fn wait_until(condition: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(5);
    while !condition() && Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(condition(), "not within 5 s");
}
