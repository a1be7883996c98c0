//! Which databases of this program use a file, and that no other process does where one wants it for itself.
//!
//! SQLite's [VFS `unix-excl`](https://www.sqlite.org/vfs.html) takes one lock of the file, for the whole process, and keeps
//! everything else in memory. It is a POSIX lock: the system drops it as soon as the process closes any descriptor of the
//! file, whoever had opened it, and SQLite would go on as if it had it. So the byte that every other process must lock
//! before it reads is locked too, by an open file description of our own, which lasts until that one is closed. To close it
//! drops SQLite's lock, so it is closed after all connections.
//!
//! The two VFS must not be mixed: all databases of the program on one file are exclusive, or none is.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::{lock, locked};

/// What tells one file from others: device and number.
type Identity = (u64, u64);

/// The right of this program to use a file. Kept by each connection until it has closed the file.
#[derive(Debug)]
pub(super) struct Claim {
    /// The lock, for a file that no other process may use.
    lock: Option<File>,
}

impl Claim {
    pub(super) const fn is_exclusive(&self) -> bool {
        self.lock.is_some()
    }
}

/// The claim of one database, made when a connection needs it first.
#[derive(Debug)]
pub(super) struct Claims {
    path: PathBuf,
    exclusive: bool,
    held: Mutex<Option<Arc<Claim>>>,
    /// The file that the connections have open.
    known: Mutex<Option<Identity>>,
}

/// What is in the way of a claim.
#[derive(Debug, thiserror::Error)]
pub(super) enum Obstacle {
    #[error("{}", in_this_program(*.wanted_exclusively))]
    ThisProgram { wanted_exclusively: bool },
    #[error("{0}")]
    Process(Holder),
    #[error("{0}")]
    File(#[source] io::Error),
    #[error(
        "the file was deleted or replaced while it was open: close the database before that; what is left beside it with the \
        endings -wal and -shm belongs to the old file, and SQLite would take it for a part of the new one"
    )]
    Replaced,
}

fn in_this_program(wanted_exclusively: bool) -> &'static str {
    match wanted_exclusively {
        true => {
            "this program has it open without `exclusive` too: all its databases on one file must be exclusive, or none"
        }
        false => {
            "this program has it open with `exclusive` too: all its databases on one file must be exclusive, or none"
        }
    }
}

/// Another process that has the file open, as far as the system tells.
#[derive(Debug)]
pub(super) struct Holder(pub(super) Option<u32>);

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(process) = self.0 else { return f.write_str("another process has it open") };
        if process == std::process::id() {
            return f.write_str("this program has it open by other means too");
        }
        let name = std::fs::read_to_string(format!("/proc/{process}/comm")).unwrap_or_default();
        match name.trim() {
            "" => write!(f, "process {process} has it open"),
            name => write!(f, "process {process} ({name}) has it open"),
        }
    }
}

/// A claim that somebody may still hold.
struct Entry {
    path: PathBuf,
    /// `None` while the file does not exist.
    identity: Option<Identity>,
    exclusive: bool,
    claim: Weak<Claim>,
}

/// All claims of this program.
static ALL: Mutex<Vec<Entry>> = Mutex::new(Vec::new());

impl Claims {
    pub(super) const fn new(path: PathBuf, exclusive: bool) -> Self {
        Self { path, exclusive, held: Mutex::new(None), known: Mutex::new(None) }
    }

    pub(super) const fn is_exclusive(&self) -> bool {
        self.exclusive
    }

    /// The claim, if nothing is in the way now.
    pub(super) fn claim(&self) -> Result<Arc<Claim>, Obstacle> {
        let mut held = locked(&self.held);
        match &*held {
            Some(claim) => Ok(Arc::clone(claim)),
            None => Ok(Arc::clone(held.insert(claim(&self.path, self.exclusive)?))),
        }
    }

    /// The claim, when nothing is in the way any more; waits for that on a thread of its own.
    pub(super) async fn claim_within(self: &Arc<Self>, limit: Duration) -> Result<Arc<Claim>, Obstacle> {
        const PAUSE: Duration = Duration::from_millis(5);
        let begun = Instant::now();
        match self.claim() {
            Err(Obstacle::ThisProgram { .. } | Obstacle::Process(_)) if !limit.is_zero() => {}
            claimed => return claimed,
        }
        let (sender, answer) = oneshot::channel();
        let claims = Arc::clone(self);
        let waiting = move || {
            let claimed = loop {
                std::thread::sleep(PAUSE);
                match claims.claim() {
                    Err(Obstacle::ThisProgram { .. } | Obstacle::Process(_))
                        if begun.elapsed() < limit && !sender.is_closed() => {}
                    claimed => break claimed,
                }
            };
            // Whoever waited may have gone in the meantime.
            let _ = sender.send(claimed);
        };
        let started = std::thread::Builder::new().name("sqliter-open".to_owned()).spawn(waiting);
        started.map_err(Obstacle::File)?;
        answer.await.unwrap_or_else(|_| Err(Obstacle::File(io::Error::other("the thread that waited has ended"))))
    }

    /// Whether connections have the file open, so that there must be one.
    pub(super) fn is_open(&self) -> bool {
        locked(&self.known).is_some()
    }

    /// Refuses a file that is not the one which the other connections have open: reads and writes would go to different files.
    pub(super) fn check(&self) -> Result<(), Obstacle> {
        match *locked(&self.known) {
            Some(known) if lock::identity(&self.path) != Some(known) => Err(Obstacle::Replaced),
            Some(_) | None => Ok(()),
        }
    }

    /// What the file is, now that a connection has opened it.
    pub(super) fn found(&self, claim: &Arc<Claim>) -> Result<(), Obstacle> {
        self.check()?;
        if let Some(identity) = lock::identity(&self.path) {
            locked(&self.known).get_or_insert(identity);
            for entry in locked(&ALL).iter_mut().filter(|entry| entry.claim.as_ptr() == Arc::as_ptr(claim)) {
                entry.identity = Some(identity);
            }
        }
        Ok(())
    }

    /// Who keeps SQLite from locking the file.
    pub(super) fn holder(&self) -> Option<Holder> {
        let claim = locked(&self.held).clone();
        match claim.as_ref().and_then(|claim| claim.lock.as_ref()) {
            Some(file) => Some(lock::holder(file)),
            None => lock::exclusive_holder(&self.path),
        }
    }

    /// Gives the claim back, for which the connections that are still open wait no longer. The next connection claims anew.
    pub(super) fn release(&self) {
        locked(&self.known).take();
        locked(&self.held).take();
    }
}

/// Makes a claim, or joins one that is exclusive too.
fn claim(path: &Path, exclusive: bool) -> Result<Arc<Claim>, Obstacle> {
    let path = canonical(path);
    let mut all = locked(&ALL);
    all.retain(|entry| entry.claim.strong_count() > 0);
    let identity = lock::identity(&path);
    let same = |entry: &&Entry| entry.path == path || (identity.is_some() && entry.identity == identity);
    for entry in all.iter().filter(same) {
        match entry.claim.upgrade() {
            Some(_) if entry.exclusive != exclusive => {
                return Err(Obstacle::ThisProgram { wanted_exclusively: exclusive });
            }
            Some(claim) if exclusive => return Ok(claim),
            Some(_) | None => {}
        }
    }
    let lock = match exclusive {
        false => None,
        true => {
            // https://www.sqlite.org/c3ref/open.html: SQLite would make the file in the same way.
            let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
            let file = file.map_err(Obstacle::File)?;
            match lock::lock(&file) {
                Ok(true) => Some(file),
                Ok(false) => return Err(Obstacle::Process(lock::holder(&file))),
                Err(error) => return Err(Obstacle::File(error)),
            }
        }
    };
    let identity = if exclusive { lock::identity(&path) } else { identity };
    let claim = Arc::new(Claim { lock });
    all.push(Entry { path, identity, exclusive, claim: Arc::downgrade(&claim) });
    Ok(claim)
}

/// The path without links in the folders on the way.
fn canonical(path: &Path) -> PathBuf {
    match (path.parent().and_then(|folder| folder.canonicalize().ok()), path.file_name()) {
        (Some(folder), Some(name)) => folder.join(name),
        _ => path.to_path_buf(),
    }
}
