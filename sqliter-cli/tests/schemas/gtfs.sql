-- Timetables: GTFS Schedule (gtfs.org/documentation/schedule/reference), as tables of SQLite with its fields, types and primary keys.
CREATE TABLE agency (agency_id TEXT NOT NULL PRIMARY KEY, agency_name TEXT NOT NULL, agency_url TEXT NOT NULL, agency_timezone TEXT NOT NULL, agency_lang TEXT) STRICT;
CREATE TABLE levels (level_id TEXT NOT NULL PRIMARY KEY, level_index REAL NOT NULL, level_name TEXT COLLATE NOCASE) STRICT;
CREATE TABLE stops (
    stop_id TEXT NOT NULL PRIMARY KEY, stop_code TEXT, stop_name TEXT COLLATE NOCASE, stop_lat REAL, stop_lon REAL, zone_id TEXT,
    location_type INTEGER CHECK (location_type BETWEEN 0 AND 4),
    parent_station TEXT REFERENCES stops (stop_id) ON DELETE SET NULL ON UPDATE CASCADE,
    level_id TEXT REFERENCES levels,
    wheelchair_boarding INTEGER DEFAULT 0,
    CHECK ((stop_lat IS NULL) = (stop_lon IS NULL))
) STRICT;
CREATE TABLE routes (
    route_id TEXT NOT NULL PRIMARY KEY, agency_id TEXT REFERENCES agency (agency_id) ON DELETE RESTRICT ON UPDATE RESTRICT,
    route_short_name TEXT, route_long_name TEXT, route_type INTEGER NOT NULL, route_color TEXT DEFAULT 'FFFFFF',
    CHECK (route_short_name IS NOT NULL OR route_long_name IS NOT NULL)
) STRICT;
CREATE INDEX idx_routes_agency_id ON routes (agency_id);
CREATE TABLE calendar (
    service_id TEXT NOT NULL PRIMARY KEY,
    monday INTEGER NOT NULL CHECK (("monday" IN (0, 1))), tuesday INTEGER NOT NULL, wednesday INTEGER NOT NULL, thursday INTEGER NOT NULL,
    friday INTEGER NOT NULL, saturday INTEGER NOT NULL, sunday INTEGER NOT NULL, start_date TEXT NOT NULL, end_date TEXT NOT NULL
) STRICT;
CREATE TABLE calendar_dates (service_id TEXT NOT NULL, date TEXT NOT NULL, exception_type INTEGER NOT NULL, PRIMARY KEY (service_id, date)) STRICT, WITHOUT ROWID;
CREATE TABLE trips (
    trip_id TEXT NOT NULL PRIMARY KEY, route_id TEXT NOT NULL REFERENCES routes ON DELETE CASCADE, service_id TEXT NOT NULL, trip_headsign TEXT,
    direction_id INTEGER, shape_id TEXT, bikes_allowed INTEGER
) STRICT;
CREATE INDEX trips_of_route ON trips (route_id, direction_id DESC);
CREATE TABLE stop_times (
    trip_id TEXT NOT NULL REFERENCES trips ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED, stop_sequence INTEGER NOT NULL, arrival_time TEXT, departure_time TEXT,
    stop_id TEXT REFERENCES stops, shape_dist_traveled REAL,
    minutes INTEGER AS (substr(departure_time, 1, 2) * 60 + substr(departure_time, 4, 2)) STORED,
    PRIMARY KEY (trip_id, stop_sequence)
) STRICT, WITHOUT ROWID;
CREATE INDEX stop_times_of_stop ON stop_times (stop_id, departure_time) WHERE departure_time IS NOT NULL;
CREATE TABLE shapes (shape_pt_sequence INTEGER NOT NULL, shape_id TEXT NOT NULL, shape_pt_lat REAL NOT NULL, shape_pt_lon REAL NOT NULL, PRIMARY KEY (shape_id, shape_pt_sequence)) STRICT;
CREATE TABLE transfers (
    from_stop_id TEXT NOT NULL REFERENCES stops, to_stop_id TEXT NOT NULL REFERENCES stops, transfer_type INTEGER NOT NULL DEFAULT 0,
    min_transfer_time INTEGER, PRIMARY KEY (from_stop_id, to_stop_id)
) STRICT;
CREATE TABLE frequencies (trip_id TEXT NOT NULL REFERENCES trips, start_time TEXT NOT NULL, end_time TEXT NOT NULL, headway_secs INTEGER NOT NULL, exact_times INTEGER DEFAULT 0, PRIMARY KEY (trip_id, start_time)) STRICT;
CREATE TABLE feed_info (feed_publisher_name TEXT NOT NULL, feed_publisher_url TEXT NOT NULL, feed_lang TEXT NOT NULL, feed_version TEXT) STRICT;

INSERT INTO agency VALUES ('DTA', 'Demo Transit Authority', 'http://google.com', 'America/Los_Angeles', NULL);
INSERT INTO levels VALUES ('L0', 0.0, 'Ground');
INSERT INTO stops (stop_id, stop_name, stop_lat, stop_lon, location_type, parent_station, level_id) VALUES
    ('BULLFROG', 'Bullfrog (Demo)', 36.88108, -116.81797, 1, NULL, NULL), ('BULLFROG_A', 'Platform A', 36.88109, -116.81798, 0, 'BULLFROG', 'L0');
INSERT INTO routes (route_id, agency_id, route_long_name, route_type) VALUES ('AB', 'DTA', 'Airport - Bullfrog', 3);
INSERT INTO calendar VALUES ('FULLW', 1, 1, 1, 1, 1, 1, 1, '20070101', '20101231');
INSERT INTO calendar_dates VALUES ('FULLW', '20070604', 2);
INSERT INTO trips VALUES ('AB1', 'AB', 'FULLW', 'to Bullfrog', 0, 'S1', NULL);
INSERT INTO stop_times (trip_id, stop_sequence, arrival_time, departure_time, stop_id) VALUES ('AB1', 1, '08:00:00', '08:10:00', 'BULLFROG'), ('AB1', 2, '08:20:00', NULL, 'BULLFROG_A');
INSERT INTO shapes VALUES (1, 'S1', 36.8, -116.8);
INSERT INTO transfers (from_stop_id, to_stop_id) VALUES ('BULLFROG', 'BULLFROG_A');
INSERT INTO frequencies VALUES ('AB1', '06:00:00', '22:00:00', 1800, NULL);
INSERT INTO feed_info VALUES ('Demo', 'http://example.org', 'en', NULL);
