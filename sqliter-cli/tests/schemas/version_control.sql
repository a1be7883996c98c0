-- A version-control index: the repository of Fossil (fossil-scm.org/home/doc/trunk/www/tech_overview.wiki; src/schema.c).
CREATE TABLE blob(
  rid INTEGER PRIMARY KEY,        -- Record ID
  rcvid INTEGER,                  -- Origin of this record
  size INTEGER,                   -- Size of content. -1 for a phantom.
  uuid TEXT UNIQUE NOT NULL,      -- hash of the content
  content BLOB,                   -- Compressed content of this record
  CHECK( length(uuid)>=40 AND rid>0 )
);
CREATE TABLE delta(
  rid INTEGER PRIMARY KEY,                 -- BLOB that is delta-compressed
  srcid INTEGER NOT NULL REFERENCES blob   -- Baseline for delta-compression
);
CREATE INDEX delta_i1 ON delta(srcid);
CREATE TABLE user(
  uid INTEGER PRIMARY KEY,        -- User ID
  login TEXT UNIQUE,              -- login name of the user
  pw TEXT,                        -- password
  cap TEXT,                       -- Capabilities of this user
  cexpire DATETIME,               -- Time when cookie expires
  info TEXT,                      -- contact information
  mtime DATE,                     -- last change.  seconds since 1970
  photo BLOB                      -- JPEG image of this user
);
CREATE TABLE rcvfrom(
  rcvid INTEGER PRIMARY KEY,      -- Received-From ID
  uid INTEGER REFERENCES user,    -- User login
  mtime DATETIME,                 -- Time of receipt.  Julian day.
  nonce TEXT UNIQUE,              -- Nonce used for login
  ipaddr TEXT                     -- Remote IP address.  NULL for direct.
);
CREATE TABLE config(
  name TEXT PRIMARY KEY NOT NULL,  -- Primary name of the entry
  value CLOB,                      -- Content of the named parameter
  mtime DATE,                      -- last modified.  seconds since 1970
  CHECK( typeof(name)='text' AND length(name)>=1 )
) WITHOUT ROWID;
CREATE TABLE filename(
  fnid INTEGER PRIMARY KEY,    -- Filename ID
  name TEXT UNIQUE             -- Name of file page
) STRICT;
CREATE TABLE mlink(
  mid INTEGER,                       -- Check-in that contains fid
  fid INTEGER,                       -- New file content RID. 0 if deleted
  pmid INTEGER,                      -- Check-in RID that contains pid
  pid INTEGER,                       -- Prev file content RID. 0 if new. -1 merge
  fnid INTEGER REFERENCES filename,  -- Name of the file
  pfnid INTEGER,                     -- Previous name. 0 if unchanged
  mperm INTEGER,                     -- File permissions.  1==exec
  isaux BOOLEAN DEFAULT 0            -- TRUE if pmid is the primary
);
CREATE INDEX mlink_i1 ON mlink(mid);
CREATE INDEX mlink_i2 ON mlink(fnid);
CREATE TABLE plink(
  pid INTEGER REFERENCES blob,    -- Parent manifest
  cid INTEGER REFERENCES blob,    -- Child manifest
  isprim BOOLEAN,                 -- pid is the primary parent of cid
  mtime DATETIME,                 -- the date/time stamp on cid.  Julian day.
  baseid INTEGER REFERENCES blob, -- Baseline if cid is a delta manifest.
  UNIQUE(pid, cid)
);
CREATE INDEX plink_i2 ON plink(cid,pid);
CREATE TABLE leaf(rid INTEGER PRIMARY KEY);
CREATE TABLE event(
  type TEXT,                      -- Type of event: 'ci', 'w', 'e', 't', 'g'
  mtime DATETIME,                 -- Time of occurrence. Julian day.
  objid INTEGER PRIMARY KEY,      -- Associated record ID
  tagid INTEGER,                  -- Associated ticket or wiki name tag
  uid INTEGER REFERENCES user,    -- User who caused the event
  bgcolor TEXT,                   -- Color set by 'bgcolor' property
  comment TEXT,                   -- Comment describing the event
  omtime DATETIME                 -- Original unchanged date+time, or NULL
);
CREATE INDEX event_i1 ON event(mtime);
CREATE TABLE tag(
  tagid INTEGER PRIMARY KEY,       -- Numeric tag ID
  tagname TEXT UNIQUE              -- Tag name.
);
CREATE TABLE tagxref(
  tagid INTEGER REFERENCES tag,   -- The tag being added, removed, or propagated
  tagtype INTEGER,                -- 0:-,cancel  1:+,single  2:*,propagate
  srcid INTEGER REFERENCES blob,  -- Artifact tag originates from, or 0
  origid INTEGER REFERENCES blob, -- Artifact holding propagated tag
  value TEXT,                     -- Value of the tag.  Might be NULL.
  mtime TIMESTAMP,                -- Time of addition or removal. Julian day
  rid INTEGER REFERENCE blob,     -- Artifact tag is applied to
  UNIQUE(rid, tagid)
);
CREATE INDEX tagxref_i1 ON tagxref(tagid, mtime);
CREATE VIEW artifact(rid,rcvid,size,atype,srcid,hash,content) AS
  SELECT blob.rid,rcvid,size,1,srcid,uuid,content FROM blob LEFT JOIN delta ON (blob.rid=delta.rid);

INSERT INTO blob VALUES (1, 1, 3, '0123456789012345678901234567890123456789', x'616263'), (2, 1, 5, '0123456789012345678901234567890123456780', NULL);
INSERT INTO delta VALUES (2, 1);
INSERT INTO user VALUES (1, 'ada', 'secret', 's', NULL, '', 1700000000, NULL);
INSERT INTO rcvfrom VALUES (1, 1, 2460000.5, NULL, NULL);
INSERT INTO config VALUES ('project-name', 'test', 1700000000), ('aux-schema', '2015-01-24', NULL);
INSERT INTO filename VALUES (1, 'src/main.c');
INSERT INTO mlink VALUES (1, 2, 0, 0, 1, 0, 0, 0);
INSERT INTO plink VALUES (1, 2, 1, 2460000.75, NULL);
INSERT INTO leaf VALUES (2);
INSERT INTO event VALUES ('ci', 2460000.75, 2, NULL, 1, NULL, 'first', NULL);
INSERT INTO tag VALUES (1, 'bgcolor');
INSERT INTO tagxref VALUES (1, 1, 1, 1, NULL, 2460000.75, 2);
