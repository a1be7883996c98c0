//! Members.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use sqliter::web::Problem;
use sqliter::{Db, Key, Page};

use super::{Created, created};
use crate::error::AppResult;
use crate::http::Listing;
use crate::http::etag::{IfMatch, etag};
use crate::http::extract::Path;
use crate::http::json::Valid;
use crate::models::*;
use crate::queries::members::{self, MemberDetail, MemberLine};

/// Members, filtered by `name`, `email`, `blocked` and `overdue`, sorted by `name` and `joined_at`.
#[utoipa::path(get, path = "/members", tag = "members", params(
    Listing,
    ("name" = Option<String>, Query, description = "A part of the name"),
    ("email" = Option<String>, Query),
    ("blocked" = Option<bool>, Query),
    ("overdue" = Option<bool>, Query, description = "Whether a book should be back"),
), responses((status = 200, body = Page<MemberLine>), (status = 422, body = Problem)))]
pub async fn list(State(db): State<Db>, listing: Listing) -> AppResult<Json<Page<MemberLine>>> {
    Ok(Json(members::list(&db, listing).await?))
}

/// A new member.
#[utoipa::path(post, path = "/members", tag = "members", request_body = NewMember, responses(
    (status = 201, body = Member), (status = 409, body = Problem), (status = 422, body = Problem),
))]
pub async fn create(State(db): State<Db>, Valid(new): Valid<NewMember>) -> AppResult<Created<Member>> {
    let member = db.insert(new).await?;
    Ok(created(format!("/members/{}", member.pk), member))
}

/// A member, with loans, reservations and favourites.
#[utoipa::path(get, path = "/members/{member}", tag = "members", params(("member" = inline(Key<Member>), Path)), responses(
    (status = 200, body = MemberDetail, headers(("ETag" = String))), (status = 404, body = Problem),
))]
pub async fn detail(State(db): State<Db>, Path(member): Path<Key<Member>>) -> AppResult<impl IntoResponse> {
    let detail = members::detail(&db, member).await?;
    Ok((etag(detail.member.version), Json(detail)))
}

/// Changes what the body names, under the version that `If-Match` says.
#[utoipa::path(patch, path = "/members/{member}", tag = "members", params(
    ("member" = inline(Key<Member>), Path), ("If-Match" = Option<String>, Header),
), request_body = MemberPatch, responses(
    (status = 200, body = Member, headers(("ETag" = String))), (status = 404, body = Problem), (status = 409, body = Problem),
    (status = 412, body = Problem), (status = 422, body = Problem),
))]
pub async fn change(
    State(db): State<Db>,
    Path(member): Path<Key<Member>>,
    IfMatch(version): IfMatch,
    Valid(mut patch): Valid<MemberPatch>,
) -> AppResult<impl IntoResponse> {
    patch.version = version.or(patch.version);
    let member = db.patch(member, patch).await?;
    Ok((etag(member.version), Json(member)))
}

/// The member leaves. The row stays for the loans, and can come back.
#[utoipa::path(delete, path = "/members/{member}", tag = "members", params(("member" = inline(Key<Member>), Path)), responses(
    (status = 204), (status = 404, body = Problem),
))]
pub async fn leave(State(db): State<Db>, Path(member): Path<Key<Member>>) -> AppResult<StatusCode> {
    db.delete(member).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A member who has left comes back. If another one has the email address meanwhile, it is 409.
#[utoipa::path(post, path = "/members/{member}/restore", tag = "members", params(("member" = inline(Key<Member>), Path)), responses(
    (status = 200, body = Member), (status = 404, body = Problem), (status = 409, body = Problem),
))]
pub async fn come_back(State(db): State<Db>, Path(member): Path<Key<Member>>) -> AppResult<Json<Member>> {
    Ok(Json(db.restore(member).await?))
}

/// A book that the member likes.
#[utoipa::path(put, path = "/members/{member}/favourites/{book}", tag = "members",
    params(("member" = inline(Key<Member>), Path), ("book" = inline(Key<Book>), Path)),
    responses((status = 204), (status = 422, body = Problem))
)]
pub async fn add_favourite(
    State(db): State<Db>,
    Path((member, book)): Path<(Key<Member>, Key<Book>)>,
) -> AppResult<StatusCode> {
    member.favourites(&db).add(book).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A book that the member does not like any more.
#[utoipa::path(delete, path = "/members/{member}/favourites/{book}", tag = "members",
    params(("member" = inline(Key<Member>), Path), ("book" = inline(Key<Book>), Path)),
    responses((status = 204))
)]
pub async fn remove_favourite(
    State(db): State<Db>,
    Path((member, book)): Path<(Key<Member>, Key<Book>)>,
) -> AppResult<StatusCode> {
    member.favourites(&db).remove(book).await?;
    Ok(StatusCode::NO_CONTENT)
}
