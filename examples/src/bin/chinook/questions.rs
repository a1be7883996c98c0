//! Questions to single tables, each a function on a [`Session`], so that it runs on the database itself as well as
//! inside a transaction.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use sqliter::Result;
use sqliter::prelude::*;

use crate::models::*;

/// Every table with its number of rows.
pub async fn row_counts(session: &Session) -> Result<Vec<(&'static str, u64)>> {
    Ok(vec![
        row_count::<Artist>(session).await?,
        row_count::<Album>(session).await?,
        row_count::<Track>(session).await?,
        row_count::<Genre>(session).await?,
        row_count::<MediaType>(session).await?,
        row_count::<Playlist>(session).await?,
        row_count::<PlaylistEntry>(session).await?,
        row_count::<Employee>(session).await?,
        row_count::<Customer>(session).await?,
        row_count::<Invoice>(session).await?,
        row_count::<InvoiceLine>(session).await?,
    ])
}

async fn row_count<M: Model>(session: &Session) -> Result<(&'static str, u64)> {
    Ok((M::TABLE.name, session.select::<M>().count().await?))
}

/// What all invoices come to; `Decimal` adds without rounding, in SQL too.
pub async fn sales(session: &Session) -> Result<Decimal> {
    let sum = session.select::<Invoice>().annotate(|i| i.total.sum()).fetch_required().await?;
    Ok(sum.unwrap_or_default())
}

/// The sales of a country or a year: how many invoices, and their sum.
pub type Sales<T> = (T, i64, Option<Decimal>);

/// The countries with the highest sales.
pub async fn sales_by_country(session: &Session, limit: u64) -> Result<Vec<Sales<String>>> {
    session
        .select::<Invoice>()
        .group_by(|i| i.billing_country)
        .annotate(|i| (count(), i.total.sum()))
        .order(|i| i.total.sum().desc())
        .limit(limit)
        .fetch_all()
        .await
}

/// The sales of each year, the first year first.
pub async fn sales_by_year(session: &Session) -> Result<Vec<Sales<i64>>> {
    session
        .select::<Invoice>()
        .group_by(|i| i.invoice_date.year())
        .annotate(|i| (count(), i.total.sum()))
        .order(|i| i.invoice_date.year().asc())
        .fetch_all()
        .await
}

/// The longest tracks, the longest first.
pub async fn longest_tracks(session: &Session, limit: u64) -> Result<Vec<Track>> {
    session.select::<Track>().order(|t| (t.milliseconds.desc(), t.name.asc())).limit(limit).fetch_all().await
}

/// The tracks whose name contains a text, whatever the case of its letters, those with accents included.
pub async fn tracks_named(session: &Session, text: &str) -> Result<Vec<Track>> {
    session.select::<Track>().filter(|t| t.name.icontains(text)).order(|t| t.name.asc()).fetch_all().await
}

/// The customers of some countries, as `(last name, first name, city, country)`.
pub async fn customers_in(session: &Session, countries: &[&str]) -> Result<Vec<(String, String, String, String)>> {
    session
        .select::<Customer>()
        .filter(|c| c.country.is_in(countries))
        .order(|c| (c.country.asc(), c.last_name.asc()))
        .fields(|c| (c.last_name, c.first_name, c.city, c.country))
        .fetch_all()
        .await
}

/// How many customers have no company.
pub async fn private_customers(session: &Session) -> Result<u64> {
    session.select::<Customer>().filter(|c| c.company.is_null()).count().await
}

/// What a search form may have filled in. What is `None` does not restrict the search.
#[derive(Debug, Default)]
pub struct CustomerSearch<'a> {
    pub country: Option<&'a str>,
    pub company: Option<&'a str>,
}

/// The customers that a search form asks for.
pub async fn search_customers(session: &Session, form: &CustomerSearch<'_>) -> Result<Vec<Customer>> {
    session
        .select::<Customer>()
        .filter_some(form.country, |c, country| c.country.eq(country))
        .filter_some(form.company, |c, company| c.company.icontains(company))
        .order(|c| c.last_name.asc())
        .fetch_all()
        .await
}

/// The invoices of a year of at least an amount, the highest first.
pub async fn invoices_of(session: &Session, year: i32, at_least: Decimal) -> Result<Vec<Invoice>> {
    let first = NaiveDate::from_ymd_opt(year, 1, 1).and_then(|day| day.and_hms_opt(0, 0, 0));
    let last = NaiveDate::from_ymd_opt(year, 12, 31).and_then(|day| day.and_hms_opt(23, 59, 59));
    let (Some(first), Some(last)) = (first, last) else {
        return Ok(Vec::new()); // no such year in the calendar
    };
    session
        .select::<Invoice>()
        .filter(|i| i.invoice_date.between(first.and_utc(), last.and_utc()) & i.total.ge(at_least))
        .order(|i| (i.total.desc(), i.invoice_date.asc()))
        .fetch_all()
        .await
}

/// One page of the albums by title; the first page is number 0.
pub async fn albums_page(session: &Session, page: u64, size: u64) -> Result<Vec<Album>> {
    session.select::<Album>().order(|a| a.title.asc()).limit(size).offset(page * size).fetch_all().await
}

/// How many tracks have a price.
pub async fn tracks_at(session: &Session, price: Decimal) -> Result<u64> {
    session.select::<Track>().filter(|t| t.unit_price.eq(price)).count().await
}

/// What became of a price change that was not kept.
#[derive(Debug, PartialEq)]
pub struct Rehearsal {
    /// How many tracks got the new price.
    pub changed: u64,
    /// How many had it inside the transaction.
    pub inside: u64,
    /// How many had it afterwards.
    pub afterwards: u64,
}

/// Changes the price of tracks by one update in a transaction, looks at the result, and rolls back.
pub async fn rehearse_price(session: &Session, from: Decimal, to: Decimal) -> Result<Rehearsal> {
    let tx = session.begin().await?;
    let changed = tx.select::<Track>().filter(|t| t.unit_price.eq(from)).update(|t| t.unit_price.set(to)).await?;
    let inside = tracks_at(&tx, to).await?;
    tx.rollback().await?; // dropping it would do the same
    let afterwards = tracks_at(session, to).await?;
    Ok(Rehearsal { changed, inside, afterwards })
}

/// Deletes a genre. A genre that tracks refer to is refused with `Error::ForeignKeyViolation`.
pub async fn delete_genre(session: &Session, name: &str) -> Result<()> {
    let genre = session.select::<Genre>().filter(|g| g.name.eq(name)).fetch_required().await?;
    session.delete(&genre).await
}
