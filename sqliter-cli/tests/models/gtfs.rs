//! The tables of gtfs.db, as `sqliter models` has read them.

// Clippy takes a column that two indexes have for an attribute that is given twice.
#![allow(clippy::duplicated_attributes)]

use sqliter::prelude::*;
use sqliter::Row;

/// A row of the table `agency`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "agency")]
#[model(has_many(routes = Route::agency))]
pub struct Agency {
    #[model(pk)]
    pub agency_id: String,
    pub agency_name: String,
    pub agency_url: String,
    pub agency_timezone: String,
    pub agency_lang: Option<String>,
}

/// A row of the table `levels`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "levels")]
#[model(has_many(stops = Stop::level))]
pub struct Level {
    #[model(pk)]
    pub level_id: String,
    pub level_index: f64,
    #[model(collate = nocase)]
    pub level_name: Option<String>,
}

/// A row of the table `stops`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "stops")]
#[model(check = "location_type BETWEEN 0 AND 4")]
#[model(check = "(stop_lat IS NULL) = (stop_lon IS NULL)")]
#[model(has_many(stops_by_parent_station = Stop::parent_station))]
#[model(has_many(stop_times = StopTime::stop))]
#[model(has_many(transfers_by_from_stop = Transfer::from_stop))]
#[model(has_many(transfers_by_to_stop = Transfer::to_stop))]
pub struct Stop {
    #[model(pk)]
    pub stop_id: String,
    pub stop_code: Option<String>,
    #[model(collate = nocase)]
    pub stop_name: Option<String>,
    pub stop_lat: Option<f64>,
    pub stop_lon: Option<f64>,
    pub zone_id: Option<String>,
    pub location_type: Option<i64>,
    #[model(column = "parent_station", on_delete = set_null, on_update = cascade, index = false)]
    pub parent_station_id: Option<Key<Stop>>,
    #[model(on_delete = no_action, on_update = no_action, index = false)]
    pub level_id: Option<Key<Level>>,
    #[model(default = 0)]
    pub wheelchair_boarding: Option<i64>,
}

/// A row of the table `routes`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "routes")]
#[model(check = "route_short_name IS NOT NULL OR route_long_name IS NOT NULL")]
#[model(has_many(trips = Trip::route))]
pub struct Route {
    #[model(pk)]
    pub route_id: String,
    pub agency_id: Option<Key<Agency>>,
    pub route_short_name: Option<String>,
    pub route_long_name: Option<String>,
    pub route_type: i64,
    #[model(default = "FFFFFF")]
    pub route_color: Option<String>,
}

/// A row of the table `calendar`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "calendar")]
pub struct Calendar {
    #[model(pk)]
    pub service_id: String,
    pub monday: bool,
    pub tuesday: i64,
    pub wednesday: i64,
    pub thursday: i64,
    pub friday: i64,
    pub saturday: i64,
    pub sunday: i64,
    pub start_date: String,
    pub end_date: String,
}

/// A row of the table `calendar_dates`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "calendar_dates")]
#[model(without_rowid)]
pub struct CalendarDate {
    #[model(pk)]
    pub service_id: String,
    #[model(pk)]
    pub date: String,
    pub exception_type: i64,
}

/// A row of the table `trips`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "trips")]
#[model(index(route_id, direction_id desc, name = "trips_of_route"))]
#[model(has_many(stop_times = StopTime::trip))]
#[model(has_many(frequencies = Frequency::trip))]
pub struct Trip {
    #[model(pk)]
    pub trip_id: String,
    #[model(on_delete = cascade, on_update = no_action)]
    pub route_id: Key<Route>,
    pub service_id: String,
    pub trip_headsign: Option<String>,
    pub direction_id: Option<i64>,
    pub shape_id: Option<String>,
    pub bikes_allowed: Option<i64>,
}

/// A row of the table `stop_times`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "stop_times")]
#[model(without_rowid)]
#[model(index(stop_id, departure_time, where = "departure_time IS NOT NULL", name = "stop_times_of_stop"))]
pub struct StopTime {
    #[model(pk, on_delete = cascade, deferrable)]
    pub trip_id: Key<Trip>,
    #[model(pk)]
    pub stop_sequence: i64,
    pub arrival_time: Option<String>,
    pub departure_time: Option<String>,
    #[model(on_delete = no_action, on_update = no_action, index = false)]
    pub stop_id: Option<Key<Stop>>,
    pub shape_dist_traveled: Option<f64>,
    #[model(generated = "substr(departure_time, 1, 2) * 60 + substr(departure_time, 4, 2)", stored)]
    pub minutes: Option<i64>,
}

/// A row of the table `shapes`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "shapes")]
pub struct Shape {
    #[model(pk)]
    pub shape_id: String,
    #[model(pk)]
    pub shape_pt_sequence: i64,
    pub shape_pt_lat: f64,
    pub shape_pt_lon: f64,
}

/// A row of the table `transfers`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "transfers")]
pub struct Transfer {
    #[model(pk, on_delete = no_action, on_update = no_action)]
    pub from_stop_id: Key<Stop>,
    #[model(pk, on_delete = no_action, on_update = no_action, index = false)]
    pub to_stop_id: Key<Stop>,
    #[model(default = 0)]
    pub transfer_type: i64,
    pub min_transfer_time: Option<i64>,
}

/// A row of the table `frequencies`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "frequencies")]
pub struct Frequency {
    #[model(pk, on_delete = no_action, on_update = no_action)]
    pub trip_id: Key<Trip>,
    #[model(pk)]
    pub start_time: String,
    pub end_time: String,
    pub headway_secs: i64,
    #[model(default = 0)]
    pub exact_times: Option<i64>,
}

/// A row of the table `feed_info`.
///
/// It is no model, as it has no primary key, and no columns that are NOT NULL and unique.
///
/// ```sql
/// CREATE TABLE feed_info (feed_publisher_name TEXT NOT NULL, feed_publisher_url TEXT NOT NULL, feed_lang TEXT NOT NULL, feed_version TEXT) STRICT;
/// ```
///
/// Read it by `db.query::<FeedInfo>("SELECT * FROM \"feed_info\"")`.
#[derive(Debug, Clone, PartialEq, Row)]
pub struct FeedInfo {
    pub feed_publisher_name: String,
    pub feed_publisher_url: String,
    pub feed_lang: String,
    pub feed_version: Option<String>,
}

/// All models.
pub type All = (
    Agency,
    Level,
    Stop,
    Route,
    Calendar,
    CalendarDate,
    Trip,
    StopTime,
    Shape,
    Transfer,
    Frequency,
);
