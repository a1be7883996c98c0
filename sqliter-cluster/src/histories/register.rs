//! Whether a register is linearisable: every access took effect at one moment between its begin and its end.

use std::collections::{HashMap, HashSet};

use super::{Wrong, wrong};

/// How many states are looked at before the search gives up.
const MOST: usize = 20_000;

/// What was done with the register. Every value is written once, so that a value tells who wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// A read; also a compare-and-set that has met another value.
    Read {
        saw: i64,
    },
    Write {
        value: i64,
    },
    /// A compare-and-set that has met `from`.
    Swap {
        from: i64,
        to: i64,
    },
}

impl Operation {
    fn saw(self) -> Option<i64> {
        match self {
            Self::Read { saw: value } | Self::Swap { from: value, .. } => Some(value),
            Self::Write { .. } => None,
        }
    }

    fn writes(self) -> Option<i64> {
        match self {
            Self::Write { value } | Self::Swap { to: value, .. } => Some(value),
            Self::Read { .. } => None,
        }
    }

    /// What the register holds after it; `None` where it cannot be done.
    fn on(self, holds: i64) -> Option<i64> {
        self.saw().is_none_or(|saw| saw == holds).then(|| self.writes().unwrap_or(holds))
    }
}

/// An operation with its times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Access {
    pub operation: Operation,
    pub begun: u64,
    /// When its result was told; `None` if nobody knows whether it was done.
    pub ended: Option<u64>,
}

/// Looks for an order of all accesses that keeps to their times and in which each read sees the last write.
///
/// It goes along the times with all states that the register may be in. A state is a value, and which of the accesses that run at this
/// moment have taken effect; one takes effect as late as it can.
///
/// # Errors
///
/// When there is none; when a value is written twice; when the search takes too long.
pub fn check(first: i64, history: &[Access]) -> Result<(), Wrong> {
    let history = known(first, history)?;
    let mut times: Vec<(u64, bool, usize)> = Vec::new();
    for (index, access) in history.iter().enumerate() {
        // At one moment begins come first: those two may be in any order.
        times.extend([(access.begun, false, index), (access.ended.unwrap_or(u64::MAX), true, index)]);
    }
    times.sort_unstable();
    let mut running: Vec<usize> = Vec::new();
    let mut states = HashSet::from([(first, Vec::new())]);
    for (time, ends, index) in times {
        if !ends {
            running.push(index);
            continue;
        }
        let before: Vec<i64> = states.iter().map(|(value, _)| *value).collect();
        states = after_the_end(index, states, &running, &history)?;
        if states.is_empty() {
            let beside: Vec<Access> = running.iter().map(|index| history[*index]).collect();
            let ended = history[index];
            return wrong(format!(
                "{ended:?} cannot be, at {time}: the register held one of {before:?}, beside {beside:?}"
            ));
        }
        running.retain(|other| *other != index);
    }
    Ok(())
}

type States = HashSet<(i64, Vec<usize>)>;

/// The states in which an access has taken effect, which is then left out of them.
fn after_the_end(index: usize, before: States, running: &[usize], history: &[Access]) -> Result<States, Wrong> {
    let mut after = States::new();
    let mut seen = before.clone();
    let mut next: Vec<(i64, Vec<usize>)> = before.into_iter().collect();
    while let Some((value, done)) = next.pop() {
        if done.contains(&index) {
            after.insert((value, done.into_iter().filter(|other| *other != index).collect()));
            continue;
        }
        for other in running.iter().filter(|other| !done.contains(other)) {
            let Some(value) = history[*other].operation.on(value) else { continue };
            let mut done = done.clone();
            done.push(*other);
            done.sort_unstable();
            if seen.insert((value, done.clone())) {
                next.push((value, done));
            }
        }
        if seen.len() > MOST {
            return wrong(format!("undecided after {MOST} states at {:?}", history[index]));
        }
    }
    Ok(after)
}

/// The history without what is not known: a write whose value somebody saw was done before that one had ended; any other may be left out,
/// since every value is written once.
fn known(first: i64, history: &[Access]) -> Result<Vec<Access>, Wrong> {
    let mut written = HashSet::from([first]);
    for value in history.iter().filter_map(|access| access.operation.writes()) {
        if !written.insert(value) {
            return wrong(format!("{value} is written twice, so this cannot be checked"));
        }
    }
    if let Some(unwritten) = history.iter().find(|it| it.operation.saw().is_some_and(|saw| !written.contains(&saw))) {
        return wrong(format!("{unwritten:?} saw what nobody wrote"));
    }
    let mut known = history.to_vec();
    loop {
        let mut seen = HashMap::<i64, u64>::new();
        for access in &known {
            if let (Some(saw), Some(ended)) = (access.operation.saw(), access.ended) {
                let first = seen.entry(saw).or_insert(ended);
                *first = ended.min(*first);
            }
        }
        let mut changed = false;
        for (access, as_told) in known.iter_mut().zip(history) {
            let seen = access.operation.writes().and_then(|value| seen.get(&value)).copied();
            if as_told.ended.is_none() && seen.is_some() && seen != access.ended {
                access.ended = seen;
                changed = true;
            }
        }
        if !changed {
            known.retain(|access| access.ended.is_some());
            return Ok(known);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(saw: i64, begun: u64, ended: u64) -> Access {
        Access { operation: Operation::Read { saw }, begun, ended: Some(ended) }
    }

    fn write(value: i64, begun: u64, ended: impl Into<Option<u64>>) -> Access {
        Access { operation: Operation::Write { value }, begun, ended: ended.into() }
    }

    fn swap(from: i64, to: i64, begun: u64, ended: impl Into<Option<u64>>) -> Access {
        Access { operation: Operation::Swap { from, to }, begun, ended: ended.into() }
    }

    #[test]
    fn what_one_machine_could_have_done_is_right() {
        let one_by_one = [write(1, 0, 1), read(1, 2, 3), swap(1, 2, 4, 5), read(2, 6, 7)];
        assert_eq!(check(0, &one_by_one), Ok(()));
        // While a write runs, one sees it and then nobody sees what was before.
        assert_eq!(check(0, &[write(1, 0, 10), read(0, 1, 2), read(1, 3, 4), read(1, 5, 6)]), Ok(()));
        // Three that run at once, in the one order that does.
        assert_eq!(check(0, &[swap(2, 3, 0, 9), swap(0, 1, 1, 9), swap(1, 2, 2, 9), read(3, 10, 11)]), Ok(()));
        // Nobody knows of the first two writes; the first was done late, the other never.
        assert_eq!(check(0, &[write(1, 0, None), write(2, 0, None), read(0, 5, 6), read(1, 7, 8)]), Ok(()));
        assert_eq!(check(0, &[swap(0, 1, 0, None), swap(1, 2, 3, None), read(2, 7, 8)]), Ok(()));
    }

    #[track_caller]
    fn assert_wrong(history: &[Access], says: &str) {
        let error = check(0, history).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }

    #[test]
    fn a_read_of_what_was_before_is_wrong() {
        assert_wrong(&[write(1, 0, 1), read(0, 2, 3)], "cannot be");
    }

    #[test]
    fn a_write_that_is_lost_is_wrong() {
        assert_wrong(&[write(1, 0, 1), write(2, 2, 3), read(1, 4, 5)], "cannot be");
    }

    #[test]
    fn reads_that_go_back_are_wrong() {
        assert_wrong(&[write(1, 0, 10), read(1, 1, 2), read(0, 3, 4)], "cannot be");
        // The same of a write that nobody knows of: it was done, as somebody saw it.
        assert_wrong(&[write(1, 0, None), read(1, 1, 2), read(0, 3, 4)], "cannot be");
    }

    #[test]
    fn two_that_both_came_first_are_wrong() {
        assert_wrong(&[swap(0, 1, 0, 9), swap(0, 2, 0, 9)], "cannot be");
    }

    #[test]
    fn a_write_before_it_was_begun_is_wrong() {
        assert_wrong(&[read(1, 0, 1), write(1, 2, 3)], "cannot be");
        assert_wrong(&[read(1, 0, 1), write(1, 2, None)], "cannot be");
    }

    #[test]
    fn a_swap_whose_result_was_lost_and_that_is_done_twice_is_wrong() {
        assert_wrong(&[swap(0, 1, 0, None), read(1, 1, 2), write(2, 3, 4), read(1, 5, 6)], "cannot be");
    }

    #[test]
    fn what_cannot_be_checked_is_wrong() {
        assert_wrong(&[read(7, 0, 1)], "nobody wrote");
        assert_wrong(&[write(1, 0, 1), write(1, 2, 3)], "written twice");
        let many: Vec<Access> = (1..=40).map(|value| write(value, 0, 100)).collect();
        assert_wrong(&many, "undecided");
    }

    /// A long history of a register that is one, and the same with one read of an older value in its midst.
    #[test]
    fn one_wrong_read_among_thousands_is_found() {
        let mut random = 7_u64;
        let (mut history, mut holds) = (Vec::new(), 0);
        for number in 1..=5_000_i64 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let (at, before, after) = (number as u64 * 10, (random >> 33) % 40, (random >> 45) % 40);
            let operation = match random >> 60 {
                0..6 => Operation::Read { saw: holds },
                6..12 => Operation::Write { value: number },
                _ => Operation::Swap { from: holds, to: number },
            };
            holds = operation.on(holds).unwrap();
            let is_known = operation.writes().is_none() || !random.is_multiple_of(50);
            history.push(Access { operation, begun: at - at.min(before), ended: is_known.then_some(at + after) });
        }
        assert_eq!(check(0, &history), Ok(()));
        let mut older = history.clone();
        let values: Vec<i64> = history.iter().filter_map(|access| access.operation.writes()).collect();
        let read = older.iter_mut().skip(2_000).find(|access| access.operation.writes().is_none()).unwrap();
        read.operation = Operation::Read { saw: values[500] };
        assert!(check(0, &older).is_err());
    }
}
