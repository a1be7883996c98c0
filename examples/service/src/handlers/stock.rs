//! Subjects, branches, staff, copies.

use axum::Json;
use axum::extract::State;
use sqliter::web::Problem;
use sqliter::{Db, Key};

use super::{Created, created};
use crate::error::AppResult;
use crate::http::extract::Path;
use crate::http::json::Valid;
use crate::models::*;
use crate::queries::stock::{self, Bought, BranchLine, StaffLine};
use crate::queries::subjects::{self, SubjectTree};

/// All subjects, the narrower ones below the broader ones.
#[utoipa::path(get, path = "/subjects", tag = "stock", responses((status = 200, body = Vec<SubjectTree>)))]
pub async fn subjects(State(db): State<Db>) -> AppResult<Json<Vec<SubjectTree>>> {
    Ok(Json(subjects::tree(&db).await?))
}

/// A new subject.
#[utoipa::path(post, path = "/subjects", tag = "stock", request_body = NewSubject, responses(
    (status = 201, body = Subject), (status = 409, body = Problem), (status = 422, body = Problem),
))]
pub async fn new_subject(State(db): State<Db>, Valid(new): Valid<NewSubject>) -> AppResult<Created<Subject>> {
    let subject = db.insert(new).await?;
    Ok(created(format!("/subjects/{}", subject.pk), subject))
}

/// All branches, with how many copies they have, and their staff.
#[utoipa::path(get, path = "/branches", tag = "stock", responses((status = 200, body = Vec<BranchLine>)))]
pub async fn branches(State(db): State<Db>) -> AppResult<Json<Vec<BranchLine>>> {
    Ok(Json(stock::branches(&db).await?))
}

/// A new branch.
#[utoipa::path(post, path = "/branches", tag = "stock", request_body = NewBranch, responses(
    (status = 201, body = Branch), (status = 409, body = Problem), (status = 422, body = Problem),
))]
pub async fn new_branch(State(db): State<Db>, Valid(new): Valid<NewBranch>) -> AppResult<Created<Branch>> {
    let branch = db.insert(new).await?;
    Ok(created(format!("/branches/{}", branch.pk), branch))
}

/// Everybody who works here.
#[utoipa::path(get, path = "/staff", tag = "stock", responses((status = 200, body = Vec<StaffLine>)))]
pub async fn staff(State(db): State<Db>) -> AppResult<Json<Vec<StaffLine>>> {
    Ok(Json(stock::staff(&db).await?))
}

/// Somebody who begins to work here.
#[utoipa::path(post, path = "/staff", tag = "stock", request_body = NewStaff, responses(
    (status = 201, body = Staff), (status = 409, body = Problem), (status = 422, body = Problem),
))]
pub async fn new_staff(State(db): State<Db>, Valid(new): Valid<NewStaff>) -> AppResult<Created<Staff>> {
    let staff = db.insert(new).await?;
    Ok(created(format!("/staff/{}", staff.pk), staff))
}

/// A copy of a book that the library has bought.
#[utoipa::path(post, path = "/books/{book}/copies", tag = "stock", params(("book" = inline(Key<Book>), Path)), request_body = Bought, responses(
    (status = 201, body = BookCopy), (status = 409, body = Problem), (status = 422, body = Problem),
))]
pub async fn buy(
    State(db): State<Db>,
    Path(book): Path<Key<Book>>,
    Valid(bought): Valid<Bought>,
) -> AppResult<Created<BookCopy>> {
    let copy = stock::buy(&db, book, bought).await?;
    Ok(created(format!("/copies/{}", copy.pk), copy))
}

/// Another condition, another branch.
#[utoipa::path(patch, path = "/copies/{copy}", tag = "stock", params(("copy" = inline(Key<BookCopy>), Path)), request_body = BookCopyPatch, responses(
    (status = 200, body = BookCopy), (status = 404, body = Problem), (status = 422, body = Problem),
))]
pub async fn change_copy(
    State(db): State<Db>,
    Path(copy): Path<Key<BookCopy>>,
    Valid(patch): Valid<BookCopyPatch>,
) -> AppResult<Json<BookCopy>> {
    Ok(Json(db.patch(copy, patch).await?))
}
