//! Rows of to-many relations joined to the rows of a chain.

use super::{Grown, Select, SelectBoth};
use crate::model::{AtMostOne, Columns, FirstOf, Model, One, OneOf, Optional, Relation};
use crate::query::{Append, AtMostSixteen, Load, LoadsModels, Related, RelatedRows};
use crate::sql::Beside;

/// A related row that is joined.
type Part<M, R, C> = (Related<<<R as RelatedRows<M>>::Relation as Relation>::Target, C>,);

/// What a chain gives that each row comes in once for each of its related rows.
type Both<'s, M, S, R, C> = SelectBoth<
    's,
    M,
    OneOf<<R as RelatedRows<M>>::From, <R as RelatedRows<M>>::Relation, C>,
    Grown<<S as Load<M>>::Parts, Part<M, R, C>>,
>;

/// Related rows beside each row, by joins.
impl<'s, M: Model, S: LoadsModels<M>, P> Select<'s, M, S, P> {
    /// Joins the rows of a to-many relation: each row comes once for each of its related rows, together with it; a row
    /// without related rows is left out. An `Author` becomes an `(Author, Book)`. The closures of later calls get the columns
    /// of both.
    ///
    /// ```
    /// use sqliter::prelude::*;
    ///
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # #[model(has_many(books = Book::author))]
    /// # struct Author { pk: Key<Author>, name: String }
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # struct Book { pk: Key<Book>, title: String, pages: i64, author_id: Key<Author> }
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// # let db = Db::memory().await?;
    /// # db.create_tables::<(Author, Book)>().await?;
    /// # let ada = db.insert(Author::builder().name("Ada")).await?;
    /// # db.bulk_insert([("Emma", 474), ("Notes", 66)].map(|(title, n)| Book::builder().title(title).pages(n).author_id(&ada))).await?;
    /// let pairs: Vec<(Author, Book)> = db
    ///     .select::<Author>()
    ///     .join_related(|a| a.books)
    ///     .filter(|a, b| a.name.ne(b.title) & b.pages.gt(50))
    ///     .order(|a, b| (b.pages.desc(), a.name.asc()))
    ///     .fetch_all()
    ///     .await?;
    /// assert_eq!(pairs.iter().map(|(_, book)| book.pages).collect::<Vec<_>>(), [474, 66]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// The relation may be many-to-many, and may start from the row that a to-one relation leads to, `|b| b.author.books`. With
    /// `filter` and `limit` only some of the related rows are joined: `|a| a.books.order(|b| b.printed.desc()).limit(3)` joins
    /// the three newest of each. Rows that are deleted softly are left out on both sides.
    ///
    /// A [`limit`](Self::limit) before is about the rows of the model, a later one about the pairs; the order so far stays.
    /// From the side of a foreign key the same is `select_related`: `db.select::<Book>().select_related(|b| b.author)`.
    pub fn join_related<R: RelatedRows<M>>(self, relation: impl FnOnce(&M::Columns<M>) -> R) -> Both<'s, M, S, R, One>
    where
        S::Parts: Append<Part<M, R, One>, Output: AtMostSixteen>,
    {
        self.joined(relation, true)
    }

    /// As [`join_related`](Self::join_related), but a row without related rows comes once, with `None`: an `Author` becomes an
    /// `(Author, Option<Book>)`. A condition on which related rows are meant belongs in the relation,
    /// `|a| a.books.filter(|b| b.pages.gt(300))`: a `filter` of the chain on the columns of the related row leaves out the rows
    /// that have none.
    pub fn left_join_related<R: RelatedRows<M>>(
        self,
        relation: impl FnOnce(&M::Columns<M>) -> R,
    ) -> Both<'s, M, S, R, Optional>
    where
        S::Parts: Append<Part<M, R, Optional>, Output: AtMostSixteen>,
    {
        self.joined(relation, false)
    }

    fn joined<R: RelatedRows<M>, C: AtMostOne>(
        self,
        relation: impl FnOnce(&M::Columns<M>) -> R,
        inner: bool,
    ) -> Both<'s, M, S, R, C>
    where
        S::Parts: Append<Part<M, R, C>, Output: AtMostSixteen>,
    {
        let rows = relation(M::Columns::<M>::COLUMNS).into_rows().into_query();
        let rows = if rows.is_unlimited() { rows } else { rows.ordered() };
        let mut chain = self.select();
        let path = OneOf::<R::From, R::Relation, C>::EACH;
        chain.query.join(Beside { path, rows, inner });
        SelectBoth::new(chain.append((Related::new(path),)))
    }

    /// Loads the first of the related rows beside each row, in the order of the relation: with
    /// `.with_first(|a| a.books.order(|b| b.printed.desc()))` an `Author` becomes an `(Author, Option<Book>)` with the newest
    /// book. Each row comes once, and it is one statement. Further calls add further rows, of the same relation too.
    ///
    /// ```
    /// use sqliter::prelude::*;
    ///
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # #[model(has_many(books = Book::author))]
    /// # struct Author { pk: Key<Author>, name: String }
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # struct Book { pk: Key<Book>, title: String, printed: i64, author_id: Key<Author> }
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// # let db = Db::memory().await?;
    /// # db.create_tables::<(Author, Book)>().await?;
    /// # let ada = db.insert(Author::builder().name("Ada")).await?;
    /// # db.bulk_insert([("Emma", 1815), ("Zero", 1984)].map(|(title, n)| Book::builder().title(title).printed(n).author_id(&ada))).await?;
    /// let newest: Vec<(Author, Option<Book>)> =
    ///     db.select::<Author>().with_first(|a| a.books.order(|b| b.printed.desc())).fetch_all().await?;
    /// assert_eq!(newest[0].1.as_ref().map(|book| book.title.as_str()), Some("Zero"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Without an order it is the row with the least key. To filter and sort by columns of that row, the chain
    /// has [`first`](crate::bounds::Prefetch::first), `.filter(|a| a.books.order(|b| b.printed.desc()).first(|b| b.title).eq("Emma"))`; for
    /// several columns of it, `left_join_related` with `limit(1)` reads it once:
    /// `.left_join_related(|a| a.books.order(|b| b.printed.desc()).limit(1)).order(|a, b| b.printed.desc())`.
    pub fn with_first<R: RelatedRows<M>>(
        self,
        relation: impl FnOnce(&M::Columns<M>) -> R,
    ) -> Select<'s, M, Grown<S::Parts, Part<M, R, Optional>>>
    where
        S::Parts: Append<Part<M, R, Optional>, Output: AtMostSixteen>,
    {
        let rows = relation(M::Columns::<M>::COLUMNS).into_rows().into_query().ordered().single();
        let mut chain = self.select();
        let path = FirstOf::<R::From, R::Relation>::after(chain.query.beside.len());
        chain.query.join(Beside { path, rows, inner: false });
        chain.append((Related::new(path),))
    }
}
