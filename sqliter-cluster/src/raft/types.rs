//! What openraft is told of the entries.

use std::fs::File;
use std::path::PathBuf;

use openraft::declare_raft_types;
use serde::{Deserialize, Serialize};
use sqliter_cluster_wire::Token;

declare_raft_types!(
    /// The entries are proposals, which openraft does not look into. Machines are numbers with an address.
    pub(super) Types:
        D = Proposal,
        R = (),
        NodeId = u64,
        Node = openraft::BasicNode,
        SnapshotData = Copy,
);

pub(super) type Raft = openraft::Raft<Types>;
pub(super) type LogId = openraft::LogId<u64>;
pub(super) type Vote = openraft::Vote<u64>;
pub(super) type Entry = openraft::Entry<Types>;
pub(super) type StorageError = openraft::StorageError<u64>;
pub(super) type SnapshotMeta = openraft::SnapshotMeta<u64, openraft::BasicNode>;
pub(super) type StoredMembership = openraft::StoredMembership<u64, openraft::BasicNode>;
pub(super) type Snapshot = openraft::Snapshot<Types>;

/// What is brought into the order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Proposal {
    pub token: Token,
    /// As one piece: serde takes a list number by number otherwise.
    #[serde(with = "serde_bytes")]
    pub bytes: Vec<u8>,
}

/// A copy of the database, which stands for the log up to an entry.
#[derive(Debug)]
pub(super) struct Copy {
    pub path: PathBuf,
    pub file: File,
}
