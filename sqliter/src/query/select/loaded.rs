//! What a chain loads of its rows, and beside them.

use std::marker::PhantomData;

use super::{Grown, Select};
use crate::expr::{Computed, Counted};
use crate::model::{Columns, Model};
use crate::query::selection::expressions;
use crate::query::{
    Append, AsRow, AsView, AtMostSixteen, Excluded, Excludes, GivesRows, JoinedSet, Load, LoadsModels, NoPairs,
    OneStatement, PrefetchedSet, Projection, Records, Selection, SingleSelection, Takes, View,
};
use crate::row::Row;

/// The number of related rows beside each row.
type Count<M> = (Computed<M, i64>,);

/// What is loaded of the rows, beside them, or left out.
impl<'s, M: Model, S: Load<M>, P> Select<'s, M, S, P> {
    /// Loads one column, or one computed value, instead of the whole model.
    pub fn only<V: SingleSelection<M>>(
        self,
        column: impl FnOnce(&M::Columns<M>) -> V,
    ) -> Select<'s, M, Projection<M, V>>
    where
        S: GivesRows<M>,
    {
        self.reshaped(Projection::new(column(M::Columns::<M>::COLUMNS)))
    }

    /// Loads a tuple of columns and computed values instead of the whole model.
    pub fn fields<V: Selection<M>>(self, columns: impl FnOnce(&M::Columns<M>) -> V) -> Select<'s, M, Projection<M, V>>
    where
        S: GivesRows<M>,
    {
        self.reshaped(Projection::new(columns(M::Columns::<M>::COLUMNS)))
    }

    /// Gives each row, or each group, as a struct that derives [`Row`](crate::Row): its fields are filled by the names of
    /// what the chain selects. A column is called by its own name, `count()` is `count`, `s.amount.sum()` is
    /// `sum_amount`, and whatever has an [`alias`](crate::bounds::Computed::alias) is called by that.
    ///
    /// ```
    /// use sqliter::Row;
    /// use sqliter::prelude::*;
    ///
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # struct Sale { pk: Key<Sale>, country: String, amount: f64 }
    /// #[derive(Debug, PartialEq, Row)]
    /// struct CountryTotal {
    ///     country: String,
    ///     total: Option<f64>,
    /// }
    ///
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// # let db = Db::memory().await?;
    /// # db.create_table::<Sale>().await?;
    /// # db.insert(Sale::builder().country("at").amount(1.5)).await?;
    /// let totals: Vec<CountryTotal> = db
    ///     .select::<Sale>()
    ///     .group_by(|s| s.country)
    ///     .annotate(|s| s.amount.sum().alias("total"))
    ///     .into_rows::<CountryTotal>()
    ///     .fetch_all()
    ///     .await?;
    /// assert_eq!(totals, [CountryTotal { country: "at".to_owned(), total: Some(1.5) }]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// A field without its column is [`Error::MissingColumn`](crate::Error::MissingColumn) when the query runs.
    /// For rows of a model rather than groups, [`view`](Self::view) goes by the columns and relations of the model, which the compiler checks.
    pub fn into_rows<R: Row>(self) -> Select<'s, M, AsRow<S, R>>
    where
        S: OneStatement<M>,
    {
        let Self { session, query, shape, .. } = self;
        Select { session, query, shape: AsRow::of(shape), pairs: NoPairs, model: PhantomData }
    }

    /// Loads each row as a struct that derives [`View`](macro@crate::View): its fields say what is loaded, here of the row, of
    /// related rows and beside them. Only that is read: by one statement for the row and its to-one relations, and one more for
    /// each to-many relation, whatever the number of rows, all of one moment. It replaces what
    /// [`select_related`](Self::select_related) and the like load.
    ///
    /// ```
    /// use sqliter::prelude::*;
    ///
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # struct Author { pk: Key<Author>, name: String }
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # struct Book { pk: Key<Book>, title: String, text: String, author_id: Key<Author> }
    /// #[derive(Debug, PartialEq, View)]
    /// #[view(Book)]
    /// struct BookLine {
    ///     title: String,
    ///     #[view(with = |b| b.author.name)]
    ///     by: String,
    /// }
    ///
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// # let db = Db::memory().await?;
    /// # db.create_tables::<(Author, Book)>().await?;
    /// # let ada = db.insert(Author::builder().name("Ada")).await?;
    /// # db.insert(Book::builder().title("Notes").text("…").author_id(&ada)).await?;
    /// let lines: Vec<BookLine> = db.select::<Book>().view::<BookLine>().fetch_all().await?;
    /// assert_eq!(lines, [BookLine { title: "Notes".to_owned(), by: "Ada".to_owned() }]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn view<V: View<M, Arguments: Takes<()>>>(self) -> Select<'s, M, AsView<M, V>>
    where
        S: GivesRows<M>,
    {
        self.reshaped(V::shape::<M>(Takes::take(())))
    }

    /// As [`view`](Self::view), for a view that takes arguments: the argument, or a tuple of several.
    ///
    /// ```
    /// use sqliter::prelude::*;
    ///
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # struct User { pk: Key<User>, name: String }
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # struct Note { pk: Key<Note>, text: String, author_id: Key<User> }
    /// #[derive(Debug, PartialEq, View)]
    /// #[view(Note, args(reader: Key<User>))]
    /// struct NoteCard {
    ///     text: String,
    ///     #[view(with = |n| n.author_id.eq(reader))]
    ///     mine: bool,
    /// }
    ///
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// # let db = Db::memory().await?;
    /// # db.create_tables::<(User, Note)>().await?;
    /// # let ada = db.insert(User::builder().name("Ada")).await?;
    /// # db.insert(Note::builder().text("…").author_id(&ada)).await?;
    /// let card: NoteCard = db.select::<Note>().view_with::<NoteCard>(ada.pk).fetch_required().await?;
    /// assert!(card.mine);
    /// # Ok(())
    /// # }
    /// ```
    pub fn view_with<V: View<M>>(self, arguments: V::Arguments) -> Select<'s, M, AsView<M, V>>
    where
        S: GivesRows<M>,
    {
        self.reshaped(V::shape::<M>(arguments))
    }

    /// Loads all columns but these, as records. Further calls exclude further columns. Columns of related rows are
    /// not among those that are loaded, so excluding them changes nothing.
    ///
    /// ```
    /// # use sqliter::Value;
    /// # use sqliter::prelude::*;
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # struct User { pk: Key<User>, name: String, secret: String }
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// # let db = Db::memory().await?;
    /// # db.create_table::<User>().await?;
    /// # db.insert(User::builder().name("Ada").secret("x")).await?;
    /// let rows = db.select::<User>().exclude(|u| u.secret).fetch_dicts().await?;
    /// assert_eq!(rows[0].get("name"), Some(&Value::Text("Ada".to_owned())));
    /// assert_eq!(rows[0].get("secret"), None);
    /// # Ok(())
    /// # }
    /// ```
    pub fn exclude<V: Excluded<M>>(self, columns: impl FnOnce(&M::Columns<M>) -> V) -> Select<'s, M, Records<M>>
    where
        S: Excludes<M>,
    {
        let Self { session, query, shape, .. } = self;
        let mut shape = shape.into_records();
        shape.exclude(expressions::<M>(&columns(M::Columns::<M>::COLUMNS)));
        Select { session, query, shape, pairs: NoPairs, model: PhantomData }
    }

    /// Loads to-one relations beside each row, by joins in the same statement: a `Book` becomes a `(Book, Author)`,
    /// behind a nullable key a `(Book, Option<Author>)`. Further calls add further relations.
    ///
    /// A row whose required key leads to no row, which a program can leave behind that does not enforce foreign keys,
    /// is [`Error::MissingParent`](crate::Error::MissingParent) when it is fetched.
    pub fn select_related<R: JoinedSet<M>>(
        self,
        relations: impl FnOnce(&M::Columns<M>) -> R,
    ) -> Select<'s, M, Grown<S::Parts, R::Tuple>>
    where
        S: LoadsModels<M>,
        S::Parts: Append<R::Tuple, Output: AtMostSixteen>,
    {
        self.append(relations(M::Columns::<M>::COLUMNS).into_tuple())
    }

    /// Fetches to-many relations beside the rows, by one further statement for each relation, whatever the number of
    /// rows: an `Author` becomes an `(Author, Vec<Book>)`. All statements see the same state of the database. Further
    /// calls add further relations. A relation may start from the row that a to-one relation leads to, `|b| b.author.books`;
    /// where there is no such row, the list is empty.
    pub fn prefetch_related<R: PrefetchedSet<M>>(
        self,
        relations: impl FnOnce(&M::Columns<M>) -> R,
    ) -> Select<'s, M, Grown<S::Parts, R::Tuple>>
    where
        S: LoadsModels<M>,
        S::Parts: Append<R::Tuple, Output: AtMostSixteen>,
    {
        self.append(relations(M::Columns::<M>::COLUMNS).into_tuple())
    }

    /// Counts related rows beside each row, by a subquery for each count, so that several do not multiply each other:
    /// an `Author` becomes an `(Author, i64)`. The path may lead over to-one relations, and by
    /// [`then`](crate::relation::ToMany::then) over several to-many ones.
    ///
    /// ```
    /// use sqliter::prelude::*;
    ///
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # #[model(has_many(books = Book::author))]
    /// # struct Author { pk: Key<Author>, name: String }
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # struct Book { pk: Key<Book>, title: String, author_id: Key<Author> }
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// # let db = Db::memory().await?;
    /// # db.create_tables::<(Author, Book)>().await?;
    /// # db.insert(Author::builder().name("Ada")).await?;
    /// let authors: Vec<(Author, i64)> = db
    ///     .select::<Author>()
    ///     .with_count(|a| a.books)
    ///     .order(|a| a.books.count().desc())
    ///     .fetch_all()
    ///     .await?;
    /// assert_eq!(authors[0].1, 0);
    /// # Ok(())
    /// # }
    /// ```
    pub fn with_count<C: Counted<M>>(
        self,
        related: impl FnOnce(&M::Columns<M>) -> C,
    ) -> Select<'s, M, Grown<S::Parts, Count<M>>>
    where
        S: LoadsModels<M>,
        S::Parts: Append<Count<M>, Output: AtMostSixteen>,
    {
        self.append((related(M::Columns::<M>::COLUMNS).counted(),))
    }

    /// Loads computed values beside each row: `.with_values(|a| a.books.aggregate(|b| b.pages.sum()))` makes an
    /// `(Author, Option<i64>)` of an `Author`.
    pub fn with_values<V: Selection<M>>(
        self,
        values: impl FnOnce(&M::Columns<M>) -> V,
    ) -> Select<'s, M, Grown<S::Parts, V::Tuple>>
    where
        S: LoadsModels<M>,
        S::Parts: Append<V::Tuple, Output: AtMostSixteen>,
    {
        self.append(values(M::Columns::<M>::COLUMNS).into_tuple())
    }

    /// Loads further parts beside each row.
    pub(super) fn append<T>(self, further: T) -> Select<'s, M, Grown<S::Parts, T>>
    where
        S: LoadsModels<M>,
        S::Parts: Append<T, Output: AtMostSixteen>,
    {
        let Self { session, query, shape, .. } = self;
        Select { session, query, shape: shape.into_parts().append(further), pairs: NoPairs, model: PhantomData }
    }
}
