//! The program itself.

use std::io::{self, BufRead};
use std::rc::Rc;

use sqliter::prelude::*;
use tokio::sync::mpsc;
use tokio::task::{LocalSet, spawn_local};

use super::{Answer, Ask};
use crate::error::{Error, Result};
use crate::replica::Replica;
use crate::replicator::Replicator;

#[derive(Debug, Clone, PartialEq, Model)]
struct Register {
    pk: Key<Register>,
    value: i64,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Account {
    pk: Key<Account>,
    balance: i64,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Move {
    pk: Key<Move>,
    number: i64,
    from_account: i64,
    to_account: i64,
    amount: i64,
    from_had: i64,
    to_had: i64,
}

/// Does what the lines of standard input ask for, several at a time, until it ends. Each line is a number and an [`Ask`], as JSON; the
/// answer is a line of standard output with the same number. `leads` gives the term, and who leads.
///
/// # Errors
///
/// When a line is none of these.
pub async fn serve<R: Replicator>(replica: Replica<R>, leads: impl Fn() -> (u64, Option<u64>)) -> io::Result<()> {
    let (sent, mut lines) = mpsc::unbounded_channel();
    std::thread::spawn(move || io::stdin().lock().lines().try_for_each(|line| sent.send(line)));
    let replica = Rc::new(replica);
    let serving = async {
        while let Some(line) = lines.recv().await {
            let (number, ask) = serde_json::from_str::<(u64, Ask)>(&line?)?;
            let (term, leader) = leads();
            let replica = Rc::clone(&replica);
            spawn_local(async move {
                let answer = match ask {
                    Ask::Leader => Answer::Leads { term, leader },
                    ask => answer(&replica, ask).await.unwrap_or_else(failed),
                };
                match serde_json::to_string(&(number, answer)) {
                    Ok(line) => println!("{line}"),
                    Err(error) => eprintln!("{error}"),
                }
            });
        }
        Ok(())
    };
    LocalSet::new().run_until(serving).await
}

fn failed(error: Error) -> Answer {
    let reason = error.to_string();
    match error {
        Error::Stopped { .. } => Answer::Stopped(reason),
        Error::Unknown { .. } => Answer::Unknown(reason),
        _ => Answer::NotDone(reason),
    }
}

async fn answer<R: Replicator>(replica: &Replica<R>, ask: Ask) -> Result<Answer> {
    match ask {
        Ask::Create { accounts, each } => {
            replica.create_tables::<(Register, Account, Move)>().await?;
            let fill = async |tx: &sqliter::Tx| {
                tx.insert(Register::builder().value(0)).await?;
                tx.bulk_insert((0..accounts).map(|_| Account::builder().balance(each))).await
            };
            replica.transaction(fill).await?;
            Ok(Answer::Done)
        }
        Ask::Read => {
            replica.barrier().await?;
            Ok(Answer::Saw(replica.db().select::<Register>().only(|r| r.value).fetch_required().await?))
        }
        Ask::Write { value } => {
            let set = async |tx: &sqliter::Tx| tx.select::<Register>().update(|r| r.value.set(value)).await;
            replica.transaction(set).await?;
            Ok(Answer::Done)
        }
        Ask::Swap { from, to } => {
            // One that changes nothing has only read, and that may be old.
            replica.barrier().await?;
            let swap = async |tx: &sqliter::Tx| {
                let holds = tx.select::<Register>().only(|r| r.value).fetch_required().await?;
                if holds == from {
                    tx.select::<Register>().update(|r| r.value.set(to)).await?;
                }
                Ok(holds)
            };
            let holds = replica.transaction(swap).await?;
            Ok(if holds == from { Answer::Done } else { Answer::Saw(holds) })
        }
        Ask::Transfer { number, from, to, amount } => {
            let [from, to] = [from, to].map(|account| account as i64 + 1);
            replica.transaction(async |tx| transfer(tx, number, from, to, amount).await).await
        }
        Ask::Balances { is_fresh } => {
            if is_fresh {
                replica.barrier().await?;
            }
            // One statement sees one moment.
            const ALL: &str = "SELECT (SELECT count(*) FROM moves), balance FROM accounts ORDER BY pk";
            let rows = replica.db().query::<(i64, i64)>(ALL).fetch_all().await?;
            let after = rows.first().map_or(0, |row| row.0 as usize);
            Ok(Answer::Balances { after, balances: rows.into_iter().map(|row| row.1).collect() })
        }
        Ask::Barrier | Ask::Leader => {
            replica.barrier().await?;
            Ok(Answer::Done)
        }
    }
}

async fn transfer(tx: &sqliter::Tx, number: i64, from: i64, to: i64, amount: i64) -> sqliter::Result<Answer> {
    let balance = async |account: i64| {
        let one = tx.select::<Account>().filter(|a| a.pk.eq(Account::key(account)));
        one.only(|a| a.balance).fetch_required().await
    };
    let (from_had, to_had) = (balance(from).await?, balance(to).await?);
    if from_had < amount {
        return Ok(Answer::Short { after: tx.select::<Move>().count().await? as usize, had: from_had });
    }
    // By values, so that a lost update would be seen.
    for (account, now) in [(from, from_had - amount), (to, to_had + amount)] {
        let one = tx.select::<Account>().filter(|a| a.pk.eq(Account::key(account)));
        one.update(|a| a.balance.set(now)).await?;
    }
    let draft = Move::builder().number(number).from_account(from).to_account(to).amount(amount);
    tx.insert(draft.from_had(from_had).to_had(to_had)).await?;
    Ok(Answer::Done)
}
