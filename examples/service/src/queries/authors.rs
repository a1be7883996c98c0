//! Authors, with what they wrote.

use std::sync::LazyLock;

use serde::Serialize;
use sqliter::prelude::*;
use sqliter::{Filters, Page, Sorting};
use utoipa::ToSchema;

use super::books::BookName;
use crate::http::Listing;
use crate::models::*;

/// An author beside a book.
#[derive(Debug, Serialize, ToSchema, View)]
#[view(Author)]
pub struct AuthorName {
    pk: Key<Author>,
    name: String,
}

/// A line of the list of authors.
#[derive(Debug, Serialize, ToSchema, View)]
#[view(Author)]
pub struct AuthorLine {
    #[view(flatten)]
    #[serde(flatten)]
    author: Author,
    #[view(count)]
    books: i64,
}

/// An author with all books, the newest first.
#[derive(Debug, Serialize, ToSchema, View)]
#[view(Author)]
pub struct AuthorDetail {
    #[view(flatten)]
    #[serde(flatten)]
    author: Author,
    #[view(order = |b| (b.published.desc(), b.title.asc()))]
    books: Vec<BookName>,
    #[view(with = |a| a.books.then(|b| b.reviews).aggregate(|r| r.stars.avg()))]
    rating: Option<f64>,
}

static FILTERS: LazyLock<Filters<Author>> = LazyLock::new(|| {
    Filters::<Author>::new()
        .icontains("name", |a| a.name)
        .ge("born_from", |a| a.born)
        .le("born_to", |a| a.born)
        .exists("has_books", |a| a.books)
});

static SORTING: LazyLock<Sorting<Author>> = LazyLock::new(|| {
    Sorting::<Author>::new()
        .by("name", |a| a.name)
        .by("born", |a| a.born.asc().nulls_last())
        .by("books", |a| a.books.count())
});

pub async fn list(s: &Session, listing: Listing) -> sqliter::Result<Page<AuthorLine>> {
    let authors = s.select::<Author>().filter_by(&FILTERS, &listing)?;
    let authors = authors.order_by(&SORTING, listing.sort_or("name"))?;
    listing.page_of(authors.view::<AuthorLine>()).await
}

pub async fn detail(s: &Session, author: Key<Author>) -> sqliter::Result<AuthorDetail> {
    s.select::<Author>().filter(|a| a.pk.eq(author)).view::<AuthorDetail>().fetch_required().await
}
