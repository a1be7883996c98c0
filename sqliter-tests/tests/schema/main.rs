//! The schema: what models declare of it, what a database has, and how one becomes the other.

mod changing;
mod checks;
mod collations;
mod composite_keys;
mod creating;
mod deferrable_keys;
mod definitions_in_sql;
mod drift;
mod existing_tables;
mod generated_columns;
mod indexes;
mod kept;
mod migrations;
mod migrations_in_files;
mod migrations_in_rust;
mod migrations_killed;
mod migrations_of_sqlx;
mod migrations_safe;
mod reading;
mod reading_random;
mod replaced_rows;
mod share;
mod sql_in_attributes;
mod testing;
mod views;
mod without_rowid;
