//! The eleven tables of Chinook, one struct each.
//!
//! The data brings its own keys, so every model has `#[model(pk)] id`: a key that the program gives. A field of type
//! `Key<Artist>` is a foreign key to the table of `Artist`; called `artist_id`, it gives the relation `artist`, which
//! `has_many(albums = Album::artist)` on `Artist` follows the other way. `new(derive(Deserialize))` is what lets `load.rs` read a
//! line of the data straight into a `NewArtist`, the struct that an insert takes.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::Deserialize;
use sqliter::prelude::*;

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(albums = Album::artist), new(derive(Deserialize)))]
pub struct Artist {
    #[model(pk)]
    pub id: i64,
    #[model(unique)]
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(tracks = Track::album), unique(title, artist_id), new(derive(Deserialize)))]
pub struct Album {
    #[model(pk)]
    pub id: i64,
    pub title: String,
    #[model(on_delete = cascade)]
    pub artist_id: Key<Artist>,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(tracks = Track::genre), new(derive(Deserialize)))]
pub struct Genre {
    #[model(pk)]
    pub id: i64,
    #[model(unique)]
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(tracks = Track::media_type), new(derive(Deserialize)))]
pub struct MediaType {
    #[model(pk)]
    pub id: i64,
    #[model(unique)]
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(lines = InvoiceLine::track), many_to_many(playlists = Playlist::tracks), new(derive(Deserialize)))]
pub struct Track {
    #[model(pk)]
    pub id: i64,
    pub name: String,
    #[model(on_delete = cascade)]
    pub album_id: Key<Album>,
    pub media_type_id: Key<MediaType>,
    pub genre_id: Key<Genre>,
    pub composer: Option<String>,
    #[model(index)]
    pub milliseconds: i64,
    pub bytes: i64,
    /// Exact: stored digit for digit, and compared by value.
    pub unit_price: Decimal,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(many_to_many(tracks = Track, through = PlaylistEntry), new(derive(Deserialize)))]
pub struct Playlist {
    #[model(pk)]
    pub id: i64,
    /// Not unique: Chinook has two playlists called Music.
    pub name: String,
}

/// A track of a playlist: the pairs of the many-to-many relation between both.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(unique(playlist_id, track_id), new(derive(Deserialize)))]
pub struct PlaylistEntry {
    #[model(pk)]
    pub id: i64,
    #[model(on_delete = cascade)]
    pub playlist_id: Key<Playlist>,
    #[model(on_delete = cascade)]
    pub track_id: Key<Track>,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(reports = Employee::reports_to, customers = Customer::support_rep), new(derive(Deserialize)))]
pub struct Employee {
    #[model(pk)]
    pub id: i64,
    pub last_name: String,
    pub first_name: String,
    pub title: String,
    #[model(on_delete = set_null)]
    pub reports_to_id: Option<Key<Employee>>,
    pub birth_date: DateTime<Utc>,
    pub hire_date: DateTime<Utc>,
    pub address: String,
    pub city: String,
    pub state: String,
    pub country: String,
    pub postal_code: String,
    pub phone: String,
    pub fax: String,
    #[model(unique)]
    pub email: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(invoices = Invoice::customer), new(derive(Deserialize)))]
pub struct Customer {
    #[model(pk)]
    pub id: i64,
    pub first_name: String,
    pub last_name: String,
    pub company: Option<String>,
    pub address: String,
    pub city: String,
    pub state: Option<String>,
    #[model(index)]
    pub country: String,
    pub postal_code: Option<String>,
    pub phone: Option<String>,
    pub fax: Option<String>,
    #[model(unique)]
    pub email: String,
    #[model(on_delete = set_null)]
    pub support_rep_id: Option<Key<Employee>>,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(lines = InvoiceLine::invoice), new(derive(Deserialize)))]
pub struct Invoice {
    #[model(pk)]
    pub id: i64,
    pub customer_id: Key<Customer>,
    #[model(index)]
    pub invoice_date: DateTime<Utc>,
    pub billing_address: String,
    pub billing_city: String,
    pub billing_state: Option<String>,
    pub billing_country: String,
    pub billing_postal_code: Option<String>,
    pub total: Decimal,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(unique(invoice_id, track_id), new(derive(Deserialize)))]
pub struct InvoiceLine {
    #[model(pk)]
    pub id: i64,
    #[model(on_delete = cascade)]
    pub invoice_id: Key<Invoice>,
    /// Restricts, the default: a track that was sold cannot be deleted.
    pub track_id: Key<Track>,
    pub unit_price: Decimal,
    pub quantity: i64,
}

/// All models, for `create_tables`.
pub type AllModels =
    (Artist, Album, Genre, MediaType, Track, Playlist, PlaylistEntry, Employee, Customer, Invoice, InvoiceLine);
