//! A lending library on axum: a service to copy. `cargo run --release -p sqliter-examples --bin service` starts it on a file
//! with sample data, and says where to look; `--help` says what can be chosen.
//!
//! From the outside to the inside: `handlers` (the routes), `http` (what stands between HTTP and them), `queries` (what is
//! asked of the database; knows nothing of HTTP), `models` (the tables).

mod app;
mod backup;
mod error;
mod handlers;
mod http;
mod models;
mod options;
mod queries;
mod sample;

use std::io::IsTerminal as _;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use sqliter::prelude::*;
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

use crate::app::App;
use crate::options::Options;

/// The files of the folder `service/migrations`, in the program.
static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("service/migrations");

/// How long requests that are under way may take when the service is told to end.
const GRACE: Duration = Duration::from_secs(10);

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let colours = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(colours).init();
    match serve(Options::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(options: Options) -> Result<(), Failure> {
    // The recorder comes before the database, which counts for the one that it finds.
    let metrics = recorder()?;
    let path = options.database();
    let db = Db::options()
        .path(&path)
        .busy_timeout(options.wait())
        .queue_timeout(options.wait())
        .slow_statements(Duration::from_millis(100))
        .open()
        .await?;
    db.migrate(&MIGRATIONS).await?;
    // A file that somebody else has changed is refused before it is served.
    db.require_schema::<models::All>().await?;
    if !options.empty && sample::fill(&db).await? {
        tracing::info!("the database was empty, and has sample data now");
    }
    let app = App::new(db.clone(), metrics, &options);

    let listener = TcpListener::bind(&options.address).await?;
    let address = listener.local_addr()?;
    println!("The library is open at http://{address}");
    println!("  try it out    http://{address}/docs");
    println!("  books         http://{address}/books?sort=-rating&available=true");
    println!("  search        http://{address}/search?q=detective");
    println!("  a report      http://{address}/reports/popular");
    println!("  metrics       http://{address}/metrics");
    println!("The database is in {}, backups go to {}. Ctrl-C ends it.", path.display(), app.backups.display());

    let nightly = tokio::spawn({
        let (db, folder, at) = (db.clone(), app.backups.clone(), options.backup_at);
        async move { backup::every_night(db, &folder, at).await }
    });
    let upkeep = tokio::spawn({
        let metrics = app.metrics.clone();
        async move {
            loop {
                tokio::time::sleep(Duration::from_secs(5)).await;
                metrics.run_upkeep();
            }
        }
    });

    let (ending, mut ended) = tokio::sync::watch::channel(false);
    let leaving = app.clone();
    let server = axum::serve(listener, handlers::router(app)).with_graceful_shutdown(async move {
        told_to_end().await;
        leaving.leave();
        // Nobody waits any more if the server has ended by itself.
        let _ = ending.send(true);
    });
    tokio::select! {
        result = server => result?,
        () = async {
            let _ = ended.wait_for(|ended| *ended).await;
            tokio::time::sleep(GRACE).await;
        } => tracing::warn!("requests are cut that were not done within {GRACE:?}"),
    }
    nightly.abort();
    upkeep.abort();
    // Moves what is in the write-ahead log into the file.
    db.close().await?;
    println!("The library is closed");
    Ok(())
}

/// Counts and measures for `/metrics`. Times are put into buckets, so that Prometheus can add those of several processes.
fn recorder() -> Result<PrometheusHandle, Failure> {
    let seconds = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0];
    let builder = PrometheusBuilder::new().set_buckets_for_metric(Matcher::Suffix("seconds".to_owned()), &seconds)?;
    Ok(builder.install_recorder()?)
}

/// Ctrl-C, or what a service manager sends.
async fn told_to_end() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            },
            Err(error) => {
                tracing::warn!(%error, "SIGTERM ends the service at once");
                let _ = tokio::signal::ctrl_c().await;
            }
        }
    }
    #[cfg(not(unix))]
    {
        let _ = tokio::signal::ctrl_c().await;
    }
}

#[cfg(test)]
mod tests {
    #[tokio::test]
    async fn the_migrations_lead_to_the_models() {
        sqliter::testing::assert_migrations::<crate::models::All>(&super::MIGRATIONS).await;
    }
}
