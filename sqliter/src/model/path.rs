//! How a column is reached from the model that a query selects.

use std::marker::PhantomData;

use super::{Cardinality, Model, Relation};
use crate::column::{Nullability, Nullable, Required};
use crate::sql::Beside;
use crate::table::PathNode;

/// A path from the root of a query to a model. The model that is queried is its own path.
pub trait Path: 'static {
    /// The model that the query selects.
    type Root: Model;
    /// The model at the end of the path.
    type Model: Model;
    /// Whether there is always a row at the end.
    type Nullability: Nullability;
    /// The relations on the way; `None` at the root.
    #[doc(hidden)]
    const NODE: Option<&'static PathNode>;
}

impl<M: Model> Path for M {
    type Root = M;
    type Model = M;
    type Nullability = Required;
    const NODE: Option<&'static PathNode> = None;
}

/// The path of a primary key: leads where `P` leads, but what it leads to cannot be assigned.
#[derive(Debug)]
pub struct KeyOf<P>(PhantomData<fn() -> P>);

impl<P: Path> Path for KeyOf<P> {
    type Root = P::Root;
    type Model = P::Model;
    type Nullability = P::Nullability;
    const NODE: Option<&'static PathNode> = P::NODE;
}

/// The path of a generated column: leads where `P` leads, but what it leads to is written by SQLite alone.
#[derive(Debug)]
pub struct GeneratedOf<P>(PhantomData<fn() -> P>);

impl<P: Path> Path for GeneratedOf<P> {
    type Root = P::Root;
    type Model = P::Model;
    type Nullability = P::Nullability;
    const NODE: Option<&'static PathNode> = P::NODE;
}

/// The path of a version: leads where `P` leads, but what it leads to is raised by updates alone.
#[derive(Debug)]
pub struct VersionOf<P>(PhantomData<fn() -> P>);

impl<P: Path> Path for VersionOf<P> {
    type Root = P::Root;
    type Model = P::Model;
    type Nullability = P::Nullability;
    const NODE: Option<&'static PathNode> = P::NODE;
}

/// The path of the columns of an embedded struct that may be `NULL` as a whole: leads where `P` leads.
#[derive(Debug)]
pub struct MaybeOf<P>(PhantomData<fn() -> P>);

impl<P: Path> Path for MaybeOf<P> {
    type Root = P::Root;
    type Model = P::Model;
    type Nullability = Nullable;
    const NODE: Option<&'static PathNode> = P::NODE;
}

/// The path of a row that is known to be there: leads where `P` leads.
#[derive(Debug)]
pub struct Present<P>(PhantomData<fn() -> P>);

impl<P: Path> Path for Present<P> {
    type Root = P::Root;
    type Model = P::Model;
    type Nullability = Required;
    const NODE: Option<&'static PathNode> = P::NODE;
}

/// Paths to a row of the model `M` that is there.
pub trait PathTo<M>: Path<Model = M, Nullability = Required> {}

impl<M, P: Path<Model = M, Nullability = Required>> PathTo<M> for P {}

/// The path `P`, followed by the relation `R`.
#[derive(Debug)]
pub struct Via<P, R>(PhantomData<fn() -> (P, R)>);

impl<P: Path, R: Relation> Path for Via<P, R> {
    type Root = P::Root;
    type Model = R::Target;
    type Nullability = <R::Cardinality as Cardinality>::After<P::Nullability>;
    const NODE: Option<&'static PathNode> = Some(&PathNode { before: P::NODE, relation: R::INFO, number: 0 });
}

/// The path `P`, followed by one of the rows of the to-many relation `R` that a query joins. With
/// [`Optional`](super::Optional) as `C` there may be none.
#[derive(Debug)]
pub struct OneOf<P, R, C>(PhantomData<fn() -> (P, R, C)>);

impl<P: Path, R: Relation, C> OneOf<P, R, C> {
    /// The path as plain data.
    pub(crate) const EACH: &'static PathNode = &PathNode { before: P::NODE, relation: R::INFO, number: Beside::EACH };
}

impl<P: Path, R: Relation, C: Cardinality> Path for OneOf<P, R, C> {
    type Root = P::Root;
    type Model = R::Target;
    type Nullability = C::After<Required>;
    const NODE: Option<&'static PathNode> = Some(Self::EACH);
}

/// The first of the rows of the to-many relation `R` behind the path `P`, of which a query may join several.
pub(crate) struct FirstOf<P, R>(PhantomData<fn() -> (P, R)>);

impl<P: Path, R: Relation> FirstOf<P, R> {
    /// The paths, by how many others are there.
    const NODES: &'static [PathNode; 16] = &[
        Self::node(1),
        Self::node(2),
        Self::node(3),
        Self::node(4),
        Self::node(5),
        Self::node(6),
        Self::node(7),
        Self::node(8),
        Self::node(9),
        Self::node(10),
        Self::node(11),
        Self::node(12),
        Self::node(13),
        Self::node(14),
        Self::node(15),
        Self::node(16),
    ];

    const fn node(number: u8) -> PathNode {
        PathNode { before: P::NODE, relation: R::INFO, number }
    }

    /// The path of one after these others; a row has sixteen parts at most.
    pub(crate) fn after(others: usize) -> &'static PathNode {
        let [first, ..] = Self::NODES;
        Self::NODES.get(others).unwrap_or(first)
    }
}
