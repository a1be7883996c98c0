//! Plain tables for unit tests.

use super::{Collation, ColumnInfo, TableInfo};
use crate::value::{Form, Storage};

/// A column of integers without any further property.
pub(crate) const fn column(name: &'static str) -> ColumnInfo {
    ColumnInfo {
        name,
        prefix: None,
        storage: Storage::Integer,
        nullable: false,
        unique: false,
        collation: None,
        declared_collation: Collation::Binary,
        generated: None,
        checks: &[],
        renamed_from: None,
        canonical: None,
        references: None,
        form: Form::Stored,
        check: |_| None,
        stored_as: None,
        checked_by: None,
        definition: None,
        indexed: true,
        default: None,
        inserted: None,
        now: None,
        deleted: None,
    }
}

/// A table whose key is the first of the columns.
pub(crate) const fn table(name: &'static str, columns: &'static [ColumnInfo], auto_key: bool) -> TableInfo {
    TableInfo {
        model: "",
        name,
        view: None,
        renamed_from: None,
        columns,
        groups: &[],
        key: &[0],
        auto_key,
        version: None,
        soft_delete: None,
        strict: true,
        without_rowid: false,
        checks: &[],
        constraints: &[],
        indexes: &[],
        junctions: &[],
        search: None,
    }
}
