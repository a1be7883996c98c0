//! The order of the rows.

use std::marker::PhantomData;

use serde::{Deserialize, Serialize};

use super::{InWindow, InWindows, Level, OfTogether, PerGroup, PerRow, PerWindow};
use crate::sql::ast::{Expr, Nulls, SortKey};

/// Which way to sort by a value, chosen at run time: `b.title.order(direction)`.
///
/// In serde it is `"asc"` or `"desc"`; the former is the default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Smallest first.
    #[default]
    Asc,
    /// Largest first.
    Desc,
}

impl Direction {
    /// The other one.
    pub const fn reversed(self) -> Self {
        match self {
            Self::Asc => Self::Desc,
            Self::Desc => Self::Asc,
        }
    }
}

/// One key of the order of a query over the model `M`: a value, ascending or descending. With
/// [`PerGroup`](super::PerGroup), of the order of groups.
#[derive(Debug)]
#[must_use = "a sort key does nothing until a query takes it"]
pub struct Order<M, L = PerRow> {
    key: SortKey,
    model: PhantomData<fn() -> (M, L)>,
}

impl<M, L> Clone for Order<M, L> {
    fn clone(&self) -> Self {
        Self { key: self.key.clone(), model: PhantomData }
    }
}

impl<M, L> Order<M, L> {
    pub(crate) const fn new(value: Expr, descending: bool) -> Self {
        Self { key: SortKey { value, descending, nulls: None }, model: PhantomData }
    }

    /// `NULL` before everything else.
    pub fn nulls_first(mut self) -> Self {
        self.key.nulls = Some(Nulls::First);
        self
    }

    /// `NULL` after everything else.
    pub fn nulls_last(mut self) -> Self {
        self.key.nulls = Some(Nulls::Last);
        self
    }
}

/// One or several keys of an order: what `.asc()` and `.desc()` give, a tuple of them or a `Vec`. Groups can be sorted
/// by what they are grouped by and by aggregates, rows only by what each of them has.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say how to sort a query over `{M}`",
    label = "expected `.asc()` or `.desc()` of each column",
    note = "write `.order(|b| b.title.asc())`, or several keys as a tuple: `.order(|b| (b.pages.desc(), b.title.asc()))`",
    note = "aggregates such as `b.pages.sum()` sort groups, after `group_by` or `annotate`"
)]
pub trait Orders<M, L = PerRow> {
    /// Appends the keys.
    #[doc(hidden)]
    fn push_onto(self, keys: &mut Vec<SortKey>);
}

#[diagnostic::do_not_recommend]
impl<M, L: Level> Orders<M, L> for Order<M> {
    fn push_onto(self, keys: &mut Vec<SortKey>) {
        keys.push(self.key);
    }
}

#[diagnostic::do_not_recommend]
impl<M> Orders<M, PerGroup> for Order<M, PerGroup> {
    fn push_onto(self, keys: &mut Vec<SortKey>) {
        keys.push(self.key);
    }
}

#[diagnostic::do_not_recommend]
impl<M, L: InWindows> Orders<M, L> for Order<M, PerWindow<L>> {
    fn push_onto(self, keys: &mut Vec<SortKey>) {
        keys.push(self.key);
    }
}

#[diagnostic::do_not_recommend]
impl<M> Orders<M, InWindow<PerGroup>> for Order<M, PerGroup> {
    fn push_onto(self, keys: &mut Vec<SortKey>) {
        keys.push(self.key);
    }
}

#[diagnostic::do_not_recommend]
impl<M, L> Orders<M, OfTogether> for Order<M, L> {
    fn push_onto(self, keys: &mut Vec<SortKey>) {
        keys.push(self.key);
    }
}

#[diagnostic::do_not_recommend]
impl<M, L, O: Orders<M, L>> Orders<M, L> for Vec<O> {
    fn push_onto(self, keys: &mut Vec<SortKey>) {
        self.into_iter().for_each(|order| order.push_onto(keys));
    }
}

macro_rules! tuples {
    ($($name:ident)+) => {
        #[diagnostic::do_not_recommend]
        impl<M, Level, $($name: Orders<M, Level>),+> Orders<M, Level> for ($($name,)+) {
            fn push_onto(self, keys: &mut Vec<SortKey>) {
                #[expect(non_snake_case, reason = "the names of the types serve for the values")]
                let ($($name,)+) = self;
                $($name.push_onto(keys);)+
            }
        }
    };
}

crate::tuples::each_tuple!(tuples);
