//! Nodes on this machine, for tests and demonstrations.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use sqliter_cluster_wire::{Answer, Request, State};
use tokio::time::sleep;

use crate::cluster::Cluster;
use crate::error::{Error, Result};
use crate::links::{Condition, Link};
use crate::node::ask;

/// Three nodes on the loopback interface, each with a folder of its own. They are killed when this is dropped.
#[derive(Debug)]
pub struct Nodes {
    program: PathBuf,
    folder: PathBuf,
    addresses: Vec<String>,
    secret: String,
    snapshot_after: u64,
    /// What leads to each node, where it is asked for.
    links: [Vec<Link>; 3],
    running: [Option<Child>; 3],
}

impl Nodes {
    /// Starts three nodes, whose data is in the folder, and waits until they are one cluster. The program is what the environment's
    /// `SQLITER_NODE` names.
    ///
    /// # Errors
    ///
    /// [`Error::Local`].
    pub async fn start(folder: &Path) -> Result<Self> {
        Self::start_with(folder, 10_000).await
    }

    /// As [`start`](Self::start), with a snapshot in the place of so many entries of the log.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start).
    pub async fn start_with(folder: &Path, snapshot_after: u64) -> Result<Self> {
        Self::start_at(folder, snapshot_after, free_ports()?, Default::default()).await
    }

    /// As [`start`](Self::start), with links that can be cut and slowed down. hiqlite keeps one address for each node, by which all others
    /// reach it: so what leads to a node has conditions, and not each pair of nodes.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start).
    pub async fn start_behind_links(folder: &Path) -> Result<Self> {
        let ports = free_ports()?;
        let mut links: [Vec<Link>; 3] = Default::default();
        for (links, ports) in links.iter_mut().zip(ports) {
            for port in ports {
                let (to_all, own) = (SocketAddr::from((BEHIND_LINKS, port)), SocketAddr::from((OWN, port)));
                links.push(Link::open(to_all, own).await.map_err(|error| local("a link", error))?);
            }
        }
        Self::start_at(folder, 10_000, ports, links).await
    }

    async fn start_at(folder: &Path, snapshot_after: u64, ports: [[u16; 2]; 3], links: [Vec<Link>; 3]) -> Result<Self> {
        let program = std::env::var_os("SQLITER_NODE").ok_or_else(|| {
            local(
                "SQLITER_NODE does not name the program sqliter-node; sqliter-cluster/test sets it",
                io::ErrorKind::NotFound,
            )
        })?;
        let host = std::net::Ipv4Addr::from(if links[0].is_empty() { OWN } else { BEHIND_LINKS });
        let address = |(index, [raft, api]): (usize, [u16; 2])| format!("{},{host}:{raft},{host}:{api}", index + 1);
        let addresses = ports.into_iter().enumerate().map(address).collect();
        let mut random = [0_u8; 16];
        getrandom::fill(&mut random).map_err(|error| local("a secret", io::Error::other(error.to_string())))?;
        let secret = random.iter().map(|byte| format!("{byte:02x}")).collect();
        let running = [None, None, None];
        let mut nodes = Self {
            program: program.into(),
            folder: folder.to_owned(),
            addresses,
            secret,
            snapshot_after,
            links,
            running,
        };
        for id in 1..=3 {
            nodes.start_node(id)?;
        }
        nodes.until_whole(Duration::from_secs(60)).await?;
        Ok(nodes)
    }

    /// Starts a node that does not run.
    ///
    /// # Errors
    ///
    /// [`Error::Local`].
    pub fn start_node(&mut self, id: u64) -> Result<()> {
        let log = std::fs::File::options().create(true).append(true).open(self.folder.join(format!("node{id}.log")));
        let log = log.map_err(|error| local("the log of a node", error))?;
        let mut command = Command::new(&self.program);
        command.args(["--id", &id.to_string(), "--snapshot-after", &self.snapshot_after.to_string()]);
        command.arg("--data").arg(self.data(id)).arg("--socket").arg(self.socket(id));
        for address in &self.addresses {
            command.args(["--node", address]);
        }
        command.env("SQLITER_CLUSTER_SECRET", &self.secret).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        let child = command.spawn().map_err(|error| local("sqliter-node", error))?;
        if let Some(place) = self.running.get_mut(place(id)) {
            *place = Some(child);
        }
        Ok(())
    }

    /// From now on, what leads to a node is so.
    pub fn set_links(&self, id: u64, condition: Condition) {
        self.links.get(place(id)).into_iter().flatten().for_each(|link| link.set(condition));
    }

    /// The socket of a node.
    pub fn socket(&self, id: u64) -> PathBuf {
        self.folder.join(format!("node{id}.socket"))
    }

    /// The database file of a node.
    pub fn file(&self, id: u64) -> PathBuf {
        self.data(id).join("state_machine/db/main.db")
    }

    fn data(&self, id: u64) -> PathBuf {
        self.folder.join(format!("node{id}"))
    }

    /// The process of a node that runs.
    pub fn pid(&self, id: u64) -> Option<u32> {
        self.running.get(place(id))?.as_ref().map(Child::id)
    }

    /// A program beside a node, which reaches the others too where its own does not answer.
    ///
    /// # Errors
    ///
    /// As [`Cluster::connect`].
    pub async fn cluster(&self, id: u64) -> Result<Cluster> {
        let others = (1..=3).filter(|other| *other != id);
        Cluster::connect_to([id].into_iter().chain(others).map(|id| self.socket(id))).await
    }

    /// Kills a node by SIGKILL, and waits until it is gone.
    ///
    /// # Errors
    ///
    /// [`Error::Local`].
    pub fn kill(&mut self, id: u64) -> Result<()> {
        let Some(mut child) = self.running.get_mut(place(id)).and_then(Option::take) else { return Ok(()) };
        child.kill().and_then(|()| child.wait()).map(drop).map_err(|error| local("kill", error))
    }

    /// Stops a node in order, and waits until it is gone.
    ///
    /// # Errors
    ///
    /// [`Error::Local`].
    pub async fn stop(&mut self, id: u64) -> Result<bool> {
        // hiqlite takes ten seconds for it.
        let asked = ask(&self.socket(id), &Request::Stop, Duration::from_secs(5)).await;
        let Some(mut child) = self.running.get_mut(place(id)).and_then(Option::take) else { return Ok(false) };
        drop(asked);
        let until = Instant::now() + Duration::from_secs(30);
        while Instant::now() < until {
            match child.try_wait() {
                Ok(Some(status)) => return Ok(status.success()),
                Ok(None) => sleep(Duration::from_millis(50)).await,
                Err(error) => return Err(local("waiting for a node", error)),
            }
        }
        child.kill().and_then(|()| child.wait()).map_err(|error| local("kill", error))?;
        Ok(false)
    }

    /// What a node knows; `None` when it does not answer.
    pub async fn state(&self, id: u64) -> Option<State> {
        match ask(&self.socket(id), &Request::State, Duration::from_secs(2)).await {
            Ok(Answer::State(state)) => Some(state),
            _ => None,
        }
    }

    /// The node that leads, by what most nodes that run say of the newest term.
    pub async fn leader(&self) -> Option<u64> {
        let mut newest: Option<State> = None;
        for id in 1..=3 {
            if self.pid(id).is_none() {
                continue;
            }
            let state = self.state(id).await;
            if let Some(state) = state.filter(|state| newest.as_ref().is_none_or(|newest| newest.term < state.term)) {
                newest = Some(state);
            }
        }
        newest?.leader.filter(|leader| self.pid(*leader).is_some())
    }

    /// Waits until all three nodes run, vote, and know one leader.
    ///
    /// # Errors
    ///
    /// [`Error::Local`] when they do not within the time.
    pub async fn until_whole(&self, within: Duration) -> Result<()> {
        let until = Instant::now() + within;
        while Instant::now() < until {
            let mut known = Vec::new();
            for id in 1..=3 {
                known.extend(self.state(id).await);
            }
            let first = known.first().map(|state| (state.leader, state.term));
            let is_one = known.iter().all(|state| Some((state.leader, state.term)) == first && state.voters == 3);
            if known.len() == 3 && is_one && first.is_some_and(|(leader, _)| leader.is_some()) {
                return Ok(());
            }
            sleep(Duration::from_millis(100)).await;
        }
        let logs = self.folder.display();
        Err(local(
            &format!("the nodes have not become one cluster within {within:?}; their logs are in {logs}"),
            io::ErrorKind::TimedOut,
        ))
    }
}

impl Drop for Nodes {
    fn drop(&mut self) {
        for child in self.running.iter_mut().flatten() {
            // It may have ended by itself.
            drop(child.kill().and_then(|()| child.wait()));
        }
    }
}

fn place(id: u64) -> usize {
    usize::try_from(id).unwrap_or(0).wrapping_sub(1)
}

/// Where nodes listen, and the other address of this machine that leads to them over links.
const OWN: [u8; 4] = [127, 0, 0, 1];
const BEHIND_LINKS: [u8; 4] = [127, 0, 0, 2];

/// Two ports for each node that nobody uses now.
fn free_ports() -> Result<[[u16; 2]; 3]> {
    let port = |held: &TcpListener| held.local_addr().map(|address| address.port());
    let free = || {
        let mut held = Vec::new();
        let mut ports = [[0; 2]; 3];
        for place in ports.iter_mut().flatten() {
            let listener = TcpListener::bind((std::net::Ipv4Addr::from(OWN), 0))?;
            *place = port(&listener)?;
            held.push(listener);
        }
        Ok(ports)
    };
    free().map_err(|error: io::Error| local("free ports", error))
}

fn local(what: &str, source: impl Into<io::Error>) -> Error {
    Error::Local { what: what.to_owned(), source: source.into() }
}
