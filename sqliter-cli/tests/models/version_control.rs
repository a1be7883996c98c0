//! The tables of version_control.db, as `sqliter models` has read them.

// Clippy takes a column that two indexes have for an attribute that is given twice.
#![allow(clippy::duplicated_attributes)]

use sqliter::prelude::*;
use sqliter::Row;

/// A row of the table `blob`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "blob")]
#[model(strict = false)]
#[model(check = "length(uuid)>=40 AND rid>0")]
#[model(has_many(deltas = Delta::srcid))]
pub struct Blob {
    #[model(pk, sql = "INTEGER PRIMARY KEY")]
    pub rid: Key<Blob>,
    #[model(sql = "INTEGER")]
    pub rcvid: Option<i64>,
    #[model(sql = "INTEGER")]
    pub size: Option<i64>,
    #[model(sql = "TEXT NOT NULL UNIQUE", unique)]
    pub uuid: String,
    #[model(sql = "BLOB")]
    pub content: Option<Vec<u8>>,
}

/// A row of the table `delta`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "delta")]
#[model(strict = false)]
#[model(index(srcid_id, name = "delta_i1"))]
pub struct Delta {
    #[model(pk, sql = "INTEGER PRIMARY KEY")]
    pub rid: Key<Delta>,
    #[model(column = "srcid", sql = "INTEGER NOT NULL", on_delete = no_action, on_update = no_action)]
    pub srcid_id: Key<Blob>,
}

/// A row of the table `user`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "user")]
#[model(strict = false)]
#[model(has_many(rcvfroms = Rcvfrom::uid))]
#[model(has_many(events = Event::uid))]
pub struct User {
    #[model(pk, sql = "INTEGER PRIMARY KEY")]
    pub uid: Key<User>,
    #[model(sql = "TEXT UNIQUE", unique)]
    pub login: Option<String>,
    #[model(sql = "TEXT")]
    pub pw: Option<String>,
    #[model(sql = "TEXT")]
    pub cap: Option<String>,
    #[model(sql = "DATETIME")]
    pub cexpire: Option<String>,
    #[model(sql = "TEXT")]
    pub info: Option<String>,
    #[model(sql = "DATE")]
    pub mtime: Option<i64>,
    #[model(sql = "BLOB")]
    pub photo: Option<Vec<u8>>,
}

/// A row of the table `rcvfrom`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "rcvfrom")]
#[model(strict = false)]
pub struct Rcvfrom {
    #[model(pk, sql = "INTEGER PRIMARY KEY")]
    pub rcvid: Key<Rcvfrom>,
    #[model(column = "uid", sql = "INTEGER", on_delete = no_action, on_update = no_action, index = false)]
    pub uid_id: Option<Key<User>>,
    #[model(sql = "DATETIME")]
    pub mtime: Option<f64>,
    #[model(sql = "TEXT UNIQUE", unique)]
    pub nonce: Option<String>,
    #[model(sql = "TEXT")]
    pub ipaddr: Option<String>,
}

/// A row of the table `config`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "config")]
#[model(strict = false)]
#[model(without_rowid)]
#[model(check = "typeof(name)='text' AND length(name)>=1")]
pub struct Config {
    #[model(pk, sql = "TEXT PRIMARY KEY NOT NULL")]
    pub name: String,
    #[model(sql = "CLOB")]
    pub value: Option<String>,
    #[model(sql = "DATE")]
    pub mtime: Option<i64>,
}

/// A row of the table `filename`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "filename")]
pub struct Filename {
    #[model(pk, sql = "INTEGER PRIMARY KEY")]
    pub fnid: Key<Filename>,
    #[model(unique)]
    pub name: Option<String>,
}

/// A row of the table `mlink`.
///
/// It is no model, as it has no primary key, and no columns that are NOT NULL and unique.
///
/// ```sql
/// CREATE TABLE mlink(
///   mid INTEGER,                       -- Check-in that contains fid
///   fid INTEGER,                       -- New file content RID. 0 if deleted
///   pmid INTEGER,                      -- Check-in RID that contains pid
///   pid INTEGER,                       -- Prev file content RID. 0 if new. -1 merge
///   fnid INTEGER REFERENCES filename,  -- Name of the file
///   pfnid INTEGER,                     -- Previous name. 0 if unchanged
///   mperm INTEGER,                     -- File permissions.  1==exec
///   isaux BOOLEAN DEFAULT 0            -- TRUE if pmid is the primary
/// );
/// CREATE INDEX mlink_i1 ON mlink(mid);
/// CREATE INDEX mlink_i2 ON mlink(fnid);
/// ```
///
/// Read it by `db.query::<Mlink>("SELECT * FROM \"mlink\"")`.
#[derive(Debug, Clone, PartialEq, Row)]
pub struct Mlink {
    pub mid: Option<i64>,
    pub fid: Option<i64>,
    pub pmid: Option<i64>,
    pub pid: Option<i64>,
    pub fnid: Option<i64>,
    pub pfnid: Option<i64>,
    pub mperm: Option<i64>,
    pub isaux: Option<bool>,
}

/// A row of the table `plink`.
///
/// It is no model, as it has no primary key, and no columns that are NOT NULL and unique.
///
/// ```sql
/// CREATE TABLE plink(
///   pid INTEGER REFERENCES blob,    -- Parent manifest
///   cid INTEGER REFERENCES blob,    -- Child manifest
///   isprim BOOLEAN,                 -- pid is the primary parent of cid
///   mtime DATETIME,                 -- the date/time stamp on cid.  Julian day.
///   baseid INTEGER REFERENCES blob, -- Baseline if cid is a delta manifest.
///   UNIQUE(pid, cid)
/// );
/// CREATE INDEX plink_i2 ON plink(cid,pid);
/// ```
///
/// Read it by `db.query::<Plink>("SELECT * FROM \"plink\"")`.
#[derive(Debug, Clone, PartialEq, Row)]
pub struct Plink {
    pub pid: Option<i64>,
    pub cid: Option<i64>,
    pub isprim: Option<bool>,
    pub mtime: Option<f64>,
    pub baseid: Option<i64>,
}

/// A row of the table `leaf`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "leaf")]
#[model(strict = false)]
pub struct Leaf {
    #[model(pk, sql = "INTEGER PRIMARY KEY")]
    pub rid: Key<Leaf>,
}

/// A row of the table `event`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "event")]
#[model(strict = false)]
#[model(index(mtime, name = "event_i1"))]
pub struct Event {
    #[model(sql = "TEXT")]
    pub r#type: Option<String>,
    #[model(sql = "DATETIME")]
    pub mtime: Option<f64>,
    #[model(pk, sql = "INTEGER PRIMARY KEY")]
    pub objid: Key<Event>,
    #[model(sql = "INTEGER")]
    pub tagid: Option<i64>,
    #[model(column = "uid", sql = "INTEGER", on_delete = no_action, on_update = no_action, index = false)]
    pub uid_id: Option<Key<User>>,
    #[model(sql = "TEXT")]
    pub bgcolor: Option<String>,
    #[model(sql = "TEXT")]
    pub comment: Option<String>,
    #[model(sql = "DATETIME")]
    pub omtime: Option<String>,
}

/// A row of the table `tag`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "tag")]
#[model(strict = false)]
pub struct Tag {
    #[model(pk, sql = "INTEGER PRIMARY KEY")]
    pub tagid: Key<Tag>,
    #[model(sql = "TEXT UNIQUE", unique)]
    pub tagname: Option<String>,
}

/// A row of the table `tagxref`.
///
/// It is no model, as it has no primary key, and no columns that are NOT NULL and unique.
///
/// ```sql
/// CREATE TABLE tagxref(
///   tagid INTEGER REFERENCES tag,   -- The tag being added, removed, or propagated
///   tagtype INTEGER,                -- 0:-,cancel  1:+,single  2:*,propagate
///   srcid INTEGER REFERENCES blob,  -- Artifact tag originates from, or 0
///   origid INTEGER REFERENCES blob, -- Artifact holding propagated tag
///   value TEXT,                     -- Value of the tag.  Might be NULL.
///   mtime TIMESTAMP,                -- Time of addition or removal. Julian day
///   rid INTEGER REFERENCE blob,     -- Artifact tag is applied to
///   UNIQUE(rid, tagid)
/// );
/// CREATE INDEX tagxref_i1 ON tagxref(tagid, mtime);
/// ```
///
/// Read it by `db.query::<Tagxref>("SELECT * FROM \"tagxref\"")`.
#[derive(Debug, Clone, PartialEq, Row)]
pub struct Tagxref {
    pub tagid: Option<i64>,
    pub tagtype: Option<i64>,
    pub srcid: Option<i64>,
    pub origid: Option<i64>,
    pub value: Option<String>,
    pub mtime: Option<f64>,
    pub rid: Option<i64>,
}

/// A row of the view `artifact`.
///
/// It is no model, as nothing tells its rows apart for sure.
///
/// ```sql
/// CREATE VIEW artifact(rid,rcvid,size,atype,srcid,hash,content) AS
///   SELECT blob.rid,rcvid,size,1,srcid,uuid,content FROM blob LEFT JOIN delta ON (blob.rid=delta.rid);
/// ```
///
/// Read it by `db.query::<Artifact>("SELECT * FROM \"artifact\"")`.
#[derive(Debug, Clone, PartialEq, Row)]
pub struct Artifact {
    pub rid: Option<i64>,
    pub rcvid: Option<i64>,
    pub size: Option<i64>,
    pub atype: Option<i64>,
    pub srcid: Option<i64>,
    pub hash: Option<String>,
    pub content: Option<Vec<u8>>,
}

/// All models.
pub type All = (Blob, Delta, User, Rcvfrom, Config, Filename, Leaf, Event, Tag);
