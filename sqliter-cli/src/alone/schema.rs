//! `sqliter schema`.

use std::path::Path;

use sqliter::schema::Schema;
use sqliter_cli::output::{Outcome, Output};

use super::failure::Failure;
use super::file;

pub(super) fn run(path: &Path, output: Output) -> Result<Outcome, Failure> {
    let schema = read(path)?;
    match output.is_json() {
        true => output.json(&schema)?,
        false => super::print(&schema.to_string())?,
    }
    Ok(Outcome::Fine)
}

/// The schema of a file, with an error that tells what is wrong with the file.
pub(super) fn read(path: &Path) -> Result<Schema, Failure> {
    drop(file::read(path)?);
    Schema::from_file(path).map_err(Failure::Schema)
}
