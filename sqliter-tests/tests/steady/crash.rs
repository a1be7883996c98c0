//! A process that is killed in the middle of writing: what it was told is committed is there, and nothing else.
#![cfg(unix)]

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::load;
use sqliter::prelude::*;

use crate::load::Process;

/// A transaction writes one of these, and as many entries as it says.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(entries = Entry::batch))]
struct Batch {
    pk: Key<Batch>,
    #[model(unique)]
    name: String,
    size: i64,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Entry {
    pk: Key<Entry>,
    batch_id: Key<Batch>,
    text: String,
}

const TASKS: u64 = 4;

/// Writes without end; prints the name of each batch when it is committed.
async fn write(path: &Path, round: &str, exclusive: bool) {
    let db = Db::options().path(path).exclusive(exclusive).open().await.unwrap();
    let tasks: Vec<_> = (0..TASKS)
        .map(|task| {
            let (db, round) = (db.clone(), round.to_owned());
            tokio::spawn(async move {
                for number in 0_i64.. {
                    let name = format!("{round}-{task}-{number}");
                    // A large batch is longer than the page cache: parts of it are in the log before the commit.
                    let size = if (number + 3) % 20 == 0 { 20_000 } else { number % 5 };
                    db.transaction(async |tx| {
                        let batch = tx.insert(Batch::builder().name(name.as_str()).size(size)).await?;
                        let entry = |i| Entry::builder().batch_id(&batch).text(format!("{i:0>150}"));
                        if number % 2 == 0 {
                            tx.bulk_insert((0..size).map(entry)).await?;
                        } else {
                            for i in 0..size {
                                tx.insert(entry(i)).await?;
                            }
                        }
                        Ok(())
                    })
                    .await
                    .unwrap();
                    println!("committed {name}");
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}

/// Kills a process that writes after it has told of so many commits and a little more, and gives what it told.
fn crash(name: &str, path: &Path, round: u64) -> Vec<String> {
    let mut process =
        Process::of_test(module_path!(), name, &[(FILE, path.as_ref()), (ROUND, round.to_string().as_ref())]);
    let mut lines = BufReader::new(process.0.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut told = Vec::new();
    let mut tell = |line: String| told.extend(line.strip_prefix("committed ").map(str::to_owned));
    for line in lines.by_ref().take(10 + (round as usize * 37) % 150) {
        tell(line);
    }
    std::thread::sleep(Duration::from_micros(round * 7919 % 20_000));
    process.0.kill().unwrap();
    process.0.wait().unwrap();
    // The pipe still has what was written before.
    lines.for_each(tell);
    told
}

async fn assert_told_and_nothing_half(db: &Db, told: &BTreeSet<String>, rounds: u64) {
    let batches = db.select::<Batch>().fetch_all().await.unwrap();
    let names: BTreeSet<_> = batches.iter().map(|batch| batch.name.clone()).collect();
    let lost: Vec<_> = told.difference(&names).collect();
    assert!(lost.is_empty(), "committed and lost: {lost:?}");
    // Each task may have committed one batch that it did not come to tell of.
    let untold = names.difference(told).count() as u64;
    assert!(untold <= rounds * TASKS, "{untold} batches were not told of");
    let counted = db.select::<Entry>().group_by(|e| e.batch_id).annotate(|_| count()).fetch_all().await.unwrap();
    let counted: BTreeMap<_, _> = counted.into_iter().map(|(batch, entries)| (batch.to_string(), entries)).collect();
    for batch in batches {
        let entries = counted.get(&batch.pk.to_string()).copied().unwrap_or(0);
        assert_eq!(entries, batch.size, "{} is there in part", batch.name);
    }
}

const FILE: &str = "SQLITER_CRASH_FILE";
const ROUND: &str = "SQLITER_CRASH_ROUND";

fn crashes(name: &str, rounds: u64, exclusive: bool) {
    let runtime = load::many_threads();
    if let (Some(path), Some(round)) = (std::env::var_os(FILE), std::env::var_os(ROUND)) {
        return runtime.block_on(write(&PathBuf::from(path), round.to_str().unwrap(), exclusive));
    }
    let folder = load::folder();
    let path = folder.path().join("a.db");
    runtime.block_on(async {
        let db = Db::open(&path).await.unwrap();
        db.create_tables::<(Batch, Entry)>().await.unwrap();
        db.close().await.unwrap();
    });
    let mut told = BTreeSet::new();
    for round in 0..rounds {
        told.extend(crash(name, &path, round));
        runtime.block_on(async {
            // The next to open the file finds the log that was left. It need not open the file as the other did.
            let db = Db::options().path(&path).exclusive(exclusive && round % 3 != 1).open().await.unwrap();
            assert_told_and_nothing_half(&db, &told, round + 1).await;
            load::assert_all_lanes_free::<Batch>(&db, "after a crash").await;
            if exclusive || round % 2 == 0 {
                db.close().await.unwrap();
            }
        });
        load::assert_sound(&path);
    }
    println!("{rounds} processes killed, {} commits told of and there", told.len());
}

#[test]
fn killed_processes_lose_nothing_that_is_committed() {
    crashes("killed_processes_lose_nothing_that_is_committed", 5, false);
}

#[test]
#[cfg(target_os = "linux")]
fn killed_processes_that_had_the_file_for_themselves_lose_nothing_either() {
    crashes("killed_processes_that_had_the_file_for_themselves_lose_nothing_either", 6, true);
}

#[test]
#[ignore = "takes a minute"]
fn fifty_killed_processes_lose_nothing_that_is_committed() {
    crashes("fifty_killed_processes_lose_nothing_that_is_committed", 50, false);
}

#[test]
#[ignore = "takes a minute"]
#[cfg(target_os = "linux")]
fn fifty_killed_processes_that_had_the_file_for_themselves_lose_nothing_either() {
    crashes("fifty_killed_processes_that_had_the_file_for_themselves_lose_nothing_either", 50, true);
}
