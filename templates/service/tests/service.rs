//! The service from the outside, each test on a database of its own in memory.

use axum::body::Body;
use axum::http::{Method, Request};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use sqliter::{Db, testing};
use tower::ServiceExt;

use {{crate_name}}::models::All;
use {{crate_name}}::{MIGRATIONS, routes};

#[tokio::test]
async fn the_migrations_lead_to_the_models() {
    testing::assert_migrations::<All>(&MIGRATIONS).await;
}

/// The status and the body of the response.
async fn ask(db: &Db, method: Method, path: &str, body: Value) -> (u16, Value) {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("content-type", "application/json");
    let request = request.body(Body::from(body.to_string())).unwrap();
    let response = routes::router(db.clone()).oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&body).unwrap_or_default())
}

#[tokio::test]
async fn notes_are_written_found_changed_and_deleted() {
    let db = testing::migrated(&MIGRATIONS).await.unwrap();
    let (status, milk) = ask(&db, Method::POST, "/notes", json!({"title": "Milk"})).await;
    assert_eq!((status, &milk["text"]), (201, &json!("")));
    ask(
        &db,
        Method::POST,
        "/notes",
        json!({"title": "Bread", "text": "without milk"}),
    )
    .await;

    let (_, page) = ask(
        &db,
        Method::GET,
        "/notes?q=MILK&sort=title&limit=1",
        Value::Null,
    )
    .await;
    assert_eq!(
        (&page["rows"][0]["title"], page["next"].is_string()),
        (&json!("Bread"), true)
    );

    let path = format!("/notes/{}", milk["pk"]);
    let (status, changed) = ask(&db, Method::PATCH, &path, json!({"text": "two"})).await;
    assert_eq!(
        (status, &changed["title"], &changed["text"]),
        (200, &json!("Milk"), &json!("two"))
    );
    assert_eq!(ask(&db, Method::DELETE, &path, Value::Null).await.0, 204);
    assert_eq!(ask(&db, Method::GET, &path, Value::Null).await.0, 404);
}

#[tokio::test]
async fn mistakes_are_told() {
    let db = testing::migrated(&MIGRATIONS).await.unwrap();
    ask(&db, Method::POST, "/notes", json!({"title": "Milk"})).await;
    let (status, problem) = ask(&db, Method::POST, "/notes", json!({"title": "Milk"})).await;
    assert_eq!(
        (status, &problem["errors"]),
        (409, &json!([{"name": "title", "detail": "is taken"}]))
    );
    let (status, problem) = ask(&db, Method::GET, "/notes?sort=colour", Value::Null).await;
    assert_eq!(
        (status, &problem["errors"][0]["allowed"]),
        (422, &json!(["title", "created"]))
    );
}
