//! The handlers.

use axum::body::Body;
use axum::extract::{Path, Query, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use chrono::Utc;
use serde::{Deserialize, Serialize};
use sqliter::prelude::*;
use sqliter::{Cursor, Page};
use tokio_stream::StreamExt;

use crate::error::{AppError, AppResult};
use crate::models::*;
use crate::service::{self, *};

pub fn router(db: Db) -> Router {
    Router::new()
        .route("/projects/{p}/issues", post(create).get(list))
        .route("/projects/{p}/issues/export", get(export))
        .route("/projects/{p}/issues/import", post(import))
        .route("/projects/{p}/issues/close", post(close))
        .route("/projects/{p}/board", get(board))
        .route("/orgs/{o}/workload", get(workload))
        .route("/issues/{i}", get(detail).patch(change).delete(delete))
        .route("/issues/{i}/comments", post(comment))
        .route("/issues/{i}/watch", put(watch).delete(unwatch))
        .with_state(db)
}

/// The user who asks, if any says so.
fn me(headers: &HeaderMap) -> Option<Key<User>> {
    headers.get("x-user")?.to_str().ok()?.parse().ok().map(|key: i64| User::key(key))
}

async fn create(
    State(db): State<Db>,
    Path(p): Path<Key<Project>>,
    Json(new): Json<CreateIssue>,
) -> AppResult<(StatusCode, Json<Issue>)> {
    Ok((StatusCode::CREATED, Json(service::create(&db, p, new).await?)))
}

#[derive(Deserialize)]
struct Paging {
    sort: Option<String>,
    after: Option<Cursor>,
    size: Option<u64>,
}

async fn list(
    State(db): State<Db>,
    Path(p): Path<Key<Project>>,
    RawQuery(query): RawQuery,
    Query(paging): Query<Paging>,
    headers: HeaderMap,
) -> AppResult<Json<Page<Listed>>> {
    let (query, size) = (query.unwrap_or_default(), paging.size.unwrap_or(50).min(500));
    let page = service::list(&db, p, &query, paging.sort.as_deref(), paging.after, size, me(&headers)).await?;
    Ok(Json(page))
}

async fn detail(State(db): State<Db>, Path(i): Path<Key<Issue>>) -> AppResult<Json<IssueDetail>> {
    Ok(Json(service::detail(&db, i).await?))
}

async fn change(
    State(db): State<Db>,
    Path(i): Path<Key<Issue>>,
    Json(change): Json<ChangeIssue>,
) -> AppResult<Json<Issue>> {
    Ok(Json(service::change(&db, i, change).await?))
}

async fn delete(State(db): State<Db>, Path(i): Path<Key<Issue>>) -> AppResult<StatusCode> {
    db.delete(i).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn close(
    State(db): State<Db>,
    Path(p): Path<Key<Project>>,
    Json(keys): Json<Vec<Key<Issue>>>,
) -> AppResult<Json<u64>> {
    Ok(Json(service::close(&db, p, keys).await?))
}

async fn board(State(db): State<Db>, Path(p): Path<Key<Project>>) -> AppResult<Json<Vec<BoardColumn>>> {
    Ok(Json(service::board(&db, p, Utc::now().date_naive()).await?))
}

async fn workload(State(db): State<Db>, Path(o): Path<Key<Organisation>>) -> AppResult<Json<Vec<Workload>>> {
    Ok(Json(service::workload(&db, o).await?))
}

#[derive(Deserialize)]
struct NewCommentBody {
    author: Key<User>,
    parent: Option<Key<Comment>>,
    body: String,
}

async fn comment(
    State(db): State<Db>,
    Path(i): Path<Key<Issue>>,
    Json(new): Json<NewCommentBody>,
) -> AppResult<Json<Comment>> {
    let draft = Comment::builder().issue_id(i).author_id(new.author).parent_id(new.parent).body(new.body);
    Ok(Json(db.insert(draft).await?))
}

async fn watch(State(db): State<Db>, Path(i): Path<Key<Issue>>, headers: HeaderMap) -> AppResult<StatusCode> {
    i.watchers(&db).add(me(&headers)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn unwatch(State(db): State<Db>, Path(i): Path<Key<Issue>>, headers: HeaderMap) -> AppResult<StatusCode> {
    i.watchers(&db).remove(me(&headers)).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Serialize)]
struct ExportRow {
    #[serde(flatten)]
    issue: Issue,
    assignee: Option<String>,
}

/// A line of JSON for each issue, while they are read.
async fn export(State(db): State<Db>, Path(p): Path<Key<Project>>) -> Response {
    let rows = service::issues(&db, p).select_related(|i| i.assignee).order(|i| i.number.asc()).fetch_stream();
    let lines = rows.map(|row| {
        let (issue, assignee) = row.map_err(std::io::Error::other)?;
        let row = ExportRow { issue, assignee: assignee.map(|user| user.name) };
        Ok::<_, std::io::Error>(serde_json::to_string(&row)? + "\n")
    });
    Body::from_stream(lines).into_response()
}

async fn import(State(db): State<Db>, Path(p): Path<Key<Project>>, body: String) -> AppResult<Json<usize>> {
    let lines = body.lines().map(serde_json::from_str).collect::<Result<_, _>>();
    Ok(Json(service::import(&db, p, lines.map_err(|error| AppError::Bad(error.to_string()))?).await?))
}
