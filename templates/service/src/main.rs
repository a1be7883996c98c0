//! Opens the database, applies the migrations, and serves until Ctrl-C.

use sqliter::prelude::*;
use tokio::net::TcpListener;

use {{crate_name}}::{MIGRATIONS, routes};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    tracing_subscriber::fmt().init();
    let path = std::env::var("DATABASE_URL").unwrap_or_else(|_| "notes.db".to_owned());
    let db = Db::open(&path).await?;
    db.migrate(&MIGRATIONS).await?;

    let listener = TcpListener::bind("127.0.0.1:3000").await?;
    println!("serving {path} on http://{}/notes", listener.local_addr()?);
    axum::serve(listener, routes::router(db.clone()))
        .with_graceful_shutdown(ended())
        .await?;
    Ok(db.close().await?)
}

/// Until Ctrl-C is pressed. Where it cannot be listened for, until the process is killed.
async fn ended() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending().await
    }
}
