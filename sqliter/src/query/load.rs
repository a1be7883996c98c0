//! What a query gives for each row: the model with what is loaded beside it, chosen values, groups, a dictionary.

use std::borrow::Cow;
use std::marker::PhantomData;
use std::sync::Arc;

use super::selection::{Flat, Item};
use crate::engine::{Connection, Row};
use crate::error::Result;
use crate::expr::{Level, PerGroup, PerRow};
use crate::model::Model;
use crate::relation::{Entity, JoinedParts, Parts};
use crate::row;
use crate::row::{Heading, Record};
use crate::sql::ast::{Expr, Selected};

/// What a query loads, and as what.
pub trait Load: Clone + Send + Sync + 'static {
    /// Whether the query gives rows or groups of rows.
    type Level: Level;
    /// What is loaded beside the model, as a tuple. This and the next two are here, not in the traits that need them,
    /// for all loads: so a wrong call violates one bound, and the message is that of the bound.
    #[doc(hidden)]
    type Parts;
    /// What the groups give so far, as a tuple.
    #[doc(hidden)]
    type Items;
    /// The chosen values.
    #[doc(hidden)]
    type Values: Item;
    /// What the statement of the query gives for each row.
    #[doc(hidden)]
    type Cell: Send + 'static;
    /// What each row becomes.
    type Output: Send + 'static;
    /// What is found out once for all rows.
    #[doc(hidden)]
    type Plan: Send + 'static;
    /// Whether further statements are needed.
    #[doc(hidden)]
    const DEFERRED: bool;

    /// Appends the columns that the statement selects.
    #[doc(hidden)]
    fn columns(&self, columns: &mut Vec<Selected>);

    /// Finds out what is the same for all rows, given the columns that the statement selects.
    #[doc(hidden)]
    fn plan(&self, columns: &[Selected]) -> Result<Self::Plan>;

    /// Reads a row, whose columns are those of [`columns`](Self::columns).
    #[doc(hidden)]
    fn decode(&self, plan: &Self::Plan, row: &Row<'_>) -> Result<Self::Cell>;

    /// Runs the further statements.
    #[doc(hidden)]
    fn finish(&self, connection: &mut Connection, cells: Vec<Self::Cell>) -> Result<Vec<Self::Output>>;

    /// The rows, when no further statements are needed.
    #[doc(hidden)]
    fn ready(&self, cells: Vec<Self::Cell>) -> Option<Vec<Self::Output>>;
}

/// What the rows of an update or a deletion are loaded as: nothing less than whole rows.
#[diagnostic::on_unimplemented(
    message = "only a query that loads whole rows and nothing else can update or delete them",
    label = "loads chosen columns, groups or related rows",
    note = "which rows are meant follows from `filter`, `order`, `limit` and `offset`: leave out what \
            chooses columns, groups rows or loads relations"
)]
pub trait LoadsRows {}

#[diagnostic::do_not_recommend]
impl<M> LoadsRows for Entity<M> {}

/// Queries that load whole rows: what can be loaded beside each of them, or left out.
#[diagnostic::on_unimplemented(
    message = "this method needs a query that loads whole rows",
    label = "loads chosen columns or groups",
    note = "what belongs to a row is loaded beside the whole row; columns of related rows can be chosen by their path: \
            `.fields(|b| (b.title, b.author.name))`, `.group_by(|b| b.author.name)`"
)]
pub trait LoadsModels<M>: Load {
    #[doc(hidden)]
    fn into_parts(self) -> Self::Parts;
}

#[diagnostic::do_not_recommend]
impl<M: Model, T: Parts<M>> LoadsModels<M> for Entity<M, T> {
    fn into_parts(self) -> T {
        self.into_parts()
    }
}

/// Queries whose columns can be excluded: those that load whole rows and nothing else.
#[diagnostic::on_unimplemented(
    message = "this query does not load all columns of `{M}`, of which some could be excluded",
    label = "loads chosen columns, groups or related rows",
    note = "`exclude` comes first, and gives dictionaries: `.exclude(|b| b.title).fetch_all()`"
)]
pub trait Excludes<M>: Load {
    #[doc(hidden)]
    fn into_dictionary(self) -> Dictionary<M>;
}

#[diagnostic::do_not_recommend]
impl<M: Model> Excludes<M> for Entity<M> {
    fn into_dictionary(self) -> Dictionary<M> {
        Dictionary::of(self)
    }
}

#[diagnostic::do_not_recommend]
impl<M: Model> Excludes<M> for Dictionary<M> {
    fn into_dictionary(self) -> Self {
        self
    }
}

/// Queries that load chosen values, which can come once each.
#[diagnostic::on_unimplemented(
    message = "only chosen values can be distinct",
    label = "whole rows and groups are always distinct",
    note = "choose values first: `.only(|b| b.title).distinct()`, `.fields(|b| (b.title, b.pages)).distinct()`"
)]
pub trait ChoosesValues: Load {
    #[doc(hidden)]
    fn into_values(self) -> Self::Values;
}

#[diagnostic::do_not_recommend]
impl<M: Model, S: Item> ChoosesValues for Projection<M, S> {
    fn into_values(self) -> S {
        self.selection
    }
}

/// Queries that give aggregates of groups.
#[diagnostic::on_unimplemented(
    message = "this query has no groups that `having` could choose from",
    label = "gives rows, not groups",
    note = "`having` comes after `group_by` or `annotate`: `.group_by(|b| b.author_id).having(|b| b.pages.sum().gt(300))`",
    note = "conditions on rows belong in `filter`"
)]
pub trait HasGroups {}

#[diagnostic::do_not_recommend]
impl<M, T> HasGroups for Grouped<M, T> {}

/// Queries that can be grouped: those that load whole rows and nothing else, and those that are grouped already.
#[diagnostic::on_unimplemented(
    message = "this query cannot be grouped any more: it already says what it gives for each row",
    label = "loads chosen columns or related rows",
    note = "begin with `group_by` or `annotate`, which say what each group gives; a column of a related row is reached \
            by its path: `.group_by(|b| b.author.name)`"
)]
pub trait Groups<M>: Load {
    #[doc(hidden)]
    fn into_items(self) -> Self::Items;
}

#[diagnostic::do_not_recommend]
impl<M: Model> Groups<M> for Entity<M> {
    fn into_items(self) {}
}

/// Queries that give each row, not groups of rows.
#[diagnostic::on_unimplemented(
    message = "this query gives groups, not rows",
    label = "gives groups, or values once each",
    note = "what a group gives is said by `group_by` and `annotate` alone, and pages go on behind a row; some of the groups \
            come by `limit` and `offset`"
)]
pub trait GivesRows: Load<Level = PerRow> {}

#[diagnostic::do_not_recommend]
impl<M: Model, T: Parts<M>> GivesRows for Entity<M, T> {}

#[diagnostic::do_not_recommend]
impl<M: Model, S: Item> GivesRows for Projection<M, S> {}

#[diagnostic::do_not_recommend]
impl<M: Model, L: GivesRows> GivesRows for Dictionary<M, L> {}
#[diagnostic::do_not_recommend]
impl<L: GivesRows, R: row::Row> GivesRows for Structs<L, R> {}

/// Queries whose rows come by one statement.
#[diagnostic::on_unimplemented(
    message = "rows with prefetched relations cannot be streamed",
    label = "needs further statements for all rows at once",
    note = "read page by page with `page_after`, which prefetches for each page"
)]
pub trait OneStatement: Load {
    /// What a row becomes.
    #[doc(hidden)]
    fn output(&self, cell: Self::Cell) -> Self::Output;
}

#[diagnostic::do_not_recommend]
impl<M: Model, T: JoinedParts<M>> OneStatement for Entity<M, T> {
    fn output(&self, (model, cells): Self::Cell) -> T::Output {
        T::output(model, cells)
    }
}

macro_rules! cells_are_output {
    ($([$($generics:tt)*] $load:ty;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> OneStatement for $load {
            fn output(&self, cell: Self::Cell) -> Self::Output {
                cell
            }
        }
    )*};
}

cells_are_output! {
    [M: Model, S: Item, L: Level] Projection<M, S, L>;
    [M: Model, T: Flat] Grouped<M, T>;
    [M: Model, L: Load] Dictionary<M, L>;
    [L: Load, R: row::Row] Structs<L, R>;
}

/// `finish` and `ready` of what needs no further statements.
macro_rules! one_statement {
    () => {
        const DEFERRED: bool = false;

        fn finish(&self, _: &mut Connection, cells: Vec<Self::Cell>) -> Result<Vec<Self::Output>> {
            Ok(cells)
        }

        fn ready(&self, cells: Vec<Self::Cell>) -> Option<Vec<Self::Output>> {
            Some(cells)
        }
    };
}

/// Chosen values, as a value or a tuple; with [`PerGroup`], each combination of them once.
pub struct Projection<M, S, L = PerRow> {
    selection: S,
    types: PhantomData<fn() -> (M, L)>,
}

impl<M, S, L> Projection<M, S, L> {
    pub(super) const fn new(selection: S) -> Self {
        Self { selection, types: PhantomData }
    }
}

impl<M, S: Clone, L> Clone for Projection<M, S, L> {
    fn clone(&self) -> Self {
        Self::new(self.selection.clone())
    }
}

impl<M: Model, S: Item, L: Level> Load for Projection<M, S, L> {
    type Level = L;
    type Parts = ();
    type Items = ();
    type Values = S;
    type Cell = S::Output;
    type Output = S::Output;
    type Plan = ();

    fn columns(&self, columns: &mut Vec<Selected>) {
        self.selection.push_onto(columns);
    }

    fn plan(&self, _: &[Selected]) -> Result<()> {
        Ok(())
    }

    fn decode(&self, (): &(), row: &Row<'_>) -> Result<S::Output> {
        self.selection.decode(row, &mut 0)
    }

    one_statement!();
}

/// What the rows are grouped by, and aggregates of the groups.
pub struct Grouped<M, T> {
    items: T,
    model: PhantomData<fn() -> M>,
}

impl<M, T> Grouped<M, T> {
    pub(super) const fn new(items: T) -> Self {
        Self { items, model: PhantomData }
    }
}

impl<M, T: Clone> Clone for Grouped<M, T> {
    fn clone(&self) -> Self {
        Self::new(self.items.clone())
    }
}

#[diagnostic::do_not_recommend]
impl<M: Model, T: Flat> Groups<M> for Grouped<M, T> {
    fn into_items(self) -> T {
        self.items
    }
}

impl<M: Model, T: Flat> Load for Grouped<M, T> {
    type Level = PerGroup;
    type Parts = ();
    type Items = T;
    type Values = ();
    type Cell = T::Flat;
    type Output = T::Flat;
    type Plan = ();

    fn columns(&self, columns: &mut Vec<Selected>) {
        self.items.push_onto(columns);
    }

    fn plan(&self, _: &[Selected]) -> Result<()> {
        Ok(())
    }

    fn decode(&self, (): &(), row: &Row<'_>) -> Result<T::Flat> {
        Ok(T::flat(self.items.decode(row, &mut 0)?))
    }

    one_statement!();
}

/// What another load selects but the excluded columns, as a [`Record`].
pub struct Dictionary<M, L = Entity<M>> {
    load: L,
    excluded: Vec<Expr>,
    model: PhantomData<fn() -> M>,
}

impl<M, L> Dictionary<M, L> {
    pub(crate) const fn of(load: L) -> Self {
        Self { load, excluded: Vec::new(), model: PhantomData }
    }

    pub(crate) fn exclude(&mut self, columns: impl IntoIterator<Item = Selected>) {
        self.excluded.extend(columns.into_iter().map(|column| column.expr));
    }
}

impl<M, L: Clone> Clone for Dictionary<M, L> {
    fn clone(&self) -> Self {
        Self { load: self.load.clone(), excluded: self.excluded.clone(), model: PhantomData }
    }
}

impl<M: Model, L: Load> Load for Dictionary<M, L> {
    type Level = L::Level;
    type Parts = ();
    type Items = ();
    type Values = ();
    type Cell = Record;
    type Output = Record;
    type Plan = Arc<[Heading]>;

    fn columns(&self, columns: &mut Vec<Selected>) {
        let mut selected = Vec::new();
        self.load.columns(&mut selected);
        for mut column in selected {
            if self.excluded.contains(&column.expr) {
                continue;
            }
            let name = column.name();
            if let Some(known) = columns.iter().find(|known| known.name() == name) {
                // The model's own columns come first; those of related rows do not take their names.
                if column.of_row || known.expr == column.expr {
                    continue;
                }
                let taken = |name: &String| columns.iter().any(|known| known.name() == name.as_str());
                column.alias = (2..).map(|i| format!("{name}_{i}")).find(|name| !taken(name)).map(Cow::Owned);
            }
            columns.push(column);
        }
    }

    fn plan(&self, columns: &[Selected]) -> Result<Self::Plan> {
        Ok(columns.iter().map(|column| Heading::new(column.name(), column.origin())).collect())
    }

    fn decode(&self, plan: &Self::Plan, row: &Row<'_>) -> Result<Record> {
        let values = plan
            .iter()
            .enumerate()
            .map(|(i, heading)| row.owned(M::TABLE.name, || heading.as_ref().to_owned(), i))
            .collect::<Result<_>>()?;
        Ok(Record::new(Arc::clone(plan), values))
    }

    one_statement!();
}

/// What another load selects, as a struct that derives [`Row`](crate::Row), by the names of its fields.
pub struct Structs<L, R> {
    load: L,
    row: PhantomData<fn() -> R>,
}

impl<L, R> Structs<L, R> {
    pub(super) const fn of(load: L) -> Self {
        Self { load, row: PhantomData }
    }
}

impl<L: Clone, R> Clone for Structs<L, R> {
    fn clone(&self) -> Self {
        Self::of(self.load.clone())
    }
}

impl<L: Load, R: row::Row> Load for Structs<L, R> {
    type Level = L::Level;
    type Parts = ();
    type Items = ();
    type Values = ();
    type Cell = R;
    type Output = R;
    /// The position of each field.
    type Plan = Vec<usize>;

    fn columns(&self, columns: &mut Vec<Selected>) {
        self.load.columns(columns);
    }

    fn plan(&self, columns: &[Selected]) -> Result<Self::Plan> {
        let names: Vec<_> = columns.iter().map(Selected::name).collect();
        row::positions(R::COLUMNS.iter().copied(), &names)
    }

    fn decode(&self, plan: &Self::Plan, row: &Row<'_>) -> Result<R> {
        R::decode(&row.at(plan))
    }

    one_statement!();
}
