//! The routes. An error of the database is a response with the status that fits: 404, 409, 422 and so on.

use std::sync::LazyLock;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use sqliter::prelude::*;
use sqliter::web::ListRequest;
use sqliter::{Filters, Page, Result, Sorting};

use crate::models::{NewNote, Note, NotePatch};

pub fn router(db: Db) -> Router {
    Router::new()
        .route("/notes", get(list).post(create))
        .route("/notes/{pk}", get(read).patch(change).delete(delete))
        .with_state(db)
}

/// What a request may filter by: `/notes?q=milk`.
static FILTERS: LazyLock<Filters<Note>> = LazyLock::new(|| {
    Filters::<Note>::new().with("q", |n, word: String| {
        n.title.icontains(word.clone()) | n.text.icontains(word)
    })
});

/// What a request may sort by: `/notes?sort=-created`.
static SORTING: LazyLock<Sorting<Note>> = LazyLock::new(|| {
    Sorting::<Note>::new()
        .by("title", |n| n.title)
        .by("created", |n| n.created_at)
});

async fn list(State(db): State<Db>, request: ListRequest) -> Result<Json<Page<Note>>> {
    let notes = db
        .select::<Note>()
        .filter_by(&FILTERS, &request)?
        .order_by(&SORTING, request.sort_or("-created"))?;
    Ok(Json(request.page_of(notes).await?))
}

async fn create(
    State(db): State<Db>,
    Json(new): Json<NewNote>,
) -> Result<(StatusCode, Json<Note>)> {
    Ok((StatusCode::CREATED, Json(db.insert(new).await?)))
}

async fn read(State(db): State<Db>, Path(key): Path<Key<Note>>) -> Result<Json<Note>> {
    Ok(Json(
        db.select::<Note>()
            .filter(|n| n.pk.eq(key))
            .fetch_required()
            .await?,
    ))
}

async fn change(
    State(db): State<Db>,
    Path(key): Path<Key<Note>>,
    Json(patch): Json<NotePatch>,
) -> Result<Json<Note>> {
    Ok(Json(db.patch(key, patch).await?))
}

async fn delete(State(db): State<Db>, Path(key): Path<Key<Note>>) -> Result<StatusCode> {
    db.delete(key).await?;
    Ok(StatusCode::NO_CONTENT)
}
