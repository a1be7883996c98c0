//! Which chains a method is for, each with a message for the user whose chain is another.

use super::{Load, Records, Shape};
use crate::expr::PerRow;
use crate::model::{Key, Model};

/// Chains whose rows can be updated and deleted: those that load whole rows and nothing else.
#[diagnostic::on_unimplemented(
    message = "only a query that loads whole rows and nothing else can update or delete them",
    label = "loads chosen columns, groups or related rows",
    note = "which rows are meant follows from `filter`, `order`, `limit` and `offset`: leave out what \
            chooses columns, groups rows or loads relations"
)]
pub trait LoadsRows {}

/// Chains that load whole rows: what can be loaded beside each of them, or left out.
#[diagnostic::on_unimplemented(
    message = "this method needs a query that loads whole rows",
    label = "loads chosen columns or groups",
    note = "what belongs to a row is loaded beside the whole row; columns of related rows can be chosen by their path: \
            `.fields(|b| (b.title, b.author.name))`, `.group_by(|b| b.author.name)`"
)]
pub trait LoadsModels<M: Model>: Load<M> {
    #[doc(hidden)]
    fn into_parts(self) -> Self::Parts;

    /// The key of a row that was loaded.
    #[doc(hidden)]
    fn key_of(row: &Self::Output) -> Key<M>;
}

/// Chains whose columns can be excluded: those that load whole rows and nothing else.
#[diagnostic::on_unimplemented(
    message = "this query does not load all columns of `{M}`, of which some could be excluded",
    label = "loads chosen columns, groups or related rows",
    note = "`exclude` comes first, and gives records: `.exclude(|b| b.title).fetch_all()`"
)]
pub trait Excludes<M>: Load<M> {
    #[doc(hidden)]
    fn into_records(self) -> Records<M>;
}

/// Chains that load chosen values, which can come once each.
#[diagnostic::on_unimplemented(
    message = "only chosen values can be distinct",
    label = "whole rows and groups are always distinct",
    note = "choose values first: `.only(|b| b.title).distinct()`, `.fields(|b| (b.title, b.pages)).distinct()`"
)]
pub trait ChoosesValues {}

/// Chains that give aggregates of groups.
#[diagnostic::on_unimplemented(
    message = "this query has no groups that `having` could choose from",
    label = "gives rows, not groups",
    note = "`having` comes after `group_by` or `annotate`: `.group_by(|b| b.author_id).having(|b| b.pages.sum().gt(300))`",
    note = "conditions on rows belong in `filter`"
)]
pub trait HasGroups {}

/// Chains that can be grouped: those that load whole rows and nothing else, and those that are grouped already.
#[diagnostic::on_unimplemented(
    message = "this query cannot be grouped any more: it already says what it gives for each row",
    label = "loads chosen columns or related rows",
    note = "begin with `group_by` or `annotate`, which say what each group gives; a column of a related row is reached \
            by its path: `.group_by(|b| b.author.name)`"
)]
pub trait Groups<M>: Load<M> {
    #[doc(hidden)]
    fn into_items(self) -> Self::Items;
}

/// Chains that give each row, not groups of rows.
#[diagnostic::on_unimplemented(
    message = "this query gives groups, not rows",
    label = "gives groups, or values once each",
    note = "`group_by` and `annotate` alone say what a group gives. Groups have no pages: read some of them at a time with `limit` and \
            `offset`",
    note = "a function that returns a chain says what the chain gives: `Select<'_, Book, impl GivesRows<Book, Output = (Book, Author)>>`, \
            with `use sqliter::bounds::GivesRows`"
)]
pub trait GivesRows<M>: Load<M, Level = PerRow> {}

/// Shapes whose rows come by one statement.
#[diagnostic::on_unimplemented(
    message = "rows with prefetched relations cannot be streamed",
    label = "needs further statements for all rows at once",
    note = "read page by page with `page_after`, which prefetches for each page"
)]
pub trait OneStatement<M>: Shape<M> {}

/// Chains in which each row of the model comes once.
#[diagnostic::on_unimplemented(
    message = "pages need a query that gives each row once, and this one gives a row again for each of its related rows",
    label = "gives pairs of rows",
    note = "pages are read by `limit` and `offset`: `.order(|a, b| (a.name.asc(), b.title.asc())).limit(20).offset(40)`",
    note = "with the related rows in a list, each row comes once: `.prefetch_related(|a| a.books).page_after(cursor, 20)`"
)]
pub trait OneEach {}

#[diagnostic::do_not_recommend]
impl<M> OneEach for super::Entity<M> {}
