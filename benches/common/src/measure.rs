//! Timing, and the line of JSON that it ends in.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// One case of the benchmark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Case {
    /// The name in the lines of JSON.
    pub name: &'static str,
    /// The name in the tables.
    pub title: &'static str,
    /// How many operations one sample is the average of.
    pub operations: usize,
    /// How many samples the median is of.
    pub samples: usize,
}

impl Case {
    const fn new(name: &'static str, title: &'static str, operations: usize, samples: usize) -> Self {
        Self { name, title, operations, samples }
    }

    pub const GET: Self = Self::new("get", "get by key", 200, 50);
    pub const GET_READING: Self = Self::new("get-reading", "get by key inside a read transaction", 200, 50);
    pub const GET_WRITING: Self = Self::new("get-writing", "get by key inside a write transaction", 200, 50);
    pub const FILTER: Self = Self::new("filter", "filter 100 of 10,000, ordered", 20, 40);
    pub const FETCH: Self = Self::new("fetch", "fetch 10,000", 1, 40);
    pub const JOIN: Self = Self::new("join", "1,000 books with their author", 5, 40);
    pub const EAGER: Self = Self::new("eager", "1,000 authors with their 10,000 books", 1, 40);
    pub const GROUP: Self = Self::new("group", "count and average by group", 5, 40);
    pub const AT_ONCE: Self = Self::new("at-once", "16 tasks getting by key, per get", 16 * 200, 20);
    pub const UPDATE: Self = Self::new("update", "update one", 100, 40);
    pub const INSERT: Self = Self::new("insert", "insert one", 100, 40);
    pub const BULK: Self = Self::new("bulk", "bulk insert 10,000", 1, 15);

    pub const CACHED: Self = Self::new("cached", "get by key from a cache of results", 200, 50);
    pub const SQL: Self = Self::new("sql", "building the SQL of the filter", 200, 50);

    /// All cases, in the order of the tables.
    pub const ALL: [Self; 14] = [
        Self::GET,
        Self::GET_READING,
        Self::GET_WRITING,
        Self::FILTER,
        Self::FETCH,
        Self::INSERT,
        Self::BULK,
        Self::UPDATE,
        Self::JOIN,
        Self::EAGER,
        Self::GROUP,
        Self::AT_ONCE,
        Self::CACHED,
        Self::SQL,
    ];
}

/// The samples of one case in one run of a program.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Measurement {
    pub library: String,
    /// The version of SQLite that the program runs.
    pub sqlite: String,
    pub case: String,
    /// The median of the samples, in nanoseconds for one operation.
    pub median_ns: f64,
    /// The least of the samples.
    pub min_ns: f64,
    pub samples: usize,
}

impl Measurement {
    /// Of the time that each sample took.
    pub(crate) fn new(library: &str, sqlite: &str, case: Case, samples: &[Duration]) -> Self {
        let mut nanos: Vec<f64> =
            samples.iter().map(|sample| sample.as_nanos() as f64 / case.operations as f64).collect();
        let median_ns = median(&mut nanos);
        let min_ns = nanos.first().copied().unwrap_or_default();
        Self {
            library: library.to_owned(),
            sqlite: sqlite.to_owned(),
            case: case.name.to_owned(),
            median_ns,
            min_ns,
            samples: samples.len(),
        }
    }
}

/// Sorts the numbers; gives the middle one.
pub fn median(numbers: &mut [f64]) -> f64 {
    numbers.sort_by(f64::total_cmp);
    match numbers {
        [] => f64::NAN,
        _ if numbers.len() % 2 == 1 => numbers[numbers.len() / 2],
        _ => f64::midpoint(numbers[numbers.len() / 2 - 1], numbers[numbers.len() / 2]),
    }
}
