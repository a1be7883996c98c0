CREATE TABLE moons (
    pk INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    name TEXT NOT NULL,
    seen_on TEXT CONSTRAINT "seen_on must be a day, YYYY-MM-DD" CHECK ("seen_on" IS date(substr("seen_on", 1, 10))),
    planet_id INTEGER NOT NULL REFERENCES planets (pk) ON DELETE CASCADE
) STRICT;

CREATE INDEX idx_moons_planet_id ON moons (planet_id);

INSERT INTO planets (name, radius_km, ringed) VALUES ('Mars', 3389.5, 0), ('Saturn', 58232.0, 1);
