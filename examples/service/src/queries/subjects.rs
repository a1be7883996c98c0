//! Subjects, which are a tree.

use serde::Serialize;
use sqliter::Tree;
use sqliter::prelude::*;
use utoipa::ToSchema;

use crate::models::*;

#[derive(Debug, Serialize, ToSchema, View)]
#[view(Subject)]
pub struct SubjectName {
    pk: Key<Subject>,
    name: String,
}

/// A subject with those below it.
#[derive(Debug, Serialize, ToSchema)]
pub struct SubjectTree {
    pk: Key<Subject>,
    name: String,
    #[schema(no_recursion)]
    narrower: Vec<SubjectTree>,
}

impl From<Tree<Subject>> for SubjectTree {
    fn from(tree: Tree<Subject>) -> Self {
        let narrower = tree.children.into_iter().map(Self::from).collect();
        Self { pk: tree.row.pk, name: tree.row.name, narrower }
    }
}

pub async fn tree(s: &Session) -> sqliter::Result<Vec<SubjectTree>> {
    let subjects = s.select::<Subject>().order(|s| s.name.asc());
    let trees = subjects.tree(|s| s.narrower, |s| s.broader_id.is_null()).await?;
    Ok(trees.into_iter().map(SubjectTree::from).collect())
}
