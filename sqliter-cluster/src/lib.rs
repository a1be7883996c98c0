//! The chains of sqliter on several machines, by experiment. `README.md` says what stands, and `EXPERIMENT.md` what was tried.
//!
//! Beside the program runs a node, `sqliter-node`, which keeps a database file of its own and agrees with the other nodes on what
//! is written. The program reads that file as any other, and hands its writes to the node.

mod applied;
mod batch;
pub mod changes;
mod clock;
mod cluster;
mod dump;
mod error;
mod exchanged;
pub mod histories;
pub mod links;
pub mod local;
mod machine;
pub mod machines;
mod node;
pub mod programs;
mod raft;
mod replica;
mod replicator;

pub use batch::Batch;
pub use cluster::{Cluster, Written};
pub use dump::{dump, dump_of};
pub use error::{Error, Result};
pub use machine::Machine;
pub use raft::{RaftNode, RaftOptions, RaftState};
pub use replica::Replica;
pub use replicator::{Entry, Replicator};
pub use sqliter_cluster_wire::{State, Token};
