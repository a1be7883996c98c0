//! What it costs to run a query on a thread of the engine instead of on the thread that awaits it, beside Tokio's
//! `spawn_blocking` of nothing: one task with one call after the other, and 16 tasks at once.

use std::time::{Duration, Instant};

use sqliter::prelude::*;

type Result<T, E = Box<dyn std::error::Error + Send + Sync>> = std::result::Result<T, E>;

const CALLS: u32 = 20_000;
const ROUNDS: usize = 7;

/// One call, as it is made again and again.
#[derive(Clone, Copy)]
enum Call {
    InPlace,
    /// A query that may call `format` always runs on a thread.
    OnAThread,
    SpawnBlocking,
}

fn main() -> Result<()> {
    let file = std::env::temp_dir().join(format!("sqliter-hop-{}.db", std::process::id()));
    for threads in [1, 2] {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(threads).build()?;
        let file = file.clone();
        runtime.block_on(async { runtime.spawn(measure(threads, file)).await })??;
    }
    Ok(std::fs::remove_file(file)?)
}

async fn measure(threads: usize, file: std::path::PathBuf) -> Result<()> {
    let db = Db::open(file).await?;
    println!("a runtime with {threads} thread(s), for each call:");
    for tasks in [1, 16] {
        let in_place = median(&db, tasks, Call::InPlace).await?;
        let on_a_thread = median(&db, tasks, Call::OnAThread).await?;
        let spawned = median(&db, tasks, Call::SpawnBlocking).await?;
        let hop = on_a_thread.saturating_sub(in_place);
        println!(
            "{tasks:>4} task(s): in place {in_place:?}, on a thread {on_a_thread:?}, so {hop:?} there and back; spawn_blocking {spawned:?}"
        );
    }
    Ok(db.close().await?)
}

/// The median time of a call.
async fn median(db: &Db, tasks: u32, call: Call) -> Result<Duration> {
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let since = Instant::now();
        let calling: Vec<_> = (0..tasks).map(|_| tokio::spawn(calls(db.clone(), CALLS / tasks, call))).collect();
        for task in calling {
            task.await??;
        }
        rounds.push(since.elapsed() / CALLS);
    }
    rounds.sort();
    Ok(rounds[ROUNDS / 2])
}

async fn calls(db: Db, calls: u32, call: Call) -> Result<()> {
    for number in 0..calls {
        let given = match call {
            Call::InPlace => db.query::<i64>("SELECT abs(?)").bind(i64::from(number)).fetch_one().await?,
            Call::OnAThread => {
                db.query::<i64>("SELECT CAST(format('%d', ?) AS INTEGER)").bind(i64::from(number)).fetch_one().await?
            }
            Call::SpawnBlocking => Some(tokio::task::spawn_blocking(move || i64::from(number)).await?),
        };
        assert_eq!(given, Some(i64::from(number)));
    }
    Ok(())
}
