//! What is not linearisable, and must be found: reads of this machine as it is, and transactions that change nothing.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use sqliter::prelude::*;
use sqliter_cluster::histories::{Access, Operation, check_register};
use sqliter_cluster::{Entry, Replica, Replicator, Result, Token};
use tempfile::TempDir;

#[derive(Debug, Clone, PartialEq, Model)]
struct Register {
    pk: Key<Register>,
    value: i64,
}

/// The order of entries, as a list.
type Order = Arc<Mutex<Vec<Entry>>>;

/// One machine's way to the order, on which nothing comes while it is held up.
#[derive(Debug, Default)]
struct Link {
    order: Order,
    is_held_up: AtomicBool,
}

impl Replicator for Link {
    async fn propose(&self, token: Token, bytes: Vec<u8>) -> Result<()> {
        let mut entries = self.order.lock().unwrap();
        let number = entries.len() as i64 + 1;
        entries.push(Entry { number, token, bytes });
        Ok(())
    }

    async fn barrier(&self) -> Result<i64> {
        Ok(self.order.lock().unwrap().len() as i64)
    }

    async fn entries(&self, after: i64) -> Result<Vec<Entry>> {
        let until = if self.is_held_up.load(Ordering::Relaxed) { 0 } else { usize::MAX };
        Ok(self.order.lock().unwrap().iter().skip(after as usize).take(until).cloned().collect())
    }
}

async fn write(replica: &Replica<Link>, value: i64) {
    replica.transaction(async |tx| tx.select::<Register>().update(|r| r.value.set(value)).await).await.unwrap();
}

async fn holds(replica: &Replica<Link>) -> i64 {
    replica.db().select::<Register>().only(|r| r.value).fetch_required().await.unwrap()
}

/// One machine has written 1 and then 2, and the other one has heard of the first only.
async fn machines(folder: &TempDir) -> [(Replica<Link>, Arc<Link>); 2] {
    let order = Order::default();
    let mut machines = Vec::new();
    for name in ["first.db", "second.db"] {
        let link = Arc::new(Link { order: Arc::clone(&order), is_held_up: AtomicBool::new(false) });
        machines.push((Replica::open(folder.path().join(name), Arc::clone(&link)).await.unwrap(), link));
    }
    let [first, second] = <[_; 2]>::try_from(machines).unwrap();
    first.0.create_tables::<(Register,)>().await.unwrap();
    first.0.transaction(async |tx| tx.insert(Register::builder().value(0)).await).await.unwrap();
    write(&first.0, 1).await;
    second.0.barrier().await.unwrap();
    second.1.is_held_up.store(true, Ordering::Relaxed);
    // What it had asked for before may still come.
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    write(&first.0, 2).await;
    [first, second]
}

/// Operations one after the other.
fn history(operations: &[Operation]) -> Vec<Access> {
    let access = |(at, operation): (usize, &Operation)| {
        let begun = at as u64 * 2;
        Access { operation: *operation, begun, ended: Some(begun + 1) }
    };
    operations.iter().enumerate().map(access).collect()
}

#[tokio::test]
async fn a_read_without_a_barrier_is_as_old_as_its_machine() {
    let folder = TempDir::new().unwrap();
    let [_first, (second, link)] = machines(&folder).await;
    let written = [Operation::Write { value: 1 }, Operation::Write { value: 2 }];
    let read = Operation::Read { saw: holds(&second).await };
    assert!(check_register(0, &history(&[&written[..], &[read]].concat())).is_err(), "{read:?}");
    link.is_held_up.store(false, Ordering::Relaxed);
    second.barrier().await.unwrap();
    let read = Operation::Read { saw: holds(&second).await };
    check_register(0, &history(&[&written[..], &[read]].concat())).unwrap();
}

/// A transaction that changes nothing is not sent, so what it has read may be old: here it writes what this machine holds already, while
/// another machine has written since. With a barrier before it, it is as of one machine.
#[tokio::test]
async fn a_transaction_that_changes_nothing_is_as_old_as_its_machine() {
    let folder = TempDir::new().unwrap();
    let [(first, _), (second, link)] = machines(&folder).await;
    // The second machine swaps 1, which it still holds, for 1: it is told that it is done.
    write(&second, 1).await;
    let told = [Operation::Write { value: 2 }, Operation::Swap { from: 1, to: 3 }];
    assert!(check_register(1, &history(&told)).is_err());
    assert_eq!((holds(&first).await, holds(&second).await), (2, 1), "nothing was written");
    link.is_held_up.store(false, Ordering::Relaxed);
    second.barrier().await.unwrap();
    write(&second, 1).await;
    first.barrier().await.unwrap();
    assert_eq!((holds(&first).await, holds(&second).await), (1, 1));
}
