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
/// | `limit` | how many rows the page may have |
/// | `total` | `true` to count the rows of all pages too, as [`Page::total`](crate::Page::total) |
/// | all others | filters, for [`Select::filter_by`], which refuses those that it does not know |
///
/// A parameter without a value, as forms send it, counts as absent. It is read with `query.parse()`; with the feature `axum` it is an
/// extractor, whose errors are responses 422 that name the parameter. With the feature `utoipa` it describes these five parameters in an
/// OpenAPI document: `params(ListRequest)`, with the filters of the program beside it.
///
/// A page has 20 rows where the request does not say how many, and never more than 100. Other numbers stand in the type:
/// `ListRequest<50, 1000>` gives 50 rows, and at most 1000. A program that has such numbers everywhere gives them a name:
/// `type List = ListRequest<50, 1000>;`.
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
///     request.page_of(books).await
/// }
///
/// # #[tokio::main]
/// # async fn main() -> sqliter::Result<()> {
/// # let db = Db::memory().await?;
/// # db.create_table::<Book>().await?;
/// # db.bulk_insert([("Emma", 500), ("Persuasion", 300), ("Lady Susan", 90)].map(|(t, p)| Book::builder().title(t).pages(p))).await?;
/// let first = books(&db, "pages_over=100&sort=-title&limit=1&total=true".parse()?).await?;
/// assert_eq!((first.rows[0].title.as_str(), first.total), ("Persuasion", Some(2)));
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
pub struct ListRequest<const ROWS: u64 = 20, const MOST_ROWS: u64 = 100> {
    /// The order, as the request writes it.
    pub sort: Option<String>,
    /// Where the page begins.
    pub after: Option<Cursor>,
    /// Where the page ends.
    pub before: Option<Cursor>,
    /// How many rows the page may have, as the request says; [`page_of`](Self::page_of) gives no more than the most.
    pub limit: Option<u64>,
    /// Whether to count the rows of all pages. That takes as long as counting takes: a handler of a large table that is not to
    /// count says `request.total = false`.
    pub total: bool,
    /// The other parameters, decoded.
    filters: Vec<(String, String)>,
}

impl<const ROWS: u64, const MOST_ROWS: u64> ListRequest<ROWS, MOST_ROWS> {
    /// The order that the request asks for, or another one where it asks for none.
    pub fn sort_or<'a>(&'a self, order: &'a str) -> &'a str {
        self.sort.as_deref().unwrap_or(order)
    }

    /// The page of the chain that the request asks for, by [`Select::page_after`] or [`page_before`](Select::page_before), with
    /// [the total](PageQuery::with_total) where it asks for it.
    ///
    /// # Errors
    ///
    /// As those; [`Error::Cursor`] when the cursor belongs to another order than the request asks for.
    pub fn page_of<'s, C: HasPages<'s>>(&self, chain: C) -> PageQuery<'s, C::Row> {
        const {
            assert!(
                ROWS <= MOST_ROWS,
                "a page has more rows without a limit than with one: write the larger number last"
            )
        }
        let rows = self.limit.unwrap_or(ROWS).min(MOST_ROWS);
        let page = match &self.before {
            Some(before) => chain.page_before(Some(before.clone()), rows),
            None => chain.page_after(self.after.clone(), rows),
        };
        if self.total { page.with_total() } else { page }
    }
}

/// Reads a query string, as it stands in the URL.
impl<const ROWS: u64, const MOST_ROWS: u64> FromStr for ListRequest<ROWS, MOST_ROWS> {
    type Err = Error;

    fn from_str(query: &str) -> Result<Self> {
        let mut request = Self::default();
        let mut read = Vec::new();
        let mut problems = Vec::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            if let Some(name) = NAMES.into_iter().find(|known| *known == name) {
                if value.is_empty() {
                    continue;
                }
                if read.contains(&name) {
                    problems.push(problem(name, &value, "is there twice"));
                    continue;
                }
                read.push(name);
            }
            problems.extend(request.read(&name, &value).err());
        }
        if let (Some(_), Some(before)) = (&request.after, &request.before) {
            let reason = "a page begins after one row or ends before one: leave out `after` or `before`";
            problems.push(problem("before", &before.to_string(), reason));
        }
        if problems.is_empty() { Ok(request) } else { Err(Error::Parameters { problems }) }
    }
}

/// The parameters that are no filters.
const NAMES: [&str; 5] = ["sort", "after", "before", "limit", "total"];

impl<const ROWS: u64, const MOST_ROWS: u64> ListRequest<ROWS, MOST_ROWS> {
    fn read(&mut self, name: &str, value: &str) -> Result<(), ParameterProblem> {
        let cursor = || value.parse::<Cursor>().map_err(|error| problem(name, value, cursor_text(&error)));
        match name {
            "sort" => self.sort = Some(value.to_owned()),
            "after" => self.after = Some(cursor()?),
            "before" => self.before = Some(cursor()?),
            "limit" => {
                let limit = value.parse().map_err(|_| problem(name, value, "must be a whole number from 0"))?;
                self.limit = Some(limit);
            }
            "total" => {
                self.total = match value {
                    "true" | "1" => true,
                    "false" | "0" => false,
                    _ => {
                        let allowed = vec!["true".to_owned(), "false".to_owned()];
                        return Err(ParameterProblem { allowed, ..problem(name, value, "must be one of true, false") });
                    }
                };
            }
            _ => self.filters.push((name.to_owned(), value.to_owned())),
        }
        Ok(())
    }
}

fn problem(parameter: &str, value: &str, reason: impl Into<String>) -> ParameterProblem {
    let (parameter, value) = (parameter.to_owned(), value.to_owned());
    ParameterProblem { parameter, value, reason: reason.into(), allowed: Vec::new() }
}

fn cursor_text(error: &Error) -> String {
    match error {
        Error::Cursor { reason } => format!("must be what a page gave as next or previous: {reason}"),
        other => other.to_string(),
    }
}

/// The filters: all but `sort`, `after`, `before`, `limit` and `total`.
impl<const ROWS: u64, const MOST_ROWS: u64> Parameters for ListRequest<ROWS, MOST_ROWS> {
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
