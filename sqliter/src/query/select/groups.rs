//! Groups of rows, and what is computed of each.

use std::marker::PhantomData;

use super::{Grown, Select};
use crate::expr::Having;
use crate::model::{Columns, Model};
use crate::query::selection::expressions;
use crate::query::{
    Aggregates, Append, AtMostSixteen, ChoosesValues, DistinctValues, Grouped, Groups, HasGroups, Load, NoPairs,
    Selection,
};

/// What the groups give.
impl<'s, M: Model, S: Load<M>, P> Select<'s, M, S, P> {
    /// Groups the rows that have the same values, and gives these values for each group; `NULL` is a value here.
    /// Further calls group by further values. A [`limit`](Self::limit) or [`offset`](Self::offset) so far is about the
    /// rows that are grouped, a later one about the groups.
    ///
    /// ```
    /// use sqliter::prelude::*;
    ///
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # struct Sale { pk: Key<Sale>, category: String, amount: f64 }
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// # let db = Db::memory().await?;
    /// # db.create_table::<Sale>().await?;
    /// # db.insert(Sale::builder().category("tea").amount(21.0)).await?;
    /// let report: Vec<(String, i64, Option<f64>)> = db
    ///     .select::<Sale>()
    ///     .group_by(|s| s.category)
    ///     .annotate(|s| (count(), s.amount.avg()))
    ///     .having(|s| s.amount.sum().gt(20.0))
    ///     .order(|s| s.amount.sum().desc())
    ///     .fetch_all()
    ///     .await?;
    /// assert_eq!(report, [("tea".to_owned(), 1, Some(21.0))]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn group_by<V: Selection<M>>(
        mut self,
        values: impl FnOnce(&M::Columns<M>) -> V,
    ) -> Select<'s, M, Grouped<M, Grown<S::Items, V::Tuple>>>
    where
        S: Groups<M>,
        S::Items: Append<V::Tuple, Output: AtMostSixteen>,
    {
        let values = values(M::Columns::<M>::COLUMNS);
        self.query.group(expressions::<M>(&values));
        self.grouped(values.into_tuple())
    }

    /// Gives aggregates of each group beside what the groups are grouped by. Without `group_by` all rows are one group,
    /// also when there are none, so that exactly one row comes. Further calls give further aggregates. A
    /// [`limit`](Self::limit) before is about the rows, as for [`group_by`](Self::group_by).
    pub fn annotate<V: Aggregates<M>>(
        mut self,
        aggregates: impl FnOnce(&M::Columns<M>) -> V,
    ) -> Select<'s, M, Grouped<M, Grown<S::Items, V::Tuple>>>
    where
        S: Groups<M>,
        S::Items: Append<V::Tuple, Output: AtMostSixteen>,
    {
        self.query.group(Vec::new());
        self.grouped(aggregates(M::Columns::<M>::COLUMNS).into_tuple())
    }

    fn grouped<T>(self, further: T) -> Select<'s, M, Grouped<M, Grown<S::Items, T>>>
    where
        S: Groups<M>,
        S::Items: Append<T, Output: AtMostSixteen>,
    {
        let Self { session, query, shape, .. } = self;
        let shape = Grouped::new(shape.into_items().append(further));
        Select { session, query, shape, pairs: NoPairs, model: PhantomData }
    }

    /// Keeps the groups that meet the condition, and all earlier conditions. A condition on what the groups are grouped
    /// by belongs in [`filter`](Self::filter): it holds for all rows of a group or for none.
    pub fn having<C: Having<M>>(self, condition: impl FnOnce(&M::Columns<M>) -> C) -> Select<'s, M, S>
    where
        S: HasGroups,
    {
        let mut chain = self.select();
        let condition = condition(M::Columns::<M>::COLUMNS).into_condition().into_expr();
        chain.query.grouping.get_or_insert_default().having.push(condition);
        chain
    }

    /// Each chosen value, or combination of values, once: `SELECT DISTINCT`, written as `GROUP BY`. A
    /// [`limit`](Self::limit) before is about the rows that the values are of, a later one about the values.
    pub fn distinct(self) -> Select<'s, M, DistinctValues<S>>
    where
        S: ChoosesValues,
    {
        let Self { session, mut query, shape, .. } = self;
        query.group(expressions(&shape));
        Select { session, query, shape: DistinctValues::new(shape), pairs: NoPairs, model: PhantomData }
    }
}
