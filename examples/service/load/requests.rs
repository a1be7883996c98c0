//! What is asked.

use clap::ValueEnum;
use serde_json::{Value, json};

use crate::Failure;
use crate::connection::{Connection, Request};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Kind {
    /// A page of books
    List,
    /// A book with all that belongs to it
    Detail,
    /// A new book
    Create,
    /// A change of a book
    Change,
    /// A search for words
    Search,
    /// Books by the number of their loans
    Report,
}

const WORDS: [&str; 8] = ["river", "winter", "garden", "machine", "letter", "island", "mirror", "journey"];

impl Kind {
    /// As a library is used: for one write there are eight reads.
    pub fn any(random: &mut Random) -> Self {
        match random.below(100) {
            0..50 => Self::Detail,
            50..75 => Self::List,
            75..86 => Self::Search,
            86..87 => Self::Report,
            87..95 => Self::Create,
            _ => Self::Change,
        }
    }

    pub fn request(self, random: &mut Random, books: u64) -> Request {
        let get = |path: String| Request { method: "GET", path, body: Vec::new() };
        let (book, word) = (1 + random.below(books), random.word());
        match self {
            Self::List => {
                let sort = ["title", "-published", "-created_at,title"][random.below(3) as usize];
                get(format!("/books?sort={sort}&limit=20"))
            }
            Self::Detail => get(format!("/books/{book}")),
            Self::Search => get(format!("/search?q={word}")),
            Self::Report => get("/reports/popular".to_owned()),
            Self::Create => {
                let book =
                    json!({"title": title(random), "author_id": 1, "pages": 1 + random.below(900), "summary": word});
                Request { method: "POST", path: "/books".to_owned(), body: book.to_string().into_bytes() }
            }
            Self::Change => {
                let change = json!({"pages": 1 + random.below(900)});
                Request { method: "PATCH", path: format!("/books/{book}"), body: change.to_string().into_bytes() }
            }
        }
    }
}

fn title(random: &mut Random) -> String {
    format!("The {} and the {} {}", random.word(), random.word(), random.below(1_000_000))
}

/// Imports books until there are so many. Gives the number up to which their keys go.
pub async fn prepare(connection: &mut Connection, wanted: u64) -> Result<u64, Failure> {
    let count = async |connection: &mut Connection| {
        let path = "/books?limit=1&total=true".to_owned();
        let answer = connection.ask(&Request { method: "GET", path, body: Vec::new() }).await?;
        let page: Value = serde_json::from_slice(&answer.body)?;
        page["total"].as_u64().ok_or_else(|| Failure::from(format!("no list of books: {page}")))
    };
    let mut random = Random::new(0);
    let there = count(connection).await?;
    let lines: Vec<String> = (there..wanted)
        .map(|i| {
            let line = json!({
                "title": title(&mut random), "author": format!("Author {}", i % 300), "subjects": [random.word()],
                "summary": format!("Of a {} and a {}.", random.word(), random.word()),
                "published": format!("{}-01-01", 1800 + i % 200), "pages": 1 + i % 900,
            });
            format!("{line}\n")
        })
        .collect();
    // An import is of 4 MB at most.
    for lines in lines.chunks(10_000) {
        let path = "/books/import".to_owned();
        let answer = connection.ask(&Request { method: "POST", path, body: lines.concat().into_bytes() }).await?;
        if answer.status != 200 {
            return Err(format!("no import: {}", String::from_utf8_lossy(&answer.body)).into());
        }
    }
    count(connection).await
}

/// Numbers that are the same at each run: [SplitMix64](https://prng.di.unimi.it/splitmix64.c).
pub struct Random(u64);

impl Random {
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub const fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % end
    }

    const fn word(&mut self) -> &'static str {
        WORDS[self.below(WORDS.len() as u64) as usize]
    }
}
