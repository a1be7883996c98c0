//! Related rows in the fields of a view.

use std::marker::PhantomData;

use super::Prefetch;
use super::shape::Shape;
use super::view::{AsView, CellOf, Statements, View, Viewed};
use crate::engine::{Connection, RowRef};
use crate::error::{Error, Result};
use crate::expr::{Computed, Condition, Filter, Orders, TargetColumns, ToMany, count};
use crate::model::{Columns, Many, Model, Path, Relation, Via};
use crate::sql::Query;
use crate::sql::ast::{Expr, Selected, SortKey};
use crate::table::{PathNode, RelationInfo};
use crate::value::Value;

/// The row of the model `M` that a to-one relation leads to, as the view `V` in a field of type `T`.
pub struct RelatedRow<M, V, T, N> {
    row: Viewed<M, V, N>,
    present: fn(V) -> T,
    absent: fn() -> Option<T>,
    relation: &'static RelationInfo,
    /// What the related row is found by, which is `NULL` where there is none.
    key: Expr,
    /// Where it stands, if the view reads it; else it comes last.
    key_at: Option<usize>,
    /// The number of columns of the view.
    width: usize,
}

impl<M, V, T, N> Clone for RelatedRow<M, V, T, N> {
    fn clone(&self) -> Self {
        Self { row: self.row.clone(), key: self.key.clone(), ..*self }
    }
}

impl<M: Model, V: Send + 'static, T, N: Statements + 'static> RelatedRow<M, V, T, N> {
    pub(super) fn new<P: Path, R: Relation<Source = P::Model, Target = M>>(
        row: Viewed<M, V, N>,
        present: fn(V) -> T,
        absent: fn() -> Option<T>,
    ) -> Self {
        let mut columns = Vec::new();
        row.columns(&mut columns);
        let key = Expr::column(<Via<P, R> as Path>::NODE, R::INFO.target_column());
        let key_at = columns.iter().position(|column| column.expr == key);
        Self { row, present, absent, relation: R::INFO, key, key_at, width: columns.len() }
    }
}

impl<L, M, V, T, N> Shape<L> for RelatedRow<M, V, T, N>
where
    M: Model,
    V: Send + 'static,
    T: Send + 'static,
    N: Statements + 'static,
{
    type Cell = Option<CellOf<V>>;
    type Output = T;
    const DEFERRED: bool = N::FURTHER;

    fn columns(&self, columns: &mut Vec<Selected>) {
        self.row.columns(columns);
        if self.key_at.is_none() {
            columns.push(Selected::new(self.key.clone()));
        }
    }

    fn width(&self) -> usize {
        self.width + usize::from(self.key_at.is_none())
    }

    fn prepare(&mut self, columns: &[Selected], start: usize) -> Result<()> {
        self.row.prepare(columns.get(..self.width).unwrap_or_default(), start)
    }

    fn decode(&self, row: &RowRef<'_>, position: &mut usize) -> Result<Self::Cell> {
        let mut start = *position;
        *position += Shape::<L>::width(self);
        if row.is_null(start + self.key_at.unwrap_or(self.width)) {
            return match (self.absent)() {
                Some(_) => Ok(None),
                None => Err(Error::missing_parent(self.relation, M::TABLE, None)),
            };
        }
        self.row.decode(row, &mut start).map(Some)
    }

    fn ready(&self, cell: Self::Cell) -> Option<T> {
        match cell {
            Some(cell) => self.row.ready(cell).map(self.present),
            None => (self.absent)(),
        }
    }

    fn finish(&self, connection: &mut Connection, cells: Vec<Self::Cell>) -> Result<Vec<T>> {
        let are_there: Vec<bool> = cells.iter().map(Option::is_some).collect();
        let present = cells.into_iter().flatten().collect();
        let mut rows = self.row.finish(connection, present)?.into_iter();
        let fields = are_there.into_iter().map_while(|is_there| match is_there {
            true => rows.next().map(self.present),
            false => (self.absent)(),
        });
        Ok(fields.collect())
    }
}

/// The rows that a to-many relation leads to: which of them, in which order. For generated code.
pub struct RowsOf<P, R> {
    filters: Vec<Expr>,
    order: Vec<SortKey>,
    limit: Option<u64>,
    relation: PhantomData<fn() -> (P, R)>,
}

/// What leads to several related rows: a to-many relation `R` behind the path `P`.
#[diagnostic::on_unimplemented(
    message = "`filter`, `order`, `limit`, `first` and `count` in a view are about the rows of a to-many relation",
    label = "this is loaded from `{Self}`, which leads to no list of rows",
    note = "a field is loaded from the column or relation of its name, from what `relation` names, or from what the closure of `with` gives",
    note = "which rows of the view's own model are loaded is said by the chain: `db.select::<Issue>().filter(…).view::<IssueCard>()`"
)]
pub trait LeadsToRows<P, R> {}

impl<P, R> LeadsToRows<P, R> for ToMany<P, R> {}

/// All rows that a to-many relation leads to.
pub fn rows_of<P, R>(_: impl LeadsToRows<P, R>) -> RowsOf<P, R> {
    RowsOf { filters: Vec::new(), order: Vec::new(), limit: None, relation: PhantomData }
}

impl<P: Path, R: Relation<Cardinality = Many>> RowsOf<P, R> {
    /// Only the rows that meet the condition.
    pub fn filter<C: Filter<R::Target>>(mut self, condition: impl FnOnce(&TargetColumns<R>) -> C) -> Self {
        self.filters.push(condition(TargetColumns::<R>::COLUMNS).into_condition().into_expr());
        self
    }

    /// In this order.
    pub fn order<O: Orders<R::Target>>(mut self, keys: impl FnOnce(&TargetColumns<R>) -> O) -> Self {
        keys(TargetColumns::<R>::COLUMNS).push_onto(&mut self.order);
        self
    }

    /// At most this many of each row.
    pub const fn limit(mut self, rows: u64) -> Self {
        self.limit = Some(rows);
        self
    }

    /// The first of them.
    pub fn first(self) -> FirstOf<P, R> {
        FirstOf(self.limit(1))
    }

    /// What is made of the rows, each as the view.
    pub(super) fn into_rows<V: View<R::Target>, T: Send + 'static>(
        self,
        view: AsView<R::Target, V>,
        hold: fn(Vec<V>) -> T,
    ) -> RelatedRows<T, V::Statements> {
        let query =
            Query { filters: self.filters, order: self.order, limit: self.limit, ..Query::new(R::Target::TABLE) };
        let rows: Prefetch<R, _> = Prefetch::of(query, view);
        let rows = Box::new(Held { rows, hold });
        RelatedRows { from: P::NODE, relation: R::INFO, rows, statements: PhantomData }
    }

    /// The number of the rows.
    pub fn count(self) -> Computed<P::Root, i64> {
        let filters = self.filters.into_iter().map(Condition::new);
        let counted = filters.fold(count(), |rows, condition| rows.filter(condition));
        ToMany::<P, R>::new().aggregate(|_| counted)
    }
}

/// The first of the rows that a to-many relation leads to. For generated code.
pub struct FirstOf<P, R>(RowsOf<P, R>);

impl<P, R> FirstOf<P, R> {
    pub(super) fn into_rows(self) -> RowsOf<P, R> {
        self.0
    }
}

/// The rows that a to-many relation leads to, in a field of type `T`.
pub struct RelatedRows<T, N> {
    from: Option<&'static PathNode>,
    relation: &'static RelationInfo,
    rows: Box<dyn Lists<T>>,
    statements: PhantomData<fn() -> N>,
}

impl<T, N> Clone for RelatedRows<T, N> {
    fn clone(&self) -> Self {
        Self { rows: self.rows.copy(), ..*self }
    }
}

/// The related rows of several rows at once, by the keys of these.
trait Lists<T>: Send + Sync {
    fn copy(&self) -> Box<dyn Lists<T>>;
    fn prepare(&mut self) -> Result<()>;
    fn fetch(&self, connection: &mut Connection, keys: Vec<Value>) -> Result<Vec<T>>;
}

/// Rows, and what a field holds of them.
struct Held<R: Relation, V: View<R::Target>, T> {
    rows: Prefetch<R, AsView<R::Target, V>>,
    hold: fn(Vec<V>) -> T,
}

impl<R, V, T> Lists<T> for Held<R, V, T>
where
    R: Relation<Cardinality = Many>,
    V: View<R::Target>,
    T: Send + 'static,
{
    fn copy(&self) -> Box<dyn Lists<T>> {
        Box::new(Self { rows: self.rows.clone(), hold: self.hold })
    }

    fn prepare(&mut self) -> Result<()> {
        Shape::prepare(&mut self.rows, &[], 0)
    }

    fn fetch(&self, connection: &mut Connection, keys: Vec<Value>) -> Result<Vec<T>> {
        Ok(self.rows.finish(connection, keys)?.into_iter().map(self.hold).collect())
    }
}

impl<M, T: Send + 'static, N: Statements + 'static> Shape<M> for RelatedRows<T, N> {
    /// What the relation starts from.
    type Cell = Value;
    type Output = T;
    /// Asks for those of the view, so that the compiler finds a view that contains itself.
    const DEFERRED: bool = N::FURTHER | true;

    fn columns(&self, columns: &mut Vec<Selected>) {
        columns.push(Selected::by_value(Expr::column(self.from, self.relation.source_column())));
    }

    fn width(&self) -> usize {
        1
    }

    fn prepare(&mut self, _: &[Selected], _: usize) -> Result<()> {
        self.rows.prepare()
    }

    fn decode(&self, row: &RowRef<'_>, position: &mut usize) -> Result<Value> {
        let (table, column) = ((self.relation.source)(), self.relation.source_column());
        let key = row.owned(table.name, || column.name.to_owned(), *position)?;
        *position += 1;
        Ok(key)
    }

    fn ready(&self, _: Value) -> Option<T> {
        None
    }

    fn finish(&self, connection: &mut Connection, keys: Vec<Value>) -> Result<Vec<T>> {
        self.rows.fetch(connection, keys)
    }
}
