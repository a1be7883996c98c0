//! Copies of a database that is in use.

use std::future::{IntoFuture, poll_fn};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::{Duration, Instant};

use sqliter::Error;
use sqliter::bounds::BackupProgress;
use sqliter::prelude::*;

use crate::folders::{files, folder, wait_until};

#[derive(Debug, Clone, PartialEq, Model)]
struct Account {
    pk: Key<Account>,
    balance: i64,
    note: String,
}

const ACCOUNTS: i64 = 2_000;

async fn filled(options: sqliter::DbOptions) -> Db {
    let db = options.open().await.unwrap();
    db.create_table::<Account>().await.unwrap();
    let note = "x".repeat(3_000);
    let drafts = (0..ACCOUNTS).map(|_| Account::builder().balance(100).note(note.as_str()));
    db.bulk_insert(drafts.collect::<Vec<_>>()).await.unwrap();
    db
}

/// A copy is sound, and has what was there at one moment. Gives how many transfers that had.
fn check(path: &Path) -> i64 {
    let copy = rusqlite::Connection::open(path).unwrap();
    let integrity: String = copy.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(integrity, "ok");
    let sums = "SELECT count(*), sum(balance) FROM accounts WHERE note <> 'transfer'";
    let (count, sum): (i64, i64) = copy.query_row(sums, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    assert_eq!((count, sum), (ACCOUNTS, ACCOUNTS * 100));
    copy.query_row("SELECT count(*) FROM accounts WHERE note = 'transfer'", [], |row| row.get(0)).unwrap()
}

/// Moves amounts from one account to another as fast as it can, each with a row that says so.
async fn transfer_until(db: Db, is_over: Arc<AtomicBool>, done: Arc<AtomicI64>) -> Duration {
    let (mut longest, mut number) = (Duration::ZERO, 0);
    while !is_over.load(Ordering::Relaxed) {
        let begun = Instant::now();
        let (from, to) = (1 + number % ACCOUNTS, 1 + (number * 7 + 3) % ACCOUNTS);
        db.transaction(async |tx| {
            tx.select::<Account>().filter(|a| a.pk.eq(Account::key(from))).update(|a| a.balance.sub(1)).await?;
            tx.select::<Account>().filter(|a| a.pk.eq(Account::key(to))).update(|a| a.balance.add(1)).await?;
            tx.insert(Account::builder().balance(0).note("transfer")).await
        })
        .await
        .unwrap();
        longest = longest.max(begun.elapsed());
        number += 1;
        done.store(number, Ordering::SeqCst);
    }
    longest
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_beside_writers_is_the_database_of_one_moment() {
    let folder = folder();
    for options in [Db::options().path(folder.path().join("a.db")), Db::options().memory()] {
        let db = filled(options).await;
        let (is_over, done) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicI64::new(0)));
        let writer = tokio::spawn(transfer_until(db.clone(), Arc::clone(&is_over), Arc::clone(&done)));
        for round in 0..5 {
            let before = done.load(Ordering::SeqCst);
            let told = Mutex::new(Vec::new());
            let copy = folder.path().join(format!("copy-{round}-{}.db", db.is_memory()));
            db.backup(&copy).progress(|it: &BackupProgress| told.lock().unwrap().push(it.clone())).await.unwrap();
            let after = done.load(Ordering::SeqCst);
            let copied = check(&copy);
            assert!(before <= copied && copied <= after + 1, "{before} {copied} {after}");
            let told = told.into_inner().unwrap();
            assert!(told.len() > 2, "{told:?}");
            // It never begins anew, whatever is written.
            assert!(told.windows(2).all(|two| two[0].pages < two[1].pages && two[0].of == two[1].of), "{told:?}");
            assert!(told.last().is_some_and(|last| last.pages == last.of));
        }
        is_over.store(true, Ordering::Relaxed);
        let longest = writer.await.unwrap();
        assert!(done.load(Ordering::SeqCst) > 10);
        assert!(longest < Duration::from_secs(4), "{longest:?}");
        // Restored, it is what it was.
        let last = folder.path().join("last.db");
        db.backup(&last).replace().await.unwrap();
        let restored = Db::open(&last).await.unwrap();
        let all = |db: Db| async move { db.select::<Account>().order(|a| a.pk.asc()).fetch_all().await.unwrap() };
        assert_eq!(all(restored.clone()).await, all(db.clone()).await);
        restored.insert(Account::builder().balance(0).note("later")).await.unwrap();
        restored.close().await.unwrap();
        db.close().await.unwrap();
    }
    assert!(files(folder.path()).iter().all(|name| name.ends_with(".db")), "{:?}", files(folder.path()));
}

/// The reason why a backup is not made.
async fn refused(backup: sqliter::bounds::Backup<'_>) -> String {
    match backup.await {
        Err(Error::Backup { reason, .. }) => reason,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_file_that_is_there_is_replaced_on_request_alone() {
    let folder = folder();
    let (path, to) = (folder.path().join("a.db"), folder.path().join("b.db"));
    let db = filled(Db::options().path(&path)).await;
    std::fs::write(&to, "something else").unwrap();
    assert_eq!(refused(db.backup(&to)).await, "there is a file of this name already, which is not overwritten");
    assert_eq!(std::fs::read_to_string(&to).unwrap(), "something else");
    db.backup(&to).replace().await.unwrap();
    check(&to);
    // Whoever has the old one open keeps it.
    let old = Db::options().path(&to).immutable().open().await.unwrap();
    assert_eq!(old.select::<Account>().count().await.unwrap(), ACCOUNTS as u64);
    db.insert(Account::builder().balance(0).note("transfer")).await.unwrap();
    db.backup(&to).replace().await.unwrap();
    assert_eq!(old.select::<Account>().count().await.unwrap(), ACCOUNTS as u64);
    let (one, other) = (old.begin_read().await.unwrap(), old.begin_read().await);
    let Err(Error::Connection { reason, .. }) = other else { panic!("{other:?}") };
    assert!(
        reason.starts_with("the file was replaced by another one while it was open: close the database"),
        "{reason}"
    );
    drop(one);
    old.close().await.unwrap();
    assert_eq!(old.select::<Account>().count().await.unwrap(), ACCOUNTS as u64 + 1);
    old.close().await.unwrap();

    assert_eq!(refused(db.backup(&path).replace()).await, "a database is not copied to itself");
    let link = folder.path().join("link.db");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert_eq!(refused(db.backup(&link).replace()).await, "a database is not copied to itself");
        std::fs::remove_file(&link).unwrap();
    }
    assert_eq!(refused(db.backup(folder.path()).replace()).await, "it is a folder");
    let nowhere = refused(db.backup(folder.path().join("none/c.db"))).await;
    assert!(nowhere.contains("unable to open database file"), "{nowhere}");
    let used = Db::open(&to).await.unwrap();
    used.insert(Account::builder().balance(0).note("x")).await.unwrap();
    assert!(refused(db.backup(&to).replace()).await.contains("is a database in use"));
    used.close().await.unwrap();
    db.close().await.unwrap();
    assert_eq!(files(folder.path()), ["a.db", "b.db"]);
}

#[tokio::test]
async fn a_backup_that_nobody_waits_for_ends_and_leaves_no_part() {
    const TIMES: usize = 10;
    let folder = folder();
    let file = Db::options().path(folder.path().join("a.db"));
    for (options, copies) in [(file, "of-a-file"), (Db::options().memory(), "of-memory")] {
        let db = filled(options).await;
        let copies = folder.path().join(copies);
        std::fs::create_dir(&copies).unwrap();
        let copy = copies.join("copy.db");
        let mut whole = 0;
        for _ in 0..TIMES {
            // Dropped when it has begun.
            let mut backup = db.backup(&copy).into_future();
            assert!(poll_fn(|cx| Poll::Ready(backup.as_mut().poll(cx).is_pending())).await);
            drop(backup);
            // Nothing else is done meanwhile: the next call waits for the connection.
            db.backup(copies.join("next.db")).replace().await.unwrap();
            wait_until(|| files(&copies).iter().all(|name| !name.ends_with(".partial"))).await;
            // It may have been at its end.
            if copy.exists() {
                check(&copy);
                std::fs::remove_file(&copy).unwrap();
                whole += 1;
            }
        }
        assert!(whole < TIMES, "each was made to its end");
        // Never polled, nothing is begun.
        drop(db.backup(copies.join("never.db")));
        assert!(!copies.join("never.db").exists());
        db.close().await.unwrap();
    }
}

#[tokio::test]
async fn several_backups_at_once_are_all_whole() {
    let folder = folder();
    let db = filled(Db::options().path(folder.path().join("a.db"))).await;
    let copy = folder.path().join("copy.db");
    let (one, other) = tokio::join!(db.backup(&copy).replace(), db.backup(&copy).replace());
    one.unwrap();
    other.unwrap();
    check(&copy);
    db.close().await.unwrap();
    assert_eq!(files(folder.path()), ["a.db", "copy.db"]);
}

#[tokio::test]
async fn a_file_that_is_only_read_is_copied_while_its_owner_writes() {
    for mode in ["wal", "delete"] {
        let folder = folder();
        let path = folder.path().join("a.db");
        let first = filled(Db::options().path(&path)).await;
        first.close().await.unwrap();
        let is_over = Arc::new(AtomicBool::new(false));
        let owner = rusqlite::Connection::open(&path).unwrap();
        owner.busy_timeout(Duration::from_secs(10)).unwrap();
        owner.query_row(&format!("PRAGMA journal_mode = {mode}"), [], |_| Ok(())).unwrap();
        let until = Arc::clone(&is_over);
        let writer = std::thread::spawn(move || {
            let mut written = 0;
            while !until.load(Ordering::Relaxed) {
                written += owner.execute("INSERT INTO accounts (balance, note) VALUES (0, 'transfer')", []).unwrap();
                std::thread::sleep(Duration::from_millis(2));
            }
            written
        });
        let options = Db::options().path(&path).read_only().busy_timeout(Duration::from_secs(10));
        let db = options.open().await.unwrap();
        for round in 0..3 {
            let copy = folder.path().join(format!("copy-{round}.db"));
            db.backup(&copy).await.unwrap();
            check(&copy);
        }
        is_over.store(true, Ordering::Relaxed);
        assert!(writer.join().unwrap() > 0, "{mode}");
    }
}

#[tokio::test]
async fn a_backup_keeps_nobody_waiting_who_closes_the_database() {
    let folder = folder();
    let db = filled(Db::options().path(folder.path().join("a.db"))).await;
    let copy = folder.path().join("copy.db");
    let (copied, closed) = tokio::join!(db.backup(&copy), db.close());
    copied.unwrap();
    closed.unwrap();
    check(&copy);
}

#[tokio::test]
async fn an_empty_database_is_copied_too() {
    let folder = folder();
    for (name, options) in [("a", Db::options().path(folder.path().join("empty.db"))), ("b", Db::options().memory())] {
        let db = options.open().await.unwrap();
        let copy = folder.path().join(format!("{name}.db"));
        db.backup(&copy).await.unwrap();
        let opened = Db::open(&copy).await.unwrap();
        assert!(opened.table_names().await.unwrap().is_empty());
        opened.create_table::<Account>().await.unwrap();
        opened.close().await.unwrap();
    }
}
