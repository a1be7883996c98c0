//! Columns as the derive describes them: what the type of a field says of its column.

use super::{Clock, Codec};
use crate::table::{Action, Collation, ColumnInfo, ForeignKey};

impl ColumnInfo {
    /// A column for values of the type of the codec.
    #[doc(hidden)]
    pub const fn new<T>(name: &'static str, codec: &Codec<T>) -> Self {
        Self {
            name,
            prefix: None,
            storage: codec.storage,
            nullable: codec.nullable,
            unique: false,
            collation: codec.collation,
            declared_collation: Collation::Binary,
            generated: None,
            checks: &[],
            renamed_from: None,
            definition: None,
            indexed: true,
            canonical: codec.canonical,
            references: match codec.references {
                Some(table) => Some(ForeignKey {
                    table,
                    on_delete: Action::Restrict,
                    on_update: Action::Restrict,
                    deferrable: false,
                }),
                None => None,
            },
            form: codec.form,
            check: codec.check,
            stored_as: codec.stored_as,
            checked_by: codec.checked_by,
            default: None,
            inserted: None,
            now: None,
            deleted: None,
        }
    }

    /// As `created_at`.
    #[doc(hidden)]
    #[must_use]
    pub const fn created_at<T>(mut self, clock: &Clock<T>) -> Self {
        self.inserted = Some(clock.stored);
        self
    }

    /// As the column that a soft deletion sets.
    #[doc(hidden)]
    #[must_use]
    pub const fn soft_delete<T>(mut self, clock: &Clock<T>) -> Self {
        self.deleted = Some(clock.stored);
        self
    }

    /// As `updated_at`.
    #[doc(hidden)]
    #[must_use]
    pub const fn updated_at<T>(mut self, clock: &Clock<T>) -> Self {
        self.inserted = Some(clock.stored);
        self.now = Some(clock.stored);
        self
    }
}
