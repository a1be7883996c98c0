//! Long statements are never in the way of the runtime, and a `timeout` around one fires on time.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::load;
use sqliter::prelude::*;
use tokio::runtime::Runtime;

use crate::load::Times;

#[derive(Debug, Clone, PartialEq, Model)]
struct Reading {
    pk: Key<Reading>,
    sensor: i64,
    note: String,
}

async fn with_readings(path: &Path, rows: i64) -> Db {
    let db = Db::options().path(path).max_readers(1).open().await.unwrap();
    db.create_table::<Reading>().await.unwrap();
    let fill = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT ?) \
                INSERT INTO readings (sensor, note) SELECT x, 'reading number ' || x FROM n";
    assert_eq!(db.execute(fill).bind(rows).await.unwrap(), rows as u64);
    db
}

/// Full scans, one after another: one that gives a number, one that gives rows, and a statement that is short for one
/// argument and goes through the whole table for the next.
async fn scan(db: &Db, rows: i64, stop: &AtomicBool) -> u64 {
    let mut scans = 0;
    while !stop.load(Ordering::Relaxed) {
        let counted = db.select::<Reading>().filter(|r| r.note.contains("r 7")).count();
        assert!(counted.await.unwrap() > 0);
        let some = db.select::<Reading>().filter(|r| r.note.ends_with("777")).fetch_all().await.unwrap();
        assert_eq!(some.len() as i64, (rows + 223) / 1000);
        for sensor in [1, 2, 3, rows] {
            let found = db.select::<Reading>().filter(|r| r.sensor.eq(sensor)).limit(1).fetch_one().await.unwrap();
            assert_eq!(found.unwrap().sensor, sensor);
        }
        scans += 3;
    }
    scans
}

/// The same on a plain thread that has nothing to do with the runtime.
fn scan_on_a_thread(path: &Path, stop: &AtomicBool) -> u64 {
    let raw = rusqlite::Connection::open(path).unwrap();
    let mut scans = 0;
    while !stop.load(Ordering::Relaxed) {
        let found = "SELECT count(*) FROM readings WHERE instr(note, 'r 7') > 0";
        assert!(raw.query_row(found, [], |row| row.get::<_, i64>(0)).unwrap() > 0);
        scans += 1;
    }
    scans
}

/// How late a task is that wants to run every millisecond.
async fn heartbeat(span: Duration) -> Times {
    const BEAT: Duration = Duration::from_millis(1);
    let mut late = Times::default();
    let end = Instant::now() + span;
    while Instant::now() < end {
        let started = Instant::now();
        tokio::time::sleep(BEAT).await;
        late.push(started.elapsed().saturating_sub(BEAT));
    }
    late
}

/// The beat of the runtime beside scans by the library, against its beat beside a thread that scans by itself: what is
/// late there is late because of the machine. All beats but one in so many must be in time; the others are reported.
fn beats(runtime: &Runtime, what: &str, rows: i64, span: Duration, but_one_in: usize) {
    const LIMIT: Duration = Duration::from_millis(5);
    const TURNS: u32 = 4;
    let folder = load::folder();
    let path = folder.path().join("a.db");
    let db = runtime.block_on(with_readings(&path, rows));
    let (mut late, mut control) = (Times::default(), Times::default());
    let (mut scans, mut plain_scans) = (0, 0);
    for _ in 0..TURNS {
        let stop = Arc::new(AtomicBool::new(false));
        let scanning = std::thread::spawn({
            let (path, stop) = (path.clone(), Arc::clone(&stop));
            move || scan_on_a_thread(&path, &stop)
        });
        control.append(runtime.block_on(async { tokio::spawn(heartbeat(span / TURNS)).await.unwrap() }));
        stop.store(true, Ordering::Relaxed);
        plain_scans += scanning.join().unwrap();
        stop.store(false, Ordering::Relaxed);
        runtime.block_on(async {
            let scanning = tokio::spawn({
                let (db, stop) = (db.clone(), Arc::clone(&stop));
                async move { scan(&db, rows, &stop).await }
            });
            late.append(tokio::spawn(heartbeat(span / TURNS)).await.unwrap());
            stop.store(true, Ordering::Relaxed);
            scans += scanning.await.unwrap();
        });
    }
    println!("{what}, {rows} rows, late beside {scans} scans by the library: {late}");
    println!("{what}, {rows} rows, late beside {plain_scans} scans by a thread: {control}");
    assert!(scans > 0 && plain_scans > 0);
    let (most, machine) = (late.all_but_one_in(but_one_in), control.all_but_one_in(but_one_in));
    assert!(most < LIMIT + machine * 2, "{what}: {most:?} late, {machine:?} beside a thread");
}

#[test]
fn long_scans_do_not_delay_other_tasks() {
    for (runtime, what) in [(load::many_threads(), "many threads"), (load::one_thread(), "one thread")] {
        beats(&runtime, what, 50_000, Duration::from_secs(1), 20);
    }
}

#[test]
#[ignore = "takes a minute and a half"]
fn long_scans_of_a_million_rows_do_not_delay_other_tasks() {
    for (runtime, what) in [(load::many_threads(), "many threads"), (load::one_thread(), "one thread")] {
        beats(&runtime, what, 1_000_000, Duration::from_secs(20), 1000);
    }
}

/// How late a timeout around a scan fires, and how long the next statement waits for the only connection.
async fn timeouts(db: Db, what: &str, rounds: u32) {
    const LIMIT: Duration = Duration::from_millis(20);
    const EACH: Duration = Duration::from_millis(50);
    let (mut late, mut next) = (Times::default(), Times::default());
    for _ in 0..rounds {
        // As many comparisons as there are pairs: far more than fit into the time.
        let pairs =
            db.query::<i64>("SELECT count(*) FROM readings a, readings b WHERE a.sensor + b.sensor = ?").bind(7);
        let started = Instant::now();
        assert!(tokio::time::timeout(LIMIT, pairs.fetch_required()).await.is_err());
        late.push(started.elapsed().saturating_sub(LIMIT));
        let row = next.of(db.get(Reading::key(1))).await.unwrap();
        assert_eq!(row.unwrap().sensor, 1);
    }
    println!("{what}, timeouts fire late: {late}");
    println!("{what}, the next statement takes: {next}");
    // Half of them: the other half is the machine's.
    assert!(late.all_but_one_in(2) < EACH, "{late}");
    assert!(next.all_but_one_in(2) < EACH, "{next}");
    load::assert_all_lanes_free::<Reading>(&db, what).await;
}

fn timeouts_fire(rows: i64, rounds: u32) {
    for (runtime, what) in [(load::many_threads(), "many threads"), (load::one_thread(), "one thread")] {
        let folder = load::folder();
        let path = folder.path().join("a.db");
        runtime.block_on(async { timeouts(with_readings(&path, rows).await, what, rounds).await });
        load::assert_sound(&path);
    }
}

#[test]
fn timeouts_around_long_statements_fire_and_free_the_connection() {
    timeouts_fire(20_000, 10);
}

#[test]
#[ignore = "takes half a minute"]
fn long_timeouts_around_statements_fire_and_free_the_connection() {
    timeouts_fire(1_000_000, 200);
}
