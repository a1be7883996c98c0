//! Books, with their subjects, covers and reviews, and the search.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use garde::Validate;
use serde::Deserialize;
use sqliter::Page;
use sqliter::prelude::*;
use sqliter::web::Problem;
use utoipa::{IntoParams, ToSchema};

use super::{Created, created};
use crate::error::AppResult;
use crate::http::Listing;
use crate::http::etag::{IfMatch, etag, is_known};
use crate::http::extract::{Path, Picture, Query};
use crate::http::json::{Sent, Valid};
use crate::models::*;
use crate::queries::books::{self, BookDetail, BookLine, Found, ReviewLine};
use crate::queries::subjects::SubjectName;

/// Books, filtered and sorted as the query string says, a page at a time.
///
/// They are sorted by `title`, `author`, `published`, `pages`, `rating`, `loans` and `created_at`.
#[utoipa::path(get, path = "/books", tag = "books", params(
    Listing,
    ("q" = Option<String>, Query, description = "A part of the title, or of the author's name"),
    ("author" = Option<i64>, Query),
    ("language" = Option<Vec<Language>>, Query, style = Form, explode = false),
    ("subject" = Option<Vec<String>>, Query, style = Form, explode = false, description = "One of these subjects"),
    ("branch" = Option<i64>, Query, description = "A branch that has a copy"),
    ("published_from" = Option<chrono::NaiveDate>, Query),
    ("published_to" = Option<chrono::NaiveDate>, Query),
    ("available" = Option<bool>, Query, description = "Whether a copy is there to take home"),
), responses((status = 200, body = Page<BookLine>), (status = 422, body = Problem)))]
pub async fn list(State(db): State<Db>, listing: Listing) -> AppResult<Json<Page<BookLine>>> {
    Ok(Json(books::list(&db, listing).await?))
}

/// A new book. An ISBN that another one has is 409, an author who is not there 422.
#[utoipa::path(post, path = "/books", tag = "books", request_body = NewBook, responses(
    (status = 201, body = Book), (status = 409, body = Problem), (status = 422, body = Problem), (status = 503, body = Problem),
))]
pub async fn create(State(db): State<Db>, Valid(new): Valid<NewBook>) -> AppResult<Created<Book>> {
    let book = db.insert(new).await?;
    Ok(created(format!("/books/{}", book.pk), book))
}

/// A book with all that belongs to it. Its `ETag` is the version of the book alone, for `If-Match`.
#[utoipa::path(get, path = "/books/{book}", tag = "books", params(("book" = inline(Key<Book>), Path)), responses(
    (status = 200, body = BookDetail, headers(("ETag" = String))), (status = 404, body = Problem),
))]
pub async fn detail(State(db): State<Db>, Path(book): Path<Key<Book>>) -> AppResult<impl IntoResponse> {
    let detail = books::detail(&db, book).await?;
    Ok((etag(detail.book.version), Json(detail)))
}

/// Changes what the body names; `null` empties a field that may be empty. With `If-Match`, or a `version` in the body, a book that
/// was changed meanwhile is 412.
#[utoipa::path(patch, path = "/books/{book}", tag = "books", params(
    ("book" = inline(Key<Book>), Path), ("If-Match" = Option<String>, Header),
), request_body = BookPatch, responses(
    (status = 200, body = Book, headers(("ETag" = String))), (status = 404, body = Problem), (status = 409, body = Problem),
    (status = 412, body = Problem), (status = 422, body = Problem), (status = 503, body = Problem),
))]
pub async fn change(
    State(db): State<Db>,
    Path(book): Path<Key<Book>>,
    IfMatch(version): IfMatch,
    Valid(mut patch): Valid<BookPatch>,
) -> AppResult<impl IntoResponse> {
    patch.version = version.or(patch.version);
    let book = db.patch(book, patch).await?;
    Ok((etag(book.version), Json(book)))
}

/// Deletes a book with its cover, reviews and reservations. One of which there are copies is 409.
#[utoipa::path(delete, path = "/books/{book}", tag = "books", params(("book" = inline(Key<Book>), Path)), responses(
    (status = 204), (status = 404, body = Problem), (status = 409, body = Problem),
))]
pub async fn delete(State(db): State<Db>, Path(book): Path<Key<Book>>) -> AppResult<StatusCode> {
    db.delete(book).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The subjects of a book, by their keys, in place of those that it had.
#[utoipa::path(put, path = "/books/{book}/subjects", tag = "books", params(("book" = inline(Key<Book>), Path)), request_body = Vec<i64>,
    responses((status = 200, body = Vec<SubjectName>), (status = 404, body = Problem), (status = 422, body = Problem))
)]
pub async fn set_subjects(
    State(db): State<Db>,
    Path(book): Path<Key<Book>>,
    Sent(subjects): Sent<Vec<Key<Subject>>>,
) -> AppResult<Json<Vec<SubjectName>>> {
    Ok(Json(books::set_subjects(&db, book, subjects).await?))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Typed {
    /// What somebody has typed; the last word may be the beginning of one.
    q: String,
}

/// Books by the words of their titles and summaries, the best first.
#[utoipa::path(get, path = "/search", tag = "books", params(Typed), responses((status = 200, body = Vec<Found>)))]
pub async fn search(State(db): State<Db>, Query(typed): Query<Typed>) -> AppResult<Json<Vec<Found>>> {
    Ok(Json(books::search(&db, typed.q).await?))
}

/// The picture of a book.
#[utoipa::path(get, path = "/books/{book}/cover", tag = "covers", params(("book" = inline(Key<Book>), Path)), responses(
    (status = 200, body = Vec<u8>, content_type = "image/png"), (status = 304), (status = 404, body = Problem),
))]
pub async fn cover(State(db): State<Db>, Path(book): Path<Key<Book>>, headers: HeaderMap) -> AppResult<Response> {
    let cover = books::cover(&db, book).await?;
    let version = cover.updated_at.timestamp_micros();
    if is_known(&headers, version) {
        return Ok((StatusCode::NOT_MODIFIED, etag(version)).into_response());
    }
    Ok((etag(version), [(header::CONTENT_TYPE, cover.media_type)], cover.image).into_response())
}

/// Puts a JPEG, PNG or WebP of at most 2 MB in the place of the picture that there was.
#[utoipa::path(put, path = "/books/{book}/cover", tag = "covers", params(("book" = inline(Key<Book>), Path)),
    request_body(content = Vec<u8>, content_type = "image/png"),
    responses((status = 204), (status = 422, body = Problem))
)]
pub async fn set_cover(
    State(db): State<Db>,
    Path(book): Path<Key<Book>>,
    Picture { media_type, bytes }: Picture,
) -> AppResult<StatusCode> {
    books::set_cover(&db, book, media_type, bytes).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes the picture away.
#[utoipa::path(delete, path = "/books/{book}/cover", tag = "covers", params(("book" = inline(Key<Book>), Path)), responses(
    (status = 204), (status = 404, body = Problem),
))]
pub async fn remove_cover(State(db): State<Db>, Path(book): Path<Key<Book>>) -> AppResult<StatusCode> {
    books::remove_cover(&db, book).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What members say of a book, the newest first; sorted by `created_at` and `stars`.
#[utoipa::path(get, path = "/books/{book}/reviews", tag = "reviews", params(
    ("book" = inline(Key<Book>), Path),
    Listing,
    ("stars_from" = Option<u8>, Query, description = "With so many stars or more"),
    ("stars_to" = Option<u8>, Query, description = "With so many stars or fewer"),
), responses((status = 200, body = Page<ReviewLine>)))]
pub async fn reviews(
    State(db): State<Db>,
    Path(book): Path<Key<Book>>,
    listing: Listing,
) -> AppResult<Json<Page<ReviewLine>>> {
    Ok(Json(books::reviews(&db, book, listing).await?))
}

#[derive(Debug, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
pub struct Say {
    member_id: Key<Member>,
    #[garde(range(min = 1, max = 5))]
    stars: u8,
    #[garde(length(chars, max = 5000))]
    text: String,
}

/// What a member says of a book, once.
#[utoipa::path(post, path = "/books/{book}/reviews", tag = "reviews", params(("book" = inline(Key<Book>), Path)), request_body = Say, responses(
    (status = 201, body = Review), (status = 409, body = Problem), (status = 422, body = Problem),
))]
pub async fn review(
    State(db): State<Db>,
    Path(book): Path<Key<Book>>,
    Valid(say): Valid<Say>,
) -> AppResult<Created<Review>> {
    let draft = Review::builder().member_id(say.member_id).stars(say.stars).text(say.text);
    let review = book.reviews(&db).create(draft).await?;
    Ok(created(format!("/books/{book}/reviews/{}", review.pk), review))
}
