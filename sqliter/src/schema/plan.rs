//! Which statements lead from one schema to another. Each is tried on an empty database at once, so that what is decided next
//! rests on what SQLite has made of it.

use super::broken::broken;
use super::compare;
use super::difference::{Difference, Subject};
use super::needs::needs;
use super::rebuild;
use super::renames::{Rename, circles};
use super::scratch::{run, scratch};
use super::{Decisions, Need, Schema, Table, TableKind, Trigger, View, read, words};
use crate::engine::Scratch;
use crate::error::{Error, Result};
use crate::sql::rebuild_search;
use crate::table::quoted;

/// The statements, or what must be told before there can be any.
pub(super) struct Plan {
    pub(super) statements: Vec<String>,
    pub(super) needs: Vec<Need>,
}

/// Makes a schema in an empty database.
fn make(scratch: &Scratch, schema: &Schema) -> Result<()> {
    for table in &schema.tables {
        match table.kind {
            TableKind::Ordinary => run(scratch, &table.sql)?,
            // Its module may be another program's. What refers to it needs its columns only.
            TableKind::Virtual => {
                if scratch.run(&table.sql).is_err() {
                    let mut columns: Vec<_> = table.columns.iter().map(|column| column.name.clone()).collect();
                    if columns.is_empty() {
                        columns.push("unknown".to_owned());
                    }
                    run(scratch, &format!("CREATE TABLE {} ({})", quoted(&table.name), words::names(&columns)))?;
                }
            }
        }
        table.indexes.iter().try_for_each(|index| run(scratch, &index.sql))?;
    }
    schema.views.iter().try_for_each(|view| run(scratch, view.sql.as_str()))?;
    schema.triggers.iter().try_for_each(|trigger| run(scratch, trigger.sql.as_str()))
}

pub(super) fn plan(is: &Schema, should_be: &Schema, renames: &[Rename], told: &Decisions) -> Result<Plan> {
    let mut work = Work::new(is)?;
    work.rename(renames)?;
    let renamed = work.schema()?;
    let differences = compare::schemas(&renamed, should_be, told);
    let mut needs = needs(&renamed, should_be, &differences, told);
    needs.extend(circles(is, should_be, told));
    if !needs.is_empty() {
        return Ok(Plan { statements: Vec::new(), needs });
    }
    let broken_before = broken(&mut work.scratch)?;
    work.drop_what_goes(&renamed, should_be, &differences, told)?;
    work.make_tables(should_be, told)?;
    work.make_views_and_triggers(&renamed, should_be, told)?;
    work.rebuild_searches(should_be)?;
    let broken = broken(&mut work.scratch)?.into_iter().filter(|(name, _)| !broken_before.contains_key(name));
    let needs: Vec<_> = broken.map(|(name, reason)| Need::Broken { name, reason }).collect();
    if needs.is_empty() {
        work.check(should_be, told)?;
    }
    Ok(Plan { statements: work.statements, needs })
}

/// The views and triggers of these names, and the triggers of those views, which go with them.
fn with_their_triggers<'a>(all: &'a Schema, names: &[String]) -> (Vec<&'a View>, Vec<&'a Trigger>) {
    let views: Vec<_> = all.views.iter().filter(|view| names.contains(&view.name)).collect();
    let is_of_one = |trigger: &Trigger| views.iter().any(|view| view.name.eq_ignore_ascii_case(&trigger.table));
    let triggers = all.triggers.iter().filter(|trigger| names.contains(&trigger.name) || is_of_one(trigger)).collect();
    (views, triggers)
}

/// The statements so far, and what they have made.
pub(super) struct Work {
    pub(super) scratch: Scratch,
    statements: Vec<String>,
}

impl Work {
    /// An empty database with a schema.
    pub(super) fn new(schema: &Schema) -> Result<Self> {
        let scratch = scratch(true)?;
        make(&scratch, schema)?;
        Ok(Self { scratch, statements: Vec::new() })
    }

    /// Renames tables and columns. Views and triggers that do not work are dropped meanwhile, as SQLite renames nothing while there
    /// are such.
    pub(super) fn rename(&mut self, renames: &[Rename]) -> Result<()> {
        if renames.is_empty() {
            return Ok(());
        }
        let broken: Vec<_> = broken(&mut self.scratch)?.into_keys().collect();
        let all = self.schema()?;
        let (views, triggers) = with_their_triggers(&all, &broken);
        for trigger in &triggers {
            self.apply(format!("DROP TRIGGER {}", quoted(&trigger.name)))?;
        }
        for view in &views {
            self.apply(format!("DROP VIEW {}", quoted(&view.name)))?;
        }
        renames.iter().try_for_each(|rename| self.apply(rename.sql.clone()))?;
        views.iter().try_for_each(|view| self.apply(view.sql.to_string()))?;
        triggers.iter().try_for_each(|trigger| self.apply(trigger.sql.to_string()))
    }

    pub(super) fn apply(&mut self, sql: String) -> Result<()> {
        run(&self.scratch, &sql)?;
        self.statements.push(sql);
        Ok(())
    }

    pub(super) fn schema(&mut self) -> Result<Schema> {
        read::read(&mut self.scratch)
    }

    /// Drops what the decisions say, and the views and triggers that should be others.
    fn drop_what_goes(
        &mut self,
        is: &Schema,
        should_be: &Schema,
        differences: &[Difference],
        told: &Decisions,
    ) -> Result<()> {
        let differs = |subject: &Subject, table: &str| {
            differences
                .iter()
                .any(|it| it.is.is_some() && it.subject == *subject && it.table.eq_ignore_ascii_case(table))
        };
        for trigger in &is.triggers {
            let wanted = should_be.triggers.iter().find(|wanted| wanted.name.eq_ignore_ascii_case(&trigger.name));
            let goes = match wanted {
                None => told.drops(&trigger.name) || differs(&Subject::Trigger(trigger.name.clone()), &trigger.table),
                Some(wanted) => differs(&Subject::Trigger(wanted.name.clone()), &wanted.table),
            };
            if goes {
                self.apply(format!("DROP TRIGGER {}", quoted(&trigger.name)))?;
            }
        }
        for view in &is.views {
            let goes = match should_be.view(&view.name) {
                None => told.drops(&view.name),
                Some(wanted) => differs(&Subject::View, &wanted.name),
            };
            if goes {
                self.apply(format!("DROP VIEW {}", quoted(&view.name)))?;
            }
        }
        // At once, as SQLite alters no table while a trigger of it names a table that is missing.
        let is_other = |table: &str| differences.iter().any(|it| it.table.eq_ignore_ascii_case(table));
        for wanted in &should_be.tables {
            let (is_search, notes) = (wanted.has_no_texts(), is.notes_replaced(should_be, wanted));
            if (is_search && differs(&Subject::Table, &wanted.name)) || (notes && is_other(&wanted.name)) {
                self.apply(format!("DROP TABLE {}", quoted(&wanted.name)))?;
                self.apply(wanted.sql.clone())?;
            }
        }
        // The name of an index is wanted for something else: its table takes it up again under that name, if it should have it.
        for (table, index) in is.tables.iter().flat_map(|table| table.indexes.iter().map(move |index| (table, index))) {
            if is_wanted_elsewhere(&index.name, &table.name, should_be) {
                self.apply(format!("DROP INDEX {}", quoted(&index.name)))?;
            }
        }
        let left = is.search_tables_left(should_be, told);
        // What refers to a table goes before it.
        for table in is.tables.iter().rev() {
            let goes = told.drops(&table.name) || left.iter().any(|left| left.name == table.name);
            if should_be.table(&table.name).is_none() && goes {
                self.apply(format!("DROP TABLE {}", quoted(&table.name)))?;
            }
        }
        Ok(())
    }

    /// Creates the views and triggers that are not there. What others had on a view comes again with the one in its place.
    fn make_views_and_triggers(&mut self, is: &Schema, should_be: &Schema, told: &Decisions) -> Result<()> {
        let there = self.schema()?;
        for view in should_be.views.iter().filter(|view| there.view(&view.name).is_none()) {
            self.apply(view.sql.to_string())?;
        }
        let missing = |name: &str| !there.triggers.iter().any(|trigger| trigger.name.eq_ignore_ascii_case(name));
        let is_wanted = |name: &str| should_be.triggers.iter().any(|trigger| trigger.name.eq_ignore_ascii_case(name));
        let of_others = is.triggers.iter().filter(|trigger| {
            should_be.view(&trigger.table).is_some() && !told.drops(&trigger.name) && !is_wanted(&trigger.name)
        });
        for trigger in of_others.chain(&should_be.triggers).filter(|trigger| missing(&trigger.name)) {
            self.apply(trigger.sql.to_string())?;
        }
        Ok(())
    }

    /// Has searches read all rows anew, of which something was made.
    fn rebuild_searches(&mut self, should_be: &Schema) -> Result<()> {
        let searches = should_be.searches_to_rebuild(&self.statements);
        searches.into_iter().try_for_each(|search| self.apply(rebuild_search(&search.name)))
    }

    fn make_tables(&mut self, should_be: &Schema, told: &Decisions) -> Result<()> {
        let mut rebuilt = Vec::new();
        for wanted in &should_be.tables {
            let all = self.schema()?;
            let Some(table) = all.table(&wanted.name) else {
                self.apply(wanted.sql.clone())?;
                wanted.indexes.iter().try_for_each(|index| self.apply(index.sql.clone()))?;
                continue;
            };
            if wanted.kind == TableKind::Virtual {
                continue;
            }
            if is_about_columns_only(table, wanted, &all, should_be, told)
                && self.alter(table, wanted, should_be, told)?
            {
                self.make_indexes(wanted)?;
            } else {
                rebuilt.push(wanted);
            }
        }
        if rebuilt.is_empty() { Ok(()) } else { rebuild::rebuild(self, &rebuilt, told) }
    }

    /// Alters a table. Gives `false`, and has done nothing, where SQLite cannot do that, or not all of it.
    fn alter(&mut self, table: &Table, wanted: &Table, should_be: &Schema, told: &Decisions) -> Result<bool> {
        let before = self.statements.len();
        run(&self.scratch, "SAVEPOINT alter_table")?;
        let done = self.try_to_alter(table, wanted, should_be, told);
        // SQLite says why not, which does not matter here: the table is made anew then.
        let is_done = done.unwrap_or(false) && {
            let all = self.schema()?;
            all.table(&wanted.name).is_some_and(|altered| structure(altered, wanted, &all, should_be, told).is_empty())
        };
        if !is_done {
            self.statements.truncate(before);
            run(&self.scratch, "ROLLBACK TO alter_table")?;
        }
        run(&self.scratch, "RELEASE alter_table")?;
        Ok(is_done)
    }

    fn try_to_alter(&mut self, table: &Table, wanted: &Table, should_be: &Schema, told: &Decisions) -> Result<bool> {
        for index in &table.indexes {
            let stays = match wanted.index(&index.name) {
                Some(wanted) => compare::same_index(index, wanted),
                None => told.keeps(&index.name),
            };
            if !stays {
                self.apply(format!("DROP INDEX {}", quoted(&index.name)))?;
            }
        }
        for column in table.columns.iter().filter(|column| wanted.column(&column.name).is_none()) {
            if !told.keeps_column(&wanted.name, &column.name) {
                let (table, column) = (quoted(&wanted.name), quoted(&column.name));
                self.apply(format!("ALTER TABLE {table} DROP COLUMN {column}"))?;
            }
        }
        for column in wanted.columns.iter().filter(|column| table.column(&column.name).is_none()) {
            let Some(definition) = rebuild::added_column(wanted, column, should_be)? else { return Ok(false) };
            self.apply(format!("ALTER TABLE {} ADD COLUMN {definition}", quoted(&wanted.name)))?;
        }
        Ok(true)
    }

    /// Creates the indexes that are not there.
    pub(super) fn make_indexes(&mut self, wanted: &Table) -> Result<()> {
        let schema = self.schema()?;
        let known = schema.table(&wanted.name);
        for index in &wanted.indexes {
            if known.is_none_or(|table| table.index(&index.name).is_none()) {
                self.apply(index.sql.clone())?;
            }
        }
        Ok(())
    }

    /// Makes sure that the statements lead where they should.
    fn check(&mut self, should_be: &Schema, told: &Decisions) -> Result<()> {
        let made = self.schema()?;
        let mut left = compare::schemas(&made, should_be, told);
        left.retain(|difference| !is_kept(difference, told));
        match left.first() {
            None => Ok(()),
            Some(first) => {
                let differences = left.iter().map(Difference::to_string).collect();
                Err(Error::SchemaDiffers { table: first.table.clone(), differences })
            }
        }
    }
}

/// Whether the name of an index of a table is wanted for an index of another one, for a table or for a view.
pub(super) fn is_wanted_elsewhere(index: &str, table: &str, should_be: &Schema) -> bool {
    let others = should_be.tables.iter().filter(|other| !other.name.eq_ignore_ascii_case(table));
    others.into_iter().any(|other| other.index(index).is_some())
        || should_be.table(index).is_some()
        || should_be.view(index).is_some()
}

/// Whether a difference stays, as the decisions say.
fn is_kept(difference: &Difference, told: &Decisions) -> bool {
    match &difference.subject {
        Subject::Column(column) => difference.should_be.is_none() && told.keeps_column(&difference.table, column),
        Subject::Index(index) => difference.should_be.is_none() && told.keeps(index),
        Subject::Table
        | Subject::Name
        | Subject::View
        | Subject::Trigger(_)
        | Subject::ColumnName(_)
        | Subject::Type(_)
        | Subject::NotNull(_)
        | Subject::Default(_)
        | Subject::Collation(_)
        | Subject::Generated(_)
        | Subject::PrimaryKey
        | Subject::Unique
        | Subject::ForeignKey
        | Subject::Check
        | Subject::Strict
        | Subject::WithoutRowid => false,
    }
}

/// What differs of a table itself, but for its indexes.
fn structure(is: &Table, wanted: &Table, all: &Schema, should_be: &Schema, told: &Decisions) -> Vec<Difference> {
    let mut differences = compare::tables(is, wanted, all, should_be);
    differences.retain(|it| !matches!(it.subject, Subject::Index(_)) && !is_kept(it, told));
    differences
}

/// Whether a table can be made what it should be by columns that come and go: none needs a value of its own.
fn is_about_columns_only(is: &Table, wanted: &Table, all: &Schema, should_be: &Schema, told: &Decisions) -> bool {
    let needs_value = |column: &str| told.value_of(&wanted.name, column).is_some();
    let differences = structure(is, wanted, all, should_be, told);
    differences.iter().all(|it| matches!(&it.subject, Subject::Column(column) if !needs_value(column)))
}
