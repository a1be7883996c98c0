//! The SQL of the tables and triggers of a full-text search.
//!
//! The FTS5 table keeps no texts: to take a row out of it, FTS5 must be told the texts that the row had. Triggers tell. Only of a row
//! that gives way to another one, as `INSERT OR REPLACE` makes it, no trigger is told, unless recursive triggers are on. So the rows that
//! may give way are written down before, and what has become of them is looked at afterwards.

use super::schema::Part;
use super::unique_in_sql;
use crate::table::{Collation, ColumnInfo, IndexInfo, Indexed, SearchInfo, TableInfo, quoted};

/// Stands in the text of every trigger of a search, which SQLite keeps: so that those of a model that has no search any more are known.
pub(crate) const MARK: &str = "/* search, by sqliter */";

/// What the names of the triggers end with. The table of the search is called as they are without it.
const TRIGGERS: [&str; 5] = ["_insert", "_delete", "_update", "_before_insert", "_before_update"];

/// The table of the search that a trigger of this name belongs to.
pub(crate) fn search_of_trigger(name: &str) -> Option<&str> {
    TRIGGERS.iter().rev().find_map(|end| name.strip_suffix(end))
}

/// The table of the rows that the write under way may replace, of the search with this table.
pub(crate) fn replaced_of(search: &str) -> String {
    format!("{search}_replaced")
}

/// Something that a search consists of.
pub(crate) struct SearchPart {
    /// Its name.
    pub(crate) name: String,
    /// The statement that creates it.
    pub(crate) sql: String,
}

/// All that the search of a table consists of, in the order of its creation; nothing without one.
pub(crate) fn search_parts(table: &TableInfo, exists_ok: bool) -> Vec<SearchPart> {
    let Some(search) = table.search else { return Vec::new() };
    let exists_ok = if exists_ok { "IF NOT EXISTS " } else { "" };
    let written = Written { table, search };
    let of_table = |name: &str, before: &str, after: &str| SearchPart {
        name: name.to_owned(),
        sql: format!("CREATE {before} {exists_ok}{} {after}", quoted(name)),
    };
    let mut parts = vec![
        of_table(search.table, "VIRTUAL TABLE", &format!("USING {}", written.module())),
        of_table(search.replaced, "TABLE", &format!("({})", written.names(""))),
    ];
    let bodies =
        [written.insert(), written.delete(), written.update(), written.before_insert(), written.before_update()];
    parts.extend(TRIGGERS.iter().zip(bodies).map(|(end, body)| {
        let name = format!("{}{end}", search.table);
        let sql = format!("CREATE TRIGGER {exists_ok}{} {body}", quoted(&name));
        SearchPart { name, sql }
    }));
    parts
}

/// Has a search read all rows of its table anew.
pub(crate) fn rebuild_search(search: &str) -> String {
    let search = quoted(search);
    format!("INSERT INTO {search} ({search}) VALUES ('rebuild')")
}

/// The search as a temporary table, for a look at what its model says of it.
pub(super) fn temporary_search(table: &TableInfo, search: SearchInfo) -> String {
    format!("CREATE VIRTUAL TABLE temp.{} USING {}", quoted(search.table), Written { table, search }.module())
}

/// What the statements are written from.
struct Written<'t> {
    table: &'t TableInfo,
    search: SearchInfo,
}

impl Written<'_> {
    fn module(&self) -> String {
        let Self { table, search } = self;
        let text = |text: &str| format!("'{}'", text.replace('\'', "''"));
        let mut arguments: Vec<_> = search.columns_of(table).map(|column| quoted(column.name)).collect();
        arguments.push(format!("content={}", text(table.name)));
        arguments.push(format!("content_rowid={}", text(table.key_column().name)));
        arguments.extend(search.tokenize.map(|tokenize| format!("tokenize={}", text(tokenize))));
        arguments.extend(search.prefix.map(|prefix| format!("prefix={}", text(prefix))));
        format!("fts5({})", arguments.join(", "))
    }

    /// The key and the columns of the search, each of the row that `of` names.
    fn names(&self, of: &str) -> String {
        let columns = [self.table.key_column()].into_iter().chain(self.search.columns_of(self.table));
        columns.map(|column| format!("{of}{}", quoted(column.name))).collect::<Vec<_>>().join(", ")
    }

    fn key(&self) -> String {
        quoted(self.table.key_column().name)
    }

    /// The columns into which a row is added to the search, or taken out of it.
    fn into(&self, taken_out: bool) -> String {
        let search = quoted(self.search.table);
        let command = if taken_out { format!("{search}, ") } else { String::new() };
        let columns =
            self.search.columns_of(self.table).map(|column| quoted(column.name)).collect::<Vec<_>>().join(", ");
        format!("INSERT INTO {search} ({command}rowid, {columns})")
    }

    /// The condition that a row is in the search. FTS5 keeps the lengths of all rows that are, each under its key.
    fn is_in(&self, row: &str) -> String {
        let lengths = quoted(&format!("{}_docsize", self.search.table));
        format!("EXISTS (SELECT 1 FROM {lengths} WHERE id = {row}.{})", self.key())
    }

    /// Takes the rows out that have given way: they are gone, or `same` says that they are others now.
    fn take_out_replaced(&self, same: &str) -> String {
        let (into, names, key) = (self.into(true), self.names("r."), self.key());
        let (replaced, table, is_in) = (quoted(self.search.replaced), quoted(self.table.name), self.is_in("r"));
        let is_gone = format!("NOT EXISTS (SELECT 1 FROM {table} AS t WHERE t.{key} = r.{key})");
        format!("{into} SELECT 'delete', {names} FROM {replaced} AS r WHERE {is_in} AND ({same}{is_gone});")
    }

    /// Not `DELETE` of all rows, which writes a page of the file even where there are none.
    fn forget_replaced(&self) -> String {
        format!("DELETE FROM {} WHERE {} IS NOT NULL;", quoted(self.search.replaced), self.key())
    }

    fn insert(&self) -> String {
        format!(
            "AFTER INSERT ON {} BEGIN {MARK} {} {} {} VALUES ({}); END",
            quoted(self.table.name),
            self.take_out_replaced(&format!("r.{key} = new.{key} OR ", key = self.key())),
            self.forget_replaced(),
            self.into(false),
            self.names("new."),
        )
    }

    /// A row that is gone may have been deleted because one is that gave way, of which nothing else tells.
    fn delete(&self) -> String {
        let (key, table) = (self.key(), quoted(self.table.name));
        format!(
            "AFTER DELETE ON {table} BEGIN {MARK} {} DELETE FROM {} WHERE {key} NOT IN (SELECT {key} FROM {table}); \
             {} SELECT 'delete', {} WHERE {}; END",
            self.take_out_replaced(""),
            quoted(self.search.replaced),
            self.into(true),
            self.names("old."),
            self.is_in("old"),
        )
    }

    fn update(&self) -> String {
        let key = self.key();
        // Texts that the column takes for the same may have other words.
        let texts = self.search.columns_of(self.table).map(|column| {
            let name = quoted(column.name);
            format!("old.{name} IS NOT new.{name} COLLATE {}", quoted(Collation::Binary.as_sql()))
        });
        let changed = [format!("old.{key} <> new.{key}")].into_iter().chain(texts).collect::<Vec<_>>().join(" OR ");
        format!(
            "AFTER UPDATE ON {} BEGIN {MARK} {} {} {} SELECT 'delete', {} WHERE {} AND ({changed}); {} SELECT {} WHERE NOT {}; END",
            quoted(self.table.name),
            self.take_out_replaced(&format!("r.{key} = new.{key} AND r.{key} <> old.{key} OR ")),
            self.forget_replaced(),
            self.into(true),
            self.names("old."),
            self.is_in("old"),
            self.into(false),
            self.names("new."),
            self.is_in("new"),
        )
    }

    fn before_insert(&self) -> String {
        format!("BEFORE INSERT ON {} {}", quoted(self.table.name), self.note_replaced(""))
    }

    fn before_update(&self) -> String {
        let but = format!("{key} <> old.{key} AND ", key = self.key());
        format!("BEFORE UPDATE ON {} {}", quoted(self.table.name), self.note_replaced(&but))
    }

    /// Writes the rows down that are in the way of the new one.
    fn note_replaced(&self, but: &str) -> String {
        let (table, key) = (quoted(self.table.name), self.key());
        let in_the_way = self.in_the_way();
        let exists = in_the_way.iter().map(|same| format!("EXISTS (SELECT 1 FROM {table} WHERE {but}{same})"));
        let exists = exists.collect::<Vec<_>>().join(" OR ");
        let keys = in_the_way.iter().map(|same| format!("SELECT {key} FROM {table} WHERE {but}{same}"));
        let keys = keys.collect::<Vec<_>>().join(" UNION ALL ");
        format!(
            "WHEN {exists} BEGIN {MARK} {} INSERT INTO {} ({names}) SELECT {names} FROM {table} WHERE {key} IN ({keys}); END",
            self.forget_replaced(),
            quoted(self.search.replaced),
            // By name: a search that became one over other columns has them in the order in which they came.
            names = self.names(""),
        )
    }

    /// The conditions of which a row that gives way meets one: it has the same values where no two rows may have them.
    fn in_the_way(&self) -> Vec<String> {
        let same = |name: &str| format!("{0} = new.{0}", quoted(name));
        let is_unique = |column: &ColumnInfo| column.unique || column.definition.is_some_and(unique_in_sql::is_unique);
        let mut conditions = vec![same(self.table.key_column().name)];
        let unique =
            self.table.columns.iter().enumerate().filter(|(i, column)| is_unique(column) && !self.table.is_key(*i));
        conditions.extend(unique.map(|(_, column)| same(column.name)));
        conditions.extend(self.table.constraints.iter().filter_map(|constraint| same_by_constraint(constraint)));
        conditions.extend(self.table.indexes.iter().filter(|index| index.unique).map(|index| self.same_in(index)));
        conditions
    }

    fn same_in(&self, index: &IndexInfo) -> String {
        let parts = index.parts.iter().map(|part| match part.value {
            Indexed::Column(name) => format!("{0} = new.{0}", quoted(name)),
            // Over the new row, as columns that it names are those of the innermost query.
            Indexed::Expression(_) => {
                let sql = Part::from(part).value;
                let row = self.table.columns.iter().map(|column| format!("new.{0} AS {0}", quoted(column.name)));
                format!("({sql}) = (SELECT {sql} FROM (SELECT {}))", row.collect::<Vec<_>>().join(", "))
            }
        });
        let filter = index.filter.map(|filter| format!("({filter})"));
        parts.chain(filter).collect::<Vec<_>>().join(" AND ")
    }
}

/// The condition that a row has the same values, by a constraint in SQL that says of which columns no two rows have the same.
fn same_by_constraint(constraint: &str) -> Option<String> {
    let parts = unique_in_sql::unique_columns(constraint).into_iter().map(|part| {
        let collation = part.collation.map(|name| format!(" COLLATE {}", quoted(&name))).unwrap_or_default();
        format!("{0} = new.{0}{collation}", quoted(&part.column))
    });
    let parts: Vec<_> = parts.collect();
    (!parts.is_empty()).then(|| parts.join(" AND "))
}
