//! How a column is reached from the model that a query selects.

use std::marker::PhantomData;

use crate::model::Model;

/// A path from the root of a query to a model. The model that is queried is its own path.
pub trait Path: 'static {
    /// The model that the query selects.
    type Root: Model;
    /// The model at the end of the path.
    type Model: Model;
}

impl<M: Model> Path for M {
    type Root = M;
    type Model = M;
}

/// The path of a primary key: leads where `P` leads, but what it leads to cannot be assigned.
#[derive(Debug)]
pub struct KeyOf<P>(PhantomData<fn() -> P>);

impl<P: Path> Path for KeyOf<P> {
    type Root = P::Root;
    type Model = P::Model;
}
