//! Programs that write and read without a pause, and what they were told.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rusqlite::Connection;
use sqliter_cluster::dump;
use sqliter_cluster::histories::{
    Access, Balances, Move, Operation, Told, Transfer, Transfers, check_register, check_transfers,
};
use sqliter_cluster::programs::{Answer, Ask, Program};
use tokio::task::JoinHandle;
use tokio::time::sleep;

const ACCOUNTS: usize = 5;
const EACH: i64 = 20;
/// Between two reads of one who only reads.
const PAUSE: Duration = Duration::from_millis(10);

/// One program beside each file.
pub type Programs = Arc<Vec<Program>>;

/// What runs beside the faults.
pub struct Load {
    told: Arc<Record>,
    programs: Programs,
    tasks: Vec<JoinHandle<()>>,
}

struct Record {
    since: Instant,
    stop: AtomicBool,
    accesses: Mutex<Vec<Access>>,
    transfers: Mutex<Transfers>,
    /// What was told of writes, by what was said: for the report.
    said: Mutex<Vec<String>>,
}

impl Record {
    fn now(&self) -> u64 {
        self.since.elapsed().as_micros() as u64
    }

    fn runs(&self) -> bool {
        !self.stop.load(Ordering::Relaxed)
    }

    fn access(&self, operation: Operation, begun: u64, ended: Option<u64>) {
        self.accesses.lock().unwrap().push(Access { operation, begun, ended });
    }
}

impl Load {
    /// Makes the tables, and lets all programs write and read.
    pub async fn start(programs: &Programs) -> Self {
        let created = programs[0].ask(Ask::Create { accounts: ACCOUNTS, each: EACH }).await;
        assert_eq!(created, Answer::Done);
        for program in programs.iter() {
            assert_eq!(program.ask(Ask::Barrier).await, Answer::Done);
        }
        let told = Arc::new(Record {
            since: Instant::now(),
            stop: AtomicBool::default(),
            accesses: Mutex::default(),
            transfers: Mutex::default(),
            said: Mutex::default(),
        });
        let mut tasks = Vec::new();
        for machine in 0..programs.len() {
            let of = || (Arc::clone(programs), machine, Arc::clone(&told));
            let (programs, machine, told) = of();
            tasks.push(tokio::spawn(write(programs, machine, told)));
            let (programs, machine, told) = of();
            tasks.push(tokio::spawn(transfer(programs, machine, told)));
            let (programs, machine, told) = of();
            tasks.push(tokio::spawn(read(programs, machine, told)));
            for is_fresh in [true, false] {
                let (programs, machine, told) = of();
                tasks.push(tokio::spawn(add_up(programs, machine, is_fresh, told)));
            }
        }
        Self { told, programs: Arc::clone(programs), tasks }
    }

    /// When writes were begun and told to be done, by all machines.
    fn done(&self) -> Vec<(u64, u64)> {
        let transfers = self.told.transfers.lock().unwrap();
        let moved = transfers.transfers.iter().filter(|transfer| transfer.told == Told::Moved);
        moved.map(|transfer| (transfer.begun, transfer.ended)).collect()
    }

    fn last_said(&self) -> Vec<String> {
        self.told.said.lock().unwrap().iter().rev().take(5).cloned().collect()
    }

    /// Waits until further transfers are done.
    pub async fn until_further(&self, number: usize) {
        let until = Instant::now() + Duration::from_secs(90);
        let enough = self.done().len() + number;
        while self.done().len() < enough {
            assert!(Instant::now() < until, "nothing is written any more: {:?}", self.last_said());
            sleep(Duration::from_millis(5)).await;
        }
    }

    /// How long after a moment the first transfer was told to be done that was begun after it.
    pub async fn failover(&self, since: Instant) -> Duration {
        let until = Instant::now() + Duration::from_secs(90);
        let since = (since - self.told.since).as_micros() as u64;
        loop {
            let first = self.done().into_iter().filter(|(begun, _)| *begun > since).map(|(_, ended)| ended).min();
            match first {
                Some(ended) => return Duration::from_micros(ended - since),
                None => assert!(Instant::now() < until, "no failover: {:?}", self.last_said()),
            }
            sleep(Duration::from_millis(5)).await;
        }
    }

    /// Ends, and checks that the histories could have come of one machine, that every file has all of it, and that all hold the same.
    pub async fn check(self, files: &[PathBuf]) -> Report {
        self.told.stop.store(true, Ordering::Relaxed);
        for task in self.tasks {
            task.await.unwrap();
        }
        for program in self.programs.iter() {
            assert_eq!(program.ask(Ask::Barrier).await, Answer::Done);
        }
        let (accesses, transfers) = (self.told.accesses.lock().unwrap(), self.told.transfers.lock().unwrap());
        let unknown = transfers.transfers.iter().filter(|transfer| transfer.told == Told::Unknown).count();
        let unknown = unknown + accesses.iter().filter(|access| access.ended.is_none()).count();
        let report = Report {
            transfers: transfers.transfers.len(),
            accesses: accesses.len(),
            reads: transfers.reads.len(),
            unknown,
        };
        for file in files {
            let first = [EACH; ACCOUNTS];
            if let Err(error) = check_transfers(&first, &transfers, &order(file)) {
                panic!("{}: {error}", file.display());
            }
        }
        if let Err(error) = check_register(0, &accesses) {
            panic!("{error}");
        }
        let dumps: Vec<_> = files.iter().map(|file| dump(file).unwrap()).collect();
        assert!(dumps.iter().all(|dump| *dump == dumps[0]), "the files hold different rows");
        report
    }
}

/// What was checked.
pub struct Report {
    transfers: usize,
    accesses: usize,
    reads: usize,
    unknown: usize,
}

impl Report {
    pub fn print(&self, what: &str, mut times: Vec<Duration>) {
        let Self { transfers, accesses, reads, unknown } = self;
        times.sort();
        let until = times.last().map_or_else(String::new, |longest| {
            format!("; until the next write: median {:.1?}, longest {longest:.1?}", times[times.len() / 2])
        });
        println!(
            "{what}: {} times; {transfers} transfers, {reads} reads of all balances and {accesses} accesses to the register are as of \
            one machine ({unknown} with an unknown result), the files are equal{until}",
            times.len()
        );
        assert!(times.iter().all(|time| *time < Duration::from_secs(10)), "{times:?}");
    }
}

/// The transfers in the order in which this file has them.
fn order(file: &Path) -> Vec<Move> {
    let connection = Connection::open(file).unwrap();
    connection.busy_timeout(Duration::from_secs(5)).unwrap();
    let all = "SELECT number, from_account - 1, to_account - 1, amount, from_had, to_had FROM moves ORDER BY pk";
    let mut statement = connection.prepare(all).unwrap();
    let rows = statement.query_map([], |row| {
        let account = |column| row.get::<usize, i64>(column).map(|account| account as usize);
        let (number, from, to) = (row.get(0)?, account(1)?, account(2)?);
        Ok(Move { number, from, to, amount: row.get(3)?, from_had: row.get(4)?, to_had: row.get(5)? })
    });
    rows.unwrap().collect::<Result<_, _>>().unwrap()
}

/// Writes to the register, by turns whatever it holds and only if it holds what was seen last.
async fn write(programs: Programs, machine: usize, told: Arc<Record>) {
    let (mut number, mut seen) = (machine as i64 * 1_000_000, 0);
    while told.runs() {
        number += 1;
        let ask = if number % 3 == 0 { Ask::Write { value: number } } else { Ask::Swap { from: seen, to: number } };
        let operation = match ask {
            Ask::Swap { from, to } => Operation::Swap { from, to },
            _ => Operation::Write { value: number },
        };
        let begun = told.now();
        let answer = programs[machine].ask(ask).await;
        let ended = told.now();
        match answer {
            Answer::Done => {
                seen = number;
                told.access(operation, begun, Some(ended));
            }
            Answer::Saw(saw) => {
                seen = saw;
                told.access(Operation::Read { saw }, begun, Some(ended));
            }
            Answer::Unknown(reason) | Answer::Stopped(reason) => {
                told.access(operation, begun, None);
                told.said.lock().unwrap().push(reason);
                sleep(PAUSE).await;
            }
            Answer::NotDone(reason) => {
                told.said.lock().unwrap().push(reason);
                sleep(PAUSE).await;
            }
            other => panic!("{other:?}"),
        }
    }
}

async fn read(programs: Programs, machine: usize, told: Arc<Record>) {
    while told.runs() {
        let begun = told.now();
        match programs[machine].ask(Ask::Read).await {
            Answer::Saw(saw) => told.access(Operation::Read { saw }, begun, Some(told.now())),
            Answer::Unknown(_) | Answer::NotDone(_) | Answer::Stopped(_) => {}
            other => panic!("{other:?}"),
        }
        sleep(PAUSE).await;
    }
}

async fn transfer(programs: Programs, machine: usize, record: Arc<Record>) {
    let mut number = machine as i64 * 1_000_000;
    while record.runs() {
        number += 1;
        let (from, to) = (number as usize % ACCOUNTS, (number as usize * 3 + 1 + machine) % ACCOUNTS);
        if from == to {
            continue;
        }
        let amount = number % 13 + 1;
        let begun = record.now();
        let answer = programs[machine].ask(Ask::Transfer { number, from, to, amount }).await;
        let ended = record.now();
        let told = match answer {
            Answer::Done => Told::Moved,
            Answer::Short { after, had } => Told::Short { after, had },
            Answer::Unknown(reason) | Answer::Stopped(reason) => {
                record.said.lock().unwrap().push(reason);
                Told::Unknown
            }
            Answer::NotDone(reason) => {
                record.said.lock().unwrap().push(reason);
                Told::NotDone
            }
            other => panic!("{other:?}"),
        };
        let transfer = Transfer { number, machine, from, to, amount, begun, ended, told };
        record.transfers.lock().unwrap().transfers.push(transfer);
        if told != Told::Moved {
            sleep(PAUSE).await;
        }
    }
}

async fn add_up(programs: Programs, machine: usize, is_fresh: bool, told: Arc<Record>) {
    while told.runs() {
        let begun = told.now();
        match programs[machine].ask(Ask::Balances { is_fresh }).await {
            Answer::Balances { after, balances } => {
                let read = Balances { machine, is_fresh, begun, ended: told.now(), after, balances };
                told.transfers.lock().unwrap().reads.push(read);
            }
            Answer::Unknown(_) | Answer::NotDone(_) | Answer::Stopped(_) => {}
            other => panic!("{other:?}"),
        }
        sleep(PAUSE).await;
    }
}
