//! The program as a process of its own, and a client of it.

use std::io::{BufRead, BufReader, Lines};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::Duration;

use axum::body::Body;
use axum::http::request::Builder;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use tempfile::TempDir;

/// No answer takes longer.
const LIMIT: Duration = Duration::from_secs(20);

pub struct Service {
    process: Child,
    printed: Lines<BufReader<ChildStdout>>,
    http: Client<HttpConnector, Body>,
    address: String,
    pub folder: TempDir,
}

/// What a request was answered with.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub fn text_or_nothing(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap_or_default()
    }

    /// The JSON of an answer with this status.
    #[track_caller]
    pub fn is(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", String::from_utf8_lossy(&self.body));
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// The fields of an answer that is an error, each with its reason.
    #[track_caller]
    pub fn refuses(&self, status: u16) -> Vec<(String, String)> {
        let problem = self.is(status);
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(problem["status"], status);
        let errors = problem["errors"].as_array().cloned().unwrap_or_default();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        errors.iter().map(|error| (text(&error["name"]), text(&error["detail"]))).collect()
    }

    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }
}

impl Service {
    /// With the sample data.
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    pub fn start_with(arguments: &[&str]) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), arguments)
    }

    /// On a free port, with the database in this folder, and the log beside it.
    pub fn start_in(folder: TempDir, arguments: &[&str]) -> Self {
        let log = std::fs::File::create(folder.path().join("log")).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_service"));
        command.args(["--address", "127.0.0.1:0", "--database"]).arg(folder.path().join("library.db")).args(arguments);
        command.env("RUST_LOG", "info,sqliter=debug").stdout(Stdio::piped()).stderr(log);
        let mut process = command.spawn().unwrap();
        let mut printed = BufReader::new(process.stdout.take().unwrap()).lines();
        let first = printed.next().unwrap_or_else(|| panic!("{}", log_in(&folder))).unwrap();
        let address = first.strip_prefix("The library is open at ").unwrap().to_owned();
        let http = Client::builder(TokioExecutor::new()).build_http();
        Self { process, printed, http, address, folder }
    }

    pub fn database(&self) -> PathBuf {
        self.folder.path().join("library.db")
    }

    pub fn log(&self) -> String {
        log_in(&self.folder)
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.address)
    }

    /// A request that sends JSON.
    pub fn request(&self, method: Method, path: &str) -> Builder {
        let request = Request::builder().method(method).uri(self.url(path));
        request.header(header::CONTENT_TYPE, "application/json")
    }

    pub async fn send(&self, request: Builder, body: impl Into<Body>) -> Answer {
        let answer = async {
            let answer = self.http.request(request.body(body.into()).unwrap()).await.unwrap();
            let (status, headers) = (answer.status(), answer.headers().clone());
            let body = answer.into_body().collect().await.unwrap().to_bytes().to_vec();
            Answer { status, headers, body }
        };
        tokio::time::timeout(LIMIT, answer).await.unwrap()
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

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::PUT, path), body.to_string()).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path), String::new()).await
    }

    /// Tells the process to end, as a service manager does.
    pub fn terminate(&self) {
        let told = Command::new("kill").args(["-TERM", &self.process.id().to_string()]).status().unwrap();
        assert!(told.success());
    }

    /// What it prints until it has ended.
    pub fn ended(&mut self) -> (ExitStatus, Vec<String>) {
        let printed = self.printed.by_ref().map(Result::unwrap).collect();
        (self.process.wait().unwrap(), printed)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn log_in(folder: &TempDir) -> String {
    std::fs::read_to_string(folder.path().join("log")).unwrap()
}

/// One value of each row.
#[track_caller]
pub fn each<'v>(rows: &'v Value, name: &str) -> Vec<&'v Value> {
    rows.as_array().unwrap().iter().map(|row| &row[name]).collect()
}
