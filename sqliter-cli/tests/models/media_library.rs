//! The tables of media_library.db, as `sqliter models` has read them.

// Clippy takes a column that two indexes have for an attribute that is given twice.
#![allow(clippy::duplicated_attributes)]

use sqliter::prelude::*;

/// A row of the table `items`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "items")]
#[model(strict = false)]
pub struct Item {
    #[model(pk, sql = "INTEGER PRIMARY KEY")]
    pub id: Key<Item>,
    #[model(sql = "BLOB")]
    pub path: Option<Vec<u8>>,
    #[model(sql = "INTEGER")]
    pub album_id: Option<i64>,
    #[model(sql = "TEXT")]
    pub title: Option<String>,
    #[model(sql = "TEXT")]
    pub artist: Option<String>,
    #[model(sql = "TEXT")]
    pub album: Option<String>,
    #[model(sql = "TEXT")]
    pub genre: Option<String>,
    #[model(sql = "INTEGER")]
    pub year: Option<i64>,
    #[model(sql = "INTEGER")]
    pub track: Option<i64>,
    #[model(sql = "INTEGER")]
    pub disc: Option<i64>,
    #[model(sql = "INTEGER")]
    pub comp: Option<i64>,
    #[model(sql = "REAL")]
    pub length: Option<f64>,
    #[model(sql = "INTEGER")]
    pub bitrate: Option<i64>,
    #[model(sql = "TEXT")]
    pub format: Option<String>,
    #[model(sql = "TEXT")]
    pub mb_trackid: Option<String>,
    #[model(sql = "REAL")]
    pub rg_track_gain: Option<f64>,
    #[model(sql = "REAL")]
    pub mtime: Option<f64>,
    #[model(sql = "REAL")]
    pub added: Option<f64>,
}

/// A row of the table `albums`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "albums")]
#[model(strict = false)]
pub struct Album {
    #[model(pk, sql = "INTEGER PRIMARY KEY")]
    pub id: Key<Album>,
    #[model(sql = "BLOB")]
    pub artpath: Option<Vec<u8>>,
    #[model(sql = "REAL")]
    pub added: Option<f64>,
    #[model(sql = "TEXT")]
    pub albumartist: Option<String>,
    #[model(sql = "TEXT")]
    pub album: Option<String>,
    #[model(sql = "TEXT")]
    pub genre: Option<String>,
    #[model(sql = "INTEGER")]
    pub year: Option<i64>,
    #[model(sql = "INTEGER")]
    pub comp: Option<i64>,
    #[model(sql = "TEXT")]
    pub mb_albumid: Option<String>,
}

/// A row of the table `item_attributes`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "item_attributes")]
#[model(strict = false)]
#[model(index(entity_id, name = "item_attributes_by_entity"))]
#[model(constraint = "UNIQUE (entity_id, \"key\") ON CONFLICT REPLACE")]
pub struct ItemAttribute {
    #[model(pk, sql = "INTEGER PRIMARY KEY")]
    pub id: Key<ItemAttribute>,
    #[model(sql = "INTEGER")]
    pub entity_id: Option<i64>,
    #[model(sql = "TEXT")]
    pub key: Option<String>,
    #[model(sql = "TEXT")]
    pub value: Option<String>,
}

/// A row of the table `album_attributes`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "album_attributes")]
#[model(strict = false)]
#[model(index(entity_id, name = "album_attributes_by_entity"))]
#[model(constraint = "UNIQUE (entity_id, \"key\") ON CONFLICT REPLACE")]
pub struct AlbumAttribute {
    #[model(pk, sql = "INTEGER PRIMARY KEY")]
    pub id: Key<AlbumAttribute>,
    #[model(sql = "INTEGER")]
    pub entity_id: Option<i64>,
    #[model(sql = "TEXT")]
    pub key: Option<String>,
    #[model(sql = "TEXT")]
    pub value: Option<String>,
}

/// All models.
pub type All = (Item, Album, ItemAttribute, AlbumAttribute);
