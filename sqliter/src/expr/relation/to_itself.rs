//! Relations of a model to itself, by which its rows are a tree.

use std::fmt;
use std::marker::PhantomData;

use super::ToMany;
use crate::model::{Many, Model, Relation};
use crate::table::{ColumnInfo, Link};

/// A to-many relation of the model `M` to itself, from a row to its children: what [`tree`](crate::Select::tree),
/// [`descendants`](crate::Select::descendants) and [`ancestors`](crate::Select::ancestors) take.
#[diagnostic::on_unimplemented(
    message = "this is not a to-many relation of `{M}` to itself",
    label = "expected the relation from a row to its children",
    note = "a model whose rows are a tree has a foreign key to itself, `parent_id: Option<Key<Comment>>`, and the other side of it, \
            `#[model(has_many(replies = Comment::parent))]`: `.tree(|c| c.replies, |c| c.parent_id.is_null())`"
)]
pub trait ToItself<M> {
    /// The foreign key of the children.
    #[doc(hidden)]
    const PARENT: &'static ColumnInfo;

    /// How many levels at most.
    #[doc(hidden)]
    fn levels(&self) -> Option<u64>;
}

/// The foreign key of a relation over one.
const fn foreign_key<R: Relation>() -> &'static ColumnInfo {
    match R::INFO.link {
        Link::Referrer(column) => column,
        Link::ForeignKey(_) | Link::Junction(_) => {
            panic!("a tree is one of rows with one parent each: name the `has_many` of a foreign key to the same model")
        }
    }
}

#[diagnostic::do_not_recommend]
impl<M: Model, R: Relation<Source = M, Target = M, Cardinality = Many>> ToItself<M> for ToMany<M, R> {
    const PARENT: &'static ColumnInfo = foreign_key::<R>();

    fn levels(&self) -> Option<u64> {
        None
    }
}

/// A to-many relation of a model to itself, for some levels only, from [`ToMany::to_depth`].
pub struct ToDepth<R> {
    levels: u64,
    relation: PhantomData<fn() -> R>,
}

impl<R> fmt::Debug for ToDepth<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ToDepth").field("levels", &self.levels).finish()
    }
}

impl<M: Model, R: Relation<Source = M, Cardinality = Many>> ToMany<M, R> {
    /// This many levels of children at most, for a tree of rows: `.tree(|c| c.replies.to_depth(3), …)`. With 0 it has roots only.
    pub const fn to_depth(self, levels: u64) -> ToDepth<R> {
        ToDepth { levels, relation: PhantomData }
    }
}

#[diagnostic::do_not_recommend]
impl<M: Model, R: Relation<Source = M, Target = M, Cardinality = Many>> ToItself<M> for ToDepth<R> {
    const PARENT: &'static ColumnInfo = foreign_key::<R>();

    fn levels(&self) -> Option<u64> {
        Some(self.levels)
    }
}
