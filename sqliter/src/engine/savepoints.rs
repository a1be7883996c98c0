//! The transactions inside a transaction: which of them go on, and which have a savepoint.
//!
//! The futures of the program only say that one begins, or is over. What follows from that for SQLite is seen to on the
//! connection, before the next job. So a future may be dropped at any point, and nothing is left half-way.

/// A transaction inside another one. The outermost is 0.
pub(crate) type Level = u64;

/// The one that all others are in.
pub(crate) const OUTERMOST: Level = 0;

#[derive(Debug, Default)]
pub(super) struct Savepoints {
    /// In the order of their beginning. Those with a savepoint stand as SQLite has them.
    inner: Vec<Inner>,
    last: Level,
}

#[derive(Debug)]
struct Inner {
    level: Level,
    parent: Level,
    has_savepoint: bool,
    is_over: bool,
}

impl Savepoints {
    /// One begins inside another. It has a savepoint from its first job on.
    pub(super) fn begin(&mut self, parent: Level) -> Level {
        self.last += 1;
        let is_over = parent != OUTERMOST && !self.goes_on(parent);
        self.inner.push(Inner { level: self.last, parent, has_savepoint: false, is_over });
        self.last
    }

    /// One is over, with all inside it: what they have done is undone before the next job, unless it was kept.
    pub(super) fn end(&mut self, level: Level) {
        let mut over = vec![level];
        for inner in &mut self.inner {
            if over.contains(&inner.level) || over.contains(&inner.parent) {
                inner.is_over = true;
                over.push(inner.level);
            }
        }
    }

    fn goes_on(&self, level: Level) -> bool {
        self.inner.iter().any(|inner| inner.level == level && !inner.is_over)
    }

    /// Whether there is nothing to be seen to.
    pub(super) const fn are_none(&self) -> bool {
        self.inner.is_empty()
    }

    /// The number of the first savepoint that is to be undone, with all that come after it.
    pub(super) fn undone_from(&mut self) -> Option<usize> {
        self.inner.retain(|inner| inner.has_savepoint || !inner.is_over);
        let mut with_savepoint = self.inner.iter().filter(|inner| inner.has_savepoint);
        with_savepoint.position(|inner| inner.is_over).map(|at| at + 1)
    }

    /// The savepoints from that number on are gone.
    pub(super) fn gone_from(&mut self, number: usize) {
        let mut before = number - 1;
        self.inner.retain(|inner| {
            let stays = !inner.has_savepoint || before > 0;
            before -= usize::from(inner.has_savepoint && before > 0);
            stays
        });
    }

    /// Those without a savepoint from the outermost to this one; `None` when it is over.
    pub(super) fn without_savepoint(&self, level: Level) -> Option<Vec<Level>> {
        let (mut missing, mut at) = (Vec::new(), level);
        while at != OUTERMOST {
            let inner = self.inner.iter().find(|inner| inner.level == at && !inner.is_over)?;
            if !inner.has_savepoint {
                missing.push(at);
            }
            at = inner.parent;
        }
        missing.reverse();
        Some(missing)
    }

    /// It has a savepoint now.
    pub(super) fn has_begun(&mut self, level: Level) {
        if let Some(inner) = self.inner.iter_mut().find(|inner| inner.level == level) {
            inner.has_savepoint = true;
        }
    }

    /// The number of its savepoint: the last of those that there are, if its own jobs wait for those inside it.
    pub(super) fn number(&self, level: Level) -> Option<usize> {
        let mut with_savepoint = self.inner.iter().filter(|inner| inner.has_savepoint);
        with_savepoint.position(|inner| inner.level == level).map(|at| at + 1)
    }

    /// How many savepoints there are.
    pub(super) fn count(&self) -> usize {
        self.inner.iter().filter(|inner| inner.has_savepoint).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a connection does before a job, as text: SQLite's stack is kept in `stack`.
    fn job(savepoints: &mut Savepoints, stack: &mut Vec<Level>, level: Level) -> bool {
        if let Some(number) = savepoints.undone_from() {
            stack.truncate(number - 1);
            savepoints.gone_from(number);
        }
        let Some(missing) = savepoints.without_savepoint(level) else { return false };
        for level in missing {
            savepoints.has_begun(level);
            stack.push(level);
        }
        assert_eq!(savepoints.count(), stack.len());
        for (at, level) in stack.iter().enumerate() {
            assert_eq!(savepoints.number(*level), Some(at + 1));
        }
        true
    }

    #[test]
    fn one_that_was_dropped_is_undone_before_the_next_job_and_refused_from_then_on() {
        let (mut savepoints, mut stack) = (Savepoints::default(), Vec::new());
        let first = savepoints.begin(OUTERMOST);
        assert!(job(&mut savepoints, &mut stack, first));
        savepoints.end(first);
        assert!(job(&mut savepoints, &mut stack, OUTERMOST));
        assert!(stack.is_empty());
        assert!(!job(&mut savepoints, &mut stack, first));
        let second = savepoints.begin(OUTERMOST);
        assert!(job(&mut savepoints, &mut stack, second));
        assert!(!job(&mut savepoints, &mut stack, first), "beside another one too");
        assert_eq!(stack, [second]);
    }

    #[test]
    fn one_that_was_dropped_before_its_first_job_has_no_savepoint() {
        let (mut savepoints, mut stack) = (Savepoints::default(), Vec::new());
        let first = savepoints.begin(OUTERMOST);
        savepoints.end(first);
        let second = savepoints.begin(OUTERMOST);
        assert!(job(&mut savepoints, &mut stack, second));
        assert_eq!(stack, [second]);
    }

    #[test]
    fn those_inside_one_that_is_over_are_over() {
        let (mut savepoints, mut stack) = (Savepoints::default(), Vec::new());
        let outer = savepoints.begin(OUTERMOST);
        let inner = savepoints.begin(outer);
        let innermost = savepoints.begin(inner);
        assert!(job(&mut savepoints, &mut stack, innermost));
        assert_eq!(stack, [outer, inner, innermost]);
        savepoints.end(outer);
        let late = savepoints.begin(inner);
        for level in [late, innermost, inner, outer] {
            assert!(!job(&mut savepoints, &mut stack, level));
        }
        assert!(job(&mut savepoints, &mut stack, OUTERMOST));
        assert!(stack.is_empty());
        assert!(savepoints.inner.is_empty());
    }

    /// Any order of beginnings, jobs and drops, beside a plain account of who is over.
    #[test]
    fn only_those_that_go_on_have_a_savepoint_after_a_job() {
        let mut seed = 1_u64;
        let mut random = |below: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % below
        };
        for _ in 0..2_000 {
            let (mut savepoints, mut stack) = (Savepoints::default(), Vec::new());
            // Each stands inside the one before it.
            let (mut open, mut over) = (Vec::<Level>::new(), Vec::<Level>::new());
            for _ in 0..20 {
                let innermost = open.last().copied().unwrap_or(OUTERMOST);
                match random(4) {
                    0 | 1 => open.push(savepoints.begin(innermost)),
                    2 => {
                        let at = random(open.len() as u64 + 1) as usize;
                        if let Some(level) = open.get(at) {
                            savepoints.end(*level);
                            over.extend(open.drain(at..));
                        }
                    }
                    _ => {
                        assert!(job(&mut savepoints, &mut stack, innermost));
                        assert_eq!(stack, open);
                        for level in &over {
                            assert!(!job(&mut savepoints, &mut stack, *level));
                        }
                    }
                }
            }
        }
    }
}
