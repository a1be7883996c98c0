//! Lending and taking back: each is one transaction that holds to the rules of the library.

use std::sync::LazyLock;

use chrono::{NaiveDate, TimeDelta};
use garde::Validate;
use serde::{Deserialize, Serialize};
use sqliter::prelude::*;
use sqliter::{Filters, Page, RowStream, Sorting};
use utoipa::ToSchema;

use super::members::MemberName;
use super::today;
use crate::error::{AppError, AppResult};
use crate::http::Listing;
use crate::models::*;

const WEEKS: TimeDelta = TimeDelta::weeks(3);
const MOST_LOANS: u64 = 5;
const MOST_RENEWALS: u32 = 2;

/// A line of the list of loans, and of its export.
#[derive(Debug, Serialize, ToSchema, View)]
#[view(Loan)]
pub struct LoanLine {
    pk: Key<Loan>,
    #[view(with = |l| l.copy.barcode)]
    barcode: String,
    #[view(with = |l| l.copy.book.title)]
    title: String,
    #[view(with = |l| l.copy.branch.name)]
    branch: String,
    #[view(with = |l| l.member.name)]
    member: String,
    lent_on: NaiveDate,
    due_on: NaiveDate,
    returned_on: Option<NaiveDate>,
}

static FILTERS: LazyLock<Filters<Loan>> = LazyLock::new(|| {
    Filters::<Loan>::new()
        .eq("member", |l| l.member_id)
        .eq("branch", |l| l.copy.branch_id)
        .is_null("open", |l| l.returned_on)
        .lt("due_before", |l| l.due_on)
});

static SORTING: LazyLock<Sorting<Loan>> =
    LazyLock::new(|| Sorting::<Loan>::new().by("due_on", |l| l.due_on).by("lent_on", |l| l.lent_on));

pub async fn list(s: &Session, listing: Listing) -> sqliter::Result<Page<LoanLine>> {
    let loans = s.select::<Loan>().filter_by(&FILTERS, &listing)?;
    let loans = loans.order_by(&SORTING, listing.sort_or("due_on"))?;
    listing.page_of(loans.view::<LoanLine>()).await
}

pub fn export(s: &Session) -> RowStream<LoanLine> {
    s.select::<Loan>().order(|l| l.pk.asc()).view::<LoanLine>().fetch_stream()
}

/// Who takes which copy.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
pub struct Lend {
    pub copy_id: Key<BookCopy>,
    pub member_id: Key<Member>,
    pub lent_by_id: Option<Key<Staff>>,
}

/// Lends a copy for three weeks. That a copy is lent once at a time is a rule of the table, which holds whoever asks at the same
/// time; the other rules are looked at here, in the transaction that writes.
pub async fn lend(s: &Session, lend: Lend) -> AppResult<Loan> {
    let refused = |reason: &str| Err(AppError::Conflict(reason.to_owned()));
    s.try_transaction(async |tx| {
        let member = tx.select::<Member>().filter(|m| m.pk.eq(lend.member_id)).fetch_one().await?;
        let Some(member) = member else { return Err(AppError::field("member_id", "no such row")) };
        if member.blocked {
            return refused("this member may borrow nothing at present");
        }
        if member.loans(tx).filter(|l| l.returned_on.is_null()).count().await? >= MOST_LOANS {
            return refused("this member has five books at home");
        }
        let copy = tx.get(lend.copy_id).await?.ok_or_else(|| AppError::field("copy_id", "no such row"))?;
        let waiting = copy.book_id.reservations(tx).filter(|r| r.fulfilled_on.is_null());
        match waiting.order(|r| r.pk.asc()).fetch_first().await? {
            Some(first) if first.member_id == member.pk => {
                let own = tx.select::<Reservation>().filter(|r| r.pk.eq(first.pk));
                own.update(|r| r.fulfilled_on.set(today())).await?;
            }
            Some(_) => return refused("others wait for this book"),
            None => {}
        }
        let draft = Loan::builder().copy_id(&copy).member_id(&member).lent_by_id(lend.lent_by_id);
        Ok(tx.insert(draft.lent_on(today()).due_on(today() + WEEKS)).await?)
    })
    .await
}

/// What came back, and who waits for it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Returned {
    loan: Loan,
    next: Option<MemberName>,
}

pub async fn take_back(s: &Session, loan: Key<Loan>) -> AppResult<Returned> {
    s.try_transaction(async |tx| {
        let open = tx.select::<Loan>().filter(|l| l.pk.eq(loan) & l.returned_on.is_null());
        let loan = match open.update(|l| l.returned_on.set(today())).returning_rows().fetch_one().await? {
            Some(loan) => loan,
            None if tx.get(loan).await?.is_some() => return Err(AppError::Conflict("it is back already".to_owned())),
            None => return Err(not_found(loan)),
        };
        let copy = loan.copy(tx).fetch().await?;
        let waiting = copy.book_id.reservations(tx).filter(|r| r.fulfilled_on.is_null());
        let next = match waiting.order(|r| r.pk.asc()).fetch_first().await? {
            Some(first) => tx.get(first.member_id).view::<MemberName>().await?,
            None => None,
        };
        Ok(Returned { loan, next })
    })
    .await
}

/// Three weeks more, twice at most, and not while others wait.
pub async fn renew(s: &Session, loan: Key<Loan>) -> AppResult<Loan> {
    s.try_transaction(async |tx| {
        let own = tx.select::<Loan>().filter(|l| l.pk.eq(loan) & l.returned_on.is_null());
        let may =
            own.filter(|l| l.renewals.lt(MOST_RENEWALS) & l.copy.book.reservations.none(|r| r.fulfilled_on.is_null()));
        let renewed =
            may.update(|l| (l.renewals.add(1), l.due_on.set(today() + WEEKS))).returning_rows().fetch_one().await?;
        match renewed {
            Some(loan) => Ok(loan),
            None if tx.get(loan).await?.is_some() => {
                Err(AppError::Conflict("it is back already, was renewed twice, or others wait for it".to_owned()))
            }
            None => Err(not_found(loan)),
        }
    })
    .await
}

fn not_found(loan: Key<Loan>) -> AppError {
    AppError::Request(axum::http::StatusCode::NOT_FOUND, format!("there is no loan {loan}"))
}
