//! Inserts, updates, deletes and upserts.

mod bulk_insert;
mod bulk_update;
mod by_query;
mod errors;
mod get_or_create;
mod ignored_rows;
mod insert_with;
#[path = "../logs/listener.rs"]
#[expect(dead_code, reason = "the tests of logs use all of it")]
mod listener;
mod returning;
mod returning_inserts;
mod single_rows;
mod timestamps;
mod update_from_related;
mod upsert;
