//! Rows as a table for people.

use anstyle::Style;
use sqliter_cli::output::Output;

/// A value as it is shown.
#[derive(Debug)]
pub(super) struct Cell {
    pub(super) text: String,
    /// Whether it stands at the right of its column.
    pub(super) is_number: bool,
}

/// Rows under the names of their columns.
#[derive(Debug)]
pub(super) struct Table {
    names: Vec<String>,
    rows: Vec<Vec<Cell>>,
}

/// How many characters of a value are shown.
const WIDEST: usize = 80;

impl Table {
    pub(super) fn new(names: Vec<String>) -> Self {
        Self { names, rows: Vec::new() }
    }

    pub(super) fn push(&mut self, mut row: Vec<Cell>) {
        for cell in &mut row {
            cell.text = shown(&cell.text);
        }
        self.rows.push(row);
    }

    /// The lines, aligned; numbers at the right.
    pub(super) fn to_text(&self, output: Output) -> String {
        let width = |i: usize, name: &String| {
            let cells = self.rows.iter().filter_map(|row| row.get(i)).map(|cell| cell.text.chars().count());
            cells.max().unwrap_or(0).max(name.chars().count())
        };
        let widths: Vec<usize> = self.names.iter().enumerate().map(|(i, name)| width(i, name)).collect();
        let mut text = String::new();
        let names = self.names.iter().zip(&widths).map(|(name, width)| format!("{name:width$}"));
        let heading = names.collect::<Vec<_>>().join("  ");
        text.push_str(&output.paint(Style::new().bold(), heading.trim_end()));
        text.push('\n');
        let rules = widths.iter().map(|width| "-".repeat(*width)).collect::<Vec<_>>().join("  ");
        text.push_str(&rules);
        text.push('\n');
        for row in &self.rows {
            let cells = row.iter().zip(&widths).map(|(cell, width)| match cell.is_number {
                true => format!("{:>width$}", cell.text),
                false => format!("{:width$}", cell.text),
            });
            text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
            text.push('\n');
        }
        let rows = if self.rows.len() == 1 { "row" } else { "rows" };
        text.push_str(&format!("({} {rows})\n", self.rows.len()));
        text
    }
}

/// On one line, without what would move the cursor of a terminal, and not too long.
fn shown(text: &str) -> String {
    let clean = text.chars().map(|c| match c {
        '\n' => '⏎',
        c if c.is_control() => '\u{fffd}',
        c => c,
    });
    let mut shown: String = clean.clone().take(WIDEST).collect();
    if clean.count() > WIDEST {
        shown.pop();
        shown.push('…');
    }
    shown
}
