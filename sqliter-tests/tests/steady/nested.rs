//! Transactions inside transactions whose futures are dropped, at any point: what the outer one was told is kept, and nothing
//! else is left.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Mutex;
use std::task::Poll;
use std::time::Duration;

use sqliter::prelude::*;
use sqliter::{Error, Session};
use tokio::runtime::Runtime;

use crate::load;

#[derive(Debug, Clone, PartialEq, Model)]
struct Item {
    pk: Key<Item>,
    #[model(unique)]
    name: String,
}

fn item(name: &str) -> NewItem {
    NewItem { name: name.to_owned() }
}

async fn names(session: &Session) -> Vec<String> {
    session.select::<Item>().order(|i| i.pk.asc()).only(|i| i.name).fetch_all().await.unwrap()
}

/// Polls a future so many times, with pauses between in which what it has begun goes on, and drops it.
async fn cut<F: Future>(polls: u64, pause: Duration, work: F) -> Option<F::Output> {
    let mut work = Box::pin(work);
    for _ in 0..polls {
        if let Poll::Ready(done) = poll_fn(|cx| Poll::Ready(work.as_mut().poll(cx))).await {
            return Some(done);
        }
        std::thread::sleep(pause);
    }
    None
}

fn runtimes() -> [Runtime; 2] {
    [load::one_thread(), load::many_threads()]
}

async fn databases(folder: &tempfile::TempDir) -> [Db; 2] {
    let file = Db::open(folder.path().join("a.db")).await.unwrap();
    let memory = Db::memory().await.unwrap();
    for db in [&file, &memory] {
        db.create_table::<Item>().await.unwrap();
    }
    [file, memory]
}

/// Each call of an inner transaction, dropped after each number of polls, with time to end in between and without.
#[test]
fn the_outer_goes_on_wherever_a_call_of_the_inner_is_dropped() {
    for runtime in runtimes() {
        let folder = load::folder();
        runtime.block_on(async {
            for db in databases(&folder).await {
                for polls in 0..4 {
                    for pause in [Duration::ZERO, Duration::from_millis(2)] {
                        let tx = db.begin().await.unwrap();
                        let mut kept = vec!["0".to_owned()];
                        tx.insert(item("0")).await.unwrap();
                        for round in 1..6 {
                            let at = format!("{polls} polls, {pause:?}, {round}");
                            match round {
                                1 => drop(cut(polls, pause, tx.begin()).await),
                                2 => {
                                    let inner = tx.begin().await.unwrap();
                                    inner.insert(item("inner")).await.unwrap();
                                    let many = (0..70).map(|i| item(&format!("bulk {i}")));
                                    let _ = cut(polls, pause, inner.bulk_insert(many)).await;
                                }
                                3 => {
                                    let inner = tx.begin().await.unwrap();
                                    inner.insert(item("committed")).await.unwrap();
                                    let _ = cut(polls, pause, inner.commit()).await;
                                    let all = names(&tx).await;
                                    kept.extend(all.contains(&"committed".to_owned()).then(|| "committed".to_owned()));
                                }
                                4 => {
                                    let inner = tx.begin().await.unwrap();
                                    inner.insert(item("undone")).await.unwrap();
                                    let _ = cut(polls, pause, inner.rollback()).await;
                                }
                                _ => {
                                    let step = tx.transaction(async |inner| {
                                        inner.insert(item("closure")).await?;
                                        inner.select::<Item>().update(|i| i.name.set("all the same")).await
                                    });
                                    let done = cut(polls, pause, step).await;
                                    assert!(!matches!(done, Some(Ok(_))), "{at}");
                                }
                            }
                            let name = round.to_string();
                            tx.insert(item(&name)).await.unwrap_or_else(|error| panic!("{at}: {error}"));
                            kept.push(name);
                            assert_eq!(names(&tx).await, kept, "{at}");
                        }
                        tx.commit().await.unwrap();
                        assert_eq!(names(&db).await, kept);
                        db.select::<Item>().delete().await.unwrap();
                    }
                }
                load::assert_all_lanes_free::<Item>(&db, "after all").await;
                db.close().await.unwrap();
            }
        });
    }
}

#[tokio::test]
async fn a_session_of_an_inner_transaction_that_has_ended_is_refused() {
    let folder = load::folder();
    for db in databases(&folder).await {
        let tx = db.begin().await.unwrap();
        let mut stale: Vec<Session> = Vec::new();
        for end in 0..3 {
            let inner = tx.begin().await.unwrap();
            stale.push((*inner).clone());
            inner.insert(item(&format!("inner {end}"))).await.unwrap();
            match end {
                0 => inner.commit().await.unwrap(),
                1 => inner.rollback().await.unwrap(),
                _ => drop(inner),
            }
            let beside = tx.begin().await.unwrap();
            for stale in &stale {
                let error = stale.insert(item("ghost")).await.unwrap_err();
                assert!(matches!(error, Error::TransactionEnded), "{error:?}");
                assert!(matches!(stale.select::<Item>().count().await, Err(Error::TransactionEnded)));
                assert!(matches!(stale.begin().await, Err(Error::TransactionEnded)));
            }
            beside.insert(item(&format!("beside {end}"))).await.unwrap();
            beside.commit().await.unwrap();
        }
        tx.commit().await.unwrap();
        assert_eq!(names(&db).await, ["inner 0", "beside 0", "beside 1", "beside 2"]);
        for stale in &stale {
            assert!(matches!(stale.insert(item("ghost")).await, Err(Error::TransactionEnded)));
        }
    }
}

/// A constraint with the action ROLLBACK: SQLite itself leaves nothing to save.
#[tokio::test]
async fn what_sqlite_rolls_back_as_a_whole_is_told_to_every_later_call() {
    let folder = load::folder();
    for db in databases(&folder).await {
        let tx = db.begin().await.unwrap();
        tx.insert(item("a")).await.unwrap();
        let inner = tx.begin().await.unwrap();
        let first = inner.execute("INSERT OR ROLLBACK INTO items (name) VALUES ('a')").await.unwrap_err();
        let told = |error: Error| {
            let Error::TransactionLost { reason } = &error else { panic!("{error:?}") };
            assert_eq!(*reason, first.to_string());
        };
        told(inner.insert(item("b")).await.unwrap_err());
        told(inner.begin().await.unwrap_err());
        told(inner.commit().await.unwrap_err());
        told(tx.insert(item("b")).await.unwrap_err());
        told(tx.select::<Item>().count().await.unwrap_err());
        told(tx.begin().await.unwrap_err());
        told(tx.commit().await.unwrap_err());
        assert!(names(&db).await.is_empty());
    }
}

/// Numbers that differ from run to run by their seed only.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum End {
    Undone,
    /// Its commit was asked for, and its future dropped.
    Unknown,
    Committed,
}

/// What the program was told.
#[derive(Default)]
struct Account {
    transactions: Vec<(Option<usize>, End)>,
    statements: Vec<Statement>,
    cut: u64,
}

struct Statement {
    transaction: usize,
    rows: usize,
    is_told: bool,
}

impl Account {
    /// What has become of a transaction and those around it.
    fn end(&self, transaction: usize) -> End {
        let (parent, end) = self.transactions[transaction];
        match (end, parent.map(|parent| self.end(parent))) {
            (End::Undone, _) | (_, Some(End::Undone)) => End::Undone,
            (End::Unknown, _) | (_, Some(End::Unknown)) => End::Unknown,
            (End::Committed, Some(End::Committed) | None) => End::Committed,
        }
    }
}

type Step<'s> = Pin<Box<dyn Future<Output = sqliter::Result<()>> + 's>>;

/// A transaction inside the session with some steps, each of which may be cut off, and transactions inside it.
fn nested<'s>(
    session: &'s Session,
    parent: Option<usize>,
    depth: u64,
    account: &'s Mutex<Account>,
    random: &'s Mutex<Random>,
) -> Step<'s> {
    let below = |limit| random.lock().unwrap().below(limit);
    Box::pin(async move {
        let tx = session.begin().await?;
        let own = {
            let mut account = account.lock().unwrap();
            account.transactions.push((parent, End::Undone));
            account.transactions.len() - 1
        };
        for _ in 0..1 + below(4) {
            let (polls, pause) = (below(5), Duration::from_micros(below(4) * 150));
            let is_cut = below(2) == 0;
            if depth < 3 && below(3) == 0 {
                let inner = nested(&tx, Some(own), depth + 1, account, random);
                match is_cut {
                    true => match cut(polls, pause, inner).await {
                        Some(done) => done?,
                        None => account.lock().unwrap().cut += 1,
                    },
                    false => inner.await?,
                }
                continue;
            }
            let rows = [1, 70, 3][below(3) as usize];
            let number = {
                let mut account = account.lock().unwrap();
                account.statements.push(Statement { transaction: own, rows, is_told: false });
                account.statements.len() - 1
            };
            let work = async {
                let drafts = (0..rows).map(|row| item(&format!("{number}.{row}")));
                match rows {
                    1 => drop(tx.insert(item(&format!("{number}.0"))).await?),
                    3 => {
                        let sql = "INSERT INTO items (name) SELECT ?1 || '.' || value FROM json_each('[0, 1, 2]')";
                        tx.execute(sql).bind(number.to_string()).await.map(|_| ())?;
                    }
                    _ => drop(tx.bulk_insert(drafts).await?),
                }
                Ok::<_, Error>(())
            };
            match is_cut {
                true => match cut(polls, pause, work).await {
                    Some(done) => {
                        done?;
                        account.lock().unwrap().statements[number].is_told = true;
                    }
                    None => account.lock().unwrap().cut += 1,
                },
                false => {
                    work.await?;
                    account.lock().unwrap().statements[number].is_told = true;
                }
            }
            if below(4) == 0 {
                let _ = cut(polls, pause, tx.select::<Item>().fetch_all()).await;
            }
        }
        match below(4) {
            0 => tx.rollback().await?,
            1 => drop(tx),
            _ => {
                account.lock().unwrap().transactions[own].1 = End::Unknown;
                tx.commit().await?;
                account.lock().unwrap().transactions[own].1 = End::Committed;
            }
        }
        Ok(())
    })
}

/// Runs until so many futures were dropped.
async fn cut_at_random(db: &Db, cuts: u64, seed: u64) {
    let random = Mutex::new(Random(seed));
    let mut total = 0;
    while total < cuts {
        let account = Mutex::new(Account::default());
        for round in 0..10 {
            let done = nested(db, None, 0, &account, &random).await;
            assert!(done.is_ok(), "seed {seed}, after {total} cuts, {round}: {done:?}");
        }
        let account = account.into_inner().unwrap();
        let mut found = vec![0; account.statements.len()];
        for name in names(db).await {
            found[name.split_once('.').unwrap().0.parse::<usize>().unwrap()] += 1;
        }
        for (number, (statement, found)) in account.statements.iter().zip(found).enumerate() {
            let Statement { transaction, rows, is_told } = *statement;
            let is_right = match account.end(transaction) {
                End::Undone => found == 0,
                End::Committed if is_told => found == rows,
                // Its last poll may have been the one that was left out.
                End::Committed | End::Unknown => found == 0 || found == rows,
            };
            assert!(is_right, "seed {seed}, after {total} cuts: {found} rows of statement {number}, {rows} {is_told}");
        }
        total += account.cut;
        db.execute("DELETE FROM items").await.unwrap();
    }
    println!("{total} futures dropped");
}

fn cut_on_all(cuts: u64) {
    let seed = std::env::var("SQLITER_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    for runtime in runtimes() {
        let folder = load::folder();
        runtime.block_on(async {
            for db in databases(&folder).await {
                cut_at_random(&db, cuts, seed).await;
                load::assert_all_lanes_free::<Item>(&db, "after all").await;
                db.close().await.unwrap();
            }
        });
        load::assert_sound(&folder.path().join("a.db"));
    }
}

#[test]
fn nothing_that_was_told_is_lost_when_nested_work_is_cut_off_at_random() {
    cut_on_all(750);
}

#[test]
#[ignore = "takes some minutes"]
fn nothing_is_lost_when_nested_work_is_cut_off_a_hundred_thousand_times() {
    cut_on_all(25_000);
}
