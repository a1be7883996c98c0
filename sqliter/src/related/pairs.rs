//! Writing the pairs of a many-to-many relation.

use std::sync::Arc;
use std::time::SystemTime;

use crate::engine::Connection;
use crate::error::{Context, Error, Operation, Result};
use crate::foreign_keys::is_missing;
use crate::sql::{ChosenPairs, RowValues, SqlWriter, Written};
use crate::table::{Junction, JunctionInfo, RelationInfo, Seen, TableInfo, Through};
use crate::value::Value;

/// The table of pairs, seen from one side, with what can be done to it.
pub(super) struct Pairs {
    relation: &'static RelationInfo,
    names: Junction,
    source: &'static TableInfo,
    target: &'static TableInfo,
    /// The model whose table it is, if it is one; it may lack the unique pair.
    model: Option<&'static TableInfo>,
    /// The time of new pairs.
    now: SystemTime,
    /// Values of new pairs.
    given: RowValues,
}

impl Pairs {
    pub(super) fn new(relation: &'static RelationInfo, junction: &JunctionInfo, now: SystemTime) -> Self {
        let model = match junction.through {
            Through::TableOf(model) => Some(model()),
            Through::Default | Through::Table(_) => None,
        };
        let (source, target) = ((relation.source)(), (relation.target)());
        Self { relation, names: junction.names(), source, target, model, now, given: RowValues::new() }
    }

    /// With these values of new pairs, but for both keys. Of two values for a column the later counts.
    pub(super) fn with(mut self, given: RowValues) -> Self {
        for (column, value) in given {
            if column.name != self.names.source && column.name != self.names.target {
                self.given.retain(|(known, _)| known.name != column.name);
                self.given.push((column, value));
            }
        }
        self
    }

    /// Writes a statement about the pairs.
    fn written<W: Fn(&mut SqlWriter)>(&self, write: W) -> Result<Written<W>> {
        Written::new(self.source, write)
    }

    /// Whether the pairs can be written at all.
    fn check_writable(&self, connection: &Connection, context: Context<'_>) -> Result<()> {
        connection.fit_of(Seen::Pairs(self.relation), context)?.check_writable(context)
    }

    /// Whether the schema may ignore a pair that is written.
    pub(super) fn may_be_ignored(&self, connection: &Connection, context: Context<'_>) -> Result<bool> {
        connection.may_ignore_rows(&self.names.table, context)
    }

    /// Leaves the writing of pairs to a thread that may write any number of other rows; before anything is written.
    pub(super) fn leave_many(&self, connection: &Connection, context: Context<'_>) -> Result<()> {
        connection.leave_many(&self.names.table, context)
    }

    /// The columns besides both keys, with the values that a new pair gets: what is given, and the timestamps of a model.
    fn further(&self) -> Result<Vec<(&'static str, Value)>> {
        let mut values: Vec<_> = self.given.iter().map(|(column, value)| (column.name, value.clone())).collect();
        if let Some(table) = self.model {
            for column in table.columns {
                let is_given = self.given.iter().any(|(given, _)| given.name == column.name);
                if let (Some(inserted), false) = (column.inserted, is_given) {
                    let value = inserted(self.now).map_err(|error| error.at(table.name, column.name))?;
                    values.push((column.name, value));
                }
            }
        }
        Ok(values)
    }

    /// Whether there are pairs of the key with any other keys, and whether pairs with the others are missing.
    pub(super) fn difference(
        &self,
        connection: &mut Connection,
        key: &Value,
        others: &Arc<[Value]>,
    ) -> Result<(bool, bool)> {
        let context = Context::new(Operation::Delete, &self.names.table);
        self.check_writable(connection, context)?;
        let differ = self.written(|sql: &mut SqlWriter| sql.difference_of_pairs(self.relation, key, others))?;
        let differ = connection.fitting(&differ, context)?;
        let differ =
            connection.query(&differ, context, |row| Ok((row.integer(0) == Some(1), row.integer(1) == Some(1))))?;
        Ok(differ.first().copied().unwrap_or_default())
    }

    /// Adds the pairs of the key with the others, unless they exist.
    pub(super) fn add(&self, connection: &mut Connection, key: &Value, others: &Arc<[Value]>) -> Result<()> {
        if others.is_empty() {
            return Ok(());
        }
        let context = Context::new(Operation::Insert, &self.names.table);
        self.check_writable(connection, context)?;
        let further = self.further()?;
        let insert = self.written(|sql: &mut SqlWriter| sql.insert_pairs(self.relation, key, others, &further))?;
        let insert = connection.fitting(&insert, context)?;
        if let Err(report) = connection.try_execute(&insert) {
            let error = connection.error(context, report);
            return Err(self.explain(connection, error, key, others));
        }
        if !self.may_be_ignored(connection, context)? {
            return Ok(());
        }
        // What was not inserted was there, or the schema has ignored it.
        let missing =
            self.written(|sql: &mut SqlWriter| sql.count_missing_pairs(self.relation, key, Arc::clone(others)))?;
        let missing = connection.fitting(&missing, context)?;
        match connection.integer(&missing, context)? {
            0 => Ok(()),
            _ => Err(Error::ignored(Operation::Insert, &self.names.table)),
        }
    }

    /// Adds the columns of the pairs that refer to no row.
    fn explain(&self, connection: &mut Connection, mut error: Error, key: &Value, others: &[Value]) -> Error {
        if let Error::ForeignKeyViolation { columns, .. } = &mut error {
            // Seen from the loaded row, even where a symmetrical pair is stored the other way round.
            let key = std::slice::from_ref(key);
            let sides = [(&self.names.source, self.source, key), (&self.names.target, self.target, others)];
            for (column, table, values) in sides {
                if values.iter().any(|value| is_missing(connection, table, value).unwrap_or(false)) {
                    columns.push(column.to_string());
                }
            }
        }
        error
    }

    /// Removes pairs of the key.
    pub(super) fn remove(&self, connection: &mut Connection, key: &Value, chosen: &ChosenPairs) -> Result<()> {
        let context = Context::new(Operation::Delete, &self.names.table);
        self.check_writable(connection, context)?;
        // Rows of a model may be long, or take others along: SQLite frees the pages of a value in one step.
        if self.model.is_some() {
            connection.walk(context)?;
        }
        let delete = self.written(|sql: &mut SqlWriter| sql.delete_pairs(self.relation, key, chosen))?;
        let delete = connection.fitting(&delete, context)?;
        connection.try_execute(&delete).map_err(|report| connection.error(context, report))?;
        if !self.may_be_ignored(connection, context)? {
            return Ok(());
        }
        let kept = self.written(|sql: &mut SqlWriter| sql.exist_pairs(self.relation, key, chosen))?;
        let kept = connection.fitting(&kept, context)?;
        match connection.integer(&kept, context)? {
            0 => Ok(()),
            _ => Err(Error::ignored(Operation::Delete, &self.names.table)),
        }
    }
}
