//! Reads what the tests of the library have printed when they ran over a cluster, and says which rows of `PARITY.md` are shown there
//! as without it. Fails when a test has another end than without a cluster and `differs.txt` does not say why.
//!
//!     cargo run -- OUTPUT_OF_THE_TESTS

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs::read_to_string;
use std::path::Path;
use std::process::ExitCode;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let output = std::env::args().nth(1).ok_or("which file has the output of the tests?")?;
    let ran = Ran::read(&String::from_utf8_lossy(&std::fs::read(output)?));
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let rows = read_to_string(here.join("../../sqliter-tests/PARITY.md"))?;
    let (mut shown, mut elsewhere, mut other) = (0, 0, BTreeMap::new());
    for (id, tests) in rows.lines().filter_map(row) {
        let changed: Vec<_> = tests.iter().filter(|test| ran.differs(test)).cloned().collect();
        if !changed.is_empty() {
            other.insert(id, changed);
        } else if tests.iter().any(|test| ran.passed.contains(test)) {
            shown += 1;
        } else {
            elsewhere += 1;
        }
    }
    println!("{} tests passed, {} did not, {} parted", ran.passed.len(), ran.failed.len(), ran.parted.len());
    println!(
        "{} rows: {shown} shown as without a cluster, {elsewhere} by no test that ran here, {} otherwise",
        shown + elsewhere + other.len(),
        other.len()
    );
    other.iter().for_each(|(id, tests)| println!("{id}: {}", tests.join(", ")));
    let known = read_to_string(here.join("differs.txt"))?;
    let known: BTreeSet<_> =
        known.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split(": ").next()).collect();
    let unknown: Vec<_> = ran.failed.union(&ran.parted).filter(|test| !known.contains(test.as_str())).collect();
    unknown.iter().for_each(|test| println!("not in differs.txt: {test}"));
    Ok(if unknown.is_empty() && !ran.passed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// How the tests have ended, as `change::errors::constraints::name`.
#[derive(Default)]
struct Ran {
    passed: BTreeSet<String>,
    failed: BTreeSet<String>,
    /// Their databases held other rows on other machines.
    parted: BTreeSet<String>,
}

impl Ran {
    fn read(output: &str) -> Self {
        let mut ran = Self::default();
        let mut program = "";
        for line in output.lines() {
            if let Some((_, path)) = line.split_once("Running ../../sqliter-tests/tests/") {
                program = path.split('/').next().unwrap_or_default();
            }
            let named = |name: &str| format!("{program}::{name}");
            if let Some((_, rest)) = line.split_once("parted: ") {
                ran.parted.extend(rest.split(": ").next().map(named));
            } else if let Some((name, end)) = line.strip_prefix("test ").and_then(|line| line.split_once(" ... ")) {
                let name = name.split(" - ").next().unwrap_or(name);
                if end.ends_with("FAILED") {
                    ran.failed.insert(named(name));
                } else if end.ends_with("ok") {
                    ran.passed.insert(named(name));
                }
            }
        }
        ran
    }

    fn differs(&self, test: &str) -> bool {
        self.failed.contains(test) || self.parted.contains(test)
    }
}

/// The ID of a row, and the tests that it names.
fn row(line: &str) -> Option<(String, Vec<String>)> {
    let mut cells = line.split('|').map(str::trim).skip(1);
    let id = cells.next().filter(|id| id.contains('-') && !id.contains("--"))?;
    let tests = cells.next()?.split('`').skip(1).step_by(2).filter_map(|named| {
        let (file, test) = named.split_once(".rs::")?;
        let modules = file.trim_end_matches("/mod").trim_end_matches("/main").replace('/', "::");
        Some(format!("{modules}::{test}"))
    });
    Some((id.to_owned(), tests.collect()))
}
