//! Machines that agree by Raft within the program: each is a process of its own, which is killed and held up while all transfer.

use std::collections::BTreeSet;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use sqliter_cluster::dump;
use sqliter_cluster::machines::{Ask, Asker, Machines, Reply};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio::time::sleep;

const PROGRAM: &str = env!("CARGO_BIN_EXE_machine");
const ACCOUNTS: i64 = 10;
const SOON: Duration = Duration::from_secs(60);

/// Transfers without a pause from each machine, and what became of them.
#[derive(Default)]
struct Transfers {
    told: Arc<Mutex<Told>>,
    running: Vec<(u64, Arc<AtomicBool>, JoinHandle<()>)>,
}

#[derive(Default)]
struct Told {
    /// The transfers that are done, by what the machine said, with the times when it was asked and when it answered.
    done: Vec<(i64, Instant, Instant)>,
    /// Those of which nothing is known, since the machine has ended or nobody led.
    unknown: BTreeSet<i64>,
    /// Those that are not there.
    not_done: BTreeSet<i64>,
}

impl Transfers {
    /// Begins to transfer on a machine. The numbers of a machine are its own, whatever number of times it is started.
    fn begin(&mut self, machines: &Machines, id: u64, round: i64) {
        let stop = Arc::new(AtomicBool::new(false));
        let first = (id as i64 * 1000 + round) * 1_000_000;
        let running = transfer(machines.asker(id).unwrap(), first, Arc::clone(&self.told), Arc::clone(&stop));
        self.running.push((id, stop, tokio::spawn(running)));
    }

    fn number(&self) -> usize {
        self.told.lock().unwrap().done.len()
    }

    async fn until_further(&self, number: usize) {
        let until = Instant::now() + SOON;
        let enough = self.number() + number;
        while self.number() < enough {
            assert!(Instant::now() < until, "nothing is written any more: {:?}", self.told.lock().unwrap().unknown);
            sleep(Duration::from_millis(5)).await;
        }
    }

    /// How long after a moment the first transfer was told that was begun after it.
    async fn failover(&self, since: Instant) -> Duration {
        let until = Instant::now() + SOON;
        loop {
            let first =
                self.told.lock().unwrap().done.iter().filter(|(_, begun, _)| *begun > since).map(|it| it.2).min();
            if let Some(told) = first {
                return told - since;
            }
            assert!(Instant::now() < until, "no failover");
            sleep(Duration::from_millis(5)).await;
        }
    }

    async fn stop(self) -> Told {
        for (_, stop, _) in &self.running {
            stop.store(true, Ordering::Relaxed);
        }
        for (_, _, task) in self.running {
            task.await.unwrap();
        }
        std::mem::take(&mut *self.told.lock().unwrap())
    }
}

async fn transfer(asker: Asker, first: i64, told: Arc<Mutex<Told>>, stop: Arc<AtomicBool>) {
    for number in first.. {
        if stop.load(Ordering::Relaxed) {
            return;
        }
        let (from, to) = (number % ACCOUNTS + 1, (number * 7 + 3) % ACCOUNTS + 1);
        let begun = Instant::now();
        let reply = asker.ask(Ask::Transfer { from, to, amount: 1, number }).await;
        let mut told = told.lock().unwrap();
        match reply {
            Ok(Reply::Done) => told.done.push((number, begun, Instant::now())),
            Ok(Reply::NotDone | Reply::Conflict(_)) => drop(told.not_done.insert(number)),
            Ok(Reply::Unknown(_)) => drop(told.unknown.insert(number)),
            // Its disk has failed before.
            Ok(Reply::Failed(reason)) if reason.contains("disk I/O error") => {
                told.not_done.insert(number);
                return;
            }
            // The machine was killed, or its disk has failed.
            Err(_) | Ok(Reply::Stopped(_)) => {
                told.unknown.insert(number);
                return;
            }
            Ok(reply) => panic!("{reply:?}"),
        }
    }
}

async fn three_machines() -> (TempDir, Machines) {
    let folder = TempDir::new().unwrap();
    let mut machines = Machines::new(PROGRAM, folder.path(), 3, 0).unwrap();
    machines.start().await.unwrap();
    setup(&machines).await;
    (folder, machines)
}

async fn setup(machines: &Machines) {
    assert_eq!(machines.ask(1, Ask::Setup { accounts: ACCOUNTS }).await.unwrap(), Reply::Done);
    for id in machines.ids() {
        assert_eq!(machines.ask(id, Ask::Barrier).await.unwrap(), Reply::Done);
    }
}

fn values(reply: io::Result<Reply>) -> Vec<i64> {
    match reply.unwrap() {
        Reply::Values(values) => values,
        other => panic!("{other:?}"),
    }
}

/// No transfer that was told is lost, none is there twice, none that was refused, the sums are what they were, and the files are equal.
async fn check(machines: &Machines, ids: &[u64], told: &Told) {
    let mut dumps = Vec::new();
    for id in ids {
        let balances = values(machines.ask(*id, Ask::Balances).await);
        assert_eq!(balances.iter().sum::<i64>(), 100 * ACCOUNTS, "machine {id}: {balances:?}");
        let mut there = values(machines.ask(*id, Ask::Numbers).await);
        there.sort_unstable();
        let twice: Vec<_> = there.windows(2).filter(|two| two[0] == two[1]).collect();
        assert!(twice.is_empty(), "twice on machine {id}: {twice:?}");
        let done: BTreeSet<i64> = told.done.iter().map(|(number, ..)| *number).collect();
        let lost: Vec<_> = done.iter().filter(|number| there.binary_search(number).is_err()).collect();
        assert!(lost.is_empty(), "lost on machine {id}: {lost:?}");
        let untold: Vec<_> =
            there.iter().filter(|number| !done.contains(number) && !told.unknown.contains(number)).collect();
        assert!(untold.is_empty(), "there on machine {id}, and nobody was told: {untold:?}");
        assert!(told.not_done.iter().all(|number| there.binary_search(number).is_err()));
        dumps.push(dump(&machines.file(*id)).unwrap());
    }
    assert!(dumps.iter().all(|dump| *dump == dumps[0]), "the machines hold different rows");
}

fn in_short(what: &str, mut times: Vec<Duration>, told: &Told) {
    times.sort();
    println!(
        "{what}: {} times; {} transfers told, {} unknown, none lost, none twice, the files are equal; \
        until the next transfer: median {:.2?}, longest {:.2?}",
        times.len(),
        told.done.len(),
        told.unknown.len(),
        times.get(times.len() / 2).copied().unwrap_or_default(),
        times.last().copied().unwrap_or_default()
    );
}

fn number_from(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|number| number.parse().ok()).unwrap_or(otherwise)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_transfer_is_lost_or_done_twice_when_leaders_are_killed() {
    let kills = number_from("KILLS", 5);
    let (_folder, mut machines) = three_machines().await;
    let mut transfers = Transfers::default();
    for id in machines.ids() {
        transfers.begin(&machines, id, 0);
    }
    let mut times = Vec::new();
    for kill in 1..=kills {
        transfers.until_further(30).await;
        let leader = machines.leader().await.unwrap();
        let killed = Instant::now();
        machines.kill(leader).await.unwrap();
        times.push(transfers.failover(killed).await);
        machines.start_machine(leader).unwrap();
        transfers.begin(&machines, leader, kill as i64);
        machines.until_whole(SOON).await.unwrap();
    }
    let told = transfers.stop().await;
    check(&machines, &[1, 2, 3], &told).await;
    in_short("SIGKILL of the leader", times.clone(), &told);
    assert!(times.iter().all(|time| *time < Duration::from_secs(10)), "{times:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_transfer_is_lost_or_done_twice_when_machines_stand_still() {
    let stand = Duration::from_secs(number_from("STOP", 5));
    let (_folder, machines) = three_machines().await;
    let mut transfers = Transfers::default();
    for id in machines.ids() {
        transfers.begin(&machines, id, 0);
    }
    let mut times = Vec::new();
    for which in ["leader", "follower"] {
        transfers.until_further(30).await;
        let leader = machines.leader().await.unwrap();
        let id = if which == "leader" { leader } else { machines.ids().find(|id| *id != leader).unwrap() };
        let stopped = Instant::now();
        machines.signal(id, "STOP").unwrap();
        times.push(transfers.failover(stopped).await);
        sleep(stand.saturating_sub(stopped.elapsed())).await;
        machines.signal(id, "CONT").unwrap();
        machines.until_whole(SOON).await.unwrap();
    }
    let told = transfers.stop().await;
    check(&machines, &[1, 2, 3], &told).await;
    in_short(&format!("SIGSTOP of the leader, then of a follower, for {stand:?}"), times.clone(), &told);
    assert!(times.iter().all(|time| *time < Duration::from_secs(10)), "{times:?}");
}

/// A machine misses more than the others keep in their logs: it is sent the database, while somebody reads its file.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_machine_that_was_away_while_the_log_was_cut_is_sent_the_database() {
    let folder = TempDir::new().unwrap();
    let mut machines = Machines::new(PROGRAM, folder.path(), 3, 0).unwrap();
    machines.cut_after(40, 10);
    machines.start().await.unwrap();
    setup(&machines).await;
    let leader = machines.leader().await.unwrap();
    let away = machines.ids().find(|id| *id != leader).unwrap();
    let mut transfers = Transfers::default();
    for id in machines.ids() {
        transfers.begin(&machines, id, 0);
    }
    transfers.until_further(30).await;
    machines.kill(away).await.unwrap();
    let reader = rusqlite::Connection::open(machines.file(away)).unwrap();
    let transaction = reader.unchecked_transaction().unwrap();
    let count = || -> i64 { transaction.query_row("SELECT count(*) FROM transfers", [], |row| row.get(0)).unwrap() };
    let before = count();
    transfers.until_further(200).await;
    let purged = machines.state(leader).await.unwrap().purged.unwrap();
    let known = transaction.query_row("SELECT applied FROM sqlite_cluster", [], |row| row.get::<_, i64>(0)).unwrap();
    assert!(purged as i64 > known, "the log was cut at {purged}, and the machine has {known}");

    machines.start_machine(away).unwrap();
    machines.until_whole(SOON).await.unwrap();
    assert_eq!(machines.ask(away, Ask::Barrier).await.unwrap(), Reply::Done);
    assert_eq!(count(), before, "who reads goes on reading what was there");
    transaction.finish().unwrap();
    transfers.begin(&machines, away, 1);
    transfers.until_further(30).await;
    let told = transfers.stop().await;
    check(&machines, &[1, 2, 3], &told).await;
    // What it was sent is still there after a crash.
    machines.kill(away).await.unwrap();
    machines.start_machine(away).unwrap();
    machines.until_whole(SOON).await.unwrap();
    check(&machines, &[1, 2, 3], &told).await;
    println!("a machine that had {before} transfers of {} was sent the database", told.done.len());
}

/// How many transfers the file of a machine has.
fn rows(machines: &Machines, id: u64) -> usize {
    let connection = rusqlite::Connection::open(machines.file(id)).unwrap();
    connection.query_row("SELECT count(*) FROM transfers", [], |row| row.get::<_, i64>(0)).unwrap() as usize
}

/// A machine is killed again and again while it is sent the database, and at last its database is removed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_machine_that_is_killed_while_it_is_sent_the_database_comes_back() {
    let folder = TempDir::new().unwrap();
    let mut machines = Machines::new(PROGRAM, folder.path(), 3, 0).unwrap();
    machines.cut_after(20, 5);
    machines.start().await.unwrap();
    setup(&machines).await;
    let leader = machines.leader().await.unwrap();
    let away = leader % 3 + 1;
    let mut transfers = Transfers::default();
    for id in machines.ids().filter(|id| *id != away) {
        transfers.begin(&machines, id, 0);
    }
    let mut times_there = 0;
    for round in 0..8_u64 {
        machines.kill(away).await.unwrap();
        times_there += u64::from(rows(&machines, away) + 40 > transfers.number());
        transfers.until_further(40).await;
        machines.start_machine(away).unwrap();
        // A start takes some tens of milliseconds, and so does what comes after it.
        sleep(Duration::from_millis(20 + round * 37 % 200)).await;
    }
    machines.kill(away).await.unwrap();
    println!("it was killed 8 times, {times_there} of them when it had the database");
    let file = machines.file(away).to_string_lossy().into_owned();
    for ending in ["", "-wal", "-shm"] {
        drop(std::fs::remove_file(format!("{file}{ending}")));
    }
    machines.start_machine(away).unwrap();
    machines.until_whole(SOON).await.unwrap();
    transfers.begin(&machines, away, 0);
    transfers.until_further(30).await;
    let told = transfers.stop().await;
    check(&machines, &[1, 2, 3], &told).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_machine_joins_late_and_counts() {
    let folder = TempDir::new().unwrap();
    let mut machines = Machines::new(PROGRAM, folder.path(), 3, 1).unwrap();
    machines.cut_after(40, 10);
    machines.start().await.unwrap();
    setup(&machines).await;
    let mut transfers = Transfers::default();
    for id in machines.ids() {
        transfers.begin(&machines, id, 0);
    }
    transfers.until_further(100).await;
    machines.start_machine(4).unwrap();
    let begun = Instant::now();
    let asked = machines.leader().await.unwrap() % 3 + 1;
    let address = machines.address(4).to_owned();
    assert_eq!(machines.ask(asked, Ask::Add { id: 4, address }).await.unwrap(), Reply::Done);
    let joined = begun.elapsed();
    assert_eq!(machines.ask(4, Ask::Barrier).await.unwrap(), Reply::Done);
    assert_eq!(machines.state(4).await.unwrap().voters, [1, 2, 3, 4]);
    transfers.begin(&machines, 4, 0);
    transfers.until_further(50).await;
    // Of four machines three must agree: without the new one, nothing would be written.
    let leader = machines.leader().await.unwrap();
    let killed = (1..=3).find(|id| *id != leader).unwrap();
    machines.kill(killed).await.unwrap();
    transfers.until_further(50).await;
    machines.start_machine(killed).unwrap();
    machines.until_whole(SOON).await.unwrap();
    let told = transfers.stop().await;
    check(&machines, &[1, 2, 3, 4], &told).await;
    println!("a fourth machine joined within {joined:.2?} while three wrote");
}

/// The disk of one machine is full, from one moment to the next: it stops, says so, and comes back when there is room again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_machine_whose_disk_is_full_stops_alone_and_comes_back() {
    let (_folder, mut machines) = three_machines().await;
    let mut transfers = Transfers::default();
    for id in machines.ids() {
        transfers.begin(&machines, id, 0);
    }
    let mut times = Vec::new();
    for (round, which) in [(1, "follower"), (2, "leader")] {
        transfers.until_further(30).await;
        let leader = machines.leader().await.unwrap();
        let full = if which == "leader" { leader } else { leader % 3 + 1 };
        let filled = Instant::now();
        machines.fill_disk(full, 1).unwrap();
        times.push(transfers.failover(filled).await);
        let until = Instant::now() + SOON;
        let reason = loop {
            match machines.ask(full, Ask::Barrier).await.unwrap() {
                Reply::Stopped(reason) => break reason,
                Reply::Done => assert!(Instant::now() < until, "it does not stop"),
                reply => panic!("{reply:?}"),
            }
        };
        println!("the {which} with a full disk says: {reason}");
        let others: Vec<u64> = machines.ids().filter(|id| *id != full).collect();
        transfers.until_further(30).await;
        assert!(others.contains(&machines.leader().await.unwrap()));
        assert!(matches!(machines.ask(full, Ask::Barrier).await.unwrap(), Reply::Stopped(_)));
        machines.kill(full).await.unwrap();
        machines.start_machine(full).unwrap();
        machines.until_whole(SOON).await.unwrap();
        transfers.begin(&machines, full, round);
    }
    transfers.until_further(30).await;
    let told = transfers.stop().await;
    check(&machines, &[1, 2, 3], &told).await;
    in_short("a full disk of a follower, then of the leader", times.clone(), &told);
    assert!(times.iter().all(|time| *time < Duration::from_secs(10)), "{times:?}");
}

/// The database of one machine is full, and its log is not: it follows no more, says so, and goes on taking part in what is decided.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_machine_whose_database_is_full_follows_again_after_a_start() {
    let (_folder, mut machines) = three_machines().await;
    let full = machines.leader().await.unwrap() % 3 + 1;
    let others: Vec<u64> = machines.ids().filter(|id| *id != full).collect();
    let mut transfers = Transfers::default();
    for id in &others {
        transfers.begin(&machines, *id, 0);
    }
    transfers.until_further(30).await;
    values(machines.ask(full, Ask::FillDatabase).await);
    assert_eq!(machines.ask(others[0], Ask::Fill { bytes: 50_000 }).await.unwrap(), Reply::Done);
    let Reply::Stopped(reason) = machines.ask(full, Ask::Barrier).await.unwrap() else { panic!("it goes on") };
    assert!(reason.contains("full"), "{reason}");
    println!("the machine with a full database says: {reason}");
    transfers.until_further(30).await;
    assert_eq!(machines.state(full).await.unwrap().stopped, None);
    machines.kill(full).await.unwrap();
    machines.start_machine(full).unwrap();
    machines.until_whole(SOON).await.unwrap();
    transfers.begin(&machines, full, 0);
    transfers.until_further(30).await;
    let told = transfers.stop().await;
    check(&machines, &[1, 2, 3], &told).await;
}
