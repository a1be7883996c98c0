//! What was measured.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::requests::Kind;

/// The requests of one kind.
#[derive(Debug, Default)]
struct Measured {
    times: Vec<Duration>,
    errors: u64,
}

#[derive(Debug, Default)]
pub struct Report {
    kinds: BTreeMap<Kind, Measured>,
    took: Duration,
}

impl Report {
    /// An answer from 400 on is an error: nothing that the load asks for should be refused.
    pub fn answered(&mut self, kind: Kind, took: Duration, status: u16) {
        let measured = self.kinds.entry(kind).or_default();
        measured.times.push(took);
        measured.errors += u64::from(status >= 400);
    }

    pub fn failed(&mut self, kind: Kind, took: Duration) {
        let measured = self.kinds.entry(kind).or_default();
        measured.times.push(took);
        measured.errors += 1;
    }

    pub fn add(&mut self, other: Self) {
        for (kind, measured) in other.kinds {
            let own = self.kinds.entry(kind).or_default();
            own.times.extend(measured.times);
            own.errors += measured.errors;
        }
    }

    pub fn took(&mut self, took: Duration) {
        self.took = took;
        self.kinds.values_mut().for_each(|measured| measured.times.sort_unstable());
    }

    pub fn errors(&self) -> u64 {
        self.kinds.values().map(|measured| measured.errors).sum()
    }

    fn lines(&self) -> Vec<(String, Line)> {
        let mut all = Measured::default();
        let mut lines = Vec::new();
        for (kind, measured) in &self.kinds {
            all.times.extend(&measured.times);
            all.errors += measured.errors;
            lines.push((format!("{kind:?}").to_lowercase(), self.line(measured)));
        }
        if lines.len() > 1 {
            all.times.sort_unstable();
            lines.push(("all".to_owned(), self.line(&all)));
        }
        lines
    }

    fn line(&self, measured: &Measured) -> Line {
        let at = |share: f64| {
            let place = (measured.times.len() as f64 * share) as usize;
            measured.times.get(place).or(measured.times.last()).copied().unwrap_or_default()
        };
        Line {
            requests: measured.times.len(),
            a_second: measured.times.len() as f64 / self.took.as_secs_f64(),
            p50: at(0.5),
            p99: at(0.99),
            longest: at(1.0),
            errors: measured.errors,
        }
    }

    pub fn print(&self) {
        println!(
            "{:8} {:>9} {:>9} {:>9} {:>9} {:>9} {:>7}",
            "", "requests", "a second", "p50 ms", "p99 ms", "longest", "errors"
        );
        for (name, it) in self.lines() {
            let ms = |time: Duration| time.as_secs_f64() * 1000.0;
            println!(
                "{name:8} {:>9} {:>9.0} {:>9.2} {:>9.2} {:>9.2} {:>7}",
                it.requests,
                it.a_second,
                ms(it.p50),
                ms(it.p99),
                ms(it.longest),
                it.errors
            );
        }
    }

    pub fn print_plain(&self) {
        for (name, it) in self.lines() {
            println!("{name} {:.0} {} {} {}", it.a_second, it.p50.as_micros(), it.p99.as_micros(), it.errors);
        }
    }
}

struct Line {
    requests: usize,
    a_second: f64,
    p50: Duration,
    p99: Duration,
    longest: Duration,
    errors: u64,
}
