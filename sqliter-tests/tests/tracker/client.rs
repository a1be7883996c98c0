//! A client of the tracker, over real HTTP on loopback.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use http_body_util::BodyExt;
use hyper_util::client::legacy::Client as Hyper;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use sqliter::prelude::*;

use crate::http::router;

pub struct Client {
    http: Hyper<HttpConnector, Body>,
    address: String,
    db: Db,
}

impl Client {
    /// Serves the database on a free port.
    pub async fn of(db: Db) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(axum::serve(listener, router(db.clone())).into_future());
        Self { http: Hyper::builder(TokioExecutor::new()).build_http(), address, db }
    }

    /// Asks as a user; gives the status, the text of the answer, and how many statements it took.
    pub async fn text(&self, method: Method, path: &str, user: i64, body: String) -> (StatusCode, String, u64) {
        let before = self.db.statement_count();
        let request = Request::builder().method(method).uri(format!("{}{path}", self.address));
        let request = request.header("content-type", "application/json").header("x-user", user.to_string());
        let answer = self.http.request(request.body(Body::from(body)).unwrap()).await.unwrap();
        let status = answer.status();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap(), self.db.statement_count() - before)
    }

    /// As [`text`](Self::text), for JSON.
    pub async fn json(&self, method: Method, path: &str, body: Value) -> (StatusCode, Value, u64) {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let (status, text, statements) = self.text(method, path, 1, body).await;
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)), statements)
    }

    pub async fn get(&self, path: &str) -> (StatusCode, Value, u64) {
        self.json(Method::GET, path, Value::Null).await
    }

    pub async fn post(&self, path: &str, body: Value) -> (StatusCode, Value, u64) {
        self.json(Method::POST, path, body).await
    }
}
