//! Reads the lines of JSON that the programs print; prints one Markdown table with the median of each case over all
//! rounds, and its ratio to the first library.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::stdin;
use std::process::ExitCode;

use common::{Case, Measurement, Result};

fn main() -> ExitCode {
    common::report("bench-table", print())
}

fn print() -> Result<()> {
    let mut libraries: Vec<String> = Vec::new();
    let mut versions: Vec<String> = Vec::new();
    let mut medians: HashMap<(String, String), Vec<f64>> = HashMap::new();
    for line in stdin().lines() {
        let Measurement { library, sqlite, case, median_ns, .. } = serde_json::from_str(&line?)?;
        if !libraries.contains(&library) {
            libraries.push(library.clone());
            versions.push(sqlite);
        }
        medians.entry((library, case)).or_default().push(median_ns);
    }
    let mut middle = |library: &str, case: Case| {
        let rounds = medians.get_mut(&(library.to_owned(), case.name.to_owned()))?;
        Some(common::median(rounds))
    };
    let mut table = format!("| | {} |\n|---|", libraries.join(" | "));
    table.push_str(&"--:|".repeat(libraries.len()));
    for case in Case::ALL {
        write!(table, "\n| {} |", case.title)?;
        let limit = libraries.first().and_then(|first| middle(first, case));
        for library in &libraries {
            match (middle(library, case), limit) {
                (Some(nanos), Some(limit)) => write!(table, " {} · {:.2} |", time(nanos), nanos / limit)?,
                (Some(nanos), None) => write!(table, " {} |", time(nanos))?,
                (None, _) => table.push_str(" – |"),
            }
        }
    }
    write!(table, "\n| SQLite | {} |", versions.join(" | "))?;
    println!("{table}");
    Ok(())
}

/// Three digits and a unit.
fn time(nanos: f64) -> String {
    let (number, unit) = match nanos {
        ..1e3 => (nanos, "ns"),
        ..1e6 => (nanos / 1e3, "µs"),
        ..1e9 => (nanos / 1e6, "ms"),
        _ => (nanos / 1e9, "s"),
    };
    let decimals = match number {
        ..10.0 => 2,
        ..100.0 => 1,
        _ => 0,
    };
    format!("{number:.decimals$} {unit}")
}
