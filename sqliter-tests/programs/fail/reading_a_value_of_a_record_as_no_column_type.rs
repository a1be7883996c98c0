//! A value of a record is read as a type that fits a column.
use sqliter::Record;
use sqliter::prelude::*;

fn tags(record: &Record) -> Vec<String> {
    record.decode::<Vec<String>>("tags").unwrap()
}

fn main() {}
