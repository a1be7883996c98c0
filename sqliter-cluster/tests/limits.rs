//! What hiqlite does not bear. Each test shows the defect as it is: it fails once there is none any more. They take about a minute
//! each: `sqliter-cluster/test --test limits -- --ignored`.

use std::process::Command;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use sqliter::prelude::*;
use sqliter_cluster::dump;
use sqliter_cluster::local::Nodes;
use tempfile::TempDir;
use tokio::time::sleep;

#[derive(Debug, Clone, PartialEq, Model)]
struct Note {
    pk: Key<Note>,
    text: String,
}

async fn nodes_with_table(snapshot_after: u64) -> (TempDir, Nodes, u64) {
    let folder = TempDir::new().unwrap();
    let nodes = Nodes::start_with(folder.path(), snapshot_after).await.unwrap();
    nodes.cluster(1).await.unwrap().create_tables::<(Note,)>().await.unwrap();
    let leader = nodes.leader().await.unwrap();
    let follower = (1..=3).find(|id| *id != leader).unwrap();
    (folder, nodes, follower)
}

fn note(text: &str) -> impl Draft<Model = Note> {
    Note::builder().text(text)
}

/// A busy timeout of half a minute is the result of the entry on that node, and nobody looks at it.
#[tokio::test]
#[ignore = "takes 40 s"]
async fn a_write_is_missing_on_a_node_whose_file_somebody_locked_for_half_a_minute() {
    let (_folder, nodes, follower) = nodes_with_table(10_000).await;
    let leader = nodes.leader().await.unwrap();
    let cluster = nodes.cluster(leader).await.unwrap();
    nodes.cluster(follower).await.unwrap().barrier().await.unwrap();
    let locks = Connection::open(nodes.file(follower)).unwrap();
    locks.execute_batch("BEGIN IMMEDIATE").unwrap();
    cluster.write(cluster.db().insert(note("lost"))).await.unwrap();
    sleep(Duration::from_secs(35)).await;
    locks.execute_batch("ROLLBACK").unwrap();
    cluster.write(cluster.db().insert(note("there"))).await.unwrap();
    let until = Instant::now() + Duration::from_secs(10);
    let beside = nodes.cluster(follower).await.unwrap();
    let there = async || beside.db().select::<Note>().order(|n| n.pk.asc()).only(|n| n.text).fetch_all().await.unwrap();
    while there().await.is_empty() && Instant::now() < until {
        sleep(Duration::from_millis(50)).await;
    }
    println!("the leader has lost and there; the node whose file was locked has {:?}", there().await);
    assert_eq!(there().await, ["there"]);
    assert_ne!(dump(&nodes.file(leader)).unwrap(), dump(&nodes.file(follower)).unwrap());
}

/// A node that stood still for too long is sent the whole database. Then it cannot read its own log, and its Raft ends; the process
/// goes on and answers. Nobody reads its file meanwhile. When it is killed and started again, it comes back.
#[tokio::test]
#[ignore = "takes a minute"]
async fn a_node_that_was_far_behind_follows_no_more_until_it_is_started_again() {
    let (folder, mut nodes, follower) = nodes_with_table(20).await;
    let leader = nodes.leader().await.unwrap();
    let cluster = nodes.cluster(leader).await.unwrap();
    let pid = nodes.pid(follower).unwrap().to_string();
    let signal = |signal: &str| assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
    signal("-STOP");
    for number in 0..200 {
        cluster.write(cluster.db().insert(note(&format!("n{number}")))).await.unwrap();
    }
    signal("-CONT");
    sleep(Duration::from_secs(20)).await;
    let (ahead, behind) = (nodes.state(leader).await.unwrap(), nodes.state(follower).await.unwrap());
    println!("the leader has applied {:?}, the node {:?}", ahead.applied, behind.applied);
    let log = std::fs::read_to_string(folder.path().join(format!("node{follower}.log"))).unwrap();
    let error = log.lines().find(|line| line.contains("quit RaftCore")).unwrap_or_default();
    println!("{error}");
    assert!(behind.applied < ahead.applied && error.contains("Read Logs"), "it comes back by itself now");

    nodes.kill(follower).unwrap();
    nodes.start_node(follower).unwrap();
    nodes.until_whole(Duration::from_secs(60)).await.unwrap();
    let beside = nodes.cluster(follower).await.unwrap();
    beside.barrier().await.unwrap();
    assert_eq!(beside.db().select::<Note>().count().await.unwrap(), 200);
}
