//! The order of entries by Raft, with machines that are all in this process.

use std::net::TcpListener;
use std::path::Path;
use std::time::{Duration, Instant};

use sqliter_cluster::{Entry, Error, RaftNode, RaftOptions, Replicator, Token};
use tempfile::TempDir;
use tokio::time::sleep;

fn addresses(number: usize) -> Vec<String> {
    let held: Vec<_> = (0..number).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
    held.iter().map(|held| held.local_addr().unwrap().to_string()).collect()
}

fn options(folder: &Path, id: u64, addresses: &[String]) -> RaftOptions {
    let options = RaftNode::options(id, folder.join(format!("machine{id}.db"))).secret("the same");
    addresses.iter().zip(1..).fold(options, |options, (address, id)| options.member(id, address))
}

async fn machines(folder: &Path, addresses: &[String]) -> Vec<RaftNode> {
    let mut machines = Vec::new();
    for id in 1..=addresses.len() as u64 {
        machines.push(options(folder, id, addresses).start().await.unwrap());
    }
    machines
}

fn token(number: u8) -> Token {
    [number; 16]
}

/// All entries up to the last one that anybody was told of, but for those that say nothing.
async fn all(machine: &RaftNode) -> Vec<Entry> {
    let last = machine.barrier().await.unwrap();
    let (mut all, mut after) = (Vec::new(), 0);
    while after < last {
        for entry in machine.entries(after).await.unwrap() {
            after = entry.number;
            all.push(entry);
        }
    }
    all.retain(|entry| !entry.bytes.is_empty());
    all
}

async fn leader(machines: &[RaftNode]) -> usize {
    let until = Instant::now() + Duration::from_secs(30);
    while Instant::now() < until {
        let leaders: Vec<_> = machines.iter().map(|machine| machine.state().leader).collect();
        if let Some(leader) = leaders[0].filter(|_| leaders.iter().all(|it| *it == leaders[0])) {
            return leader as usize - 1;
        }
        sleep(Duration::from_millis(10)).await;
    }
    panic!("nobody leads");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_order_is_the_same_everywhere_and_stays_after_a_start() {
    let (folder, addresses) = (TempDir::new().unwrap(), addresses(3));
    let nodes = machines(folder.path(), &addresses).await;
    for number in 1..=30_u8 {
        nodes[number as usize % 3].propose(token(number), vec![number]).await.unwrap();
    }
    let first = all(&nodes[0]).await;
    assert_eq!(
        first.iter().map(|entry| entry.bytes.clone()).collect::<Vec<_>>(),
        (1..=30).map(|it| vec![it]).collect::<Vec<_>>()
    );
    assert_eq!(all(&nodes[1]).await, first);
    assert_eq!(all(&nodes[2]).await, first);
    for node in nodes {
        node.close().await.unwrap();
    }
    let nodes = machines(folder.path(), &addresses).await;
    nodes[2].propose(token(31), vec![31]).await.unwrap();
    let again = all(&nodes[1]).await;
    assert_eq!(again[..30], first);
    assert_eq!(again[30].bytes, [31]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proposal_that_is_sent_again_is_handed_on_once() {
    let (folder, addresses) = (TempDir::new().unwrap(), addresses(3));
    let nodes = machines(folder.path(), &addresses).await;
    for number in [1, 2, 1, 1, 3, 2] {
        for node in &nodes {
            node.propose(token(number), vec![number]).await.unwrap();
        }
    }
    for node in &nodes {
        let handed: Vec<_> = all(node).await.into_iter().map(|entry| entry.bytes[0]).collect();
        assert_eq!(handed, [1, 2, 3]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_most_machines_nothing_is_done_and_nothing_is_read() {
    let (folder, addresses) = (TempDir::new().unwrap(), addresses(3));
    let mut nodes = machines(folder.path(), &addresses).await;
    nodes[0].propose(token(1), vec![1]).await.unwrap();
    let leads = leader(&nodes).await;
    let node = nodes.remove(leads);
    for other in nodes {
        other.close().await.unwrap();
    }
    let (proposed, read) = tokio::join!(node.propose(token(2), vec![2]), node.barrier());
    assert!(matches!(proposed, Err(Error::Unknown { .. })), "{proposed:?}");
    assert!(matches!(read, Err(Error::Unknown { .. })), "{read:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_machine_with_another_secret_or_another_number_is_not_heard() {
    let (folder, addresses) = (TempDir::new().unwrap(), addresses(2));
    let one = options(folder.path(), 1, &addresses).start().await.unwrap();
    let other = options(folder.path(), 2, &addresses).secret("another").start().await.unwrap();
    sleep(Duration::from_secs(2)).await;
    assert_eq!((one.state().leader, other.state().leader), (None, None));
    other.close().await.unwrap();
    // With the right one, both are a cluster.
    let other = options(folder.path(), 2, &addresses).start().await.unwrap();
    other.propose(token(1), vec![1]).await.unwrap();
    assert_eq!(all(&one).await, all(&other).await);
    // Who listens there is another machine than who is meant.
    other.close().await.unwrap();
    let stranger = RaftNode::options(3, folder.path().join("stranger.db")).secret("the same").joins();
    let stranger = stranger.member(3, &addresses[1]).start().await.unwrap();
    let term = one.state().term;
    sleep(Duration::from_secs(2)).await;
    assert_eq!(stranger.state().term, 0);
    assert!(one.state().term >= term);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_too_long_is_refused_and_what_fits_is_done() {
    let (folder, addresses) = (TempDir::new().unwrap(), addresses(3));
    let mut nodes = machines(folder.path(), &addresses).await;
    let leads = leader(&nodes).await;
    let away = nodes.remove((leads + 1) % 3);
    let id = away.state().id;
    away.close().await.unwrap();
    let follower = nodes.iter().find(|node| node.state().id != leads as u64 + 1).unwrap();
    let refused = follower.propose(token(1), vec![1; 8 * 1024 * 1024]).await;
    assert!(matches!(refused, Err(Error::Refused { .. })), "{refused:?}");
    let lengths = [900_000, 8 * 1024 * 1024 - 1024, 900_000];
    for (length, number) in lengths.into_iter().zip(2..) {
        follower.propose(token(number), vec![number; length]).await.unwrap();
    }
    let lengths_of = |entries: Vec<Entry>| entries.iter().map(|entry| entry.bytes.len()).collect::<Vec<_>>();
    assert_eq!(lengths_of(all(follower).await), lengths);
    // All of them come to a machine that was away.
    let back = options(folder.path(), id, &addresses).start().await.unwrap();
    assert_eq!(lengths_of(all(&back).await), lengths);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn options_that_cannot_be_are_errors() {
    let folder = TempDir::new().unwrap();
    let addresses = addresses(1);
    let missing = options(folder.path(), 2, &addresses).start().await.unwrap_err();
    assert!(missing.to_string().contains("not among the members"), "{missing}");
    let short = options(folder.path(), 1, &addresses).election(Duration::from_millis(50), Duration::from_millis(60));
    let short = short.start().await.unwrap_err();
    assert!(matches!(short, Error::Local { .. }), "{short}");
    let node = options(folder.path(), 1, &addresses).start().await.unwrap();
    let twice = options(folder.path(), 1, &addresses).start().await.unwrap_err();
    assert!(matches!(twice, Error::Local { .. }), "{twice}");
    // One machine is a cluster too.
    node.propose(token(1), vec![1]).await.unwrap();
    assert_eq!(all(&node).await.len(), 1);
}
