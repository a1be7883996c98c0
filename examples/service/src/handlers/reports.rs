//! Reports. They read much, so each has a limit of time.

use axum::Json;
use axum::extract::State;
use sqliter::web::Problem;

use crate::app::App;
use crate::error::AppResult;
use crate::http::extract::Query;
use crate::queries::reports::{self, Overdue, Period, Popular};

/// The ten books that were lent most.
#[utoipa::path(get, path = "/reports/popular", tag = "reports", params(Period), responses(
    (status = 200, body = Vec<Popular>), (status = 504, body = Problem),
))]
pub async fn popular(State(app): State<App>, Query(period): Query<Period>) -> AppResult<Json<Vec<Popular>>> {
    Ok(Json(reports::popular(&app.db.timeout(app.report_limit), period).await?))
}

/// What should be back, by branch.
#[utoipa::path(get, path = "/reports/overdue", tag = "reports", responses(
    (status = 200, body = Vec<Overdue>), (status = 504, body = Problem),
))]
pub async fn overdue(State(app): State<App>) -> AppResult<Json<Vec<Overdue>>> {
    Ok(Json(reports::overdue(&app.db.timeout(app.report_limit)).await?))
}
