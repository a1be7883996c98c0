//! Questions that lead from one table to another. None of them writes a join.

use sqliter::Result;
use sqliter::prelude::*;

use crate::models::*;

/// The genres with most tracks, and how many they have.
pub async fn top_genres(session: &Session, limit: u64) -> Result<Vec<(Genre, u64)>> {
    let genres = session.select::<Genre>().order(|g| (g.tracks.count().desc(), g.name.asc())).limit(limit);
    let mut counts = Vec::new();
    for genre in genres.fetch_all().await? {
        let tracks = genre.tracks(session).count().await?;
        counts.push((genre, tracks));
    }
    Ok(counts)
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

/// The playlists with most tracks, and how many they have.
pub async fn top_playlists(session: &Session, limit: u64) -> Result<Vec<(Playlist, u64)>> {
    let playlists = session.select::<Playlist>().order(|p| (p.tracks.count().desc(), p.id.asc())).limit(limit);
    let mut counts = Vec::new();
    for playlist in playlists.fetch_all().await? {
        let tracks = playlist.tracks(session).count().await?;
        counts.push((playlist, tracks));
    }
    Ok(counts)
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
