//! Full-text searches as fields of the columns that closures get.

use std::fmt;
use std::marker::PhantomData;

use super::{Column, Computed, Condition, HoldsText};
use crate::column::{ColumnType, Nullability, NullabilityOf};
use crate::model::{Model, Path};
use crate::sql::ast::{self, Expr, SearchValue};
use crate::sql::words::IntoWords;
use crate::table::ColumnInfo;
use crate::value::Storage;

/// A model with a full-text search: one that says `#[model(search(title, body))]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no full-text search",
    label = "there is nothing to search in",
    note = "a model is searched when its struct says over which fields: `#[model(search(title, body))]`"
)]
pub trait HasSearch: Model {}

/// Column types that a full-text search is over: text, newtypes of it, and `Option`s of these.
#[diagnostic::on_unimplemented(
    message = "a search is over columns that hold text, and this one holds `{Self}`",
    label = "not a text column",
    note = "a number, a date or an enum is compared: `.filter(|b| b.pages.gt(100) & b.search.matches(words))`"
)]
pub trait Searched {}

#[diagnostic::do_not_recommend]
impl<T: HoldsText> Searched for T {}

/// Holds for the type of a column that a search is over. For generated code.
pub const fn searched<T: Searched>() {}

/// Holds for the type of a key by which a search finds rows. For generated code.
pub const fn found_by<T: ColumnType>() {
    if !matches!(T::STORAGE, Storage::Integer) {
        panic!(
            "a search finds rows by a key that is a whole number: give the model `pk: Key<Self>`, or a key of a type such as `i64`"
        );
    }
}

/// The full-text search of a model that is reached by the path `P`: the field `search` of its columns, where the model says
/// `#[model(search(title, body))]`. It has a field for each column that is searched.
///
/// ```
/// use sqliter::prelude::*;
///
/// #[derive(Debug, Clone, PartialEq, Model)]
/// #[model(search(title, body, tokenize = "unicode61 remove_diacritics 2"))]
/// struct Book {
///     pk: Key<Book>,
///     title: String,
///     body: Option<String>,
///     pages: i64,
/// }
///
/// # #[tokio::main]
/// # async fn main() -> sqliter::Result<()> {
/// # let db = Db::memory().await?;
/// db.create_table::<Book>().await?;
/// db.insert(Book::builder().title("Crème brûlée").body("Cream, eggs and sugar").pages(3)).await?;
///
/// // Whatever a user types is a search: there is no syntax that it could violate.
/// let typed = "creme AND (\"";
/// assert_eq!(db.select::<Book>().filter(|b| b.search.matches(typed)).count().await?, 1);
///
/// // The best first, with the piece of text that matches.
/// let found: Vec<(String, Option<String>)> = db
///     .select::<Book>()
///     .filter(|b| b.pages.lt(10))
///     .search(|b| b.search.matches("sugar creme"))
///     .fields(|b| (b.title, b.search.body.snippet("<b>", "</b>", "…", 8)))
///     .fetch_all()
///     .await?;
/// assert_eq!(found, [("Crème brûlée".to_owned(), Some("Cream, eggs and <b>sugar</b>".to_owned()))]);
/// # Ok(())
/// # }
/// ```
///
/// A row matches by what its columns hold now, whichever program wrote them. Rows that are deleted softly are found by
/// [`with_deleted`](crate::Select::with_deleted), as in any query.
pub struct Search<P>(PhantomData<fn() -> P>);

impl<P> fmt::Debug for Search<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Search")
    }
}

impl<P: Path> Search<P> {
    /// For generated code.
    #[doc(hidden)]
    pub const OF_PATH: &'static Self = &Self(PhantomData);

    /// Whether the row matches the words of a text, or what [`search`](mod@crate::search) makes of texts. A text alone means that all of
    /// its words must be there, in any of the columns, and one that has no word matches nothing.
    ///
    /// It is a condition like any other: beside others in `filter`, in `!` and `|`, in `any` of a related model.
    pub fn matches(&self, words: impl IntoWords) -> Condition<P::Root> {
        Condition::new(search_expr::<P>(SearchValue::Matches(words.into_words().into_query())))
    }

    /// How well the row matches, of a query that is filtered by [`matches`](Self::matches): by
    /// [bm25](https://www.sqlite.org/fts5.html#the_bm25_function), and below zero. The smaller the number is, the better the row
    /// matches, so that `.order(|b| b.search.rank().asc())` begins with the best.
    ///
    /// In a query that is not filtered so it is [`Error::NotSearched`](crate::Error::NotSearched).
    pub fn rank(&self) -> Computed<P::Root, <P::Nullability as Nullability>::Of<f64>> {
        Computed::new(search_expr::<P>(SearchValue::Rank(Vec::new())))
    }

    /// As [`rank`](Self::rank), with weights for columns: a match in a title may count ten times as much as one in the text,
    /// `b.search.weighted_rank([b.search.title.weight(10.0)])`. Columns that are not named weigh 1.
    pub fn weighted_rank(
        &self,
        weights: impl IntoIterator<Item = Weight<P>>,
    ) -> Computed<P::Root, <P::Nullability as Nullability>::Of<f64>> {
        let number = P::Model::TABLE.search.map_or(0, |search| search.columns.len());
        let mut all: Vec<f64> = vec![1.0; number];
        for weight in weights {
            if let Some(known) = all.get_mut(weight.number) {
                *known = weight.weight;
            }
        }
        let all =
            all.into_iter().map(|weight| Expr::value(crate::column::IntoValue::<f64>::into_value(weight), "a weight"));
        Computed::new(search_expr::<P>(SearchValue::Rank(all.collect())))
    }

    /// A piece of the text that matches best, whichever column has it, as [`SearchColumn::snippet`] gives it of one.
    pub fn snippet(
        &self,
        before: impl Into<String>,
        after: impl Into<String>,
        ellipsis: impl Into<String>,
        tokens: u8,
    ) -> Computed<P::Root, Option<String>> {
        let marks = [before.into(), after.into()];
        snippet::<P, _>(None, marks, ellipsis.into(), tokens)
    }
}

fn search_expr<P: Path>(what: SearchValue) -> Expr {
    let table = P::Model::TABLE;
    match &table.search {
        Some(info) => Expr::Search(Box::new(ast::Search { path: P::NODE, table, info, what })),
        // The columns of such a model have no search.
        None => Expr::never(),
    }
}

fn snippet<P: Path, T>(
    column: Option<usize>,
    marks: [String; 2],
    ellipsis: String,
    tokens: u8,
) -> Computed<P::Root, T> {
    let tokens = tokens.clamp(1, MOST_TOKENS);
    Computed::new(search_expr::<P>(SearchValue::Snippet { column, marks, ellipsis, tokens }))
}

/// SQLite takes no more for a snippet.
const MOST_TOKENS: u8 = 64;

/// What a text about a column of type `T` behind the path `P` is: an `Option` where the column may be `NULL`.
type TextOf<P, T> = <<<P as Path>::Nullability as Nullability>::And<NullabilityOf<T>> as Nullability>::Of<String>;

/// A column of a full-text search, reached by the path `P`, whose values are of type `T`.
pub struct SearchColumn<P, T> {
    column: Column<P, T>,
    /// Its position in the search.
    number: usize,
}

impl<P, T> Clone for SearchColumn<P, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P, T> Copy for SearchColumn<P, T> {}

impl<P, T> fmt::Debug for SearchColumn<P, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SearchColumn({})", self.column.info().name)
    }
}

impl<P, T> SearchColumn<P, T> {
    /// For generated code.
    #[doc(hidden)]
    pub const fn new(info: &'static ColumnInfo, number: usize) -> Self {
        Self { column: Column::new(info), number }
    }
}

impl<P: Path, T: ColumnType> SearchColumn<P, T> {
    /// Whether this column matches, as [`Search::matches`].
    pub fn matches(self, words: impl IntoWords) -> Condition<P::Root> {
        let words = words.into_words().in_column(self.column.info().name);
        Condition::new(search_expr::<P>(SearchValue::Matches(words.into_query())))
    }

    /// How much a match in this column counts in [`Search::weighted_rank`].
    pub const fn weight(self, weight: f64) -> Weight<P> {
        Weight { number: self.number, weight, path: PhantomData }
    }

    /// A piece of the text, of up to `words` words, around what matches: each match between `before` and `after`, and the
    /// `ellipsis` where the text goes on. There are 1 to 64 words; another number is replaced by the nearest of these.
    ///
    /// The text is given as it is: a program that shows it as HTML escapes it first, and puts tags in the place of the marks
    /// afterwards, `snippet("\u{1}", "\u{2}", "…", 20)`. In a query that is not filtered by `matches` it is
    /// [`Error::NotSearched`](crate::Error::NotSearched).
    pub fn snippet(
        self,
        before: impl Into<String>,
        after: impl Into<String>,
        ellipsis: impl Into<String>,
        tokens: u8,
    ) -> Computed<P::Root, TextOf<P, T>> {
        snippet::<P, _>(Some(self.number), [before.into(), after.into()], ellipsis.into(), tokens)
    }

    /// The whole text with each match between `before` and `after`. The text is given as it is, as by [`snippet`](Self::snippet), and
    /// asked for in such queries.
    pub fn highlight(self, before: impl Into<String>, after: impl Into<String>) -> Computed<P::Root, TextOf<P, T>> {
        let marks = [before.into(), after.into()];
        Computed::new(search_expr::<P>(SearchValue::Highlight { column: self.number, marks }))
    }
}

/// How much a match in a column counts, from [`SearchColumn::weight`].
#[derive(Debug)]
pub struct Weight<P> {
    number: usize,
    weight: f64,
    path: PhantomData<fn() -> P>,
}
