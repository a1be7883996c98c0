//! Models and column types take doc comments and every other derive.
use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use sqliter::prelude::*;

/// A status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, ColumnType)]
#[serde(rename_all = "snake_case")]
enum Status {
    /// Not begun.
    #[default]
    Open,
    /// Over.
    Done,
}

/// An address.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ColumnType)]
#[serde(transparent)]
struct Email(String);

impl From<&str> for Email {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

/// A task
/// of two lines.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Model)]
#[model(new(derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)))]
struct Task {
    /// The key.
    pk: Key<Task>,
    /** What it is. */
    #[serde(default)]
    #[doc = "Documented."]
    title: String,
    #[model(default = Status::Open)]
    status: Status,
    #[model(default = "nobody@example.org")]
    email: Email,
    #[model(default = None)]
    parent: Option<Key<Task>>,
}

#[tokio::main]
async fn main() -> sqliter::Result<()> {
    let db = Db::memory().await?;
    db.create_table::<Task>().await?;
    let new: NewTask = serde_json::from_str(r#"{"title": "T", "parent": null}"#).unwrap();
    let task = db.insert(new).await?;
    let same: Task = serde_json::from_str(&serde_json::to_string(&task).unwrap()).unwrap();
    assert!(HashSet::from([task.clone()]).contains(&same));
    assert_eq!((task.status, task.email.0.as_str()), (Status::Open, "nobody@example.org"));
    Ok(())
}
