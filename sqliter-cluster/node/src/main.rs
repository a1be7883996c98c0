//! One node of a cluster: hiqlite with a database file, and a Unix socket for the program beside it.

mod checked;
mod dates;
mod functions;
mod leader;
mod options;
mod travels;
mod writes;

use std::io;
use std::process::ExitCode;
use std::sync::Arc;

use hiqlite::{LogSync, NodeConfig, RaftConfig};
use sqliter_cluster_wire::{Answer, CREATE_LOG, CREATE_WRITES, Request, State, receive, send};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::Notify;

use leader::Clients;
use options::Options;

/// The name of the database file.
const FILE: &str = "main.db";
/// A log file of hiqlite must have room for the longest message; else hiqlite ends with a panic.
const LOG_FILE: u32 = 4 * sqliter_cluster_wire::LONGEST as u32;

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> ExitCode {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env();
    tracing_subscriber::fmt().with_env_filter(filter.unwrap_or_else(|_| "warn".into())).with_writer(io::stderr).init();
    let options = match Options::of_program() {
        Ok(options) => options,
        Err(error) => {
            eprintln!("error: {error}\n\n{}", options::USAGE);
            return ExitCode::from(2);
        }
    };
    match run(options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// What every request needs.
struct Node {
    id: u64,
    file: String,
    clients: Clients,
    ends: Notify,
}

async fn run(options: Options) -> Result<(), Failure> {
    functions::give_to_every_connection()?;
    std::fs::create_dir_all(&options.data)?;
    let data = options.data.canonicalize()?;
    let data = data.to_str().ok_or("the path of the data is not UTF-8")?.to_owned();
    let config = NodeConfig {
        node_id: options.id,
        nodes: options.nodes.clone(),
        listen_addr_api: options.listen.clone().into(),
        listen_addr_raft: options.listen.into(),
        data_dir: data.clone().into(),
        filename_db: FILE.into(),
        // Else a write that was told to be done may be gone after a loss of power.
        wal_sync: LogSync::Immediate,
        wal_size: LOG_FILE,
        secret_raft: options.secret.clone(),
        secret_api: options.secret.clone(),
        raft_config: RaftConfig {
            // A third of hiqlite's, so that a leader that is gone is missed sooner.
            heartbeat_interval: 200,
            election_timeout_min: 600,
            election_timeout_max: 1200,
            ..NodeConfig::default_raft_config(options.snapshot_after)
        },
        ..NodeConfig::default()
    };
    let client = hiqlite::start_node(config).await?;
    client.wait_until_healthy_db().await;
    let tables = || [CREATE_WRITES, CREATE_LOG].map(|create| (create, vec![]));
    while let Err(error) = client.txn(tables()).await {
        eprintln!("the cluster does not write yet: {error}");
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    }

    let file = format!("{data}/state_machine/db/{FILE}");
    let clients = Clients::new(options.id, client, options.nodes, options.secret);
    let node = Arc::new(Node { id: options.id, file, clients, ends: Notify::new() });
    // One that a node has left behind that was killed.
    match std::fs::remove_file(&options.socket) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    let listener = UnixListener::bind(&options.socket)?;
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let (stream, _) = accepted?;
                tokio::spawn(serve(stream, Arc::clone(&node)));
            }
            () = node.ends.notified() => break,
            _ = tokio::signal::ctrl_c() => {
                node.clients.own().shutdown().await?;
                break;
            }
        }
    }
    std::fs::remove_file(&options.socket)?;
    Ok(())
}

/// Answers what a program asks on one connection, one request after the other.
async fn serve(mut stream: UnixStream, node: Arc<Node>) {
    loop {
        let request = match receive::<Request>(&mut stream).await {
            Ok(Some(request)) => request,
            Ok(None) => return,
            Err(error) => return eprintln!("a request cannot be read: {error}"),
        };
        let answer = match request {
            Request::Write { token, kind, statements } => writes::write(&node, token, kind, statements).await,
            Request::State => state(&node).await,
            Request::Barrier => writes::barrier(&node).await,
            Request::Watch => continue,
            Request::Stop => match node.clients.own().shutdown().await {
                Ok(()) => Answer::Stopped,
                Err(error) => Answer::Unknown { reason: error.to_string() },
            },
        };
        let stops = matches!(answer, Answer::Stopped);
        if let Err(error) = send(&mut stream, &answer).await {
            eprintln!("an answer cannot be sent: {error}");
        }
        if stops {
            return node.ends.notify_one();
        }
    }
}

async fn state(node: &Node) -> Answer {
    match node.clients.own().metrics_db().await {
        Ok(metrics) => Answer::State(State {
            node: node.id,
            leader: metrics.current_leader,
            term: metrics.current_term,
            applied: metrics.last_applied.map(|entry| entry.index),
            voters: metrics.membership_config.membership().voter_ids().count(),
            file: node.file.clone(),
        }),
        Err(error) => Answer::Unknown { reason: error.to_string() },
    }
}
