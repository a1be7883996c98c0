//! The tables of mail_index.db, as `sqliter models` has read them.

// Clippy takes a column that two indexes have for an attribute that is given twice.
#![allow(clippy::duplicated_attributes)]

use sqliter::prelude::*;
use sqliter::Row;

/// A row of the table `folderLocations`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "folderLocations")]
#[model(strict = false)]
pub struct FolderLocation {
    #[model(pk, sql = "INTEGER PRIMARY KEY")]
    pub id: Key<FolderLocation>,
    #[model(column = "folderURI", sql = "TEXT NOT NULL")]
    pub folder_uri: String,
    #[model(column = "dirtyStatus", sql = "INTEGER NOT NULL")]
    pub dirty_status: i64,
    #[model(sql = "TEXT NOT NULL")]
    pub name: String,
    #[model(column = "indexingPriority", sql = "INTEGER NOT NULL")]
    pub indexing_priority: i64,
}

/// A row of the table `conversations`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "conversations")]
#[model(strict = false)]
#[model(index(subject, name = "subject"))]
#[model(index(oldest_message_date, name = "oldestMessageDate"))]
#[model(index(newest_message_date, name = "newestMessageDate"))]
pub struct Conversation {
    #[model(pk, sql = "INTEGER PRIMARY KEY")]
    pub id: Key<Conversation>,
    #[model(sql = "TEXT NOT NULL")]
    pub subject: String,
    #[model(column = "oldestMessageDate", sql = "INTEGER")]
    pub oldest_message_date: Option<i64>,
    #[model(column = "newestMessageDate", sql = "INTEGER")]
    pub newest_message_date: Option<i64>,
}

/// A row of the table `messages`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "messages")]
#[model(strict = false)]
#[model(index(folder_id, message_key, name = "messageLocation"))]
#[model(index(header_message_id, name = "headerMessageID"))]
#[model(index(conversation_id, name = "conversationID"))]
#[model(index(date, name = "date"))]
#[model(index(deleted, name = "deleted"))]
pub struct Message {
    #[model(pk, sql = "INTEGER PRIMARY KEY")]
    pub id: Key<Message>,
    #[model(column = "folderID", sql = "INTEGER")]
    pub folder_id: Option<i64>,
    #[model(column = "messageKey", sql = "INTEGER")]
    pub message_key: Option<i64>,
    #[model(column = "conversationID", sql = "INTEGER NOT NULL")]
    pub conversation_id: i64,
    #[model(sql = "INTEGER")]
    pub date: Option<i64>,
    #[model(column = "headerMessageID", sql = "TEXT")]
    pub header_message_id: Option<String>,
    #[model(sql = "INTEGER NOT NULL DEFAULT 0", default = 0)]
    pub deleted: i64,
    #[model(column = "jsonAttributes", sql = "TEXT")]
    pub json_attributes: Option<String>,
    #[model(sql = "INTEGER NOT NULL DEFAULT 0", default = 0)]
    pub notability: i64,
}

/// A row of the table `attributeDefinitions`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "attributeDefinitions")]
#[model(strict = false)]
pub struct AttributeDefinition {
    #[model(pk, sql = "INTEGER PRIMARY KEY")]
    pub id: Key<AttributeDefinition>,
    #[model(column = "attributeType", sql = "INTEGER NOT NULL")]
    pub attribute_type: i64,
    #[model(column = "extensionName", sql = "TEXT NOT NULL")]
    pub extension_name: String,
    #[model(sql = "TEXT NOT NULL")]
    pub name: String,
    #[model(sql = "BLOB")]
    pub parameter: Option<Vec<u8>>,
}

/// A row of the table `messageAttributes`.
///
/// It is no model, as it has no primary key, and no columns that are NOT NULL and unique.
///
/// ```sql
/// CREATE TABLE messageAttributes (conversationID INTEGER NOT NULL, messageID INTEGER NOT NULL, attributeID INTEGER NOT NULL, value NUMERIC);
/// CREATE INDEX attribQuery ON messageAttributes(attributeID, value, conversationID, messageID);
/// CREATE INDEX messageAttribFastDeletion ON messageAttributes(messageID);
/// ```
///
/// Read it by `db.query::<MessageAttribute>("SELECT * FROM \"messageAttributes\"")`.
#[derive(Debug, Clone, PartialEq, Row)]
pub struct MessageAttribute {
    #[row(column = "conversationID")]
    pub conversation_id: i64,
    #[row(column = "messageID")]
    pub message_id: i64,
    #[row(column = "attributeID")]
    pub attribute_id: i64,
    pub value: Option<f64>,
}

/// A row of the table `contacts`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "contacts")]
#[model(strict = false)]
#[model(index(popularity, name = "popularity"))]
pub struct Contact {
    #[model(pk, sql = "INTEGER PRIMARY KEY")]
    pub id: Key<Contact>,
    #[model(column = "directoryUUID", sql = "TEXT")]
    pub directory_uuid: Option<String>,
    #[model(column = "contactUUID", sql = "TEXT")]
    pub contact_uuid: Option<String>,
    #[model(sql = "INTEGER")]
    pub popularity: Option<i64>,
    #[model(sql = "INTEGER")]
    pub frecency: Option<i64>,
    #[model(sql = "TEXT")]
    pub name: Option<String>,
    #[model(column = "jsonAttributes", sql = "TEXT")]
    pub json_attributes: Option<String>,
}

/// A row of the table `contactAttributes`.
///
/// It is no model, as it has no primary key, and no columns that are NOT NULL and unique.
///
/// ```sql
/// CREATE TABLE contactAttributes (contactID INTEGER NOT NULL, attributeID INTEGER NOT NULL, value NUMERIC);
/// ```
///
/// Read it by `db.query::<ContactAttribute>("SELECT * FROM \"contactAttributes\"")`.
#[derive(Debug, Clone, PartialEq, Row)]
pub struct ContactAttribute {
    #[row(column = "contactID")]
    pub contact_id: i64,
    #[row(column = "attributeID")]
    pub attribute_id: i64,
    pub value: Option<f64>,
}

/// A row of the table `identities`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "identities")]
#[model(strict = false)]
#[model(index(contact_id, name = "contactQuery"))]
#[model(index(kind, value, unique, name = "valueQuery"))]
pub struct Identity {
    #[model(pk, sql = "INTEGER PRIMARY KEY")]
    pub id: Key<Identity>,
    #[model(column = "contactID", sql = "INTEGER NOT NULL")]
    pub contact_id: i64,
    #[model(sql = "TEXT NOT NULL")]
    pub kind: String,
    #[model(sql = "TEXT NOT NULL")]
    pub value: String,
    #[model(sql = "TEXT")]
    pub description: Option<String>,
    #[model(sql = "INTEGER NOT NULL")]
    pub relay: i64,
}

/// All models.
pub type All = (FolderLocation, Conversation, Message, AttributeDefinition, Contact, Identity);

// The virtual table messagesText is no model: its module gives its rows.
// CREATE VIRTUAL TABLE messagesText USING fts4(body, subject, attachmentNames, author, recipients);
