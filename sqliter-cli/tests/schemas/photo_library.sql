-- A photo library: digikam4.db of digiKam (docs.digikam.org, "Database Settings"; core/data/database/dbconfig.xml.cmake.in).
CREATE TABLE AlbumRoots (id INTEGER PRIMARY KEY, label TEXT, status INTEGER NOT NULL, type INTEGER NOT NULL, identifier TEXT, specificPath TEXT, caseSensitivity INTEGER, UNIQUE(identifier, specificPath));
CREATE TABLE Albums (id INTEGER PRIMARY KEY, albumRoot INTEGER NOT NULL, relativePath TEXT NOT NULL, date DATE, caption TEXT, collection TEXT, icon INTEGER, modificationDate DATETIME, UNIQUE(albumRoot, relativePath));
CREATE TABLE Images (id INTEGER PRIMARY KEY, album INTEGER, name TEXT NOT NULL, status INTEGER NOT NULL, category INTEGER NOT NULL, modificationDate DATETIME, fileSize INTEGER, uniqueHash TEXT, manualOrder INTEGER, UNIQUE (album, name));
CREATE TABLE ImageInformation (imageid INTEGER PRIMARY KEY, rating INTEGER, creationDate DATETIME, digitizationDate DATETIME, orientation INTEGER, width INTEGER, height INTEGER, format TEXT, colorDepth INTEGER, colorModel INTEGER);
CREATE TABLE ImagePositions (imageid INTEGER PRIMARY KEY, latitude TEXT, latitudeNumber REAL, longitude TEXT, longitudeNumber REAL, altitude REAL, orientation REAL, tilt REAL, roll REAL, accuracy REAL, description TEXT);
CREATE TABLE ImageComments (id INTEGER PRIMARY KEY, imageid INTEGER, type INTEGER, language TEXT, author TEXT, date DATETIME, comment TEXT, UNIQUE(imageid, type, language, author));
CREATE TABLE ImageProperties (imageid INTEGER NOT NULL, property TEXT NOT NULL, value TEXT NOT NULL, UNIQUE(imageid, property));
CREATE TABLE Tags (id INTEGER PRIMARY KEY, pid INTEGER, name TEXT NOT NULL, icon INTEGER, iconkde TEXT, UNIQUE (name, pid));
CREATE TABLE TagsTree (id INTEGER NOT NULL, pid INTEGER NOT NULL, UNIQUE (id, pid));
CREATE TABLE ImageTags (imageid INTEGER NOT NULL, tagid INTEGER NOT NULL, UNIQUE (imageid, tagid));
CREATE TABLE TagProperties (tagid INTEGER, property TEXT, value TEXT);
CREATE TABLE Settings (keyword TEXT NOT NULL UNIQUE, value TEXT);
CREATE INDEX dir_index ON Images (album);
CREATE INDEX hash_index ON Images (uniqueHash);
CREATE INDEX tag_index ON ImageTags (tagid);
CREATE INDEX tag_id_index ON ImageTags (imageid);
CREATE INDEX comments_imageid_index ON ImageComments (imageid);
CREATE INDEX creationdate_index ON ImageInformation (creationDate);
CREATE TRIGGER delete_image DELETE ON Images
    BEGIN
        DELETE FROM ImageTags WHERE imageid=OLD.id;
        DELETE FROM ImageInformation WHERE imageid=OLD.id;
    END;
CREATE TRIGGER delete_tag DELETE ON Tags
    BEGIN
        DELETE FROM ImageTags WHERE tagid=OLD.id;
    END;

INSERT INTO AlbumRoots VALUES (1, 'Pictures', 0, 1, 'volumeid:?uuid=1', '/home/ada', NULL);
INSERT INTO Albums VALUES (1, 1, '/', '2020-05-01', NULL, NULL, NULL, NULL);
INSERT INTO Images VALUES (1, 1, 'a.jpg', 1, 1, '2020-05-01T10:00:00', 12345, 'abc', NULL), (2, NULL, 'b.jpg', 3, 1, NULL, NULL, NULL, NULL);
INSERT INTO ImageInformation VALUES (1, 5, '2020-05-01T09:59:00', NULL, 1, 4000, 3000, 'JPG', 8, 5);
INSERT INTO ImageTags VALUES (1, 1);
INSERT INTO ImageProperties VALUES (1, 'country', 'FR');
INSERT INTO Tags VALUES (1, 0, 'Places', NULL, NULL);
INSERT INTO TagsTree VALUES (1, 0);
INSERT INTO Settings VALUES ('DBVersion', '16');
