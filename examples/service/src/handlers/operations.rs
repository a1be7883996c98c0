//! For those who run the service.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use sqliter::Db;
use sqliter::web::Problem;

use crate::app::App;
use crate::backup::{self, Backup};
use crate::error::AppResult;

/// Whether the process lives.
#[utoipa::path(get, path = "/health", tag = "operations", responses((status = 200, body = String)))]
pub async fn health() -> &'static str {
    "alive\n"
}

/// Whether requests should be sent here: the database answers, and the service is not about to end.
#[utoipa::path(get, path = "/ready", tag = "operations", responses((status = 200, body = String), (status = 503, body = String)))]
pub async fn ready(State(app): State<App>) -> (StatusCode, &'static str) {
    if app.is_leaving() {
        return (StatusCode::SERVICE_UNAVAILABLE, "about to end\n");
    }
    let asked = app.db.query::<i64>("SELECT COUNT(*) FROM _sqlx_migrations").timeout(Duration::from_secs(1));
    match asked.fetch_required().await {
        Ok(_) => (StatusCode::OK, "ready\n"),
        Err(error) => {
            tracing::error!(%error, "the database does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n")
        }
    }
}

/// Numbers for Prometheus: requests by route, statements, waits for the writer.
#[utoipa::path(get, path = "/metrics", tag = "operations", responses((status = 200, body = String)))]
pub async fn metrics(State(app): State<App>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], app.metrics.render())
}

/// Makes a backup now, besides that of the night.
#[utoipa::path(post, path = "/backups", tag = "operations", responses((status = 201, body = Backup), (status = 503, body = Problem)))]
pub async fn back_up(State(db): State<Db>, State(app): State<App>) -> AppResult<(StatusCode, Json<Backup>)> {
    Ok((StatusCode::CREATED, Json(backup::back_up(&db, &app.backups).await?)))
}
