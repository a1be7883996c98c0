//! Writing the pairs of a many-to-many relation.

use std::time::SystemTime;

use crate::engine::Connection;
use crate::error::{Context, Error, Operation, Result};
use crate::foreign_keys::is_missing;
use crate::sql::{Argument, Statement};
use crate::table::{Fit, Junction, JunctionInfo, RelationInfo, Seen, TableInfo, Through, quoted};
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
}

/// Which pairs of a row.
pub(super) enum Chosen {
    All,
    With(Vec<Value>),
    Without(Vec<Value>),
}

impl Pairs {
    pub(super) fn new(relation: &'static RelationInfo, junction: &JunctionInfo, now: SystemTime) -> Self {
        let model = match junction.through {
            Through::TableOf(model) => Some(model()),
            Through::Default | Through::Table(_) => None,
        };
        let (source, target) = ((relation.source)(), (relation.target)());
        Self { relation, names: junction.names(), source, target, model, now }
    }

    /// The columns of both sides where their values count, as the table of the file is.
    fn compared(&self, fit: &Fit) -> [String; 2] {
        let Junction { table, source, target, .. } = &self.names;
        [(0, source), (1, target)].map(|(side, name)| {
            let column = fit.column(side);
            column.by_value(&quoted(name), table, name) + column.collation()
        })
    }

    /// The timestamps of a model, with the values that a new pair gets.
    fn timestamps(&self) -> Result<Vec<(&'static str, Value)>> {
        let mut values = Vec::new();
        if let Some(table) = self.model {
            for column in table.columns {
                if let Some(inserted) = column.inserted {
                    let value = inserted(self.now).map_err(|error| error.at(table.name, column.name))?;
                    values.push((column.name, value));
                }
            }
        }
        Ok(values)
    }

    /// Adds the pairs of the key with the others, unless they exist.
    pub(super) fn add(&self, connection: &mut Connection, key: &Value, others: Vec<Value>) -> Result<()> {
        let Junction { table, source, target, symmetrical } = &self.names;
        let context = Context::new(Operation::Insert, table);
        let fit = connection.fit_of(Seen::Pairs(self.relation), context)?;
        fit.check_writable(context)?;
        let [is_source, is_target] = self.compared(&fit);
        let (source, target) = (quoted(source), quoted(target));
        let timestamps = self.timestamps()?;
        let columns: String = timestamps.iter().map(|(name, _)| format!(", {}", quoted(name))).collect();
        let mut sql = format!("INSERT INTO {} ({source}, {target}{columns}) ", quoted(table));
        if self.model.is_some() || !fit.is_plain {
            let values: String = (0..timestamps.len()).map(|i| format!(", ?{}", i + 3)).collect();
            sql.push_str(&format!(
                "SELECT ?1, ?2{values} WHERE NOT EXISTS (SELECT 1 FROM {} WHERE {is_source} = ?1 AND {is_target} = ?2",
                quoted(table)
            ));
            if *symmetrical {
                sql.push_str(&format!(" OR {is_source} = ?2 AND {is_target} = ?1"));
            }
            sql.push(')');
        } else {
            sql.push_str("VALUES (?, ?) ON CONFLICT DO NOTHING");
        }
        let mut without_effect = Vec::new();
        for other in others {
            // A symmetrical pair is stored once, the smaller key on the left.
            let (left, right) = match *symmetrical && is_less(&other, key) {
                true => (other.clone(), key.clone()),
                false => (key.clone(), other.clone()),
            };
            let mut arguments = vec![Argument::Value(left), Argument::Value(right)];
            arguments.extend(timestamps.iter().map(|(_, value)| Argument::Value(value.clone())));
            match connection.try_execute(&Statement { text: sql.clone(), arguments }) {
                Ok(0) => without_effect.push(other),
                Ok(_) => {}
                Err(report) => {
                    let error = connection.error(context, report);
                    return Err(self.explain(connection, error, key, other));
                }
            }
        }
        self.require(connection, key, without_effect, [is_source, is_target])
    }

    /// Requires that pairs are there, given the columns as they are compared: an insert that had no effect has met the pair,
    /// or the schema has ignored it.
    fn require(
        &self,
        connection: &mut Connection,
        key: &Value,
        others: Vec<Value>,
        [source, target]: [String; 2],
    ) -> Result<()> {
        if others.is_empty() {
            return Ok(());
        }
        let Junction { table, symmetrical, .. } = &self.names;
        let mut pair = format!("{source} = ?2 AND {target} = k.value");
        if *symmetrical {
            pair.push_str(&format!(" OR {target} = ?2 AND {source} = k.value"));
        }
        let text = format!(
            "SELECT COUNT(*) FROM rarray(?1) AS k WHERE NOT EXISTS (SELECT 1 FROM {} WHERE {pair})",
            quoted(table)
        );
        let arguments = vec![Argument::List(others.into()), Argument::Value(key.clone())];
        match connection.integer(&Statement { text, arguments }, Context::new(Operation::Insert, table))? {
            0 => Ok(()),
            _ => Err(Error::Ignored { operation: Operation::Insert, table: table.to_string() }),
        }
    }

    /// Adds the columns of the pair that refer to no row.
    fn explain(&self, connection: &mut Connection, mut error: Error, key: &Value, other: Value) -> Error {
        if let Error::ForeignKeyViolation { columns, .. } = &mut error {
            // Seen from the row in hand, even where a symmetrical pair is stored the other way round.
            let sides = [(&self.names.source, self.source, key.clone()), (&self.names.target, self.target, other)];
            for (column, table, value) in sides {
                if is_missing(connection, table, value).unwrap_or(false) {
                    columns.push(column.to_string());
                }
            }
        }
        error
    }

    /// Removes pairs of the key.
    pub(super) fn remove(&self, connection: &mut Connection, key: &Value, chosen: Chosen) -> Result<()> {
        let Junction { table, symmetrical, .. } = &self.names;
        let context = Context::new(Operation::Delete, table);
        let fit = connection.fit_of(Seen::Pairs(self.relation), context)?;
        fit.check_writable(context)?;
        let [source, target] = self.compared(&fit);
        let one_way = |from: &str, to: &str| match &chosen {
            Chosen::All => format!("{from} = ?"),
            Chosen::With(_) => format!("({from} = ? AND {to} IN rarray(?))"),
            Chosen::Without(_) => format!("({from} = ? AND {to} NOT IN rarray(?))"),
        };
        let mut rows = format!("FROM {} WHERE {}", quoted(table), one_way(&source, &target));
        if *symmetrical {
            rows.push_str(" OR ");
            rows.push_str(&one_way(&target, &source));
        }
        let mut arguments = vec![Argument::Value(key.clone())];
        if let Chosen::With(others) | Chosen::Without(others) = chosen {
            arguments.push(Argument::List(others.into()));
        }
        if *symmetrical {
            arguments.extend_from_within(..);
        }
        let delete = Statement { text: format!("DELETE {rows}"), arguments };
        connection.try_execute(&delete).map_err(|report| connection.error(context, report))?;
        let kept = Statement { text: format!("SELECT EXISTS (SELECT 1 {rows})"), arguments: delete.arguments };
        match connection.integer(&kept, context)? {
            0 => Ok(()),
            _ => Err(Error::Ignored { operation: Operation::Delete, table: table.to_string() }),
        }
    }
}

fn is_less(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Integer(a), Value::Integer(b)) => a < b,
        (Value::Text(a), Value::Text(b)) => a < b,
        (Value::Blob(a), Value::Blob(b)) => a < b,
        _ => false,
    }
}
