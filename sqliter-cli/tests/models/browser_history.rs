//! The tables of browser_history.db, as `sqliter models` has read them.

// Clippy takes a column that two indexes have for an attribute that is given twice.
#![allow(clippy::duplicated_attributes)]

use sqliter::prelude::*;
use sqliter::Any;

/// A row of the table `moz_origins`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "moz_origins")]
#[model(strict = false)]
#[model(unique(prefix, host, constraint))]
#[model(has_many(moz_places = MozPlace::origin))]
pub struct MozOrigin {
    #[model(pk, sql = "INTEGER PRIMARY KEY")]
    pub id: Key<MozOrigin>,
    #[model(sql = "TEXT NOT NULL")]
    pub prefix: String,
    #[model(sql = "TEXT NOT NULL")]
    pub host: String,
    #[model(sql = "INTEGER NOT NULL")]
    pub frecency: i64,
}

/// A row of the table `moz_places`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "moz_places")]
#[model(strict = false)]
#[model(index(url_hash, name = "moz_places_url_hashindex"))]
#[model(index(rev_host, name = "moz_places_hostindex"))]
#[model(index(visit_count, name = "moz_places_visitcount"))]
#[model(index(frecency, name = "moz_places_frecencyindex"))]
#[model(index(last_visit_date, name = "moz_places_lastvisitdateindex"))]
#[model(index(guid, unique, name = "moz_places_guid_uniqueindex"))]
#[model(index(origin_id, name = "moz_places_originidindex"))]
#[model(has_many(moz_places_metadatas_by_place = MozPlacesMetadata::place))]
#[model(has_many(moz_places_metadatas_by_referrer_place = MozPlacesMetadata::referrer_place))]
pub struct MozPlace {
    #[model(pk, sql = "INTEGER PRIMARY KEY")]
    pub id: Key<MozPlace>,
    #[model(sql = "LONGVARCHAR")]
    pub url: Option<String>,
    #[model(sql = "LONGVARCHAR")]
    pub title: Option<String>,
    #[model(sql = "LONGVARCHAR")]
    pub rev_host: Option<String>,
    #[model(sql = "INTEGER DEFAULT 0", default = 0)]
    pub visit_count: Option<i64>,
    #[model(sql = "INTEGER NOT NULL DEFAULT 0", default = 0)]
    pub hidden: i64,
    #[model(sql = "INTEGER NOT NULL DEFAULT 0", default = 0)]
    pub typed: i64,
    #[model(sql = "INTEGER NOT NULL DEFAULT -1", default = -1)]
    pub frecency: i64,
    #[model(sql = "INTEGER")]
    pub last_visit_date: Option<i64>,
    #[model(sql = "TEXT")]
    pub guid: Option<String>,
    #[model(sql = "INTEGER NOT NULL DEFAULT 0", default = 0)]
    pub foreign_count: i64,
    #[model(sql = "INTEGER NOT NULL DEFAULT 0", default = 0)]
    pub url_hash: i64,
    #[model(sql = "TEXT")]
    pub description: Option<String>,
    #[model(sql = "TEXT")]
    pub preview_image_url: Option<String>,
    #[model(sql = "TEXT")]
    pub site_name: Option<String>,
    #[model(sql = "INTEGER", on_delete = no_action, on_update = no_action)]
    pub origin_id: Option<Key<MozOrigin>>,
}

/// A row of the table `moz_historyvisits`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "moz_historyvisits")]
#[model(strict = false)]
#[model(index(place_id, visit_date, name = "moz_historyvisits_placedateindex"))]
#[model(index(from_visit, name = "moz_historyvisits_fromindex"))]
#[model(index(visit_date, name = "moz_historyvisits_dateindex"))]
pub struct MozHistoryvisit {
    #[model(pk, sql = "INTEGER PRIMARY KEY")]
    pub id: Key<MozHistoryvisit>,
    #[model(sql = "INTEGER")]
    pub from_visit: Option<i64>,
    #[model(sql = "INTEGER")]
    pub place_id: Option<i64>,
    #[model(sql = "INTEGER")]
    pub visit_date: Option<i64>,
    #[model(sql = "INTEGER")]
    pub visit_type: Option<i64>,
    #[model(sql = "INTEGER")]
    pub session: Option<i64>,
    #[model(sql = "INTEGER NOT NULL DEFAULT 0", default = 0)]
    pub source: i64,
    #[model(column = "triggeringPlaceId", sql = "INTEGER")]
    pub triggering_place_id: Option<i64>,
}

/// A row of the table `moz_inputhistory`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "moz_inputhistory")]
#[model(strict = false)]
#[model(constraint = "PRIMARY KEY (place_id, \"input\")")]
pub struct MozInputhistory {
    #[model(pk, sql = "INTEGER NOT NULL")]
    pub place_id: i64,
    #[model(pk, sql = "LONGVARCHAR NOT NULL")]
    pub input: String,
    #[model(sql = "INTEGER")]
    pub use_count: Option<i64>,
}

/// A row of the table `moz_bookmarks`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "moz_bookmarks")]
#[model(strict = false)]
#[model(index(fk, r#type, name = "moz_bookmarks_itemindex"))]
#[model(index(guid, unique, name = "moz_bookmarks_guid_uniqueindex"))]
pub struct MozBookmark {
    #[model(pk, sql = "INTEGER PRIMARY KEY")]
    pub id: Key<MozBookmark>,
    #[model(sql = "INTEGER")]
    pub r#type: Option<i64>,
    #[model(sql = "INTEGER DEFAULT NULL")]
    pub fk: Option<i64>,
    #[model(sql = "INTEGER")]
    pub parent: Option<i64>,
    #[model(sql = "INTEGER")]
    pub position: Option<i64>,
    #[model(sql = "LONGVARCHAR")]
    pub title: Option<String>,
    #[model(sql = "INTEGER")]
    pub keyword_id: Option<i64>,
    #[model(sql = "TEXT")]
    pub folder_type: Option<String>,
    #[model(column = "dateAdded", sql = "INTEGER")]
    pub date_added: Option<i64>,
    #[model(column = "lastModified", sql = "INTEGER")]
    pub last_modified: Option<i64>,
    #[model(sql = "TEXT")]
    pub guid: Option<String>,
    #[model(column = "syncStatus", sql = "INTEGER NOT NULL DEFAULT 0", default = 0)]
    pub sync_status: i64,
    #[model(column = "syncChangeCounter", sql = "INTEGER NOT NULL DEFAULT 1", default = 1)]
    pub sync_change_counter: i64,
}

/// A row of the table `moz_bookmarks_deleted`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "moz_bookmarks_deleted")]
#[model(strict = false)]
pub struct MozBookmarksDeleted {
    #[model(pk, sql = "TEXT PRIMARY KEY")]
    pub guid: String,
    #[model(column = "dateRemoved", sql = "INTEGER NOT NULL DEFAULT 0", default = 0)]
    pub date_removed: i64,
}

/// A row of the table `moz_keywords`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "moz_keywords")]
#[model(strict = false)]
#[model(index(place_id, post_data, unique, name = "moz_keywords_placepostdata_uniqueindex"))]
pub struct MozKeyword {
    #[model(pk, sql = "INTEGER PRIMARY KEY AUTOINCREMENT")]
    pub id: Key<MozKeyword>,
    #[model(sql = "TEXT UNIQUE", unique)]
    pub keyword: Option<String>,
    #[model(sql = "INTEGER")]
    pub place_id: Option<i64>,
    #[model(sql = "TEXT")]
    pub post_data: Option<String>,
}

/// A row of the table `moz_anno_attributes`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "moz_anno_attributes")]
#[model(strict = false)]
pub struct MozAnnoAttribute {
    #[model(pk, sql = "INTEGER PRIMARY KEY")]
    pub id: Key<MozAnnoAttribute>,
    #[model(sql = "VARCHAR(32) NOT NULL UNIQUE", unique)]
    pub name: String,
}

/// A row of the table `moz_annos`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "moz_annos")]
#[model(strict = false)]
#[model(index(place_id, anno_attribute_id, unique, name = "moz_annos_placeattributeindex"))]
pub struct MozAnno {
    #[model(pk, sql = "INTEGER PRIMARY KEY")]
    pub id: Key<MozAnno>,
    #[model(sql = "INTEGER NOT NULL")]
    pub place_id: i64,
    #[model(sql = "INTEGER")]
    pub anno_attribute_id: Option<i64>,
    #[model(sql = "LONGVARCHAR")]
    pub content: Option<String>,
    #[model(sql = "INTEGER DEFAULT 0", default = 0)]
    pub flags: Option<i64>,
    #[model(sql = "INTEGER DEFAULT 0", default = 0)]
    pub expiration: Option<i64>,
    #[model(sql = "INTEGER DEFAULT 0", default = 0)]
    pub r#type: Option<i64>,
    #[model(column = "dateAdded", sql = "INTEGER DEFAULT 0", default = 0)]
    pub date_added: Option<i64>,
    #[model(column = "lastModified", sql = "INTEGER DEFAULT 0", default = 0)]
    pub last_modified: Option<i64>,
}

/// A row of the table `moz_meta`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "moz_meta")]
#[model(strict = false)]
#[model(without_rowid)]
pub struct MozMeta {
    #[model(pk, sql = "TEXT PRIMARY KEY NOT NULL")]
    pub key: String,
    #[model(sql = "NOT NULL")]
    pub value: Any,
}

/// A row of the table `moz_places_metadata`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "moz_places_metadata")]
#[model(strict = false)]
#[model(index(place_id, created_at, unique, name = "moz_places_metadata_placecreated_uniqueindex"))]
#[model(check = "place_id != referrer_place_id")]
pub struct MozPlacesMetadata {
    #[model(pk, sql = "INTEGER PRIMARY KEY")]
    pub id: Key<MozPlacesMetadata>,
    #[model(sql = "INTEGER NOT NULL", on_delete = cascade, on_update = no_action)]
    pub place_id: Key<MozPlace>,
    #[model(sql = "INTEGER", on_delete = cascade, on_update = no_action, index = false)]
    pub referrer_place_id: Option<Key<MozPlace>>,
    #[model(sql = "INTEGER NOT NULL DEFAULT 0", default = 0, plain)]
    pub created_at: i64,
    #[model(sql = "INTEGER NOT NULL DEFAULT 0", default = 0, plain)]
    pub updated_at: i64,
    #[model(sql = "INTEGER NOT NULL DEFAULT 0", default = 0)]
    pub total_view_time: i64,
    #[model(sql = "INTEGER NOT NULL DEFAULT 0", default = 0)]
    pub typing_time: i64,
    #[model(sql = "INTEGER NOT NULL DEFAULT 0", default = 0)]
    pub document_type: i64,
    #[model(sql = "INTEGER", on_delete = cascade, on_update = no_action, index = false)]
    pub search_query_id: Option<Key<MozPlacesMetadataSearchQuery>>,
}

/// A row of the table `moz_places_metadata_search_queries`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "moz_places_metadata_search_queries")]
#[model(strict = false)]
#[model(has_many(moz_places_metadatas = MozPlacesMetadata::search_query))]
pub struct MozPlacesMetadataSearchQuery {
    #[model(pk, sql = "INTEGER PRIMARY KEY")]
    pub id: Key<MozPlacesMetadataSearchQuery>,
    #[model(sql = "TEXT NOT NULL UNIQUE", unique)]
    pub terms: String,
}

/// A row of the table `moz_previews_tombstones`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "moz_previews_tombstones")]
#[model(strict = false)]
#[model(without_rowid)]
pub struct MozPreviewsTombstone {
    #[model(pk, sql = "TEXT PRIMARY KEY NOT NULL")]
    pub hash: String,
}

/// All models.
pub type All = (
    MozOrigin,
    MozPlace,
    MozHistoryvisit,
    MozInputhistory,
    MozBookmark,
    MozBookmarksDeleted,
    MozKeyword,
    MozAnnoAttribute,
    MozAnno,
    MozMeta,
    MozPlacesMetadata,
    MozPlacesMetadataSearchQuery,
    MozPreviewsTombstone,
);
