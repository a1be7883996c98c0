//! Transactions that are replicated by what they have changed: first with an order that is a list in memory, then with nodes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use sqliter::prelude::*;
use sqliter_cluster::local::Nodes;
use sqliter_cluster::{Cluster, Error, List, Replica, Replicator, dump};
use tempfile::TempDir;
use tokio::task::{LocalSet, spawn_local};

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(moves = Move::account))]
struct Account {
    pk: Key<Account>,
    #[model(unique)]
    name: String,
    balance: i64,
    updated_at: i64,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Move {
    pk: Key<Move>,
    #[model(on_delete = cascade)]
    account_id: Key<Account>,
    amount: i64,
    price: Decimal,
    at: DateTime<Utc>,
}

type Tables = (Account, Move);

fn file(folder: &TempDir, machine: usize) -> std::path::PathBuf {
    folder.path().join(format!("machine{machine}.db"))
}

/// Three machines with the tables.
async fn machines() -> (TempDir, Vec<Arc<Replica<List>>>) {
    let (folder, order) = (TempDir::new().unwrap(), Arc::new(List::default()));
    let mut machines = Vec::new();
    for machine in 0..3 {
        machines.push(Arc::new(Replica::open(file(&folder, machine), Arc::clone(&order)).await.unwrap()));
    }
    machines[0].create_tables::<Tables>().await.unwrap();
    for machine in &machines {
        machine.barrier().await.unwrap();
    }
    (folder, machines)
}

async fn same_everywhere<R: Replicator>(folder: &TempDir, machines: &[Arc<Replica<R>>]) -> Vec<String> {
    for machine in machines {
        machine.barrier().await.unwrap();
    }
    let dumps: Vec<_> = (0..machines.len()).map(|machine| dump(&file(folder, machine)).unwrap()).collect();
    assert!(dumps.iter().all(|dump| *dump == dumps[0]), "the machines hold different rows");
    dumps.into_iter().next().unwrap()
}

fn account(name: &str) -> impl Draft<Model = Account> {
    Account::builder().name(name).balance(100)
}

#[tokio::test]
async fn a_transaction_gives_its_results_and_is_the_same_on_every_machine() {
    let (folder, machines) = machines().await;
    let here = &machines[1];
    let ada: Account = here.transaction(async |tx| tx.insert(account("Ada")).await).await.unwrap();
    assert_eq!((ada.pk, ada.balance), (Account::key(1), 100));
    // Functions of the library, lists, the clock, reads in between, nested transactions: all of it runs on one machine.
    let moved = here
        .transaction(async |tx| {
            let bea = tx.insert(account("Bea")).await?;
            let found = tx.select::<Account>().filter(|a| a.name.icontains("AD")).fetch_required().await?;
            let listed = tx.select::<Account>().filter(|a| a.pk.is_in([found.pk, bea.pk])).update(|a| a.balance.add(5));
            assert_eq!(listed.await?, 2);
            let undone: sqliter::Result<()> = tx
                .transaction(async |inner| {
                    inner.delete(&bea).await?;
                    Err(sqliter::Error::NoResult { reason: "it is taken back".to_owned() })
                })
                .await;
            assert!(undone.is_err());
            let drafts = [&found, &bea].map(|account| {
                Move::builder().account_id(account).amount(-5).price(Decimal::new(150, 2)).at(DateTime::UNIX_EPOCH)
            });
            tx.bulk_insert(drafts).await
        })
        .await
        .unwrap();
    assert_eq!(moved.len(), 2);
    same_everywhere(&folder, &machines).await;
    for machine in &machines {
        let all = machine.db().select::<Account>().order(|a| a.pk.asc()).only(|a| a.balance).fetch_all().await.unwrap();
        assert_eq!(all, [105, 105]);
    }
    // A cascade.
    machines[2].transaction(async |tx| tx.delete(Account::key(1)).await).await.unwrap();
    same_everywhere(&folder, &machines).await;
    assert_eq!(machines[0].db().select::<Move>().count().await.unwrap(), 1);
}

#[tokio::test]
async fn what_fails_leaves_nothing_anywhere() {
    let (folder, machines) = machines().await;
    machines[0].transaction(async |tx| tx.insert(account("Ada")).await).await.unwrap();
    machines[1].barrier().await.unwrap();
    let before = same_everywhere(&folder, &machines).await;
    let twice = machines[1].transaction(async |tx| {
        tx.insert(account("Bea")).await?;
        tx.insert(account("Ada")).await
    });
    let error = twice.await.unwrap_err();
    assert!(matches!(error, Error::Sqliter(sqliter::Error::UniqueViolation { .. })), "{error:?}");
    // Nothing is left of the recording on the connection.
    machines[1].transaction(async |_| Ok(())).await.unwrap();
    assert_eq!(same_everywhere(&folder, &machines).await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_to_commit_wins_and_the_others_run_again() {
    LocalSet::new().run_until(raise_from_three_machines()).await;
}

async fn raise_from_three_machines() {
    let (folder, machines) = machines().await;
    machines[0].transaction(async |tx| tx.insert(account("Ada")).await).await.unwrap();
    same_everywhere(&folder, &machines).await;
    let runs = Arc::new(AtomicU64::new(0));
    let tasks: Vec<_> = machines
        .iter()
        .map(|machine| {
            let (machine, runs) = (Arc::clone(machine), Arc::clone(&runs));
            spawn_local(async move {
                for _ in 0..20 {
                    let raised = machine.transaction(async |tx| {
                        runs.fetch_add(1, Ordering::Relaxed);
                        // Read here and written by value: a lost update would be seen.
                        let balance = tx.select::<Account>().only(|a| a.balance).fetch_required().await?;
                        tx.select::<Account>().update(|a| a.balance.set(balance + 1)).await
                    });
                    raised.await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    same_everywhere(&folder, &machines).await;
    let balance = machines[2].db().select::<Account>().only(|a| a.balance).fetch_required().await.unwrap();
    assert_eq!(balance, 160);
    println!("60 transactions of three machines ran {} times", runs.load(Ordering::Relaxed));
}

#[tokio::test]
async fn rows_that_exchange_unique_values_do_so_everywhere() {
    let (folder, machines) = machines().await;
    machines[0].transaction(async |tx| tx.bulk_insert(["a", "b"].map(account)).await).await.unwrap();
    machines[1].barrier().await.unwrap();
    let exchanged = machines[1].transaction(async |tx| {
        for (was, name) in [("a", "x"), ("b", "a"), ("x", "b")] {
            tx.select::<Account>().filter(|a| a.name.eq(was)).update(|a| a.name.set(name)).await?;
        }
        Ok(())
    });
    exchanged.await.unwrap();
    same_everywhere(&folder, &machines).await;
    let names = machines[2].db().select::<Account>().order(|a| a.pk.asc()).only(|a| a.name).fetch_all().await.unwrap();
    assert_eq!(names, ["b", "a"]);
}

#[tokio::test]
async fn a_machine_that_was_away_comes_to_the_same_rows() {
    let (folder, order) = (TempDir::new().unwrap(), Arc::new(List::default()));
    let first = Arc::new(Replica::open(file(&folder, 0), Arc::clone(&order)).await.unwrap());
    first.create_tables::<Tables>().await.unwrap();
    for name in ["Ada", "Bea"] {
        first.transaction(async |tx| tx.insert(account(name)).await).await.unwrap();
    }
    let second = Arc::new(Replica::open(file(&folder, 1), Arc::clone(&order)).await.unwrap());
    same_everywhere(&folder, &[Arc::clone(&first), Arc::clone(&second)]).await;
    second.db().close().await.unwrap();
    drop(second);
    first.transaction(async |tx| tx.delete(Account::key(1)).await).await.unwrap();
    let second = Arc::new(Replica::open(file(&folder, 1), order).await.unwrap());
    same_everywhere(&folder, &[first, second]).await;
}

/// The sum over all accounts stays the same, whatever machine moves money and whatever node is killed meanwhile; and every move that was
/// told is there once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn transfers_over_nodes_that_are_killed_lose_nothing() {
    LocalSet::new().run_until(transfer_while_nodes_are_killed()).await;
}

async fn transfer_while_nodes_are_killed() {
    let kills = std::env::var("KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(3);
    let folder = TempDir::new().unwrap();
    let mut nodes = Nodes::start(folder.path()).await.unwrap();
    let mut machines: Vec<Arc<Replica<Cluster>>> = Vec::new();
    for machine in 0..3 {
        let cluster = nodes.cluster(machine as u64 + 1).await.unwrap();
        machines.push(Arc::new(Replica::open(file(&folder, machine), Arc::new(cluster)).await.unwrap()));
    }
    machines[0].create_tables::<Tables>().await.unwrap();
    let names: Vec<String> = (0..10).map(|number| format!("a{number}")).collect();
    machines[0].transaction(async |tx| tx.bulk_insert(names.iter().map(|name| account(name))).await).await.unwrap();
    same_everywhere(&folder, &machines).await;

    let stop = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let tasks: Vec<_> = machines
        .iter()
        .enumerate()
        .map(|(index, machine)| {
            let (machine, stop) = (Arc::clone(machine), Arc::clone(&stop));
            spawn_local(async move {
                let (mut told, mut conflicts, mut unknown) = (Vec::new(), 0_u64, 0_u64);
                let mut number = index as i64 * 1_000_000;
                while !stop.load(Ordering::Relaxed) {
                    number += 1;
                    let runs = AtomicU64::new(0);
                    let (from, to) = (number % 10 + 1, (number * 7) % 10 + 1);
                    let moved = machine.transaction(async |tx| {
                        runs.fetch_add(1, Ordering::Relaxed);
                        for (key, amount) in [(from, -1), (to, 1)] {
                            let key = Account::key(key);
                            let balances = tx.select::<Account>().filter(|a| a.pk.eq(key)).only(|a| a.balance);
                            let now = balances.fetch_required().await?;
                            tx.select::<Account>()
                                .filter(|a| a.pk.eq(key))
                                .update(|a| a.balance.set(now + amount))
                                .await?;
                        }
                        let draft = Move::builder().account_id(Account::key(from)).amount(number);
                        tx.insert(draft.price(Decimal::ONE).at(DateTime::UNIX_EPOCH)).await
                    });
                    match moved.await {
                        Ok(_) => told.push(number),
                        Err(Error::Unknown { .. } | Error::Conflict { .. }) => unknown += 1,
                        Err(error) => panic!("{error}"),
                    }
                    conflicts += runs.into_inner().saturating_sub(1);
                }
                (told, conflicts, unknown)
            })
        })
        .collect();
    for _ in 0..kills {
        tokio::time::sleep(Duration::from_secs(2)).await;
        let leader = nodes.leader().await.unwrap();
        nodes.kill(leader).unwrap();
        tokio::time::sleep(Duration::from_secs(6)).await;
        nodes.start_node(leader).unwrap();
        nodes.until_whole(Duration::from_secs(60)).await.unwrap();
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    stop.store(true, Ordering::Relaxed);
    let (mut told, mut conflicts, mut unknown) = (Vec::new(), 0, 0);
    for task in tasks {
        let (some, again, lost) = task.await.unwrap();
        told.extend(some);
        conflicts += again;
        unknown += lost;
    }
    same_everywhere(&folder, &machines).await;
    for machine in &machines {
        let balances = machine.db().select::<Account>().only(|a| a.balance).fetch_all().await.unwrap();
        assert_eq!(balances.iter().sum::<i64>(), 1000);
        let mut there = machine.db().select::<Move>().only(|m| m.amount).fetch_all().await.unwrap();
        there.sort_unstable();
        assert!(there.windows(2).all(|two| two[0] != two[1]), "a move was made twice");
        let lost: Vec<_> = told.iter().filter(|number| there.binary_search(number).is_err()).collect();
        assert!(lost.is_empty(), "{lost:?}");
        assert!(there.len() as u64 <= told.len() as u64 + unknown);
    }
    println!(
        "{kills} SIGKILLs of the leader: {} transfers told, {unknown} unknown, {conflicts} run again; nothing lost",
        told.len()
    );
}
