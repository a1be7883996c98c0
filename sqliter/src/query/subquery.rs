//! Chains inside chains: as a list, as a value, as a condition.

use super::selection::expressions;
use super::{DistinctValues, Flat, Grouped, Projection, Select, Shape, SingleSelection};
use crate::column::{ColumnType, Nullable};
use crate::expr::{Computed, Condition, Expression, InList, InRows, List, Rows, SameType, Term};
use crate::model::Model;
use crate::sql::ast::{Expr, Subquery};
use crate::value::EncodeError;

/// Chains that give one value for each row or group, which can stand in other chains.
#[diagnostic::on_unimplemented(
    message = "this query does not give one value for each row",
    label = "gives whole rows, or several values",
    note = "choose a value: `b.author_id.is_in(db.select::<Author>().filter(|a| a.name.eq(\"Ada\")).only(|a| a.pk))`, \
            `b.pages.eq(db.select::<Book>().annotate(|b| b.pages.max()))`",
    note = "whether there are rows is asked by `exists(…)`"
)]
pub trait OneValue<M>: Shape<M> {
    /// The type of the value, without its `Option`.
    type Inner: ColumnType<Inner = Self::Inner>;
}

#[diagnostic::do_not_recommend]
impl<M: Model, V: SingleSelection<M> + Expression> OneValue<M> for Projection<M, V> {
    type Inner = V::Inner;
}

#[diagnostic::do_not_recommend]
impl<M: Model, V: SingleSelection<M> + Expression> OneValue<M> for DistinctValues<Projection<M, V>> {
    type Inner = V::Inner;
}

#[diagnostic::do_not_recommend]
impl<M: Model, V: Shape<M> + Expression> OneValue<M> for Grouped<M, (V,)>
where
    (V,): Flat<M>,
{
    type Inner = V::Inner;
}

/// Chains that give several values for each row, which can be a list of rows in other chains.
#[diagnostic::on_unimplemented(
    message = "this query does not give several values for each row",
    label = "gives whole rows, or one value",
    note = "choose two to eight values: `(l.order_id, l.number).is_in(db.select::<Line>().fields(|l| (l.order_id, l.number)))`"
)]
pub trait SeveralValues<M>: Shape<M> {
    /// The types of the values, without their `Option`.
    type Inner;
}

macro_rules! several {
    ($($name:ident)+) => {
        #[diagnostic::do_not_recommend]
        impl<M: Model, $($name: SingleSelection<M> + Expression),+> SeveralValues<M> for Projection<M, ($($name,)+)> {
            type Inner = ($($name::Inner,)+);
        }

        #[diagnostic::do_not_recommend]
        impl<M: Model, $($name: SingleSelection<M> + Expression),+> SeveralValues<M>
            for DistinctValues<Projection<M, ($($name,)+)>>
        {
            type Inner = ($($name::Inner,)+);
        }

        #[diagnostic::do_not_recommend]
        impl<M: Model, $($name: Shape<M> + Expression),+> SeveralValues<M> for Grouped<M, ($($name,)+)> {
            type Inner = ($($name::Inner,)+);
        }
    };
}

several!(A B);
several!(A B C);
several!(A B C D);
several!(A B C D E);
several!(A B C D E F);
several!(A B C D E F G);
several!(A B C D E F G H);

impl<M: Model, S: Shape<M>, P> Select<'_, M, S, P> {
    /// The chain as a part of another one. The values are those of all rows that it would fetch.
    fn into_list_of_values(self) -> Subquery {
        let (query, shape) = self.into_query();
        Subquery::new(query.into_list(), shape_value(&shape))
    }

    /// The chain as a value of another one.
    fn into_first_value(self) -> Expr {
        let (query, shape) = self.into_query();
        Expr::Select(Box::new(Subquery::new(query.into_value(), shape_value(&shape))))
    }
}

fn shape_value<M>(shape: &impl Shape<M>) -> Option<Expr> {
    let mut columns = Vec::with_capacity(1);
    shape.columns(&mut columns);
    columns.pop().map(|column| column.expr)
}

impl<M: Model, S: OneValue<M>, P> Select<'_, M, S, P> {
    /// The value of the first row that the chain would fetch, as a value of another chain: to select it, to calculate with
    /// it. `NULL` if there is no row. It is part of the other chain's statement and runs with it.
    ///
    /// As an operand a chain needs no call: `b.pages.eq(db.select::<Book>().annotate(|b| b.pages.max()))`.
    ///
    /// ```
    /// use sqliter::prelude::*;
    ///
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # struct Author { pk: Key<Author>, name: String }
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # struct Book { pk: Key<Book>, title: String, author_id: Key<Author> }
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// # let db = Db::memory().await?;
    /// # db.create_tables::<(Author, Book)>().await?;
    /// # let ada = db.insert(Author::builder().name("Ada")).await?;
    /// # db.bulk_insert(["Emma", "Zeno"].map(|title| Book::builder().title(title).author_id(&ada))).await?;
    /// let last: Vec<(String, Option<String>)> = db
    ///     .select::<Author>()
    ///     .fields(|a| {
    ///         let books = db.select::<Book>().filter(|b| b.author_id.eq(sqliter::outer(a.pk)));
    ///         (a.name, books.order(|b| b.title.desc()).only(|b| b.title).as_value())
    ///     })
    ///     .fetch_all()
    ///     .await?;
    /// assert_eq!(last, [("Ada".to_owned(), Some("Zeno".to_owned()))]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn as_value<N>(self) -> Computed<N, Option<S::Inner>> {
        Computed::new(self.into_first_value())
    }
}

/// Whether the chain would fetch a row, as a condition of another chain. Values of the row of the query around it are
/// given by [`outer`](crate::outer).
///
/// ```
/// use sqliter::prelude::*;
/// use sqliter::{exists, outer};
///
/// # #[derive(Debug, Clone, PartialEq, Model)]
/// # struct Author { pk: Key<Author>, name: String }
/// # #[derive(Debug, Clone, PartialEq, Model)]
/// # struct Book { pk: Key<Book>, title: String }
/// # #[tokio::main]
/// # async fn main() -> sqliter::Result<()> {
/// # let db = Db::memory().await?;
/// # db.create_tables::<(Author, Book)>().await?;
/// # db.insert(Author::builder().name("Ada")).await?;
/// # db.insert(Book::builder().title("Ada")).await?;
/// let called_like_a_book =
///     db.select::<Author>().filter(|a| exists(db.select::<Book>().filter(|b| b.title.eq(outer(a.name)))));
/// assert_eq!(called_like_a_book.count().await?, 1);
/// # Ok(())
/// # }
/// ```
pub fn exists<N, M: Model, S: Shape<M>, P>(rows: Select<'_, M, S, P>) -> Condition<N> {
    let (query, _) = rows.into_query();
    Condition::new(Expr::Exists(Box::new(Subquery::new(query, None))))
}

#[diagnostic::do_not_recommend]
impl<T, M: Model, S: OneValue<M>, P> InList<T> for Select<'_, M, S, P>
where
    S::Inner: SameType<T>,
{
    fn into_list(self) -> Result<List, EncodeError> {
        Ok(List::Query(Box::new(self.into_list_of_values())))
    }
}

#[diagnostic::do_not_recommend]
impl<T, M: Model, S: SeveralValues<M>, P> InRows<T> for Select<'_, M, S, P>
where
    S::Inner: SameType<T>,
{
    fn into_rows(self) -> Result<Rows, EncodeError> {
        let (query, shape) = self.into_query();
        let row = Expr::Row(expressions(&shape).into_iter().collect());
        Ok(Rows::Query(Box::new(Subquery::new(query.into_list(), Some(row)))))
    }
}

#[diagnostic::do_not_recommend]
impl<T, M: Model, S: OneValue<M>, P> Term<T> for Select<'_, M, S, P> {
    type Root<Any> = Any;
    type Level<Any> = Any;
    type Inner = S::Inner;
    type Nullability = Nullable;

    fn into_expr(self, _: &'static str) -> Expr {
        self.into_first_value()
    }
}
