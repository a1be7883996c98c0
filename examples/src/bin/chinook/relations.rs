//! Questions that lead from one table to another. None of them writes a join.

use rust_decimal::Decimal;
use sqliter::Result;
use sqliter::prelude::*;

use crate::models::*;

/// The genres with most tracks, and how many they have.
pub async fn top_genres(session: &Session, limit: u64) -> Result<Vec<(Genre, i64)>> {
    session
        .select::<Genre>()
        .with_count(|g| g.tracks)
        .order(|g| (g.tracks.count().desc(), g.name.asc()))
        .limit(limit)
        .fetch_all()
        .await
}

/// The artists with most albums, and these: two statements, whatever the number of artists.
pub async fn top_artists(session: &Session, limit: u64) -> Result<Vec<(Artist, Vec<Album>)>> {
    session
        .select::<Artist>()
        .order(|a| (a.albums.count().desc(), a.name.asc()))
        .limit(limit)
        .prefetch_related(|a| a.albums.order(|a| a.title.asc()))
        .fetch_all()
        .await
}

/// The playlists by their size, with the number of their tracks and how long these take together, in milliseconds.
pub async fn playlists_by_size(session: &Session, limit: u64) -> Result<Vec<(Playlist, i64, Option<i64>)>> {
    session
        .select::<Playlist>()
        .with_count(|p| p.tracks)
        .with_values(|p| p.tracks.aggregate(|t| t.milliseconds.sum()))
        .order(|p| (p.tracks.count().desc(), p.id.asc()))
        .limit(limit)
        .fetch_all()
        .await
}

/// The artists whose tracks sold best: how many were sold, and for how much. From a line of an invoice to its artist it
/// is three foreign keys.
pub async fn best_selling_artists(
    session: &Session,
    limit: u64,
) -> Result<Vec<(String, Option<i64>, Option<Decimal>)>> {
    session
        .select::<InvoiceLine>()
        .group_by(|l| l.track.album.artist.name)
        .annotate(|l| (l.quantity.sum(), (l.unit_price * l.quantity).sum()))
        .order(|l| ((l.unit_price * l.quantity).sum().desc(), l.track.album.artist.name.asc()))
        .limit(limit)
        .fetch_all()
        .await
}

/// The playlists that have a track; none for a track that does not exist.
pub async fn playlists_of(session: &Session, track: Key<Track>) -> Result<Vec<Playlist>> {
    match session.get(track).await? {
        Some(track) => track.playlists(session).order(|p| p.id.asc()).fetch_all().await,
        None => Ok(Vec::new()),
    }
}

/// How many tracks an artist has, over two foreign keys.
pub async fn tracks_by(session: &Session, artist: &str) -> Result<u64> {
    session.select::<Track>().filter(|t| t.album.artist.name.eq(artist)).count().await
}

/// How many tracks nobody has bought.
pub async fn unsold_tracks(session: &Session) -> Result<u64> {
    session.select::<Track>().filter(|t| t.lines.count().eq(0)).count().await
}

/// The genres with most tracks that nobody has bought, and how many these are of all their tracks.
pub async fn unsold_by_genre(session: &Session, limit: u64) -> Result<Vec<(String, i64, i64)>> {
    session
        .select::<Track>()
        .group_by(|t| t.genre.name)
        .annotate(|t| (count().filter(t.lines.count().eq(0)), count()))
        .order(|t| (count::<Track>().filter(t.lines.count().eq(0)).desc(), t.genre.name.asc()))
        .limit(limit)
        .fetch_all()
        .await
}

/// An invoice with its customer, and its lines, each with its track.
pub type WholeInvoice = (Invoice, Customer, Vec<(InvoiceLine, Track)>);

/// An invoice with all that is printed on it: two statements, one with a join and one for the lines.
pub async fn invoice(session: &Session, id: i64) -> Result<Option<WholeInvoice>> {
    session
        .select::<Invoice>()
        .filter(|i| i.id.eq(id))
        .select_related(|i| i.customer)
        .prefetch_related(|i| i.lines.with(|l| l.track))
        .fetch_one()
        .await
}

/// An employee with those who report to it, and those who report to these.
pub type Branch = (Employee, Vec<(Employee, Vec<Employee>)>);

/// Who reports to whom, from those who report to no one: one statement for each level.
pub async fn reporting_tree(session: &Session) -> Result<Vec<Branch>> {
    session
        .select::<Employee>()
        .filter(|e| e.reports_to.is_null())
        .prefetch_related(|e| e.reports.with(|e| e.reports))
        .fetch_all()
        .await
}

/// The employees that support customers, with these.
pub async fn supporters(session: &Session) -> Result<Vec<(Employee, Vec<Customer>)>> {
    session
        .select::<Employee>()
        .filter(|e| e.customers.count().gt(0))
        .order(|e| e.last_name.asc())
        .prefetch_related(|e| e.customers)
        .fetch_all()
        .await
}
