//! What all services are asked and answer: as the service in `examples/service`, field for field.

use std::path::PathBuf;

use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

/// The name of a row, beside other things.
#[derive(Debug, Serialize)]
pub struct Name {
    pub pk: i64,
    pub name: String,
}

#[derive(Debug, Serialize)]
pub struct BookName {
    pub pk: i64,
    pub title: String,
    pub published: Option<NaiveDate>,
}

#[derive(Debug, Serialize)]
pub struct BookLine {
    pub pk: i64,
    pub title: String,
    pub published: Option<NaiveDate>,
    pub language: String,
    pub author: Name,
    pub subjects: Vec<Name>,
    pub rating: Option<f64>,
    pub copies: i64,
    pub available: bool,
}

#[derive(Debug, Serialize)]
pub struct Page {
    pub rows: Vec<BookLine>,
    pub next: Option<String>,
    pub previous: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<i64>,
}

#[derive(Debug, Serialize)]
pub struct Book {
    pub pk: i64,
    pub title: String,
    pub summary: String,
    pub isbn: Option<String>,
    pub pages: Option<u32>,
    pub published: Option<NaiveDate>,
    pub language: String,
    pub author_id: i64,
    pub sequel_to_id: Option<i64>,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

#[derive(Debug, Serialize)]
pub struct Cover {
    pub media_type: String,
    pub updated_at: DateTime<Utc>,
}

#[derive(Debug, Serialize)]
pub struct Copy {
    pub pk: i64,
    pub barcode: String,
    pub condition: String,
    pub branch: Name,
    pub lent: bool,
}

#[derive(Debug, Serialize)]
pub struct Review {
    pub pk: i64,
    pub book_id: i64,
    pub member_id: i64,
    pub stars: u8,
    pub text: String,
    pub created_at: DateTime<Utc>,
    pub member: Name,
}

#[derive(Debug, Serialize)]
pub struct Detail {
    #[serde(flatten)]
    pub book: Book,
    pub author: Name,
    pub sequel_to: Option<BookName>,
    pub sequels: Vec<BookName>,
    pub subjects: Vec<Name>,
    pub cover: Option<Cover>,
    pub copies: Vec<Copy>,
    pub waiting: i64,
    pub rating: Option<f64>,
    pub reviews: Vec<Review>,
}

#[derive(Debug, Deserialize)]
pub struct Listing {
    #[serde(default)]
    pub sort: String,
    #[serde(default = "twenty")]
    pub limit: u64,
    /// Whether the answer is to have the number of all books, as the load asks once.
    #[serde(default)]
    pub total: bool,
}

const fn twenty() -> u64 {
    20
}

#[derive(Debug, Deserialize)]
pub struct NewBook {
    pub title: String,
    #[serde(default)]
    pub summary: String,
    pub pages: Option<u32>,
    pub author_id: i64,
}

/// What goes wrong; the load sends nothing that would.
pub struct Failed(Box<dyn std::error::Error + Send + Sync>);

impl<E: Into<Box<dyn std::error::Error + Send + Sync>>> From<E> for Failed {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        eprintln!("{}", self.0);
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    }
}

/// The database file and the address, from the command line.
pub fn arguments() -> Option<(PathBuf, String)> {
    let mut arguments = std::env::args().skip(1);
    Some((arguments.next()?.into(), arguments.next()?))
}

pub async fn serve(router: Router, address: &str) -> std::io::Result<()> {
    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("listening on {}", listener.local_addr()?);
    axum::serve(listener, router).await
}
