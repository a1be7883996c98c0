//! What the query string of a request for a list says.

use std::str::FromStr;

use crate::error::{Error, ParameterProblem, Result};
use crate::model::Model;
use crate::query::{Cursor, GivesRows, PageQuery, Parameters, Select, SelectTogether, Unites};

/// What a request for a list asks for in its query string: which page, in which order, and which rows.
///
/// | parameter | what it is |
/// |---|---|
/// | `sort` | the order, for [`Select::order_by`]; without it, [`sort_or`](Self::sort_or) says which |
/// | `after` | [`Page::next`](crate::Page::next) of another page: the rows that come after that page |
/// | `before` | [`Page::previous`](crate::Page::previous) of another page: the rows that come before it |
/// | `limit` | how many rows the page may have; [`page_of`](Self::page_of) says how many it may have at most |
/// | all others | filters, for [`Select::filter_by`], which refuses those that it does not know |
///
/// A parameter without a value, as forms send it, counts as absent. It is read with `query.parse()`; with the feature `axum` it is an
/// extractor, whose errors are responses 422 that name the parameter.
///
/// ```
/// use std::sync::LazyLock;
///
/// use sqliter::prelude::*;
/// use sqliter::web::ListRequest;
/// use sqliter::{Filters, Page, Sorting};
///
/// # #[derive(Debug, Clone, PartialEq, Model)]
/// # struct Book { pk: Key<Book>, title: String, pages: i64 }
/// static FILTERS: LazyLock<Filters<Book>> = LazyLock::new(|| Filters::<Book>::new().gt("pages_over", |b| b.pages));
/// static SORTING: LazyLock<Sorting<Book>> = LazyLock::new(|| Sorting::<Book>::new().by("title", |b| b.title));
///
/// // With axum: `async fn books(State(db): State<Db>, request: ListRequest) -> sqliter::Result<Json<Page<Book>>>`.
/// async fn books(db: &Db, request: ListRequest) -> sqliter::Result<Page<Book>> {
///     let books = db.select::<Book>().filter_by(&FILTERS, &request)?.order_by(&SORTING, request.sort_or("title"))?;
///     request.page_of(books, 100).await
/// }
///
/// # #[tokio::main]
/// # async fn main() -> sqliter::Result<()> {
/// # let db = Db::memory().await?;
/// # db.create_table::<Book>().await?;
/// # db.bulk_insert([("Emma", 500), ("Persuasion", 300), ("Lady Susan", 90)].map(|(t, p)| Book::builder().title(t).pages(p))).await?;
/// let first = books(&db, "pages_over=100&sort=-title&limit=1".parse()?).await?;
/// assert_eq!(first.rows[0].title, "Persuasion");
/// let next = format!("pages_over=100&sort=-title&limit=1&after={}", first.next.unwrap());
/// assert_eq!(books(&db, next.parse()?).await?.rows[0].title, "Emma");
///
/// let error = "limit=many".parse::<ListRequest>().unwrap_err();
/// assert_eq!(error.to_string(), "the request does not fit: limit=many: must be a whole number from 0");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct ListRequest {
    /// The order, as the request writes it.
    pub sort: Option<String>,
    /// Where the page begins.
    pub after: Option<Cursor>,
    /// Where the page ends.
    pub before: Option<Cursor>,
    /// How many rows the page may have.
    pub limit: Option<u64>,
    /// The other parameters, decoded.
    filters: Vec<(String, String)>,
}

impl ListRequest {
    /// The order that the request asks for, or another one where it asks for none.
    pub fn sort_or<'a>(&'a self, order: &'a str) -> &'a str {
        self.sort.as_deref().unwrap_or(order)
    }

    /// The page of the chain that the request asks for, by [`Select::page_after`] or [`page_before`](Select::page_before): of as
    /// many rows as the request wants, and never of more than `most`; of `most` where it does not say.
    ///
    /// # Errors
    ///
    /// As those; [`Error::Cursor`] when the cursor belongs to another order than the request asks for.
    pub fn page_of<'s, C: HasPages<'s>>(&self, chain: C, most: u64) -> PageQuery<'s, C::Row> {
        let rows = self.limit.unwrap_or(most).min(most);
        match &self.before {
            Some(before) => chain.page_before(Some(before.clone()), rows),
            None => chain.page_after(self.after.clone(), rows),
        }
    }
}

/// Reads a query string, as it stands in the URL.
impl FromStr for ListRequest {
    type Err = Error;

    fn from_str(query: &str) -> Result<Self> {
        let mut request = Self::default();
        let mut problems = Vec::new();
        let mut refuse = |parameter: &str, value: &str, reason: String| {
            let (parameter, value) = (parameter.to_owned(), value.to_owned());
            problems.push(ParameterProblem { parameter, value, reason, allowed: Vec::new() });
        };
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let (name, value) = (&*name, &*value);
            let is_new = match name {
                "sort" | "after" | "before" | "limit" if value.is_empty() => true,
                "sort" => request.sort.replace(value.to_owned()).is_none(),
                "limit" => match value.parse() {
                    Ok(limit) => request.limit.replace(limit).is_none(),
                    Err(_) => {
                        refuse(name, value, "must be a whole number from 0".to_owned());
                        true
                    }
                },
                "after" | "before" => match value.parse() {
                    Ok(cursor) => {
                        let place = if name == "after" { &mut request.after } else { &mut request.before };
                        place.replace(cursor).is_none()
                    }
                    Err(error) => {
                        refuse(name, value, cursor_text(&error));
                        true
                    }
                },
                _ => {
                    request.filters.push((name.to_owned(), value.to_owned()));
                    true
                }
            };
            if !is_new {
                refuse(name, value, "is there twice".to_owned());
            }
        }
        if let (Some(_), Some(before)) = (&request.after, &request.before) {
            refuse(
                "before",
                &before.to_string(),
                "a page has no other edge than after already says: leave out one".to_owned(),
            );
        }
        if problems.is_empty() { Ok(request) } else { Err(Error::Parameters { problems }) }
    }
}

fn cursor_text(error: &Error) -> String {
    match error {
        Error::Cursor { reason } => format!("must be what a page gave as next or previous: {reason}"),
        other => other.to_string(),
    }
}

/// The filters: all but `sort`, `after`, `before` and `limit`.
impl Parameters for ListRequest {
    fn each(&self, give: &mut dyn FnMut(&str, &str)) {
        self.filters.each(give);
    }
}

/// A chain that can be read page by page.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no pages",
    label = "expected a chain whose rows come once each",
    note = "chains of `select` and of `union` have pages; pairs, groups and distinct values have none: read them by `limit` and `offset`"
)]
pub trait HasPages<'s> {
    /// What a row becomes.
    type Row;

    /// As [`Select::page_after`].
    #[doc(hidden)]
    fn page_after(self, cursor: Option<Cursor>, rows: u64) -> PageQuery<'s, Self::Row>;

    /// As [`Select::page_before`].
    #[doc(hidden)]
    fn page_before(self, cursor: Option<Cursor>, rows: u64) -> PageQuery<'s, Self::Row>;
}

#[diagnostic::do_not_recommend]
impl<'s, M: Model, S: GivesRows<M>, P> HasPages<'s> for Select<'s, M, S, P> {
    type Row = S::Output;

    fn page_after(self, cursor: Option<Cursor>, rows: u64) -> PageQuery<'s, S::Output> {
        Self::page_after(self, cursor, rows)
    }

    fn page_before(self, cursor: Option<Cursor>, rows: u64) -> PageQuery<'s, S::Output> {
        Self::page_before(self, cursor, rows)
    }
}

#[diagnostic::do_not_recommend]
impl<'s, M: Model, S: Unites<M>> HasPages<'s> for SelectTogether<'s, M, S> {
    type Row = S::Output;

    fn page_after(self, cursor: Option<Cursor>, rows: u64) -> PageQuery<'s, S::Output> {
        Self::page_after(self, cursor, rows)
    }

    fn page_before(self, cursor: Option<Cursor>, rows: u64) -> PageQuery<'s, S::Output> {
        Self::page_before(self, cursor, rows)
    }
}
