//! What a program and the node beside it say to each other, over a Unix socket: a length of four bytes, then a message.

use std::io;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// The longest message. What is longer is refused before it is sent, and not read.
pub const LONGEST: usize = 8 * 1024 * 1024;

/// Names one write, whatever number of times it is sent.
pub type Token = [u8; 16];

/// The table in which every node keeps the tokens of the writes that it has applied, beside the rows of the program.
pub const CREATE_WRITES: &str = "CREATE TABLE IF NOT EXISTS sqliter_writes \
    (number INTEGER PRIMARY KEY, token BLOB NOT NULL UNIQUE, CHECK (length(token) = 16)) STRICT";

/// The table of what programs keep in the order of the cluster, without the nodes knowing what it is.
pub const CREATE_LOG: &str = "CREATE TABLE IF NOT EXISTS sqliter_log \
    (number INTEGER PRIMARY KEY, token BLOB NOT NULL, bytes BLOB NOT NULL) STRICT";

/// An argument.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Value {
    Null,
    Integer(i64),
    Real(f64),
    Text(String),
    Blob(Vec<u8>),
}

/// A statement with what its placeholders are bound to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Statement {
    pub sql: String,
    pub arguments: Vec<Value>,
}

/// What the statements of a write may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// `INSERT`, `UPDATE` and `DELETE`.
    Rows,
    /// `CREATE`, `ALTER` and `DROP`.
    Schema,
}

/// What a program asks of a node.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Request {
    /// All of the statements in one transaction on every node, or none, and once, whatever number of times it is asked for.
    /// Without any statement it says that the token's write must not be done any more.
    Write { token: Token, kind: Kind, statements: Vec<Statement> },
    /// What the node knows of the cluster.
    State,
    /// The number of the last write that any program has been told of.
    Barrier,
    /// Nothing: the connection ends when the node does.
    Watch,
    /// Ends the node in order.
    Stop,
}

/// What a node answers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Answer {
    /// The write is done, and stays. `rows` is how many each statement has written; `None` if an earlier attempt has done it.
    Written { rows: Option<Vec<u64>> },
    /// SQLite refuses it. Nothing was written.
    Refused { reason: String },
    /// A statement that would not do the same on every node. Nothing was sent.
    CannotTravel { sql: String, reason: String },
    /// It is not known whether it is or will be written.
    Unknown { reason: String },
    /// What the node knows.
    State(State),
    /// See [`Request::Barrier`].
    Barrier { number: i64 },
    /// The node has stopped.
    Stopped,
}

/// What a node knows of the cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    pub node: u64,
    pub leader: Option<u64>,
    pub term: u64,
    /// The last entry of the log that this node has applied.
    pub applied: Option<u64>,
    /// How many nodes vote.
    pub voters: usize,
    /// The database file of this node.
    pub file: String,
}

/// Sends a message.
///
/// # Errors
///
/// When the other side is gone, or the message is too long.
pub async fn send<M: Serialize>(to: &mut (impl AsyncWrite + Unpin), message: &M) -> io::Result<()> {
    let bytes = postcard::to_stdvec(message).map_err(io::Error::other)?;
    if bytes.len() > LONGEST {
        let reason = format!("a write of {} bytes is longer than the limit of {LONGEST}", bytes.len());
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, reason));
    }
    let length = u32::try_from(bytes.len()).map_err(io::Error::other)?;
    to.write_all(&length.to_le_bytes()).await?;
    to.write_all(&bytes).await?;
    to.flush().await
}

/// Receives a message; `None` when the other side has ended.
///
/// # Errors
///
/// When the other side breaks off, or sends something else.
pub async fn receive<M: DeserializeOwned>(from: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<M>> {
    let mut length = [0; 4];
    if let Err(error) = from.read_exact(&mut length).await {
        return if error.kind() == io::ErrorKind::UnexpectedEof { Ok(None) } else { Err(error) };
    }
    let length = u32::from_le_bytes(length) as usize;
    if length > LONGEST {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "the message is too long"));
    }
    let mut bytes = vec![0; length];
    from.read_exact(&mut bytes).await?;
    postcard::from_bytes(&bytes).map(Some).map_err(io::Error::other)
}
