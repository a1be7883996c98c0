//! The service: its tables, and its routes.

pub mod models;
pub mod routes;

/// The files of the folder `migrations`, in the program.
pub static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!();
