//! A cluster below every database of a test program.

use std::sync::{Arc, OnceLock};

use super::DbOptions;
use crate::engine::cluster::Replicator;

/// Gives a database its cluster, or none. It is given options for further machines, which have another path.
pub type EachCluster = fn(DbOptions) -> Option<Arc<dyn Replicator>>;

static EVERY: OnceLock<EachCluster> = OnceLock::new();

/// From now on, every database that this program opens to write in it, and that has no [`cluster`](DbOptions::cluster) of its own,
/// has the one that the function gives for it. So tests that know nothing of it run over a cluster. The first call counts.
pub fn cluster_every_database(each: EachCluster) {
    EVERY.get_or_init(|| each);
}

pub(super) fn clustered(mut options: DbOptions) -> DbOptions {
    if let Some(each) = EVERY.get()
        && options.replicator.is_none()
        && !options.read_only
    {
        options.replicator = each(DbOptions {
            reset: false,
            exclusive: false,
            debug: false,
            application_id: None,
            user_version: None,
            ..options.clone()
        });
    }
    options
}
