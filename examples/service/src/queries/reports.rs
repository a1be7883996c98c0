//! Reports: what is lent most, and what should be back.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use sqliter::Row;
use sqliter::prelude::*;
use utoipa::{IntoParams, ToSchema};

use super::today;
use crate::models::*;

/// Of which days; of all if it is not said.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Period {
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
}

#[derive(Debug, Serialize, ToSchema, Row)]
pub struct Popular {
    book_id: Key<Book>,
    title: String,
    author: String,
    loans: i64,
    members: i64,
}

/// The ten books that were lent most.
pub async fn popular(s: &Session, period: Period) -> sqliter::Result<Vec<Popular>> {
    s.select::<Loan>()
        .filter_some(period.from, |l, from| l.lent_on.ge(from))
        .filter_some(period.to, |l, to| l.lent_on.le(to))
        .group_by(|l| (l.copy.book_id, l.copy.book.title, l.copy.book.author.name.alias("author")))
        .annotate(|l| (count().alias("loans"), l.member_id.distinct().count().alias("members")))
        .order(|l| (count().desc(), l.copy.book.title.asc()))
        .limit(10)
        .into_rows::<Popular>()
        .fetch_all()
        .await
}

#[derive(Debug, Serialize, ToSchema, Row)]
pub struct Overdue {
    branch: String,
    loans: i64,
    members: i64,
    oldest: Option<NaiveDate>,
}

/// What should be back, by branch.
pub async fn overdue(s: &Session) -> sqliter::Result<Vec<Overdue>> {
    s.select::<Loan>()
        .filter(|l| l.returned_on.is_null() & l.due_on.lt(today()))
        .group_by(|l| l.copy.branch.name.alias("branch"))
        .annotate(|l| {
            let members = l.member_id.distinct().count();
            (count().alias("loans"), members.alias("members"), l.due_on.min().alias("oldest"))
        })
        .order(|l| l.copy.branch.name.asc())
        .into_rows::<Overdue>()
        .fetch_all()
        .await
}
