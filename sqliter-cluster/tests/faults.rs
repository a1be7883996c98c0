//! Nodes that are killed and held up while programs write. Every write has a name of its own, so that one that is lost or done twice
//! is seen.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use sqliter::prelude::*;
use sqliter_cluster::local::Nodes;
use sqliter_cluster::{Cluster, Error, dump};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio::time::sleep;

/// Nothing in the table keeps an entry from being there twice.
#[derive(Debug, Clone, PartialEq, Model)]
struct Entry {
    pk: Key<Entry>,
    writer: i64,
    number: i64,
}

/// Programs that write without a pause, and what they were told.
struct Writers {
    told: Arc<Told>,
    tasks: Vec<JoinHandle<()>>,
}

#[derive(Default)]
struct Told {
    stop: AtomicBool,
    /// The entries that were written, by what the cluster said, with the time when the write was begun and when it was told.
    written: Mutex<Vec<((i64, i64), Instant, Instant)>>,
    unknown: Mutex<Vec<((i64, i64), String)>>,
    refused: AtomicU64,
}

impl Writers {
    /// One beside each node.
    async fn start(nodes: &Nodes) -> Self {
        let told = Arc::new(Told::default());
        let mut tasks = Vec::new();
        for writer in 1..=3_i64 {
            let cluster = nodes.cluster(writer as u64).await.unwrap();
            tasks.push(tokio::spawn(write(cluster, writer, Arc::clone(&told))));
        }
        Self { told, tasks }
    }

    fn number(&self) -> usize {
        self.told.written.lock().unwrap().len()
    }

    async fn until_further(&self, number: usize) {
        let until = Instant::now() + Duration::from_secs(60);
        let enough = self.number() + number;
        while self.number() < enough {
            assert!(Instant::now() < until, "nothing is written any more: {:?}", self.told.unknown.lock().unwrap());
            sleep(Duration::from_millis(5)).await;
        }
    }

    /// How long after a moment the first write was told that was begun after it.
    async fn failover(&self, since: Instant) -> Duration {
        let until = Instant::now() + Duration::from_secs(60);
        loop {
            let first = self.told.written.lock().unwrap().iter().find(|(_, begun, _)| *begun > since).map(|it| it.2);
            match first {
                Some(told) => return told - since,
                None => assert!(Instant::now() < until, "no failover: {:?}", self.told.unknown.lock().unwrap()),
            }
            sleep(Duration::from_millis(5)).await;
        }
    }

    async fn stop(self) -> Arc<Told> {
        self.told.stop.store(true, Ordering::Relaxed);
        for task in self.tasks {
            task.await.unwrap();
        }
        self.told
    }
}

async fn write(cluster: Cluster, writer: i64, told: Arc<Told>) {
    for number in 0.. {
        if told.stop.load(Ordering::Relaxed) {
            return;
        }
        let begun = Instant::now();
        let insert = cluster.write(cluster.db().insert(Entry::builder().writer(writer).number(number))).await.map(drop);
        match insert {
            // One that is behind is written: its own node is not there.
            Ok(()) | Err(Error::Behind { .. }) => {
                told.written.lock().unwrap().push(((writer, number), begun, Instant::now()));
            }
            Err(Error::Refused { reason }) => {
                eprintln!("refused: {reason}");
                told.refused.fetch_add(1, Ordering::Relaxed);
            }
            Err(error) => told.unknown.lock().unwrap().push(((writer, number), error.to_string())),
        }
    }
}

async fn nodes_with_table() -> (TempDir, Nodes) {
    let folder = TempDir::new().unwrap();
    let nodes = Nodes::start(folder.path()).await.unwrap();
    nodes.cluster(1).await.unwrap().create_tables::<(Entry,)>().await.unwrap();
    (folder, nodes)
}

/// No write that was told is lost, none is there twice, and all nodes hold the same.
async fn check(nodes: &Nodes, told: &Told) {
    let mut dumps = Vec::new();
    for id in 1..=3 {
        let cluster = nodes.cluster(id).await.unwrap();
        cluster.barrier().await.unwrap();
        let mut there = BTreeMap::<(i64, i64), u64>::new();
        for entry in cluster.db().select::<Entry>().fetch_all().await.unwrap() {
            *there.entry((entry.writer, entry.number)).or_default() += 1;
        }
        let twice: Vec<_> = there.iter().filter(|(_, times)| **times > 1).collect();
        assert!(twice.is_empty(), "written twice on node {id}: {twice:?}");
        let written: BTreeSet<_> = told.written.lock().unwrap().iter().map(|(entry, ..)| *entry).collect();
        let lost: Vec<_> = written.iter().filter(|entry| !there.contains_key(entry)).collect();
        assert!(lost.is_empty(), "lost on node {id}: {lost:?}");
        let unknown: BTreeSet<_> = told.unknown.lock().unwrap().iter().map(|(entry, _)| *entry).collect();
        let untold: Vec<_> = there.keys().filter(|it| !written.contains(it) && !unknown.contains(it)).collect();
        assert!(untold.is_empty(), "there on node {id}, and nobody was told: {untold:?}");
        dumps.push(dump(&nodes.file(id)).unwrap());
    }
    assert!(dumps[0] == dumps[1] && dumps[0] == dumps[2], "the nodes hold different rows");
    assert_eq!(told.refused.load(Ordering::Relaxed), 0);
}

fn told_in_short(what: &str, mut times: Vec<Duration>, told: &Told) {
    times.sort();
    let (written, unknown) = (told.written.lock().unwrap().len(), told.unknown.lock().unwrap().len());
    let middle = times.get(times.len() / 2);
    println!(
        "{what}: {} times; {written} writes told, {unknown} unknown, none lost, none twice, the nodes are equal; \
        until the next write: median {middle:.1?}, longest {:.1?}",
        times.len(),
        times.last()
    );
}

fn signal(nodes: &Nodes, id: u64, signal: &str) {
    let pid = nodes.pid(id).unwrap().to_string();
    assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_write_is_lost_or_done_twice_when_leaders_are_killed() {
    let kills = std::env::var("KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(5);
    let (_folder, mut nodes) = nodes_with_table().await;
    let writers = Writers::start(&nodes).await;
    let mut times = Vec::new();
    for _ in 0..kills {
        writers.until_further(30).await;
        let leader = nodes.leader().await.unwrap();
        let killed = Instant::now();
        nodes.kill(leader).unwrap();
        times.push(writers.failover(killed).await);
        nodes.start_node(leader).unwrap();
        nodes.until_whole(Duration::from_secs(60)).await.unwrap();
    }
    let told = writers.stop().await;
    check(&nodes, &told).await;
    told_in_short("SIGKILL of the leader", times.clone(), &told);
    // hiqlite's client looks for the new leader every second, and after five times every five seconds.
    assert!(times.iter().all(|time| *time < Duration::from_secs(30)), "{times:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_write_is_lost_or_done_twice_when_nodes_stand_still() {
    let (_folder, nodes) = nodes_with_table().await;
    let writers = Writers::start(&nodes).await;
    let mut times = Vec::new();
    for which in ["leader", "follower"] {
        writers.until_further(30).await;
        let leader = nodes.leader().await.unwrap();
        let id = if which == "leader" { leader } else { (1..=3).find(|id| *id != leader).unwrap() };
        let stopped = Instant::now();
        signal(&nodes, id, "-STOP");
        sleep(Duration::from_secs(5)).await;
        signal(&nodes, id, "-CONT");
        times.push(writers.failover(stopped).await);
        nodes.until_whole(Duration::from_secs(60)).await.unwrap();
    }
    let told = writers.stop().await;
    check(&nodes, &told).await;
    told_in_short("SIGSTOP for 5 s", times.clone(), &told);
    assert!(times.iter().all(|time| *time < Duration::from_secs(10)), "{times:?}");
}
