//! Reading the schema of a database: SQLite's pragmas, and the text of `CREATE` for what they do not tell.

use super::create_text::{self, Constraint, ConstraintKind, TableText};
use super::tokens::without_end;
use super::{
    Check, Column, ForeignKey, Index, OnConflict, PrimaryKey, Schema, SqlText, Table, TableKind, Term, Trigger, Unique,
    View,
};
use crate::engine::{Connection, Scratch};
use crate::error::{Context, Error, Operation, Result};
use crate::sql::{Argument, Statement};
use crate::value::Value;

/// A database whose schema can be asked for.
pub(crate) trait Ask {
    /// The first columns of all rows of a statement with these arguments.
    ///
    /// # Errors
    ///
    /// [`Error::SqlExecution`] when SQLite refuses.
    fn ask(&mut self, width: usize, sql: &'static str, arguments: &[&str]) -> Result<Vec<Vec<Value>>>;
}

impl Ask for Connection {
    fn ask(&mut self, width: usize, sql: &'static str, arguments: &[&str]) -> Result<Vec<Vec<Value>>> {
        let arguments = arguments.iter().map(|text| Argument::Value(Value::Text((*text).to_owned()))).collect();
        let statement = Statement::new(sql, arguments);
        self.query(&statement, Context::new(Operation::Execute, sql), |row| {
            Ok(row.values(width, |_| true).unwrap_or_default())
        })
    }
}

impl Ask for Scratch {
    fn ask(&mut self, width: usize, sql: &'static str, arguments: &[&str]) -> Result<Vec<Vec<Value>>> {
        self.rows(width, sql, arguments).map_err(|source| Error::SqlExecution { sql: sql.to_owned(), source })
    }
}

/// Reads the whole schema. All questions have to see the same moment, which the caller sees to.
pub(crate) fn read(database: &mut dyn Ask) -> Result<Schema> {
    const ALL: &str = "SELECT s.type, s.name, s.tbl_name, s.sql, coalesce(t.type, ''), coalesce(t.wr, 0), coalesce(t.strict, 0) \
        FROM main.sqlite_schema AS s \
        LEFT JOIN pragma_table_list AS t ON t.schema = 'main' AND t.name = s.name AND s.type IN ('table', 'view') \
        WHERE s.sql IS NOT NULL AND s.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY s.rowid";
    let mut schema = Schema::default();
    let mut indexes = Vec::new();
    for row in database.ask(7, ALL, &[])? {
        let mut row = Cells(row.into_iter());
        let (kind, name, table, sql) = (row.text(), row.text(), row.text(), row.text());
        let sql = without_end(&sql).to_owned();
        let (file_kind, without_rowid, strict) = (row.text(), row.is_true(), row.is_true());
        match kind.as_str() {
            "view" => schema.views.push(View { name, sql: SqlText::new(sql) }),
            "trigger" => schema.triggers.push(Trigger { name, table, sql: SqlText::new(sql) }),
            "index" => indexes.push((table, name, sql)),
            _ if file_kind == "shadow" => {}
            _ => {
                let virtual_table = file_kind == "virtual";
                schema.tables.push(read_table(database, name, sql, virtual_table, without_rowid, strict)?);
            }
        }
    }
    for (table, name, sql) in indexes {
        let index = read_index(database, name, sql)?;
        // Those of tables that only a virtual table knows belong to none.
        if let Some(owner) = schema.tables.iter_mut().find(|owner| owner.name.eq_ignore_ascii_case(&table)) {
            owner.indexes.push(index);
        }
    }
    Ok(schema)
}

fn read_table(
    database: &mut dyn Ask,
    name: String,
    sql: String,
    is_virtual: bool,
    without_rowid: bool,
    strict: bool,
) -> Result<Table> {
    const COLUMNS: &str = "SELECT name, type, \"notnull\", dflt_value, hidden FROM pragma_table_xinfo(?1, 'main')";
    let mut columns = Vec::new();
    let told = match database.ask(5, COLUMNS, &[&name]) {
        // Its module is another program's, which alone knows the columns.
        Err(error) if is_virtual && error.sqlite().is_some_and(|report| report.message.contains("no such module")) => {
            Vec::new()
        }
        told => told?,
    };
    for row in told {
        let mut row = Cells(row.into_iter());
        columns.push(Column {
            name: row.text(),
            declared_type: SqlText::new(row.text()),
            not_null: row.is_true(),
            not_null_on_conflict: None,
            default: row.maybe_text().map(SqlText::new),
            collation: "BINARY".to_owned(),
            generated: None,
            hidden: row.integer() == 1,
        });
    }
    let kind = if is_virtual { TableKind::Virtual } else { TableKind::Ordinary };
    let mut table = Table {
        name,
        kind,
        columns,
        primary_key: None,
        unique: Vec::new(),
        foreign_keys: Vec::new(),
        checks: Vec::new(),
        strict,
        without_rowid,
        indexes: Vec::new(),
        sql,
    };
    if kind == TableKind::Ordinary {
        let text = create_text::table(&table.sql).map_err(|reason| unreadable(&table.name, &table.sql, reason))?;
        add_what_the_text_says(&mut table, text);
    }
    Ok(table)
}

/// What the statement says of a table, from where it says it.
struct Said<'c> {
    column: Option<&'c mut Column>,
    primary_key: &'c mut Option<PrimaryKey>,
    unique: &'c mut Vec<Unique>,
    foreign_keys: &'c mut Vec<ForeignKey>,
    checks: &'c mut Vec<Check>,
}

fn add_what_the_text_says(table: &mut Table, text: TableText) {
    let Table { columns, primary_key, unique, foreign_keys, checks, .. } = table;
    for definition in text.columns {
        let column = columns.iter_mut().find(|column| column.name.eq_ignore_ascii_case(&definition.name));
        Said { column, primary_key, unique, foreign_keys, checks }.add(definition.constraints);
    }
    Said { column: None, primary_key, unique, foreign_keys, checks }.add(text.constraints);
}

impl Said<'_> {
    fn add(&mut self, constraints: Vec<Constraint>) {
        for constraint in constraints {
            match constraint.kind {
                ConstraintKind::PrimaryKey(key) => *self.primary_key = Some(key),
                ConstraintKind::Unique(unique) => self.unique.push(unique),
                ConstraintKind::Check(check) => self.checks.push(check),
                ConstraintKind::ForeignKey(key) => self.foreign_keys.push(key),
                ConstraintKind::Deferred(deferred) => {
                    self.foreign_keys.last_mut().into_iter().for_each(|key| key.deferred = deferred)
                }
                // The pragma has told the rest.
                ConstraintKind::Null(on_conflict) => self.of_column(|column| set_on_conflict(column, on_conflict)),
                ConstraintKind::Default => {}
                ConstraintKind::Collate(name) => self.of_column(|column| column.collation = name),
                ConstraintKind::Generated(generated) => self.of_column(|column| column.generated = Some(generated)),
            }
        }
    }

    fn of_column(&mut self, set: impl FnOnce(&mut Column)) {
        if let Some(column) = &mut self.column {
            set(column);
        }
    }
}

fn set_on_conflict(column: &mut Column, on_conflict: Option<OnConflict>) {
    if on_conflict.is_some() {
        column.not_null_on_conflict = on_conflict;
    }
}

fn read_index(database: &mut dyn Ask, name: String, sql: String) -> Result<Index> {
    const TERMS: &str = "SELECT name, \"desc\", coll FROM pragma_index_xinfo(?1, 'main') WHERE key ORDER BY seqno";
    let (texts, condition) = create_text::index(&sql).map_err(|reason| unreadable(&name, &sql, reason))?;
    let mut terms = Vec::with_capacity(texts.len());
    for (row, text) in database.ask(3, TERMS, &[&name])?.into_iter().zip(texts) {
        let mut row = Cells(row.into_iter());
        // An expression has no name.
        let value = row.maybe_text().map_or(text, SqlText::new);
        let descending = row.is_true();
        terms.push(Term { value, descending, collation: row.text() });
    }
    const UNIQUE: &str = "SELECT \"unique\" FROM sqlite_schema AS s, pragma_index_list(s.tbl_name, 'main') AS i \
        WHERE s.type = 'index' AND s.name = ?1 AND i.name = ?1";
    let unique = database.ask(1, UNIQUE, &[&name])?.into_iter().any(|row| Cells(row.into_iter()).is_true());
    Ok(Index { name, unique, terms, condition, sql })
}

fn unreadable(name: &str, sql: &str, reason: String) -> Error {
    Error::SchemaText { name: name.to_owned(), sql: sql.to_owned(), reason }
}

/// The cells of a row, one after another.
struct Cells(std::vec::IntoIter<Value>);

impl Cells {
    fn text(&mut self) -> String {
        self.maybe_text().unwrap_or_default()
    }

    fn maybe_text(&mut self) -> Option<String> {
        self.0.next().and_then(Value::into_text)
    }

    fn integer(&mut self) -> i64 {
        match self.0.next() {
            Some(Value::Integer(integer)) => integer,
            Some(Value::Null | Value::Real(_) | Value::Text(_) | Value::Blob(_)) | None => 0,
        }
    }

    fn is_true(&mut self) -> bool {
        self.integer() != 0
    }
}
