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
