//! The arguments of the program.

use std::path::PathBuf;

use hiqlite::Node;

pub(crate) const USAGE: &str = "\
usage: sqliter-node --id N --data FOLDER --socket PATH --node ID,RAFT,API --node … [--listen ADDRESS] [--snapshot-after ENTRIES]

  --id              which of the nodes this is, from 1
  --data            a folder for the log and the database of this node
  --socket          where the program beside this node reaches it
  --node            a node of the cluster: its number, and its addresses for the nodes and for writes, as 1,10.0.0.1:7100,10.0.0.1:7200
  --listen          the address to listen on (default 127.0.0.1)
  --snapshot-after  how many entries of the log are kept before a snapshot takes their place (default 10000)

The environment's SQLITER_CLUSTER_SECRET, of 16 characters or more, is the same on all nodes.";

/// What the program is told.
pub(crate) struct Options {
    pub(crate) id: u64,
    pub(crate) data: PathBuf,
    pub(crate) socket: PathBuf,
    pub(crate) nodes: Vec<Node>,
    pub(crate) listen: String,
    pub(crate) snapshot_after: u64,
    pub(crate) secret: String,
}

impl Options {
    /// The arguments and the environment of this program.
    pub(crate) fn of_program() -> Result<Self, String> {
        let secret = std::env::var("SQLITER_CLUSTER_SECRET").map_err(|_| "SQLITER_CLUSTER_SECRET is not set")?;
        if secret.len() < 16 {
            return Err("SQLITER_CLUSTER_SECRET is shorter than 16 characters".to_owned());
        }
        let (mut id, mut data, mut socket, mut nodes) = (None, None, None, Vec::new());
        let (mut listen, mut snapshot_after) = ("127.0.0.1".to_owned(), 10_000);
        let mut arguments = std::env::args().skip(1);
        while let Some(name) = arguments.next() {
            let value = arguments.next().ok_or_else(|| format!("{name} has no value"))?;
            match name.as_str() {
                "--id" => id = Some(number(&name, &value)?),
                "--data" => data = Some(PathBuf::from(value)),
                "--socket" => socket = Some(PathBuf::from(value)),
                "--node" => nodes.push(node(&value)?),
                "--listen" => listen = value,
                "--snapshot-after" => snapshot_after = number(&name, &value)?,
                _ => return Err(format!("there is no argument {name}")),
            }
        }
        Ok(Self {
            id: id.ok_or("--id is missing")?,
            data: data.ok_or("--data is missing")?,
            socket: socket.ok_or("--socket is missing")?,
            nodes,
            listen,
            snapshot_after,
            secret,
        })
    }
}

fn number(name: &str, value: &str) -> Result<u64, String> {
    value.parse().map_err(|_| format!("{name} takes a number, not {value}"))
}

fn node(value: &str) -> Result<Node, String> {
    let parts: Vec<&str> = value.split(',').collect();
    let [id, raft, api] = parts[..] else { return Err(format!("--node takes ID,RAFT,API, not {value}")) };
    Ok(Node { id: number("--node", id)?, addr_raft: raft.to_owned(), addr_api: api.to_owned() })
}
