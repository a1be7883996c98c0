//! Copies of a database that Litestream keeps: restored after a crash, and followed by another process.
//!
//! They need the program `litestream`, whose path `replicas/run` puts into `SQLITER_LITESTREAM`.
#![cfg(unix)]

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use sqliter::prelude::*;
use sqliter_tests::process_of;

use crate::folders::folder;

/// Whoever adds one adds it to the sum of all before, so that a row that is missing is noticed.
#[derive(Debug, Clone, PartialEq, Model)]
struct Entry {
    pk: Key<Entry>,
    amount: i64,
    sum: i64,
}

const ROLE: &str = "SQLITER_REPLICA_ROLE";
const FOLDER: &str = "SQLITER_REPLICA_FOLDER";

fn litestream() -> Option<PathBuf> {
    let path = std::env::var_os("SQLITER_LITESTREAM").map(PathBuf::from);
    if path.is_none() {
        eprintln!("skipped: SQLITER_LITESTREAM is not set, see replicas/README.md");
    }
    path
}

fn url(folder: &Path) -> String {
    format!("file://{}", folder.join("replica").display())
}

/// A process that is killed at the end, whatever comes.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Sends what is written to `library.db` to the replica.
fn replicate(litestream: &Path, folder: &Path) -> Killed {
    let mut command = Command::new(litestream);
    command.arg("replicate").arg(folder.join("library.db")).arg(url(folder));
    Killed(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
}

fn restore(litestream: &Path, folder: &Path, to: &Path) -> bool {
    let mut command = Command::new(litestream);
    command.arg("restore").arg("-o").arg(to).arg(url(folder));
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap().success()
}

/// This test program in another role.
fn process(test: &str, role: &str, folder: &Path) -> Command {
    let mut process = process_of(module_path!(), test);
    process.env(ROLE, role).env(FOLDER, folder).stdout(Stdio::null());
    process
}

/// Adds entries until it is killed.
async fn write(folder: &Path) {
    let db = Db::open(folder.join("library.db")).await.unwrap();
    db.create_table::<Entry>().await.unwrap();
    loop {
        db.transaction(async |tx| {
            let sum = tx.select::<Entry>().annotate(|e| e.amount.sum()).fetch_required().await?.unwrap_or(0);
            for amount in [1, 2, 3] {
                tx.insert(Entry::builder().amount(amount).sum(sum)).await?;
            }
            Ok(())
        })
        .await
        .unwrap();
        tokio::time::sleep(Duration::from_millis(3)).await;
    }
}

/// A copy is sound and has whole transactions. Gives its entries.
async fn check(db: &Db) -> Vec<Entry> {
    let integrity = db.query::<String>("PRAGMA integrity_check").fetch_required().await.unwrap();
    assert_eq!(integrity, "ok");
    let entries = db.select::<Entry>().order(|e| e.pk.asc()).fetch_all().await.unwrap();
    let mut sum = 0;
    for three in entries.chunks(3) {
        assert!(three.len() == 3 && three.iter().all(|entry| entry.sum == sum), "{three:?}");
        sum += 6;
    }
    entries
}

fn run<F: Future>(work: F) -> F::Output {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(work)
}

#[test]
fn what_was_replicated_before_a_crash_is_restored() {
    const NAME: &str = "what_was_replicated_before_a_crash_is_restored";
    if let Some(folder) = std::env::var_os(FOLDER) {
        return run(write(Path::new(&folder)));
    }
    let Some(litestream) = litestream() else { return };
    let folder = folder();
    let mut writer = Killed(process(NAME, "writes", folder.path()).spawn().unwrap());
    let mut sends = replicate(&litestream, folder.path());
    std::thread::sleep(Duration::from_secs(4));
    writer.0.kill().unwrap();
    writer.0.wait().unwrap();
    // Litestream sends what there is every second.
    std::thread::sleep(Duration::from_secs(3));
    sends.0.kill().unwrap();
    sends.0.wait().unwrap();
    let restored = folder.path().join("restored.db");
    assert!(restore(&litestream, folder.path(), &restored));
    run(async {
        let (old, new) = (Db::open(folder.path().join("library.db")), Db::open(&restored));
        let (old, new) = (old.await.unwrap(), new.await.unwrap());
        let found = check(&new).await;
        assert!(found.len() > 300, "{}", found.len());
        assert_eq!(found, check(&old).await);
        // It goes on from there.
        new.insert(Entry::builder().amount(1).sum(0)).await.unwrap();
    });
}

/// Reads the copy until it has seen it grow three times.
async fn follow(folder: &Path) {
    let path = folder.join("copy.db");
    let begun = Instant::now();
    while !path.exists() {
        assert!(begun.elapsed() < Duration::from_secs(30), "there is no copy");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let db = Db::options().path(&path).immutable().cache(CacheOptions::default()).open().await.unwrap();
    let (mut grown, mut last) = (0, 0);
    while grown < 3 {
        assert!(begun.elapsed() < Duration::from_secs(60), "it has grown {grown} times");
        let found = check(&db).await.len();
        assert!(found >= last, "{found} {last}");
        grown += i32::from(found > last);
        last = found;
        tokio::time::sleep(Duration::from_millis(100)).await;
        // The next use opens the file that has the name then.
        db.close().await.unwrap();
    }
}

#[test]
fn a_copy_that_is_restored_again_and_again_is_read_by_another_process() {
    const NAME: &str = "a_copy_that_is_restored_again_and_again_is_read_by_another_process";
    if let (Some(role), Some(folder)) = (std::env::var_os(ROLE), std::env::var_os(FOLDER)) {
        let folder = Path::new(&folder);
        return if role == "writes" { run(write(folder)) } else { run(follow(folder)) };
    }
    let Some(litestream) = litestream() else { return };
    let folder = folder();
    let _writer = Killed(process(NAME, "writes", folder.path()).spawn().unwrap());
    let _sends = replicate(&litestream, folder.path());
    let mut reader = Killed(process(NAME, "reads", folder.path()).stderr(Stdio::inherit()).spawn().unwrap());
    let (copy, new) = (folder.path().join("copy.db"), folder.path().join("new.db"));
    let ended = loop {
        if let Some(ended) = reader.0.try_wait().unwrap() {
            break ended;
        }
        // As the loop in the README does it.
        if restore(&litestream, folder.path(), &new) {
            std::fs::rename(&new, &copy).unwrap();
        }
        std::thread::sleep(Duration::from_millis(200));
    };
    assert!(ended.success(), "{ended}");
}
