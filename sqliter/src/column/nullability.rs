//! Nullability, as types.

use super::ColumnType;

/// Whether a value may be `NULL`: [`Required`] or [`Nullable`].
pub trait Nullability: 'static {
    /// What a column of type `T` gives.
    type Of<T: ColumnType>: ColumnType;
    /// The nullability of what takes another value besides.
    type And<R: Nullability>: Nullability;
}

/// There is always a value: a column that is `NOT NULL`, and all foreign keys on the way to it too.
#[derive(Debug)]
pub struct Required;

/// There may be none: a nullable column, or any behind a nullable relation.
#[derive(Debug)]
pub struct Nullable;

impl Nullability for Required {
    type Of<T: ColumnType> = T;
    type And<R: Nullability> = R;
}

impl Nullability for Nullable {
    type Of<T: ColumnType> = Option<T::Inner>;
    type And<R: Nullability> = Self;
}

/// Whether a type is its own inner type or the `Option` of it.
#[doc(hidden)]
pub trait HasNullability<Inner> {
    type Nullability: Nullability;
}

impl<T: 'static> HasNullability<T> for T {
    type Nullability = Required;
}

impl<T: 'static> HasNullability<T> for Option<T> {
    type Nullability = Nullable;
}

/// [`Nullable`] for `Option`, else [`Required`].
pub type NullabilityOf<T> = <T as HasNullability<<T as ColumnType>::Inner>>::Nullability;
