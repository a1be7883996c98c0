//! The order of entries by Raft within the program, on openraft: no other program and no other SQLite.

mod copies;
mod log;
mod messages;
mod options;
mod peers;
mod server;
mod state;
mod types;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use openraft::BasicNode;
use openraft::error::{InitializeError, RaftError};
use serde::{Deserialize, Serialize};
use sqliter_cluster_wire::{LONGEST, Token};
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::sync::{Mutex, watch};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use self::log::Log;
use self::messages::{Answer, Request};
pub use self::options::RaftOptions;
use self::peers::{Network, Peers, on_its_way};
use self::server::Server;
use self::state::Database;
use self::types::{Proposal, Raft};
use crate::error::{Error, Result};
use crate::replicator::{Entry, Replicator};

/// For how long something is tried, while leaders come and go.
const WITHIN: Duration = Duration::from_secs(20);
/// For how long a machine may take to learn what there is.
const JOINING: Duration = Duration::from_secs(600);
const PAUSE: Duration = Duration::from_millis(20);
/// For how long nothing may come before whoever asks for entries is told so.
const NEWS: Duration = Duration::from_millis(50);
/// What a message has beside the bytes of a proposal.
const ENVELOPE: usize = 1024;

/// A machine of a cluster that brings entries into one order, for a [`Replica`](crate::Replica) whose file is the database.
pub struct RaftNode {
    id: u64,
    database: PathBuf,
    raft: Raft,
    log: Log,
    server: Server,
    peers: Arc<Peers>,
    serving: JoinHandle<()>,
    committed: Arc<watch::Sender<u64>>,
    handed: Arc<Mutex<u64>>,
    installed: Arc<AtomicU64>,
    is_closed: Arc<AtomicBool>,
}

/// What a machine knows of the cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RaftState {
    /// The machine that is asked.
    pub id: u64,
    /// Who leads, as far as it knows.
    pub leader: Option<u64>,
    /// Rises with each leader.
    pub term: u64,
    /// Who votes.
    pub voters: Vec<u64>,
    /// The last entry of its log.
    pub last: Option<u64>,
    /// The last entry that it knows to be in the order for good.
    pub committed: u64,
    /// The last entry that was cut off from its log.
    pub purged: Option<u64>,
    /// Why it takes part no more: its disk has failed. It does again after a start.
    pub stopped: Option<String>,
}

impl RaftNode {
    /// How a machine starts, whose number is unlike those of the others, and whose [`Replica`](crate::Replica) has this file.
    pub fn options(id: u64, database: impl Into<PathBuf>) -> RaftOptions {
        RaftOptions::new(id, database.into())
    }

    async fn start(options: RaftOptions) -> Result<Self> {
        let id = options.id;
        let config = options.config().map_err(|error| failed("options", io::Error::other(error)))?;
        let own = options.members.get(&id).ok_or_else(|| {
            let missing = format!("machine {id} is not among the members");
            failed("options", io::Error::new(io::ErrorKind::InvalidInput, missing))
        })?;
        let listener = TcpListener::bind(own).await.map_err(|error| failed(own, error))?;
        let folder = options.folder.clone();
        std::fs::create_dir_all(&folder).map_err(|error| failed(&folder.to_string_lossy(), error))?;
        let log = Log::open(&folder.join("log.db"))?;
        copies::sync(&folder).map_err(|error| failed(&folder.to_string_lossy(), error))?;
        let database = Database::new(folder, options.database.clone(), log.clone());
        let (committed, handed) = (Arc::clone(&database.committed), Arc::clone(&database.handed));
        let (installed, is_closed) = (Arc::clone(&database.installed), Arc::clone(&database.is_closed));
        database.recover().await.map_err(stopped)?;
        let mut addresses = options.members.clone();
        addresses.extend(options.links);
        let peers = Arc::new(Peers::new(options.secret.clone(), addresses, Handle::current()));
        let raft = Raft::new(id, Arc::new(config), Network(Arc::clone(&peers)), log.clone(), database).await;
        let raft = raft.map_err(stopped)?;
        let server = Server { id, secret: options.secret.into(), raft: raft.clone() };
        let serving = tokio::spawn(server.clone().run(listener));
        let database = options.database;
        let node = Self { id, database, raft, log, server, peers, serving, committed, handed, installed, is_closed };
        if !options.joins {
            let members = options.members.into_iter().map(|(id, address)| (id, BasicNode::new(address)));
            node.begin(members.collect()).await?;
        }
        Ok(node)
    }

    /// Where nothing is in the log yet, the members are its first entry, which is the same on all of them.
    async fn begin(&self, members: std::collections::BTreeMap<u64, BasicNode>) -> Result<()> {
        match self.raft.initialize(members).await {
            Ok(()) | Err(RaftError::APIError(InitializeError::NotAllowed(_))) => Ok(()),
            Err(error) => Err(stopped(error)),
        }
    }

    /// The file of the [`Replica`](crate::Replica).
    pub fn database(&self) -> &Path {
        &self.database
    }

    /// What this machine knows of the cluster.
    pub fn state(&self) -> RaftState {
        let metrics = self.raft.metrics();
        let metrics = metrics.borrow();
        RaftState {
            id: self.id,
            leader: metrics.current_leader,
            term: metrics.current_term,
            voters: metrics.membership_config.voter_ids().collect(),
            last: metrics.last_log_index,
            committed: *self.committed.borrow(),
            purged: metrics.purged.map(|id| id.index),
            stopped: metrics.running_state.as_ref().err().map(ToString::to_string),
        }
    }

    /// Adds a machine, which was started [to join](RaftOptions::joins). When this returns, it has what was there and votes.
    ///
    /// # Errors
    ///
    /// [`Error::Unknown`] when it does not become a member in time, [`Error::Stopped`].
    pub async fn add(&self, id: u64, address: impl Into<String>) -> Result<()> {
        let address = address.into();
        let asked = || Request::Add { id, address: address.clone() };
        self.of_leader(JOINING, JOINING, asked, || async { self.server.add(id, address.clone()).await }).await.map(drop)
    }

    /// Takes part no more, and closes the log.
    ///
    /// # Errors
    ///
    /// [`Error::Stopped`] when it has already stopped by itself.
    pub async fn close(self) -> Result<()> {
        self.is_closed.store(true, Ordering::Relaxed);
        self.serving.abort();
        self.raft.shutdown().await.map_err(stopped)
    }

    /// Asks the leader, whoever it is, until it answers, each time for so long. What is asked may come to it several times.
    async fn of_leader<F: Future<Output = std::result::Result<Answer, String>>>(
        &self,
        within: Duration,
        attempt: Duration,
        request: impl Fn() -> Request,
        here: impl Fn() -> F,
    ) -> Result<Answer> {
        let until = Instant::now() + within;
        let mut metrics = self.raft.metrics();
        let mut reason = "no machine leads".to_owned();
        while Instant::now() < until {
            if let Err(fatal) = &metrics.borrow_and_update().running_state {
                return Err(stopped(fatal));
            }
            let leader = metrics.borrow().current_leader;
            let left = until.saturating_duration_since(Instant::now());
            let answer = match leader {
                Some(leader) if leader == self.id => timeout(left, here()).await.ok(),
                Some(leader) => {
                    let asking = async { self.peers.ask(leader, request()).await.map_err(|error| error.to_string()) };
                    tokio::select! {
                        answer = timeout(left.min(attempt), asking) => {
                            Some(answer.unwrap_or_else(|_| Err(format!("machine {leader} does not answer"))))
                        }
                        _ = metrics.wait_for(|now| now.current_leader != Some(leader) || now.running_state.is_err()) => {
                            Some(Err("the leader has changed".to_owned()))
                        }
                    }
                }
                None => Some(Err("no machine leads".to_owned())),
            };
            match answer {
                Some(Ok(Answer::Failed(why)) | Err(why)) => reason = why,
                Some(Ok(answer)) => return Ok(answer),
                None => break,
            }
            sleep(PAUSE).await;
        }
        Err(Error::Unknown { within, reason })
    }
}

impl Replicator for RaftNode {
    /// The token keeps a proposal that was sent again from being handed on twice, as long as the first one is among the entries that
    /// [are kept](RaftOptions::cut_after).
    async fn propose(&self, token: Token, bytes: Vec<u8>) -> Result<()> {
        if bytes.len() + ENVELOPE > LONGEST {
            let reason = format!("{} bytes are more than one message may have", bytes.len());
            return Err(Error::Refused { reason });
        }
        let proposal = Proposal { token, bytes };
        let asked = || Request::Propose(proposal.clone());
        let attempt = on_its_way(proposal.bytes.len());
        match self.of_leader(WITHIN, attempt, asked, || self.server.propose(proposal.clone())).await? {
            Answer::Done => Ok(()),
            _ => Err(Error::Answer),
        }
    }

    async fn barrier(&self) -> Result<i64> {
        let here = || async { self.server.barrier().await.map(Answer::Number) };
        match self.of_leader(WITHIN, on_its_way(0), || Request::Barrier, here).await? {
            Answer::Number(number) => Ok(number.cast_signed()),
            _ => Err(Error::Answer),
        }
    }

    async fn entries(&self, after: i64) -> Result<Vec<Entry>> {
        let after = after.cast_unsigned();
        let mut committed = self.committed.subscribe();
        if timeout(NEWS, committed.wait_for(|committed| *committed > after)).await.is_err() {
            return Ok(Vec::new());
        }
        let mut handed = self.handed.lock().await;
        let installed = self.installed.load(Ordering::Acquire);
        if after < installed {
            return Ok(vec![Entry::nothing(installed.cast_signed())]);
        }
        let committed = *self.committed.borrow();
        let entries = self.log.handed_on(after, committed).await.map_err(stopped)?;
        *handed = entries.last().map_or(*handed, |entry| entry.number.cast_unsigned());
        Ok(entries)
    }
}

impl Drop for RaftNode {
    fn drop(&mut self) {
        self.is_closed.store(true, Ordering::Relaxed);
        self.serving.abort();
    }
}

impl fmt::Debug for RaftNode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RaftNode").field("state", &self.state()).finish_non_exhaustive()
    }
}

fn failed(what: &str, source: io::Error) -> Error {
    Error::Local { what: what.to_owned(), source }
}

fn stopped(reason: impl fmt::Display) -> Error {
    Error::Stopped { reason: reason.to_string() }
}
