//! How a machine starts.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use openraft::{Config, ConfigError, SnapshotPolicy};

use super::RaftNode;
use crate::error::Result;

/// How a machine starts; see [`RaftNode::options`].
#[derive(Debug, Clone)]
#[must_use]
pub struct RaftOptions {
    pub(super) id: u64,
    pub(super) database: PathBuf,
    pub(super) folder: PathBuf,
    pub(super) members: BTreeMap<u64, String>,
    pub(super) links: BTreeMap<u64, String>,
    pub(super) secret: String,
    pub(super) joins: bool,
    heartbeat: Duration,
    election: (Duration, Duration),
    cut_after: u64,
    keep: u64,
}

impl RaftOptions {
    pub(super) fn new(id: u64, database: PathBuf) -> Self {
        let mut folder = database.clone().into_os_string();
        folder.push("-raft");
        Self {
            id,
            database,
            folder: folder.into(),
            members: BTreeMap::new(),
            links: BTreeMap::new(),
            secret: String::new(),
            joins: false,
            heartbeat: Duration::from_millis(100),
            election: (Duration::from_millis(300), Duration::from_millis(600)),
            cut_after: 10_000,
            keep: 5_000,
        }
    }

    /// A machine of the cluster, with the address where it listens. All machines say the same of all of them, this one included.
    ///
    /// What they send is not encrypted, and whoever reaches an address and knows the [`secret`](Self::secret) can do anything: the
    /// addresses must be reachable by the machines only.
    pub fn member(mut self, id: u64, address: impl Into<String>) -> Self {
        self.members.insert(id, address.into());
        self
    }

    /// The address by which this machine reaches another one, where it is not the address where that one listens.
    pub fn link(mut self, to: u64, address: impl Into<String>) -> Self {
        self.links.insert(to, address.into());
        self
    }

    /// What every machine of the cluster knows, and nobody else.
    pub fn secret(mut self, secret: impl Into<String>) -> Self {
        self.secret = secret.into();
        self
    }

    /// The folder of the log, which is made where there is none. It is the database's name and `-raft`. With the log it holds one copy
    /// of the database, so that the disk needs twice the database's size and that of the entries that are kept.
    ///
    /// A machine that has lost its folder has forgotten whom it voted for. It must not start with an empty one, but be
    /// [added](RaftNode::add) under another number.
    pub fn folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = folder.into();
        self
    }

    /// This machine is to be [added](RaftNode::add) to a cluster that is there already.
    pub fn joins(mut self) -> Self {
        self.joins = true;
        self
    }

    /// How often the leader says that it is there; 100 ms by default. It must be longer than a request takes to another machine and
    /// back, the time for the disk included: one that takes longer counts as lost.
    pub fn heartbeat(mut self, every: Duration) -> Self {
        self.heartbeat = every;
        self
    }

    /// For how long nothing is heard of a leader before another machine wants to lead: by chance between these, and the longer one
    /// before that, in which a leader that was heard is not doubted; 300 and 600 ms by default. So a leader that ends is replaced after
    /// 0.9 to 1.3 seconds. The shorter must be several heartbeats.
    pub fn election(mut self, shortest: Duration, longest: Duration) -> Self {
        self.election = (shortest, longest);
        self
    }

    /// After how many entries the log is cut behind a copy of the database, and how many entries are kept nevertheless; 10,000 and
    /// 5,000 by default. A machine that misses more than are kept is sent the copy.
    ///
    /// The entries that are kept also say which proposals are there already, so that one that is sent twice is done once: they must be
    /// more than come while a proposal is tried, which is 20 seconds.
    pub fn cut_after(mut self, entries: u64, keep: u64) -> Self {
        self.cut_after = entries;
        self.keep = keep;
        self
    }

    /// Starts the machine.
    ///
    /// # Errors
    ///
    /// [`Error::Local`](crate::Error::Local) when the folder or the address cannot be had, or the options say what cannot be.
    pub async fn start(self) -> Result<RaftNode> {
        RaftNode::start(self).await
    }

    pub(super) fn config(&self) -> std::result::Result<Config, ConfigError> {
        let milliseconds = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        Config {
            cluster_name: "sqliter".to_owned(),
            heartbeat_interval: milliseconds(self.heartbeat),
            election_timeout_min: milliseconds(self.election.0),
            election_timeout_max: milliseconds(self.election.1),
            snapshot_policy: SnapshotPolicy::LogsSinceLast(self.cut_after),
            max_in_snapshot_log_to_keep: self.keep,
            replication_lag_threshold: self.cut_after.saturating_mul(2),
            ..Config::default()
        }
        .validate()
    }
}
