//! What models declare of the schema: the statements that SQLite keeps, and what the tables do.

mod checks;
mod collations;
mod composite_keys;
mod deferrable_keys;
mod generated_columns;
mod indexes;
#[path = "../behaviour/schema/kept.rs"]
mod kept;
mod sql_in_attributes;
mod views;
mod without_rowid;
