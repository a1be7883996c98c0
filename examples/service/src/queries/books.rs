//! Books: the list, the search, a book with all that belongs to it, reviews and covers.

use std::sync::LazyLock;

use chrono::NaiveDate;
use serde::Serialize;
use sqliter::prelude::*;
use sqliter::{Filters, Page, RowStream, Sorting, search};
use utoipa::ToSchema;

use super::authors::AuthorName;
use super::members::MemberName;
use super::stock::CopyOnShelf;
use super::subjects::SubjectName;
use crate::http::Listing;
use crate::models::*;

/// A book beside other things.
#[derive(Debug, Serialize, ToSchema, View)]
#[view(Book)]
pub struct BookName {
    pk: Key<Book>,
    title: String,
    published: Option<NaiveDate>,
}

/// A line of the list of books.
#[derive(Debug, Serialize, ToSchema, View)]
#[view(Book)]
pub struct BookLine {
    pk: Key<Book>,
    title: String,
    published: Option<NaiveDate>,
    language: Language,
    author: AuthorName,
    #[view(order = |s| s.name.asc())]
    subjects: Vec<SubjectName>,
    #[view(with = |b| b.reviews.aggregate(|r| r.stars.avg()))]
    rating: Option<f64>,
    /// How many copies there are, but for the lost ones.
    #[view(count, filter = |c| c.condition.ne(Condition::Lost))]
    copies: i64,
    /// Whether one of them is there.
    #[view(with = |b| b.copies.any(|c| c.condition.ne(Condition::Lost) & c.loans.none(|l| l.returned_on.is_null())))]
    available: bool,
}

/// A review with who wrote it.
#[derive(Debug, Serialize, ToSchema, View)]
#[view(Review)]
pub struct ReviewLine {
    #[view(flatten)]
    #[serde(flatten)]
    review: Review,
    member: MemberName,
}

#[derive(Debug, Serialize, ToSchema, View)]
#[view(Cover)]
pub struct CoverLine {
    media_type: String,
    updated_at: chrono::DateTime<chrono::Utc>,
}

/// A book with all that belongs to it.
#[derive(Debug, Serialize, ToSchema, View)]
#[view(Book)]
pub struct BookDetail {
    #[view(flatten)]
    #[serde(flatten)]
    pub book: Book,
    author: AuthorName,
    sequel_to: Option<BookName>,
    #[view(order = |b| b.published.asc())]
    sequels: Vec<BookName>,
    #[view(order = |s| s.name.asc())]
    subjects: Vec<SubjectName>,
    /// `null` if there is no picture at `/books/{book}/cover`.
    cover: Option<CoverLine>,
    copies: Vec<CopyOnShelf>,
    #[view(count, relation = reservations, filter = |r| r.fulfilled_on.is_null())]
    waiting: i64,
    #[view(with = |b| b.reviews.aggregate(|r| r.stars.avg()))]
    rating: Option<f64>,
    /// The newest five.
    #[view(order = |r| r.pk.desc(), limit = 5)]
    reviews: Vec<ReviewLine>,
}

/// What a list of books may be filtered by: `language=german,french&subject=poetry&available=true`.
static FILTERS: LazyLock<Filters<Book>> = LazyLock::new(|| {
    Filters::<Book>::new()
        .with("q", |b, word: String| b.title.icontains(word.clone()) | b.author.name.icontains(word))
        .eq("author", |b| b.author_id)
        .is_in("language", |b| b.language)
        .with("subject", |b, names: Vec<String>| b.subjects.any(|s| s.name.is_in(names)))
        .with("branch", |b, branch: Key<Branch>| b.copies.any(|c| c.branch_id.eq(branch)))
        .ge("published_from", |b| b.published)
        .le("published_to", |b| b.published)
        .with("available", |b, wanted: bool| {
            let here = b.copies.any(|c| c.condition.ne(Condition::Lost) & c.loans.none(|l| l.returned_on.is_null()));
            if wanted { here } else { !here }
        })
});

/// What it may be sorted by: `-rating,title`.
static SORTING: LazyLock<Sorting<Book>> = LazyLock::new(|| {
    Sorting::<Book>::new()
        .by("title", |b| b.title)
        .by("author", |b| b.author.name)
        .by("published", |b| b.published.asc().nulls_last())
        .by("pages", |b| b.pages.asc().nulls_last())
        .by("rating", |b| b.reviews.aggregate(|r| r.stars.avg()).asc().nulls_last())
        .by("loans", |b| b.copies.then(|c| c.loans).count())
        .by("created_at", |b| b.created_at)
});

pub async fn list(s: &Session, listing: Listing) -> sqliter::Result<Page<BookLine>> {
    let books = s.select::<Book>().filter_by(&FILTERS, &listing)?;
    let books = books.order_by(&SORTING, listing.sort_or("title"))?;
    listing.page_of(books.view::<BookLine>()).await
}

pub async fn detail(s: &Session, book: Key<Book>) -> sqliter::Result<BookDetail> {
    s.select::<Book>().filter(|b| b.pk.eq(book)).view::<BookDetail>().fetch_required().await
}

/// A book that a search has found.
#[derive(Debug, Serialize, ToSchema, View)]
#[view(Book)]
pub struct Found {
    pk: Key<Book>,
    title: String,
    #[view(with = |b| b.author.name)]
    author: String,
    /// The piece of text that matches, with the words in brackets.
    #[view(with = |b| b.search.summary.snippet("[", "]", "…", 12))]
    snippet: String,
}

/// Searches titles and summaries while somebody types: the last word may be the beginning of one. The best first, a title
/// before a summary.
pub async fn search(s: &Session, typed: String) -> sqliter::Result<Vec<Found>> {
    s.select::<Book>()
        .filter(|b| b.search.matches(search::prefix(typed)))
        .order(|b| b.search.weighted_rank([b.search.title.weight(10.0)]).asc())
        .limit(20)
        .view::<Found>()
        .fetch_all()
        .await
}

/// The subjects of a book, in place of those that it had.
pub async fn set_subjects(
    s: &Session,
    book: Key<Book>,
    subjects: Vec<Key<Subject>>,
) -> sqliter::Result<Vec<SubjectName>> {
    s.transaction(async |tx| {
        tx.select::<Book>().filter(|b| b.pk.eq(book)).only(|b| b.pk).fetch_required().await?;
        book.subjects(tx).set(subjects).await?;
        book.subjects(tx).order(|s| s.name.asc()).view::<SubjectName>().fetch_all().await
    })
    .await
}

static REVIEW_FILTERS: LazyLock<Filters<Review>> =
    LazyLock::new(|| Filters::<Review>::new().ge("stars_from", |r| r.stars).le("stars_to", |r| r.stars));

static REVIEW_SORTING: LazyLock<Sorting<Review>> =
    LazyLock::new(|| Sorting::<Review>::new().by("created_at", |r| r.created_at).by("stars", |r| r.stars));

pub async fn reviews(s: &Session, book: Key<Book>, listing: Listing) -> sqliter::Result<Page<ReviewLine>> {
    let reviews = book.reviews(s).filter_by(&REVIEW_FILTERS, &listing)?;
    let reviews = reviews.order_by(&REVIEW_SORTING, listing.sort_or("-created_at"))?;
    listing.page_of(reviews.view::<ReviewLine>()).await
}

/// A line of the export.
#[derive(Debug, Serialize, View)]
#[view(Book)]
pub struct Exported {
    #[view(flatten)]
    #[serde(flatten)]
    book: Book,
    #[view(with = |b| b.author.name)]
    author: String,
}

pub fn export(s: &Session) -> RowStream<Exported> {
    s.select::<Book>().order(|b| b.pk.asc()).view::<Exported>().fetch_stream()
}

pub async fn cover(s: &Session, book: Key<Book>) -> sqliter::Result<Cover> {
    s.select::<Cover>().filter(|c| c.book_id.eq(book)).fetch_required().await
}

/// Gives a book this cover, in place of the one that it had.
pub async fn set_cover(s: &Session, book: Key<Book>, media_type: String, image: Vec<u8>) -> sqliter::Result<()> {
    let draft = Cover::builder().book_id(book).media_type(media_type).image(image);
    s.upsert(draft, |c| c.book_id).update(|c| (c.media_type, c.image)).await?;
    Ok(())
}

pub async fn remove_cover(s: &Session, book: Key<Book>) -> sqliter::Result<()> {
    let cover = cover(s, book).await?;
    s.delete(cover.pk).await
}
