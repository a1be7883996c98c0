//! How a column is reached from the model that a query selects.

use std::marker::PhantomData;

use crate::model::{Model, RelationInfo};
use crate::relation::{Arity, Relation};
use crate::value::{Always, Reach};

/// A path from the root of a query to a model. The model that is queried is its own path.
pub trait Path: 'static {
    /// The model that the query selects.
    type Root: Model;
    /// The model at the end of the path.
    type Model: Model;
    /// Whether there is always a row at the end.
    type Reach: Reach;
    /// The relations on the way; `None` at the root.
    #[doc(hidden)]
    const NODE: Option<&'static PathNode>;
}

/// A path as plain data: its last relation, and the path before it.
#[doc(hidden)]
#[derive(Debug)]
pub struct PathNode {
    pub(crate) before: Option<&'static PathNode>,
    pub(crate) relation: &'static RelationInfo,
}

impl PathNode {
    /// Whether both are the same way. The same constant may have several addresses.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        if std::ptr::eq(self, other) {
            return true;
        }
        let (a, b) = (self.relation, other.relation);
        a == b
            && match (self.before, other.before) {
                (None, None) => true,
                (Some(a), Some(b)) => a.is_same(b),
                _ => false,
            }
    }
}

impl PartialEq for PathNode {
    fn eq(&self, other: &Self) -> bool {
        self.is_same(other)
    }
}

impl<M: Model> Path for M {
    type Root = M;
    type Model = M;
    type Reach = Always;
    const NODE: Option<&'static PathNode> = None;
}

/// The path of a primary key: leads where `P` leads, but what it leads to cannot be assigned.
#[derive(Debug)]
pub struct KeyOf<P>(PhantomData<fn() -> P>);

impl<P: Path> Path for KeyOf<P> {
    type Root = P::Root;
    type Model = P::Model;
    type Reach = P::Reach;
    const NODE: Option<&'static PathNode> = P::NODE;
}

/// The path that goes on from `P` through the relation `R`.
#[derive(Debug)]
pub struct Via<P, R>(PhantomData<fn() -> (P, R)>);

impl<P: Path, R: Relation> Path for Via<P, R> {
    type Root = P::Root;
    type Model = R::Target;
    type Reach = <R::Arity as Arity>::After<P::Reach>;
    const NODE: Option<&'static PathNode> = Some(&PathNode { before: P::NODE, relation: R::INFO });
}
