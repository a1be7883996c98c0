//! Aggregates of what a chain gives.

use super::Select;
use crate::error::Error;
use crate::expr::GivenValues;
use crate::model::Model;
use crate::query::{Aggregates, DistinctValues, Flat, Grouped, Load, Projection, Selection, run};
use crate::session::Pending;

/// Chains that give chosen values, or groups.
#[diagnostic::on_unimplemented(
    message = "this query gives whole rows, of which nothing could be aggregated",
    label = "loads whole rows",
    note = "choose what each row gives: `.only(|a| a.books.count()).aggregate(|n| n.avg())`, or what each group gives: \
            `.group_by(|b| b.author_id).annotate(|b| b.pages.sum()).aggregate(|(_, pages)| pages.max())`",
    note = "aggregates of the rows themselves are given by `annotate`: `.annotate(|b| (count(), b.pages.sum()))`"
)]
pub trait GivesValues<M>: Load<M> {
    /// A value, or a tuple of values.
    type Values;

    #[doc(hidden)]
    fn values() -> Self::Values;
}

#[diagnostic::do_not_recommend]
impl<M: Model, V: Selection<M>> GivesValues<M> for Projection<M, V>
where
    V::Tuple: GivenValues<M>,
{
    type Values = <V::Tuple as GivenValues<M>>::Values;

    fn values() -> Self::Values {
        V::Tuple::values()
    }
}

#[diagnostic::do_not_recommend]
impl<M: Model, V: Selection<M>> GivesValues<M> for DistinctValues<Projection<M, V>>
where
    V::Tuple: GivenValues<M>,
{
    type Values = <V::Tuple as GivenValues<M>>::Values;

    fn values() -> Self::Values {
        V::Tuple::values()
    }
}

#[diagnostic::do_not_recommend]
impl<M: Model, T: Flat<M> + GivenValues<M>> GivesValues<M> for Grouped<M, T> {
    type Values = T::Values;

    fn values() -> Self::Values {
        T::values()
    }
}

impl<'s, M: Model, S: Load<M>, P> Select<'s, M, S, P> {
    /// Aggregates of what the chain gives: of all groups, of different values, or of the values of some rows, with its limit and
    /// offset. The closure gets the chosen values, as a tuple if they are several.
    ///
    /// ```
    /// use sqliter::prelude::*;
    ///
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # #[model(has_many(sales = Sale::shop))]
    /// # struct Shop { pk: Key<Shop>, name: String }
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # struct Sale { pk: Key<Sale>, amount: i64, shop_id: Key<Shop> }
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// # let db = Db::memory().await?;
    /// # db.create_tables::<(Shop, Sale)>().await?;
    /// # let shops = db.bulk_insert(["a", "b"].map(|name| Shop::builder().name(name))).await?;
    /// # db.bulk_insert([(1, 0), (2, 0), (4, 1)].map(|(n, shop)| Sale::builder().amount(n).shop_id(&shops[shop]))).await?;
    /// // How many shops have sold something, and how much the best and the average one.
    /// let (shops, best, average): (i64, Option<i64>, Option<f64>) = db
    ///     .select::<Sale>()
    ///     .group_by(|s| s.shop_id)
    ///     .annotate(|s| s.amount.sum())
    ///     .aggregate(|(_, sold)| (count(), sold.clone().max(), sold.avg()))
    ///     .await?;
    /// assert_eq!((shops, best, average), (2, Some(4), Some(3.5)));
    ///
    /// let most: Option<i64> = db.select::<Shop>().only(|s| s.sales.count()).aggregate(|n| n.max()).await?;
    /// assert_eq!(most, Some(2));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Of no rows and no groups, `count()` is 0 and the others are `None`, as in [`annotate`](Self::annotate), which gives aggregates of
    /// the rows themselves.
    ///
    /// # Errors
    ///
    /// As [`fetch_all`](Self::fetch_all).
    pub fn aggregate<V: Aggregates<M>>(
        self,
        aggregates: impl FnOnce(S::Values) -> V,
    ) -> Pending<'s, <V::Tuple as Flat<M>>::Flat>
    where
        S: GivesValues<M>,
        V::Tuple: Flat<M>,
    {
        let Self { session, query, shape, .. } = self;
        let aggregates = aggregates(S::values()).into_tuple();
        let mut given = Vec::new();
        shape.columns(&mut given);
        Box::pin(async move {
            match run::over::<M, _>(session, query.into_list(), given, aggregates).await? {
                Some(values) => Ok(V::Tuple::flat(values)),
                None => Err(Error::RecordNotFound { table: M::TABLE.name.to_owned(), key: None }),
            }
        })
    }
}
