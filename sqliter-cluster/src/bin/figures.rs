//! Figures of three machines on the loopback interface: reads of a machine's file beside a database of one machine, writes from one
//! machine and from all three. `figures raft` or `figures hiqlite`; it takes about two minutes.

use std::error::Error;
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use sqliter::Synchronous;
use sqliter::prelude::*;
use sqliter_cluster::local::Nodes;
use sqliter_cluster::{Cluster, RaftNode, Replica, Replicator};
use tempfile::TempDir;
use tokio::task::{LocalSet, spawn_local};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

#[derive(Debug, Clone, PartialEq, Model)]
#[model(index(title))]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

const ROWS: i64 = 10_000;
/// For how long each kind of writing goes on.
const FOR: Duration = Duration::from_secs(5);

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<()> {
    let folder = TempDir::new()?;
    let one = Db::options().path(folder.path().join("one.db")).synchronous(Synchronous::Full).open().await?;
    one.create_table::<Book>().await?;
    match std::env::args().nth(1).as_deref() {
        Some("raft") => {
            let (machines, leader) = by_raft(folder.path()).await?;
            LocalSet::new().run_until(figures(&one, &machines, leader)).await
        }
        Some("hiqlite") => {
            let nodes = Nodes::start(folder.path()).await?;
            let (machines, leader) = by_hiqlite(folder.path(), &nodes).await?;
            LocalSet::new().run_until(figures(&one, &machines, leader)).await
        }
        _ => Err("usage: figures raft | hiqlite".into()),
    }
}

type Machines<R> = Vec<Arc<Replica<R>>>;

/// Three machines, and which of them leads.
async fn by_raft(folder: &Path) -> Result<(Machines<RaftNode>, usize)> {
    let held = (0..3).map(|_| TcpListener::bind("127.0.0.1:0")).collect::<std::io::Result<Vec<_>>>()?;
    let addresses = held.iter().map(|held| Ok(held.local_addr()?.to_string())).collect::<Result<Vec<_>>>()?;
    drop(held);
    let mut nodes = Vec::new();
    for id in 1..=3 {
        let mut options = RaftNode::options(id, folder.join(format!("machine{id}.db"))).secret("of these figures");
        for (member, address) in (1..=3).zip(&addresses) {
            options = options.member(member, address);
        }
        nodes.push(Arc::new(options.start().await?));
    }
    let mut machines = Vec::new();
    for node in &nodes {
        machines.push(Arc::new(Replica::open(node.database(), Arc::clone(node)).await?));
    }
    for machine in &machines {
        machine.barrier().await?;
    }
    let leader = nodes.iter().position(|node| node.state().leader == Some(node.state().id));
    Ok((machines, leader.ok_or("nobody leads")?))
}

async fn by_hiqlite(folder: &Path, nodes: &Nodes) -> Result<(Machines<Cluster>, usize)> {
    let mut machines = Vec::new();
    for id in 1..=3 {
        let file = folder.join(format!("machine{id}.db"));
        machines.push(Arc::new(Replica::open(file, Arc::new(nodes.cluster(id).await?)).await?));
    }
    Ok((machines, nodes.leader().await.ok_or("nobody leads")? as usize - 1))
}

async fn figures<R: Replicator>(one: &Db, machines: &[Arc<Replica<R>>], leader: usize) -> Result<()> {
    let (leads, follows) = (&machines[leader], &machines[(leader + 1) % 3]);
    leads.create_tables::<(Book,)>().await?;
    let begun = Instant::now();
    for thousand in 0..ROWS / 1000 {
        let books = |row| Book::builder().title(format!("title {}", row % 100)).pages(row);
        let drafts = || (thousand * 1000..(thousand + 1) * 1000).map(books);
        one.bulk_insert(drafts()).await?;
        leads.transaction(async |tx| tx.bulk_insert(drafts()).await).await?;
    }
    println!("{ROWS} rows in transactions of 1000: {:.1?}", begun.elapsed());
    follows.barrier().await?;
    reads(one, follows.db()).await?;
    for tasks in [1, 16, 64] {
        by_itself(one, tasks).await?;
        written(&format!("leader, {tasks} tasks insert"), std::slice::from_ref(leads), tasks, insert).await?;
        written(&format!("follower, {tasks} tasks insert"), std::slice::from_ref(follows), tasks, insert).await?;
    }
    for tasks in [3, 48] {
        written(&format!("three machines, {tasks} tasks insert"), machines, tasks, insert).await?;
        let what = format!("three machines, {tasks} tasks read a row and change it");
        written(&what, machines, tasks, change).await?;
    }
    Ok(())
}

/// Both by turns, so that whatever else the machine does is the same for both.
async fn reads(one: &Db, follows: &Db) -> Result<()> {
    const ROUNDS: usize = 31;
    const GETS: i64 = 5_000;
    let (mut gets, mut filters) = ([Vec::new(), Vec::new()], [Vec::new(), Vec::new()]);
    for _ in 0..ROUNDS {
        for (at, db) in [one, follows].into_iter().enumerate() {
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
        let [one, follows] = times.map(|mut times| {
            times.sort();
            times[ROUNDS / 2]
        });
        let ratio = follows.as_secs_f64() / one.as_secs_f64();
        println!("{what}: one machine {one:.2?}, follower {follows:.2?}, ratio {ratio:.2}");
    }
    Ok(())
}

/// One write by a chain; what tasks of one machine write goes together. It runs again by itself, which is not counted.
async fn insert<R: Replicator>(machine: Arc<Replica<R>>, task: usize) -> sqliter_cluster::Result<u64> {
    machine.db().insert(Book::builder().title("written").pages(task as i64)).await?;
    Ok(1)
}

/// One that reads a row and writes what comes of it; it says how often it ran.
async fn change<R: Replicator>(machine: Arc<Replica<R>>, task: usize) -> sqliter_cluster::Result<u64> {
    let runs = AtomicU64::new(0);
    let done = machine.transaction(async |tx| {
        runs.fetch_add(1, Ordering::Relaxed);
        let of_task = tx.select::<Book>().filter(|b| b.pk.eq(Book::key(1 + task as i64)));
        let pages = of_task.clone().only(|b| b.pages).fetch_required().await?;
        of_task.update(|b| b.pages.set(pages + 1)).await
    });
    done.await?;
    Ok(runs.into_inner())
}

/// For some seconds, tasks write without a pause, each on one of the machines.
async fn written<R: Replicator, W>(
    what: &str,
    machines: &[Arc<Replica<R>>],
    tasks: usize,
    write: impl Fn(Arc<Replica<R>>, usize) -> W + Copy + 'static,
) -> Result<()>
where
    W: Future<Output = sqliter_cluster::Result<u64>>,
{
    let begun = Instant::now();
    let tasks: Vec<_> = (0..tasks)
        .map(|task| {
            let machine = Arc::clone(&machines[task % machines.len()]);
            spawn_local(async move {
                let (mut times, mut runs) = (Vec::new(), 0);
                while begun.elapsed() < FOR {
                    let one = Instant::now();
                    runs += write(Arc::clone(&machine), task).await?;
                    times.push(one.elapsed());
                }
                Ok::<_, sqliter_cluster::Error>((times, runs))
            })
        })
        .collect();
    let (mut times, mut runs) = (Vec::new(), 0);
    for task in tasks {
        let (some, ran) = task.await??;
        times.extend(some);
        runs += ran;
    }
    let again = match runs - times.len() as u64 {
        0 => String::new(),
        again => format!(" ({again} runs more for {} of them)", times.len()),
    };
    told(&format!("{what}{again}"), times, begun.elapsed());
    Ok(())
}

/// The same on a database of one machine, each write on the disk before it is told.
async fn by_itself(one: &Db, tasks: usize) -> Result<()> {
    let begun = Instant::now();
    let write = |task: usize| {
        let one = one.clone();
        async move {
            let mut times = Vec::new();
            while begun.elapsed() < FOR {
                let begun = Instant::now();
                one.insert(Book::builder().title("written").pages(task as i64)).await?;
                times.push(begun.elapsed());
            }
            Ok::<_, sqliter::Error>(times)
        }
    };
    let running: Vec<_> = (0..tasks).map(|task| tokio::spawn(write(task))).collect();
    let mut times = Vec::new();
    for task in running {
        times.extend(task.await??);
    }
    told(&format!("one machine by itself, {tasks} tasks insert"), times, begun.elapsed());
    Ok(())
}

fn told(what: &str, mut times: Vec<Duration>, took: Duration) {
    times.sort();
    let at = |part: f64| times[((times.len() - 1) as f64 * part) as usize];
    let each_second = times.len() as f64 / took.as_secs_f64();
    println!("{what}: {each_second:.0} a second; median {:.1?}, p99 {:.1?}", at(0.5), at(0.99));
}
