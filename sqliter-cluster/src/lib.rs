//! The chains of sqliter on several machines, by experiment. `README.md` says what stands, and `EXPERIMENT.md` what was tried.
//!
//! A [`Machine`] is what `Db::options().cluster(…)` takes: what a transaction has changed is brought into one order by a
//! [`Replicator`], and done by each machine in its own file. [`RaftNode`] is that order by Raft, within the program.
//! [`Cluster`] is the older way, over hiqlite's nodes beside the programs.

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
mod list;
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
pub use list::List;
pub use machine::Machine;
pub use raft::{RaftNode, RaftOptions, RaftState};
pub use replica::Replica;
pub use replicator::{Entry, Replicator};
pub use sqliter_cluster_wire::{State, Token};
