//! The tables of photo_library.db, as `sqliter models` has read them.

// Clippy takes a column that two indexes have for an attribute that is given twice.
#![allow(clippy::duplicated_attributes)]

use sqliter::prelude::*;
use sqliter::Row;

/// A row of the table `AlbumRoots`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "AlbumRoots")]
#[model(strict = false)]
#[model(unique(identifier, specific_path, constraint))]
pub struct AlbumRoot {
    #[model(pk, sql = "INTEGER PRIMARY KEY")]
    pub id: Key<AlbumRoot>,
    #[model(sql = "TEXT")]
    pub label: Option<String>,
    #[model(sql = "INTEGER NOT NULL")]
    pub status: i64,
    #[model(sql = "INTEGER NOT NULL")]
    pub r#type: i64,
    #[model(sql = "TEXT")]
    pub identifier: Option<String>,
    #[model(column = "specificPath", sql = "TEXT")]
    pub specific_path: Option<String>,
    #[model(column = "caseSensitivity", sql = "INTEGER")]
    pub case_sensitivity: Option<i64>,
}

/// A row of the table `Albums`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "Albums")]
#[model(strict = false)]
#[model(unique(album_root, relative_path, constraint))]
pub struct Album {
    #[model(pk, sql = "INTEGER PRIMARY KEY")]
    pub id: Key<Album>,
    #[model(column = "albumRoot", sql = "INTEGER NOT NULL")]
    pub album_root: i64,
    #[model(column = "relativePath", sql = "TEXT NOT NULL")]
    pub relative_path: String,
    #[model(sql = "DATE")]
    pub date: Option<String>,
    #[model(sql = "TEXT")]
    pub caption: Option<String>,
    #[model(sql = "TEXT")]
    pub collection: Option<String>,
    #[model(sql = "INTEGER")]
    pub icon: Option<i64>,
    #[model(column = "modificationDate", sql = "DATETIME")]
    pub modification_date: Option<String>,
}

/// A row of the table `Images`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "Images")]
#[model(strict = false)]
#[model(index(album, name = "dir_index"))]
#[model(index(unique_hash, name = "hash_index"))]
#[model(unique(album, name, constraint))]
pub struct Image {
    #[model(pk, sql = "INTEGER PRIMARY KEY")]
    pub id: Key<Image>,
    #[model(sql = "INTEGER")]
    pub album: Option<i64>,
    #[model(sql = "TEXT NOT NULL")]
    pub name: String,
    #[model(sql = "INTEGER NOT NULL")]
    pub status: i64,
    #[model(sql = "INTEGER NOT NULL")]
    pub category: i64,
    #[model(column = "modificationDate", sql = "DATETIME")]
    pub modification_date: Option<String>,
    #[model(column = "fileSize", sql = "INTEGER")]
    pub file_size: Option<i64>,
    #[model(column = "uniqueHash", sql = "TEXT")]
    pub unique_hash: Option<String>,
    #[model(column = "manualOrder", sql = "INTEGER")]
    pub manual_order: Option<i64>,
}

/// A row of the table `ImageInformation`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "ImageInformation")]
#[model(strict = false)]
#[model(index(creation_date, name = "creationdate_index"))]
pub struct ImageInformation {
    #[model(pk, sql = "INTEGER PRIMARY KEY")]
    pub imageid: Key<ImageInformation>,
    #[model(sql = "INTEGER")]
    pub rating: Option<i64>,
    #[model(column = "creationDate", sql = "DATETIME")]
    pub creation_date: Option<String>,
    #[model(column = "digitizationDate", sql = "DATETIME")]
    pub digitization_date: Option<String>,
    #[model(sql = "INTEGER")]
    pub orientation: Option<i64>,
    #[model(sql = "INTEGER")]
    pub width: Option<i64>,
    #[model(sql = "INTEGER")]
    pub height: Option<i64>,
    #[model(sql = "TEXT")]
    pub format: Option<String>,
    #[model(column = "colorDepth", sql = "INTEGER")]
    pub color_depth: Option<i64>,
    #[model(column = "colorModel", sql = "INTEGER")]
    pub color_model: Option<i64>,
}

/// A row of the table `ImagePositions`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "ImagePositions")]
#[model(strict = false)]
pub struct ImagePosition {
    #[model(pk, sql = "INTEGER PRIMARY KEY")]
    pub imageid: Key<ImagePosition>,
    #[model(sql = "TEXT")]
    pub latitude: Option<String>,
    #[model(column = "latitudeNumber", sql = "REAL")]
    pub latitude_number: Option<f64>,
    #[model(sql = "TEXT")]
    pub longitude: Option<String>,
    #[model(column = "longitudeNumber", sql = "REAL")]
    pub longitude_number: Option<f64>,
    #[model(sql = "REAL")]
    pub altitude: Option<f64>,
    #[model(sql = "REAL")]
    pub orientation: Option<f64>,
    #[model(sql = "REAL")]
    pub tilt: Option<f64>,
    #[model(sql = "REAL")]
    pub roll: Option<f64>,
    #[model(sql = "REAL")]
    pub accuracy: Option<f64>,
    #[model(sql = "TEXT")]
    pub description: Option<String>,
}

/// A row of the table `ImageComments`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "ImageComments")]
#[model(strict = false)]
#[model(index(imageid, name = "comments_imageid_index"))]
#[model(unique(imageid, r#type, language, author, constraint))]
pub struct ImageComment {
    #[model(pk, sql = "INTEGER PRIMARY KEY")]
    pub id: Key<ImageComment>,
    #[model(sql = "INTEGER")]
    pub imageid: Option<i64>,
    #[model(sql = "INTEGER")]
    pub r#type: Option<i64>,
    #[model(sql = "TEXT")]
    pub language: Option<String>,
    #[model(sql = "TEXT")]
    pub author: Option<String>,
    #[model(sql = "DATETIME")]
    pub date: Option<String>,
    #[model(sql = "TEXT")]
    pub comment: Option<String>,
}

/// A row of the table `ImageProperties`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "ImageProperties")]
#[model(strict = false)]
#[model(unique(imageid, property, constraint))]
pub struct ImageProperty {
    #[model(pk, sql = "INTEGER NOT NULL")]
    pub imageid: i64,
    #[model(pk, sql = "TEXT NOT NULL")]
    pub property: String,
    #[model(sql = "TEXT NOT NULL")]
    pub value: String,
}

/// A row of the table `Tags`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "Tags")]
#[model(strict = false)]
#[model(unique(name, pid, constraint))]
pub struct Tag {
    #[model(pk, sql = "INTEGER PRIMARY KEY")]
    pub id: Key<Tag>,
    #[model(sql = "INTEGER")]
    pub pid: Option<i64>,
    #[model(sql = "TEXT NOT NULL")]
    pub name: String,
    #[model(sql = "INTEGER")]
    pub icon: Option<i64>,
    #[model(sql = "TEXT")]
    pub iconkde: Option<String>,
}

/// A row of the table `TagsTree`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "TagsTree")]
#[model(strict = false)]
#[model(unique(id, pid, constraint))]
pub struct TagsTree {
    #[model(pk, sql = "INTEGER NOT NULL")]
    pub id: i64,
    #[model(pk, sql = "INTEGER NOT NULL")]
    pub pid: i64,
}

/// A row of the table `ImageTags`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "ImageTags")]
#[model(strict = false)]
#[model(index(tagid, name = "tag_index"))]
#[model(index(imageid, name = "tag_id_index"))]
#[model(unique(imageid, tagid, constraint))]
pub struct ImageTag {
    #[model(pk, sql = "INTEGER NOT NULL")]
    pub imageid: i64,
    #[model(pk, sql = "INTEGER NOT NULL")]
    pub tagid: i64,
}

/// A row of the table `TagProperties`.
///
/// It is no model, as it has no primary key, and no columns that are NOT NULL and unique.
///
/// ```sql
/// CREATE TABLE TagProperties (tagid INTEGER, property TEXT, value TEXT);
/// ```
///
/// Read it by `db.query::<TagProperty>("SELECT * FROM \"TagProperties\"")`.
#[derive(Debug, Clone, PartialEq, Row)]
pub struct TagProperty {
    pub tagid: Option<i64>,
    pub property: Option<String>,
    pub value: Option<String>,
}

/// A row of the table `Settings`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "Settings")]
#[model(strict = false)]
pub struct Setting {
    #[model(pk, sql = "TEXT NOT NULL UNIQUE")]
    pub keyword: String,
    #[model(sql = "TEXT")]
    pub value: Option<String>,
}

/// All models.
pub type All = (
    AlbumRoot,
    Album,
    Image,
    ImageInformation,
    ImagePosition,
    ImageComment,
    ImageProperty,
    Tag,
    TagsTree,
    ImageTag,
    Setting,
);

// The trigger delete_image stays in the file; models say nothing of triggers.
// CREATE TRIGGER delete_image DELETE ON Images
//     BEGIN
//         DELETE FROM ImageTags WHERE imageid=OLD.id;
//         DELETE FROM ImageInformation WHERE imageid=OLD.id;
//     END;

// The trigger delete_tag stays in the file; models say nothing of triggers.
// CREATE TRIGGER delete_tag DELETE ON Tags
//     BEGIN
//         DELETE FROM ImageTags WHERE tagid=OLD.id;
//     END;
