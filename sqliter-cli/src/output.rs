//! What the programs say: to people or to programs, and how they end.

use std::fmt::Display;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};
use serde::Serialize;

/// What is wrong: the beginning of an error.
pub const BAD: Style = AnsiColor::Red.on_default().bold();
/// What is as it should be.
pub const GOOD: Style = AnsiColor::Green.on_default();
/// What is still to be done.
pub const OPEN: Style = AnsiColor::Yellow.on_default();
/// What is said beside it.
pub const DIM: Style = Style::new().dimmed();

/// What a command has found, when nothing failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// All is as it should be, or was done.
    Fine,
    /// It has found what it looks for, or something is left to do.
    Found,
}

/// Why a command could not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The library or SQLite refuses.
    #[error(transparent)]
    Database(#[from] sqliter::Error),
    /// What was written on the command line makes no sense here.
    #[error("{0}")]
    Usage(String),
    /// Anything else, in words.
    #[error("{0}")]
    Other(String),
    /// Standard output takes nothing.
    #[error("cannot write the output: {0}")]
    Output(#[from] io::Error),
}

/// What a command gives.
pub type Result<T = Outcome> = std::result::Result<T, Failure>;

/// Where a command says what it has to say.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    is_json: bool,
    has_colours: bool,
}

impl Output {
    /// For programs with `is_json`, else for people: with colours if this is a terminal.
    pub fn new(is_json: bool) -> Self {
        Self { is_json, has_colours: !is_json && takes_colours(&io::stdout()) }
    }

    /// Whether a program reads it.
    pub const fn is_json(self) -> bool {
        self.is_json
    }

    /// A line for people; nothing with `--json`.
    ///
    /// # Errors
    ///
    /// [`Failure::Output`].
    pub fn line(self, text: impl Display) -> Result<()> {
        if self.is_json { Ok(()) } else { Ok(writeln!(io::stdout().lock(), "{text}")?) }
    }

    /// The document for programs; nothing without `--json`.
    ///
    /// # Errors
    ///
    /// [`Failure::Output`].
    pub fn json(self, value: &impl Serialize) -> Result<()> {
        if !self.is_json {
            return Ok(());
        }
        let text = serde_json::to_string_pretty(value).map_err(|error| Failure::Other(error.to_string()))?;
        Ok(writeln!(io::stdout().lock(), "{text}")?)
    }

    /// A text in a colour, where there are colours.
    pub fn paint(self, style: Style, text: impl Display) -> String {
        paint(self.has_colours, style, text)
    }

    /// Tells how the command has ended, and gives the exit code: 0, 1 when it has found something, 2 for a mistake on the
    /// command line, 3 when it failed.
    pub fn end(self, result: Result) -> ExitCode {
        let failure = match result {
            Ok(Outcome::Fine) => return ExitCode::SUCCESS,
            Ok(Outcome::Found) => return ExitCode::from(1),
            // Who reads has enough, as in `manage schema | head`.
            Err(Failure::Output(error)) if error.kind() == ErrorKind::BrokenPipe => return ExitCode::SUCCESS,
            Err(failure) => failure,
        };
        // Where nobody reads what is wrong, the exit code still tells that something is.
        if self.is_json {
            let _ = self.json(&serde_json::json!({ "error": failure.to_string() }));
        } else {
            let word = paint(takes_colours(&io::stderr()), BAD, "error:");
            let _ = writeln!(io::stderr().lock(), "{word} {failure}");
        }
        let is_usage = matches!(failure, Failure::Usage(_) | Failure::Database(sqliter::Error::SqlInValue { .. }));
        ExitCode::from(if is_usage { 2 } else { 3 })
    }
}

fn paint(has_colours: bool, style: Style, text: impl Display) -> String {
    if has_colours { format!("{style}{text}{style:#}") } else { text.to_string() }
}

/// Whether it is a terminal, of a person who has not asked for [no colours](https://no-color.org).
fn takes_colours(stream: &impl IsTerminal) -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    stream.is_terminal() && !is_set("NO_COLOR") && !is_dumb
}
