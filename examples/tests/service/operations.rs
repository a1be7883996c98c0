//! What those who run the service see of it.

use axum::http::Method;
use serde_json::{Value, json};
use sqliter::Db;

use crate::client::Service;

#[tokio::test]
async fn it_says_that_it_lives_and_is_ready() {
    let service = Service::start();
    assert_eq!(service.get("/health").await.text(), "alive\n");
    assert_eq!(service.get("/ready").await.text(), "ready\n");
    let root = service.get("/").await;
    assert_eq!((root.status.as_u16(), root.header("location")), (303, "/docs"));
}

#[tokio::test]
async fn it_ends_when_it_is_told_and_closes_the_database() {
    let mut service = Service::start();
    service.post("/books", json!({"title": "x", "author_id": 1})).await.is(201);
    service.terminate();
    let (status, printed) = service.ended();
    assert!(status.success(), "{}", service.log());
    assert_eq!(printed.last().unwrap(), "The library is closed");
    assert!(!service.folder.path().join("library.db-wal").exists(), "the log is in the file");
    // It goes on where it ended, without the sample data once more.
    let db = Db::open(service.database()).await.unwrap();
    assert_eq!(db.query::<i64>("SELECT COUNT(*) FROM books").fetch_required().await.unwrap(), 17);
    db.close().await.unwrap();
}

#[tokio::test]
async fn it_goes_on_with_its_file() {
    let mut service = Service::start_with(&["--empty"]);
    assert_eq!(service.get("/books").await.is(200)["rows"], json!([]));
    service.post("/authors", json!({"name": "A"})).await.is(201);
    service.post("/books", json!({"title": "x", "author_id": 1})).await.is(201);
    service.terminate();
    service.ended();
    let folder = std::mem::replace(&mut service.folder, tempfile::tempdir().unwrap());
    let service = Service::start_in(folder, &["--empty"]);
    assert_eq!(service.get("/books").await.is(200)["rows"][0]["title"], "x");
}

#[tokio::test]
async fn a_file_of_another_program_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::open(folder.path().join("library.db")).await.unwrap();
    db.execute("CREATE TABLE books (title TEXT)").await.unwrap();
    db.close().await.unwrap();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_service"));
    let output =
        command.args(["--address", "127.0.0.1:0", "--database"]).arg(folder.path().join("library.db")).output();
    let output = output.unwrap();
    assert!(!output.status.success());
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.starts_with("error: ") && text.contains("books"), "{text}");
}

#[tokio::test]
async fn it_counts_requests_and_statements() {
    let service = Service::start();
    for _ in 0..3 {
        service.get("/books/1").await.is(200);
    }
    service.get("/books/99").await.refuses(404);
    let metrics = service.get("/metrics").await;
    let metrics = metrics.text();
    for expected in [
        "http_requests_total{method=\"GET\",route=\"/books/{book}\",status=\"200\"} 3",
        "http_requests_total{method=\"GET\",route=\"/books/{book}\",status=\"404\"} 1",
        "http_request_seconds_count{method=\"GET\",route=\"/books/{book}\"} 4",
        "sqliter_statements_total{",
    ] {
        assert!(metrics.contains(expected), "{expected} in {metrics}");
    }
}

#[tokio::test]
async fn statements_stand_under_the_request_in_the_log() {
    let service = Service::start();
    service.get("/books/1").await.is(200);
    let log = service.log();
    let statement = log.lines().find(|line| line.contains("request{") && line.contains("SELECT"));
    let statement = statement.unwrap_or_else(|| panic!("{log}"));
    assert!(statement.contains("/books/1") && statement.contains("fetch{"), "{statement}");
}

#[tokio::test]
async fn backups_are_whole_databases_and_the_oldest_go() {
    let service = Service::start();
    for _ in 0..15 {
        service.post("/backups", Value::Null).await.is(201);
    }
    let made = service.post("/backups", Value::Null).await.is(201);
    let folder = service.folder.path().join("backups");
    let db = Db::open(folder.join(made["file"].as_str().unwrap())).await.unwrap();
    assert_eq!(db.query::<i64>("SELECT COUNT(*) FROM books").fetch_required().await.unwrap(), 16);
    assert_eq!(db.query::<String>("PRAGMA integrity_check").fetch_required().await.unwrap(), "ok");
    db.close().await.unwrap();
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 14);
}

/// The page to try the routes is part of the program: nothing comes from elsewhere.
#[tokio::test]
async fn the_page_of_the_description_needs_no_network() {
    let service = Service::start();
    let page = service.get("/docs/").await;
    page.is(200);
    assert!(page.text().contains("swagger-ui"), "{}", page.text());
    assert!(!page.text().contains("https://"), "{}", page.text());
    let script = service.send(service.request(Method::GET, "/docs/swagger-ui-bundle.js"), String::new()).await;
    assert!(script.status.is_success() && script.body.len() > 100_000);
}

#[tokio::test]
async fn it_answers_many_at_once() {
    let service = Service::start();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_service-load"));
    let address = service.url("").replace("http://", "");
    command.args([
        "--address",
        &address,
        "--requests",
        "600",
        "--connections",
        "16",
        "--books",
        "100",
        "--seconds",
        "15",
    ]);
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.starts_with("16 connections, 100 books\n"), "{text}");
    let all: Vec<_> = text.lines().last().unwrap().split_whitespace().collect();
    assert_eq!((all.first(), all.get(1), all.last()), (Some(&"all"), Some(&"600"), Some(&"0")), "{text}");
}
