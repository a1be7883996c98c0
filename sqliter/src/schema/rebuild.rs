//! Tables made anew where `ALTER TABLE` cannot do it, [as SQLite recommends](https://www.sqlite.org/lang_altertable.html#otheralter).

use super::broken::broken;
use super::compare::columns_in;
use super::create_text::{self, ConstraintKind, TableText};
use super::plan::Work;
use super::tokens::{Token, depth_after, tokens, without_end};
use super::{Column, Decisions, Schema, SqlText, Table, View, words};
use crate::error::{Error, Result};
use crate::table::quoted;

/// The name of the constraint that keeps a rebuild from running where rows would follow their foreign keys.
const FOREIGN_KEYS_MUST_BE_OFF: &str =
    "run this while foreign keys are off, as db.migrate does: else the rows that refer to a table go with it";

/// Makes tables anew, with their rows, row ids and counters. The views and triggers that name them are dropped meanwhile, as
/// SQLite renames no table while one of them names a table that is missing.
pub(super) fn rebuild(work: &mut Work, tables: &[&Table], told: &Decisions) -> Result<()> {
    let all = work.schema()?;
    guard(work, &all)?;
    let names: Vec<_> = tables.iter().map(|table| table.name.as_str()).collect();
    let broken: Vec<_> = broken(&mut work.scratch)?.into_keys().collect();
    let (views, triggers) = dependents(&all, &names, &broken);
    for trigger in all.triggers.iter().filter(|trigger| triggers.contains(&trigger.name.as_str())) {
        work.apply(format!("DROP TRIGGER {}", quoted(&trigger.name)))?;
    }
    for view in all.views.iter().rev().filter(|view| views.contains(&view.name.as_str())) {
        work.apply(format!("DROP VIEW {}", quoted(&view.name)))?;
    }
    for wanted in tables {
        if let Some(table) = all.table(&wanted.name) {
            Rebuild { table, wanted, told }.run(work, &all)?;
        }
    }
    for view in all.views.iter().filter(|view| views.contains(&view.name.as_str())) {
        work.apply(view.sql.to_string())?;
    }
    for trigger in all.triggers.iter().filter(|trigger| triggers.contains(&trigger.name.as_str())) {
        work.apply(trigger.sql.to_string())?;
    }
    Ok(())
}

/// Makes all that follows fail where foreign keys are on.
fn guard(work: &mut Work, all: &Schema) -> Result<()> {
    let name = quoted(&unused("foreign_keys", all));
    let constraint = quoted(FOREIGN_KEYS_MUST_BE_OFF);
    work.apply(format!("CREATE TABLE {name} (\"are_on\" INTEGER CONSTRAINT {constraint} CHECK (\"are_on\" = 0))"))?;
    work.apply(format!("INSERT INTO {name} SELECT \"foreign_keys\" FROM pragma_foreign_keys"))?;
    work.apply(format!("DROP TABLE {name}"))
}

/// A name that nothing has.
fn unused(name: &str, all: &Schema) -> String {
    let is_taken = |name: &str| {
        all.table(name).is_some()
            || all.view(name).is_some()
            || all.tables.iter().flat_map(|table| &table.indexes).any(|index| index.name.eq_ignore_ascii_case(name))
    };
    let mut unused = format!("new_{name}");
    while is_taken(&unused) {
        unused.push('_');
    }
    unused
}

/// The views and triggers that name one of the tables, or a view among them, and those that do not work, which keep SQLite
/// from renaming any table.
fn dependents<'a>(all: &'a Schema, tables: &[&'a str], broken: &[String]) -> (Vec<&'a str>, Vec<&'a str>) {
    let mut names: Vec<&str> = tables.to_vec();
    let mut views: Vec<&str> = Vec::new();
    loop {
        let depends = |view: &&View| is_named(&view.sql, &names) || broken.contains(&view.name);
        let next = all.views.iter().filter(|view| !views.contains(&view.name.as_str())).find(depends);
        let Some(view) = next else { break };
        views.push(&view.name);
        names.push(&view.name);
    }
    let triggers = all.triggers.iter().filter(|trigger| {
        let is_of_one = names.iter().any(|name| name.eq_ignore_ascii_case(&trigger.table));
        is_of_one || is_named(&trigger.sql, &names) || broken.contains(&trigger.name)
    });
    let triggers = triggers.map(|trigger| trigger.name.as_str()).collect();
    (views, triggers)
}

fn is_named(sql: &SqlText, names: &[&str]) -> bool {
    let tokens = tokens(sql.as_str()).unwrap_or_default();
    tokens.iter().filter_map(Token::name).any(|name| names.iter().any(|other| other.eq_ignore_ascii_case(&name)))
}

struct Rebuild<'a> {
    table: &'a Table,
    wanted: &'a Table,
    told: &'a Decisions,
}

impl Rebuild<'_> {
    fn run(&self, work: &mut Work, all: &Schema) -> Result<()> {
        let Self { table, wanted, .. } = self;
        let name = unused(&wanted.name, all);
        let (new, old) = (quoted(&name), quoted(&wanted.name));
        self.check_values(work)?;
        work.apply(self.definition(&new)?)?;
        let (columns, values): (Vec<_>, Vec<_>) = self.copied().into_iter().unzip();
        // Where a constraint says what happens to rows that violate it, none may go so, unasked.
        let insert = if self.has_conflict_clauses() { "INSERT OR ABORT" } else { "INSERT" };
        work.apply(format!("{insert} INTO {new} ({}) SELECT {} FROM {old}", columns.join(", "), values.join(", ")))?;
        if table.is_autoincrement() && wanted.is_autoincrement() {
            let text = |name: &str| format!("'{}'", name.replace('\'', "''"));
            let (new, old) = (text(&name), text(&table.name));
            work.apply(format!("DELETE FROM sqlite_sequence WHERE name = {new}"))?;
            work.apply(format!(
                "INSERT INTO sqlite_sequence (name, seq) SELECT {new}, seq FROM sqlite_sequence WHERE name = {old}"
            ))?;
        }
        work.apply(format!("DROP TABLE {old}"))?;
        work.apply(format!("ALTER TABLE {new} RENAME TO {old}"))?;
        for index in &wanted.indexes {
            work.apply(index.sql.clone())?;
        }
        for index in table.indexes.iter().filter(|index| wanted.index(&index.name).is_none()) {
            if self.told.keeps(&index.name) {
                work.apply(index.sql.clone())?;
            }
        }
        Ok(())
    }

    fn has_conflict_clauses(&self) -> bool {
        [self.table, self.wanted].into_iter().any(|Table { columns, primary_key, unique, .. }| {
            columns.iter().any(|column| column.not_null_on_conflict.is_some())
                || primary_key.iter().any(|key| key.on_conflict.is_some())
                || unique.iter().any(|key| key.on_conflict.is_some())
        })
    }

    /// Looks at what is told of the values of columns: one expression each, which gives a value for each row.
    fn check_values(&self, work: &Work) -> Result<()> {
        let table = quoted(&self.table.name);
        for column in &self.wanted.columns {
            let Some(sql) = self.told.value_of(&self.wanted.name, &column.name) else { continue };
            let wrong = |reason: String| {
                Err(Error::SqlInValue {
                    table: self.wanted.name.clone(),
                    column: column.name.clone(),
                    sql: sql.to_owned(),
                    reason,
                })
            };
            if !is_one_expression(sql) {
                return wrong("it is no single expression".to_owned());
            }
            let value = without_end(sql);
            if let Err(error) = work.scratch.check(&format!("SELECT ({value}) FROM {table}")) {
                return wrong(error.message);
            }
            // There are no rows here.
            let rows = work.scratch.rows(1, &format!("SELECT 1 FROM (SELECT ({value}) FROM {table})"), &[]);
            if rows.is_ok_and(|rows| !rows.is_empty()) {
                return wrong("it makes one row of all rows".to_owned());
            }
        }
        Ok(())
    }

    /// The columns that stay although they should not be there.
    fn kept(&self) -> impl Iterator<Item = &Column> {
        let extra = self.table.columns.iter().filter(|column| self.wanted.column(&column.name).is_none());
        extra.filter(|column| self.told.keeps_column(&self.wanted.name, &column.name))
    }

    /// `CREATE TABLE` under another name, with the columns that are kept and their constraints.
    fn definition(&self, name: &str) -> Result<String> {
        let text = read(self.wanted)?;
        let mut sql = self.wanted.sql.clone();
        let old = read(self.table)?;
        let verbatim = |range: &std::ops::Range<usize>| self.table.sql.get(range.clone()).unwrap_or_default();
        let is_kept = |name: &str| self.kept().any(|column| column.name.eq_ignore_ascii_case(name));
        let columns: Vec<_> = old.columns.iter().filter(|column| is_kept(&column.name)).collect();
        let constraints = old.constraints.iter().filter(|constraint| {
            let names = columns_in(&SqlText::new(verbatim(&constraint.range)), &[self.table]);
            names.iter().any(|name| is_kept(name))
        });
        let added = |ranges: Vec<&std::ops::Range<usize>>| -> String {
            ranges.into_iter().map(|range| format!(", {}", verbatim(range))).collect()
        };
        let after_columns = text.columns.last().map_or(0, |column| column.range.end);
        let end = text.constraints.last().map_or(after_columns, |constraint| constraint.range.end);
        sql.insert_str(end, &added(constraints.map(|constraint| &constraint.range).collect()));
        sql.insert_str(after_columns, &added(columns.iter().map(|column| &column.range).collect()));
        sql.replace_range(text.name, name);
        Ok(sql)
    }

    /// The columns that the rows are copied into, each with what it gets.
    fn copied(&self) -> Vec<(String, String)> {
        let Self { table, wanted, told, .. } = self;
        let row_id = row_id_of(table, wanted);
        let mut copied = Vec::new();
        let keeps_row_ids = !table.without_rowid && !wanted.without_rowid && wanted.row_id().is_none();
        if let (true, Some(name)) = (keeps_row_ids, &row_id) {
            copied.push((name.clone(), name.clone()));
        }
        for column in wanted.columns.iter().filter(|column| column.generated.is_none()) {
            let is_there = table.column(&column.name).is_some();
            let name = quoted(&column.name);
            let value = match told.value_of(&wanted.name, &column.name) {
                Some(expression) => Some(format!("({})", without_end(expression))),
                None if is_there => Some(name.clone()),
                // A key that takes the place of the row id has its numbers.
                None if wanted.row_id() == Some(column) && !table.without_rowid => row_id.clone(),
                None => None,
            };
            copied.extend(value.map(|value| (name, value)));
        }
        for column in self.kept().filter(|column| column.generated.is_none()) {
            copied.push((quoted(&column.name), quoted(&column.name)));
        }
        if let (true, Some(first)) = (copied.is_empty(), wanted.columns.first()) {
            copied.push((quoted(&first.name), "NULL".to_owned()));
        }
        copied
    }
}

/// Whether a text is not more than what parentheses are put around.
fn is_one_expression(sql: &str) -> bool {
    let Ok(tokens) = tokens(sql) else { return false };
    let mut depth = 0;
    let stays_inside = tokens.iter().all(|token| {
        depth += depth_after(token);
        depth >= 0 && !token.is(";")
    });
    stays_inside && depth == 0 && !tokens.is_empty()
}

/// A name of the row id that no column of either table hides.
fn row_id_of(table: &Table, wanted: &Table) -> Option<String> {
    let is_free = |name: &&str| table.column(name).is_none() && wanted.column(name).is_none();
    ["rowid", "_rowid_", "oid"].into_iter().find(is_free).map(str::to_owned)
}

fn read(table: &Table) -> Result<TableText> {
    create_text::table(&table.sql).map_err(|reason| Error::SchemaText {
        name: table.name.clone(),
        sql: table.sql.clone(),
        reason,
    })
}

/// The definition of a column for `ALTER TABLE … ADD COLUMN`, with the constraints of the table that are about it alone. `None`
/// where SQLite does not add such a column to a table that has rows.
pub(super) fn added_column(wanted: &Table, column: &Column, should_be: &Schema) -> Result<Option<String>> {
    let is_null = column.default.as_ref().is_none_or(|default| *default == SqlText::new("NULL"));
    let is_constant = column.default.as_ref().is_none_or(|default| {
        let text = SqlText::new(default.inner());
        text.is_one_word() && !text.as_str().to_ascii_uppercase().starts_with("CURRENT_")
    });
    let keys: Vec<_> = wanted.foreign_keys.iter().filter(|key| is_only(&key.columns, &column.name)).collect();
    let is_stored = column.generated.as_ref().is_some_and(|generated| generated.stored);
    let lacks_value = column.not_null && is_null && column.generated.is_none();
    if lacks_value || !is_constant || is_stored || !(keys.is_empty() || is_null) {
        return Ok(None);
    }
    let text = read(wanted)?;
    let Some(definition) = text.columns.iter().find(|it| it.name.eq_ignore_ascii_case(&column.name)) else {
        return Ok(None);
    };
    let verbatim = |range: &std::ops::Range<usize>| wanted.sql.get(range.clone()).unwrap_or_default();
    let mut sql = verbatim(&definition.range).to_owned();
    for constraint in &text.constraints {
        match &constraint.kind {
            ConstraintKind::ForeignKey(key) if is_only(&key.columns, &column.name) => {
                sql.push_str(&format!(" {}", words::references(key, should_be)));
            }
            ConstraintKind::Check(check) => {
                let columns: Vec<_> = columns_in(&check.condition, &[wanted]).into_iter().collect();
                if is_only(&columns, &column.name) {
                    sql.push_str(&format!(" {}", verbatim(&constraint.range)));
                }
            }
            ConstraintKind::ForeignKey(_)
            | ConstraintKind::Deferred(_)
            | ConstraintKind::PrimaryKey(_)
            | ConstraintKind::Null(_)
            | ConstraintKind::Unique(_)
            | ConstraintKind::Default
            | ConstraintKind::Collate(_)
            | ConstraintKind::Generated(_) => {}
        }
    }
    Ok(Some(sql))
}

fn is_only(names: &[String], name: &str) -> bool {
    matches!(names, [only] if only.eq_ignore_ascii_case(name))
}
