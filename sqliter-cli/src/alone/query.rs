//! `sqliter query`.

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use clap::Args;
use rusqlite::fallible_iterator::FallibleIterator;
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, Statement};
use serde_json::{Map, Number, Value as Json, json};
use sqliter_cli::output::{Outcome, Output};

use super::failure::Failure;
use super::file;
use super::table::{Cell, Table};

#[derive(Debug, Args)]
pub(super) struct Query {
    /// The database file.
    file: PathBuf,
    /// One SQL statement.
    sql: String,
    /// A value for a placeholder, in their order: a number, `null`, or text. Text that looks like a number is put in double quotes.
    #[arg(long = "bind", value_name = "VALUE", allow_hyphen_values = true)]
    values: Vec<String>,
    /// Print comma-separated values.
    #[arg(long, conflicts_with = "json")]
    csv: bool,
    /// Let the statement change the file.
    #[arg(long)]
    write: bool,
}

impl Query {
    pub(super) fn run(&self, output: Output) -> Result<Outcome, Failure> {
        let connection = if self.write { file::write(&self.file)? } else { file::read(&self.file)? };
        let mut statement = self.statement(&connection)?;
        if !self.write && !statement.readonly() {
            return Err(Failure::Wrong("the statement changes the file; --write allows that".to_owned()));
        }
        let failed = |error| file::of_statement(&self.file, error);
        let expected = statement.parameter_count();
        if expected != self.values.len() {
            let given = self.values.len();
            return Err(Failure::Wrong(format!("the statement has {expected} placeholders, and --bind gives {given}")));
        }
        for (i, value) in self.values.iter().enumerate() {
            statement.raw_bind_parameter(i + 1, bound(value)).map_err(failed)?;
        }
        if statement.column_count() == 0 {
            let changed = statement.raw_execute().map_err(failed)?;
            let changed = if statement.readonly() { 0 } else { changed };
            match output.is_json() {
                true => output.json(&json!({ "changed": changed }))?,
                false if self.csv => {}
                false => super::print(&format!("{changed} {} changed\n", if changed == 1 { "row" } else { "rows" }))?,
            }
            return Ok(Outcome::Fine);
        }
        match (output.is_json(), self.csv) {
            (true, _) => self.print_json(&mut statement)?,
            (false, true) => self.print_csv(&mut statement)?,
            (false, false) => self.print_table(&mut statement, output)?,
        }
        Ok(Outcome::Fine)
    }

    fn statement<'c>(&self, connection: &'c Connection) -> Result<Statement<'c>, Failure> {
        let failed = |error| file::of_statement(&self.file, error);
        let mut statements = rusqlite::Batch::new(connection, &self.sql);
        let Some(statement) = statements.next().map_err(failed)? else {
            return Err(Failure::Wrong("there is no statement in the SQL".to_owned()));
        };
        match statements.next() {
            Ok(None) => Ok(statement),
            // What follows may only mean something after the first has run.
            Ok(Some(_)) | Err(_) => Err(Failure::Wrong("one statement at a time".to_owned())),
        }
    }

    /// Prints the rows one after another, so that any number of them takes no memory.
    fn print_json(&self, statement: &mut Statement<'_>) -> Result<(), Failure> {
        let names = unique_names(statement);
        let mut out = BufWriter::new(io::stdout().lock());
        let mut rows = statement.raw_query();
        let mut separator = "[";
        while let Some(row) = rows.next().map_err(|error| file::of_statement(&self.file, error))? {
            let mut object = Map::new();
            for (i, name) in names.iter().enumerate() {
                let value = row.get_ref(i).map_err(|error| file::of_statement(&self.file, error))?;
                object.insert(name.clone(), as_json(value));
            }
            write!(out, "{separator}\n  ")?;
            serde_json::to_writer(&mut out, &object)?;
            separator = ",";
        }
        writeln!(out, "{}", if separator == "[" { "[]" } else { "\n]" })?;
        Ok(out.flush()?)
    }

    fn print_csv(&self, statement: &mut Statement<'_>) -> Result<(), Failure> {
        let failed = |error| file::of_statement(&self.file, error);
        let names: Vec<String> = statement.column_names().iter().map(|name| as_field(name)).collect();
        let mut out = BufWriter::new(io::stdout().lock());
        writeln!(out, "{}", names.join(","))?;
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next().map_err(failed)? {
            for i in 0..names.len() {
                let separator = if i == 0 { "" } else { "," };
                let text = match row.get_ref(i).map_err(failed)? {
                    ValueRef::Null => String::new(),
                    // Empty text is told apart from NULL.
                    ValueRef::Text([]) => "\"\"".to_owned(),
                    value => as_field(&as_text(value)),
                };
                write!(out, "{separator}{text}")?;
            }
            writeln!(out)?;
        }
        Ok(out.flush()?)
    }

    fn print_table(&self, statement: &mut Statement<'_>, output: Output) -> Result<(), Failure> {
        let failed = |error| file::of_statement(&self.file, error);
        let names: Vec<String> = statement.column_names().iter().map(|&name| name.to_owned()).collect();
        let width = names.len();
        let mut table = Table::new(names);
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next().map_err(failed)? {
            let mut cells = Vec::with_capacity(width);
            for i in 0..width {
                let value = row.get_ref(i).map_err(failed)?;
                let is_number = matches!(value, ValueRef::Integer(_) | ValueRef::Real(_));
                cells.push(Cell { text: as_text(value), is_number });
            }
            table.push(cells);
        }
        super::print(&table.to_text(output))
    }
}

/// A value as it is written on the command line.
fn bound(text: &str) -> Value {
    match serde_json::from_str::<Json>(text) {
        Ok(Json::Null) => Value::Null,
        Ok(Json::String(text)) => Value::Text(text),
        Ok(Json::Number(number)) => match (number.as_i64(), number.as_f64()) {
            (Some(integer), _) => Value::Integer(integer),
            (None, Some(real)) => Value::Real(real),
            (None, None) => Value::Text(text.to_owned()),
        },
        Ok(Json::Bool(_) | Json::Array(_) | Json::Object(_)) | Err(_) => Value::Text(text.to_owned()),
    }
}

/// The names of the columns, each once: a second `id` is `id:1`.
fn unique_names(statement: &Statement<'_>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for name in statement.column_names() {
        let mut candidate = name.to_owned();
        let mut number = 0;
        while names.contains(&candidate) {
            number += 1;
            candidate = format!("{name}:{number}");
        }
        names.push(candidate);
    }
    names
}

fn as_text(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => "NULL".to_owned(),
        ValueRef::Integer(integer) => integer.to_string(),
        ValueRef::Real(real) => format!("{real:?}"),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
        ValueRef::Blob(bytes) => format!("x'{}'", hex(bytes)),
    }
}

/// Numbers and text as such, a blob as its bytes in hexadecimal digits.
fn as_json(value: ValueRef<'_>) -> Json {
    match value {
        ValueRef::Null => Json::Null,
        ValueRef::Integer(integer) => Json::from(integer),
        ValueRef::Real(real) => Number::from_f64(real).map_or_else(|| Json::from(real.to_string()), Json::Number),
        ValueRef::Text(text) => Json::from(String::from_utf8_lossy(text)),
        ValueRef::Blob(bytes) => json!({ "hex": hex(bytes) }),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A field as [RFC 4180](https://www.rfc-editor.org/rfc/rfc4180) has it.
fn as_field(text: &str) -> String {
    match text.contains(['"', ',', '\n', '\r']) || text.trim() != text {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.to_owned(),
    }
}
