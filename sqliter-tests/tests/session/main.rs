//! The database handle, transactions, raw SQL, the cache.

mod cache;
mod connection_settings;
mod database;
mod files;
mod folders;
mod raw_sql;
mod refused;
mod rows_side_by_side;
mod savepoints;
mod scripts;
mod snapshots;
mod sqlx;
mod time_limits;
mod transactions;
