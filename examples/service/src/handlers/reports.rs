//! Reports. They read much, so each has a limit of time.

use std::time::Duration;

use axum::Json;
use axum::extract::{Query, State};
use sqliter::Db;
use sqliter::web::Problem;

use crate::error::AppResult;
use crate::queries::reports::{self, Overdue, Period, Popular};

const LIMIT: Duration = Duration::from_secs(5);

/// The ten books that were lent most.
#[utoipa::path(get, path = "/reports/popular", tag = "reports", params(Period), responses(
    (status = 200, body = Vec<Popular>), (status = 503, body = Problem),
))]
pub async fn popular(State(db): State<Db>, Query(period): Query<Period>) -> AppResult<Json<Vec<Popular>>> {
    Ok(Json(reports::popular(&db.timeout(LIMIT), period).await?))
}

/// What should be back, by branch.
#[utoipa::path(get, path = "/reports/overdue", tag = "reports", responses(
    (status = 200, body = Vec<Overdue>), (status = 503, body = Problem),
))]
pub async fn overdue(State(db): State<Db>) -> AppResult<Json<Vec<Overdue>>> {
    Ok(Json(reports::overdue(&db.timeout(LIMIT)).await?))
}
