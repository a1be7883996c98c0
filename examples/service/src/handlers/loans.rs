//! Loans and reservations.

use axum::Json;
use axum::extract::State;
use garde::Validate;
use serde::Deserialize;
use sqliter::Page;
use sqliter::prelude::*;
use sqliter::web::Problem;
use utoipa::ToSchema;

use super::{Created, created};
use crate::error::AppResult;
use crate::http::Listing;
use crate::http::extract::Path;
use crate::http::json::Valid;
use crate::models::*;
use crate::queries::loans::{self, Lend, LoanLine, Returned};

/// Loans, filtered by `member`, `branch`, `open` and `due_before`, sorted by `due_on` and `lent_on`.
#[utoipa::path(get, path = "/loans", tag = "loans", params(
    Listing,
    ("member" = Option<i64>, Query),
    ("branch" = Option<i64>, Query),
    ("open" = Option<bool>, Query, description = "Whether the book is not back yet"),
    ("due_before" = Option<chrono::NaiveDate>, Query),
), responses((status = 200, body = Page<LoanLine>), (status = 422, body = Problem)))]
pub async fn list(State(db): State<Db>, listing: Listing) -> AppResult<Json<Page<LoanLine>>> {
    Ok(Json(loans::list(&db, listing).await?))
}

/// Lends a copy to a member. A copy that is lent, and whatever the rules do not allow, is 409.
#[utoipa::path(post, path = "/loans", tag = "loans", request_body = Lend, responses(
    (status = 201, body = Loan), (status = 409, body = Problem), (status = 422, body = Problem), (status = 503, body = Problem),
))]
pub async fn lend(State(db): State<Db>, Valid(lend): Valid<Lend>) -> AppResult<Created<Loan>> {
    let loan = loans::lend(&db, lend).await?;
    Ok(created(format!("/loans/{}", loan.pk), loan))
}

/// Takes a copy back; says who waits for it.
#[utoipa::path(post, path = "/loans/{loan}/return", tag = "loans", params(("loan" = inline(Key<Loan>), Path)), responses(
    (status = 200, body = Returned), (status = 404, body = Problem), (status = 409, body = Problem),
))]
pub async fn take_back(State(db): State<Db>, Path(loan): Path<Key<Loan>>) -> AppResult<Json<Returned>> {
    Ok(Json(loans::take_back(&db, loan).await?))
}

/// Three weeks more.
#[utoipa::path(post, path = "/loans/{loan}/renew", tag = "loans", params(("loan" = inline(Key<Loan>), Path)), responses(
    (status = 200, body = Loan), (status = 404, body = Problem), (status = 409, body = Problem),
))]
pub async fn renew(State(db): State<Db>, Path(loan): Path<Key<Loan>>) -> AppResult<Json<Loan>> {
    Ok(Json(loans::renew(&db, loan).await?))
}

#[derive(Debug, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
pub struct Reserve {
    member_id: Key<Member>,
}

/// Reserves a book for a member, who gets the next copy that comes back.
#[utoipa::path(post, path = "/books/{book}/reservations", tag = "loans", params(("book" = inline(Key<Book>), Path)), request_body = Reserve,
    responses((status = 201, body = Reservation), (status = 409, body = Problem), (status = 422, body = Problem))
)]
pub async fn reserve(
    State(db): State<Db>,
    Path(book): Path<Key<Book>>,
    Valid(reserve): Valid<Reserve>,
) -> AppResult<Created<Reservation>> {
    let draft = Reservation::builder().member_id(reserve.member_id);
    let reservation = book.reservations(&db).create(draft).await?;
    Ok(created(format!("/books/{book}/reservations/{}", reservation.pk), reservation))
}
