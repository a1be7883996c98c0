//! Values of the row of the query around.

use std::fmt;
use std::marker::PhantomData;

use super::computed::Types;
use super::operand::TypeOf;
use super::{Column, Computed, Expression};
use crate::column::ColumnType;
use crate::model::{Model, Path};
use crate::sql::ast;
use crate::sql::ast::Expr;
use crate::table::TableInfo;

/// Inside a subquery, the value of a row of the query around it: in the closures of [`any`](crate::relation::ToMany::any)
/// and the like, and in the chains that `exists`, `is_in` and the like take.
///
/// ```
/// use sqliter::prelude::*;
/// use sqliter::outer;
///
/// #[derive(Debug, Clone, PartialEq, Model)]
/// #[model(has_many(books = Book::author))]
/// struct Author {
///     pk: Key<Author>,
///     name: String,
/// }
///
/// #[derive(Debug, Clone, PartialEq, Model)]
/// struct Book {
///     pk: Key<Book>,
///     title: String,
///     author_id: Key<Author>,
/// }
///
/// # #[tokio::main]
/// # async fn main() -> sqliter::Result<()> {
/// # let db = Db::memory().await?;
/// # db.create_tables::<(Author, Book)>().await?;
/// # let ada = db.insert(Author::builder().name("Ada")).await?;
/// # db.insert(Book::builder().title("Ada").author_id(&ada)).await?;
/// // Authors of whom a book is called like them.
/// let named = db.select::<Author>().filter(|a| a.books.any(|b| b.title.eq(outer(a.name))));
/// assert_eq!(named.count().await?, 1);
/// # Ok(())
/// # }
/// ```
///
/// `outer` is needed where both rows are of one model too: without it, `a.name` is that of the row of the subquery. What is
/// two queries further out is `outer(outer(a.name))`. Where there is no query around, or one over another model, the
/// query is refused with [`Error::NotInQuery`](crate::Error::NotInQuery) when it is about to run.
pub fn outer<V: OfRow>(value: V) -> Outer<TypeOf<V>> {
    let root = V::root();
    Outer { expr: Expr::Outer(Box::new(ast::Outer { value: value.expression().into(), root })), types: PhantomData }
}

/// A value of the row of the query around, from [`outer`]. It takes the place of a value, whatever the query is over.
#[must_use = "a value does nothing until something is compared with it"]
pub struct Outer<T> {
    expr: Expr,
    types: Types<T>,
}

impl<T> Outer<T> {
    pub(crate) fn expr(self) -> Expr {
        self.expr
    }

    /// As [`Computed::retyped`].
    #[doc(hidden)]
    pub fn retyped<U>(self) -> Outer<U> {
        Outer { expr: self.expr, types: PhantomData }
    }
}

impl<T> Clone for Outer<T> {
    fn clone(&self) -> Self {
        Self { expr: self.expr.clone(), types: PhantomData }
    }
}

impl<T> fmt::Debug for Outer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Outer").field(&self.expr).finish()
    }
}

/// What each row of a query has: a column, or what is computed from columns.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a value of a row of the query around",
    label = "expected a column, or what is computed from columns",
    note = "`outer(a.name)` is the column `name` of the row around; values of the program need no `outer`"
)]
pub trait OfRow: Expression {
    /// The table that the query is over.
    #[doc(hidden)]
    fn root() -> Option<&'static TableInfo>;
}

#[diagnostic::do_not_recommend]
impl<P: Path, T: ColumnType> OfRow for Column<P, T> {
    fn root() -> Option<&'static TableInfo> {
        Some(P::Root::TABLE)
    }
}

#[diagnostic::do_not_recommend]
impl<M: Model, T: ColumnType> OfRow for Computed<M, T> {
    fn root() -> Option<&'static TableInfo> {
        Some(M::TABLE)
    }
}

#[diagnostic::do_not_recommend]
impl<T: ColumnType> OfRow for Outer<T> {
    fn root() -> Option<&'static TableInfo> {
        None
    }
}
