//! The SQL of documents in JSON.

use super::SqlWriter;
use crate::error::Error;
use crate::sql::ast::{Expr, Json, JsonChange, JsonRead};
use crate::sql::json::refused;

impl SqlWriter {
    /// Where the value counts: in the form of its type.
    pub(super) fn json_by_value(&mut self, json: &Json) {
        let (read, place) = match json {
            Json::At { read, path, .. } => (read, *path),
            Json::Item { read, .. } => (read, "an element of an array"),
            Json::Length { .. } | Json::Any { .. } | Json::Changed { .. } => return self.json(json),
        };
        let Some(function) = read.declared.canonical else { return self.json(json) };
        self.push(function);
        self.push("(");
        self.json(json);
        self.push(", ");
        self.literal(place);
        self.push(")");
    }

    /// As the document has it.
    pub(super) fn json(&mut self, json: &Json) {
        match json {
            // A null in a document is NULL, as where there is nothing.
            Json::At { document, path, read } if read.as_document => {
                self.push("nullif(");
                self.factor(document);
                self.push(" -> ");
                self.json_path(path);
                self.push(", 'null')");
            }
            Json::At { document, path, .. } => {
                self.push("(");
                self.factor(document);
                self.push(" ->> ");
                self.json_path(path);
                self.push(")");
            }
            Json::Length { document, path } => {
                self.push("json_array_length(");
                self.operand(document);
                self.push(", ");
                self.json_path(path);
                self.push(")");
            }
            Json::Any { document, path, level, condition } => self.json_any(document, path, *level, condition),
            Json::Item { level, read } => self.json_item(*level, read),
            Json::Changed { document, change, is_binary } => {
                self.json_change(change, *is_binary, |sql| sql.operand(document));
            }
        }
    }

    /// A document with a change.
    pub(super) fn json_change(&mut self, change: &JsonChange, is_binary: bool, document: impl FnOnce(&mut Self)) {
        self.push(if is_binary { "jsonb_" } else { "json_" });
        self.push(match change {
            JsonChange::Set { .. } => "set(",
            JsonChange::Remove { .. } => "remove(",
            JsonChange::Merge { .. } => "patch(",
        });
        document(self);
        match change {
            JsonChange::Set { path, .. } | JsonChange::Remove { path } => {
                self.push(", ");
                self.json_path(path);
            }
            JsonChange::Merge { .. } => {}
        }
        match change {
            JsonChange::Set { value, .. } | JsonChange::Merge { value } => {
                self.push(", json(");
                self.operand(value);
                self.push(")");
            }
            JsonChange::Remove { .. } => {}
        }
        self.push(")");
    }

    /// A plus is before it as before every `EXISTS`. What is no array has no elements: the key of an element is a number.
    fn json_any(&mut self, document: &Expr, path: &'static str, level: u16, condition: &Expr) {
        self.push("+EXISTS (SELECT 1 FROM json_each(");
        self.operand(document);
        self.push(", ");
        self.json_path(path);
        self.push(") AS j");
        self.number(level);
        self.push(" WHERE typeof(j");
        self.number(level);
        self.push(".\"key\") = 'integer' AND ");
        self.json_items.push(level);
        self.nested(condition);
        self.json_items.pop();
        self.push(")");
    }

    fn json_item(&mut self, level: u16, read: &JsonRead) {
        if !self.json_items.contains(&level) {
            self.push("NULL");
            self.is_not_in_query(None, None);
            return;
        }
        if !read.as_document {
            self.push("j");
            self.number(level);
            return self.push(".\"value\"");
        }
        // json_each gives texts without their quotes, and true and false as numbers.
        self.push("CASE j");
        self.number(level);
        self.push(
            ".\"type\" WHEN 'null' THEN NULL WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' ELSE json_quote(j",
        );
        self.number(level);
        self.push(".\"value\") END");
    }

    /// A path is part of the text, so that an index over the same expression serves.
    fn json_path(&mut self, path: &'static str) {
        if let Some(reason) = refused(path) {
            let reason = reason.to_owned();
            self.error.get_or_insert_with(|| Error::JsonPath { path: path.to_owned(), reason });
        }
        self.literal(path);
    }
}
