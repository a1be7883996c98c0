//! A client of the tracker, over real HTTP on loopback.

use std::sync::Arc;

use axum::body::Body;
use axum::http::request::Builder;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use hyper_util::client::legacy::Client as Hyper;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use sqliter::prelude::*;
use tempfile::TempDir;

use crate::http::router;

#[derive(Clone)]
pub struct Client {
    http: Hyper<HttpConnector, Body>,
    address: String,
    db: Db,
    /// That of the database, as long as somebody asks.
    _folder: Arc<TempDir>,
    /// Of whoever has signed in.
    token: Option<String>,
}

/// What a request was answered with.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
    /// How many statements it took.
    pub statements: u64,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    /// The JSON of an answer with this status, which took so many statements.
    #[track_caller]
    pub fn took(&self, status: StatusCode, statements: u64) -> Value {
        assert_eq!((self.status, self.statements), (status, statements), "status and statements of {}", self.text);
        self.json()
    }

    /// The JSON of an answer with this status.
    #[track_caller]
    pub fn is(&self, status: StatusCode) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        self.json()
    }
}

impl Client {
    /// Serves the database on a free port.
    pub async fn of(db: Db, folder: TempDir) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(axum::serve(listener, router(db.clone())).into_future());
        // A connection for each request: the server closes that of a request which it did not read to the end.
        let http = Hyper::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build_http();
        Self { http, address, db, _folder: Arc::new(folder), token: None }
    }

    pub fn request(&self, method: Method, path: &str) -> Builder {
        let request = Request::builder().method(method).uri(format!("{}{path}", self.address));
        let request = request.header(header::CONTENT_TYPE, "application/json");
        match &self.token {
            Some(token) => request.header(header::AUTHORIZATION, format!("Bearer {token}")),
            None => request,
        }
    }

    pub async fn send(&self, request: Builder, body: impl Into<Body>) -> Answer {
        let before = self.db.statement_count();
        let answer = self.http.request(request.body(body.into()).unwrap()).await.unwrap();
        let (status, headers) = (answer.status(), answer.headers().clone());
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        let text = String::from_utf8(body.to_vec()).unwrap();
        Answer { status, headers, text, statements: self.db.statement_count() - before }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path), String::new()).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::POST, path), body.to_string()).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::PATCH, path), body.to_string()).await
    }

    pub async fn put(&self, path: &str) -> Answer {
        self.send(self.request(Method::PUT, path), String::new()).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path), String::new()).await
    }

    /// The client of another user, who signs in.
    pub async fn signed_in(&self, email: &str) -> Self {
        let who = serde_json::json!({"org": "acme", "email": email, "password": "secret"});
        let answer = self.post("/login", who).await.is(StatusCode::OK);
        Self { token: answer["token"].as_str().map(str::to_owned), ..self.clone() }
    }

    pub fn signed_out(&self) -> Self {
        Self { token: None, ..self.clone() }
    }
}
