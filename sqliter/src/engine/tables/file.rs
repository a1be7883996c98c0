//! A table as SQLite describes it.

use crate::engine::Connection;
use crate::engine::connection::report;
use crate::error::{Context, Result, SqliteError};
use crate::sql;
use crate::table::{FileColumn, FileKind, FileTable};

impl Connection {
    /// The table of a file as it is now.
    pub(crate) fn file_table(&self, name: &str, context: Context<'_>) -> Result<Option<FileTable>> {
        self.look_at(name).map_err(|source| self.error(context, source))
    }

    pub(super) fn look_at(&self, name: &str) -> Result<Option<FileTable>, SqliteError> {
        // Temporary tables hide those of the file, and those the attached ones.
        const NAMED: &str = "SELECT t.schema, t.type, t.wr, t.strict FROM pragma_table_list(?1) AS t \
            JOIN pragma_database_list AS d ON d.name = t.schema COLLATE NOCASE ORDER BY d.seq <> 1, d.seq LIMIT 1";
        let found = self.ask_all(NAMED, [name], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get(2)?, row.get(3)?))
        })?;
        let Some((schema, kind, without_rowid, strict)) = found.into_iter().next() else { return Ok(None) };
        let kind = match kind.as_str() {
            "view" => FileKind::View,
            "virtual" => FileKind::Virtual,
            _ => FileKind::Table,
        };
        let sql = self.ask_all(&sql::schema_of(&schema), [name], |row| row.get::<_, Option<String>>(0))?;
        const COLUMNS: &str = "SELECT name, type, \"notnull\", pk FROM pragma_table_xinfo(?1, ?2)";
        let mut columns = self.ask_all(COLUMNS, [name, &schema], |row| {
            Ok(FileColumn {
                name: row.get(0)?,
                declared_type: row.get(1)?,
                not_null: row.get(2)?,
                key: row.get(3)?,
                collation: None,
            })
        })?;
        if kind != FileKind::View {
            for column in &mut columns {
                let known = self.sqlite().column_metadata(Some(schema.as_str()), name, column.name.as_str());
                let (_, collation, ..) = known.map_err(report)?;
                column.collation = collation.map(|name| name.to_string_lossy().into_owned());
            }
        }
        const INDEXES: &str = "SELECT name, origin FROM pragma_index_list(?1, ?2) WHERE \"unique\" AND NOT partial";
        // An expression has no name.
        const INDEXED: &str = "SELECT ifnull(name, '') FROM pragma_index_xinfo(?1, ?2) WHERE key ORDER BY seqno";
        let indexes =
            self.ask_all(INDEXES, [name, &schema], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
        let key_is_indexed = indexes.iter().any(|(_, origin)| origin == "pk");
        let mut unique = Vec::with_capacity(indexes.len());
        for (index, _) in &indexes {
            unique.push(self.ask_all(INDEXED, [index, &schema], |row| row.get::<_, String>(0))?);
        }
        let sql = sql.into_iter().flatten().next().unwrap_or_default();
        Ok(Some(FileTable { kind, without_rowid, strict, sql, columns, unique, key_is_indexed }))
    }
}
