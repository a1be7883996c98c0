//! Asks the questions and writes the answers down.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use sqliter::prelude::*;
use sqliter::{Error, Result};

use crate::models::{Customer, Employee, Track};
use crate::questions::{self, CustomerSearch};
use crate::{relations, table};

/// All answers, as text.
pub async fn report(session: &Session) -> Result<String> {
    let mut text = String::new();
    text += &sizes(session).await?;
    text += &sales(session).await?;
    text += &music(session).await?;
    text += &collections(session).await?;
    text += &people(session).await?;
    text += &staff(session).await?;
    text += &invoice(session, 1).await?;
    text += &writes(session).await?;
    text += &chart(session).await?;
    Ok(text)
}

async fn sizes(session: &Session) -> Result<String> {
    let counts = questions::row_counts(session).await?;
    let rows = counts.into_iter().map(|(name, rows)| [name.to_owned(), rows.to_string()]);
    Ok(table::draw("What was loaded", ["Table", "Rows"], rows))
}

async fn sales(session: &Session) -> Result<String> {
    let mut text = format!("\nAll invoices come to {:.2}.\n", questions::sales(session).await?);

    let countries = questions::sales_by_country(session, 5).await?;
    let rows = countries.into_iter().map(|(country, invoices, sum)| [country, invoices.to_string(), money(sum)]);
    text += &table::draw("Countries with the highest sales", ["Country", "Invoices", "Sales"], rows);

    let years = questions::sales_by_year(session).await?;
    let rows = years.into_iter().map(|(year, invoices, sum)| [year.to_string(), invoices.to_string(), money(sum)]);
    text += &table::draw("Sales by year", ["Year", "Invoices", "Sales"], rows);

    let artists = relations::best_selling_artists(session, 5).await?;
    let rows = artists.into_iter().map(|(artist, sold, sum)| [artist, sold.unwrap_or(0).to_string(), money(sum)]);
    text += &table::draw("Best-selling artists", ["Artist", "Tracks sold", "Sales"], rows);

    let invoices = questions::invoices_of(session, 2009, Decimal::from(14)).await?;
    let rows = invoices.into_iter().map(|invoice| {
        let day = invoice.invoice_date.date_naive();
        [invoice.id.to_string(), day.to_string(), invoice.billing_country, money(Some(invoice.total))]
    });
    text += &table::draw("Invoices of 2009 of 14.00 and more", ["Invoice", "Day", "Country", "Total"], rows);
    Ok(text)
}

fn money(sum: Option<Decimal>) -> String {
    format!("{:.2}", sum.unwrap_or_default())
}

async fn music(session: &Session) -> Result<String> {
    let header = ["Track", "Length"];
    let tracks = questions::longest_tracks(session, 10).await?;
    let mut text = table::draw("The longest tracks", header, tracks.into_iter().map(name_and_length));

    let tracks = questions::tracks_named(session, "CORAÇÃO").await?;
    let title = "Tracks with CORAÇÃO in their name, in any case";
    text += &table::draw(title, header, tracks.into_iter().map(name_and_length));

    let albums = questions::albums_page(session, 2, 5).await?;
    let rows = albums.into_iter().map(|album| [album.id.to_string(), album.title]);
    text += &table::draw("Albums by title, the third page of five", ["Id", "Album"], rows);
    Ok(text)
}

/// What the relations between tracks, albums, artists, genres and playlists tell.
async fn collections(session: &Session) -> Result<String> {
    let genres = relations::top_genres(session, 3).await?;
    let rows = genres.into_iter().map(|(genre, tracks)| [genre.name, tracks.to_string()]);
    let mut text = table::draw("Genres with most tracks", ["Genre", "Tracks"], rows);

    let artists = relations::top_artists(session, 5).await?;
    let rows = artists.into_iter().map(|(artist, albums)| {
        let first = albums.first().map(|album| album.title.clone()).unwrap_or_default();
        [artist.name, albums.len().to_string(), first]
    });
    text += &table::draw("Artists with most albums", ["Artist", "Albums", "First by title"], rows);

    let header = ["Id", "Playlist", "Tracks", "Hours"];
    let playlists = relations::playlists_by_size(session, 5).await?;
    let rows = playlists.into_iter().map(|(list, tracks, milliseconds)| {
        let hours = format!("{:.1}", milliseconds.unwrap_or(0) as f64 / 3_600_000.0);
        [list.id.to_string(), list.name, tracks.to_string(), hours]
    });
    text += &table::draw("Playlists by size", header, rows);

    let playlists = relations::playlists_of(session, Track::key(1)).await?;
    let rows = playlists.into_iter().map(|list| [list.id.to_string(), list.name]);
    text += &table::draw("Playlists that have track 1", ["Id", "Playlist"], rows);

    text += &format!("\nAC/DC have {} tracks.\n", relations::tracks_by(session, "AC/DC").await?);
    text += &format!("{} tracks have never been sold.\n", relations::unsold_tracks(session).await?);

    let genres = relations::unsold_by_genre(session, 3).await?;
    let rows = genres.into_iter().map(|(genre, unsold, all)| [genre, unsold.to_string(), all.to_string()]);
    text += &table::draw("Genres with most tracks never sold", ["Genre", "Never sold", "Of all"], rows);
    Ok(text)
}

fn name_and_length(track: Track) -> [String; 2] {
    let seconds = track.milliseconds / 1000;
    [track.name, format!("{}:{:02}", seconds / 60, seconds % 60)]
}

async fn people(session: &Session) -> Result<String> {
    let customers = questions::customers_in(session, &["India", "Portugal"]).await?;
    let rows = customers.into_iter().map(<[String; 4]>::from);
    let mut text = table::draw("Customers in India and Portugal", ["Last name", "First name", "City", "Country"], rows);

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

async fn staff(session: &Session) -> Result<String> {
    let indented = |depth: usize, employee: Employee| {
        let name = format!("{} {}", employee.first_name, employee.last_name);
        [format!("{:1$}{name}", "", 2 * depth), employee.title]
    };
    let mut rows = Vec::new();
    for (head, managers) in relations::reporting_tree(session).await? {
        rows.push(indented(0, head));
        for (manager, staff) in managers {
            rows.push(indented(1, manager));
            rows.extend(staff.into_iter().map(|employee| indented(2, employee)));
        }
    }
    let mut text = table::draw("Who reports to whom", ["Name", "Title"], rows);

    let supporters = relations::supporters(session).await?;
    let rows = supporters.into_iter().map(|(employee, customers)| [employee.last_name, customers.len().to_string()]);
    text += &table::draw("Who supports how many customers", ["Last name", "Customers"], rows);
    Ok(text)
}

async fn invoice(session: &Session, id: i64) -> Result<String> {
    let Some((invoice, customer, lines)) = relations::invoice(session, id).await? else {
        return Ok(format!("\nThere is no invoice {id}.\n"));
    };
    let title = format!("Invoice {id} of {:.2} for {} {}", invoice.total, customer.first_name, customer.last_name);
    let rows =
        lines.into_iter().map(|(line, track)| [line.quantity.to_string(), track.name, money(Some(line.unit_price))]);
    Ok(table::draw(&title, ["Quantity", "Track", "Price"], rows))
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

/// Where the money comes from, as a picture.
async fn chart(session: &Session) -> Result<String> {
    let countries = questions::sales_by_country(session, 8).await?;
    let bars =
        countries.into_iter().map(|(country, _, sum)| (country, sum.and_then(|sum| sum.to_f64()).unwrap_or(0.0)));
    Ok(table::bars("Sales by country", &bars.collect::<Vec<_>>()))
}
