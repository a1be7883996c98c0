//! The figures that every correct import of Chinook gives, and what happens to data that is not correct.

use std::fs;

use rust_decimal::Decimal;
use sqliter::prelude::*;
use sqliter::{Error, Result};

use crate::load::{self, LoadError};
use crate::models::{AllModels, Artist, Genre, Playlist, Track};
use crate::questions::{self, CustomerSearch, Rehearsal};
use crate::relations;

type TestResult = std::result::Result<(), Box<dyn std::error::Error>>;

fn cents(cents: i64) -> Decimal {
    Decimal::new(cents, 2)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_figures_are_those_of_chinook() -> TestResult {
    let folder = tempfile::tempdir()?;
    let db = Db::options().path(folder.path().join("chinook.db")).reset().open().await?;
    db.create_tables::<AllModels>().await?;
    assert_eq!(load::load(&db, &load::data_folder()).await?, 15_607);

    sizes(&db).await?;
    sales(&db).await?;
    music(&db).await?;
    collections(&db).await?;
    people(&db).await?;
    staff(&db).await?;
    writes(&db).await?;
    db.close().await?;
    Ok(())
}

async fn sizes(session: &Session) -> Result<()> {
    let expected = [
        ("artists", 275),
        ("albums", 347),
        ("tracks", 3503),
        ("genres", 25),
        ("media_types", 5),
        ("playlists", 18),
        ("playlist_entries", 8715),
        ("employees", 8),
        ("customers", 59),
        ("invoices", 412),
        ("invoice_lines", 2240),
    ];
    assert_eq!(questions::row_counts(session).await?, expected);
    Ok(())
}

async fn sales(session: &Session) -> Result<()> {
    assert_eq!(questions::sales(session).await?, cents(232_860));
    let countries = questions::sales_by_country(session, 5).await?;
    let expected = [
        ("USA", 91, 52_306),
        ("Canada", 56, 30_396),
        ("France", 35, 19_510),
        ("Brazil", 35, 19_010),
        ("Germany", 28, 15_648),
    ];
    assert_eq!(countries, expected.map(|(country, number, sum)| (country.to_owned(), number, Some(cents(sum)))));
    let years = questions::sales_by_year(session).await?;
    let expected = [(2007, 83, 44_946), (2008, 83, 48_145), (2009, 84, 48_344), (2010, 82, 46_367), (2011, 80, 45_058)];
    assert_eq!(years, expected.map(|(year, number, sum)| (year, number, Some(cents(sum)))));
    let artists = relations::best_selling_artists(session, 3).await?;
    let expected = [("Iron Maiden", 140, 13_860), ("U2", 107, 10_593), ("Metallica", 91, 9_009)];
    assert_eq!(artists, expected.map(|(artist, sold, sum)| (artist.to_owned(), Some(sold), Some(cents(sum)))));
    assert_eq!(questions::invoices_of(session, 2009, Decimal::ZERO).await?.len(), 84);
    assert_eq!(questions::invoices_of(session, 2006, Decimal::ZERO).await?, []);
    Ok(())
}

async fn music(session: &Session) -> Result<()> {
    let longest = questions::longest_tracks(session, 10).await?;
    let lengths: Vec<i64> = longest.iter().map(|track| track.milliseconds).collect();
    assert_eq!(lengths[..3], [5_286_953, 5_088_838, 2_960_293]);
    assert_eq!(lengths.len(), 10);
    assert!(lengths.is_sorted_by(|a, b| a >= b));

    assert_eq!(questions::tracks_named(session, "coraÇÃo").await?.len(), 6);
    let first_page = questions::albums_page(session, 0, 10).await?;
    assert_eq!(questions::albums_page(session, 1, 5).await?, first_page[5..]);
    assert_eq!(questions::albums_page(session, 34, 10).await?.len(), 7);
    Ok(())
}

async fn collections(session: &Session) -> Result<()> {
    let genres = relations::top_genres(session, 3).await?;
    let genres: Vec<_> = genres.iter().map(|(genre, tracks)| (genre.name.as_str(), *tracks)).collect();
    assert_eq!(genres, [("Rock", 1297), ("Latin", 579), ("Metal", 374)]);
    let artists = relations::top_artists(session, 5).await?;
    let albums: Vec<_> = artists.iter().map(|(artist, albums)| (artist.name.as_str(), albums.len())).collect();
    let expected = [("Iron Maiden", 21), ("Led Zeppelin", 14), ("Deep Purple", 11), ("Metallica", 10), ("U2", 10)];
    assert_eq!(albums, expected);
    assert!(
        artists.iter().all(|(artist, albums)| albums.iter().all(|album| album.artist_id == Artist::key(artist.id)))
    );

    let playlists = relations::playlists_by_size(session, 3).await?;
    let playlists: Vec<_> = playlists.iter().map(|(playlist, tracks, time)| (playlist.id, *tracks, *time)).collect();
    assert_eq!(playlists, [(1, 3290, Some(877_683_083)), (8, 3290, Some(877_683_083)), (5, 1477, Some(398_705_153))]);
    let ids: Vec<i64> = relations::playlists_of(session, Track::key(1)).await?.iter().map(|list| list.id).collect();
    assert_eq!(ids, [1, 8, 17]);
    assert_eq!(relations::playlists_of(session, Track::key(0)).await?, []);
    assert_eq!(relations::tracks_by(session, "AC/DC").await?, 18);
    assert_eq!(relations::unsold_tracks(session).await?, 1519);
    let unsold: i64 = relations::unsold_by_genre(session, 100).await?.iter().map(|(_, unsold, _)| unsold).sum();
    assert_eq!(unsold, 1519);
    Ok(())
}

async fn staff(session: &Session) -> Result<()> {
    let tree = relations::reporting_tree(session).await?;
    let [(head, managers)] = tree.as_slice() else { panic!("one employee reports to no one: {tree:?}") };
    assert_eq!(head.last_name, "Adams");
    let managers: Vec<_> = managers.iter().map(|(manager, staff)| (manager.last_name.as_str(), staff.len())).collect();
    assert_eq!(managers, [("Edwards", 3), ("Mitchell", 2)]);
    let supporters = relations::supporters(session).await?;
    let customers: Vec<_> =
        supporters.iter().map(|(one, customers)| (one.last_name.as_str(), customers.len())).collect();
    assert_eq!(customers, [("Johnson", 18), ("Park", 20), ("Peacock", 21)]);

    let (invoice, customer, lines) = relations::invoice(session, 1).await?.expect("there is a first invoice");
    assert_eq!(customer.last_name, "Köhler");
    let tracks: Vec<_> = lines.iter().map(|(_, track)| track.name.as_str()).collect();
    assert_eq!(tracks, ["Balls to the Wall", "Restless and Wild"]);
    assert_eq!(lines.iter().map(|(line, _)| line.unit_price).sum::<Decimal>(), invoice.total);
    assert_eq!(relations::invoice(session, 0).await?, None);
    Ok(())
}

async fn people(session: &Session) -> Result<()> {
    let in_two_countries = questions::customers_in(session, &["India", "Portugal"]).await?;
    assert_eq!(in_two_countries.len(), 4);
    assert_eq!(questions::customers_in(session, &[]).await?, []);

    assert_eq!(questions::private_customers(session).await?, 49);
    let mut form = CustomerSearch::default();
    assert_eq!(questions::search_customers(session, &form).await?.len(), 59);
    form.country = Some("Brazil");
    assert_eq!(questions::search_customers(session, &form).await?.len(), 5);
    form.company = Some("TELUS");
    assert_eq!(questions::search_customers(session, &form).await?.len(), 0);
    form.country = Some("Canada");
    assert_eq!(questions::search_customers(session, &form).await?.len(), 1);
    Ok(())
}

async fn writes(session: &Session) -> Result<()> {
    let rehearsal = questions::rehearse_price(session, cents(199), cents(249)).await?;
    assert_eq!(rehearsal, Rehearsal { changed: 213, inside: 213, afterwards: 0 });
    assert_eq!(questions::tracks_at(session, cents(199)).await?, 213);

    // The entries of playlists have a key of their own, which SQLite chooses for the new ones.
    let tx = session.begin().await?;
    let mine = tx.insert(Playlist::builder().id(100).name("Mine")).await?;
    mine.tracks(&tx).add([Track::key(2), Track::key(1), Track::key(2)]).await?;
    let ids = mine.tracks(&tx).order(|t| t.id.desc()).only(|t| t.id).fetch_all().await?;
    assert_eq!(ids, [2, 1]);
    mine.tracks(&tx).remove([Track::key(1)]).await?;
    assert_eq!(mine.tracks(&tx).count().await?, 1);
    tx.rollback().await?;
    assert_eq!(session.select::<Playlist>().count().await?, 18);

    let refused = questions::delete_genre(session, "Rock").await;
    assert!(matches!(&refused, Err(Error::ForeignKeyViolation { columns, .. }) if columns == &["tracks.genre_id"]));
    assert_eq!(session.select::<Genre>().count().await?, 25);
    let unknown = questions::delete_genre(session, "Polka").await;
    assert!(matches!(unknown, Err(Error::RecordNotFound { .. })));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_line_is_named_and_nothing_is_kept() -> TestResult {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("artists.jsonl"), "{\"id\": 1, \"name\": \"AC/DC\"}\n")?;
    fs::write(
        folder.path().join("albums.jsonl"),
        "{\"id\": 1, \"title\": \"Powerage\", \"artist_id\": 1}\n{\"id\": 2, \"title\": \"Let There Be Rock\"}\n",
    )?;
    let db = Db::memory().await?;
    db.create_tables::<AllModels>().await?;
    let error = load::load(&db, folder.path()).await.expect_err("the second album has no artist");
    assert!(matches!(error, LoadError::Line { line: 2, .. }));
    assert!(error.to_string().contains("albums.jsonl, line 2: missing field `artist_id`"), "{error}");
    assert_eq!(db.select::<Artist>().count().await?, 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_the_database_refuses_names_its_table() -> TestResult {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("artists.jsonl"), "{\"id\": 1, \"name\": \"U2\"}\n{\"id\": 2, \"name\": \"U2\"}\n")?;
    let db = Db::memory().await?;
    db.create_tables::<AllModels>().await?;
    let error = load::load(&db, folder.path()).await.expect_err("two artists have one name");
    assert!(matches!(&error, LoadError::Database(Error::UniqueViolation { .. })));
    let told = "insert violates uniqueness of artists (name): the row at index 1, where id = 2, name = 'U2'";
    assert_eq!(error.to_string(), told);
    Ok(())
}
