//! The rows of the database, each a function of its number.

use std::time::{SystemTime, UNIX_EPOCH};

/// Users in the database.
pub const USERS: i64 = 10_000;

/// Cities that the users live in, the same number of users in each.
pub const CITIES: i64 = 100;

/// Authors in the database.
pub const AUTHORS: i64 = 1_000;

/// Books of each author.
pub const BOOKS_PER_AUTHOR: i64 = 10;

/// Statements that create the tables.
pub const SCHEMA: &str = "
    CREATE TABLE users (
        pk INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL,
        email TEXT NOT NULL UNIQUE,
        age INTEGER NOT NULL,
        city TEXT NOT NULL,
        score REAL NOT NULL,
        bio TEXT,
        created_at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX idx_users_city ON users (city);
    CREATE TABLE authors (
        pk INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL,
        country TEXT NOT NULL,
        born INTEGER
    ) STRICT;
    CREATE TABLE books (
        pk INTEGER PRIMARY KEY AUTOINCREMENT,
        title TEXT NOT NULL,
        pages INTEGER NOT NULL,
        published INTEGER NOT NULL,
        author_id INTEGER NOT NULL REFERENCES authors (pk)
    ) STRICT;
    CREATE INDEX idx_books_author_id ON books (author_id);
";

/// A row of `users`.
#[derive(Debug, Clone, PartialEq)]
pub struct User {
    pub pk: i64,
    pub name: String,
    pub email: String,
    pub age: i64,
    pub city: String,
    pub score: f64,
    pub bio: Option<String>,
    pub created_at: i64,
}

/// What an insert into `users` is given; the key comes from SQLite, `created_at` from the clock.
#[derive(Debug, Clone, PartialEq)]
pub struct NewUser {
    pub name: String,
    pub email: String,
    pub age: i64,
    pub city: String,
    pub score: f64,
    pub bio: Option<String>,
}

/// A row of `authors`.
#[derive(Debug, Clone, PartialEq)]
pub struct Author {
    pub pk: i64,
    pub name: String,
    pub country: String,
    pub born: Option<i64>,
}

/// A row of `books`.
#[derive(Debug, Clone, PartialEq)]
pub struct Book {
    pub pk: i64,
    pub title: String,
    pub pages: i64,
    pub published: i64,
    pub author_id: i64,
}

const FIRST: [&str; 10] = ["Ada", "Barbara", "Claude", "Donald", "Edsger", "Frances", "Grace", "Hedy", "Ivan", "Jean"];
const LAST: [&str; 10] =
    ["Allen", "Bartik", "Church", "Dijkstra", "Engelbart", "Floyd", "Goldberg", "Hopper", "Iverson", "Jennings"];
const PLACE: [&str; 10] = ["North", "South", "East", "West", "New", "Old", "High", "Low", "Mid", "Great"];
const ENDING: [&str; 10] = ["field", "haven", "bridge", "ford", "minster", "bury", "wick", "stead", "mouth", "borough"];
const BIO: &str = "Writes programs that others like to read, and reads more of them than anyone should have to.";

/// A number that looks random and is always the same for `n`.
pub fn random(n: i64) -> u64 {
    let mut x = n.cast_unsigned().wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}

/// A number that looks random, from 0 to just under `limit`.
pub fn random_below(n: i64, limit: i64) -> i64 {
    (random(n) % limit.cast_unsigned()).cast_signed()
}

fn pick(list: &[&'static str; 10], n: i64) -> &'static str {
    list[n.rem_euclid(10) as usize]
}

/// The name of a city by its number.
pub fn city(n: i64) -> String {
    format!("{}{}", pick(&PLACE, n / 10), pick(&ENDING, n))
}

/// What is inserted as user number `n`.
pub fn new_user(n: i64) -> NewUser {
    NewUser {
        name: format!("{} {} {:05}", pick(&FIRST, random_below(n, 10)), pick(&LAST, n / 7), n % 100_000),
        email: format!("user{n}@example.org"),
        age: 18 + random_below(n + 1, 60),
        city: city(n % CITIES),
        score: random_below(n + 2, 100_000) as f64 / 8.0,
        bio: (n % 3 == 0).then(|| BIO.to_owned()),
    }
}

/// The user with this key.
pub fn user(pk: i64) -> User {
    let NewUser { name, email, age, city, score, bio } = new_user(pk);
    User { pk, name, email, age, city, score, bio, created_at: 1_700_000_000 + pk }
}

/// The author with this key.
pub fn author(pk: i64) -> Author {
    Author {
        pk,
        name: format!("{} {} {pk:04}", pick(&FIRST, pk), pick(&LAST, random_below(pk, 10))),
        country: city(random_below(pk + 1, CITIES)),
        born: (pk % 4 != 0).then(|| 1_900 + random_below(pk + 2, 100)),
    }
}

/// The book with this key. Books with neighbouring keys have different authors.
pub fn book(pk: i64) -> Book {
    Book {
        pk,
        title: format!("{} and {}, volume {pk}", city(random_below(pk, CITIES)), city(random_below(pk + 1, CITIES))),
        pages: 60 + random_below(pk + 2, 900),
        published: 1_930 + random_below(pk + 3, 95),
        author_id: (pk * 7 - 1) % AUTHORS + 1,
    }
}

/// The present time in Unix seconds.
pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    since.as_secs().cast_signed()
}
