//! What goes wrong, as answers: each status of the table in the README.

use std::time::Duration;

use axum::http::{Method, header};
use serde_json::json;
use sqliter::Db;

use crate::client::Service;

#[tokio::test]
async fn what_cannot_be_read_is_said_with_the_field() {
    let service = Service::start();
    let fields =
        |answer: crate::client::Answer| -> Vec<String> { answer.refuses(422).into_iter().map(|it| it.0).collect() };
    // A value of another type, one that is missing, several that do not fit.
    assert_eq!(fields(service.post("/books", json!({"title": 7, "author_id": 1})).await), ["title"]);
    assert_eq!(fields(service.post("/books", json!({"title": "x"})).await), ["body"]);
    let several = json!({"title": "", "author_id": 1, "isbn": "12", "pages": 0});
    assert_eq!(fields(service.post("/books", several).await), ["isbn", "pages", "title"]);
    assert_eq!(fields(service.post("/books", json!({"title": "x", "author_id": 99})).await), ["author_id"]);
    // The query string.
    assert_eq!(fields(service.get("/books?language=klingon&colour=red").await), ["colour", "language"]);
    assert_eq!(fields(service.get("/books?sort=colour").await), ["sort"]);
    assert_eq!(fields(service.get("/books?limit=many&after=nonsense").await), ["limit", "after"]);
    assert_eq!(fields(service.get("/books?total=perhaps").await), ["total"]);
    // A cursor of another order.
    let page = service.get("/books?sort=title&limit=1").await.is(200);
    service.get(&format!("/books?sort=pages&after={}", page["next"].as_str().unwrap())).await.refuses(422);
}

#[tokio::test]
async fn what_is_no_json_is_refused() {
    let service = Service::start();
    service.send(service.request(Method::POST, "/books"), "{\"title\": ").await.refuses(400);
    service.send(service.request(Method::POST, "/books"), "{\"title\": \"x\", \"author_id\": 1} {}").await.refuses(400);
    service.send(service.request(Method::POST, "/books"), "x".repeat(2 * 1024 * 1024 + 1)).await.refuses(413);
    // Of much too much, the client is told too.
    service.send(service.request(Method::POST, "/books"), "x".repeat(20 * 1024 * 1024)).await.refuses(413);
    let text = axum::http::Request::builder().method(Method::POST).uri(service.url("/books"));
    service.send(text.header(header::CONTENT_TYPE, "text/plain"), "{}").await.refuses(415);
}

#[tokio::test]
async fn a_taken_value_is_a_conflict() {
    let service = Service::start();
    let new = json!({"title": "x", "author_id": 1, "isbn": "9780141439686"});
    service.post("/books", new.clone()).await.is(201);
    assert_eq!(service.post("/books", new).await.refuses(409), [("isbn".to_owned(), "is taken".to_owned())]);
}

#[tokio::test]
async fn a_locked_database_is_told_to_come_again() {
    let service = Service::start_with(&["--wait", "100"]);
    let other = Db::options().path(service.database()).busy_timeout(Duration::from_secs(5)).open().await.unwrap();
    let tx = other.begin().await.unwrap();
    let answer = service.post("/books", json!({"title": "x", "author_id": 1})).await;
    answer.refuses(503);
    assert_eq!(answer.header("retry-after"), "1");
    service.get("/books").await.is(200);
    tx.rollback().await.unwrap();
    service.post("/books", json!({"title": "x", "author_id": 1})).await.is(201);
    other.close().await.unwrap();
}

#[tokio::test]
async fn a_report_that_takes_too_long_is_given_up() {
    let service = Service::start_with(&["--report-limit", "1"]);
    lend_much(&service).await;
    let answer = service.get("/reports/popular").await;
    answer.refuses(504);
    assert!(!answer.headers.contains_key("retry-after"));
    service.get("/books").await.is(200);
}

/// So many loans that a report on them takes longer than a millisecond.
async fn lend_much(service: &Service) {
    let other = Db::open(service.database()).await.unwrap();
    let loans = "WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 100000) \
        INSERT INTO loans (copy_id, member_id, lent_on, due_on, returned_on) \
        SELECT 1 + i % 20, 1 + i % 5, '2020-01-01', '2020-01-22', '2020-01-20' FROM n";
    other.execute(loans).await.unwrap();
    other.close().await.unwrap();
}

/// The statuses of the table in the README are those that the service gives, each by one request.
#[tokio::test]
async fn each_status_of_the_readme_is_given() {
    let readme = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let readme = std::fs::read_to_string(readme).unwrap();
    let table = readme.split("| Status | When |").nth(1).unwrap().split("\n\n").next().unwrap();
    let said: Vec<u16> = table
        .lines()
        .filter_map(|line| line.split('|').nth(1))
        .flat_map(|cell| cell.split(','))
        .filter_map(|status| status.trim().parse().ok())
        .collect();

    let service = Service::start_with(&["--report-limit", "1", "--wait", "100"]);
    lend_much(&service).await;
    let new = json!({"title": "x", "author_id": 1, "isbn": "9780141439686"});
    service.post("/books", new.clone()).await.is(201);
    let stale = service.request(Method::PATCH, "/books/1").header(header::IF_MATCH, "\"99\"");
    let text = axum::http::Request::builder().method(Method::POST).uri(service.url("/books"));
    let other = Db::options().path(service.database()).open().await.unwrap();
    let tx = other.begin().await.unwrap();
    let busy = service.delete("/books/2").await;
    tx.rollback().await.unwrap();
    let given = [
        service.get("/books/x").await,
        service.get("/books/99").await,
        service.delete("/books").await,
        service.post("/books", new).await,
        service.send(stale, "{\"pages\": 1}").await,
        service.send(service.request(Method::POST, "/books"), "x".repeat(2 * 1024 * 1024 + 1)).await,
        service.send(text.header(header::CONTENT_TYPE, "text/plain"), "{}").await,
        service.post("/books", json!({"title": ""})).await,
        {
            other.execute("DROP TABLE reviews").await.unwrap();
            service.get("/books/1").await
        },
        busy,
        service.get("/reports/popular").await,
    ];
    other.close().await.unwrap();
    for (answer, status) in given.iter().zip(&said) {
        answer.refuses(*status);
    }
    assert_eq!(given.len(), said.len());
}

#[tokio::test]
async fn a_broken_database_is_no_business_of_the_clients() {
    let service = Service::start();
    let other = Db::open(service.database()).await.unwrap();
    other.execute("DROP TABLE reviews").await.unwrap();
    let answer = service.get("/books/1").await;
    assert!(!answer.text().contains("reviews"), "{}", answer.text());
    answer.refuses(500);
    assert!(service.log().contains("no such table: reviews"));
    other.close().await.unwrap();
}
