//! What the service asks of the database. Each function takes a `&Session`, so that it runs on the database as well as
//! inside a transaction, and none of them knows of HTTP.

pub mod authors;
pub mod books;
pub mod import;
pub mod loans;
pub mod members;
pub mod reports;
pub mod stock;
pub mod subjects;

use chrono::{NaiveDate, Utc};

/// The day in UTC.
pub fn today() -> NaiveDate {
    Utc::now().date_naive()
}
