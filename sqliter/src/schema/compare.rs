//! What differs between two schemas.

use std::collections::BTreeSet;

use super::difference::{Difference, Subject};
use super::tokens::tokens;
use super::words;
use super::{Check, Column, Decisions, ForeignKey, Index, Part, PrimaryKey, Schema, SqlText, Table, TableKind, Unique};

/// What differs of the tables, views and triggers that should be there, and what is left of searches that should not. Others are
/// none of its business.
pub(super) fn schemas(is: &Schema, should_be: &Schema, told: &Decisions) -> Vec<Difference> {
    let mut differences = Vec::new();
    for wanted in &should_be.tables {
        match (is.table(&wanted.name), is.view(&wanted.name)) {
            (Some(table), _) => differences.extend(tables(table, wanted, is, should_be)),
            (None, Some(view)) => differences.push(difference(
                &wanted.name,
                Subject::Table,
                Some(view.sql.to_string()),
                Some(wanted.sql.clone()),
            )),
            (None, None) => {
                differences.push(difference(&wanted.name, Subject::Table, None, Some(wanted.sql.clone())));
            }
        }
    }
    for wanted in &should_be.views {
        let found = is.view(&wanted.name).map(|view| &view.sql);
        let found = found.cloned().or_else(|| is.table(&wanted.name).map(|table| SqlText::new(&table.sql)));
        if found.as_ref() != Some(&wanted.sql) {
            let found = found.map(|sql| sql.to_string());
            differences.push(difference(&wanted.name, Subject::View, found, Some(wanted.sql.to_string())));
        }
    }
    for wanted in &should_be.triggers {
        let found = is.triggers.iter().find(|trigger| trigger.name.eq_ignore_ascii_case(&wanted.name));
        if found.map(|found| &found.sql) != Some(&wanted.sql) {
            let subject = Subject::Trigger(wanted.name.clone());
            let found = found.map(|found| found.sql.to_string());
            differences.push(difference(&wanted.table, subject, found, Some(wanted.sql.to_string())));
        }
    }
    for trigger in is.triggers_left(should_be) {
        let subject = Subject::Trigger(trigger.name.clone());
        differences.push(difference(&trigger.table, subject, Some(trigger.sql.to_string()), None));
    }
    for table in is.search_tables_left(should_be, told) {
        differences.push(difference(&table.name, Subject::Table, Some(table.sql.clone()), None));
    }
    differences
}

fn difference(table: &str, subject: Subject, is: Option<String>, should_be: Option<String>) -> Difference {
    Difference { table: table.to_owned(), subject, is, should_be }
}

/// What differs between two tables of one name.
pub(super) fn tables(is: &Table, should_be: &Table, all: &Schema, all_wanted: &Schema) -> Vec<Difference> {
    let mut found = Found { table: &should_be.name, differences: Vec::new() };
    if is.kind != should_be.kind || is.kind == TableKind::Virtual {
        if SqlText::new(&is.sql) != SqlText::new(&should_be.sql) {
            found.differs(Subject::Table, is.sql.clone(), should_be.sql.clone());
        }
        return found.differences;
    }
    let missing: Vec<_> = should_be.columns.iter().filter(|column| is.column(&column.name).is_none()).collect();
    let extra: Vec<_> = is.columns.iter().filter(|column| should_be.column(&column.name).is_none()).collect();
    for column in &missing {
        found.add(Subject::Column(column.name.clone()), None, Some(words::column(column)));
    }
    for column in &extra {
        found.add(Subject::Column(column.name.clone()), Some(words::column(column)), None);
    }
    for wanted in &should_be.columns {
        if let Some(column) = is.column(&wanted.name) {
            columns(column, wanted, is.row_id() == Some(column) && should_be.row_id() == Some(wanted), &mut found);
        }
    }
    keys(is, should_be, &mut found);
    // The constraints of a column that is missing, or should not be there, come and go with it.
    let of_missing =
        |names: &[&str]| names.iter().any(|name| missing.iter().any(|it| it.name.eq_ignore_ascii_case(name)));
    let of_extra = |names: &[&str]| names.iter().any(|name| extra.iter().any(|it| it.name.eq_ignore_ascii_case(name)));
    let unique_of = |table: &Table| {
        let mut unique: Vec<(Vec<String>, String)> = Vec::new();
        for constraint in &table.unique {
            let names = constraint.parts.iter().map(|part| part.column.clone()).collect();
            unique.push((names, words::unique(constraint, table)));
        }
        unique
    };
    constraints(&Subject::Unique, unique_of(is), unique_of(should_be), &of_missing, &of_extra, &mut found);
    let keys_of = |table: &Table, schema: &Schema| -> Vec<(Vec<String>, String)> {
        table.foreign_keys.iter().map(|key| (key.columns.clone(), words::foreign_key(key, schema))).collect()
    };
    let (keys, wanted_keys) = (keys_of(is, all), keys_of(should_be, all_wanted));
    constraints(&Subject::ForeignKey, keys, wanted_keys, &of_missing, &of_extra, &mut found);
    checks(is, should_be, &of_missing, &of_extra, &mut found);
    if is.strict != should_be.strict {
        let text = |strict| if strict { "STRICT" } else { "not STRICT" };
        found.differs(Subject::Strict, text(is.strict), text(should_be.strict));
    }
    if is.without_rowid != should_be.without_rowid {
        let text = |without| if without { "WITHOUT ROWID" } else { "with row ids" };
        found.differs(Subject::WithoutRowid, text(is.without_rowid), text(should_be.without_rowid));
    }
    indexes(is, should_be, &mut found);
    found.differences
}

struct Found<'t> {
    table: &'t str,
    differences: Vec<Difference>,
}

impl Found<'_> {
    fn add(&mut self, subject: Subject, is: Option<String>, should_be: Option<String>) {
        self.differences.push(difference(self.table, subject, is, should_be));
    }

    fn differs(&mut self, subject: Subject, is: impl Into<String>, should_be: impl Into<String>) {
        self.add(subject, Some(is.into()), Some(should_be.into()));
    }
}

fn columns(is: &Column, should_be: &Column, is_row_id: bool, found: &mut Found<'_>) {
    let name = || should_be.name.clone();
    if is.declared_type != should_be.declared_type {
        let text = |column: &Column| match column.declared_type.as_str() {
            "" => "none".to_owned(),
            text => text.to_owned(),
        };
        found.differs(Subject::Type(name()), text(is), text(should_be));
    }
    let not_null = |column: &Column| (column.not_null, column.not_null_on_conflict);
    // A row id is never NULL.
    if !is_row_id && not_null(is) != not_null(should_be) {
        found.differs(Subject::NotNull(name()), words::not_null(is), words::not_null(should_be));
    }
    if default_of(is) != default_of(should_be) {
        let text = |column: &Column| default_of(column).map(words::default);
        found.add(Subject::Default(name()), text(is), text(should_be));
    }
    if !is.collation.eq_ignore_ascii_case(&should_be.collation) {
        found.differs(Subject::Collation(name()), is.collation.clone(), should_be.collation.clone());
    }
    if is.generated != should_be.generated {
        let text = |column: &Column| column.generated.as_ref().map(words::generated);
        found.add(Subject::Generated(name()), text(is), text(should_be));
    }
}

/// The default; that of a column without one is `NULL`.
fn default_of(column: &Column) -> Option<&SqlText> {
    column.default.as_ref().filter(|default| **default != SqlText::new("NULL"))
}

fn keys(is: &Table, should_be: &Table, found: &mut Found<'_>) {
    let text = |table: &Table| table.primary_key.as_ref().map(|key| words::primary_key(key, table));
    let (key, wanted) = (text(is), text(should_be));
    if !same(key.as_deref(), wanted.as_deref()) {
        found.add(Subject::PrimaryKey, key, wanted);
    }
}

fn same(a: Option<&str>, b: Option<&str>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => SqlText::new(a) == SqlText::new(b),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    }
}

/// Constraints as the columns that they are about and their text.
fn constraints(
    subject: &Subject,
    is: Vec<(Vec<String>, String)>,
    should_be: Vec<(Vec<String>, String)>,
    of_missing: &dyn Fn(&[&str]) -> bool,
    of_extra: &dyn Fn(&[&str]) -> bool,
    found: &mut Found<'_>,
) {
    let has = |all: &[(Vec<String>, String)], text: &str| {
        all.iter().any(|(_, other)| SqlText::new(other) == SqlText::new(text))
    };
    let names = |columns: &[String]| columns.iter().map(|name| name.to_ascii_lowercase()).collect::<Vec<_>>();
    let mut extra: Vec<_> = is.iter().filter(|(_, text)| !has(&should_be, text)).collect();
    for (columns, text) in should_be.iter().filter(|(_, text)| !has(&is, text)) {
        let other = extra.iter().position(|(others, _)| names(others) == names(columns));
        let other = other.map(|at| extra.remove(at).1.clone());
        let columns: Vec<_> = columns.iter().map(String::as_str).collect();
        if other.is_some() || !of_missing(&columns) {
            found.add(subject.clone(), other, Some(text.clone()));
        }
    }
    for (columns, text) in extra {
        let columns: Vec<_> = columns.iter().map(String::as_str).collect();
        if !of_extra(&columns) {
            found.add(subject.clone(), Some(text.clone()), None);
        }
    }
}

fn checks(
    is: &Table,
    should_be: &Table,
    of_missing: &dyn Fn(&[&str]) -> bool,
    of_extra: &dyn Fn(&[&str]) -> bool,
    found: &mut Found<'_>,
) {
    let texts = |table: &Table| -> Vec<(Vec<String>, String)> {
        let named = |check: &Check| columns_in(&check.condition, &[is, should_be]).into_iter().collect();
        table.checks.iter().map(|check| (named(check), words::check(check))).collect()
    };
    constraints(&Subject::Check, texts(is), texts(should_be), of_missing, of_extra, found);
}

/// The columns of these tables that a piece of SQL names.
pub(super) fn columns_in(sql: &SqlText, tables: &[&Table]) -> BTreeSet<String> {
    let tokens = tokens(sql.as_str()).unwrap_or_default();
    let names = tokens.iter().filter(|token| !token.text.starts_with('\'')).filter_map(super::tokens::Token::name);
    let is_column = |name: &String| tables.iter().any(|table| table.column(name).is_some());
    names.filter(is_column).map(|name| name.to_ascii_lowercase()).collect()
}

fn indexes(is: &Table, should_be: &Table, found: &mut Found<'_>) {
    for wanted in &should_be.indexes {
        let subject = Subject::Index(wanted.name.clone());
        match is.index(&wanted.name) {
            None => found.add(subject, None, Some(words::index(wanted))),
            Some(index) if !same_index(index, wanted) => {
                found.differs(subject, words::index(index), words::index(wanted));
            }
            Some(_) => {}
        }
    }
    for index in is.indexes.iter().filter(|index| should_be.index(&index.name).is_none()) {
        found.add(Subject::Index(index.name.clone()), Some(words::index(index)), None);
    }
}

/// Whether two indexes do the same, whatever their names.
pub(super) fn same_index(a: &Index, b: &Index) -> bool {
    SqlText::new(words::index(a)) == SqlText::new(words::index(b))
}

impl Table {
    /// The column that is another name of the [row id](https://www.sqlite.org/lang_createtable.html#rowid).
    pub(super) fn row_id(&self) -> Option<&Column> {
        let [Part { column, descending, .. }] = self.primary_key.as_ref()?.parts.as_slice() else { return None };
        let column = self.column(column)?;
        let is_integer = column.declared_type.as_str().eq_ignore_ascii_case("INTEGER");
        (is_integer && !self.without_rowid && !*descending).then_some(column)
    }

    /// The collating sequence of a column in a key.
    pub(super) fn collation_of(&self, part: &Part) -> String {
        let own = part.collation.clone();
        own.or_else(|| self.column(&part.column).map(|column| column.collation.clone()))
            .unwrap_or_default()
            .to_ascii_uppercase()
    }
}

impl ForeignKey {
    /// The columns that it refers to, where the schema tells them.
    pub(super) fn referenced(&self, schema: &Schema) -> Vec<String> {
        if !self.references.is_empty() {
            return self.references.clone();
        }
        let key = schema.table(&self.table).and_then(|table| table.primary_key.as_ref());
        key.map(|PrimaryKey { parts, .. }| parts.iter().map(|part| part.column.clone()).collect()).unwrap_or_default()
    }
}

impl Unique {
    /// The names of its columns.
    pub(super) fn columns(&self) -> Vec<&str> {
        self.parts.iter().map(|part| part.column.as_str()).collect()
    }
}
