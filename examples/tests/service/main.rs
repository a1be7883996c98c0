//! Drives the service as its clients do: a process for each test, asked over HTTP on loopback.

mod books;
mod client;
mod description;
mod errors;
mod lending;
mod operations;
mod people;
mod transfers;
