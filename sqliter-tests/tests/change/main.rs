//! Inserts, updates, deletes and upserts.

mod bulk_insert;
mod bulk_update;
mod by_query;
mod errors;
mod get_or_create;
mod ignored_rows;
mod insert_with;
mod returning;
mod returning_inserts;
mod single_rows;
mod timestamps;
mod to_sql;
mod undone_alone;
mod update_from_related;
mod upsert;
