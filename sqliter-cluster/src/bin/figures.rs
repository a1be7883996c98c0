//! Figures: reads on a node's file beside a database of one machine, and writes through the cluster. It takes about a minute.

use std::error::Error;
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sqliter::prelude::*;
use sqliter_cluster::local::Nodes;
use sqliter_cluster::{Cluster, Replica};
use tempfile::TempDir;
use tokio::task::{LocalSet, spawn_local};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

#[derive(Debug, Clone, PartialEq, Model)]
#[model(index(title))]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

const ROWS: i64 = 10_000;
const ROUNDS: usize = 31;
const GETS: i64 = 5_000;

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<()> {
    let folder = TempDir::new()?;
    let nodes = Nodes::start(folder.path()).await?;
    let cluster = nodes.cluster(1).await?;
    cluster.create_tables::<(Book,)>().await?;
    let one = Db::open(folder.path().join("one.db")).await?;
    one.create_table::<Book>().await?;
    let drafts = |of: Range<i64>| of.map(|i| Book::builder().title(format!("title {}", i % 100)).pages(i));
    one.bulk_insert(drafts(0..ROWS)).await?;
    let begun = Instant::now();
    for some in 0..ROWS / 1000 {
        cluster.write(cluster.db().bulk_insert(drafts(some * 1000..(some + 1) * 1000))).await?;
    }
    println!("bulk insert of {ROWS} rows in batches of 1000: {:.1?}", begun.elapsed());

    reads(&one, &cluster.db()).await?;
    for tasks in [1, 16, 64] {
        writes(&nodes, tasks).await?;
    }
    let mut machines = Vec::new();
    for machine in 1..=3 {
        let file = folder.path().join(format!("machine{machine}.db"));
        machines.push(Arc::new(Replica::open(file, Arc::new(nodes.cluster(machine).await?)).await?));
    }
    machines[0].create_tables::<(Book,)>().await?;
    for writing in [1, 3] {
        LocalSet::new().run_until(transactions(&machines[..writing])).await?;
    }
    Ok(())
}

/// Both by turns, so that whatever else the machine does is the same for both.
async fn reads(one: &Db, node: &Db) -> Result<()> {
    let mut gets = [Vec::new(), Vec::new()];
    let mut filters = [Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        for (at, db) in [one, node].into_iter().enumerate() {
            let begun = Instant::now();
            for key in 1..=GETS {
                db.get(Book::key(key)).await?;
            }
            gets[at].push(begun.elapsed() / GETS as u32);
            let begun = Instant::now();
            for number in 0..50 {
                db.select::<Book>().filter(|b| b.title.eq(format!("title {number}"))).fetch_all().await?;
            }
            filters[at].push(begun.elapsed() / 50);
        }
    }
    for (what, times) in [("get by key", gets), ("100 rows by an index", filters)] {
        let [one, node] = times.map(median);
        let ratio = node.as_secs_f64() / one.as_secs_f64();
        println!("{what}: one machine {one:.2?}, file of a node {node:.2?}, ratio {ratio:.2}");
    }
    Ok(())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// For five seconds, tasks beside the three nodes write single rows.
async fn writes(nodes: &Nodes, tasks: u64) -> Result<()> {
    const FOR: Duration = Duration::from_secs(5);
    let begun = Instant::now();
    let mut running = Vec::new();
    for task in 0..tasks {
        let cluster: Cluster = nodes.cluster(1 + task % 3).await?;
        running.push(tokio::spawn(async move {
            let mut times = Vec::new();
            while begun.elapsed() < FOR {
                let one = Instant::now();
                let draft = Book::builder().title("written").pages(task as i64);
                if let Err(error) = cluster.write(cluster.db().insert(draft)).await {
                    eprintln!("{error}");
                }
                times.push(one.elapsed());
            }
            times
        }));
    }
    let mut times = Vec::new();
    for task in running {
        times.extend(task.await?);
    }
    told(&format!("{tasks} tasks write rows"), times, begun.elapsed());
    Ok(())
}

/// For five seconds, each machine runs transactions that read a row and write it.
async fn transactions(machines: &[Arc<Replica<Cluster>>]) -> Result<()> {
    const FOR: Duration = Duration::from_secs(5);
    let begun = Instant::now();
    let mut running = Vec::new();
    for machine in machines.iter().map(Arc::clone) {
        running.push(spawn_local(async move {
            let (mut times, runs) = (Vec::new(), std::sync::atomic::AtomicU64::new(0));
            while begun.elapsed() < FOR {
                let one = Instant::now();
                let done = machine.transaction(async |tx| {
                    runs.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    let number = tx.select::<Book>().count().await?;
                    tx.insert(Book::builder().title("replicated").pages(number as i64)).await
                });
                if let Err(error) = done.await {
                    eprintln!("{error}");
                }
                times.push(one.elapsed());
            }
            let again = runs.into_inner() - times.len() as u64;
            (times, again)
        }));
    }
    let (mut times, mut again) = (Vec::new(), 0);
    for machine in running {
        let (some, conflicts) = machine.await?;
        times.extend(some);
        again += conflicts;
    }
    told(&format!("{} machines run transactions ({again} ran again)", machines.len()), times, begun.elapsed());
    Ok(())
}

fn told(what: &str, mut times: Vec<Duration>, took: Duration) {
    times.sort();
    let at = |part: f64| times[((times.len() - 1) as f64 * part) as usize];
    let each_second = times.len() as f64 / took.as_secs_f64();
    println!("{what}: {each_second:.0} a second; median {:.1?}, p99 {:.1?}", at(0.5), at(0.99));
}
