//! Reports over many issues.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use sqliter::prelude::*;
use sqliter::{Row, sql};

use crate::accounts::UserName;
use crate::models::*;
use crate::service::issues;

const OPEN: [Status; 2] = [Status::Open, Status::InProgress];

#[derive(Debug, Serialize, Row)]
pub struct BoardColumn {
    status: Status,
    issues: i64,
    overdue: i64,
}

pub async fn board(s: &Session, project: Key<Project>, today: NaiveDate) -> sqliter::Result<Vec<BoardColumn>> {
    issues(s, project)
        .group_by(|i| i.status)
        .annotate(|i| (count().alias("issues"), count().filter(i.due_date.lt(today)).alias("overdue")))
        .into_rows::<BoardColumn>()
        .fetch_all()
        .await
}

/// How many issues a user has to do, and for how many days they have been waiting.
#[derive(Debug, Serialize, View)]
#[view(User, args(now: DateTime<Utc>))]
pub struct Workload {
    #[view(flatten)]
    #[serde(flatten)]
    user: UserName,
    #[view(count, relation = assigned, filter = |i| i.status.is_in(OPEN))]
    open: i64,
    #[view(with = |u| u.assigned.matching(|i| i.status.is_in(OPEN)).aggregate(|i| {
        sql::<f64>("julianday(?) - julianday(?)", (now, i.created_at)).as_value().avg()
    }))]
    average_age_days: Option<f64>,
}

#[derive(Debug, Serialize, Row)]
pub struct Overdue {
    organisation: String,
    project: String,
    issues: i64,
    oldest: Option<NaiveDate>,
}

/// What should have been done, by organisation and project.
pub async fn overdue(s: &Session, today: NaiveDate) -> sqliter::Result<Vec<Overdue>> {
    s.select::<Issue>()
        .filter(|i| i.due_date.lt(today) & i.status.is_in(OPEN))
        .group_by(|i| (i.project.org.name.alias("organisation"), i.project.name.alias("project")))
        .annotate(|i| (count().alias("issues"), i.due_date.min().alias("oldest")))
        .order(|i| (i.project.org.name.asc(), i.project.name.asc()))
        .into_rows::<Overdue>()
        .fetch_all()
        .await
}

#[derive(Debug, Serialize)]
pub struct Dashboard {
    open: u64,
    workload: Vec<Workload>,
    newest: Vec<Issue>,
}

/// What an organisation looks like at one moment.
pub async fn dashboard(s: &Session, org: Key<Organisation>, now: DateTime<Utc>) -> sqliter::Result<Dashboard> {
    s.snapshot(async |s| {
        let open = s.select::<Issue>().filter(|i| i.project.org_id.eq(org) & i.status.is_in(OPEN));
        let users = s.select::<User>().filter(|u| u.org_id.eq(org));
        let users = users.order(|u| (u.assigned.matching(|i| i.status.is_in(OPEN)).count().desc(), u.name.asc()));
        Ok(Dashboard {
            open: open.clone().count().await?,
            workload: users.view_with::<Workload>(now).fetch_all().await?,
            newest: open.order(|i| i.pk.desc()).limit(3).fetch_all().await?,
        })
    })
    .await
}
