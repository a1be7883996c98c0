//! What machines say to each other over TCP: a length of four bytes, then a message.

use openraft::raft::{AppendEntriesRequest, AppendEntriesResponse, VoteRequest, VoteResponse};
use serde::{Deserialize, Serialize};

use super::types::{Proposal, SnapshotMeta, Types, Vote};

/// The first message on a connection. Without the right one, none is answered.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Hello {
    pub secret: String,
    /// Who is meant. An address may have come to another machine.
    pub to: u64,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Request {
    /// Nothing: whether there is an answer.
    Hear,
    Append(AppendEntriesRequest<Types>),
    Vote(VoteRequest<u64>),
    /// After it come `length` bytes, which are a copy of the database.
    Snapshot {
        vote: Vote,
        meta: SnapshotMeta,
        length: u64,
    },
    /// To the leader: bring it into the order.
    Propose(Proposal),
    /// To the leader: the number of the last entry that anybody was told of.
    Barrier,
    /// To the leader: another machine becomes a member.
    Add {
        id: u64,
        address: String,
    },
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Answer {
    Appended(AppendEntriesResponse<u64>),
    Voted(VoteResponse<u64>),
    Installed(Vote),
    Done,
    Number(u64),
    /// It is not done, or it is not known whether it is.
    Failed(String),
}
