-- A media library: beets (beets.readthedocs.io, "Library Database API"; the tables of beets/library.py and beets/dbcore/db.py,
-- where flexible attributes replace each other).
CREATE TABLE items (
    id INTEGER PRIMARY KEY, path BLOB, album_id INTEGER, title TEXT, artist TEXT, album TEXT, genre TEXT, year INTEGER,
    track INTEGER, disc INTEGER, comp INTEGER, length REAL, bitrate INTEGER, format TEXT, mb_trackid TEXT, rg_track_gain REAL,
    mtime REAL, added REAL);
CREATE TABLE albums (
    id INTEGER PRIMARY KEY, artpath BLOB, added REAL, albumartist TEXT, album TEXT, genre TEXT, year INTEGER, comp INTEGER,
    mb_albumid TEXT);
CREATE TABLE item_attributes (
    id INTEGER PRIMARY KEY,
    entity_id INTEGER,
    key TEXT,
    value TEXT,
    UNIQUE(entity_id, key) ON CONFLICT REPLACE);
CREATE INDEX item_attributes_by_entity ON item_attributes (entity_id);
CREATE TABLE album_attributes (
    id INTEGER PRIMARY KEY,
    entity_id INTEGER,
    key TEXT,
    value TEXT,
    UNIQUE(entity_id, key) ON CONFLICT REPLACE);
CREATE INDEX album_attributes_by_entity ON album_attributes (entity_id);

INSERT INTO albums VALUES (1, NULL, 1400000000.5, 'Kate Bush', 'Hounds of Love', 'Pop', 1985, 0, '');
INSERT INTO items VALUES (1, CAST('/music/running.flac' AS BLOB), 1, 'Running Up That Hill', 'Kate Bush', 'Hounds of Love', 'Pop',
    1985, 1, 1, 0, 300.84, 900000, 'FLAC', '', -8.5, 1400000000.0, 1400000000.25);
INSERT INTO item_attributes (entity_id, key, value) VALUES (1, 'mood', 'windy'), (1, 'mood', 'bright');
