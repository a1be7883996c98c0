//! What a statement has done, as it is told: its rows, and its arguments as literals.

use std::fmt::{self, Write};
use std::time::Instant;

use crate::sql::Argument;
use crate::value::Encoded;

/// Which rows of a statement are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) enum Counted {
    Nothing,
    Returned,
    Changed,
}

/// What a statement has done so far.
#[derive(Debug)]
pub(in crate::engine) struct Progress {
    /// How many rows were read or changed.
    pub(in crate::engine) rows: u64,
    /// Which of both.
    pub(in crate::engine) counted: Counted,
    /// Whether SQLite has accepted its text.
    pub(in crate::engine) prepared: bool,
    /// When it began, if anyone may be listening.
    pub(super) started: Option<Instant>,
    /// `None` unless they are asked for.
    pub(super) arguments: Option<Literals>,
}

impl Progress {
    /// The statement has changed so many rows.
    pub(in crate::engine) fn changed(&mut self, rows: u64) {
        (self.rows, self.counted) = (self.rows + rows, Counted::Changed);
    }

    /// The statement returns rows.
    pub(in crate::engine) fn returns(&mut self) {
        self.counted = Counted::Returned;
    }

    pub(in crate::engine) fn arguments(&mut self, arguments: &[Argument]) {
        if let Some(literals) = &mut self.arguments {
            for (i, argument) in arguments.iter().enumerate() {
                let separator = match i {
                    0 if literals.text.is_empty() => "",
                    0 => "; ",
                    _ => ", ",
                };
                literals.add(separator, argument);
            }
        }
    }

    /// The argument with a number, counted from 1, of a statement that is run again and again.
    pub(in crate::engine) fn argument(&mut self, number: usize, value: &Encoded<'_>) {
        if let Some(literals) = self.arguments.as_mut().filter(|literals| !literals.full) {
            let separator = match number {
                1 if literals.text.is_empty() => "",
                1 => "; ",
                _ => ", ",
            };
            literals.add(separator, value.clone().into_value());
        }
    }
}

/// Arguments as SQL literals, up to a length.
#[derive(Debug, Default)]
pub(super) struct Literals {
    pub(super) text: String,
    full: bool,
}

impl Literals {
    /// How many bytes are written: one argument may be a list of a million keys.
    const MOST: usize = 8 * 1024;

    fn add(&mut self, separator: &str, literal: impl fmt::Display) {
        // Writing fails when it is full, and that is said in the text.
        let _ = write!(self, "{separator}{literal}");
    }
}

impl Write for Literals {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.full {
            return Err(fmt::Error);
        }
        let room = Self::MOST - self.text.len();
        if text.len() <= room {
            self.text.push_str(text);
            return Ok(());
        }
        self.text.push_str(text.get(..text.floor_char_boundary(room)).unwrap_or_default());
        self.text.push('…');
        self.full = true;
        Err(fmt::Error)
    }
}
