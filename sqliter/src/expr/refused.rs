//! Uses that look right and are wrong, each with the words that say what to write instead.
//!
//! Nothing here can be called: each use has a bound that no type meets, and the message of the bound is its purpose.
//! The bound is on the argument, as the compiler gives the message of a bound on the value itself only sometimes.

use std::cmp::Ordering;

use super::{Column, Computed, Condition, TargetColumns, ToMany, ToOne};
use crate::model::{Path, Relation};

macro_rules! nothing_meets {
    ($($(#[$message:meta])* $bound:ident;)*) => {$(
        $(#[$message])*
        #[doc(hidden)]
        pub trait $bound {
            fn never<T>() -> T;
        }
    )*};
}

nothing_meets! {
    /// A comparison by Rust's operators.
    #[diagnostic::on_unimplemented(
        message = "columns are compared by methods, not by Rust's operators",
        label = "write `.eq(…)`, `.ne(…)`, `.lt(…)`, `.le(…)`, `.gt(…)` or `.ge(…)`",
        note = "`b.pages == 5` is written as `b.pages.eq(5)`, `b.pages > 5` as `b.pages.gt(5)`",
        note = "behind a reference to a column, dereference it: `(*column).eq(5)`"
    )]
    ComparedByOperator;

    /// `and` and `or`.
    #[diagnostic::on_unimplemented(
        message = "conditions are joined with `&` and `|`, not by methods",
        label = "write `&` or `|`",
        note = "for example `b.pages.gt(5) & b.title.eq(\"Emma\")`; a condition is negated by `!` before it"
    )]
    JoinedByMethod;

    /// A to-one relation compared as if it were a column.
    #[diagnostic::on_unimplemented(
        message = "a relation has no value that could be compared",
        label = "compare a key instead",
        note = "the foreign key is a column of its own: `b.author_id.eq(&ada)` for the relation `author`",
        note = "so are the columns of the related row: `b.author.pk.eq(&ada)`, `b.author.name.eq(\"Ada\")`"
    )]
    ComparedRelation;

    /// Related rows chosen by a value over a window.
    #[diagnostic::on_unimplemented(
        message = "`qualify` chooses the rows of a chain, and these are related rows",
        label = "not for related rows",
        note = "the first rows of each are `a.books.order(|b| b.printed.desc()).limit(3)`",
        note = "by other values over windows, begin with the related model: `db.select::<Book>().qualify(…).select_related(|b| b.author)`"
    )]
    QualifiesRelated;

    /// A to-many relation compared as if it were a column.
    #[diagnostic::on_unimplemented(
        message = "a to-many relation has many rows, of which no single one could be compared",
        label = "ask for its rows with `any`, `none`, `all`, `contains`, `count` or `aggregate`",
        note = "for example `a.books.any(|b| b.title.eq(\"Emma\"))`, `a.books.contains(&book)`, `a.books.count().gt(1)`"
    )]
    ComparedRows;
}

macro_rules! comparison {
    ($([$($generics:tt)*] $value:ty: $bound:ident;)*) => {$(
        impl<$($generics)*, V: $bound> PartialEq<V> for $value {
            fn eq(&self, _: &V) -> bool {
                V::never()
            }
        }

        impl<$($generics)*, V: $bound> PartialOrd<V> for $value {
            fn partial_cmp(&self, _: &V) -> Option<Ordering> {
                V::never()
            }
        }
    )*};
}

comparison! {
    [P, T] Column<P, T>: ComparedByOperator;
    [M, T, L] Computed<M, T, L>: ComparedByOperator;
    [P, R] ToOne<P, R>: ComparedRelation;
}

macro_rules! methods {
    ($value:ident: $bound:ident, $($name:ident)*) => {
        #[doc(hidden)]
        impl<P: Path, R> $value<P, R> {$(
            pub fn $name<V: $bound>(self, _: V) -> Condition<P::Root> {
                V::never()
            }
        )*}
    };
}

methods!(ToOne: ComparedRelation, eq ne is_in not_in);
methods!(ToMany: ComparedRows, eq ne is_in not_in);

#[doc(hidden)]
impl<P: Path, R: Relation> ToMany<P, R> {
    pub fn qualify<V: QualifiesRelated>(self, _: impl FnOnce(&TargetColumns<R>) -> V) -> Self {
        V::never()
    }
}

#[doc(hidden)]
impl<M, L> Condition<M, L> {
    pub fn and<C: JoinedByMethod>(self, _: C) -> Self {
        C::never()
    }

    pub fn or<C: JoinedByMethod>(self, _: C) -> Self {
        C::never()
    }
}
