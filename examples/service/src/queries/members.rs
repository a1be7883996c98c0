//! Members, with what they have and what they wait for.

use std::sync::LazyLock;

use chrono::NaiveDate;
use serde::Serialize;
use sqliter::prelude::*;
use sqliter::{Filters, Page, Sorting};
use utoipa::ToSchema;

use super::books::BookName;
use crate::http::Listing;
use crate::models::*;

/// A member as others see one.
#[derive(Debug, Serialize, ToSchema, View)]
#[view(Member)]
pub struct MemberName {
    pk: Key<Member>,
    name: String,
}

/// A line of the list of members.
#[derive(Debug, Serialize, ToSchema, View)]
#[view(Member)]
pub struct MemberLine {
    #[view(flatten)]
    #[serde(flatten)]
    member: Member,
    #[view(count, filter = |l| l.returned_on.is_null())]
    loans: i64,
}

/// A book that a member has at home.
#[derive(Debug, Serialize, ToSchema, View)]
#[view(Loan)]
pub struct AtHome {
    pk: Key<Loan>,
    due_on: NaiveDate,
    #[view(with = |l| l.copy.barcode)]
    barcode: String,
    #[view(with = |l| l.copy.book.title)]
    title: String,
}

/// A book that a member waits for.
#[derive(Debug, Serialize, ToSchema, View)]
#[view(Reservation)]
pub struct Awaited {
    pk: Key<Reservation>,
    book: BookName,
}

/// A member with all that belongs to one.
#[derive(Debug, Serialize, ToSchema, View)]
#[view(Member)]
pub struct MemberDetail {
    #[view(flatten)]
    #[serde(flatten)]
    pub member: Member,
    #[view(filter = |l| l.returned_on.is_null(), order = |l| l.due_on.asc())]
    loans: Vec<AtHome>,
    #[view(filter = |r| r.fulfilled_on.is_null(), order = |r| r.pk.asc())]
    reservations: Vec<Awaited>,
    #[view(order = |b| b.title.asc())]
    favourites: Vec<BookName>,
}

static FILTERS: LazyLock<Filters<Member>> = LazyLock::new(|| {
    Filters::<Member>::new().icontains("name", |m| m.name).eq("email", |m| m.email).eq("blocked", |m| m.blocked).with(
        "overdue",
        |m, wanted: bool| {
            let today = super::today();
            let late = m.loans.any(|l| l.returned_on.is_null() & l.due_on.lt(today));
            if wanted { late } else { !late }
        },
    )
});

static SORTING: LazyLock<Sorting<Member>> =
    LazyLock::new(|| Sorting::<Member>::new().by("name", |m| m.name).by("joined_at", |m| m.joined_at));

pub async fn list(s: &Session, listing: Listing) -> sqliter::Result<Page<MemberLine>> {
    let members = s.select::<Member>().filter_by(&FILTERS, &listing)?;
    let members = members.order_by(&SORTING, listing.sort_or("name"))?;
    listing.page_of(members.view::<MemberLine>()).await
}

pub async fn detail(s: &Session, member: Key<Member>) -> sqliter::Result<MemberDetail> {
    s.select::<Member>().filter(|m| m.pk.eq(member)).view::<MemberDetail>().fetch_required().await
}
