//! Uses that look right and are wrong, each with the words that say what to write instead.
//!
//! Nothing here can be called: each use has a bound that no type meets, and the message of the bound is its purpose.
//! The bound is on the argument, as the compiler gives the message of a bound on the value itself only sometimes.

use std::cmp::Ordering;

use super::{Assignment, Column, Computed, Condition, Search, TargetColumns, ToMany, ToOne};
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

    /// A search compared as if it were a column.
    #[diagnostic::on_unimplemented(
        message = "a search is no column: rows match it or not",
        label = "write `.matches(…)`",
        note = "`b.search.matches(\"Emma\")` is in all columns of the search, `b.search.title.matches(\"Emma\")` in one of them"
    )]
    ComparedSearch;

    /// A column asked for what only a search knows.
    #[diagnostic::on_unimplemented(
        message = "a column alone is not searched for words: the search of its model is",
        label = "write `b.search.title.matches(…)`",
        note = "a model is searched when its struct says over which fields: `#[model(search(title, body))]`; all of them are `b.search.matches(…)`",
        note = "a part of a text is `b.title.contains(…)`, or without regard to case `b.title.icontains(…)`"
    )]
    MatchedColumn;

    /// A list in a document asked as if it were a relation.
    #[diagnostic::on_unimplemented(
        message = "a column has one value for each row, of which nothing could be asked as of several",
        label = "not several rows",
        note = "elements of a list in a document: `i.tags.items::<String>(\"$\").any(|tag| tag.eq(\"sea\"))`",
        note = "related rows, by the relation and not by the key: `a.books.any(|b| b.pages.gt(300))`"
    )]
    AskedColumn;

    /// A computed value that is set.
    #[diagnostic::on_unimplemented(
        message = "a computed value is not stored, and cannot be set",
        label = "set the column that it is computed from",
        note = "a value in a document is set by its path: `i.meta.set_path(\"$.width\", 3)`",
        note = "a column is set to a computed value: `b.pages.set(b.pages + 1)`"
    )]
    SetComputed;

    /// Trees that go on as chains.
    #[diagnostic::on_unimplemented(
        message = "trees are awaited themselves; which rows they have, and in which order, is said before",
        label = "trees have no such method",
        note = "write `db.select::<Comment>().filter(…).order(…).tree(|c| c.replies, |c| c.parent_id.is_null()).await?`",
        note = "rows below a row, as a chain with all that chains have: `db.select::<Comment>().descendants(|c| c.replies, key)`"
    )]
    ChainsOfTrees;

    /// Chains that are taken together and go on as one.
    #[diagnostic::on_unimplemented(
        message = "which rows are taken together is said in each of the chains, and no row of a table is known behind that",
        label = "several chains together have no such method",
        note = "write the condition before: `db.select::<Book>().filter(…).union(db.select::<Book>().filter(…)).order(…)`",
        note = "where both chains are over one model, `|` between two conditions says the same: `.filter(|b| b.pages.gt(300) | b.title.eq(\"Emma\"))`"
    )]
    ChainsOfTogether;

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
methods!(ToMany: ComparedRows, eq ne is_in not_in matches);

#[doc(hidden)]
impl<P: Path, T> Column<P, T> {
    pub fn matches<V: MatchedColumn>(self, _: V) -> Condition<P::Root> {
        V::never()
    }

    pub fn any<V: AskedColumn>(self, _: impl FnOnce(Computed<P::Root, String>) -> V) -> Condition<P::Root> {
        V::never()
    }
}

#[doc(hidden)]
impl<M, T, L> Computed<M, T, L> {
    pub fn set<V: SetComputed>(self, _: V) -> Assignment<M> {
        V::never()
    }
}

#[doc(hidden)]
impl<P: Path> Search<P> {
    pub fn eq<V: ComparedSearch>(&self, _: V) -> Condition<P::Root> {
        V::never()
    }

    pub fn contains<V: ComparedSearch>(&self, _: V) -> Condition<P::Root> {
        V::never()
    }

    pub fn like<V: ComparedSearch>(&self, _: V) -> Condition<P::Root> {
        V::never()
    }
}

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
