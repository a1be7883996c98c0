//! Answers the other machines.

use std::io;
use std::sync::Arc;

use openraft::error::{CheckIsLeaderError, RaftError};
use openraft::{BasicNode, ChangeMembers};
use sqliter_cluster_wire::{Token, receive, send};
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::messages::{Answer, Hello, Request};
use super::peers::STANDSTILL;
use super::types::{Proposal, Raft, Snapshot, SnapshotMeta, Vote};

#[derive(Clone)]
pub(super) struct Server {
    pub id: u64,
    pub secret: Arc<str>,
    pub raft: Raft,
}

impl Server {
    /// Answers until it is dropped.
    pub(super) async fn run(self, listener: TcpListener) {
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => {
                        connections.spawn(self.clone().serve(stream));
                    }
                    // There are too many files open: others will be closed.
                    Err(_) => tokio::time::sleep(std::time::Duration::from_millis(50)).await,
                },
                Some(_) = connections.join_next() => {}
            }
        }
    }

    /// Answers one machine, until it closes the connection or breaks off.
    async fn serve(self, mut stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        match timeout(STANDSTILL, receive::<Hello>(&mut stream)).await?? {
            Some(hello) if hello.to == self.id && is_same(&hello.secret, &self.secret) => {}
            _ => return Ok(()),
        }
        while let Some(request) = receive::<Request>(&mut stream).await? {
            let answer = match request {
                Request::Snapshot { vote, meta, length } => self.install(vote, meta, length, &mut stream).await?,
                request => self.answer(request).await,
            };
            send(&mut stream, &answer).await?;
        }
        Ok(())
    }

    async fn answer(&self, request: Request) -> Answer {
        let answered = match request {
            Request::Hear => Ok(Answer::Done),
            Request::Append(append) => self.raft.append_entries(append).await.map(Answer::Appended).map_err(said),
            Request::Vote(vote) => self.raft.vote(vote).await.map(Answer::Voted).map_err(said),
            Request::Propose(proposal) => self.propose(proposal).await,
            Request::Barrier => self.barrier().await.map(Answer::Number),
            Request::Add { id, address } => self.add(id, address).await,
            Request::Snapshot { .. } => Err("a copy comes by itself".to_owned()),
        };
        answered.unwrap_or_else(Answer::Failed)
    }

    pub(super) async fn propose(&self, proposal: Proposal) -> Result<Answer, String> {
        self.raft.client_write(proposal).await.map(|_| Answer::Done).map_err(said)
    }

    /// Asks most of the others whether this machine still leads. Where they take longer than a heartbeat, an entry that says nothing
    /// is brought into the order: then it does.
    pub(super) async fn barrier(&self) -> Result<u64, String> {
        match self.raft.get_read_log_id().await {
            Ok((number, _)) => Ok(number.map_or(0, |id| id.index)),
            Err(RaftError::APIError(CheckIsLeaderError::QuorumNotEnough(_))) => {
                let nothing = Proposal { token: Token::default(), bytes: Vec::new() };
                Ok(self.raft.client_write(nothing).await.map_err(said)?.log_id.index)
            }
            Err(error) => Err(said(error)),
        }
    }

    /// First the machine learns what there is, then it votes.
    pub(super) async fn add(&self, id: u64, address: String) -> Result<Answer, String> {
        self.raft.add_learner(id, BasicNode::new(address), true).await.map_err(said)?;
        let voters = ChangeMembers::AddVoterIds([id].into());
        self.raft.change_membership(voters, true).await.map(|_| Answer::Done).map_err(said)
    }

    async fn install(&self, vote: Vote, meta: SnapshotMeta, length: u64, from: &mut TcpStream) -> io::Result<Answer> {
        let mut copy = match self.raft.begin_receiving_snapshot().await {
            Ok(copy) => copy,
            Err(error) => return Ok(Answer::Failed(said(error))),
        };
        let mut file = File::from_std(copy.file.try_clone()?);
        let (mut some, mut left) = (vec![0; 64 * 1024], length);
        while left > 0 {
            let most = usize::try_from(left).unwrap_or(usize::MAX).min(some.len());
            let read = timeout(STANDSTILL, from.read(&mut some[..most])).await??;
            if read == 0 {
                std::fs::remove_file(&copy.path)?;
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            file.write_all(&some[..read]).await?;
            left -= read as u64;
        }
        file.sync_all().await?;
        copy.file = file.into_std().await;
        let installed = self.raft.install_full_snapshot(vote, Snapshot { meta, snapshot: copy }).await;
        Ok(installed.map_or_else(|error| Answer::Failed(said(error)), |it| Answer::Installed(it.vote)))
    }
}

fn said(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// Takes the same time whatever is wrong.
fn is_same(one: &str, other: &str) -> bool {
    let differing = one.bytes().zip(other.bytes()).fold(0, |differing, (one, other)| differing | (one ^ other));
    one.len() == other.len() && differing == 0
}
