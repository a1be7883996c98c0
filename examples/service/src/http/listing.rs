//! Lists as a request asks for them: filtered, sorted, a page at a time.

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use serde::Deserialize;
use sqliter::bounds::GivesRows;
use sqliter::prelude::*;
use sqliter::{Cursor, Page, Select};
use utoipa::IntoParams;

use crate::error::{AppError, AppResult};

/// How many rows a page has that says nothing of its size, and at most.
const ROWS: u64 = 20;
const MOST_ROWS: u64 = 200;

/// Which page of a list, and how it is sorted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// What to sort by, with a `-` before what is sorted downwards: `-published,title`.
    pub sort: Option<String>,
    /// The `next` of the page before this one.
    #[param(value_type = Option<String>)]
    pub after: Option<Cursor>,
    /// The `previous` of the page behind this one.
    #[param(value_type = Option<String>)]
    pub before: Option<Cursor>,
    /// How many rows; 20 if it is not said, and 200 at most.
    pub size: Option<u64>,
    /// Whether to count the rows of all pages too.
    pub total: Option<bool>,
}

/// The parameters of [`Paging`], which are no filters.
pub const PAGING: [&str; 5] = ["sort", "after", "before", "size", "total"];

/// The query string of a list.
pub struct Listing {
    /// The whole of it, for `filter_by`.
    pub query: String,
    pub paging: Paging,
}

impl<S: Send + Sync> FromRequestParts<S> for Listing {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> AppResult<Self> {
        let paging = Query::<Paging>::try_from_uri(&parts.uri);
        let Query(paging) = paging.map_err(|error| AppError::Request(error.status(), error.body_text()))?;
        Ok(Self { query: parts.uri.query().unwrap_or_default().to_owned(), paging })
    }
}

/// The page of a chain that is filtered and sorted.
pub async fn page<M: Model, S: GivesRows<M>>(
    chain: Select<'_, M, S>,
    paging: Paging,
) -> sqliter::Result<Page<S::Output>> {
    let rows = paging.size.unwrap_or(ROWS).clamp(1, MOST_ROWS);
    let page = match paging.before {
        Some(before) => chain.page_before(Some(before), rows),
        None => chain.page_after(paging.after, rows),
    };
    if paging.total.unwrap_or(false) { page.with_total().await } else { page.await }
}
