//! Asks the questions and writes the answers down.

use rust_decimal::Decimal;
use sqliter::prelude::*;
use sqliter::{Error, Result};

use crate::models::{Customer, Track};
use crate::questions::{self, CustomerSearch};
use crate::table;

/// All answers, as text.
pub async fn report(session: &Session) -> Result<String> {
    let mut text = String::new();
    text += &sizes(session).await?;
    text += &sales(session).await?;
    text += &music(session).await?;
    text += &people(session).await?;
    text += &writes(session).await?;
    Ok(text)
}

async fn sizes(session: &Session) -> Result<String> {
    let counts = questions::row_counts(session).await?;
    let rows = counts.into_iter().map(|(name, rows)| [name.to_owned(), rows.to_string()]);
    Ok(table::draw("What was loaded", ["Table", "Rows"], rows))
}

async fn sales(session: &Session) -> Result<String> {
    let mut text = format!("\nAll invoices come to {}.\n", questions::sales(session).await?);

    let countries = questions::top_countries(session, 5).await?;
    let rows = countries.into_iter().map(|(country, sum)| [country, sum.to_string()]);
    text += &table::draw("Countries with the highest sales", ["Country", "Sales"], rows);

    let invoices = questions::invoices_of(session, 2009, Decimal::from(14)).await?;
    let rows = invoices.into_iter().map(|invoice| {
        let day = invoice.invoice_date.date_naive();
        [invoice.id.to_string(), day.to_string(), invoice.billing_country, invoice.total.to_string()]
    });
    text += &table::draw("Invoices of 2009 of 14.00 and more", ["Invoice", "Day", "Country", "Total"], rows);
    Ok(text)
}

async fn music(session: &Session) -> Result<String> {
    let header = ["Track", "Length"];
    let tracks = questions::longest_tracks(session, 10).await?;
    let mut text = table::draw("The longest tracks", header, tracks.into_iter().map(name_and_length));

    let tracks = questions::tracks_named(session, "CORAÇÃO").await?;
    let title = "Tracks with CORAÇÃO in their name, in any case";
    text += &table::draw(title, header, tracks.into_iter().map(name_and_length));

    let genres = questions::top_genres(session, 3).await?;
    let rows = genres.into_iter().map(|(genre, tracks)| [genre, tracks.to_string()]);
    text += &table::draw("Genres with most tracks", ["Genre", "Tracks"], rows);

    let artists = questions::top_artists(session, 5).await?;
    let rows = artists.into_iter().map(|(artist, albums)| [artist, albums.to_string()]);
    text += &table::draw("Artists with most albums", ["Artist", "Albums"], rows);

    let playlists = questions::top_playlists(session, 3).await?;
    let rows = playlists.into_iter().map(|(list, tracks)| [list.id.to_string(), list.name, tracks.to_string()]);
    text += &table::draw("Playlists with most tracks", ["Id", "Playlist", "Tracks"], rows);

    let albums = questions::albums_page(session, 2, 5).await?;
    let rows = albums.into_iter().map(|album| [album.id.to_string(), album.title]);
    text += &table::draw("Albums by title, the third page of five", ["Id", "Album"], rows);
    Ok(text)
}

fn name_and_length(track: Track) -> [String; 2] {
    let seconds = track.milliseconds / 1000;
    [track.name, format!("{}:{:02}", seconds / 60, seconds % 60)]
}

async fn people(session: &Session) -> Result<String> {
    let employees = questions::bosses(session).await?;
    let rows = employees.into_iter().map(|boss| [boss.first_name, boss.last_name, boss.title]);
    let mut text = table::draw("Employees that report to no one", ["First name", "Last name", "Title"], rows);

    let customers = questions::customers_in(session, &["India", "Portugal"]).await?;
    let rows = customers.into_iter().map(<[String; 4]>::from);
    text += &table::draw("Customers in India and Portugal", ["Last name", "First name", "City", "Country"], rows);

    let header = ["Last name", "Country", "Company"];
    let form = CustomerSearch { country: Some("Brazil"), ..CustomerSearch::default() };
    let customers = questions::search_customers(session, &form).await?;
    text += &table::draw("Customers in Brazil", header, customers.into_iter().map(name_and_company));

    let form = CustomerSearch { company: Some("INC"), ..CustomerSearch::default() };
    let customers = questions::search_customers(session, &form).await?;
    let title = "Customers with INC in the name of their company, in any case";
    text += &table::draw(title, header, customers.into_iter().map(name_and_company));

    text += &format!("\n{} customers have no company.\n", questions::private_customers(session).await?);
    Ok(text)
}

fn name_and_company(customer: Customer) -> [String; 3] {
    [customer.last_name, customer.country, customer.company.unwrap_or_default()]
}

async fn writes(session: &Session) -> Result<String> {
    let (from, to) = (Decimal::new(199, 2), Decimal::new(249, 2));
    let rehearsal = questions::rehearse_price(session, from, to).await?;
    let rows = [
        ["changed by the update".to_owned(), rehearsal.changed.to_string()],
        [format!("at {to} inside the transaction"), rehearsal.inside.to_string()],
        [format!("at {to} after it was rolled back"), rehearsal.afterwards.to_string()],
    ];
    let mut text = table::draw(&format!("Tracks from {from} to {to}, and back"), ["Tracks", "Number"], rows);

    match questions::delete_genre(session, "Rock").await {
        Err(error @ Error::ForeignKeyViolation { .. }) => text += &format!("\nRock cannot be deleted: {error}.\n"),
        Err(error) => return Err(error),
        Ok(()) => text += "\nRock was deleted.\n",
    }
    Ok(text)
}
