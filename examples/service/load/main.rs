//! Asks the service as many clients do, and says how it answers: `cargo run --release -p sqliter-examples --bin service-load`
//! beside a service that runs. It is bounded, in requests and in time.

mod connection;
mod report;
mod requests;

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use clap::Parser;

use crate::connection::Connection;
use crate::report::Report;
use crate::requests::{Kind, Random};

/// Asks a running service, and reports requests a second, how long they take, and errors.
#[derive(Debug, Clone, Parser)]
struct Options {
    /// Where the service listens
    #[arg(long, default_value = "127.0.0.1:3000")]
    address: String,
    /// How many connections ask at the same time
    #[arg(long, default_value_t = 64)]
    connections: u64,
    /// How many requests are sent in all
    #[arg(long, default_value_t = 20_000)]
    requests: u64,
    /// After how many seconds it ends in any case
    #[arg(long, default_value_t = 30)]
    seconds: u64,
    /// What is asked: a mixture, or one kind of request only
    #[arg(long, value_enum)]
    only: Option<Kind>,
    /// How many books there are to be before it begins; missing ones are imported
    #[arg(long, default_value_t = 2_000)]
    books: u64,
    /// Prints lines for programs: the kind, requests a second, p50 and p99 in microseconds, errors
    #[arg(long)]
    plain: bool,
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    match load(&options).await {
        Ok(report) if report.errors() == 0 => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: the service at {} cannot be asked: {error}", options.address);
            ExitCode::FAILURE
        }
    }
}

async fn load(options: &Options) -> Result<Report, Failure> {
    let books = requests::prepare(&mut Connection::open(&options.address).await?, options.books).await?;
    let left = Arc::new(AtomicU64::new(options.requests));
    let began = Instant::now();
    let end = began + Duration::from_secs(options.seconds);
    let clients: Vec<_> = (0..options.connections)
        .map(|number| tokio::spawn(client(options.clone(), books, number, left.clone(), end)))
        .collect();
    let mut report = Report::default();
    for client in clients {
        report.add(client.await??);
    }
    report.took(began.elapsed());
    if options.plain {
        report.print_plain();
    } else {
        println!("{} connections, {books} books", options.connections);
        report.print();
    }
    Ok(report)
}

/// One connection, which sends its next request when the answer to the last one has come.
async fn client(
    options: Options,
    books: u64,
    number: u64,
    left: Arc<AtomicU64>,
    end: Instant,
) -> Result<Report, Failure> {
    let mut report = Report::default();
    let mut random = Random::new(number);
    let mut connection = Connection::open(&options.address).await?;
    let take = |left: u64| left.checked_sub(1);
    while Instant::now() < end && left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok() {
        let kind = options.only.unwrap_or_else(|| Kind::any(&mut random));
        let request = kind.request(&mut random, books);
        let began = Instant::now();
        let answer = tokio::time::timeout(Duration::from_secs(30), connection.ask(&request)).await;
        let took = began.elapsed();
        match answer {
            Ok(Ok(answer)) => report.answered(kind, took, answer.status),
            // A connection that has failed is of no use any more.
            Ok(Err(_)) | Err(_) => {
                report.failed(kind, took);
                connection = Connection::open(&options.address).await?;
            }
        }
    }
    Ok(report)
}
