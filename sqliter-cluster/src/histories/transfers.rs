//! Whether transfers between accounts are strictly serialisable. Each one writes a row of what it has found, so that the rows are the order
//! in which they were done; the check does them once more in that order.

use std::collections::HashMap;

use super::{Wrong, wrong};

/// A row that a transfer has written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Move {
    /// Names the transfer.
    pub number: i64,
    /// The accounts, from 0.
    pub from: usize,
    pub to: usize,
    pub amount: i64,
    /// What the transfer has found in both.
    pub from_had: i64,
    pub to_had: i64,
}

/// What somebody was told of a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    Moved,
    /// The account had too little, after so many transfers.
    Short {
        after: usize,
        had: i64,
    },
    NotDone,
    Unknown,
}

/// What somebody has asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transfer {
    pub number: i64,
    pub machine: usize,
    pub from: usize,
    pub to: usize,
    pub amount: i64,
    pub begun: u64,
    pub ended: u64,
    pub told: Told,
}

/// A read of all balances.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Balances {
    pub machine: usize,
    /// Whether it has waited for all that anybody was told of.
    pub is_fresh: bool,
    pub begun: u64,
    pub ended: u64,
    /// How many transfers were done in what it has seen.
    pub after: usize,
    pub balances: Vec<i64>,
}

/// All that was asked for and seen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Transfers {
    pub transfers: Vec<Transfer>,
    pub reads: Vec<Balances>,
}

/// Does all transfers in their order once more, from the balances at first, and compares what everybody has seen.
///
/// # Errors
///
/// When one was lost, done twice, or done without being asked for; when one has found other balances than there were; when an account had
/// less than nothing; when a read saw balances that never were, or was older than it may be; when the order is not that of the times.
pub fn check(first: &[i64], history: &Transfers, order: &[Move]) -> Result<(), Wrong> {
    let states = replayed(first, order)?;
    let mut places = HashMap::new();
    for (index, done) in order.iter().enumerate() {
        if places.insert(done.number, index + 1).is_some() {
            return wrong(format!("done twice: {done:?}"));
        }
    }
    let asked: HashMap<i64, &Transfer> = history.transfers.iter().map(|transfer| (transfer.number, transfer)).collect();
    for done in order {
        let Some(asked) = asked.get(&done.number) else { return wrong(format!("nobody asked for {done:?}")) };
        if (asked.from, asked.to, asked.amount) != (done.from, done.to, done.amount) {
            return wrong(format!("{asked:?} was done as {done:?}"));
        }
    }
    for transfer in &history.transfers {
        match (transfer.told, places.contains_key(&transfer.number)) {
            (Told::Moved, false) => return wrong(format!("lost: {transfer:?}")),
            (Told::Short { .. } | Told::NotDone, true) => return wrong(format!("done all the same: {transfer:?}")),
            _ => {}
        }
        if let Told::Short { after, had } = transfer.told
            && (had >= transfer.amount || states.get(after).map(|state| state[transfer.from]) != Some(had))
        {
            return wrong(format!("never was so: {transfer:?}"));
        }
    }
    for read in &history.reads {
        let (sum, all) = (read.balances.iter().sum::<i64>(), first.iter().sum::<i64>());
        if sum != all {
            return wrong(format!("the sum is {sum} and not {all}: {read:?}"));
        }
        if states.get(read.after) != Some(&read.balances) {
            return wrong(format!("never was so: {read:?}; it was {:?}", states.get(read.after)));
        }
    }
    in_time(history, &places)
}

/// The balances after each number of transfers.
fn replayed(first: &[i64], order: &[Move]) -> Result<Vec<Vec<i64>>, Wrong> {
    let mut states = vec![first.to_vec()];
    let mut now = first.to_vec();
    for done in order {
        let found = (now.get(done.from).copied(), now.get(done.to).copied());
        if found != (Some(done.from_had), Some(done.to_had)) {
            return wrong(format!("{done:?} has found other balances than {found:?}, which there were"));
        }
        now[done.from] -= done.amount;
        now[done.to] += done.amount;
        if now[done.from] < 0 {
            return wrong(format!("{done:?} leaves less than nothing"));
        }
        states.push(now.clone());
    }
    Ok(states)
}

/// What was told before something else was begun comes before it.
fn in_time(history: &Transfers, places: &HashMap<i64, usize>) -> Result<(), Wrong> {
    let mut done: Vec<(usize, &Transfer)> =
        history.transfers.iter().filter_map(|transfer| Some((*places.get(&transfer.number)?, transfer))).collect();
    done.sort_unstable_by_key(|(place, _)| *place);
    let mut first_to_end: Option<&Transfer> = None;
    for (_, transfer) in done.iter().rev() {
        if let Some(later) = first_to_end.filter(|later| later.ended < transfer.begun) {
            return wrong(format!("{later:?} had ended, and {transfer:?} was done before it"));
        }
        let is_first = first_to_end.is_none_or(|first| transfer.ended < first.ended);
        if transfer.told == Told::Moved && is_first {
            first_to_end = Some(transfer);
        }
    }
    for read in &history.reads {
        for (place, transfer) in &done {
            let must_see = read.is_fresh || read.machine == transfer.machine;
            let is_told = transfer.told == Told::Moved && transfer.ended < read.begun;
            if must_see && is_told && *place > read.after {
                return wrong(format!("{read:?} does not see {transfer:?}"));
            }
            if *place <= read.after && transfer.begun > read.ended {
                return wrong(format!("{read:?} sees {transfer:?}, which was not begun"));
            }
        }
        let older = |earlier: &&Balances| {
            let must_see = (read.is_fresh && earlier.is_fresh) || read.machine == earlier.machine;
            must_see && earlier.ended < read.begun && earlier.after > read.after
        };
        if let Some(earlier) = history.reads.iter().find(older) {
            return wrong(format!("{read:?} is older than {earlier:?}"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: [i64; 3] = [10, 10, 10];

    fn asked(number: i64, from: usize, to: usize, amount: i64, told: Told) -> Transfer {
        let begun = number as u64 * 10;
        Transfer { number, machine: number as usize % 2, from, to, amount, begun, ended: begun + 5, told }
    }

    fn done(number: i64, from: usize, to: usize, amount: i64, had: [i64; 2]) -> Move {
        Move { number, from, to, amount, from_had: had[0], to_had: had[1] }
    }

    fn read(is_fresh: bool, machine: usize, begun: u64, after: usize, balances: [i64; 3]) -> Balances {
        Balances { machine, is_fresh, begun, ended: begun + 1, after, balances: balances.to_vec() }
    }

    /// Two transfers, one that was short, one that nobody knows of and that was done; and reads.
    fn right() -> (Transfers, Vec<Move>) {
        let transfers = vec![
            asked(1, 0, 1, 4, Told::Moved),
            asked(2, 1, 2, 14, Told::Unknown),
            asked(3, 0, 2, 7, Told::Short { after: 1, had: 6 }),
            asked(4, 2, 0, 20, Told::Moved),
            asked(5, 0, 1, 1, Told::Unknown),
            asked(6, 0, 1, 1, Told::NotDone),
        ];
        let reads = vec![
            read(true, 0, 16, 1, [6, 14, 10]),
            read(true, 1, 26, 2, [6, 0, 24]),
            read(false, 1, 46, 2, [6, 0, 24]),
            read(true, 0, 46, 3, [26, 0, 4]),
        ];
        let order = vec![done(1, 0, 1, 4, [10, 10]), done(2, 1, 2, 14, [14, 10]), done(4, 2, 0, 20, [24, 6])];
        (Transfers { transfers, reads }, order)
    }

    #[test]
    fn what_one_machine_could_have_done_is_right() {
        let (history, order) = right();
        assert_eq!(check(&FIRST, &history, &order), Ok(()));
    }

    /// The right history with one thing changed, which must be found.
    #[track_caller]
    fn assert_wrong(change: impl FnOnce(&mut Transfers, &mut Vec<Move>), says: &str) {
        let (mut history, mut order) = right();
        change(&mut history, &mut order);
        let error = check(&FIRST, &history, &order).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }

    #[test]
    fn what_is_lost_or_doubled_is_found() {
        assert_wrong(|history, order| (order.truncate(2), history.reads.clear()).1, "lost");
        assert_wrong(|_, order| order.push(done(2, 1, 2, 0, [0, 4])), "done twice");
        assert_wrong(|_, order| order.push(done(9, 1, 2, 0, [0, 4])), "nobody asked");
        assert_wrong(|_, order| order.push(done(6, 0, 1, 1, [26, 0])), "done all the same");
        assert_wrong(|_, order| order.push(done(5, 0, 1, 2, [26, 0])), "was done as");
    }

    #[test]
    fn a_transfer_that_has_found_what_was_not_there_is_found() {
        // A lost update: the third has not seen the second.
        assert_wrong(|_, order| order[2].from_had = 10, "other balances");
        let less = |history: &mut Transfers, order: &mut Vec<Move>| {
            order[0].amount = 11;
            history.transfers[0].amount = 11;
        };
        assert_wrong(less, "less than nothing");
        assert_wrong(|history, _| history.transfers[2].told = Told::Short { after: 1, had: 5 }, "never was so");
        assert_wrong(|history, _| history.transfers[2].told = Told::Short { after: 3, had: 26 }, "never was so");
    }

    #[test]
    fn a_read_of_what_never_was_is_found() {
        assert_wrong(|history, _| history.reads[0].balances = vec![6, 10, 10], "the sum is 26");
        assert_wrong(|history, _| history.reads[0].balances = vec![5, 15, 10], "never was so");
        assert_wrong(|history, _| history.reads[0].after = 7, "never was so");
    }

    #[test]
    fn a_read_that_is_too_old_is_found() {
        assert_wrong(|history, _| history.reads[3] = read(true, 1, 46, 2, [6, 0, 24]), "does not see");
        // Not fresh, but on the machine that was told.
        assert_wrong(|history, _| history.reads[3] = read(false, 0, 46, 2, [6, 0, 24]), "does not see");
        // Fresh, after another machine has seen more: of a transfer that nobody knows of.
        assert_wrong(|history, _| history.reads.push(read(true, 0, 29, 1, [6, 14, 10])), "is older than");
        assert_wrong(|history, _| history.reads.push(read(false, 1, 29, 1, [6, 14, 10])), "is older than");
    }

    #[test]
    fn an_order_against_the_times_is_found() {
        let swapped = |history: &mut Transfers, order: &mut Vec<Move>| {
            history.reads.clear();
            history.transfers[2].told = Told::Unknown;
            *order = vec![done(2, 1, 2, 4, [10, 10]), done(1, 0, 1, 4, [10, 6]), done(4, 2, 0, 10, [14, 6])];
            history.transfers[1].amount = 4;
            history.transfers[3].amount = 10;
        };
        assert_wrong(swapped, "was done before it");
        assert_wrong(|history, _| (history.reads[0].begun, history.reads[0].ended) = (1, 2), "not begun");
    }
}
