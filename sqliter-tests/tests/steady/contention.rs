//! Many tasks, and many processes, read and write one file: nothing is locked, nothing is lost, none starves.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::load;
use sqliter::prelude::*;
use tokio::task::JoinHandle;

use crate::load::{Process, Times};

#[derive(Debug, Clone, PartialEq, Model)]
struct Counter {
    pk: Key<Counter>,
    hits: i64,
}

/// The sum of all balances is always 0.
#[derive(Debug, Clone, PartialEq, Model)]
struct Account {
    pk: Key<Account>,
    balance: i64,
}

/// What a task has been told that it is written: its numbers have no gap.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(index(task))]
struct Event {
    pk: Key<Event>,
    task: i64,
    number: i64,
    account_id: Key<Account>,
}

async fn prepare(db: &Db) -> sqliter::Result<()> {
    db.create_tables::<(Counter, Account, Event)>().await?;
    db.insert(Counter::builder().hits(0)).await?;
    db.bulk_insert((0..2).map(|_| Account::builder().balance(0))).await?;
    Ok(())
}

/// Three statements in turn: an insert, an update of a row that all update, a transaction that reads before it writes.
async fn write(db: &Db, task: i64, number: i64) -> sqliter::Result<()> {
    let event = || Event::builder().task(task).number(number);
    match number % 3 {
        0 => {
            db.insert(event().account_id(Account::key(1))).await?;
        }
        1 => {
            db.transaction(async |tx| {
                tx.insert(event().account_id(Account::key(2))).await?;
                assert_eq!(tx.select::<Counter>().update(|c| c.hits.add(1)).await?, 1);
                Ok(())
            })
            .await?;
        }
        _ => {
            db.transaction(async |tx| {
                for (key, amount) in [(1, number), (2, -number)] {
                    let mut account = tx.get(Account::key(key)).await?.unwrap();
                    account.balance += amount;
                    tx.update(&mut account).await?;
                }
                tx.insert(event().account_id(Account::key(1))).await
            })
            .await?;
        }
    }
    Ok(())
}

/// Reads that see what is committed, all of it or nothing.
async fn read(db: &Db, task: i64, round: u64, seen: &mut u64) -> sqliter::Result<()> {
    match round % 3 {
        0 => {
            let balances = db.select::<Account>().only(|a| a.balance).fetch_all().await?;
            assert_eq!(balances.iter().sum::<i64>(), 0, "half a transaction was read: {balances:?}");
        }
        1 => {
            let last = db.select::<Event>().filter(|e| e.task.eq(task)).fetch_last().await?;
            let written = last.map_or(0, |event| event.number as u64 + 1);
            assert!(written >= *seen, "task {task}: {written} after {seen}");
            *seen = written;
        }
        _ => assert!(db.get(Counter::key(1)).await?.is_some()),
    }
    Ok(())
}

/// One task that writes, or one that reads what that one writes, until the time is over.
fn start(db: &Db, writes: bool, task: i64, end: Instant) -> JoinHandle<sqliter::Result<Times>> {
    let db = db.clone();
    tokio::spawn(async move {
        let (mut times, mut seen) = (Times::default(), 0);
        while Instant::now() < end {
            let round = times.len();
            match writes {
                true => times.of(write(&db, task, round as i64)).await?,
                false => times.of(read(&db, task, round as u64, &mut seen)).await?,
            }
            // Work in place never gives way to other tasks.
            tokio::task::yield_now().await;
        }
        Ok(times)
    })
}

/// So many tasks that write and as many that read; the writing ones have numbers from the first on.
async fn load(db: &Db, first: i64, tasks: i64, span: Duration) -> [Vec<Times>; 2] {
    let end = Instant::now() + span;
    let running: Vec<_> =
        [true, false].map(|writes| (first..first + tasks).map(|task| start(db, writes, task, end)).collect()).into();
    let mut times = [Vec::new(), Vec::new()];
    for (times, tasks) in times.iter_mut().zip::<Vec<Vec<_>>>(running) {
        for task in tasks {
            times.push(task.await.unwrap().expect("no statement fails"));
        }
    }
    times
}

/// Every write that a task was told of is there, whole, and nothing else is.
async fn assert_nothing_lost(db: &Db, written: &[u64]) {
    let transactions = |kind: u64| written.iter().map(|n| (n + 2 - kind) / 3).sum::<u64>();
    assert_eq!(db.select::<Event>().count().await.unwrap(), written.iter().sum::<u64>());
    let counter = db.get(Counter::key(1)).await.unwrap().unwrap();
    assert_eq!(counter.hits as u64, transactions(1), "a step of the counter is lost");
    let balance: u64 = written.iter().flat_map(|n| (0..*n).filter(|number| number % 3 == 2)).sum();
    assert_eq!(db.get(Account::key(1)).await.unwrap().unwrap().balance as u64, balance);
    for (task, expected) in (0..).zip(written) {
        let own = db.select::<Event>().filter(|e| e.task.eq(task)).order(|e| e.pk.asc());
        let numbers = own.only(|e| e.number).fetch_all().await.unwrap();
        assert!(numbers.iter().copied().eq(0..*expected as i64), "task {task} was told of {expected}: {numbers:?}");
    }
}

/// Reports how long operations took, and checks that none waited for very long and no task got far less than others.
fn assert_fair(what: &str, tasks: &[Times], longest: Duration) {
    let mut all = Times::default();
    tasks.iter().for_each(|times| all.append(times.clone()));
    let least = tasks.iter().map(Times::len).min().unwrap();
    let most = tasks.iter().map(Times::len).max().unwrap();
    println!("{what}: {all}; {least} to {most} for each task");
    assert!(all.longest() < longest, "{what}: one waited for {:?}", all.longest());
    assert!(least * 8 * tasks.len() >= all.len(), "{what}: a task starves with {least} of {}", all.len());
}

/// 64 tasks that write and 64 that read, in one process.
async fn tasks(db: Db, what: &str, span: Duration) {
    const LONGEST: Duration = Duration::from_secs(3);
    prepare(&db).await.unwrap();
    let [writers, readers] = load(&db, 0, 64, span).await;
    assert_fair(&format!("{what}, writes"), &writers, LONGEST);
    assert_fair(&format!("{what}, reads"), &readers, LONGEST);
    let written: Vec<_> = writers.iter().map(|times| times.len() as u64).collect();
    assert_nothing_lost(&db, &written).await;
    load::assert_all_lanes_free::<Event>(&db, what).await;
    db.close().await.unwrap();
}

fn tasks_on_a_file(runtime: &tokio::runtime::Runtime, what: &str, span: Duration) {
    let folder = load::folder();
    let path = folder.path().join("a.db");
    runtime.block_on(async { tasks(Db::open(&path).await.unwrap(), what, span).await });
    load::assert_sound(&path);
}

const SHORT: Duration = Duration::from_secs(2);

#[test]
fn tasks_of_one_process_lose_nothing_and_none_starves() {
    tasks_on_a_file(&load::many_threads(), "a file, many threads", SHORT);
}

#[test]
fn tasks_on_one_thread_lose_nothing_and_none_starves() {
    tasks_on_a_file(&load::one_thread(), "a file, one thread", SHORT);
}

#[test]
fn tasks_in_memory_lose_nothing_and_none_starves() {
    load::many_threads().block_on(async { tasks(Db::memory().await.unwrap(), "in memory", SHORT).await });
}

#[test]
#[ignore = "takes two minutes"]
fn long_tasks_of_one_process_lose_nothing_and_none_starves() {
    const LONG: Duration = Duration::from_secs(60);
    tasks_on_a_file(&load::many_threads(), "a file, many threads", LONG);
    tasks_on_a_file(&load::one_thread(), "a file, one thread", LONG);
}

const PROCESSES: i64 = 4;

/// Four processes with sixteen tasks that write and sixteen that read each.
fn processes(name: &str, span: Duration) {
    const ROLE: &str = "SQLITER_CONTENTION_CHILD";
    const FILE: &str = "SQLITER_CONTENTION_FILE";
    const TASKS: i64 = 16;
    const LONGEST: Duration = Duration::from_secs(4);
    if let (Some(role), Some(path)) = (std::env::var_os(ROLE), std::env::var_os(FILE)) {
        let first = role.to_str().unwrap().parse::<i64>().unwrap() * TASKS;
        return load::many_threads().block_on(child(&PathBuf::from(path), first, TASKS, span));
    }
    let folder = load::folder();
    let path = folder.path().join("a.db");
    let runtime = load::many_threads();
    let db = runtime.block_on(Db::open(&path)).unwrap();
    runtime.block_on(prepare(&db)).unwrap();
    let children: Vec<_> = (0..PROCESSES)
        .map(|number| {
            Process::of_test(module_path!(), name, &[(ROLE, number.to_string().as_ref()), (FILE, path.as_ref())])
        })
        .collect();
    let (mut writers, mut readers) = (Vec::new(), Vec::new());
    for mut child in children {
        for line in BufReader::new(child.0.stdout.take().unwrap()).lines().map(Result::unwrap) {
            let mut words = line.split_whitespace();
            let times = match words.next() {
                Some("writer") => &mut writers,
                Some("reader") => &mut readers,
                _ => continue,
            };
            let mut of_task = Times::default();
            words.for_each(|micros| of_task.push(Duration::from_micros(micros.parse().unwrap())));
            times.push(of_task);
        }
        assert!(child.0.wait().unwrap().success());
    }
    assert_eq!((writers.len() as i64, readers.len() as i64), (PROCESSES * TASKS, PROCESSES * TASKS));
    assert_fair("four processes, writes", &writers, LONGEST);
    assert_fair("four processes, reads", &readers, LONGEST);
    let written: Vec<_> = writers.iter().map(|times| times.len() as u64).collect();
    runtime.block_on(assert_nothing_lost(&db, &written));
    runtime.block_on(db.close()).unwrap();
    load::assert_sound(&path);
}

/// Prints for each task how long its operations took, in microseconds.
async fn child(path: &Path, first: i64, tasks: i64, span: Duration) {
    let db = Db::open(path).await.unwrap();
    let times = load(&db, first, tasks, span).await;
    for (name, tasks) in ["writer", "reader"].into_iter().zip(times) {
        for times in tasks {
            println!("{name} {}", times.micros());
        }
    }
    db.close().await.unwrap();
}

#[test]
fn processes_on_one_file_lose_nothing_and_none_starves() {
    processes("processes_on_one_file_lose_nothing_and_none_starves", SHORT);
}

#[test]
#[ignore = "takes a minute"]
fn long_processes_on_one_file_lose_nothing_and_none_starves() {
    processes("long_processes_on_one_file_lose_nothing_and_none_starves", Duration::from_secs(60));
}
