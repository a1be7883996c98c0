//! The schema: what it declares, and how it changes over time.

mod changing;
mod drift;
mod migrations;
mod migrations_in_files;
mod migrations_in_rust;
mod migrations_killed;
mod migrations_of_sqlx;
mod migrations_safe;
mod reading;
mod share;
mod testing;
