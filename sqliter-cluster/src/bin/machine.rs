//! A machine of a cluster, for tests: it is asked by lines of JSON on its standard input, and answers on its standard output.

use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;

use rusqlite::Connection;
use sqliter::prelude::*;
use sqliter_cluster::machines::{Answered, Ask, Question, Reply};
use sqliter_cluster::{Error as ClusterError, RaftNode, RaftOptions, Replica};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Stdout, stdin, stdout};
use tokio::sync::Mutex;
use tokio::task::{LocalSet, spawn_local};

#[derive(Debug, Clone, PartialEq, Model)]
struct Account {
    pk: Key<Account>,
    balance: i64,
}

/// Nothing in the table keeps a number from being there twice.
#[derive(Debug, Clone, PartialEq, Model)]
struct Transfer {
    pk: Key<Transfer>,
    number: i64,
    from_account: i64,
    to_account: i64,
    amount: i64,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Register {
    pk: Key<Register>,
    value: i64,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Filling {
    pk: Key<Filling>,
    bytes: Vec<u8>,
}

type Tables = (Account, Transfer, Register, Filling);

#[tokio::main]
async fn main() -> ExitCode {
    match LocalSet::new().run_until(run()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("machine: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let node = Arc::new(options()?.start().await?);
    let machine = Arc::new(Machine { replica: Replica::open(node.database(), Arc::clone(&node)).await?, node });
    let output = Arc::new(Mutex::new(stdout()));
    let mut lines = BufReader::new(stdin()).lines();
    while let Some(line) = lines.next_line().await? {
        let Question { number, ask } = serde_json::from_str(&line)?;
        let (machine, output) = (Arc::clone(&machine), Arc::clone(&output));
        spawn_local(async move {
            let reply = match machine.answer(ask).await {
                Ok(reply) => reply,
                Err(error) => said(&error),
            };
            if let Err(error) = say(&output, &Answered { number, reply }).await {
                eprintln!("machine: {error}");
            }
        });
    }
    Ok(())
}

fn options() -> Result<RaftOptions, Box<dyn Error>> {
    let (mut id, mut database, mut members, mut links) = (None, None, Vec::new(), Vec::new());
    let (mut cut_after, mut keep, mut joins) = (10_000, 5_000, false);
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        if name == "--joins" {
            joins = true;
            continue;
        }
        let value = arguments.next().ok_or_else(|| format!("{name} has no value"))?;
        match name.as_str() {
            "--id" => id = Some(value.parse::<u64>()?),
            "--database" => database = Some(value),
            "--member" => members.push(pair(&value)?),
            "--link" => links.push(pair(&value)?),
            "--cut-after" => cut_after = value.parse()?,
            "--keep" => keep = value.parse()?,
            _ => return Err(format!("{name} is not known").into()),
        }
    }
    let mut options = RaftNode::options(id.ok_or("no --id")?, database.ok_or("no --database")?);
    for (id, address) in members {
        options = options.member(id, address);
    }
    for (id, address) in links {
        options = options.link(id, address);
    }
    options = options.cut_after(cut_after, keep).secret("of a test");
    Ok(if joins { options.joins() } else { options })
}

fn pair(value: &str) -> Result<(u64, String), Box<dyn Error>> {
    let (id, address) = value.split_once('=').ok_or_else(|| format!("{value} is not a number, = and an address"))?;
    Ok((id.parse()?, address.to_owned()))
}

async fn say(output: &Mutex<Stdout>, answered: &Answered) -> Result<(), Box<dyn Error>> {
    let mut line = serde_json::to_vec(answered)?;
    line.push(b'\n');
    let mut output = output.lock().await;
    output.write_all(&line).await?;
    Ok(output.flush().await?)
}

fn said(error: &ClusterError) -> Reply {
    let text = error.to_string();
    match error {
        ClusterError::Conflict { .. } => Reply::Conflict(text),
        ClusterError::Unknown { .. } => Reply::Unknown(text),
        ClusterError::Stopped { .. } => Reply::Stopped(text),
        _ => Reply::Failed(text),
    }
}

struct Machine {
    replica: Replica<RaftNode>,
    node: Arc<RaftNode>,
}

impl Machine {
    async fn answer(&self, ask: Ask) -> Result<Reply, ClusterError> {
        let db = self.replica.db();
        match ask {
            Ask::Setup { accounts } => {
                self.replica.create_tables::<Tables>().await?;
                let made = self.replica.transaction(async |tx| {
                    tx.bulk_insert((0..accounts).map(|_| Account::builder().balance(100))).await?;
                    tx.bulk_insert((0..accounts).map(|_| Register::builder().value(0))).await.map(drop)
                });
                made.await?;
                Ok(Reply::Done)
            }
            Ask::Transfer { from, to, amount, number } => match self.transfer(from, to, amount, number).await? {
                // What was read may be old where nothing was written.
                Reply::NotDone => {
                    self.replica.barrier().await?;
                    self.transfer(from, to, amount, number).await
                }
                done => Ok(done),
            },
            Ask::Balances => {
                self.replica.barrier().await?;
                let all = db.select::<Account>().order(|a| a.pk.asc()).only(|a| a.balance);
                Ok(Reply::Values(all.fetch_all().await?))
            }
            Ask::Numbers => {
                self.replica.barrier().await?;
                let all = db.select::<Transfer>().order(|t| t.pk.asc()).only(|t| t.number);
                Ok(Reply::Values(all.fetch_all().await?))
            }
            Ask::Get { register } => {
                self.replica.barrier().await?;
                let one = db.select::<Register>().filter(|r| r.pk.eq(Register::key(register))).only(|r| r.value);
                Ok(Reply::Values(vec![one.fetch_required().await?]))
            }
            Ask::Set { register, value } => {
                let set = self.replica.transaction(async |tx| {
                    let one = tx.select::<Register>().filter(|r| r.pk.eq(Register::key(register)));
                    one.update(|r| r.value.set(value)).await
                });
                Ok(done(set.await? == 1))
            }
            Ask::Swap { register, from, to } => match self.swap(register, from, to).await? {
                Reply::NotDone => {
                    self.replica.barrier().await?;
                    self.swap(register, from, to).await
                }
                done => Ok(done),
            },
            Ask::Fill { bytes } => {
                let filling = self
                    .replica
                    .transaction(async |tx| tx.insert(Filling::builder().bytes(vec![b'x'; bytes])).await.map(drop));
                filling.await?;
                Ok(Reply::Done)
            }
            Ask::FillDatabase => {
                let pages = |connection: &Connection| -> rusqlite::Result<i64> {
                    let pages = connection.query_row("PRAGMA page_count", [], |row| row.get::<_, i64>(0))?;
                    connection.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |row| row.get(0))
                };
                let pages = self.replica.machine().on_file(pages).await??;
                Ok(Reply::Values(vec![pages]))
            }
            Ask::Barrier => self.replica.barrier().await.map(|()| Reply::Done),
            Ask::State => Ok(Reply::State(self.node.state())),
            Ask::Add { id, address } => self.node.add(id, address).await.map(|()| Reply::Done),
        }
    }

    async fn swap(&self, register: i64, from: i64, to: i64) -> Result<Reply, ClusterError> {
        let set = self.replica.transaction(async |tx| {
            let key = Register::key(register);
            let one = tx.select::<Register>().filter(|r| r.pk.eq(key) & r.value.eq(from));
            one.update(|r| r.value.set(to)).await
        });
        Ok(done(set.await? == 1))
    }

    /// Reads, and writes by value: an update that is lost would be seen.
    async fn transfer(&self, from: i64, to: i64, amount: i64, number: i64) -> Result<Reply, ClusterError> {
        let moved = self.replica.transaction(async |tx| {
            for (account, change) in [(from, -amount), (to, amount)] {
                let one = || tx.select::<Account>().filter(|a| a.pk.eq(Account::key(account)));
                let balance = one().only(|a| a.balance).fetch_required().await?;
                if balance + change < 0 {
                    return Ok(false);
                }
                one().update(|a| a.balance.set(balance + change)).await?;
            }
            let draft = Transfer::builder().number(number).from_account(from).to_account(to).amount(amount);
            tx.insert(draft).await.map(|_| true)
        });
        moved.await.map(done)
    }
}

fn done(is_done: bool) -> Reply {
    if is_done { Reply::Done } else { Reply::NotDone }
}
