//! The engine: connections, who may use them, and where the work runs.
//!
//! A [`Connection`] is synchronous: it runs statements in place and decodes rows while they are stepped. The
//! asynchronous shell leases one ([`lanes`]) and decides on which thread the work is done ([`placement`]). Nothing
//! above this module knows a type of sqlx or rusqlite.

mod cancellation;
mod canonical;
mod checked;
mod claim;
mod connection;
#[cfg(feature = "rust_decimal")]
mod decimal;
mod enforcement;
#[cfg(feature = "rust_decimal")]
mod exact;
mod fetched;
mod functions;
mod group;
mod handle;
mod lanes;
mod lasting;
mod lock;
mod log;
mod open;
mod patience;
mod placement;
mod raw;
mod row;
mod setup;
mod shared_commit;
mod snapshot;
mod sweeper;
mod tables;
mod words;

pub(crate) use connection::Connection;
pub use fetched::from_sqlx_row;
pub(crate) use lanes::{Access, Engine, Lease, locked};
pub(crate) use log::Log;
pub(crate) use open::Location;
pub(crate) use placement::Pace;
pub(crate) use raw::Wanted;
pub use row::Row;
pub(crate) use snapshot::Revision;
pub(crate) use tables::OverTables;
