//! The other machines.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use openraft::error::{Fatal, RPCError, RaftError, ReplicationClosed, StreamingError, Unreachable};
use openraft::network::{Backoff, RPCOption, RaftNetwork, RaftNetworkFactory};
use openraft::raft::{AppendEntriesRequest, AppendEntriesResponse, SnapshotResponse, VoteRequest, VoteResponse};
use openraft::{AnyError, BasicNode, EntryPayload};
use sqliter_cluster_wire::{receive, send};
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;

use super::messages::{Answer, Hello, Request};
use super::types::{Entry, LogId, Snapshot, Types, Vote};

/// How long a copy of the database may make no progress.
pub(super) const STANDSTILL: Duration = Duration::from_secs(30);
/// How long a message with so many bytes may be on its way, and its answer. What comes later is as if it were lost: the link may have
/// been cut.
pub(super) fn on_its_way(bytes: usize) -> Duration {
    const SLOWEST: f64 = 100_000.0; // bytes a second
    Duration::from_secs(2) + Duration::from_secs_f64(bytes as f64 / SLOWEST)
}

/// How long a machine that cannot be reached is left alone.
const BACKOFF: Duration = Duration::from_millis(100);
/// A machine that has answered nothing for so long must answer first, before it is sent entries and heartbeats.
const SILENCE: Duration = Duration::from_millis(500);

/// Connections to the other machines. One that was used is kept for the next request.
#[derive(Debug)]
pub(super) struct Peers {
    secret: String,
    addresses: Mutex<BTreeMap<u64, String>>,
    idle: Mutex<BTreeMap<u64, Vec<TcpStream>>>,
    /// When each machine has answered last.
    answered: Mutex<BTreeMap<u64, Instant>>,
    /// Where connections live, whatever runtime somebody asks from.
    runtime: Handle,
}

impl Peers {
    pub(super) fn new(secret: String, addresses: BTreeMap<u64, String>, runtime: Handle) -> Self {
        let (idle, answered) = Default::default();
        Self { secret, addresses: Mutex::new(addresses), idle, answered, runtime }
    }

    /// Learns the address of a machine that came later. What the program has set counts more.
    fn learn(&self, id: u64, address: &str) {
        let mut addresses = self.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        addresses.entry(id).or_insert_with(|| address.to_owned());
    }

    /// Asks a machine. If this is dropped before it returns, the connection is closed.
    pub(super) async fn ask(self: &Arc<Self>, id: u64, request: Request) -> io::Result<Answer> {
        let this = Arc::clone(self);
        let mut asking = JoinSet::new();
        asking.spawn_on(async move { this.ask_here(id, &request).await }, &self.runtime);
        match asking.join_next().await {
            Some(Ok(answer)) => answer,
            Some(Err(error)) => Err(io::Error::other(error)),
            None => Err(io::ErrorKind::Interrupted.into()),
        }
    }

    async fn ask_here(&self, id: u64, request: &Request) -> io::Result<Answer> {
        // One that was kept may have been closed at the other end since. Whether the request came there is not known; all of them may
        // be sent again.
        while let Some(mut stream) = self.kept(id) {
            if let Ok(answer) = exchange(&mut stream, request).await {
                self.keep(id, stream);
                return Ok(answer);
            }
        }
        let mut stream = self.connect(id).await?;
        let answer = exchange(&mut stream, request).await?;
        self.keep(id, stream);
        Ok(answer)
    }

    /// Has a machine answer that has not answered for long. Where it hears this one, and nothing comes back, it must hear nothing at all:
    /// heartbeats of a leader that cannot be answered would keep the others from choosing another one.
    async fn is_heard(self: &Arc<Self>, id: u64) -> io::Result<()> {
        let answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner).get(&id).copied();
        if answered.is_some_and(|answered| answered.elapsed() < SILENCE) {
            return Ok(());
        }
        // It goes on where openraft gives up after a heartbeat, as the link may be slow.
        let this = Arc::clone(self);
        let asking = async move { timeout(on_its_way(0), this.ask_here(id, &Request::Hear)).await? };
        self.runtime.spawn(asking).await.map_err(io::Error::other)?.map(drop)
    }

    async fn connect(&self, id: u64) -> io::Result<TcpStream> {
        let address = self.addresses.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned();
        let address =
            address.ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, format!("machine {id} has no address")))?;
        let mut stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        send(&mut stream, &Hello { secret: self.secret.clone(), to: id }).await?;
        Ok(stream)
    }

    fn kept(&self, id: u64) -> Option<TcpStream> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).get_mut(&id)?.pop()
    }

    fn keep(&self, id: u64, stream: TcpStream) {
        self.answered.lock().unwrap_or_else(PoisonError::into_inner).insert(id, Instant::now());
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).entry(id).or_default().push(stream);
    }

    /// Sends a copy of the database over a connection of its own.
    async fn send_copy(&self, id: u64, vote: Vote, snapshot: Snapshot) -> io::Result<Answer> {
        let mut file = File::from_std(snapshot.snapshot.file);
        let length = file.seek(io::SeekFrom::End(0)).await?;
        file.rewind().await?;
        let mut stream = self.connect(id).await?;
        send(&mut stream, &Request::Snapshot { vote, meta: snapshot.meta, length }).await?;
        let mut some = vec![0; 64 * 1024];
        loop {
            let read = file.read(&mut some).await?;
            if read == 0 {
                break;
            }
            let part = some.get(..read).unwrap_or_default();
            timeout(STANDSTILL, stream.write_all(part)).await??;
        }
        timeout(STANDSTILL, receive(&mut stream)).await??.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }
}

async fn exchange(stream: &mut TcpStream, request: &Request) -> io::Result<Answer> {
    send(stream, request).await?;
    receive(stream).await?.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
}

/// One machine, for openraft.
#[derive(Debug)]
pub(super) struct Peer {
    id: u64,
    peers: Arc<Peers>,
    sending: Option<Sending>,
}

/// Entries that are on their way. openraft gives up after one heartbeat and sends them again, with what has come meanwhile; over a
/// slow link none would ever arrive. So they go on, and the answer counts for whatever begins with them.
#[derive(Debug)]
struct Sending {
    vote: Vote,
    after: Option<LogId>,
    last: LogId,
    answer: JoinHandle<io::Result<Answer>>,
}

impl Drop for Sending {
    fn drop(&mut self) {
        self.answer.abort();
    }
}

impl Sending {
    fn is_beginning_of(&self, request: &AppendEntriesRequest<Types>) -> bool {
        self.vote == request.vote
            && self.after == request.prev_log_id
            && request.entries.iter().any(|entry| entry.log_id == self.last)
    }
}

impl Peer {
    async fn ask<E: std::error::Error>(&self, request: Request) -> Result<Answer, RPCError<u64, BasicNode, E>> {
        self.peers.ask(self.id, request).await.map_err(|error| unreachable(&error))
    }

    fn send(&self, request: AppendEntriesRequest<Types>, last: LogId) -> Sending {
        let (vote, after, id, peers) = (request.vote, request.prev_log_id, self.id, Arc::clone(&self.peers));
        let size = |entry: &Entry| match &entry.payload {
            EntryPayload::Normal(proposal) => proposal.bytes.len(),
            _ => 0,
        };
        let within = on_its_way(request.entries.iter().map(size).sum());
        let answer = tokio::spawn(async move { timeout(within, peers.ask(id, Request::Append(request))).await? });
        Sending { vote, after, last, answer }
    }
}

fn unreachable<E: std::error::Error>(error: &io::Error) -> RPCError<u64, BasicNode, E> {
    RPCError::Unreachable(Unreachable::new(error))
}

/// What openraft asks for all peers.
#[derive(Debug, Clone)]
pub(super) struct Network(pub Arc<Peers>);

impl RaftNetworkFactory<Types> for Network {
    type Network = Peer;

    async fn new_client(&mut self, target: u64, node: &BasicNode) -> Peer {
        self.0.learn(target, &node.addr);
        Peer { id: target, peers: Arc::clone(&self.0), sending: None }
    }
}

impl RaftNetwork<Types> for Peer {
    async fn append_entries(
        &mut self,
        request: AppendEntriesRequest<Types>,
        _: RPCOption,
    ) -> Result<AppendEntriesResponse<u64>, RPCError<u64, BasicNode, RaftError<u64>>> {
        self.peers.is_heard(self.id).await.map_err(|error| unreachable(&error))?;
        let Some(last) = request.entries.last().map(|entry| entry.log_id) else {
            return appended(self.ask(Request::Append(request)).await?);
        };
        let sending = match self.sending.take() {
            Some(sending) if sending.is_beginning_of(&request) => sending,
            _ => self.send(request, last),
        };
        let sent = sending.last;
        // Where openraft gives up here, what is on its way is found again.
        let sending = self.sending.insert(sending);
        let answer = (&mut sending.answer).await;
        self.sending = None;
        let answer = answer.unwrap_or_else(|error| Err(io::Error::other(error)));
        match appended(answer.map_err(|error| unreachable(&error))?)? {
            AppendEntriesResponse::Success if sent != last => Ok(AppendEntriesResponse::PartialSuccess(Some(sent))),
            appended => Ok(appended),
        }
    }

    async fn vote(
        &mut self,
        request: VoteRequest<u64>,
        _: RPCOption,
    ) -> Result<VoteResponse<u64>, RPCError<u64, BasicNode, RaftError<u64>>> {
        match self.ask(Request::Vote(request)).await? {
            Answer::Voted(voted) => Ok(voted),
            other => Err(RPCError::Unreachable(unexpected(other))),
        }
    }

    async fn full_snapshot(
        &mut self,
        vote: Vote,
        snapshot: Snapshot,
        cancel: impl Future<Output = ReplicationClosed> + Send + 'static,
        _: RPCOption,
    ) -> Result<SnapshotResponse<u64>, StreamingError<Types, Fatal<u64>>> {
        let sent = tokio::select! {
            sent = self.peers.send_copy(self.id, vote, snapshot) => sent,
            closed = cancel => return Err(StreamingError::Closed(closed)),
        };
        match sent {
            Ok(Answer::Installed(vote)) => Ok(SnapshotResponse::new(vote)),
            Ok(other) => Err(StreamingError::Unreachable(unexpected(other))),
            Err(error) => Err(StreamingError::Unreachable(Unreachable::new(&error))),
        }
    }

    fn backoff(&self) -> Backoff {
        Backoff::new(std::iter::repeat(BACKOFF))
    }
}

fn appended<E: std::error::Error>(answer: Answer) -> Result<AppendEntriesResponse<u64>, RPCError<u64, BasicNode, E>> {
    match answer {
        Answer::Appended(appended) => Ok(appended),
        other => Err(RPCError::Unreachable(unexpected(other))),
    }
}

fn unexpected(answer: Answer) -> Unreachable {
    let reason = match answer {
        Answer::Failed(reason) => reason,
        _ => "the machine has answered what was not asked".to_owned(),
    };
    Unreachable::from(AnyError::error(reason))
}
