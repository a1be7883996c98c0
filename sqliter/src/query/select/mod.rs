//! The typed chain, and what its calls are about.

mod aggregate;
mod both;
mod fetch;
mod groups;
mod join;
mod loaded;
mod pairs;
mod rows;
mod soft_delete;
mod together;
mod tree;
mod write;

use std::marker::PhantomData;

use super::{Append, Entity, NoPairs};
use crate::model::Model;
use crate::session::Session;
use crate::sql::{Query, ast::Expr};

pub use aggregate::GivesValues;
pub use both::SelectBoth;
pub use together::SelectTogether;

/// A tuple with more appended.
type Grown<T, U> = <T as Append<U>>::Output;

/// A query over the model `M`, begun by [`Session::select`].
///
/// Nothing runs before one of the terminal methods is awaited: `fetch_…`, [`count`](Self::count),
/// [`exists`](Self::exists), [`update`](Select::update), [`delete`](Select::delete). A chain is a value: clone it to
/// run it twice.
///
/// ```
/// use sqliter::prelude::*;
///
/// #[derive(Debug, Clone, PartialEq, Model)]
/// struct Book {
///     pk: Key<Book>,
///     title: String,
///     pages: i64,
/// }
///
/// # #[tokio::main]
/// # async fn main() -> sqliter::Result<()> {
/// let db = Db::memory().await?;
/// db.create_table::<Book>().await?;
/// db.bulk_insert([
///     Book::builder().title("Emma").pages(474),
///     Book::builder().title("Persuasion").pages(249),
/// ])
/// .await?;
///
/// let long = db.select::<Book>().filter(|b| b.pages.gt(300));
/// assert_eq!(long.clone().count().await?, 1);
/// let titles: Vec<String> = long.only(|b| b.title).fetch_all().await?;
/// assert_eq!(titles, ["Emma"]);
/// # Ok(())
/// # }
/// ```
///
/// A function that returns a chain of rows gives `Select<'_, Book>`. One that loads more than the row says what each row
/// gives, and the chain can be filtered, counted, cloned and read page by page as any other:
///
/// ```
/// use sqliter::Select;
/// use sqliter::bounds::GivesRows;
/// use sqliter::prelude::*;
///
/// # #[derive(Debug, Clone, PartialEq, Model)]
/// # struct Author { pk: Key<Author>, name: String }
/// # #[derive(Debug, Clone, PartialEq, Model)]
/// # struct Book { pk: Key<Book>, title: String, author_id: Key<Author> }
/// fn with_author(session: &Session) -> Select<'_, Book, impl GivesRows<Book, Output = (Book, Author)>> {
///     session.select::<Book>().select_related(|b| b.author)
/// }
///
/// # #[tokio::main]
/// # async fn main() -> sqliter::Result<()> {
/// # let db = Db::memory().await?;
/// # db.create_tables::<(Author, Book)>().await?;
/// let page = with_author(&db).filter(|b| b.title.eq("Emma")).page_after(None, 20).await?;
/// # assert!(page.rows.is_empty());
/// # Ok(())
/// # }
/// ```
///
/// Parts of chains have short types too: [`Condition<Book>`](crate::Condition), [`Order<Book>`](crate::Order). Code that is
/// generic over the model can read with `M: Model`. To write it needs `M: Model<Access: Writes<M>>`, with
/// `sqliter::bounds::Writes`, since a model may be a view.
#[must_use = "a query does nothing until one of its fetch methods is awaited"]
pub struct Select<'s, M, S = Entity<M>, P = NoPairs> {
    session: &'s Session,
    query: Query,
    shape: S,
    pairs: P,
    model: PhantomData<fn() -> M>,
}

impl<M, S: Clone, P: Clone> Clone for Select<'_, M, S, P> {
    fn clone(&self) -> Self {
        Self {
            session: self.session,
            query: self.query.clone(),
            shape: self.shape.clone(),
            pairs: self.pairs.clone(),
            model: PhantomData,
        }
    }
}

impl<M, S, P> std::fmt::Debug for Select<'_, M, S, P> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Select").field("query", &self.query).finish_non_exhaustive()
    }
}

impl Session {
    /// Begins a query over the rows of a model.
    pub const fn select<M: Model>(&self) -> Select<'_, M> {
        Select::new(self)
    }
}

impl<'s, M: Model> Select<'s, M> {
    pub(crate) const fn new(session: &'s Session) -> Self {
        Self { session, query: Query::new(M::TABLE), shape: Entity::new(), pairs: NoPairs, model: PhantomData }
    }

    /// The rows that meet the condition, related by the pairs.
    pub(crate) fn related<P>(mut self, condition: Expr, pairs: P) -> Select<'s, M, Entity<M>, P> {
        self.query.filters.push(condition);
        Select { session: self.session, query: self.query, shape: self.shape, pairs, model: PhantomData }
    }
}

impl<'s, M: Model, S, P> Select<'s, M, S, P> {
    /// The rows as an ordinary query, if the chain is a to-many relation of a row, as in `ada.books(&db).select()`; else nothing
    /// changes. Every other method of a chain does this by itself.
    pub fn select(self) -> Select<'s, M, S> {
        Select { session: self.session, query: self.query, shape: self.shape, pairs: NoPairs, model: PhantomData }
    }

    /// Where it runs, and the pairs that it is about.
    pub(crate) fn into_pairs(self) -> (&'s Session, P) {
        (self.session, self.pairs)
    }

    /// What the chain says, without its session.
    pub(in crate::query) fn into_query(self) -> (Query, S) {
        (self.query, self.shape)
    }

    fn reshaped<N>(self, shape: N) -> Select<'s, M, N> {
        Select { session: self.session, query: self.query, shape, pairs: NoPairs, model: PhantomData }
    }
}
