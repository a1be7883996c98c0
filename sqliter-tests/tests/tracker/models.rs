//! The models of the tracker.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use sqliter::Json;
use sqliter::prelude::*;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ColumnType)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Admin,
    Member,
    Viewer,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ColumnType)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Open,
    InProgress,
    Done,
    Closed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ColumnType)]
#[serde(rename_all = "snake_case")]
#[column(integer)]
pub enum Priority {
    Low = 1,
    Normal = 2,
    High = 3,
    Urgent = 4,
}

#[derive(Debug, Clone, PartialEq, Serialize, Model)]
#[model(has_many(users = User::org, projects = Project::org), new(derive(Deserialize)))]
pub struct Organisation {
    pub pk: Key<Organisation>,
    #[model(unique)]
    pub slug: String,
    pub name: String,
    pub created_at: DateTime<Utc>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Model)]
#[model(unique(org_id, email), has_many(assigned = Issue::assignee, reported = Issue::reporter))]
pub struct User {
    pub pk: Key<User>,
    #[model(on_delete = cascade)]
    pub org_id: Key<Organisation>,
    pub email: String,
    pub name: String,
    #[model(default = Role::Member)]
    pub role: Role,
    #[serde(skip)]
    pub password_hash: Vec<u8>,
    pub created_at: DateTime<Utc>,
}

/// A user who has signed in: whoever knows the token acts for the user.
#[derive(Debug, Clone, PartialEq, Serialize, Model)]
#[model(index(expires))]
pub struct Login {
    #[model(pk)]
    pub token: String,
    #[model(on_delete = cascade)]
    pub user_id: Key<User>,
    pub expires: DateTime<Utc>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Model)]
#[model(unique(org_id, slug), has_many(issues = Issue::project))]
pub struct Project {
    pub pk: Key<Project>,
    #[model(on_delete = cascade)]
    pub org_id: Key<Organisation>,
    pub slug: String,
    pub name: String,
    #[model(default = 0)]
    pub last_number: i64,
    pub created_at: DateTime<Utc>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Model)]
#[model(
    unique(project_id, number),
    index(project_id, status),
    index(due_date),
    many_to_many(labels = Label, through = IssueLabel),
    many_to_many(watchers = User),
    has_many(comments = Comment::issue, attachments = Attachment::issue),
    patch(derive(Debug, Clone, Deserialize))
)]
pub struct Issue {
    pub pk: Key<Issue>,
    #[model(on_delete = cascade, patch(skip))]
    pub project_id: Key<Project>,
    #[model(patch(skip))]
    pub number: i64,
    pub title: String,
    #[model(default = "")]
    pub body: String,
    #[model(default = Status::Open)]
    pub status: Status,
    #[model(default = Priority::Normal)]
    pub priority: Priority,
    #[model(patch(skip))]
    pub reporter_id: Key<User>,
    #[model(on_delete = set_null)]
    pub assignee_id: Option<Key<User>>,
    pub due_date: Option<NaiveDate>,
    #[model(version)]
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    #[model(soft_delete)]
    pub deleted_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Model)]
#[model(unique(org_id, name), many_to_many(issues = Issue::labels))]
pub struct Label {
    pub pk: Key<Label>,
    #[model(on_delete = cascade)]
    pub org_id: Key<Organisation>,
    pub name: String,
    #[model(default = "#888888")]
    pub colour: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Model)]
#[model(unique(issue_id, label_id))]
pub struct IssueLabel {
    pub pk: Key<IssueLabel>,
    #[model(on_delete = cascade)]
    pub issue_id: Key<Issue>,
    #[model(on_delete = cascade)]
    pub label_id: Key<Label>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Model)]
#[model(has_many(replies = Comment::parent))]
pub struct Comment {
    pub pk: Key<Comment>,
    #[model(on_delete = cascade)]
    pub issue_id: Key<Issue>,
    pub author_id: Key<User>,
    #[model(on_delete = cascade)]
    pub parent_id: Option<Key<Comment>>,
    pub body: String,
    pub created_at: DateTime<Utc>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AttachmentMeta {
    pub width: Option<u32>,
    pub height: Option<u32>,
    #[serde(default)]
    pub tags: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Model)]
pub struct Attachment {
    pub pk: Key<Attachment>,
    #[model(on_delete = cascade)]
    pub issue_id: Key<Issue>,
    pub file_name: String,
    #[model(check = "size > 0")]
    pub size: u64,
    #[serde(skip)]
    pub sha256: Vec<u8>,
    pub meta: Json<AttachmentMeta>,
    pub created_at: DateTime<Utc>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Model)]
#[model(table = "audit_log", index(at))]
pub struct AuditLog {
    pub pk: Key<AuditLog>,
    pub actor_id: Option<Key<User>>,
    pub action: String,
    pub entity: String,
    pub entity_id: i64,
    pub detail: Json<serde_json::Value>,
    #[model(created_at)]
    pub at: DateTime<Utc>,
}

pub type All = (Organisation, User, Login, Project, Issue, Label, IssueLabel, Comment, Attachment, AuditLog);
