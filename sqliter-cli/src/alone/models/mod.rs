//! `sqliter models`: the tables of a file as Rust source.

mod attributes;
mod column;
mod contents;
mod fields;
mod keys;
mod names;
mod native;
mod plan;
mod relations;
mod searches;
mod sql;
mod write;

use std::fs;
use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use sqliter_cli::output::{Outcome, Output};

use super::failure::Failure;
use super::{file, schema};

#[derive(Debug, Args)]
pub(super) struct Models {
    /// The database file.
    file: PathBuf,
    /// Write the source to this file, which must not exist, instead of printing it.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Models {
    pub(super) fn run(&self, output: Output) -> Result<Outcome, Failure> {
        let schema = schema::read(&self.file)?;
        let connection = file::read(&self.file)?;
        let contents = contents::read(&connection, &schema).map_err(|error| file::of_statement(&self.file, error))?;
        let plan = plan::plan(&schema, &contents);
        let name = self.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let source = write::source(&plan, &name);
        if let Some(path) = &self.output {
            let failed = |error: std::io::Error| Failure::CannotWrite { file: path.clone(), reason: error.to_string() };
            let mut file = fs::File::create_new(path).map_err(failed)?;
            std::io::Write::write_all(&mut file, source.as_bytes()).map_err(failed)?;
        }
        if output.is_json() {
            let models: Vec<_> =
                plan.structs.iter().map(|it| json!({ "table": it.table, "struct": it.name })).collect();
            output.json(&json!({ "source": source, "structs": models, "notes": plan.notes }))?;
        } else if self.output.is_none() {
            crate::alone::print(&source)?;
        }
        Ok(Outcome::Fine)
    }
}
