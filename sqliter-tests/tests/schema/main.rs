//! The schema: what models declare of it, what a database has, and how one becomes the other.

mod changing;
mod checks;
mod collations;
mod deferrable_keys;
mod drift;
mod existing_tables;
mod generated_columns;
mod indexes;
#[path = "../behaviour/schema/kept.rs"]
mod kept;
mod reading;
mod reading_random;
mod sql_in_attributes;
mod without_rowid;
