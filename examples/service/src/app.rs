//! What the handlers share.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::extract::FromRef;
use metrics_exporter_prometheus::PrometheusHandle;
use sqliter::Db;

use crate::options::Options;

/// The state of the service. Cheap to clone, as axum does for each request.
#[derive(Clone)]
pub struct App {
    pub db: Db,
    pub metrics: PrometheusHandle,
    /// The folder of the backups.
    pub backups: Arc<PathBuf>,
    /// How long a report may take.
    pub report_limit: Duration,
    leaving: Arc<AtomicBool>,
}

impl App {
    pub fn new(db: Db, metrics: PrometheusHandle, options: &Options) -> Self {
        let (backups, report_limit) = (Arc::new(options.backups()), options.report_limit());
        Self { db, metrics, backups, report_limit, leaving: Arc::default() }
    }

    /// From now on, the service is not [ready](crate::handlers).
    pub fn leave(&self) {
        self.leaving.store(true, Ordering::Relaxed);
    }

    pub fn is_leaving(&self) -> bool {
        self.leaving.load(Ordering::Relaxed)
    }
}

impl FromRef<App> for Db {
    fn from_ref(app: &App) -> Self {
        app.db.clone()
    }
}
