//! The issues: everything takes `&Session`.

use std::sync::LazyLock;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::json;
use sqliter::prelude::*;
use sqliter::{Cursor, Filters, Page, Select, Sorting};

use crate::accounts::UserName;
use crate::error::AppResult;
use crate::models::*;

#[derive(Debug, Deserialize)]
pub struct CreateIssue {
    title: String,
    #[serde(default)]
    body: String,
    assignee: Option<Key<User>>,
    priority: Option<Priority>,
    due_date: Option<NaiveDate>,
    #[serde(default)]
    labels: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub struct ChangeIssue {
    #[serde(flatten)]
    pub patch: IssuePatch,
    labels: Option<Vec<String>>,
}

/// What a list may be filtered by: `status=open,done&label=bug&q=crash`.
static FILTERS: LazyLock<Filters<Issue>> = LazyLock::new(|| {
    Filters::<Issue>::new()
        .is_in("status", |i| i.status)
        .eq("assignee", |i| i.assignee_id)
        .with("label", |i, names: Vec<String>| i.labels.any(|l| l.name.is_in(names)))
        .with("labels", |i, names: Vec<String>| all(names.into_iter().map(|name| i.labels.any(|l| l.name.eq(name)))))
        .with("q", |i, word: String| i.title.icontains(word.clone()) | i.body.icontains(word))
        .lt("due_before", |i| i.due_date)
        .ignore(["sort", "after", "before", "size"])
});

/// What it may be sorted by: `-due_date,title`.
static SORTING: LazyLock<Sorting<Issue>> = LazyLock::new(|| {
    Sorting::<Issue>::new()
        .by("number", |i| i.number)
        .by("title", |i| i.title)
        .by("priority", |i| i.priority)
        .by("created_at", |i| i.created_at)
        .by("due_date", |i| i.due_date.asc().nulls_last())
        .by("assignee", |i| i.assignee.name)
        .by("comments", |i| i.comments.count())
});

/// A line of the list, for whoever looks at it.
#[derive(Debug, Serialize, View)]
#[view(Issue, args(me: Option<Key<User>>))]
pub struct Listed {
    #[view(flatten)]
    #[serde(flatten)]
    issue: Issue,
    assignee: Option<UserName>,
    #[view(order = |l| l.name.asc())]
    labels: Vec<Label>,
    #[view(count)]
    comments: i64,
    #[view(with = |i| i.watchers.contains(me))]
    watched: bool,
}

/// A line of the export.
#[derive(Debug, Serialize, View)]
#[view(Issue)]
pub struct Exported {
    #[view(flatten)]
    #[serde(flatten)]
    issue: Issue,
    #[view(with = |i| i.assignee.name)]
    assignee: Option<String>,
}

/// An issue with all that belongs to it.
#[derive(Debug, Serialize, View)]
#[view(Issue)]
pub struct IssueDetail {
    #[view(flatten)]
    #[serde(flatten)]
    pub issue: Issue,
    project: Project,
    assignee: Option<UserName>,
    #[view(order = |l| l.name.asc())]
    labels: Vec<Label>,
    attachments: Vec<Attachment>,
    #[view(order = |c| c.pk.asc())]
    #[serde(serialize_with = "as_tree")]
    comments: Vec<Said>,
}

#[derive(Debug, Serialize, View)]
#[view(Comment)]
pub struct Said {
    #[view(flatten)]
    #[serde(flatten)]
    comment: Comment,
    author: UserName,
}

/// A comment with the comments that answer it.
#[derive(Debug, Serialize)]
struct Thread<'c> {
    #[serde(flatten)]
    said: &'c Said,
    replies: Vec<Thread<'c>>,
}

fn threads(comments: &[Said], parent: Option<Key<Comment>>) -> Vec<Thread<'_>> {
    let answers = comments.iter().filter(|said| said.comment.parent_id == parent);
    answers.map(|said| Thread { said, replies: threads(comments, Some(said.comment.pk)) }).collect()
}

fn as_tree<S: Serializer>(comments: &[Said], serializer: S) -> Result<S::Ok, S::Error> {
    threads(comments, None).serialize(serializer)
}

/// The issues of a project.
pub fn issues(s: &Session, project: Key<Project>) -> Select<'_, Issue> {
    s.select::<Issue>().filter(|i| i.project_id.eq(project))
}

/// Which page of a list, as a request says it.
#[derive(Debug, Deserialize)]
pub struct Paging {
    sort: Option<String>,
    after: Option<Cursor>,
    before: Option<Cursor>,
    size: Option<u64>,
}

/// A page of the issues that the query of a request asks for.
pub async fn list(
    s: &Session,
    project: Key<Project>,
    query: &str,
    paging: Paging,
    me: Option<Key<User>>,
) -> sqliter::Result<Page<Listed>> {
    let size = paging.size.unwrap_or(50).min(500);
    let chosen = issues(s, project).filter_by(&FILTERS, query)?;
    let listed = chosen.order_by(&SORTING, paging.sort.as_deref().unwrap_or("number"))?.view_with::<Listed>(me);
    match paging.before {
        Some(before) => listed.page_before(Some(before), size).with_total().await,
        None => listed.page_after(paging.after, size).with_total().await,
    }
}

pub async fn detail(s: &Session, key: Key<Issue>) -> sqliter::Result<IssueDetail> {
    s.select::<Issue>().filter(|i| i.pk.eq(key)).view::<IssueDetail>().fetch_required().await
}

async fn audit(
    s: &Session,
    me: Key<User>,
    action: &str,
    key: Key<Issue>,
    detail: serde_json::Value,
) -> sqliter::Result<()> {
    let draft = AuditLog::builder().actor_id(me).action(action).entity("issue").entity_id(*key.raw());
    s.insert(draft.detail(detail)).await?;
    Ok(())
}

/// Gives the issue exactly these labels, of which those that its organisation has not are made.
async fn set_labels(s: &Session, key: Key<Issue>, org: Key<Organisation>, names: &[String]) -> sqliter::Result<()> {
    let drafts = names.iter().map(|name| Label::builder().org_id(org).name(name));
    let labels = s.bulk_get_or_create(drafts, |l| (l.org_id, l.name)).await?;
    key.labels(s).set(labels.into_iter().map(|(label, _)| label.pk)).await
}

/// Counts up the number of the project's issues by as many as come; gives the first of them, and the organisation.
async fn numbers(s: &Session, project: Key<Project>, count: i64) -> sqliter::Result<(i64, Key<Organisation>)> {
    let own = s.select::<Project>().filter(|p| p.pk.eq(project)).update(|p| p.last_number.add(count));
    let (last, org) = own.returning(|p| (p.last_number, p.org_id)).fetch_required().await?;
    Ok((last - count + 1, org))
}

pub async fn create(s: &Session, me: Key<User>, project: Key<Project>, new: CreateIssue) -> sqliter::Result<Issue> {
    s.transaction(async |tx| {
        let (number, org) = numbers(tx, project, 1).await?;
        let draft = Issue::builder()
            .project_id(project)
            .number(number)
            .title(new.title)
            .body(new.body)
            .priority(new.priority.unwrap_or(Priority::Normal))
            .reporter_id(me)
            .assignee_id(new.assignee)
            .due_date(new.due_date);
        let issue = tx.insert(draft).await?;
        if !new.labels.is_empty() {
            set_labels(tx, issue.pk, org, &new.labels).await?;
        }
        audit(tx, me, "create", issue.pk, json!({ "number": number })).await?;
        Ok(issue)
    })
    .await
}

pub async fn change(s: &Session, me: Key<User>, key: Key<Issue>, change: ChangeIssue) -> sqliter::Result<Issue> {
    s.transaction(async |tx| {
        let issue = tx.patch(key, change.patch).await?;
        if let Some(names) = &change.labels {
            let project = issue.project(tx).fetch().await?;
            set_labels(tx, key, project.org_id, names).await?;
        }
        audit(tx, me, "change", key, json!({ "version": issue.version })).await?;
        Ok(issue)
    })
    .await
}

pub async fn close(s: &Session, project: Key<Project>, keys: Vec<Key<Issue>>) -> sqliter::Result<u64> {
    let open = issues(s, project).filter(|i| i.pk.is_in(&keys) & i.status.ne(Status::Closed));
    open.update(|i| i.status.set(Status::Closed)).await
}

#[derive(Debug, Deserialize)]
pub struct ImportLine {
    title: String,
    #[serde(default)]
    body: String,
    reporter_id: Key<User>,
    assignee_id: Option<Key<User>>,
    due_date: Option<NaiveDate>,
}

pub async fn import(s: &Session, project: Key<Project>, lines: Vec<ImportLine>) -> AppResult<usize> {
    let count = lines.len();
    let (first, _) = numbers(s, project, count as i64).await?;
    let drafts = lines.into_iter().zip(first..).map(|(line, number)| {
        let draft = Issue::builder().project_id(project).number(number).title(line.title).body(line.body);
        draft.reporter_id(line.reporter_id).assignee_id(line.assignee_id).due_date(line.due_date)
    });
    s.bulk_insert(drafts).await?;
    Ok(count)
}
