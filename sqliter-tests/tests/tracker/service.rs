//! The service layer: everything takes `&Session`.

use std::collections::HashMap;
use std::sync::LazyLock;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use sqliter::prelude::*;
use sqliter::{Cursor, Filters, Page, Row, Select, Sorting};

use crate::error::AppResult;
use crate::models::*;

#[derive(Debug, Deserialize)]
pub struct CreateIssue {
    title: String,
    #[serde(default)]
    body: String,
    reporter: Key<User>,
    assignee: Option<Key<User>>,
    priority: Option<Priority>,
    due_date: Option<NaiveDate>,
    #[serde(default)]
    labels: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub struct ChangeIssue {
    #[serde(flatten)]
    patch: IssuePatch,
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
        .ignore(["sort", "after", "size"])
});

/// What it may be sorted by: `-due_date,title`.
static SORTING: LazyLock<Sorting<Issue>> = LazyLock::new(|| {
    Sorting::<Issue>::new()
        .by("number", |i| i.number)
        .by("title", |i| i.title)
        .by("priority", |i| i.priority)
        .by("due_date", |i| i.due_date.asc().nulls_last())
        .by("assignee", |i| i.assignee.name)
        .by("comments", |i| i.comments.count())
});

#[derive(Debug, Serialize)]
pub struct Listed {
    #[serde(flatten)]
    pub issue: Issue,
    pub assignee: Option<User>,
    pub labels: Vec<Label>,
    pub comments: i64,
    pub watched: bool,
}

#[derive(Debug, Serialize)]
pub struct CommentNode {
    #[serde(flatten)]
    pub comment: Comment,
    pub author: User,
    pub replies: Vec<CommentNode>,
}

#[derive(Debug, Serialize)]
pub struct IssueDetail {
    #[serde(flatten)]
    pub issue: Issue,
    pub project: Project,
    pub assignee: Option<User>,
    pub labels: Vec<Label>,
    pub comments: Vec<CommentNode>,
}

/// The issues of a project.
pub fn issues(s: &Session, project: Key<Project>) -> Select<'_, Issue> {
    s.select::<Issue>().filter(|i| i.project_id.eq(project))
}

/// A page of the issues that the query of a request asks for.
pub async fn list(
    s: &Session,
    project: Key<Project>,
    query: &str,
    sort: Option<&str>,
    after: Option<Cursor>,
    size: u64,
    me: Option<Key<User>>,
) -> AppResult<Page<Listed>> {
    let page = issues(s, project)
        .filter_by(&FILTERS, query)?
        .order_by(&SORTING, sort.unwrap_or("number"))?
        .select_related(|i| i.assignee)
        .prefetch_related(|i| i.labels)
        .with_count(|i| i.comments)
        .with_values(|i| i.watchers.contains(me))
        .page_after(after, size)
        .with_total()
        .await?;
    Ok(page.map(|(issue, assignee, labels, comments, watched)| Listed { issue, assignee, labels, comments, watched }))
}

async fn audit(s: &Session, action: &str, issue: &Issue, detail: serde_json::Value) -> AppResult<()> {
    s.insert(AuditLog::builder().action(action).entity("issue").entity_id(*issue.pk.raw()).detail(detail)).await?;
    Ok(())
}

/// Gives the issue exactly these labels, of which those that its organisation has not are made.
async fn set_labels(s: &Session, issue: &Issue, org: Key<Organisation>, names: &[String]) -> AppResult<()> {
    let drafts = names.iter().map(|name| Label::builder().org_id(org).name(name));
    let labels = s.bulk_upsert(drafts, |l| (l.org_id, l.name)).update(|l| l.name).returning_rows().fetch_all().await?;
    issue.labels(s).set(&labels).await?;
    Ok(())
}

pub async fn create(db: &Session, project: Key<Project>, new: CreateIssue) -> AppResult<Issue> {
    db.try_transaction(async |tx| {
        let own = tx.select::<Project>().filter(|p| p.pk.eq(project)).update(|p| p.last_number.add(1));
        let (number, org) = own.returning(|p| (p.last_number, p.org_id)).fetch_required().await?;
        let draft = Issue::builder()
            .project_id(project)
            .number(number)
            .title(new.title)
            .body(new.body)
            .priority(new.priority.unwrap_or(Priority::Normal))
            .reporter_id(new.reporter)
            .assignee_id(new.assignee)
            .due_date(new.due_date);
        let issue = tx.insert(draft).await?;
        if !new.labels.is_empty() {
            set_labels(tx, &issue, org, &new.labels).await?;
        }
        audit(tx, "create", &issue, serde_json::json!({ "number": number })).await?;
        Ok(issue)
    })
    .await
}

pub async fn detail(s: &Session, key: Key<Issue>) -> AppResult<IssueDetail> {
    let (issue, project, assignee, labels, comments) = s
        .select::<Issue>()
        .filter(|i| i.pk.eq(key))
        .select_related(|i| (i.project, i.assignee))
        .prefetch_related(|i| (i.labels.order(|l| l.name.asc()), i.comments.order(|c| c.pk.asc()).with(|c| c.author)))
        .fetch_required()
        .await?;
    Ok(IssueDetail { issue, project, assignee, labels, comments: tree(comments) })
}

fn tree(flat: Vec<(Comment, User)>) -> Vec<CommentNode> {
    fn below(
        parent: Option<Key<Comment>>,
        all: &mut HashMap<Option<Key<Comment>>, Vec<(Comment, User)>>,
    ) -> Vec<CommentNode> {
        let own = all.remove(&parent).unwrap_or_default();
        let node = |(comment, author): (Comment, User)| {
            let replies = below(Some(comment.pk), all);
            CommentNode { comment, author, replies }
        };
        own.into_iter().map(node).collect()
    }
    let mut all: HashMap<_, Vec<_>> = HashMap::new();
    for (comment, author) in flat {
        all.entry(comment.parent_id).or_default().push((comment, author));
    }
    below(None, &mut all)
}

pub async fn change(db: &Session, key: Key<Issue>, change: ChangeIssue) -> AppResult<Issue> {
    db.try_transaction(async |tx| {
        let issue = tx.patch(key, change.patch).await?;
        if let Some(names) = &change.labels {
            let project = issue.project(tx).fetch().await?;
            set_labels(tx, &issue, project.org_id, names).await?;
        }
        audit(tx, "change", &issue, serde_json::json!({ "version": issue.version })).await?;
        Ok(issue)
    })
    .await
}

pub async fn close(s: &Session, project: Key<Project>, keys: Vec<Key<Issue>>) -> AppResult<u64> {
    let open = issues(s, project).filter(|i| i.pk.is_in(&keys) & i.status.ne(Status::Closed));
    Ok(open.update(|i| i.status.set(Status::Closed)).await?)
}

#[derive(Debug, Serialize, Row)]
pub struct BoardColumn {
    status: Status,
    issues: i64,
    overdue: i64,
}

pub async fn board(s: &Session, project: Key<Project>, today: NaiveDate) -> AppResult<Vec<BoardColumn>> {
    let columns = issues(s, project)
        .group_by(|i| i.status)
        .annotate(|i| (count().alias("issues"), count().filter(i.due_date.lt(today)).alias("overdue")))
        .into_rows::<BoardColumn>();
    Ok(columns.fetch_all().await?)
}

#[derive(Debug, Serialize, Row)]
pub struct Workload {
    #[row(flatten)]
    user: User,
    open: i64,
}

/// Who has how many open issues: SQL of our own, for its `FILTER` over a join.
pub async fn workload(s: &Session, org: Key<Organisation>) -> AppResult<Vec<Workload>> {
    const SQL: &str = "SELECT u.*, count(i.pk) AS open FROM users u
        LEFT JOIN issues i ON i.assignee_id = u.pk AND i.deleted_at IS NULL AND i.status IN ('open', 'in_progress')
        WHERE u.org_id = ? GROUP BY u.pk ORDER BY open DESC, u.name";
    Ok(s.query::<Workload>(SQL).bind(org).timeout(std::time::Duration::from_secs(5)).fetch_all().await?)
}

#[derive(Debug, Deserialize)]
pub struct ImportLine {
    title: String,
    #[serde(default)]
    body: String,
    reporter_id: Key<User>,
    due_date: Option<NaiveDate>,
}

/// All lines or none.
pub async fn import(db: &Session, project: Key<Project>, lines: Vec<ImportLine>) -> AppResult<usize> {
    db.try_transaction(async |tx| {
        let count = lines.len() as i64;
        let own = tx.select::<Project>().filter(|p| p.pk.eq(project)).update(|p| p.last_number.add(count));
        let (last,) = own.returning(|p| p.last_number).fetch_required().await?;
        let lines = lines.into_iter().zip(last - count + 1..).map(|(line, number)| {
            let draft = Issue::builder().project_id(project).number(number).title(line.title).body(line.body);
            draft.reporter_id(line.reporter_id).due_date(line.due_date)
        });
        Ok(tx.bulk_insert(lines).await?.len())
    })
    .await
}
