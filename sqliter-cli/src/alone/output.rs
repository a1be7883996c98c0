//! What is printed: for people, in colours only on a terminal, or as JSON.

use std::io::{self, BufWriter, IsTerminal, Write};

use anstyle::{AnsiColor, Style};
use serde::Serialize;
use serde_json::json;

use super::failure::Failure;

/// How the program prints.
#[derive(Debug)]
pub(super) struct Output {
    pub(super) json: bool,
    colours: bool,
    error_colours: bool,
}

pub(super) const GOOD: Style = AnsiColor::Green.on_default();
pub(super) const BAD: Style = AnsiColor::Red.on_default().bold();
pub(super) const HEADING: Style = Style::new().bold();

impl Output {
    pub(super) fn new(json: bool) -> Self {
        // As https://no-color.org has it.
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let colours = |is_terminal: bool| wanted && is_terminal;
        Self {
            json,
            colours: colours(io::stdout().is_terminal()),
            error_colours: colours(io::stderr().is_terminal()),
        }
    }

    /// The text in a style, if it is shown on a terminal.
    pub(super) fn styled(&self, style: Style, text: &str) -> String {
        styled(self.colours, style, text)
    }

    /// Prints text as it is.
    pub(super) fn text(&self, text: &str) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes())?;
        Ok(out.flush()?)
    }

    /// Prints JSON on one or more lines.
    pub(super) fn value(&self, value: &impl Serialize) -> Result<(), Failure> {
        let mut out = BufWriter::new(io::stdout().lock());
        serde_json::to_writer_pretty(&mut out, value)?;
        writeln!(out)?;
        Ok(out.flush()?)
    }

    /// Tells on the standard error why nothing else is printed.
    pub(super) fn failure(&self, failure: &Failure) {
        let mut error = io::stderr().lock();
        // Where nothing can be printed, the exit code is all there is.
        let _ = match self.json {
            true => writeln!(error, "{}", json!({ "error": failure.to_string() })),
            false => writeln!(error, "{} {failure}", styled(self.error_colours, BAD, "error:")),
        };
    }
}

fn styled(colours: bool, style: Style, text: &str) -> String {
    match colours {
        true => format!("{style}{text}{style:#}"),
        false => text.to_owned(),
    }
}
