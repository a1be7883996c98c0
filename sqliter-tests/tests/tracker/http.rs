//! The handlers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRef, FromRequestParts, OptionalFromRequestParts, Path, Query, RawQuery, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::{get, post, put};
use axum::{Json, Router};
use chrono::Utc;
use serde::Deserialize;
use sqliter::Page;
use sqliter::prelude::*;
use tokio_stream::StreamExt;

use crate::accounts::{self, *};
use crate::error::{AppError, AppResult};
use crate::models::*;
use crate::ndjson::Lines;
use crate::reports::{self, *};
use crate::service::{self, *};

#[derive(Clone)]
pub struct App {
    db: Db,
    /// How many lines the import that runs has written.
    imported: Arc<AtomicUsize>,
}

impl FromRef<App> for Db {
    fn from_ref(app: &App) -> Self {
        app.db.clone()
    }
}

pub fn router(db: Db) -> Router {
    Router::new()
        .route("/orgs", post(new_org))
        .route("/orgs/{o}", get(org).delete(delete_org))
        .route("/orgs/{o}/users", post(new_user).get(users))
        .route("/orgs/{o}/projects", post(new_project).get(projects))
        .route("/orgs/{o}/labels", post(new_label))
        .route("/orgs/{o}/dashboard", get(dashboard))
        .route("/login", post(sign_in).delete(sign_out))
        .route("/login/expired", axum::routing::delete(expire))
        .route("/overdue", get(overdue))
        .route("/projects/{p}/issues", post(create).get(list))
        .route("/projects/{p}/issues/deleted", get(deleted))
        .route("/projects/{p}/issues/export", get(export))
        .route("/projects/{p}/issues/import", post(import))
        .route("/projects/{p}/issues/close", post(close))
        .route("/projects/{p}/board", get(board))
        .route("/import/progress", get(progress))
        .route("/issues/{i}", get(detail).patch(change).delete(delete))
        .route("/issues/{i}/restore", post(restore))
        .route("/issues/{i}/comments", post(comment))
        .route("/issues/{i}/attachments", post(attach))
        .route("/issues/{i}/watch", put(watch).delete(unwatch))
        .with_state(App { db, imported: Arc::default() })
}

/// The user who asks.
struct Me(Key<User>);

fn token(parts: &Parts) -> Option<&str> {
    parts.headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

impl FromRequestParts<App> for Me {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> AppResult<Self> {
        let token = token(parts).ok_or(AppError::SignedOut)?;
        Ok(Self(accounts::user_of(&app.db, token, Utc::now()).await?))
    }
}

impl OptionalFromRequestParts<App> for Me {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> AppResult<Option<Self>> {
        match token(parts) {
            Some(token) => Ok(Some(Self(accounts::user_of(&app.db, token, Utc::now()).await?))),
            None => Ok(None),
        }
    }
}

// Organisations, users, projects.

async fn new_org(State(db): State<Db>, Json(new): Json<NewOrganisation>) -> AppResult<impl IntoResponse> {
    Ok((StatusCode::CREATED, Json(db.insert(new).await?)))
}

async fn org(State(db): State<Db>, Path(o): Path<Key<Organisation>>) -> AppResult<Json<Organisation>> {
    Ok(Json(db.select::<Organisation>().filter(|org| org.pk.eq(o)).fetch_required().await?))
}

async fn delete_org(State(db): State<Db>, Path(o): Path<Key<Organisation>>) -> AppResult<StatusCode> {
    db.delete(o).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn new_user(
    State(db): State<Db>,
    Path(o): Path<Key<Organisation>>,
    Json(new): Json<CreateUser>,
) -> AppResult<impl IntoResponse> {
    Ok((StatusCode::CREATED, Json(accounts::create_user(&db, o, new).await?)))
}

async fn users(State(db): State<Db>, Path(o): Path<Key<Organisation>>) -> AppResult<Json<Vec<UserName>>> {
    Ok(Json(o.users(&db).order(|u| u.name.asc()).view::<UserName>().fetch_all().await?))
}

#[derive(Deserialize)]
struct CreateProject {
    slug: String,
    name: String,
}

async fn new_project(
    State(db): State<Db>,
    Path(o): Path<Key<Organisation>>,
    Json(new): Json<CreateProject>,
) -> AppResult<impl IntoResponse> {
    let draft = Project::builder().org_id(o).slug(new.slug).name(new.name);
    Ok((StatusCode::CREATED, Json(db.insert(draft).await?)))
}

async fn projects(State(db): State<Db>, Path(o): Path<Key<Organisation>>) -> AppResult<Json<Vec<Project>>> {
    Ok(Json(o.projects(&db).order(|p| p.name.asc()).fetch_all().await?))
}

#[derive(Deserialize)]
struct CreateLabel {
    name: String,
}

/// A label that is there already is given as it is.
async fn new_label(
    State(db): State<Db>,
    Path(o): Path<Key<Organisation>>,
    Json(new): Json<CreateLabel>,
) -> AppResult<impl IntoResponse> {
    let draft = Label::builder().org_id(o).name(new.name);
    let (label, created) = db.get_or_create(draft, |l| (l.org_id, l.name)).await?;
    Ok((if created { StatusCode::CREATED } else { StatusCode::OK }, Json(label)))
}

async fn sign_in(State(db): State<Db>, Json(who): Json<Credentials>) -> AppResult<Json<SignedIn>> {
    Ok(Json(accounts::sign_in(&db, who, Utc::now()).await?))
}

/// Everywhere at once.
async fn sign_out(State(db): State<Db>, Me(me): Me) -> AppResult<Json<u64>> {
    Ok(Json(db.select::<Login>().filter(|l| l.user_id.eq(me)).delete().await?))
}

async fn expire(State(db): State<Db>) -> AppResult<Json<Vec<Login>>> {
    Ok(Json(accounts::expire(&db, Utc::now()).await?))
}

// Issues.

async fn create(
    State(db): State<Db>,
    Me(me): Me,
    Path(p): Path<Key<Project>>,
    Json(new): Json<CreateIssue>,
) -> AppResult<impl IntoResponse> {
    Ok((StatusCode::CREATED, Json(service::create(&db, me, p, new).await?)))
}

async fn list(
    State(db): State<Db>,
    me: Option<Me>,
    Path(p): Path<Key<Project>>,
    RawQuery(query): RawQuery,
    Query(paging): Query<Paging>,
) -> AppResult<Json<Page<Listed>>> {
    let me = me.map(|Me(me)| me);
    Ok(Json(service::list(&db, p, &query.unwrap_or_default(), paging, me).await?))
}

async fn deleted(State(db): State<Db>, Path(p): Path<Key<Project>>) -> AppResult<Json<Vec<Issue>>> {
    Ok(Json(service::issues(&db, p).only_deleted().fetch_all().await?))
}

async fn detail(State(db): State<Db>, Path(i): Path<Key<Issue>>) -> AppResult<impl IntoResponse> {
    let detail = service::detail(&db, i).await?;
    Ok(([(header::ETAG, format!("\"{}\"", detail.issue.version))], Json(detail)))
}

/// A request may say which version it knows: by `If-Match`, or as `version`.
async fn change(
    State(db): State<Db>,
    Me(me): Me,
    Path(i): Path<Key<Issue>>,
    headers: HeaderMap,
    Json(mut change): Json<ChangeIssue>,
) -> AppResult<Json<Issue>> {
    if let Some(known) = headers.get(header::IF_MATCH) {
        let version = known.to_str().ok().and_then(|known| known.trim_matches('"').parse().ok());
        change.patch.version = Some(version.ok_or_else(|| AppError::Bad("If-Match is no version".to_owned()))?);
    }
    Ok(Json(service::change(&db, me, i, change).await?))
}

async fn delete(State(db): State<Db>, Path(i): Path<Key<Issue>>) -> AppResult<StatusCode> {
    db.delete(i).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn restore(State(db): State<Db>, Path(i): Path<Key<Issue>>) -> AppResult<Json<Issue>> {
    Ok(Json(db.restore(i).await?))
}

async fn close(
    State(db): State<Db>,
    Path(p): Path<Key<Project>>,
    Json(keys): Json<Vec<Key<Issue>>>,
) -> AppResult<Json<u64>> {
    Ok(Json(service::close(&db, p, keys).await?))
}

#[derive(Deserialize)]
struct Say {
    parent: Option<Key<Comment>>,
    body: String,
}

async fn comment(
    State(db): State<Db>,
    Me(me): Me,
    Path(i): Path<Key<Issue>>,
    Json(new): Json<Say>,
) -> AppResult<impl IntoResponse> {
    let draft = Comment::builder().issue_id(i).author_id(me).parent_id(new.parent).body(new.body);
    Ok((StatusCode::CREATED, Json(db.insert(draft).await?)))
}

#[derive(Deserialize)]
struct Attach {
    file_name: String,
    size: u64,
    sha256: Vec<u8>,
    meta: AttachmentMeta,
}

async fn attach(
    State(db): State<Db>,
    Path(i): Path<Key<Issue>>,
    Json(new): Json<Attach>,
) -> AppResult<impl IntoResponse> {
    let draft = Attachment::builder().issue_id(i).file_name(new.file_name).size(new.size).sha256(new.sha256);
    Ok((StatusCode::CREATED, Json(db.insert(draft.meta(new.meta)).await?)))
}

async fn watch(State(db): State<Db>, Me(me): Me, Path(i): Path<Key<Issue>>) -> AppResult<StatusCode> {
    i.watchers(&db).add(me).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn unwatch(State(db): State<Db>, Me(me): Me, Path(i): Path<Key<Issue>>) -> AppResult<StatusCode> {
    i.watchers(&db).remove(me).await?;
    Ok(StatusCode::NO_CONTENT)
}

// Reports.

/// How long a report may take.
const REPORT: Duration = Duration::from_secs(5);

async fn board(State(db): State<Db>, Path(p): Path<Key<Project>>) -> AppResult<Json<Vec<BoardColumn>>> {
    Ok(Json(reports::board(&db.timeout(REPORT), p, Utc::now().date_naive()).await?))
}

async fn dashboard(State(db): State<Db>, Path(o): Path<Key<Organisation>>) -> AppResult<Json<Dashboard>> {
    Ok(Json(reports::dashboard(&db.timeout(REPORT), o, Utc::now()).await?))
}

async fn overdue(State(db): State<Db>) -> AppResult<Json<Vec<Overdue>>> {
    Ok(Json(reports::overdue(&db.timeout(REPORT), Utc::now().date_naive()).await?))
}

// Many issues at once.

/// A line of JSON for each issue, while they are read.
async fn export(State(db): State<Db>, Path(p): Path<Key<Project>>) -> Body {
    let rows = service::issues(&db, p).order(|i| i.number.asc()).view::<Exported>().fetch_stream();
    Body::from_stream(rows.map(|row| {
        let row = row.map_err(std::io::Error::other)?;
        Ok::<_, std::io::Error>(serde_json::to_string(&row)? + "\n")
    }))
}

/// All lines or none, a thousand at a time while they come.
async fn import(State(app): State<App>, Path(p): Path<Key<Project>>, body: Body) -> AppResult<Json<usize>> {
    app.imported.store(0, Ordering::Relaxed);
    let mut lines = Lines::of(body);
    app.db
        .try_transaction(async |tx| {
            loop {
                let batch = lines.next::<ImportLine>(1000).await?;
                if batch.is_empty() {
                    break;
                }
                app.imported.fetch_add(service::import(tx, p, batch).await?, Ordering::Relaxed);
            }
            Ok::<_, AppError>(())
        })
        .await?;
    Ok(Json(app.imported.load(Ordering::Relaxed)))
}

async fn progress(State(app): State<App>) -> Json<usize> {
    Json(app.imported.load(Ordering::Relaxed))
}
