//! From the files into the tables.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressStyle};
use serde::de::DeserializeOwned;
use sqliter::prelude::*;

use crate::models::{
    NewAlbum, NewArtist, NewCustomer, NewEmployee, NewGenre, NewInvoice, NewInvoiceLine, NewMediaType, NewPlaylist,
    NewPlaylistEntry, NewTrack,
};

/// How many rows are inserted between two steps of the progress bar.
const ROWS_A_STEP: usize = 500;

/// Why the data could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error("cannot read {}: {source}", .file.display())]
    Read { file: PathBuf, source: io::Error },

    #[error("{}, line {line}: {source}", .file.display())]
    Line { file: PathBuf, line: usize, source: serde_json::Error },

    /// The message names the table.
    #[error(transparent)]
    Database(#[from] sqliter::Error),
}

/// The data in the folder of this package, wherever the program is run from.
pub fn data_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data").join("chinook")
}

/// Reads all files of the folder into the tables; gives the number of rows.
///
/// Everything is one transaction: after an error the tables are as they were. A table comes after those that its
/// foreign keys refer to.
pub async fn load(session: &Session, folder: &Path) -> Result<usize, LoadError> {
    session
        .try_transaction(async |tx| {
            let mut rows = 0;
            rows += load_file::<NewArtist>(tx, folder.join("artists.jsonl")).await?;
            rows += load_file::<NewAlbum>(tx, folder.join("albums.jsonl")).await?;
            rows += load_file::<NewGenre>(tx, folder.join("genres.jsonl")).await?;
            rows += load_file::<NewMediaType>(tx, folder.join("media_types.jsonl")).await?;
            rows += load_file::<NewTrack>(tx, folder.join("tracks.jsonl")).await?;
            rows += load_file::<NewPlaylist>(tx, folder.join("playlists.jsonl")).await?;
            rows += load_file::<NewPlaylistEntry>(tx, folder.join("playlist_entries.jsonl")).await?;
            rows += load_file::<NewEmployee>(tx, folder.join("employees.jsonl")).await?;
            rows += load_file::<NewCustomer>(tx, folder.join("customers.jsonl")).await?;
            rows += load_file::<NewInvoice>(tx, folder.join("invoices.jsonl")).await?;
            rows += load_file::<NewInvoiceLine>(tx, folder.join("invoice_lines.jsonl")).await?;
            Ok(rows)
        })
        .await
}

/// Inserts the rows of one file, which are drafts of one model.
async fn load_file<D: Draft + DeserializeOwned>(session: &Session, file: PathBuf) -> Result<usize, LoadError> {
    let drafts: Vec<D> = read_lines(&file)?;
    let rows = drafts.len();
    let progress = progress_bar(&file, rows);
    let mut drafts = drafts.into_iter();
    loop {
        let step: Vec<D> = drafts.by_ref().take(ROWS_A_STEP).collect();
        if step.is_empty() {
            break;
        }
        let inserted = session.bulk_insert(step).await?;
        progress.inc(inserted.len() as u64);
    }
    progress.finish_and_clear();
    Ok(rows)
}

/// Each line of a file, from JSON.
fn read_lines<D: DeserializeOwned>(file: &Path) -> Result<Vec<D>, LoadError> {
    let unreadable = |source| LoadError::Read { file: file.to_owned(), source };
    let lines = BufReader::new(File::open(file).map_err(unreadable)?).lines();
    let mut drafts = Vec::new();
    for (number, line) in (1..).zip(lines) {
        let line = line.map_err(unreadable)?;
        let malformed = |source| LoadError::Line { file: file.to_owned(), line: number, source };
        drafts.push(serde_json::from_str(&line).map_err(malformed)?);
    }
    Ok(drafts)
}

/// Drawn on stderr, and only when that is a terminal.
fn progress_bar(file: &Path, rows: usize) -> ProgressBar {
    let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let bar = ProgressBar::new(rows as u64).with_message(name);
    match ProgressStyle::with_template("{msg:<16} {bar:40} {pos:>5} of {len:>5}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
