//! The schema over time.

mod migrations;
mod migrations_in_files;
mod migrations_in_rust;
mod migrations_killed;
mod migrations_of_sqlx;
mod migrations_safe;
mod share;
