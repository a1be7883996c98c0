//! Whether there is always a value, as types.

use super::ColumnType;

/// Whether there is always a value: [`Always`] or [`Perhaps`].
pub trait Reach: 'static {
    /// What a column of type `T` gives.
    type Of<T: ColumnType>: ColumnType;
    /// Whether there is always a value when another is needed too.
    type And<R: Reach>: Reach;
}

/// There is always a value: a column that is `NOT NULL`, and all foreign keys on the way to it too.
#[derive(Debug)]
pub struct Always;

/// There may be none: a nullable column, or any behind a nullable relation.
#[derive(Debug)]
pub struct Perhaps;

impl Reach for Always {
    type Of<T: ColumnType> = T;
    type And<R: Reach> = R;
}

impl Reach for Perhaps {
    type Of<T: ColumnType> = Option<T::Inner>;
    type And<R: Reach> = Self;
}

/// Whether a type is its own inner type or the `Option` of it.
#[doc(hidden)]
pub trait Nullness<Inner> {
    type Reach: Reach;
}

impl<T: 'static> Nullness<T> for T {
    type Reach = Always;
}

impl<T: 'static> Nullness<T> for Option<T> {
    type Reach = Perhaps;
}

/// [`Perhaps`] for `Option`, else [`Always`].
pub type ReachOf<T> = <T as Nullness<<T as ColumnType>::Inner>>::Reach;
