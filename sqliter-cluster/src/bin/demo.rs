//! Three nodes with a music store; the leader is killed while two programs sell.

#[path = "../../../examples/src/bin/chinook/models.rs"]
mod models;

use std::error::Error;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use models::{
    AllModels, Customer, Invoice, NewAlbum, NewArtist, NewCustomer, NewEmployee, NewGenre, NewInvoice, NewInvoiceLine,
    NewMediaType, NewPlaylist, NewPlaylistEntry, NewTrack,
};
use rust_decimal::Decimal;
use serde::de::DeserializeOwned;
use sqliter::prelude::*;
use sqliter_cluster::local::Nodes;
use sqliter_cluster::{Cluster, Error as ClusterError, dump};
use tempfile::TempDir;
use tokio::time::sleep;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// What fits into one message, and into one entry of the log.
const ROWS_A_BATCH: usize = 500;
/// The invoices of the demonstration have these numbers and larger ones.
const FIRST: i64 = 1_000_000;

#[tokio::main]
async fn main() -> Result<()> {
    let folder = TempDir::new()?;
    let began = Instant::now();
    let mut nodes = Nodes::start(folder.path()).await?;
    println!("three nodes are one cluster after {:.1?}", began.elapsed());

    let began = Instant::now();
    let cluster = nodes.cluster(1).await?;
    cluster.create_tables::<AllModels>().await?;
    let rows = load(&cluster).await?;
    println!("the music store has {rows} rows on every node after {:.1?}", began.elapsed());

    let stop = Arc::new(AtomicBool::new(false));
    let mut shops = Vec::new();
    for shop in 1..=3_u8 {
        let cluster = nodes.cluster(shop.into()).await?;
        shops.push(tokio::spawn(sell(cluster, shop.into(), Arc::clone(&stop))));
    }
    sleep(Duration::from_secs(2)).await;

    let leader = nodes.leader().await.ok_or("no node leads")?;
    let killed = Instant::now();
    nodes.kill(leader)?;
    println!("node {leader}, which led, was killed (SIGKILL) while three shops sold");
    let next = loop {
        match nodes.leader().await {
            Some(next) if next != leader => break next,
            _ if killed.elapsed() > Duration::from_secs(30) => return Err("nobody leads for 30 s".into()),
            _ => sleep(Duration::from_millis(20)).await,
        }
    };
    println!("node {next} leads after {:.1?}", killed.elapsed());
    sleep(Duration::from_secs(2)).await;
    nodes.start_node(leader)?;
    nodes.until_whole(Duration::from_secs(60)).await?;
    println!("node {leader} is back {:.1?} after it was killed", killed.elapsed());
    sleep(Duration::from_secs(1)).await;
    stop.store(true, Ordering::Relaxed);

    let mut told = Vec::new();
    for shop in shops {
        let sold = shop.await?;
        let pause = sold.iter().map(|sale| sale.told - sale.begun).max().unwrap_or_default();
        let number = sold.len();
        let waited = sold.iter().filter(|sale| sale.begun > killed).map(|sale| sale.told).min();
        println!(
            "a shop was told of {number} invoices; the longest wait for one was {pause:.1?}, and the first that was begun after the \
            kill was told {:.1?} after it",
            waited.map(|told| told - killed).unwrap_or_default()
        );
        told.extend(sold);
    }
    for id in 1..=3 {
        let cluster = nodes.cluster(id).await?;
        cluster.barrier().await?;
        let db = cluster.db();
        let there = db.select::<Invoice>().filter(|i| i.id.ge(FIRST)).only(|i| i.id).fetch_all().await?;
        let lost = told.iter().filter(|sale| !there.contains(&sale.invoice)).count();
        println!(
            "node {id}: {} invoices of the shops, {lost} that were told and are not there; {} customers, {} invoices in all",
            there.len(),
            db.select::<Customer>().count().await?,
            db.select::<Invoice>().count().await?
        );
    }
    let first = dump(&nodes.file(1))?;
    let are_equal = first == dump(&nodes.file(2))? && first == dump(&nodes.file(3))?;
    println!("the files of the three nodes hold {}", if are_equal { "the same" } else { "different rows" });
    if are_equal { Ok(()) } else { Err("the nodes have parted".into()) }
}

/// An invoice that a shop was told is written.
struct Sale {
    invoice: i64,
    begun: Instant,
    told: Instant,
}

/// Sells until it is told to stop: each time an invoice and its line, together.
async fn sell(cluster: Cluster, shop: i64, stop: Arc<AtomicBool>) -> Vec<Sale> {
    let mut sold = Vec::new();
    let mut number = 0;
    while !stop.load(Ordering::Relaxed) {
        let invoice = FIRST * shop + number;
        number += 1;
        let begun = Instant::now();
        match sell_one(&cluster, invoice, number).await {
            Ok(()) => sold.push(Sale { invoice, begun, told: Instant::now() }),
            Err(error) => eprintln!("shop {shop}: {error}"),
        }
    }
    sold
}

async fn sell_one(cluster: &Cluster, invoice: i64, number: i64) -> sqliter_cluster::Result<()> {
    let db = cluster.db();
    let price = Decimal::new(99, 2);
    let written = cluster.batch(async |batch| {
        let head = Invoice::builder()
            .id(invoice)
            .customer_id(Customer::key(1 + number % 59))
            .invoice_date(chrono::DateTime::UNIX_EPOCH)
            .billing_address("1 Main Street")
            .billing_city("Here")
            .billing_country("There")
            .total(price);
        batch.add(db.insert(head))?;
        let line = models::InvoiceLine::builder()
            .id(invoice)
            .invoice_id(Invoice::key(invoice))
            .track_id(models::Track::key(1 + number % 3000))
            .unit_price(price)
            .quantity(1);
        batch.add(db.insert(line))
    });
    match written.await {
        // It is written, and the node beside this shop is not there.
        Ok(_) | Err(ClusterError::Behind { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

/// All files of the folder, in an order in which no row refers to one that is not there yet.
async fn load(cluster: &Cluster) -> Result<usize> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../examples/data/chinook");
    let mut rows = 0;
    rows += load_file::<NewArtist>(cluster, &folder.join("artists.jsonl")).await?;
    rows += load_file::<NewAlbum>(cluster, &folder.join("albums.jsonl")).await?;
    rows += load_file::<NewGenre>(cluster, &folder.join("genres.jsonl")).await?;
    rows += load_file::<NewMediaType>(cluster, &folder.join("media_types.jsonl")).await?;
    rows += load_file::<NewTrack>(cluster, &folder.join("tracks.jsonl")).await?;
    rows += load_file::<NewPlaylist>(cluster, &folder.join("playlists.jsonl")).await?;
    rows += load_file::<NewPlaylistEntry>(cluster, &folder.join("playlist_entries.jsonl")).await?;
    rows += load_file::<NewEmployee>(cluster, &folder.join("employees.jsonl")).await?;
    rows += load_file::<NewCustomer>(cluster, &folder.join("customers.jsonl")).await?;
    rows += load_file::<NewInvoice>(cluster, &folder.join("invoices.jsonl")).await?;
    rows += load_file::<NewInvoiceLine>(cluster, &folder.join("invoice_lines.jsonl")).await?;
    Ok(rows)
}

async fn load_file<D: Draft + DeserializeOwned>(cluster: &Cluster, file: &Path) -> Result<usize> {
    let mut drafts = Vec::new();
    for line in BufReader::new(File::open(file)?).lines() {
        drafts.push(serde_json::from_str::<D>(&line?)?);
    }
    let rows = drafts.len();
    let mut drafts = drafts.into_iter();
    loop {
        let some: Vec<D> = drafts.by_ref().take(ROWS_A_BATCH).collect();
        if some.is_empty() {
            return Ok(rows);
        }
        cluster.write(cluster.db().bulk_insert(some)).await?;
    }
}
