//! A program beside a node, for tests: `program FILE SOCKET…`. It does what the lines of standard input ask for.

use std::error::Error;
use std::sync::Arc;

use sqliter_cluster::{Cluster, Replica, programs};

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let file = arguments.next().ok_or("usage: program FILE SOCKET…")?;
    let cluster = Cluster::connect_to(arguments).await?;
    programs::serve(Replica::open(file, Arc::new(cluster)).await?).await?;
    Ok(())
}
