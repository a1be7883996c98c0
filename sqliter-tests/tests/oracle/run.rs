//! Running cases, and shrinking those that fail.

use std::env;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use sqliter::Db;

use super::case::Case;
use super::check::Failure;
use super::random::Random;
use super::shrink::Shrink;
use super::world::World;
use super::{print, store};

/// How many cases share their rows.
const CASES_OF_A_WORLD: u64 = 50;

/// How many failures are shown before a run ends.
const SHOWN: usize = 5;

/// How long a failure is shrunk.
const MOST_TRIES: usize = 4_000;

fn number(name: &str) -> Option<u64> {
    env::var(name).ok().map(|text| text.replace('_', "").parse().expect(name))
}

pub fn all() {
    if let Some(seed) = number("ORACLE_SEED") {
        return report(&worker(&AtomicU64::new(seed), seed + 1, true));
    }
    let cases = number("ORACLE_CASES").unwrap_or(if cfg!(debug_assertions) { 3_000 } else { 10_000 });
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
                if let Some(failure) = report_of(&db, &world, seed).await {
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

/// Names the case when something panics.
struct Running(u64);

impl Drop for Running {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("a panic at ORACLE_SEED={}", self.0);
        }
    }
}

/// The report of a case that fails.
async fn report_of(db: &Db, world: &World, seed: u64) -> Option<String> {
    let _running = Running(seed);
    let mut random = Random::new(seed.wrapping_mul(0x2545_f491_4f6c_dd1d));
    let case = Case::random(&mut random, world);
    let failure = case.failure(db, world).await?;
    Some(shrunk(db, world.clone(), case, failure, seed).await)
}

/// Takes away what a failure does not need, and tells the rest.
async fn shrunk(db: &Db, mut world: World, mut case: Case, mut failure: Failure, seed: u64) -> String {
    let mut tries = 0;
    'smaller: while tries < MOST_TRIES {
        for smaller in case.smaller() {
            tries += 1;
            if let Some(found) = smaller.failure(db, &world).await {
                (case, failure) = (smaller, found);
                continue 'smaller;
            }
        }
        for smaller in world.smaller() {
            tries += 1;
            store::fill(db, &smaller).await.unwrap();
            if let Some(found) = case.failure(db, &smaller).await {
                (world, failure) = (smaller, found);
                continue 'smaller;
            }
        }
        store::fill(db, &world).await.unwrap();
        break;
    }
    let case = case.tell(db).await;
    format!("--- ORACLE_SEED={seed}\n{case}\n{failure}\n  over\n{}", print::world(&world))
}
