//! Branches, their staff, and the copies on their shelves.

use chrono::NaiveDate;
use garde::Validate;
use serde::{Deserialize, Serialize};
use sqliter::prelude::*;
use utoipa::ToSchema;

use crate::models::*;

#[derive(Debug, Serialize, ToSchema, View)]
#[view(Branch)]
pub struct BranchName {
    pk: Key<Branch>,
    name: String,
}

/// A branch with what it has.
#[derive(Debug, Serialize, ToSchema, View)]
#[view(Branch)]
pub struct BranchLine {
    #[view(flatten)]
    #[serde(flatten)]
    branch: Branch,
    #[view(count)]
    copies: i64,
    #[view(order = |s| s.name.asc())]
    staff: Vec<StaffName>,
}

#[derive(Debug, Serialize, ToSchema, View)]
#[view(Staff)]
pub struct StaffName {
    pk: Key<Staff>,
    name: String,
}

/// Who works in the library, under whom, and for whom.
#[derive(Debug, Serialize, ToSchema, View)]
#[view(Staff)]
pub struct StaffLine {
    #[view(flatten)]
    #[serde(flatten)]
    staff: Staff,
    branch: BranchName,
    manager: Option<StaffName>,
    #[view(order = |s| s.name.asc())]
    team: Vec<StaffName>,
}

/// A copy of a book, and whether somebody has it.
#[derive(Debug, Serialize, ToSchema, View)]
#[view(BookCopy)]
pub struct CopyOnShelf {
    pk: Key<BookCopy>,
    barcode: String,
    condition: Condition,
    branch: BranchName,
    #[view(with = |c| c.loans.any(|l| l.returned_on.is_null()))]
    lent: bool,
}

/// A copy that the library has bought; the path of the request says of which book.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
pub struct Bought {
    #[garde(pattern(r"^[A-Z0-9-]{4,20}$"))]
    barcode: String,
    branch_id: Key<Branch>,
    /// Today if it is not said.
    acquired: Option<NaiveDate>,
}

pub async fn branches(s: &Session) -> sqliter::Result<Vec<BranchLine>> {
    s.select::<Branch>().order(|b| b.name.asc()).view::<BranchLine>().fetch_all().await
}

pub async fn staff(s: &Session) -> sqliter::Result<Vec<StaffLine>> {
    s.select::<Staff>().order(|s| s.name.asc()).view::<StaffLine>().fetch_all().await
}

pub async fn buy(s: &Session, book: Key<Book>, bought: Bought) -> sqliter::Result<BookCopy> {
    let acquired = bought.acquired.unwrap_or_else(super::today);
    let draft = BookCopy::builder().barcode(bought.barcode).branch_id(bought.branch_id).acquired(acquired);
    book.copies(s).create(draft).await
}
