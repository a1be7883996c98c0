//! Machines on this machine, for tests: each is a process of its own, the program `machine`, which is asked over its standard input.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::oneshot;
use tokio::time::sleep;

use crate::raft::RaftState;

/// What a machine is asked, by a line of JSON.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Ask {
    /// Makes the tables, so many accounts with a balance of 100 each, and as many registers with 0. The keys begin with 1.
    Setup { accounts: i64 },
    /// Moves an amount, unless the first account has less, in a transaction that also writes the number down.
    Transfer { from: i64, to: i64, amount: i64, number: i64 },
    /// All balances, and nothing older than what was there when it was asked.
    Balances,
    /// All numbers of transfers, in their order; nothing older than what was there when it was asked.
    Numbers,
    /// What a register holds, and nothing older than when it was asked.
    Get { register: i64 },
    /// Writes a register.
    Set { register: i64, value: i64 },
    /// Writes a register if it holds a value.
    Swap { register: i64, from: i64, to: i64 },
    /// Writes a row of so many bytes.
    Fill { bytes: usize },
    /// The database of this machine can have no more pages than it has, until the machine is started again: SQLite says that the disk is
    /// full.
    FillDatabase,
    /// Returns when this machine has all that anybody was told of before.
    Barrier,
    /// What the machine knows of the cluster.
    State,
    /// Adds a machine that has been started to join.
    Add { id: u64, address: String },
}

/// What a machine answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Reply {
    Done,
    /// The first account has less, or the register holds something else: nothing was written.
    NotDone,
    Values(Vec<i64>),
    State(RaftState),
    /// Nothing was written.
    Conflict(String),
    /// It may be written or not.
    Unknown(String),
    /// The machine's disk has failed, and it takes part no more.
    Stopped(String),
    Failed(String),
}

/// A line to a machine.
#[derive(Debug, Serialize, Deserialize)]
pub struct Question {
    pub number: u64,
    pub ask: Ask,
}

/// A line from a machine.
#[derive(Debug, Serialize, Deserialize)]
pub struct Answered {
    pub number: u64,
    pub reply: Reply,
}

/// Machines by their numbers. They are killed when this is dropped.
#[derive(Debug)]
pub struct Machines {
    program: PathBuf,
    folder: PathBuf,
    /// The members at the start, and those that may join.
    addresses: BTreeMap<u64, String>,
    members: u64,
    links: BTreeMap<(u64, u64), String>,
    cut_after: Option<(u64, u64)>,
    running: BTreeMap<u64, Running>,
}

#[derive(Debug)]
struct Running {
    child: Child,
    asker: Asker,
}

/// Asks one machine, from any task.
#[derive(Debug, Clone)]
pub struct Asker {
    waiting: Arc<Mutex<Waiting>>,
    input: Arc<tokio::sync::Mutex<ChildStdin>>,
}

#[derive(Debug, Default)]
struct Waiting {
    last: u64,
    is_gone: bool,
    replies: HashMap<u64, oneshot::Sender<Reply>>,
}

impl Machines {
    /// Takes addresses for machines, of which the first `members` are the cluster, and starts none. The program is `machine`.
    ///
    /// # Errors
    ///
    /// When there are no free ports.
    pub fn new(program: impl Into<PathBuf>, folder: &Path, members: u64, others: u64) -> io::Result<Self> {
        let held: Vec<TcpListener> =
            (0..members + others).map(|_| TcpListener::bind("127.0.0.1:0")).collect::<io::Result<_>>()?;
        let addresses = held.iter().zip(1..).map(|(held, id)| Ok((id, held.local_addr()?.to_string())));
        Ok(Self {
            program: program.into(),
            folder: folder.to_owned(),
            addresses: addresses.collect::<io::Result<_>>()?,
            members,
            links: BTreeMap::new(),
            cut_after: None,
            running: BTreeMap::new(),
        })
    }

    /// After how many entries the logs are cut, and how many are kept.
    pub fn cut_after(&mut self, entries: u64, keep: u64) {
        self.cut_after = Some((entries, keep));
    }

    /// Where a machine listens.
    pub fn address(&self, id: u64) -> &str {
        self.addresses.get(&id).map_or("", String::as_str)
    }

    /// By which address a machine reaches another one, from its next start on: that of a proxy.
    pub fn set_link(&mut self, from: u64, to: u64, address: impl Into<String>) {
        self.links.insert((from, to), address.into());
    }

    /// The database file of a machine.
    pub fn file(&self, id: u64) -> PathBuf {
        self.folder.join(format!("machine{id}.db"))
    }

    /// The members.
    pub fn ids(&self) -> std::ops::RangeInclusive<u64> {
        1..=self.members
    }

    /// Starts all members, and waits until they know a leader.
    ///
    /// # Errors
    ///
    /// When one cannot be started, or they do not.
    pub async fn start(&mut self) -> io::Result<()> {
        for id in self.ids() {
            self.start_machine(id)?;
        }
        self.until_whole(Duration::from_secs(30)).await
    }

    /// Starts a machine that does not run. One that is not among the members at the start waits until it is added.
    ///
    /// # Errors
    ///
    /// When it cannot be started.
    pub fn start_machine(&mut self, id: u64) -> io::Result<()> {
        self.spawn(id)
    }

    /// From now on, no file of a machine can be longer than so many KiB: each write behind it fails, as on a disk that is full.
    ///
    /// # Errors
    ///
    /// When it does not run, or there is no `prlimit`.
    pub fn fill_disk(&self, id: u64, kib: u64) -> io::Result<()> {
        let pid = self.pid(id).ok_or_else(gone)?.to_string();
        let limit = format!("--fsize={}", kib * 1024);
        let set = std::process::Command::new("prlimit").args(["--pid", &pid, &limit]).status()?;
        if set.success() { Ok(()) } else { Err(gone()) }
    }

    fn spawn(&mut self, id: u64) -> io::Result<()> {
        // A file that is too long would end the machine by a signal.
        let mut command = Command::new("sh");
        command.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""]).arg(&self.program);
        let log =
            std::fs::File::options().create(true).append(true).open(self.folder.join(format!("machine{id}.log")))?;
        command.arg("--id").arg(id.to_string()).arg("--database").arg(self.file(id));
        for (member, address) in self.addresses.range(..=self.members).chain(self.addresses.range(id..=id)) {
            command.arg("--member").arg(format!("{member}={address}"));
        }
        for ((_, to), address) in self.links.iter().filter(|((from, _), _)| *from == id) {
            command.arg("--link").arg(format!("{to}={address}"));
        }
        if let Some((entries, keep)) = self.cut_after {
            command.args(["--cut-after", &entries.to_string(), "--keep", &keep.to_string()]);
        }
        if id > self.members {
            command.arg("--joins");
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log).kill_on_drop(true);
        let mut child = command.spawn()?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(io::Error::other("the machine has no standard input or output"));
        };
        let waiting = Arc::<Mutex<Waiting>>::default();
        tokio::spawn(hear(output, Arc::clone(&waiting)));
        let asker = Asker { waiting, input: Arc::new(tokio::sync::Mutex::new(input)) };
        self.running.insert(id, Running { child, asker });
        Ok(())
    }

    /// Asks a machine, from any task.
    ///
    /// # Errors
    ///
    /// When it does not run.
    pub fn asker(&self, id: u64) -> io::Result<Asker> {
        self.running.get(&id).map(|running| running.asker.clone()).ok_or_else(gone)
    }

    /// Asks a machine.
    ///
    /// # Errors
    ///
    /// When it does not run, or ends before it has answered.
    pub async fn ask(&self, id: u64, ask: Ask) -> io::Result<Reply> {
        self.asker(id)?.ask(ask).await
    }

    /// The process of a machine that runs.
    pub fn pid(&self, id: u64) -> Option<u32> {
        self.running.get(&id)?.child.id()
    }

    /// Kills a machine by SIGKILL, and waits until it is gone.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub async fn kill(&mut self, id: u64) -> io::Result<()> {
        match self.running.remove(&id) {
            Some(mut running) => running.child.kill().await,
            None => Ok(()),
        }
    }

    /// Sends a signal to a machine, as `STOP`.
    ///
    /// # Errors
    ///
    /// When it does not run.
    pub fn signal(&self, id: u64, signal: &str) -> io::Result<()> {
        let pid = self.pid(id).ok_or_else(gone)?;
        let sent = std::process::Command::new("kill").args([format!("-{signal}"), pid.to_string()]).status()?;
        if sent.success() { Ok(()) } else { Err(gone()) }
    }

    /// What a machine knows; `None` when it does not answer soon.
    pub async fn state(&self, id: u64) -> Option<RaftState> {
        match tokio::time::timeout(Duration::from_secs(1), self.ask(id, Ask::State)).await {
            Ok(Ok(Reply::State(state))) => Some(state),
            _ => None,
        }
    }

    /// Who leads, by what the machines say that answer, of the newest term.
    pub async fn leader(&self) -> Option<u64> {
        let mut newest: Option<RaftState> = None;
        for id in self.running.keys() {
            let state = self.state(*id).await;
            if let Some(state) = state.filter(|state| newest.as_ref().is_none_or(|newest| newest.term < state.term)) {
                newest = Some(state);
            }
        }
        newest?.leader.filter(|leader| self.running.contains_key(leader))
    }

    /// Waits until all members run, and know one leader.
    ///
    /// # Errors
    ///
    /// When they do not in time.
    pub async fn until_whole(&self, within: Duration) -> io::Result<()> {
        let until = Instant::now() + within;
        let mut known = Vec::new();
        while Instant::now() < until {
            known.clear();
            for id in self.ids() {
                known.extend(self.state(id).await);
            }
            let first = known.first().map(|state| (state.leader, state.term));
            let is_one = known.iter().all(|state| Some((state.leader, state.term)) == first && state.stopped.is_none());
            if known.len() as u64 == self.members && is_one && first.is_some_and(|(leader, _)| leader.is_some()) {
                return Ok(());
            }
            sleep(Duration::from_millis(50)).await;
        }
        let mut logs = String::new();
        for id in self.ids() {
            logs += &std::fs::read_to_string(self.folder.join(format!("machine{id}.log")))?;
        }
        Err(io::Error::new(io::ErrorKind::TimedOut, format!("the machines are not one cluster: {known:?}\n{logs}")))
    }
}

impl Asker {
    /// Asks the machine.
    ///
    /// # Errors
    ///
    /// When it has ended, or ends before it has answered.
    pub async fn ask(&self, ask: Ask) -> io::Result<Reply> {
        let (sender, reply) = oneshot::channel();
        let number = {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            if waiting.is_gone {
                return Err(gone());
            }
            waiting.last += 1;
            let number = waiting.last;
            waiting.replies.insert(number, sender);
            number
        };
        let mut line = serde_json::to_vec(&Question { number, ask })?;
        line.push(b'\n');
        self.input.lock().await.write_all(&line).await?;
        reply.await.map_err(|_| gone())
    }
}

/// Hears what a machine answers, until it ends.
async fn hear(output: ChildStdout, waiting: Arc<Mutex<Waiting>>) {
    let mut lines = BufReader::new(output).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let Ok(Answered { number, reply }) = serde_json::from_str(&line) else {
            eprintln!("a machine says: {line}");
            continue;
        };
        let sender = waiting.lock().unwrap_or_else(PoisonError::into_inner).replies.remove(&number);
        if let Some(sender) = sender {
            // Whoever has asked may have given up.
            drop(sender.send(reply));
        }
    }
    let mut waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
    waiting.is_gone = true;
    waiting.replies.clear();
}

fn gone() -> io::Error {
    io::Error::new(io::ErrorKind::BrokenPipe, "the machine does not run")
}
