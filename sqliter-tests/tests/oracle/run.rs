//! Running cases, and shrinking those that fail.

use std::env;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use sqliter::Db;

use super::check::{Failure, check, compare};
use super::generate_chain::{chain, terminals};
use super::known::is_left_out;
use super::random::Random;
use super::shrink::Shrink;
use super::terminals::{Got, Terminal};
use super::tree::Chain;
use super::world::World;
use super::{answer, chains, print, store};

/// How many cases share their rows.
const CASES_OF_A_WORLD: u64 = 50;

/// How many failures are shown before a run ends.
const SHOWN: usize = 5;

fn number(name: &str) -> Option<u64> {
    env::var(name).ok().map(|text| text.replace('_', "").parse().expect(name))
}

pub fn all() {
    if let Some(seed) = number("ORACLE_SEED") {
        return report(&worker(&AtomicU64::new(seed), seed + 1, true));
    }
    let cases = number("ORACLE_CASES").unwrap_or(if cfg!(debug_assertions) { 1_500 } else { 10_000 });
    let from = number("ORACLE_FROM").unwrap_or(0);
    let next = AtomicU64::new(from);
    let start = Instant::now();
    let failures = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..2).map(|_| scope.spawn(|| worker(&next, from + cases, false))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
    });
    let done = next.load(Ordering::Relaxed).min(from + cases) - from;
    println!("{done} cases in {:.1?}, {:.0} a second", start.elapsed(), done as f64 / start.elapsed().as_secs_f64());
    report(&failures);
}

fn report(failures: &[String]) {
    assert!(failures.is_empty(), "{} failures\n\n{}", failures.len(), failures.join("\n"));
}

/// Takes one world after another.
fn worker(next: &AtomicU64, end: u64, single: bool) -> Vec<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        let db = store::open(true).await.unwrap();
        let mut failures = Vec::new();
        while failures.len() < SHOWN {
            let first = next.fetch_add(if single { 1 } else { CASES_OF_A_WORLD }, Ordering::Relaxed);
            if first >= end {
                break;
            }
            let world = world_of(first);
            store::fill(&db, &world).await.unwrap();
            for seed in first..if single { first + 1 } else { end.min(first + CASES_OF_A_WORLD) } {
                if let Some(failure) = case(&db, &world, seed).await {
                    println!("{failure}");
                    failures.push(failure);
                    store::fill(&db, &world).await.unwrap();
                }
            }
        }
        failures
    })
}

fn world_of(seed: u64) -> World {
    World::random(&mut Random::new(seed / CASES_OF_A_WORLD))
}

/// The report of a case that fails.
async fn case(db: &Db, world: &World, seed: u64) -> Option<String> {
    let mut random = Random::new(seed.wrapping_mul(0x2545_f491_4f6c_dd1d));
    let chain = chain(&mut random);
    let terminals = terminals(&mut random);
    let answer = answer::answer(world, &chain).ok()?;
    for terminal in terminals {
        if is_left_out(&chain, &terminal) {
            continue;
        }
        if compare(db, &chain, &answer, &terminal).await.is_some() {
            return Some(shrunk(db, world, chain, terminal, seed).await);
        }
    }
    None
}

/// Takes away what a failure does not need, and tells the rest.
async fn shrunk(db: &Db, world: &World, chain: Chain, terminal: Terminal, seed: u64) -> String {
    let (mut world, mut chain, mut terminal) = (world.clone(), chain, terminal);
    let mut failure = check(db, &world, &chain, &terminal).await;
    let mut tries = 0;
    'smaller: while tries < 3_000 {
        for smaller in chain.smaller() {
            tries += 1;
            if is_left_out(&smaller, &terminal) {
                continue;
            }
            if let Some(found) = check(db, &world, &smaller, &terminal).await {
                (chain, failure) = (smaller, Some(found));
                continue 'smaller;
            }
        }
        if terminal != Terminal::All && !is_left_out(&chain, &Terminal::All) {
            if let Some(found) = check(db, &world, &chain, &Terminal::All).await {
                (terminal, failure) = (Terminal::All, Some(found));
                continue;
            }
        }
        for smaller in world.smaller() {
            tries += 1;
            store::fill(db, &smaller).await.unwrap();
            if let Some(found) = check(db, &smaller, &chain, &terminal).await {
                (world, failure) = (smaller, Some(found));
                continue 'smaller;
            }
        }
        store::fill(db, &world).await.unwrap();
        break;
    }
    tell(db, &world, &chain, &terminal, seed, failure).await
}

async fn tell(
    db: &Db,
    world: &World,
    chain: &Chain,
    terminal: &Terminal,
    seed: u64,
    failure: Option<Failure>,
) -> String {
    let sql = match chains::run(db, chain, &Terminal::Sql).await {
        Ok(Got::Sql(sql)) => sql,
        other => format!("{other:?}"),
    };
    format!(
        "--- ORACLE_SEED={seed}\n{}\n    .{terminal:?}\n{}\n  over\n{}  SQL of all its rows\n    {sql}\n",
        print::chain(chain),
        failure.map_or_else(|| "    fails not always".to_owned(), |failure| failure.to_string()),
        print::world(world),
    )
}
