//! Lists as a request asks for them: filtered, sorted, a page at a time.

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use serde::Deserialize;
use sqliter::bounds::PageQuery;
use sqliter::web::{HasPages, ListRequest};
use utoipa::IntoParams;

use crate::error::{AppError, AppResult};

/// How many rows a page has that says nothing of its size, and at most.
const ROWS: u64 = 20;
const MOST_ROWS: u64 = 200;

/// What every list takes besides its filters, for the description of the routes.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code)]
pub struct Paging {
    /// What to sort by, with a `-` before what is sorted downwards: `-published,title`.
    sort: Option<String>,
    /// The `next` of the page before this one.
    after: Option<String>,
    /// The `previous` of the page behind this one.
    before: Option<String>,
    /// How many rows; 20 if it is not said, and 200 at most.
    limit: Option<u64>,
    /// Whether to count the rows of all pages too.
    total: Option<bool>,
}

/// The parameter that says whether to count, which is no filter.
pub const TOTAL: [&str; 1] = ["total"];

/// The query string of a list, as the library reads it, and whether to count.
pub struct Listing {
    pub request: ListRequest,
    total: bool,
}

#[derive(Deserialize)]
struct Counted {
    #[serde(default)]
    total: bool,
}

impl<S: Send + Sync> FromRequestParts<S> for Listing {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> AppResult<Self> {
        let counted = Query::<Counted>::try_from_uri(&parts.uri);
        let Query(Counted { total }) = counted.map_err(|error| AppError::field("total", error.body_text()))?;
        let mut request: ListRequest = parts.uri.query().unwrap_or_default().parse()?;
        request.limit.get_or_insert(ROWS);
        Ok(Self { request, total })
    }
}

impl Listing {
    /// The page of a chain that is filtered and sorted.
    pub fn page<'s, C: HasPages<'s>>(&self, chain: C) -> PageQuery<'s, C::Row> {
        let page = self.request.page_of(chain, MOST_ROWS);
        if self.total { page.with_total() } else { page }
    }
}
