//! The models of an issue tracker, a few rows of them, and counted statements.

use std::future::Future;

use sqliter::prelude::*;

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(projects = Project::org))]
pub struct Org {
    pub pk: Key<Org>,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(issues = Issue::project))]
pub struct Project {
    pub pk: Key<Project>,
    pub name: String,
    pub about: Option<String>,
    pub org_id: Key<Org>,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(assigned = Issue::assignee, comments = Comment::author), has_one(profile = Profile::user))]
pub struct User {
    pub pk: Key<User>,
    pub name: String,
    pub born: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Model)]
pub struct Profile {
    pub pk: Key<Profile>,
    pub text: String,
    #[model(unique)]
    pub user_id: Key<User>,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(comments = Comment::issue, votes = Vote::issue, parts = Issue::parent), many_to_many(labels = Label))]
pub struct Issue {
    pub pk: Key<Issue>,
    pub title: String,
    pub text: String,
    #[model(default = 0)]
    pub points: i64,
    pub closed: Option<bool>,
    pub project_id: Key<Project>,
    pub assignee_id: Option<Key<User>>,
    pub parent_id: Option<Key<Issue>>,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(many_to_many(issues = Issue::labels))]
pub struct Label {
    pub pk: Key<Label>,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
pub struct Comment {
    pub pk: Key<Comment>,
    pub text: String,
    #[model(default = 1)]
    pub words: i64,
    #[model(on_delete = cascade)]
    pub issue_id: Key<Issue>,
    pub author_id: Key<User>,
}

#[derive(Debug, Clone, PartialEq, Model)]
pub struct Vote {
    pub pk: Key<Vote>,
    pub issue_id: Key<Issue>,
    pub user_id: Key<User>,
}

pub struct Tracker {
    pub db: Db,
    pub project: Project,
    pub ada: User,
    pub bob: User,
    /// Assigned to Ada, with the labels bug and urgent, three comments and a vote of Bob.
    pub crash: Issue,
    /// A part of the crash, assigned to nobody.
    pub typo: Issue,
    pub bug: Label,
    pub urgent: Label,
}

pub async fn tracker() -> sqliter::Result<Tracker> {
    tracker_in(Db::memory().await?).await
}

pub async fn tracker_in(db: Db) -> sqliter::Result<Tracker> {
    db.create_tables::<(Org, Project, User, Profile, Issue, Label, Comment, Vote)>().await?;
    let org = db.insert(Org::builder().name("Acme")).await?;
    let project = db.insert(Project::builder().name("Rocket").org_id(&org)).await?;
    let ada = db.insert(User::builder().name("Ada").born(1815)).await?;
    let bob = db.insert(User::builder().name("Bob")).await?;
    db.insert(Profile::builder().text("Countess").user_id(&ada)).await?;
    let crash = Issue::builder().title("Crash").text("…").points(8).closed(false).project_id(&project);
    let crash = db.insert(crash.assignee_id(&ada)).await?;
    let typo = db.insert(Issue::builder().title("Typo").text("…").project_id(&project).parent_id(&crash)).await?;
    let bug = db.insert(Label::builder().name("bug")).await?;
    let urgent = db.insert(Label::builder().name("urgent")).await?;
    crash.labels(&db).add([&bug, &urgent]).await?;
    for (text, words, author) in [("a", 5, &ada), ("b", 7, &bob), ("c", 1, &ada)] {
        db.insert(Comment::builder().text(text).words(words).issue_id(&crash).author_id(author)).await?;
    }
    db.insert(Vote::builder().issue_id(&crash).user_id(&bob)).await?;
    Ok(Tracker { db, project, ada, bob, crash, typo, bug, urgent })
}

/// The number of statements of a snapshot that runs so many: its BEGIN and COMMIT come on top.
pub const fn snapshot_of(statements: u64) -> u64 {
    statements + 2
}

/// What the work gives, after exactly so many statements.
pub async fn counted<T>(
    db: &Db,
    statements: u64,
    work: impl Future<Output = sqliter::Result<T>>,
) -> sqliter::Result<T> {
    let before = db.statement_count();
    let result = work.await?;
    assert_eq!(db.statement_count() - before, statements, "statements");
    Ok(result)
}
