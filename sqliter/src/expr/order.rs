//! The order of the rows.

use std::marker::PhantomData;

use super::ast::{Expr, Nulls, SortKey};

/// One key of the order of a query over the model `M`: a column, ascending or descending.
#[derive(Debug)]
pub struct Order<M> {
    key: SortKey,
    model: PhantomData<fn() -> M>,
}

impl<M> Clone for Order<M> {
    fn clone(&self) -> Self {
        Self { key: self.key.clone(), model: PhantomData }
    }
}

impl<M> Order<M> {
    pub(crate) const fn new(value: Expr, descending: bool) -> Self {
        Self { key: SortKey { value, descending, nulls: None }, model: PhantomData }
    }

    /// `NULL` before everything else.
    #[must_use]
    pub fn nulls_first(mut self) -> Self {
        self.key.nulls = Some(Nulls::First);
        self
    }

    /// `NULL` after everything else.
    #[must_use]
    pub fn nulls_last(mut self) -> Self {
        self.key.nulls = Some(Nulls::Last);
        self
    }
}

/// One or several keys of an order: what `.asc()` and `.desc()` give, a tuple of them or a `Vec`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an order for rows of `{M}`",
    label = "expected `.asc()` or `.desc()` of each column",
    note = "write `.order(|b| b.title.asc())`, or several keys as a tuple: `.order(|b| (b.pages.desc(), b.title.asc()))`"
)]
pub trait Orders<M> {
    /// For the library.
    #[doc(hidden)]
    fn push_onto(self, keys: &mut Vec<SortKey>);
}

#[diagnostic::do_not_recommend]
impl<M> Orders<M> for Order<M> {
    fn push_onto(self, keys: &mut Vec<SortKey>) {
        keys.push(self.key);
    }
}

#[diagnostic::do_not_recommend]
impl<M> Orders<M> for Vec<Order<M>> {
    fn push_onto(self, keys: &mut Vec<SortKey>) {
        keys.extend(self.into_iter().map(|order| order.key));
    }
}

macro_rules! tuples {
    ($($name:ident)+) => {
        #[diagnostic::do_not_recommend]
        impl<M, $($name: Orders<M>),+> Orders<M> for ($($name,)+) {
            fn push_onto(self, keys: &mut Vec<SortKey>) {
                #[expect(non_snake_case, reason = "the names of the types serve for the values")]
                let ($($name,)+) = self;
                $($name.push_onto(keys);)+
            }
        }
    };
}

crate::tuples::each_tuple!(tuples);
