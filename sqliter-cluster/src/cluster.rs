//! A cluster, as a program sees it.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant};

use sqliter::Db;
use sqliter::bounds::{Models, Work, Write};
use sqliter::prelude::Model;
use sqliter_cluster_wire::{self as wire, Answer, Kind, Request, State, Statement, Token};
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::batch::Batch;
use crate::error::{Error, Result};
use crate::node::{ask, watch};

/// For how long a write is asked for again, while leaders come and go.
const WITHIN: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(50);

/// A cluster of nodes that keep one database each and agree on what is written.
///
/// Reads are chains on [`db`](Self::db), at the speed of a file; they see what the node beside the program has applied. Writes are
/// [`write`](Self::write) and [`batch`](Self::batch). A program sees its own writes.
#[derive(Debug, Clone)]
pub struct Cluster {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    /// The node beside the program, and others that it may reach.
    sockets: Vec<PathBuf>,
    reader: Arc<RwLock<Reader>>,
    following: JoinHandle<()>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.following.abort();
    }
}

/// The file that is read.
#[derive(Debug)]
struct Reader {
    db: Db,
    file: PathBuf,
    /// Its device and number. A node that was killed makes its file anew.
    identity: (u64, u64),
}

/// What became of a write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// How many rows each statement has written; `None` if the answer to the first attempt was lost.
    pub rows: Option<Vec<u64>>,
}

impl Cluster {
    /// Reaches the cluster through the node behind a Unix socket, and opens its file for reading.
    ///
    /// # Errors
    ///
    /// [`Error::NoNode`] when nobody answers there, [`Error::Sqliter`] when the file cannot be opened.
    pub async fn connect(socket: impl Into<PathBuf>) -> Result<Self> {
        Self::connect_to([socket]).await
    }

    /// As [`connect`](Self::connect), with further nodes that take the writes when the first does not answer. The file that is read
    /// is that of the first.
    ///
    /// # Errors
    ///
    /// As [`connect`](Self::connect).
    pub async fn connect_to(sockets: impl IntoIterator<Item = impl Into<PathBuf>>) -> Result<Self> {
        let sockets: Vec<PathBuf> = sockets.into_iter().map(Into::into).collect();
        let Some(socket) = sockets.first().cloned() else {
            return Err(Error::NoNode { socket: PathBuf::new(), source: io::ErrorKind::NotFound.into() });
        };
        let file = PathBuf::from(state(&socket).await?.file);
        let reader = Arc::new(RwLock::new(Reader::open(&file).await?));
        let following = tokio::spawn(follow(socket, file, Arc::clone(&reader)));
        Ok(Self { inner: Arc::new(Inner { sockets, reader, following }) })
    }

    /// The database of the node beside the program, which only reads. Take it anew for each piece of work: when the node was killed
    /// and has come back, its file is another one.
    pub fn db(&self) -> Db {
        self.inner.reader.read().unwrap_or_else(|poisoned| poisoned.into_inner()).db.clone()
    }

    /// What the node beside the program knows of the cluster.
    ///
    /// # Errors
    ///
    /// [`Error::NoNode`].
    pub async fn state(&self) -> Result<State> {
        state(self.socket()).await
    }

    /// Does a write on every node, or on none: `cluster.write(db.insert(draft))`. When this returns, [`db`](Self::db) sees it.
    ///
    /// # Errors
    ///
    /// [`Error::CannotTravel`] before anything is sent, [`Error::Refused`] when it breaks a constraint, [`Error::Unknown`] when the
    /// cluster has had no leader for too long, [`Error::Behind`] when it is written, and the node beside the program is not there.
    pub async fn write<'w, M: Model, W: Work<M>, T: 'w>(&self, write: Write<'w, M, W, T>) -> Result<Written> {
        let mut batch = Batch::default();
        batch.add(write)?;
        self.send(Kind::Rows, batch.into_statements()).await
    }

    /// Does all that the closure adds in one transaction, on every node or on none. The closure may read; nothing keeps what it has
    /// read from being changed before the batch is done.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write), and what the closure gives.
    pub async fn batch(&self, add: impl AsyncFnOnce(&mut Batch) -> Result<()>) -> Result<Written> {
        let mut batch = Batch::default();
        add(&mut batch).await?;
        self.send(Kind::Rows, batch.into_statements()).await
    }

    /// Creates the tables of models on every node.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write); [`Error::Refused`] when one is there already.
    pub async fn create_tables<M: Models>(&self) -> Result<Written> {
        let statements = self.db().create_tables::<M>().to_sql()?;
        let statement = |sql| Statement { sql, arguments: Vec::new() };
        self.send(Kind::Schema, statements.into_iter().map(statement).collect()).await
    }

    /// Waits until the node beside the program has all that any program was told to be written before this was called.
    ///
    /// # Errors
    ///
    /// [`Error::Unknown`] without a leader, [`Error::Behind`].
    pub async fn barrier(&self) -> Result<()> {
        let number = self.last().await?;
        self.until(Awaited::Number(number), Instant::now() + WITHIN).await
    }

    /// Puts bytes into the log that all nodes keep.
    pub(crate) async fn log(&self, token: Token, bytes: Vec<u8>) -> Result<()> {
        const ADD: &str = "INSERT INTO sqliter_log (number, token, bytes) SELECT max(number), ?, ? FROM sqliter_writes";
        let arguments = vec![wire::Value::Blob(token.to_vec()), wire::Value::Blob(bytes)];
        let statements = vec![Statement { sql: ADD.to_owned(), arguments }];
        let until = Instant::now() + WITHIN;
        self.until_done(&Request::Write { token, kind: Kind::Rows, statements }, token, until).await.map(drop)
    }

    /// The number of the last write that any program was told of.
    pub(crate) async fn last(&self) -> Result<i64> {
        let until = Instant::now() + WITHIN;
        loop {
            let reason = match self.ask(&Request::Barrier, until).await {
                Ok(Answer::Barrier { number }) => return Ok(number),
                Ok(Answer::Unknown { reason }) => reason,
                Ok(_) => return Err(Error::Answer),
                Err(error) => error.to_string(),
            };
            if Instant::now() + PAUSE >= until {
                return Err(Error::Unknown { within: WITHIN, reason });
            }
            sleep(PAUSE).await;
        }
    }

    fn socket(&self) -> &Path {
        self.inner.sockets.first().map(PathBuf::as_path).unwrap_or(Path::new(""))
    }

    /// Asks the first node that answers.
    async fn ask(&self, request: &Request, until: Instant) -> io::Result<Answer> {
        let mut met = io::Error::from(io::ErrorKind::NotFound);
        for socket in &self.inner.sockets {
            match ask(socket, request, until.saturating_duration_since(Instant::now())).await {
                Ok(answer) => return Ok(answer),
                Err(error) if error.kind() == io::ErrorKind::FileTooLarge => return Err(error),
                Err(error) => met = error,
            }
        }
        Err(met)
    }

    async fn send(&self, kind: Kind, statements: Vec<Statement>) -> Result<Written> {
        let mut token = Token::default();
        getrandom::fill(&mut token)
            .map_err(|error| Error::Unknown { within: Duration::ZERO, reason: error.to_string() })?;
        let until = Instant::now() + WITHIN;
        let request = Request::Write { token, kind, statements };
        let rows = self.until_done(&request, token, until).await?;
        self.until(Awaited::Token(token), until).await?;
        Ok(Written { rows })
    }

    /// Asks for a write until its outcome is known. The token keeps it from being done twice.
    async fn until_done(&self, request: &Request, token: Token, until: Instant) -> Result<Option<Vec<u64>>> {
        let mut lost = None;
        loop {
            let reason = match self.ask(request, until).await {
                Ok(Answer::Written { rows }) => return Ok(rows),
                // The attempt that was lost may still come after the one that was refused.
                Ok(Answer::Refused { reason }) if lost.is_some() => {
                    let never = Request::Write { token, kind: Kind::Rows, statements: Vec::new() };
                    match self.ask(&never, until).await {
                        Ok(Answer::Written { rows: Some(_) }) => return Err(Error::Refused { reason }),
                        Ok(Answer::Written { rows: None }) => return Ok(None),
                        _ => reason,
                    }
                }
                Ok(Answer::Refused { reason }) => return Err(Error::Refused { reason }),
                Ok(Answer::CannotTravel { sql, reason }) => return Err(Error::CannotTravel { sql, reason }),
                Ok(Answer::Unknown { reason }) => reason,
                Ok(Answer::State(_) | Answer::Barrier { .. } | Answer::Stopped) => return Err(Error::Answer),
                Err(error) if error.kind() == io::ErrorKind::FileTooLarge => {
                    let sql = "a write of many rows".to_owned();
                    return Err(Error::CannotTravel { sql, reason: error.to_string() });
                }
                Err(error) => error.to_string(),
            };
            if Instant::now() + PAUSE >= until {
                return Err(Error::Unknown { within: WITHIN, reason });
            }
            lost = Some(reason);
            sleep(PAUSE).await;
        }
    }

    /// Waits until the local file has come to something.
    async fn until(&self, awaited: Awaited, until: Instant) -> Result<()> {
        let mut pause = Duration::from_micros(200);
        loop {
            // While the node makes its file anew there may be no table.
            let there = awaited.is_in(&self.db()).await;
            if matches!(there, Ok(true)) {
                return Ok(());
            }
            if Instant::now() >= until {
                there?;
                let file = self.inner.reader.read().unwrap_or_else(|poisoned| poisoned.into_inner()).file.clone();
                return Err(Error::Behind { file, within: WITHIN });
            }
            sleep(pause).await;
            pause = (pause * 2).min(PAUSE);
        }
    }
}

/// What a local file must come to.
#[derive(Debug, Clone, Copy)]
enum Awaited {
    /// A write.
    Token(Token),
    /// The write with a number.
    Number(i64),
}

impl Awaited {
    async fn is_in(self, db: &Db) -> sqliter::Result<bool> {
        match self {
            Self::Token(token) => {
                let here = db.query::<i64>("SELECT 1 FROM sqliter_writes WHERE token = ?").bind(token.to_vec());
                Ok(here.fetch_one().await?.is_some())
            }
            Self::Number(number) => {
                let last = db.query::<i64>("SELECT coalesce(max(number), 0) FROM sqliter_writes");
                Ok(last.fetch_required().await? >= number)
            }
        }
    }
}

impl Reader {
    async fn open(file: &Path) -> Result<Self> {
        let identity = identity(file).map_err(|source| Error::NoNode { socket: file.to_owned(), source })?;
        let db = Db::options().path(file).read_only().open().await?;
        Ok(Self { db, file: file.to_owned(), identity })
    }
}

async fn state(socket: &Path) -> Result<State> {
    match ask(socket, &Request::State, WITHIN).await {
        Ok(Answer::State(state)) => Ok(state),
        Ok(_) => Err(Error::Answer),
        Err(source) => Err(Error::NoNode { socket: socket.to_owned(), source }),
    }
}

fn identity(file: &Path) -> io::Result<(u64, u64)> {
    fs::metadata(file).map(|file| (file.dev(), file.ino()))
}

/// Opens the file anew whenever the node has come back with another one.
async fn follow(socket: PathBuf, file: PathBuf, reader: Arc<RwLock<Reader>>) {
    loop {
        watch(&socket).await;
        sleep(PAUSE).await;
        let now = identity(&file).ok();
        let is_another = now.is_some() && now != reader.read().map(|reader| reader.identity).ok();
        // Whoever reads the old file keeps it until it is done.
        if is_another
            && state(&socket).await.is_ok()
            && let Ok(opened) = Reader::open(&file).await
            && let Ok(mut reader) = reader.write()
        {
            *reader = opened;
        }
    }
}
