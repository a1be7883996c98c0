//! What the table of a file guarantees to a model.
//!
//! A model describes the table that the library would create. The table of the file may be another program's: its key
//! need not be unique, its columns may hold values in other forms or with another collating sequence, and it may be no
//! table at all. SQL is written for what is there.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use super::{CachedSql, ColumnInfo, Link, RelationInfo, TableInfo};
use crate::error::{Context, Error};
use crate::value::Storage;

/// What is known of the tables that statements are about, by [`Seen::address`].
pub(crate) type Fits = HashMap<usize, Arc<Fit>>;

/// A table that a statement is about.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Seen {
    /// The table of a model.
    Table(&'static TableInfo),
    /// The table of pairs of a relation.
    Pairs(&'static RelationInfo),
}

impl Seen {
    /// Tells descriptions apart. One that has several addresses is looked up once for each.
    pub(crate) fn address(self) -> usize {
        match self {
            Self::Table(table) => std::ptr::from_ref(table).addr(),
            Self::Pairs(relation) => std::ptr::from_ref(relation).addr(),
        }
    }

    /// What the table is called.
    pub(crate) fn name(self) -> Cow<'static, str> {
        match self {
            Self::Table(table) => Cow::Borrowed(table.name),
            Self::Pairs(relation) => relation.table_of_pairs().unwrap_or_default(),
        }
    }

    /// What the values of each column of a model are: the function for their forms, or else the declared type.
    pub(crate) fn kinds(self) -> impl Iterator<Item = &'static str> {
        let columns = match self {
            Self::Table(table) => table.columns,
            Self::Pairs(_) => &[],
        };
        columns.iter().map(|column| column.canonical.unwrap_or(column.storage.as_sql()))
    }

    /// What the file's table is to it; without one it is taken as described, and SQLite says that it is missing.
    pub(crate) fn fit(self, file: Option<&FileTable>) -> Fit {
        match (self, file) {
            (Self::Table(table), Some(file)) => Fit::of_table(table, file),
            (Self::Pairs(relation), Some(file)) => Fit::of_pairs(relation, file),
            (_, None) => Fit::as_described(self),
        }
    }

    /// What is known of it. The same description may have been looked up by another of its addresses.
    pub(crate) fn known(self, fits: &Fits) -> Option<&Arc<Fit>> {
        fits.get(&self.address()).or_else(|| fits.values().find(|fit| fit.of.is_same(self)))
    }

    fn is_same(self, other: Self) -> bool {
        match (self, other) {
            (Self::Table(a), Self::Table(b)) => {
                let described = |column: &ColumnInfo| {
                    let ColumnInfo { name, storage, canonical, collation, declared_collation, .. } = *column;
                    (name, storage, canonical, collation, declared_collation)
                };
                (a.name, a.key, a.auto_key) == (b.name, b.key, b.auto_key)
                    && a.columns.iter().map(described).eq(b.columns.iter().map(described))
            }
            (Self::Pairs(a), Self::Pairs(b)) => a == b,
            (Self::Table(_), Self::Pairs(_)) | (Self::Pairs(_), Self::Table(_)) => false,
        }
    }
}

/// What a name means in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileKind {
    Table,
    View,
    Virtual,
}

impl FileKind {
    const fn as_words(self) -> &'static str {
        match self {
            Self::Table => "a table",
            Self::View => "a view",
            Self::Virtual => "a virtual table",
        }
    }
}

/// A table of a file as SQLite describes it.
#[derive(Debug)]
pub(crate) struct FileTable {
    pub(crate) kind: FileKind,
    pub(crate) without_rowid: bool,
    pub(crate) strict: bool,
    /// The statement that created it.
    pub(crate) sql: String,
    pub(crate) columns: Vec<FileColumn>,
    /// The columns of each unique index over all rows.
    pub(crate) unique: Vec<Vec<String>>,
    /// Whether the primary key has an index of its own, which that of the row id has not.
    pub(crate) key_is_indexed: bool,
}

/// A column of a file's table.
#[derive(Debug)]
pub(crate) struct FileColumn {
    pub(crate) name: String,
    pub(crate) declared_type: String,
    pub(crate) not_null: bool,
    /// The position in the primary key, counted from 1.
    pub(crate) key: i64,
    /// `None` when it cannot be told, as for a view.
    pub(crate) collation: Option<String>,
}

/// How SQLite [converts](https://www.sqlite.org/datatype3.html#determination_of_column_affinity) what is stored in a
/// column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Affinity {
    Number,
    Text,
    None,
}

impl FileTable {
    fn column(&self, name: &str) -> Option<&FileColumn> {
        self.columns.iter().find(|column| column.name.eq_ignore_ascii_case(name))
    }

    /// The column that is another name of the row id.
    fn row_id(&self) -> Option<&FileColumn> {
        let mut keys = self.columns.iter().filter(|column| column.key > 0);
        let key = keys.next().filter(|key| key.declared_type.eq_ignore_ascii_case("INTEGER"))?;
        let is_row_id = keys.next().is_none() && !self.without_rowid && !self.key_is_indexed;
        (is_row_id && self.kind == FileKind::Table).then_some(key)
    }

    fn affinity(&self, column: &FileColumn) -> Affinity {
        let declared = column.declared_type.to_ascii_uppercase();
        let has = |part: &str| declared.contains(part);
        match () {
            () if has("INT") => Affinity::Number,
            () if has("CHAR") || has("CLOB") || has("TEXT") => Affinity::Text,
            () if declared.is_empty() || has("BLOB") || (self.strict && declared == "ANY") => Affinity::None,
            () => Affinity::Number,
        }
    }

    /// What tells its rows apart, whatever a model takes for the key.
    fn identity(&self) -> Option<Vec<String>> {
        if self.kind != FileKind::Table {
            return None;
        }
        if self.without_rowid {
            let mut keys: Vec<_> = self.columns.iter().filter(|column| column.key > 0).collect();
            keys.sort_by_key(|column| column.key);
            return Some(keys.into_iter().map(|column| column.name.clone()).collect());
        }
        // A column of the name hides the row id.
        let visible = ["rowid", "_rowid_", "oid"].into_iter().find(|name| self.column(name).is_none());
        let name = visible.or_else(|| self.row_id().map(|column| column.name.as_str()))?;
        Some(vec![name.to_owned()])
    }
}

/// What a table of a file is to a model, or to the two sides of a table of pairs.
#[derive(Debug)]
pub(crate) struct Fit {
    of: Seen,
    /// Whether the table guarantees all that the model says, so that nothing need be known of it.
    pub(crate) is_plain: bool,
    pub(crate) kind: FileKind,
    /// Whether no two rows have the same key.
    pub(crate) key_is_unique: bool,
    /// Whether SQLite chooses the key of a new row, if the model says so.
    chooses_key: bool,
    /// Whether a key names one row, whatever the form in which it is stored.
    names_rows: bool,
    /// The columns that tell rows apart where the key does not; empty where there are none.
    pub(crate) identity: Vec<String>,
    /// In the order of the model's columns; of pairs the source and the target.
    columns: Vec<ColumnFit>,
    /// Why the model cannot work on the table, in words.
    pub(crate) differences: Vec<String>,
    /// The statements about one row, as they are written for this table.
    pub(crate) cached: CachedSql,
}

/// How a column is written where its value counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct ColumnFit {
    /// The function that gives the value in the form of the library.
    pub(crate) function: Option<&'static str>,
    /// The collating sequence that must be said, as the file has another one for the column.
    pub(crate) collation: Option<&'static str>,
}

impl Fit {
    const fn as_described(of: Seen) -> Self {
        Self {
            of,
            is_plain: true,
            kind: FileKind::Table,
            key_is_unique: true,
            chooses_key: true,
            names_rows: true,
            identity: Vec::new(),
            columns: Vec::new(),
            differences: Vec::new(),
            cached: CachedSql::new(),
        }
    }

    fn of_table(table: &'static TableInfo, file: &FileTable) -> Self {
        let keys: Vec<&str> = table.key_columns().map(|column| column.name).collect();
        let is_key = |name: &str| keys.iter().any(|key| key.eq_ignore_ascii_case(name));
        let columns: Vec<_> = table.columns.iter().map(|column| ColumnFit::new(column, column.name, file)).collect();
        let has_one_form =
            table.key.iter().all(|position| columns.get(*position).is_none_or(|key| key.function.is_none()));
        let row_id = keys.len() == 1 && file.row_id().is_some_and(|column| is_key(&column.name));
        let within_key = |names: &Vec<String>| !names.is_empty() && names.iter().all(|name| is_key(name));
        let is_unique = row_id || file.unique.iter().any(within_key);
        let never_null = row_id || keys.iter().all(|key| file.column(key).is_some_and(|column| column.not_null));
        let is_table = file.kind == FileKind::Table;
        let mut differences = Vec::new();
        let is_wanted = if table.view.is_some() { file.kind == FileKind::View } else { is_table };
        if !is_wanted {
            differences.push(format!("it is {}", file.kind.as_words()));
        }
        for column in table.columns.iter().filter(|column| file.column(column.name).is_none()) {
            differences.push(format!("it has no column {}", column.name));
        }
        let has_key = keys.iter().all(|key| file.column(key).is_some());
        if is_table && has_key && !is_unique {
            differences.push(match keys.as_slice() {
                [key] => format!("{key} alone is not unique, so it is no key"),
                keys => format!("{} together are not unique, so they are no key", keys.join(", ")),
            });
        }
        if is_table && has_key && is_unique && table.auto_key && !row_id {
            differences
                .push(format!("{} is not INTEGER PRIMARY KEY, so no key is chosen for a new row", keys.join(", ")));
        }
        let names_rows = is_unique && never_null && has_one_form;
        let identity = if names_rows { Vec::new() } else { file.identity().unwrap_or_default() };
        let chooses_key = row_id || !table.auto_key;
        let plain_columns = columns.iter().all(|column| *column == ColumnFit::default());
        Self {
            of: Seen::Table(table),
            // A missing column is SQLite's to report.
            is_plain: !has_key || (is_table && names_rows && chooses_key && plain_columns),
            kind: file.kind,
            key_is_unique: is_unique,
            chooses_key,
            names_rows,
            identity,
            columns,
            differences,
            cached: CachedSql::new(),
        }
    }

    fn of_pairs(relation: &'static RelationInfo, file: &FileTable) -> Self {
        let described = Self::as_described(Seen::Pairs(relation));
        let Link::Junction(junction) = relation.link else { return described };
        let names = junction.names();
        let sides = [(&names.source, (relation.source)()), (&names.target, (relation.target)())];
        let columns: Vec<_> =
            sides.iter().map(|(column, side)| ColumnFit::new(side.key_column(), column, file)).collect();
        let is_plain = file.kind == FileKind::Table && columns.iter().all(|column| *column == ColumnFit::default());
        Self { is_plain, kind: file.kind, columns, ..described }
    }

    /// How the column at a position is written.
    pub(crate) fn column(&self, position: usize) -> ColumnFit {
        self.columns.get(position).copied().unwrap_or_default()
    }

    /// Whether a key names one row, whatever the form in which it is stored.
    pub(crate) fn key_names_rows(&self) -> bool {
        self.is_plain || self.names_rows
    }

    /// Whether a unique index finds every row that has the values of another one in these columns.
    pub(crate) fn finds_by_index(&self, table: &TableInfo, columns: &[&'static ColumnInfo]) -> bool {
        self.is_plain
            || columns.iter().all(|column| {
                let position = table.columns.iter().position(|own| own.name == column.name);
                position.is_some_and(|position| self.column(position) == ColumnFit::default())
            })
    }

    /// Whether it is a table whose rows nothing tells apart: columns have all the names of the row id.
    pub(crate) fn rows_are_untold(&self) -> bool {
        self.kind == FileKind::Table && !self.key_names_rows() && self.identity.is_empty()
    }

    /// Whether it is a table in which several rows may have the same key.
    pub(crate) fn lacks_unique_key(&self) -> bool {
        self.kind == FileKind::Table && !self.key_is_unique
    }

    /// Whether rows can be written by their model.
    ///
    /// # Errors
    ///
    /// [`Error::NotATable`] when it is no table: what a trigger of a view or a module does with a row is not told.
    pub(crate) fn check_writable(&self, context: Context<'_>) -> Result<(), Error> {
        match self.kind {
            FileKind::Table => Ok(()),
            kind @ (FileKind::View | FileKind::Virtual) => Err(Error::NotATable {
                operation: context.operation,
                table: context.subject.to_owned(),
                kind: kind.as_words().to_owned(),
            }),
        }
    }

    /// Whether a row can be inserted, with the key that SQLite chooses or with one that is given.
    ///
    /// # Errors
    ///
    /// As [`check_writable`](Self::check_writable), and [`Error::SchemaDiffers`] when no key is chosen.
    pub(crate) fn check_insertable(&self, context: Context<'_>, key_is_given: bool) -> Result<(), Error> {
        self.check_writable(context)?;
        if self.chooses_key || key_is_given {
            return Ok(());
        }
        Err(Error::SchemaDiffers { table: context.subject.to_owned(), differences: self.differences.clone() })
    }
}

impl ColumnFit {
    /// How a column of the file is written, whose values are those of the model's column.
    fn new(column: &ColumnInfo, name: &str, file: &FileTable) -> Self {
        let Some(stored) = file.column(name) else { return Self::default() };
        let affinity = file.affinity(stored);
        let function = match column.storage {
            Storage::Integer | Storage::Real => (affinity != Affinity::Number).then_some("as_number"),
            Storage::Text | Storage::Blob | Storage::Any => {
                column.canonical.filter(|_| !has_one_form(column, name, stored, file))
            }
        };
        let declared = column.declared_collation.as_sql();
        let is_declared = stored.collation.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(declared));
        // Numbers have no collating sequence, nor have the results of functions.
        let is_text = matches!(column.storage, Storage::Text | Storage::Any);
        Self { function, collation: (is_text && function.is_none() && !is_declared).then_some(declared) }
    }
}

/// Whether the table lets in nothing but the form that the library writes.
fn has_one_form(column: &ColumnInfo, name: &str, stored: &FileColumn, file: &FileTable) -> bool {
    if file.kind != FileKind::Table {
        return false;
    }
    // The constraint of a form is said of text.
    let is_text = stored.declared_type.eq_ignore_ascii_case("TEXT");
    is_text && column.check_constraint(name).is_some_and(|check| file.sql.contains(&check))
}
