//! Authors.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use sqliter::web::Problem;
use sqliter::{Db, Key, Page};

use super::{Created, created};
use crate::error::AppResult;
use crate::http::Listing;
use crate::http::extract::Path;
use crate::http::json::Valid;
use crate::models::*;
use crate::queries::authors::{self, AuthorDetail, AuthorLine};

/// Authors, filtered by `name`, `born_from`, `born_to` and `has_books`, sorted by `name`, `born` and `books`.
#[utoipa::path(get, path = "/authors", tag = "authors", params(
    Listing,
    ("name" = Option<String>, Query, description = "A part of the name"),
    ("born_from" = Option<i32>, Query, description = "Born in this year or later"),
    ("born_to" = Option<i32>, Query, description = "Born in this year or earlier"),
    ("has_books" = Option<bool>, Query, description = "Whether there are books"),
), responses((status = 200, body = Page<AuthorLine>), (status = 422, body = Problem)))]
pub async fn list(State(db): State<Db>, listing: Listing) -> AppResult<Json<Page<AuthorLine>>> {
    Ok(Json(authors::list(&db, listing).await?))
}

/// A new author. A name that another one has is 409.
#[utoipa::path(post, path = "/authors", tag = "authors", request_body = NewAuthor, responses(
    (status = 201, body = Author), (status = 409, body = Problem), (status = 422, body = Problem),
))]
pub async fn create(State(db): State<Db>, Valid(new): Valid<NewAuthor>) -> AppResult<Created<Author>> {
    let author = db.insert(new).await?;
    Ok(created(format!("/authors/{}", author.pk), author))
}

/// An author with all books.
#[utoipa::path(get, path = "/authors/{author}", tag = "authors", params(("author" = inline(Key<Author>), Path)), responses(
    (status = 200, body = AuthorDetail), (status = 404, body = Problem),
))]
pub async fn detail(State(db): State<Db>, Path(author): Path<Key<Author>>) -> AppResult<Json<AuthorDetail>> {
    Ok(Json(authors::detail(&db, author).await?))
}

/// Changes what the body names; `null` empties a field that may be empty.
#[utoipa::path(patch, path = "/authors/{author}", tag = "authors", params(("author" = inline(Key<Author>), Path)), request_body = AuthorPatch,
    responses(
        (status = 200, body = Author), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem),
    )
)]
pub async fn change(
    State(db): State<Db>,
    Path(author): Path<Key<Author>>,
    Valid(patch): Valid<AuthorPatch>,
) -> AppResult<Json<Author>> {
    Ok(Json(db.patch(author, patch).await?))
}

/// Deletes an author who has no books; else it is 409.
#[utoipa::path(delete, path = "/authors/{author}", tag = "authors", params(("author" = inline(Key<Author>), Path)), responses(
    (status = 204), (status = 404, body = Problem), (status = 409, body = Problem),
))]
pub async fn delete(State(db): State<Db>, Path(author): Path<Key<Author>>) -> AppResult<StatusCode> {
    db.delete(author).await?;
    Ok(StatusCode::NO_CONTENT)
}
