//! Views: structs that say what is loaded of a row.

use std::any::{Any, TypeId, type_name};
use std::cell::RefCell;
use std::fmt;
use std::marker::PhantomData;

use super::shape::{Load, Shape, unfinished};
use super::{Entity, GivesRows, OneStatement};
use crate::engine::{Connection, RowRef};
use crate::error::{Error, Result};
use crate::expr::PerRow;
use crate::model::{Model, PathTo};
use crate::sql::ast::Selected;

/// What a row of the model `M` can be loaded as: the model itself, or a struct that derives [`View`](crate::View) and says
/// by its fields what is loaded. There is no other way to implement it that is supported.
///
/// ```
/// use sqliter::prelude::*;
///
/// #[derive(Debug, Clone, PartialEq, Model)]
/// #[model(has_many(books = Book::author))]
/// struct Author {
///     pk: Key<Author>,
///     name: String,
///     email: String,
/// }
///
/// #[derive(Debug, Clone, PartialEq, Model)]
/// struct Book {
///     pk: Key<Book>,
///     title: String,
///     pages: i64,
///     author_id: Key<Author>,
/// }
///
/// #[derive(Debug, PartialEq, View)]
/// #[view(Author)]
/// struct AuthorCard {
///     name: String,
///     #[view(filter = |b| b.pages.gt(100), order = |b| b.pages.desc(), limit = 3)]
///     books: Vec<BookLine>,
///     #[view(count, relation = books)]
///     written: i64,
/// }
///
/// #[derive(Debug, PartialEq, View)]
/// #[view(Book)]
/// struct BookLine {
///     title: String,
///     #[view(with = |b| b.pages.gt(500))]
///     long: bool,
/// }
///
/// # #[tokio::main]
/// # async fn main() -> sqliter::Result<()> {
/// let db = Db::memory().await?;
/// db.create_tables::<(Author, Book)>().await?;
/// let jane = db.insert(Author::builder().name("Jane").email("jane@example.org")).await?;
/// db.insert(Book::builder().title("Emma").pages(474).author_id(&jane)).await?;
///
/// let cards: Vec<AuthorCard> = db.select::<Author>().order(|a| a.name.asc()).view::<AuthorCard>().fetch_all().await?;
/// let emma = BookLine { title: "Emma".to_owned(), long: false };
/// assert_eq!(cards, [AuthorCard { name: "Jane".to_owned(), books: vec![emma], written: 1 }]);
/// # Ok(())
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither the model `{M}` nor a view of it",
    label = "a row of `{M}` cannot be loaded as this",
    note = "a row of `{M}` is loaded as `{M}` itself, or as a struct with `#[derive(View)]` and `#[view({M})]`",
    note = "a related row is an `Option` only where there may be none; several related rows are a `Vec`"
)]
pub trait View<M: Model>: Sized + Send + 'static {
    /// What [`view_with`](crate::Select::view_with) takes: the type of the argument in `#[view(args(…))]`, of several a
    /// tuple of them, else `()`.
    type Arguments;
    /// Whether further statements are needed.
    #[doc(hidden)]
    type Statements: Statements + 'static;

    /// What is loaded of the row at the end of a path.
    #[doc(hidden)]
    fn shape<P: PathTo<M>>(arguments: Self::Arguments) -> AsView<M, Self>;
}

/// How many statements a view takes: one, or further ones for its to-many relations.
pub trait Statements {
    /// Whether there are further ones.
    const FURTHER: bool;
}

/// Whether further statements are needed, as a type.
#[derive(Debug)]
pub struct Further<const ANY: bool>;

impl<const ANY: bool> Statements for Further<ANY> {
    const FURTHER: bool = ANY;
}

/// Whether the shape that the function gives needs further statements. For generated code.
pub const fn deferred<M, A, S: Shape<M>>(_: fn(A) -> S) -> bool {
    S::DEFERRED
}

#[diagnostic::do_not_recommend]
impl<M: Model> View<M> for M {
    type Arguments = ();
    type Statements = Further<false>;

    fn shape<P: PathTo<M>>((): ()) -> AsView<M, M> {
        Viewed::new(Entity::<P>::new(), |row| row)
    }
}

/// A row as a view, as the third parameter of a chain: `Select<'_, Issue, AsView<Issue, IssueCard>>`.
pub type AsView<M, V> = Viewed<M, V, <V as View<M>>::Statements>;

/// A row as the view `V`, by the number of statements `N`. What the view is made of is left out of the type, so that a chain has one
/// that can be written down, as [`AsView`].
pub struct Viewed<M, V, N> {
    parts: Box<dyn Parts<V>>,
    types: PhantomData<fn() -> (M, N)>,
}

impl<M: Model, V: Send + 'static, N> Viewed<M, V, N> {
    /// As [`new`](Self::new), of a view that the derive has written. One that contains itself, through others, has no end: it is an
    /// error when it is loaded.
    #[doc(hidden)]
    pub fn of<S: Shape<M>>(parts: impl FnOnce() -> S, build: fn(S::Output) -> V) -> Self {
        match Begun::new(TypeId::of::<V>()) {
            Some(_begun) => Self::new(parts(), build),
            None => Self { parts: Box::new(Endless), types: PhantomData },
        }
    }

    /// Loads the parts, and makes the view of what they give.
    #[doc(hidden)]
    pub fn new<S: Shape<M>>(parts: S, build: fn(S::Output) -> V) -> Self {
        Self { parts: Box::new(Built { parts, build, model: PhantomData::<fn() -> M> }), types: PhantomData }
    }
}

impl<M, V, N> Clone for Viewed<M, V, N> {
    fn clone(&self) -> Self {
        Self { parts: self.parts.copy(), types: PhantomData }
    }
}

impl<M, V, N> fmt::Debug for Viewed<M, V, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Viewed")
    }
}

/// What is read of a row for a view.
pub enum CellOf<V> {
    /// All of it.
    Ready(V),
    /// The cells of its parts, which further statements complete.
    Unfinished(Box<dyn Any + Send>),
}

/// The shape that a view is made of, whichever it is.
trait Parts<V>: Send + Sync {
    fn copy(&self) -> Box<dyn Parts<V>>;
    fn columns(&self, columns: &mut Vec<Selected>);
    fn width(&self) -> usize;
    fn prepare(&mut self, columns: &[Selected], start: usize) -> Result<()>;
    fn decode(&self, row: &RowRef<'_>, position: &mut usize) -> Result<CellOf<V>>;
    fn finish(&self, connection: &mut Connection, cells: Vec<CellOf<V>>) -> Result<Vec<V>>;
}

thread_local! {
    /// The views that are put together on this thread, each inside the one before.
    static BEGUN: RefCell<Vec<TypeId>> = const { RefCell::new(Vec::new()) };
}

/// A view that is put together, until this is dropped.
struct Begun;

impl Begun {
    /// `None` of a view that this one is inside of.
    fn new(view: TypeId) -> Option<Self> {
        BEGUN.with_borrow_mut(|begun| {
            let is_new = !begun.contains(&view);
            is_new.then(|| {
                begun.push(view);
                Self
            })
        })
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        BEGUN.with_borrow_mut(|begun| {
            begun.pop();
        });
    }
}

/// The parts of a view that contains itself.
struct Endless;

impl<V: Send + 'static> Parts<V> for Endless {
    fn copy(&self) -> Box<dyn Parts<V>> {
        Box::new(Self)
    }

    fn columns(&self, _: &mut Vec<Selected>) {}

    fn width(&self) -> usize {
        0
    }

    fn prepare(&mut self, _: &[Selected], _: usize) -> Result<()> {
        Err(Error::EndlessView { view: type_name::<V>() })
    }

    fn decode(&self, _: &RowRef<'_>, _: &mut usize) -> Result<CellOf<V>> {
        Err(Error::EndlessView { view: type_name::<V>() })
    }

    fn finish(&self, _: &mut Connection, _: Vec<CellOf<V>>) -> Result<Vec<V>> {
        Err(Error::EndlessView { view: type_name::<V>() })
    }
}

struct Built<M, S: Shape<M>, V> {
    parts: S,
    build: fn(S::Output) -> V,
    model: PhantomData<fn() -> M>,
}

impl<M: Model, S: Shape<M>, V: Send + 'static> Parts<V> for Built<M, S, V> {
    fn copy(&self) -> Box<dyn Parts<V>> {
        Box::new(Self { parts: self.parts.clone(), build: self.build, model: PhantomData })
    }

    fn columns(&self, columns: &mut Vec<Selected>) {
        self.parts.columns(columns);
    }

    fn width(&self) -> usize {
        self.parts.width()
    }

    fn prepare(&mut self, columns: &[Selected], start: usize) -> Result<()> {
        self.parts.prepare(columns, start)
    }

    fn decode(&self, row: &RowRef<'_>, position: &mut usize) -> Result<CellOf<V>> {
        let cell = self.parts.decode(row, position)?;
        if S::DEFERRED {
            return Ok(CellOf::Unfinished(Box::new(cell)));
        }
        Ok(CellOf::Ready((self.build)(self.parts.ready(cell).unwrap_or_else(unfinished))))
    }

    fn finish(&self, connection: &mut Connection, cells: Vec<CellOf<V>>) -> Result<Vec<V>> {
        let mut done = Vec::new();
        let mut begun = Vec::new();
        for cell in cells {
            match cell {
                CellOf::Ready(view) => done.push(view),
                CellOf::Unfinished(cell) => begun.push(*cell.downcast::<S::Cell>().unwrap_or_else(|_| unfinished())),
            }
        }
        if S::DEFERRED {
            done.extend(self.parts.finish(connection, begun)?.into_iter().map(self.build));
        }
        Ok(done)
    }
}

impl<M: Model, V: Send + 'static, N: Statements + 'static> Shape<M> for Viewed<M, V, N> {
    type Cell = CellOf<V>;
    type Output = V;
    const DEFERRED: bool = N::FURTHER;

    fn columns(&self, columns: &mut Vec<Selected>) {
        self.parts.columns(columns);
    }

    fn width(&self) -> usize {
        self.parts.width()
    }

    fn prepare(&mut self, columns: &[Selected], start: usize) -> Result<()> {
        self.parts.prepare(columns, start)
    }

    /// The columns of the model do not stand at the start of the row.
    fn decode(&self, row: &RowRef<'_>, position: &mut usize) -> Result<CellOf<V>> {
        self.parts.decode(&row.at(&[]), position)
    }

    fn ready(&self, cell: CellOf<V>) -> Option<V> {
        match cell {
            CellOf::Ready(view) => Some(view),
            CellOf::Unfinished(_) => None,
        }
    }

    fn finish(&self, connection: &mut Connection, cells: Vec<CellOf<V>>) -> Result<Vec<V>> {
        self.parts.finish(connection, cells)
    }
}

impl<M: Model, V: Send + 'static, N: Statements + 'static> Load<M> for Viewed<M, V, N> {
    type Level = PerRow;
    type Parts = (Entity<M>,);
    type Items = ();
}

#[diagnostic::do_not_recommend]
impl<M: Model, V: Send + 'static, N: Statements + 'static> GivesRows<M> for Viewed<M, V, N> {}

#[diagnostic::do_not_recommend]
impl<M: Model, V: Send + 'static> OneStatement<M> for Viewed<M, V, Further<false>> {}
