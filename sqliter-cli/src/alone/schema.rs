//! `sqliter schema`.

use std::path::Path;
use std::process::ExitCode;

use sqliter::schema::Schema;

use super::failure::Failure;
use super::file;
use super::output::Output;

pub(super) fn run(path: &Path, output: &Output) -> Result<ExitCode, Failure> {
    let schema = read(path)?;
    match output.json {
        true => output.value(&schema)?,
        false => output.text(&schema.to_string())?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The schema of a file, with an error that tells what is wrong with the file.
pub(super) fn read(path: &Path) -> Result<Schema, Failure> {
    drop(file::read(path)?);
    Schema::from_file(path).map_err(Failure::Schema)
}
